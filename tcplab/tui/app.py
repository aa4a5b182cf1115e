"""The Textual application: screens, theme, palette, signals. It knows no word of TCP."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.app import App
from textual.binding import Binding
from textual.driver import Driver

from tcplab.front import opening
from tcplab.lab.progress import load_progress
from tcplab.lab.translate import prefer
from tcplab.tui import keys, terminal
from tcplab.tui.config import SPEED_NAMES, Config, load, remember, terminal_for, use_keys
from tcplab.tui.pacer import NORMAL
from tcplab.tui.pasting import guard
from tcplab.tui.signals import Signals
from tcplab.tui.terminal import Terminal
from tcplab.tui.theme import THEMES, textual_themes
from tcplab.tui.widgets.thrift import Canvas, Thrifty

if TYPE_CHECKING:
    from tcplab.tui.screens.bench import Bench
    from tcplab.tui.screens.palette import Choice


class TcplabApp(App[int]):
    """`session` opens the bench at once; without it the home screen comes first."""

    ENABLE_COMMAND_PALETTE = False
    TITLE = "tcplab"
    BINDINGS = [Binding("ctrl+l,f5", "redraw", "draw the screen again", show=False, id="app.redraw", priority=True)]

    def __init__(
        self, session: Any = None, terminal: Terminal | None = None, seed: int | None = None,
        student: str | None = None, capture: tuple[Path, int | None] | None = None, config: Config | None = None,
        tour: bool = False,
    ) -> None:
        """`config` are the learner's settings; with `tour` the bench begins with the tour of the screen."""
        self._variables: dict[str, dict[str, str]] = {}
        super().__init__()
        self.config, self.tour = config, tour
        self.speeds: dict[str, int] = {}  # of each lab that was left
        self.session, self.terminal = session, terminal or Terminal()
        self.seed, self.student = seed, student
        self.at_home = session is None
        self.left_lab = "", False  # the lab left last, and whether it is finished: home begins there
        self.capture = capture
        #: The one folder that files may be taken away to; None: wherever the learner says.
        self.pen: Path | None = None
        #: What the terminal shows, so that only what differs is written.
        self.canvas = Canvas(self.terminal.erases)
        self.signals = Signals(self)
        self.animation_level = "none"
        for theme in textual_themes():
            self.register_theme(theme)
        theme = "mono" if self.terminal.mono else config["theme"] if config is not None else "dark"
        self._begin_with(f"tcplab-{theme}")
        self.stylesheet.set_variables(self.get_css_variables())

    def _begin_with(self, theme: str) -> None:
        """The theme at the start, when nothing is drawn yet: a change would read all style sheets a second time."""
        if theme == "tcplab-mono":
            self.theme = theme  # Textual turns its own colours off when it changes to a theme without any
            return
        self.set_reactive(App.theme, theme)
        dark = self.current_theme.dark
        self.set_class(dark, "-dark-mode", update=False)
        self.set_class(not dark, "-light-mode", update=False)

    def get_css_variables(self) -> dict[str, str]:
        """The variables of the theme, made once: that takes longer than the first painting.

        Textual asks for the first time before a theme of ours can be chosen, and does not use the answer yet.
        """
        if self.theme not in self._variables and self.theme in THEMES:
            self._variables[self.theme] = super().get_css_variables()
        return self._variables.get(self.theme, {})

    def get_driver_class(self) -> type[Driver]:
        """Textual's driver for this terminal, which takes what is pasted for text only."""
        driver = super().get_driver_class()
        guard(driver)
        return driver

    def on_mount(self) -> None:
        self.signals.catch()
        self.app_resume_signal.subscribe(self, lambda _: self._resumed())
        self.set_keymap(keys.changed_keys())
        if self.capture is not None:
            from tcplab.tui.screens.viewer import Viewer

            self.push_screen(Viewer(*self.capture))
        elif self.at_home:
            self._open_home()
        else:
            self.open_bench(self.session)

    def _display(self, screen: Any, renderable: Any) -> None:
        """Write an update as the difference from what the terminal shows: see `widgets.thrift`."""
        if isinstance(renderable, (LayoutUpdate, ChopsUpdate)):
            self.canvas.fit(self.size.width, self.size.height)
            renderable = Thrifty(renderable, self.canvas)
            shown = self._running and not (self._closed or self.is_headless or self._batch_count)
            if shown and not renderable.render_segments(self.console):
                self.post_display_hook()
                return
        super()._display(screen, renderable)

    def _set_pointer_shape(self, shape: str) -> None:
        """Without a mouse there is no pointer whose shape would have to be told."""
        if self.terminal.mouse:
            super()._set_pointer_shape(shape)

    def on_resize(self) -> None:
        """The terminal may have moved everything about, even if it has its old size again."""
        self.canvas.forget()

    def _resumed(self) -> None:
        """After ctrl+z and fg: Textual has taken the signals over again."""
        self.signals.follow_window()
        self.action_redraw()

    def action_redraw(self) -> None:
        """Write the whole screen again: something else has written on the terminal."""
        self.canvas.forget()
        self.refresh(layout=True)

    def _open_home(self) -> None:
        from tcplab.tui.screens.home import Home

        self.push_screen(Home())

    @property
    def _home_in_front(self) -> bool:
        return getattr(self.screen, "kind", "") == "home"

    def open_bench(self, session: Any) -> None:
        """Show a session."""
        from tcplab.tui.desk import Desk
        from tcplab.tui.screens.bench import Bench

        self.session = session
        desk = Desk(session, self.terminal)
        if self.config is not None:
            set_speed = SPEED_NAMES.index(str(self.config["speed"]))
            # A lab that is taken up again goes on as fast as it went.
            desk.pacer.speed = self.speeds.get(desk.view.guide.lab_id, set_speed)
            if desk.pacer.speed != NORMAL:
                desk.say(f"Time runs {desk.pacer.words}, as you set it: + and - change that while it runs.", "dim")
            if self.config.problems:
                desk.say(self.config.problems[0], "warn")
        desk.words.met(opening.words_met(desk.view.guide.lab_id))
        tour, self.tour = self.tour, False
        self.push_screen(Bench(desk, tour=tour))

    def remember(self, name: str, value: object) -> None:
        """Keep a setting that the learner chose on the screen."""
        if self.config is not None:
            wrong = remember(name, value, self.config.path.parent)
            self.config.values[name] = value
            if wrong and self.bench is not None:
                self.bench.desk.say(wrong, "warn")

    def leave_viewer(self) -> None:
        """Close the capture: back to the bench it was opened from; a program that was opened for it ends."""
        if self.capture is None:
            self.pop_screen()
        else:
            self.exit(0)

    @property
    def bench(self) -> Bench | None:
        """The bench, if a lab is open."""
        return next((screen for screen in self.screen_stack if getattr(screen, "kind", "") == "bench"), None)

    def leave_bench(self) -> None:
        """Close the lab: everything is kept. Back to the home screen, or out if there is none."""
        self.keep()
        if not self.at_home:
            self.exit(0)
            return
        while len(self.screen_stack) > 1 and not self._home_in_front:
            self.pop_screen()

    def open_next(self, lab_id: str) -> None:
        """From the last page of a lab on to another one, or home with an empty `lab_id`. The finished one is kept."""
        self.keep()
        while len(self.screen_stack) > 1 and not self._home_in_front:
            self.pop_screen()
        session = None
        if lab_id:
            try:
                session = opening.go_on_or_open(lab_id, self.seed, self.student)
            except opening.OpeningError as error:
                self.notify(" ".join(str(error).split()))
        if session is not None:
            self.open_bench(session)
        elif not self._home_in_front:
            self.at_home = True
            self._open_home()

    def keep(self) -> None:
        """Write down where the session stands, and the progress. Called once for a session."""
        bench, session, self.session = self.bench, self.session, None
        if session is None:
            return
        if bench is not None:
            self.speeds[bench.desk.view.guide.lab_id] = bench.desk.pacer.speed
            bench.desk.leave()
        guide = session.view().guide
        self.left_lab = guide.lab_id, guide.phase == "finished"
        opening.keep_progress(session)
        wrong = opening.end_recording(session)
        if wrong:
            self.notify(wrong, severity="warning")

    def open_palette(self) -> None:
        """Search all keys and commands."""
        from tcplab.tui.screens.palette import Palette

        self.push_screen(Palette(self.choices()))

    def toggle_theme(self) -> None:
        """Dark to light and back; without colour there is nothing to change."""
        if not self.terminal.mono:
            self.theme = "tcplab-light" if self.theme == "tcplab-dark" else "tcplab-dark"
            self.remember("theme", self.theme.removeprefix("tcplab-"))

    def action_help_quit(self) -> None:
        """ctrl+c: others leave by it, here it may be pressed to stop something; it says how to leave."""
        bench = self.bench
        if bench is None or self.screen is not bench:
            self.notify("q leaves; everything is kept")
            return
        if bench.desk.pacer.running:
            bench.desk.pause()
        bench.desk.say("q leaves; everything is kept" if bench.desk.mode == "keys" else "esc, then q leaves")
        bench.draw()

    async def action_quit(self) -> None:
        """ctrl+q and the palette leave as q does."""
        self.keep()
        self.exit(0)

    def choices(self) -> list[Choice]:
        """What the palette offers: every key's action, and every command with its usage."""
        from tcplab.session.commands import COMMANDS
        from tcplab.tui.screens.palette import Choice

        found: list[Choice] = []
        bench = self.bench
        if bench is not None:
            moves = ("palette", "up", "down", "left", "right", "page_up", "page_down", "theme", "quit")
            found += [
                Choice(f"{key.words}  ({key.cap})", key.tip, lambda key_id=key.id: bench.act(key_id))
                for key in keys.KEYS
                if key.id not in moves
            ]
            found += [Choice(row.usage, row.help, lambda usage=row.usage: self._type(usage)) for row in COMMANDS]
        if bench is not None:
            found.append(Choice("the tour", "one minute: what is where on the screen", bench.begin_tour))
        found.append(Choice("light/dark", "change between the dark and the light theme", self.toggle_theme))
        found.append(Choice("leave tcplab", "leave; everything is kept", self.action_quit))
        return found

    def _type(self, usage: str) -> None:
        """Begin a command on the command line; one without blanks to fill is given at once."""
        bench = self.bench
        if bench is None:
            return
        words = usage.replace("HOST", bench.desk.hosts[0]).split()
        fixed = [word for word in words if not any(c.isupper() or c in "[|" for c in word)]
        if len(fixed) == len(words):
            bench.give(usage)
            return
        bench.desk.act("command")
        bench.desk.line.set(" ".join(words[: next(i for i, w in enumerate(words) if w not in fixed)]) + " ")
        bench.draw()

    def _fatal_error(self) -> None:
        """Textual would print a traceback with the values of all variables; `run_app` raises when all is put back."""
        self._close_messages_no_wait()

    def signalled(self, code: int) -> None:
        """A dropped line or a kill ends the session as `q` does, with the terminal as it was."""
        self.keep()
        self.exit(code, return_code=code)
        # Whatever holds up an orderly end, a process without a learner does not stay.
        asyncio.get_running_loop().call_later(2, os._exit, code)


