"""Page 3: the state diagram with both hosts on it; a state can be selected and opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tcplab.tcp.state import State
from tcplab.tui.draw.host_pane import state_of
from tcplab.tui.draw.runs import Row, plain, spread, width
from tcplab.tui.draw.runs import beside as side_by_side
from tcplab.tui.draw.ways import state_at, way_words, ways_rows

from .base import Page

if TYPE_CHECKING:
    from tcplab.session.around import Around
    from tcplab.tui.draw.state_card import Walk, Walks
    from tcplab.tui.draw.state_diagram import Marks


#: From how many columns on the cards of the hosts' states stand beside the diagram, and how wide they are.
_DIAGRAM, _CARD = 80, 74


class StatesPage(Page):
    """The state diagram. `picked` is the selected state, `opened` whether its card is shown, `cursor` a way on it."""

    id, word, title = "states", "States", "The states"
    tip = "the state diagram, with both hosts on it"
    about = (
        "All eleven states of TCP and every way between them, after Figure 5 of RFC 9293. A label "
        "says *what happens / what is sent*, the filled box is where a host stands, heavy lines are ways that were "
        "walked, the underlined one was the last. The arrows select a state; enter tells what it means and how to get "
        "there."
    )
    scrolls = False

    def __init__(self, desk) -> None:
        super().__init__(desk)
        self.picked: str = ""
        self.opened = False
        self.cursor = 0
        self._walks: Walks = {}
        self._read = (0, 0)

    @property
    def hidden(self) -> bool:
        """Whether the lab hides where the hosts stand."""
        return "state" in self.hides()

    def standing(self) -> tuple[str, ...]:
        """The state of each host."""
        return tuple(state_of(host) for host in self.desk.seen)

    def walked(self) -> tuple[tuple[str, ...], ...]:
        """The ways walked so far: (host, from, to, event), the last one last."""
        return self.desk.view.coverage

    def walks(self) -> Walks:
        """When each way was walked last."""
        from tcplab.tui.draw.state_card import last_walks

        session = self.desk.session
        if self._read[0] != session.epoch or self._read[1] > len(session.trace):
            self._read, self._walks = (session.epoch, 0), {}
        self._walks = last_walks(session.trace, self._read[1], self._walks)
        self._read = session.epoch, len(session.trace)
        return self._walks

    def _marks(self) -> Marks:
        from tcplab.tui.draw.state_diagram import Marks

        if self.hidden:
            return Marks(self.desk.hosts, tuple("CLOSED" for _ in self.desk.hosts), (), picked=self.picked)
        return Marks(self.desk.hosts, self.standing(), self.walked(), picked=self.picked)

    def rows(self, cells: int, lines: int) -> list[Row]:
        from tcplab.tui.draw.state_diagram import state_diagram

        if self.opened:
            return self._card(cells, lines)
        beside = cells - _CARD if cells >= _CARD + _DIAGRAM and not self.hidden else 0
        rows = state_diagram(self._marks(), beside or cells, lines, self.desk.terminal.ascii)
        rows = self._with_coverage(rows, beside or cells)
        return side_by_side(rows, self._standing_cards(_CARD - 2, lines), beside, 2) if beside else rows

    def _standing_cards(self, cells: int, lines: int) -> list[Row]:
        """What it means to stand where the hosts stand, and what can come next: for a window with room beside."""
        from tcplab.tui.draw.state_card import card_rows

        hosts = self.desk.hosts
        standing = list(zip(hosts, self.standing(), strict=True))
        rows: list[Row] = []
        for state in dict.fromkeys(there for _, there in standing):
            here = [pair for pair in standing if pair[1] == state]
            card, _ = card_rows(state, here, self._seen_walks(), -1, hosts, cells)
            rows += [*([[]] * (2 if rows else 0)), *card]
        return [[]] * ((lines - len(rows)) // 2) + rows[:lines]

    def _with_coverage(self, rows: list[Row], cells: int) -> list[Row]:
        """How much was walked, in a corner that is free."""
        words = f" {self._coverage()} "
        for y in (len(rows) - 1, 0):
            if self.hidden or not plain(rows[y]).endswith(" " * (width(words) + 2)):
                continue
            row = list(rows[y])
            while row and not row[-1][0].strip():
                row.pop()
            if row:
                row[-1] = row[-1][0].rstrip(), row[-1][1]
            rows[y] = spread(row, [(words, "dim")], cells)
            break
        return rows

    def _coverage(self) -> str:
        from tcplab.graph.fsm import coverage

        walked = coverage(self.walked())
        return f"{len(walked.walked)} of {walked.total} changes seen"

    def _card(self, cells: int, lines: int) -> list[Row]:
        from tcplab.tui.draw.state_card import card_rows

        hosts = self.desk.hosts
        standing = [] if self.hidden else list(zip(hosts, self.standing(), strict=True))
        rows, at = card_rows(self.picked, standing, self._seen_walks(), self.cursor, hosts, cells)
        top = max(0, min(at - lines + 2, len(rows) - lines))
        return rows[top:]

    def extra(self, cells: int) -> Row:
        from tcplab.tui.draw.state_diagram import legend

        names = legend(self._marks(), self.desk.terminal.ascii)
        return [*(names if cells >= 50 else names[:-1]), (" ", "text")]

    def click(self, x: int, y: int, cells: int, lines: int) -> None:
        """Select the state under the pointer, and say how the chosen host gets there."""
        rows = self.rows(cells, lines)
        name = state_at(plain(rows[y]), x) if y < len(rows) and not self.opened else ""
        if name:
            self.picked = name
            host = self.desk.seen[self.desk.current]
            self.desk.say(way_words(host.name, state_of(host), name))

    def help_rows(self, cells: int) -> list[Row]:
        return ways_rows(self.desk.view, cells)

    # -- keys ---------------------------------------------------------------------------------------------------

    def footer(self) -> tuple[str, ...]:
        if self.opened:
            return "go:why it was walked", "up", "down", "escape:back to the diagram", "zoom", "quit"
        return ("go:open it", "up", "down", "left", "right", "escape", "zoom", "quit") if self.picked else ()

    def move(self, by: int) -> None:
        if self.opened:
            self.cursor = max(0, min(self.cursor + by, len(self._ways()) - 1))
        else:
            self._go(0, by)

    def side(self, by: int) -> None:
        if not self.opened:
            self._go(by, 0)

    def _go(self, dx: int, dy: int) -> None:
        from tcplab.tui.draw.state_diagram import neighbour

        if not self.picked:
            self.picked = str(State.CLOSED) if self.hidden else self.standing()[getattr(self.desk, "current", 0)]
        else:
            self.picked = str(neighbour(State(self.picked), dx, dy))

    def first(self) -> None:
        self.cursor = 0

    def last(self) -> None:
        self.cursor = max(len(self._ways()) - 1, 0)

    def _ways(self) -> list:
        from tcplab.tui.draw.state_card import ways_of

        into, out = ways_of(self.picked) if self.picked else ([], [])
        return [*into, *out]

    def enter(self) -> bool:
        if not self.picked:
            return False
        if not self.opened:
            self.opened, self.cursor = True, self._first_walked()
            return True
        self._open_way()
        return True

    def _first_walked(self) -> int:
        """Where the cursor stands first: on the first way that was walked."""
        walks = self._seen_walks()
        keys = [(str(way.source), str(way.target), str(way.event)) for way in self._ways()]
        return next((index for index, key in enumerate(keys) if key in walks), 0)

    def _open_way(self) -> None:
        """Why the way under the cursor was walked last."""
        from tcplab.tui.draw.state_card import walk_rows

        desk, way = self.desk, self._ways()[self.cursor]
        walk = self._seen_walks().get((str(way.source), str(way.target), str(way.event)))
        step = self.step_of(walk) if walk is not None else None
        hide = self.hides()
        desk.read("Why this way?", lambda cells: walk_rows(way, walk, step, hide, desk.relative, desk.hosts, cells))

    def step_of(self, walk: Walk) -> Around | None:
        """The step in which a way was walked, with the variables before and after."""
        from tcplab.session.around import around

        return around(self.desk.session, walk.index)

    def hides(self) -> frozenset[str]:
        """The variables that the lab hides now."""
        return self.desk.view.guide.hide

    def _seen_walks(self) -> Walks:
        return {} if self.hidden else self.walks()

    def escape(self) -> bool:
        held = bool(self.picked)
        if self.opened:
            self.opened = False
        else:
            self.picked = ""
        return held

    def turned_away(self) -> None:
        self.picked, self.opened = "", False
