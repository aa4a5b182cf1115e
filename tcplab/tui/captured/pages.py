"""The pages of a capture: its connections, and the bench's log, diagram and plots over one of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tcplab.net.trace import Event
from tcplab.tui.draw.connections import connection_head, connection_row, facts_of
from tcplab.tui.draw.runs import Row
from tcplab.tui.draw.state_card import Walk
from tcplab.tui.key import LAB, LOOK, TALK, Key
from tcplab.tui.keys import KEYS
from tcplab.tui.pages.base import Page
from tcplab.tui.pages.log import LogPage
from tcplab.tui.pages.plots import PlotsPage
from tcplab.tui.pages.states import StatesPage

if TYPE_CHECKING:
    from tcplab.capture.flows import Connection
    from tcplab.tui.captured.desk import PastDesk

#: The orders of the list: words, and what is compared.
ORDERS = (
    ("order of appearance", lambda conn: conn.number),
    ("most trouble first", lambda conn: -facts_of(conn).trouble),
    ("most bytes first", lambda conn: -sum(conn.sent)),
    ("most segments first", lambda conn: -len(conn.packets)),
    ("longest first", lambda conn: conn.first - conn.last),
    ("by address of A", lambda conn: conn.ends),
)


class ConnsPage(Page):
    """Every connection of the file, one a row."""

    id, word, title = "conns", "Conns", "The connections"
    tip = "every connection of the capture"
    about = (
        "One line a connection: A is the end that opened it (where its beginning was not captured: the end with the "
        "larger port). Beside the segments and bytes stands what may be trouble: `✗` a reset, `≠` damaged segments, "
        "`↻` segments sent again, closed windows (`0win`), bytes that were not captured (`gap`). enter opens a "
        "connection, o changes the order, / searches addresses and ports."
    )
    scrolls = False

    def __init__(self, desk: PastDesk) -> None:
        super().__init__(desk)
        self.picked = self.top = self.order = 0
        self.sought = ""
        self._shown: list[Connection] | None = None

    @property
    def shown(self) -> list[Connection]:
        """The connections in order, as far as they fit what is sought."""
        if self._shown is None:
            sought = self.sought.lower()
            found = [conn for conn in self.desk.capture.connections if sought in conn.name.lower()]
            self._shown = sorted(found, key=ORDERS[self.order][1])
        return self._shown

    def search(self, text: str) -> None:
        """Show only connections whose addresses or ports hold `text`."""
        self.sought, self._shown, self.picked = text[:80], None, 0

    def rows(self, cells: int, lines: int) -> list[Row]:
        shown = self.shown
        if not shown:
            words = "no connection fits; / changes what is sought" if self.sought else "no TCP connection in this file"
            return [[(f"  {words}", "faint")]]
        self.picked = max(0, min(self.picked, len(shown) - 1))
        room = max(lines - 1, 1)
        self.top = max(min(self.top, self.picked), self.picked - room + 1, 0)
        open_one = self.desk.lens.conn if self.desk.lens is not None else None
        ends = max((len(conn.name) for conn in shown[self.top:self.top + room]), default=0)
        rows = [connection_head(cells, ends)]
        rows += [connection_row(conn, self.top + i == self.picked, conn is open_one, cells, ends)
                 for i, conn in enumerate(shown[self.top:self.top + room])]
        return rows

    def extra(self, cells: int) -> Row:
        row: Row = [(f"{ORDERS[self.order][0]} ", "dim")]
        return [*row, (f"/ {self.sought} ", "warn")] if self.sought else row

    def count(self) -> str:
        total = len(self.desk.capture.connections)
        return f"{len(self.shown)}/{total}" if self.sought else str(total)

    def move(self, by: int) -> None:
        self.picked = max(0, min(self.picked + by, len(self.shown) - 1))

    def first(self) -> None:
        self.picked = 0

    def last(self) -> None:
        self.picked = max(len(self.shown) - 1, 0)

    def enter(self) -> bool:
        if not self.shown:
            return False
        self.desk.open(self.shown[self.picked].number)
        return True

    def click(self, x: int, y: int, cells: int, lines: int) -> None:
        """Choose a connection; a second click opens it."""
        at = self.top + y - 1
        if 0 < y and at < len(self.shown):
            again, self.picked = self.picked == at, at
            if again:
                self.enter()

    def escape(self) -> bool:
        held = bool(self.sought)
        self.search("")
        return held

    def next_order(self) -> str:
        """Sort by the next thing; returns its name."""
        here = self.shown[self.picked] if self.shown else None
        self.order, self._shown = (self.order + 1) % len(ORDERS), None
        if here is not None:
            self.picked = self.shown.index(here)
        return ORDERS[self.order][0]


class PastLogPage(LogPage):
    """The log of a captured connection; its selection is the cursor."""

    about = (
        "One line a segment, as tcpdump prints it; `#` is its number in the file, as Wireshark counts. What stands at "
        "the right is inferred: a capture shows what passed one place, not what arrived. The selected line is the "
        "cursor: the ladder sets it off, the states show how things stood there. ] and [ jump to the next noteworthy "
        "segment, i goes to a time, enter opens a segment, / filters. `seq 1:1449` are the bytes 1 to 1448: the second "
        "number is the first one that is not in it."
    )


    def do_pin(self) -> None:
        """p: a pin on the selected row, or off it; it lasts as long as the file is open."""
        entry = self.desk.log.entry
        if entry is not None:
            self.desk.session.pins ^= {(entry.rec.id, entry.rec.sent_at)}
            self.desk.say("P goes to the next pin.", "dim")

    def do_next_pin(self) -> None:
        """P: the next pin below, and after the last one the first."""
        if not self.desk.log.pick_next([number for number, _ in self.desk.session.pins]):
            self.desk.say("No row that is shown has a pin. p puts one on a row.", "warn")

    def do_to_time(self) -> None:
        """@: as the key `i`."""
        self.desk.begin("seek", "", "to which time? 1.25s or 50%")


class PastStatesPage(StatesPage):
    """The state diagram with both ends' inferred walks, up to the cursor."""

    about = (
        "The states both ends must have passed, inferred from what they sent: who acknowledges a number has received "
        "what bears it. What leaves no trace on the wire, such as the end of TIME-WAIT, is not shown. The diagram "
        "shows how things stood at the log's cursor."
    )

    def standing(self) -> tuple[str, ...]:
        desk = self.desk
        return ("CLOSED", "CLOSED") if desk.lens is None else desk.lens.states(desk.cursor)

    def walked(self) -> tuple[tuple[str, ...], ...]:
        desk = self.desk
        steps = desk.lens.steps(desk.cursor) if desk.lens is not None else ()
        return tuple((desk.hosts[s.side], str(s.source), str(s.target), s.event) for s in steps)

    def walks(self) -> dict[tuple[str, str, str], Walk]:
        """A capture has no events of its own for what hosts did: the inferred steps stand in for them."""
        desk, found = self.desk, {}
        for s in desk.lens.steps(desk.cursor) if desk.lens is not None else ():
            data = (("from", str(s.source)), ("to", str(s.target)), ("event", s.event))
            host = desk.hosts[s.side]
            found[str(s.source), str(s.target), s.event] = Walk(host, s.index, Event(s.t, "state", host, data=data))
        return found

    def step_of(self, walk: Walk) -> None:
        return None

    def hides(self) -> frozenset[str]:
        return frozenset()

    def extra(self, cells: int) -> Row:
        return [*super().extra(cells), ("inferred ", "warn")]

    def help_rows(self, cells: int) -> list[Row]:
        return []