def run_app(
    lab: str | None = None,
    seed: int | None = None,
    student: str | None = None,
    record: Path | None = None,
    resume: str | Path | None = None,
    tour: bool = False,
) -> int:
    """Start the screen: home, a lab, or a recording to go on with; with `tour` the tour comes first on the bench.

    Returns the exit code (see `tcplab.cli`).
    """
    refusal = terminal.check()
    if refusal:
        print(refusal, file=sys.stderr)
        return 2
    session = None
    config = _settings()
    prefer(str(config["lang"]))
    try:
        if resume is not None:
            session = opening.resume_session(resume, lab)
        elif lab is not None:
            session = opening.open_session(lab, seed, student, record)
    except opening.OpeningError as error:
        print(f"tcplab: {error}", file=sys.stderr)
        return error.code
    probed = terminal_for(config)
    wanted = tour or (bool(config["tour"]) and resume is None and not load_progress().toured)
    app = TcplabApp(session, probed, seed, student, config=config, tour=wanted)
    gc.freeze()
    gc.enable()
    return _show(app)


def _show(app: TcplabApp) -> int:
    """Run the application and give the terminal back; returns the exit code. A defect of ours is raised only then."""
    code = app.run(mouse=app.terminal.mouse)
    defect = app._exception
    open_lab = app.session is not None
    if open_lab:
        # A second defect must not hide the first one; the recording is whole without this.
        with contextlib.suppress(*() if defect is None else (Exception,)):
            app.keep()
    if defect is not None:
        if open_lab:
            print("tcplab: nothing is lost: tcplab resume goes on where you were.", file=sys.stderr)
        raise defect
    return app.return_code if code is None else code


def _settings() -> Config:
    """The learner's settings, with keys at their places; what is wrong is told before the screen comes, and on it."""
    config = load()
    use_keys(config)
    for problem in config.problems:
        print(f"tcplab: {problem}", file=sys.stderr)
    return config


def run_viewer(path: Path, number: int | None = None) -> int:
    """Look at a captured file on the screen, at its connection `number` if given. Returns the exit code."""
    refusal = terminal.check()
    if refusal:
        print(f"{refusal.splitlines()[0]}\nWithout a screen: tcplab view FILE --text, or --json", file=sys.stderr)
        return 2
    from tcplab.capture.container import CaptureError, check
    from tcplab.lab.captures import advice, capture_file
    from tcplab.notation.errors import printable

    path = capture_file(str(path)) or path
    try:
        check(path)
    except (CaptureError, OSError) as error:
        cure = getattr(error, "cure", advice(str(path)))
        words = f"{path}: {getattr(error, 'strerror', None) or error}; {cure}"
        print(f"tcplab: {printable(words, 500)}", file=sys.stderr)
        return 4
    config = _settings()
    probed = terminal_for(config)
    app = TcplabApp(terminal=probed, capture=(path, number), config=config)
    return _show(app)
