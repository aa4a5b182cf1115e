"""The futures of a session, two at a time: ladders, plots or figures side by side; enter goes to the other one."""

from __future__ import annotations

from textual.binding import Binding

from tcplab.front.compare import VIEWS, Comparison
from tcplab.tui.desk import Desk
from tcplab.tui.draw.frame import footer
from tcplab.tui.draw.futures import comparison_rows
from tcplab.tui.draw.guide_text import guide_text
from tcplab.tui.draw.layout import Box
from tcplab.tui.draw.runs import Row, spread
from tcplab.tui.screens.base import Page, travel
from tcplab.tui.screens.reader import Reader
from tcplab.tui.widgets.surface import Part


def about(cells: int) -> list[Row]:
    """Where the two futures come from, and what is compared."""
    return guide_text(
        "Whenever you go back in time and then do something else, the future that you left is kept. Here it stands "
        "beside the one you are in, and the first thing that differs is named.\n\n"
        "- tab changes between the ladders on one clock, the plots on the same axes, and figures.\n"
        "- ← → choose another future, where you left several. enter goes there: the present one is kept in its turn.\n"
        "- Nothing is lost by looking.", cells)


class Compare(Page, inherit_bindings=False):
    """Looks at what was; changes nothing but by going to the other future, which is a command."""

    BINDINGS = [
        Binding("escape,backspace,q,B", "act('back')", "back", show=False, id="compare.back"),
        Binding("question_mark", "act('help')", "what is this", show=False, id="compare.help"),
        Binding("enter", "act('go')", "go to the other one", show=False, id="compare.go"),
        Binding("tab", "act('next')", "the next view", show=False, id="compare.next"),
        Binding("shift+tab", "act('before')", "the view before", show=False, id="compare.before"),
        Binding("right", "act('right')", "another future", show=False, id="compare.right"),
        Binding("left", "act('left')", "another future", show=False, id="compare.left"),
        *travel("compare", "scroll", 10),
    ]

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.found = Comparison(desk.session, desk.hosts)
        self.found.read()

    def on_mount(self) -> None:
        self.frames = self.set_interval(1 / self.app.terminal.fps, self.frame, pause=True)
        self._read_on()

    def frame(self) -> None:
        """Another slice of long runs."""
        self.found.read()
        self._read_on()
        self.draw()

    def _read_on(self) -> None:
        if self.found.share < 1000:
            self.frames.resume()
        else:
            self.frames.pause()

    def parts(self, cells: int, lines: int) -> list[Part]:
        found = self.found
        place = f"{found.view + 1}/{len(VIEWS)} {VIEWS[found.view]} "
        count = f"{found.chosen + 1} of {len(found.names)} others  " if len(found.names) > 1 else ""
        title = spread([(" tcplab ", "ink on-good bold"), (" Two futures", "bright bold on-bar")],
                       [(count, "dim on-bar"), (place, "bright on-bar")], cells, "on-bar")
        keys = [("enter", f"go to {found.there.name}"), ("tab", "ladders, plots, figures"), ("↑ ↓", "move")]
        if len(found.names) > 1:
            keys.insert(2, ("← →", "another one"))
        rows = comparison_rows(found, cells, lines - 2, self.desk.relative, self.desk.terminal.ascii)
        return [
            (Box(0, 0, cells, 1), [title]),
            (Box(0, 1, cells, lines - 2), rows),
            (Box(0, lines - 1, cells, 1), [footer([*keys, ("?", "what is this"), ("esc", "back")], cells)]),
        ]

    def action_scroll(self, by: int) -> None:
        self.found.scroll(by)
        self.draw()

    def act(self, key_id: str) -> None:
        found = self.found
        if key_id == "help":
            self.app.push_screen(Reader("Two futures", about))
            return
        if key_id in ("back", "go"):
            self.app.pop_screen()
            if key_id == "go":
                self.app.bench.give(f"branch {found.there.name}")
            return
        if key_id in ("left", "right"):
            found.choose(1 if key_id == "right" else -1)
            found.read()
            self._read_on()
        else:
            found.turn(1 if key_id == "next" else -1)
        self.draw()
