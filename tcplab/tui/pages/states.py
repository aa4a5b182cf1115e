"""Page 3: the state diagram with both hosts on it."""

from __future__ import annotations

from tcplab.tui.draw.host_pane import state_of
from tcplab.tui.draw.runs import Row, plain
from tcplab.tui.draw.ways import state_at, way_words, ways_rows

from .base import Page


class StatesPage(Page):
    """The state diagram."""

    id, word, title = "states", "States", "The states"
    tip = "the state diagram, with both hosts on it"
    about = (
        "All eleven states of TCP and every way between them, after Figure 5 of RFC 9293. A label "
        "says *what happens / what is sent*. The filled box is where a host stands, heavy lines are ways that were "
        "walked, the underlined one was the last."
    )
    scrolls = False

    def _marks(self):
        from tcplab.tui.draw.state_diagram import Marks

        desk, view = self.desk, self.desk.view
        if "state" in view.guide.hide:
            return Marks(desk.hosts, tuple("CLOSED" for _ in view.hosts), ())
        return Marks(desk.hosts, tuple(state_of(host) for host in desk.seen), view.coverage)

    def rows(self, cells: int, lines: int) -> list[Row]:
        from tcplab.tui.draw.state_diagram import state_diagram

        return state_diagram(self._marks(), cells, lines, self.desk.terminal.ascii)

    def extra(self, cells: int) -> Row:
        from tcplab.tui.draw.state_diagram import legend

        names = legend(self._marks(), self.desk.terminal.ascii)
        return [*(names if cells >= 50 else names[:-1]), (" ", "text")]

    def click(self, x: int, y: int, cells: int, lines: int) -> None:
        """How the chosen host gets to the state under the pointer."""
        rows = self.rows(cells, lines)
        name = state_at(plain(rows[y]), x) if y < len(rows) else ""
        if name:
            host = self.desk.seen[self.desk.current]
            self.desk.say(way_words(host.name, state_of(host), name))

    def help_rows(self, cells: int) -> list[Row]:
        return ways_rows(self.desk.view, cells)
