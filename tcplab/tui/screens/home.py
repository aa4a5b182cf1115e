"""Home: labs, sandbox, recordings. One lab is highlighted, enter opens it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from textual.binding import Binding

from tcplab.front import house, opening
from tcplab.front.survey import Standing
from tcplab.tui.draw.frame import footer
from tcplab.tui.draw.home import Item, home_rows
from tcplab.tui.draw.layout import Box
from tcplab.tui.draw.runs import Row, fit
from tcplab.tui.screens.base import Page
from tcplab.tui.widgets.surface import Part

if TYPE_CHECKING:
    from textual.timer import Timer

    from tcplab.lab.lesson import Step
    from tcplab.lab.loader import LabEntry
    from tcplab.lab.progress import Progress


#: How long (seconds) the cursor stands on a lab before its steps are read.
REST = 0.15


def outline(lab_id: str) -> tuple[Step, ...]:
    """The steps of a lab in the learner's language; none where it cannot be read, which is told when it is opened."""
    from tcplab.lab.errors import LabError, LabNotFound
    from tcplab.lab.loader import load_lab
    from tcplab.lab.translate import translated

    try:
        return translated(load_lab(lab_id)).steps
    except (LabError, LabNotFound, OSError):
        return ()


class Home(Page, inherit_bindings=False):
    """The first screen."""

    kind = "home"
    BINDINGS = [
        Binding("enter", "act('open')", "open", show=False, id="home.open", tooltip="open what is highlighted"),
        Binding("down,j,tab", "move(1)", "down", show=False, id="home.down", tooltip="the next one"),
        Binding("up,k,shift+tab", "move(-1)", "up", show=False, id="home.up", tooltip="the one before"),
        Binding("home,g", "move(-1000)", "first", show=False, id="home.first", tooltip="the first one"),
        Binding("end,G", "move(1000)", "last", show=False, id="home.last", tooltip="the last one"),
        Binding(
            "p", "act('replay')", "replay", show=False, id="home.replay", tooltip="play a recording from its start"
        ),
        Binding("r", "act('anew')", "start anew", show=False, id="home.anew", tooltip="start a begun lab anew"),
        Binding("w", "act('ways')", "your ways", show=False, id="home.ways",
                tooltip="which state changes of TCP you have seen so far, over all labs, as a picture"),
        Binding("x", "act('reset')", "reset", show=False, id="home.reset",
                tooltip="forget what you reached in a lab (asked twice)"),
        Binding("t", "act('theme')", "light/dark", show=False, id="home.theme", tooltip="dark or light theme"),
        Binding("question_mark", "act('help')", "help", show=False, id="home.help", tooltip="what is this"),
        Binding(
            "f2,ctrl+k,colon",
            "act('palette')",
            "all commands",
            show=False,
            id="home.palette",
            tooltip="search all commands",
        ),
        Binding("q,escape", "act('quit')", "quit", show=False, id="home.quit", tooltip="leave tcplab"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.items: list[Item] = []
        self.picked: int | None = None
        self.note = ""
        self.opened = ""
        self.walked: tuple[tuple[str, str], ...] = ()
        self.asked = ""
        self.done: dict[str, tuple[str, ...]] = {}
        #: The steps of the labs that were looked at: each is read when the cursor has come to rest on it.
        self.steps: dict[str, tuple[Step, ...]] = {}
        self.read = False
        self.rest: Timer | None = None

    def on_screen_resume(self) -> None:
        self.load()
        self._wait()

    def _wait(self) -> None:
        """Read when the cursor rests: who runs down the list is not kept."""
        if self.rest is not None:
            self.rest.stop()
        self.rest = self.set_timer(REST, self.look)

    def look(self) -> None:
        """Read the steps of the highlighted lab: the first picture does not wait for them."""
        item = self.items[self.picked or 0] if self.items else None
        fresh = not self.read
        self.read = True
        if item is not None and item.kind == "lab" and item.id not in self.steps:
            self.steps[item.id] = outline(item.id)
            fresh = True
        if fresh:
            self.draw()

    def load(self) -> None:
        """Read labs, progress and recordings anew."""
        from tcplab.lab.loader import list_labs
        from tcplab.lab.progress import load_progress
        from tcplab.lab.translate import language

        progress = load_progress()
        self.note = self.note or progress.note
        self.walked = progress.walked
        self.done = {lab: kept.done for lab, kept in progress.labs.items()}
        entries = list_labs(lang=language())
        course = [entry for entry in entries if entry.id != "sandbox"]
        titles = {entry.id: entry.title for entry in entries}
        standings = opening.standings(self.app.seed, self.app.student)
        labs = [self._lab(entry, number, progress, titles, standings.get(entry.id, Standing()))
                for number, entry in enumerate(course, 1)]
        sandbox = [Item("sandbox", entry.id, entry.title, entry.summary, problem=entry.problem,
                        stopped=str(standings.get(entry.id, Standing()).stopped or ""))
                   for entry in entries if entry.id == "sandbox"]
        past = [
            Item(
                "recording",
                str(path),
                titles.get(lab, lab),
                f"A session of this lab, kept in {path.name}.",
                when=datetime.fromtimestamp(when).strftime("%d %b %H:%M"),
            )
            for path, lab, when in opening.recordings(6)
        ]
        self.items = [*labs, *sandbox, *past]
        if house.rules() is not None:  # in a kiosk there is no command line but that
            self.items = [replace(item, called="ssh HOST submit") for item in self.items]
        left = self._left()
        if left is not None:
            self.picked = left
        elif self.picked is None or self.picked >= len(self.items):
            self.picked = self._first_open()

    @staticmethod
    def _lab(entry: LabEntry, number: int, progress: Progress, titles: dict[str, str], standing: Standing) -> Item:
        """A lab of the path as it stands for this learner."""
        kept, stopped = progress.of(entry.id), standing.stopped
        needs = tuple((titles[need], progress.of(need).finished) for need in entry.needs if need in titles)
        mark = "open" if all(done for _, done in needs) else "later"
        mark = "begun" if kept.done or stopped else mark
        mark = "broken" if entry.problem else "done" if kept.finished else mark
        return Item(
            "lab", entry.id, entry.title, entry.summary, entry.minutes, number, mark, kept.best, kept.max_score,
            len(kept.done), needs, entry.problem, stopped=str(stopped or ""), chapter=entry.chapter,
            seconds=standing.seconds,
        )  # fmt: skip

    def _left(self) -> int | None:
        """Where the lab just left stands, by whatever way it was opened; when it is finished now, the one after it."""
        (lab, finished), self.app.left_lab = self.app.left_lab, ("", False)
        opened, self.opened = self.opened, ""
        at = {item.id: index for index, item in enumerate(self.items)}
        if opened.endswith(".jsonl") and opened in at:
            return at[opened]
        if lab not in at or not finished:
            return at.get(lab)
        after = [index for index, item in enumerate(self.items) if item.kind == "lab" and index > at[lab]
                 and item.mark not in ("done", "broken")]
        return after[0] if after else self._first_open()

    def _first_open(self) -> int:
        """The lab to go on with: the one left last, else the first one that is not finished and may begin."""
        stopped = {item.stopped: at for at, item in enumerate(self.items) if item.stopped and item.kind == "lab"}
        left = [item.id for item in self.items if item.kind == "recording" and item.id in stopped]
        if left:
            return stopped[left[0]]
        for marks in (("open", "begun"), ("later",)):
            for index, item in enumerate(self.items):
                if item.kind == "lab" and item.mark in marks:
                    return index
        return 0

    def parts(self, cells: int, lines: int) -> list[Part]:
        title = fit([(" tcplab ", "ink on-good bold"), (" ", "on-bar")], cells, "on-bar")
        keys = [("enter", "open"), ("↑ ↓", "choose"), ("?", "help"), ("w", "state changes"), ("t", "light/dark"),
                ("q", "leave")]  # the last one is always shown
        if self.items and self.items[self.picked or 0].kind == "recording":
            keys[0:1] = [("enter", "go on"), ("p", "play again")]
        elif self.items and self.items[self.picked or 0].stopped:
            keys[0:1] = [("enter", "go on"), ("r", "start anew")]
        if self.items and self._resettable(self.items[self.picked or 0]):
            keys[3:3] = [("x", "reset")]
        body = home_rows(self.items, self.picked or 0, self.note, cells, lines - 3, self._walked(),
                         self._side if self.read else None)
        return [
            (Box(0, 0, cells, 1), [title]),
            (Box(0, 1, cells, 1), [fit([], cells)]),
            (Box(0, 2, cells, lines - 3), body),
            (Box(0, lines - 1, cells, 1), [footer(keys, cells)]),
        ]

    def _side(self, cells: int, lines: int) -> list[Row]:
        """The steps of the highlighted lab, and the diagram with what was walked."""
        from tcplab.graph.fsm import coverage
        from tcplab.tui.draw.home_side import StepLine, Walked, side_rows

        found = coverage(self.walked)
        item = self.items[self.picked or 0]
        done = self.done.get(item.id, ())
        steps = [StepLine(step.title, step.points, step.id in done) for step in self.steps.get(item.id, ())]
        return side_rows(steps, Walked(found.walked, found.total), cells, lines, self.app.terminal.ascii)

    @staticmethod
    def _resettable(item: Item) -> bool:
        return item.kind == "lab" and item.mark in ("begun", "done")

    @classmethod
    def _own_keys(cls) -> list[tuple[str, str]]:
        """The keys of this screen with their words, for the help."""
        from tcplab.tui.keys import BY_ID

        caps = {"question_mark": BY_ID["explain"].cap, "f2": BY_ID["palette"].cap, "down": "↓", "up": "↑"}
        return [(caps.get(key, key), binding.tooltip) for binding in cls.BINDINGS
                for key in (binding.key.split(",")[0],)]

    def _walked(self) -> tuple[int, int]:
        """How many edges of the state diagram this learner has walked, and how many there are."""
        from tcplab.graph.fsm import coverage

        found = coverage(self.walked)
        return len(found.walked), found.total

    def action_move(self, by: int) -> None:
        if self.items:
            self._unask()
            self.picked = max(0, min(len(self.items) - 1, (self.picked or 0) + by))
            self.draw()
            if self.items[self.picked].kind == "lab" and self.items[self.picked].id not in self.steps:
                self._wait()

    def act(self, key_id: str) -> None:
        item = self.items[self.picked or 0] if self.items else None
        if key_id != "reset":
            self._unask()
        if key_id == "ways":
            from tcplab.tui.screens.your_ways import YourWays

            self.app.push_screen(YourWays(self.walked))
        elif key_id == "reset" and item is not None and self._resettable(item):
            self._reset(item)
        elif key_id == "open" and item is not None:
            self._open(item)
        elif key_id == "anew" and item is not None and item.kind != "recording":
            self._open(item, anew=True)
        elif key_id == "replay" and item is not None and item.kind == "recording":
            self._replay(item)
        elif key_id == "theme":
            self.app.toggle_theme()
        elif key_id == "palette":
            self.app.open_palette()
        elif key_id == "help":
            from tcplab.tui.draw.help import home_help_rows
            from tcplab.tui.screens.reader import Reader

            self.app.push_screen(Reader("What is tcplab?", lambda cells: home_help_rows(cells, self._own_keys())))
        elif key_id == "quit":
            self.app.exit(0)

    def _open(self, item: Item, anew: bool = False) -> None:
        """Open what is highlighted; a lab that was left half-way goes on there, unless it is to start `anew`."""
        self.opened = item.id
        try:
            session = (
                opening.resume_session(Path(item.id if item.kind == "recording" else item.stopped))
                if item.kind == "recording" or (item.stopped and not anew)
                else opening.open_session(item.id, self.app.seed, self.app.student)
            )
        except opening.OpeningError as error:
            self.note = " ".join(str(error).split())
            self.draw()
            return
        self.note = ""
        self.app.open_bench(session)

    def _reset(self, item: Item) -> None:
        """Forget what was reached in a lab, when it is asked for twice."""
        from tcplab.lab.progress import reset_progress

        if self.asked == item.id:
            self.asked = ""
            self.note = reset_progress(item.id, item.stopped).note or f"{item.title}: reset. Its recordings are kept."
            self.load()
        else:
            self.asked = item.id
            points = f" and {item.best} points" if item.best else ""
            self.note = f"x again forgets your steps{points} here. Any other key: no."
        self.draw()

    def _unask(self) -> None:
        """Any other key than x takes the question back."""
        if self.asked:
            self.asked = self.note = ""
            self.draw()

    def _replay(self, item: Item) -> None:
        from tcplab.tui.replaying import replay_text

        try:
            text = replay_text(Path(item.id))
        except opening.OpeningError as error:
            self.note = " ".join(str(error).split())
            self.draw()
            return
        from tcplab.tui.draw.guide_text import guide_text
        from tcplab.tui.screens.reader import Reader

        self.app.push_screen(Reader(f"Recording {Path(item.id).name}", lambda cells: guide_text(text, cells)))
