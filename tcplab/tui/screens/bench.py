"""The bench: two hosts, the link between them, the task, the pages. It routes keys to the desk and draws it."""

from __future__ import annotations

from bisect import bisect_left
from pathlib import Path
from typing import TYPE_CHECKING

from textual import events

from tcplab.front import opening
from tcplab.lab.progress import record_tour
from tcplab.tui import keys
from tcplab.tui.desk import Desk
from tcplab.tui.draw.layout import Box
from tcplab.tui.log_view import number_of
from tcplab.tui.panels import Panels
from tcplab.tui.screens.base import Page, bindings
from tcplab.tui.widgets.surface import Part, joined

if TYPE_CHECKING:
    from tcplab.tui.tour import Tour


class Bench(Page, inherit_bindings=False):
    """The main screen. Its one timer is paused whenever time stands: then nothing runs and nothing is written."""

    kind = "bench"
    BINDINGS = bindings()

    def __init__(self, desk: Desk, tour: bool = False) -> None:
        super().__init__()
        self.desk = desk
        self.tour: Tour | None = None
        if tour:
            self._first_card()
        self.panels = Panels(desk)
        self._skipped = False
        self._taken_to: Path | None = None  # where files went last, without their endings

    def on_mount(self) -> None:
        self.frames = self.set_interval(1 / self.app.terminal.fps, self.frame, pause=True)

    def parts(self, cells: int, lines: int) -> list[Part]:
        boxes = self.panels.arrange(cells, lines)
        parts = [(box, self.panels.rows(name)) for name, box in boxes.items()]
        if self.tour is None:
            return parts
        self.tour.zoomed = self.desk.zoomed
        from tcplab.tui.tour import over

        whole = over(joined(parts), {**boxes, "page": boxes.get(self.desk.page, boxes["footer"])}, self.tour, cells,
                     lines)
        return [(Box(0, 0, cells, len(whole)), whole)]

    def begin_tour(self) -> None:
        """The tour from its first card."""
        self._first_card()
        self.desk.zoomed = False
        self.draw()

    def _first_card(self) -> None:
        from tcplab.tui.tour import Tour

        self.tour = Tour()

    def _tour_key(self, key: str) -> bool:
        """Offer a key to the tour. Its end is kept, so that it comes once only. Returns whether it was taken."""
        if self.tour is None:
            return False
        self.tour.zoomed = self.desk.zoomed
        taken = self.tour.key(key)
        if self.tour.card is None:
            self.tour = None
            record_tour()
            if taken:
                self.desk.zoomed = False  # as it was before the tour tried it
                self.desk.say("? then T shows the tour again.", "dim")
        if taken:
            self.draw()
        return taken

    def frame(self) -> None:
        """One frame while time runs."""
        changed = self.desk.tick()
        self._skipped = changed and self.desk.crowded and not self._skipped
        if changed and not self._skipped:
            self.draw()
        self._pace()

    def _pace(self) -> None:
        """Run the timer only while there is something to move."""
        if self.desk.busy:
            self.frames.resume()
        else:
            self.frames.pause()

    def act(self, key_id: str) -> None:
        self.desk.act(key_id)
        self._after()

    def give(self, command: str) -> None:
        """A command from the palette."""
        self.desk.give(command)
        self.desk.refresh()
        self._after()

    async def on_key(self, event: events.Key) -> None:
        if not self.stands:
            event.stop()
            return
        if self._tour_key(event.key) or self.desk.key(event.key, event.character):
            event.stop()
            event.prevent_default()
            self._after()
            return
        # Textual looks a key up only when it has bubbled up to the app; the keys typed after it (a pasted command, a
        # slow line that brings several at once) would overtake it: `:` must be done before what follows is read.
        active = self.active_bindings.get(event.key)
        if active is not None and active.enabled:
            event.stop()
            await self.app.run_action(active.binding.action, active.node)

    def on_paste(self, event: events.Paste) -> None:
        if self.desk.paste(event.text):
            event.stop()
            self.draw()

    def on_click(self, event: events.Click) -> None:
        """A click means what `mouse` says; the keys do all of this too."""
        if self.stands and self.panels.boxes:
            from tcplab.tui import mouse

            mouse.click(self.panels, int(event.screen_x), int(event.screen_y), self._press)
            self.desk.refresh()
            self._after()

    def wheel(self, x: int, y: int, by: int) -> None:
        from tcplab.tui import mouse

        mouse.wheel(self.panels, x, y, by)
        self.draw()

    def _press(self, key: str, character: str | None) -> None:
        """A key that was clicked on."""
        if not self.desk.key(key, character):
            entry = next((e for e in keys.KEYS if not e.page and key in e.key.split(",")), None)
            if entry is not None:
                self.desk.act(entry.id)

    def _after(self) -> None:
        """Draw, and go to the screen the desk asks for."""
        self.draw()
        self._pace()
        intent, self.desk.intent = self.desk.intent, ""
        if intent:
            name, _, rest = intent.partition(":")
            getattr(self, "_open_" + name)(rest)

    # -- other screens ------------------------------------------------------------------------------------------

    def _open_inspect(self, rest: str) -> None:
        """The segment selected in the log, or the one of that number."""
        from tcplab.tui.inspection import Inspection
        from tcplab.tui.screens.inspector import Inspector

        desk = self.desk
        story, session, log = desk.story, desk.session, desk.log
        entry = story.by_id.get(int(rest)) if rest else log.entry
        if entry is None:
            return
        shown = log.rows if not rest or log.shows(entry) else story.entries
        at = bisect_left(shown, entry.rec.id, key=number_of)

        def left(index: int) -> None:
            if desk.ladder.focused:
                desk.ladder.choose(shown[index])
            elif log.picked is not None:
                log.pick(shown[index])

        self.app.push_screen(Inspector(
            lambda one: Inspection(one, story, session.trace, session), shown, at, desk.hosts, desk.view.guide.hide,
            desk.relative, self._to_step, left,
        ))  # fmt: skip

    def _to_step(self, n: int) -> None:
        """Time goes back to just after step `n`."""
        steps = self.desk.view.n - n
        if steps > 0:
            self.give(f"back {steps}")
        else:
            self.desk.say("This is that moment: nothing has happened since.", "dim")
            self.draw()

    def _open_copy(self, rest: str) -> None:
        """The selected row of the log, or all that are shown."""
        from tcplab.tui.copying import copy_rows

        copy_rows(self, rest)

    def _open_compare(self, _rest: str) -> None:
        from tcplab.tui.screens.compare import Compare

        if self.desk.ladder.refuses():
            self.draw()
            return
        self.app.push_screen(Compare(self.desk))

    def _open_summary(self, _rest: str) -> None:
        from tcplab.tui.draw.summary import summary_rows
        from tcplab.tui.scene import own_ladder

        view, path = self.desk.view, self.desk.session.recording_path
        learnt = self.desk.learnt()
        grade = f"{opening.program()} grade {opening.lab_words(self.desk.session, view.guide.lab_id)}"
        following = opening.next_lab(view.guide.lab_id)
        words = "enter next lab" if following else "enter home"
        from tcplab.tui.screens.reader import Reader

        self.app.push_screen(
            Reader(
                "The last page",
                lambda cells: summary_rows(view.guide, learnt, path, cells, grade, following,
                                           own_ladder(self.desk, cells)),
                closing=f"{words}   ↓ ↑ move   esc back to the bench   q leave",
                onward=lambda: self.app.open_next(following[0] if following else ""),
            )
        )

    def _open_help(self, _rest: str) -> None:
        from tcplab.tui.draw.help import help_rows
        from tcplab.tui.screens.reader import Reader

        page, hosts = self.desk.ladder.front, self.desk.hosts
        self.app.push_screen(Reader("What is this?", lambda cells: help_rows(page, hosts, cells),
                                    closing="esc back   ↓ ↑ move   T the tour", tour=self.begin_tour))

    def _open_capture(self, rest: str) -> None:
        """A shipped capture over the bench; leaving it comes back."""
        from tcplab.lab.captures import capture_file
        from tcplab.tui.screens.viewer import Viewer

        path = capture_file(rest)
        if path is not None:
            self.desk.looked_at = rest
            self.app.push_screen(Viewer(path, 1, absolute=True))

    def _open_text(self, rest: str) -> None:
        from tcplab.tui.draw.guide_text import answer_rows
        from tcplab.tui.screens.reader import Reader

        self.app.push_screen(Reader("Answer", lambda cells: answer_rows(rest, cells)))

    def _open_reading(self, _rest: str) -> None:
        from tcplab.tui.screens.reader import Reader

        self.app.push_screen(Reader(*self.desk.reading))

    def _open_export(self, _rest: str) -> None:
        from tcplab.export.files import KINDS
        from tcplab.export.subject import of_session
        from tcplab.tui.screens.takeaway import TakeAway
        from tcplab.tui.taking import Taking, base_of

        desk = self.desk
        desk.pause()
        base = self._taken_to or base_of(desk.view.guide.lab_id, desk.session.recording_path)
        form = Taking(KINDS, base, lambda: of_session(desk.session, desk.relative), self.app.pen,
                      desk.view.guide.withholds)

        def left() -> None:
            self._taken_to = form.path()
            if form.summary is not None:
                desk.say(*form.summary)
                self.draw()

        self.app.push_screen(TakeAway(form, left))

    def _open_inject(self, _rest: str) -> None:
        from tcplab.tui.crafting import Crafting
        from tcplab.tui.screens.inject import Inject

        desk = self.desk
        self.app.push_screen(Inject(Crafting(desk.view.hosts, desk.chosen, desk.current), self.give))

    def _open_palette(self, _rest: str) -> None:
        self.app.open_palette()

    def _open_theme(self, _rest: str) -> None:
        self.app.toggle_theme()

    def _open_quit(self, _rest: str) -> None:
        self.app.leave_bench()
