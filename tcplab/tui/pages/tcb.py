"""Page 5: all variables of the connection, explained."""

from __future__ import annotations

from tcplab.tui.draw.runs import Row
from tcplab.tui.draw.tcb_table import tcb_table, windows

from .base import Page


class TcbPage(Page):
    """The transmission control blocks side by side."""

    id, word, title = "tcb", "TCB", "The TCB"
    tip = "all variables of the connection, explained"
    about = (
        "The transmission control block: all that one end of a connection remembers. The bar shows the send "
        "window: what is under way, and what may still be sent. What the last step changed stands "
        "out."
    )

    def help_rows(self, cells: int) -> list[Row]:
        return self.simple_rows(cells)

    def rows(self, cells: int, lines: int) -> list[Row]:
        desk, view = self.desk, self.desk.view
        rows = tcb_table(desk.seen, None, view.guide.hide, view.t, desk.relative, desk.changed, cells)
        name: Row = [(" TCB: Transmission Control Block", "bright"), (", what each end remembers", "dim")]
        return [name, *windows(desk.seen, cells), *rows]
