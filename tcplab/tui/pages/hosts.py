"""The hosts' page: choose a connection, make every call of a socket, turn every option."""

from __future__ import annotations

from tcplab.tui.asking import ask
from tcplab.tui.draw.hosts_page import column, explained
from tcplab.tui.draw.link_panel import window
from tcplab.tui.draw.runs import Row, beside, spread
from tcplab.tui.host_items import Item, items

from .base import Page

#: From this width on both hosts stand side by side.
_BOTH = 76


class HostsPage(Page):
    """Both hosts. The column with the cursor is the host that the keys of the table act on."""

    id, word, title = "hosts", "Hosts", "The hosts"
    tip = "connections, socket calls, programs and options of each host"
    about = (
        "Everything a program can ask of its host, and a command as well, such as `client#2 send 100`. Choose a "
        "connection with enter: the panes show it, and the keys for sending and closing act on it. Below stand the "
        "calls (send, read, close, abort, connect, listen), the small programs, and every option; left and right "
        "change the host."
    )
    scrolls = False

    def __init__(self, desk) -> None:
        super().__init__(desk)
        self.at: list[int | None] = [None, None]
        self._tops = [0, 0]

    # -- what is there ------------------------------------------------------------------------------------------

    def items(self, index: int) -> list[Item]:
        """The lines of one host."""
        desk, hosts = self.desk, self.desk.view.hosts
        conn = desk.chosen.conn(hosts, index)
        knobs = getattr(desk.session, "options", None)
        options = knobs(hosts[index].name, conn.n if conn is not None else None) if knobs is not None else {}
        return items(hosts[index], hosts[1 - index], conn, desk.chosen.name(hosts, index), options,
                     "state" in desk.view.guide.hide)

    def chosen(self) -> Item | None:
        """The line under the cursor."""
        side = self.desk.current
        at, found = self.at[side], self.items(side)
        return None if at is None else found[min(at, len(found) - 1)]

    # -- drawing ------------------------------------------------------------------------------------------------

    def rows(self, cells: int, lines: int) -> list[Row]:
        desk, room = self.desk, max(lines - 1, 1)
        typed = desk.line.text if desk.mode == "form" and desk.page == self.id else None
        both = cells >= _BOTH
        each = (cells - 1) // 2 if both else cells
        columns = []
        for side in (0, 1) if both else (desk.current,):
            found = self.items(side)
            at = self.at[side] if side == desk.current else None
            if at is not None:
                at = self.at[side] = min(at, len(found) - 1)
            rows = column(found, side, at, typed, desk.line.cursor, each)
            self._tops[side] = window(rows, at, self._tops[side], room)
            seen = rows[self._tops[side] : self._tops[side] + room]
            if len(rows) > self._tops[side] + room and seen:
                seen[-1] = spread(seen[-1], [(" ▾ more ", "dim on-bar")], each)
            columns.append(seen)
        rows = beside(columns[0], columns[1], each) if both else columns[0]
        return [*rows, *[[]] * (room - len(rows)), explained(self.chosen(), cells)]

    def count(self) -> str:
        most = max(len(host.connections) for host in self.desk.view.hosts)
        return str(most) if most > 1 else ""

    def footer(self) -> str | tuple[str, ...]:
        item = self.chosen()
        if item is None:
            return ""
        word = "choose it" if item.pick else "do it" if item.command else "type it"
        return (f"go:{word}", "up", "down", "left:host", "right:host", "escape", "zoom", "quit")

    # -- keys ---------------------------------------------------------------------------------------------------

    def move(self, by: int) -> None:
        side = self.desk.current
        found = [index for index, item in enumerate(self.items(side)) if not item.head]
        if not found:
            return
        at = self.at[side]
        if at is None:
            self.at[side] = found[0] if by > 0 else found[-1]
            return
        place = min(range(len(found)), key=lambda i: abs(found[i] - at))
        self.at[side] = found[max(0, min(len(found) - 1, place + by))]

    def click(self, x: int, y: int, cells: int, lines: int) -> None:
        """Choose a line; a second click does what enter does."""
        desk = self.desk
        side = desk.current if cells < _BOTH else int(x > (cells - 1) // 2)
        at, found = self._tops[side] + y, self.items(side)
        if y >= lines - 1 or at >= len(found) or found[at].head:
            return
        again = desk.current == side and self.at[side] == at
        desk.current, self.at[side] = side, at
        if again:
            self.enter()

    def first(self) -> None:
        self.at[self.desk.current] = None
        self.move(1)

    def last(self) -> None:
        self.at[self.desk.current] = None
        self.move(-1)

    def side(self, by: int) -> None:
        """The other host; the cursor goes with it."""
        old, new = self.desk.current, max(0, min(len(self.desk.hosts) - 1, self.desk.current + by))
        if new != old and self.at[old] is not None:
            self.at[new] = self.at[old]
        self.desk.current = new
        self.move(0)

    def enter(self) -> bool:
        item = self.chosen()
        if item is None or item.head:
            return False
        if item.pick:
            self._pick(item.pick)
        elif item.command:
            self._give(item.command)
        else:
            ask(self.desk, item.build, item.prompt, item.empty)
        return True

    def _give(self, command: str) -> None:
        self.desk.give(command)
        if not self.desk.message:
            self.desk.say(command, "dim")

    def _pick(self, n: int) -> None:
        desk = self.desk
        desk.chosen.pick(desk.view.hosts, desk.current, n)
        name = desk.chosen.name(desk.view.hosts, desk.current)
        desk.say(f"The panes show connection #{n} of the {desk.hosts[desk.current]}; d and f now act on {name}.", "dim")

    def escape(self) -> bool:
        was = any(at is not None for at in self.at)
        self.at = [None, None]
        return was

    def turned_away(self) -> None:
        self.at = [None, None]
