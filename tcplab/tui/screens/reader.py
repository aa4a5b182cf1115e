"""A page of rows to read and scroll: help, one segment, the last page of a lab."""

from __future__ import annotations

from collections.abc import Callable

from textual import events
from textual.binding import Binding

from tcplab.tui.draw.layout import Box
from tcplab.tui.draw.runs import Row, block, fit, spread
from tcplab.tui.screens.base import Page, travel
from tcplab.tui.widgets.surface import Part


class Reader(Page, inherit_bindings=False):
    """Shows `rows(cells)` under a title. Arrows scroll, esc goes back, and enter too unless it leads `onward`."""

    BINDINGS = [
        Binding("escape,backspace", "act('back')", "back", show=False, id="reader.back"),
        Binding("enter", "act('onward')", "back, or on to the next lab", show=False, id="reader.onward"),
        Binding("question_mark", "act('help')", "back", show=False, id="reader.help"),
        Binding("q", "act('leave')", "leave", show=False, id="reader.leave"),
        Binding("T", "act('tour')", "the tour", show=False, id="reader.tour"),
        *travel("reader", "scroll", 15),
    ]

    def __init__(
        self,
        title: str,
        rows: Callable[[int], list[Row]],
        closing: str = "esc back   ↓ ↑ move",
        onward: Callable[[], None] | None = None,
        tour: Callable[[], None] | None = None,
    ) -> None:
        super().__init__()
        self.tour = tour
        self.onward = onward
        self.heading, self.make_rows, self.closing = title, rows, closing
        self.top = 0
        self._made: tuple[int, list[Row]] = (0, [])

    def parts(self, cells: int, lines: int) -> list[Part]:
        inner = min(cells - 4, 116)
        if self._made[0] != inner:
            self._made = (inner, self.make_rows(inner))
        rows = self._made[1]
        room = lines - 3
        self.top = max(0, min(self.top, len(rows) - room))
        seen = [[("  ", "text"), *row] for row in rows[self.top : self.top + room]]
        more = f"{self.top + len(seen)} of {len(rows)} rows " if len(rows) > room else ""
        title = spread(
            [(" tcplab ", "ink on-good bold"), (f" {self.heading}", "bright bold on-bar")],
            [(more, "dim on-bar")],
            cells,
            "on-bar",
        )
        footer = fit([(" ", "on-bar"), *_keys(self.closing)], cells, "on-bar")
        return [
            (Box(0, 0, cells, 1), [title]),
            (Box(0, 1, cells, lines - 2), block([[], *seen], cells, lines - 2)),
            (Box(0, lines - 1, cells, 1), [footer]),
        ]

    def action_scroll(self, by: int) -> None:
        self.top = max(0, self.top + by)
        self.draw()

    def wheel(self, x: int, y: int, by: int) -> None:
        self.action_scroll(3 * by)

    def on_click(self, event: events.Click) -> None:
        """A click on the row of keys leaves, as `esc` does."""
        if int(event.screen_y) == self.app.size.height - 1:
            self.act("back")

    def act(self, key_id: str) -> None:
        if key_id == "help" and self.heading == "The last page":
            return
        if key_id == "onward" and self.onward is not None:
            self.onward()
            return
        if key_id == "tour" and self.tour is None:
            return
        self.app.pop_screen()
        if key_id == "tour" and self.tour is not None:
            self.tour()
        if key_id == "leave" and self.heading == "The last page":
            self.app.leave_bench()


def _keys(words: str) -> Row:
    """``esc back`` as a cap and its word."""
    row: Row = []
    for pair in words.split("   "):
        caps, _, rest = pair.rpartition(" ")
        cap, _, more = pair.partition(" ")
        if rest == "move":
            cap, more = caps, rest
        row += [(cap, "key bold on-bar"), (f" {more}  ", "text on-bar")]
    return row