class PastPlotsPage(PlotsPage):
    """The plots of a captured connection, as far as segments tell them."""

    about = PlotsPage.about + (
        " A capture knows neither cwnd nor timers: those plots stay empty. Times are those of the place of capture."
    )
    nothing = "this is not in a capture: it knows only what passed one place on the wire"

    def __init__(self, desk: PastDesk) -> None:
        super().__init__(desk)
        self.name = "tcptrace"

    def help_rows(self, cells: int) -> list[Row]:
        return []


PAGES: tuple[type[Page], ...] = (ConnsPage, PastLogPage, PastStatesPage, PastPlotsPage)
ORDER = tuple(page.id for page in PAGES)

#: What keys do here whose words in the table speak of a session.
_TIPS = {
    "go": "open the connection or the segment that is selected",
    "other": "on page 1: order the list by something else",
    "seek": "the cursor to a time, or to a part of it in percent",
    "jump_next": "to the next noteworthy segment: a retransmission, a change of state ...",
    "filter": "show only matching segments, e.g. A DATA repeated; on page 1: search addresses and ports",
    "escape": "leave a selection, a filter, the zoom, the connection",
    "last": "to the last row",
    "ladder": "to the log, whose cursor the ladder sets off",
    "export": "write the connection to files: text, pictures",
    "quit": "leave",
    "to_time": "in the log: go to the row of a time",
}
_MOVES = ("up", "down", "left", "right", "page_up", "page_down", "first", "last")


def keys_here(able: Callable[[str], bool]) -> list[Key]:
    """The keys that do something in a capture, in the words of a capture. `able` knows which ids the screen acts on."""
    own = {key.id for page in PAGES for key in page.KEYS}
    tips = _TIPS | {f"page{n}": page.tip for n, page in enumerate(PAGES, 1)}
    groups = {LAB: LOOK, TALK: LOOK}  # there is no lesson, and nobody to talk to
    return [key._replace(tip=tips.get(key.id, key.tip), group=groups.get(key.group, key.group)) for key in KEYS
            if key.id in own or (not key.page and (able(key.id) or key.id in _MOVES or key.id in tips))]
