"""Page 6: the sequence space of each direction, from SND.UNA to the window's edge, and the receiver's buffer."""

from __future__ import annotations

from functools import partial

from tcplab.net.views import ConnView, HostView
from tcplab.notation.glossary import variable_key
from tcplab.tui.draw.runs import Row
from tcplab.tui.draw.seq_bars import Direction, seq_rows
from tcplab.tui.draw.values import HIDDEN
from tcplab.views.flow import ARRIVED, FLYING, LOST, Flow, ranges

from .base import Page

#: Rows that the bars need at most; what is left below them shows how they came to stand where they do.
PLENTY = 15


class SeqPage(Page):
    """The bars of one connection; up and down choose another."""

    id, word, title = "seq", "Seq", "The sequence space"
    tip = "the bytes of each direction: acknowledged, under way, allowed; the receiver's buffer"
    about = (
        "The numbers of each direction as a bar: from SND.UNA, the oldest byte not yet acknowledged, over SND.NXT, the "
        "next one to send, to the window's right edge SND.UNA + SND.WND; cwnd may stop the sender before. "
        "Below stands what the receiver holds, over the same axis: RCV.NXT, holes, and what came out of order. "
        "The bar shows the truth of the link: a lost byte is marked before the sender knows."
    )
    scrolls = False

    def __init__(self, desk) -> None:
        super().__init__(desk)
        self.chosen: int | None = None

    def rows(self, cells: int, lines: int) -> list[Row]:
        found = self.directions()
        if not found:
            words = ("SND.UNA   the oldest byte sent and not yet acknowledged", "SND.NXT   the next byte to send",
                     "+SND.WND  as far as the receiver has room", "+cwnd     as far as the network may be trusted")
            return [[("  the bars appear with the first segment", "faint")], *([(f"    {w}", "faint")] for w in words)]
        rows = seq_rows(found, cells, min(lines, PLENTY))
        left = lines - len(rows) - 1
        busy = [d for d in found if not d.quiet]
        if left < 8 or not busy:
            return rows
        plots = self.desk.pages["plots"]
        return [*rows, [], *plots.picture("tcptrace", busy[0].src, busy[0].conn, cells, left)]

    def directions(self) -> list[Direction]:
        """Both directions of the connection chosen, the first host's first."""
        hosts = self.desk.view.hosts
        conns = hosts[0].connections
        if not conns:
            return []
        looked_at = self.desk.seen[0].newest or conns[-1]
        conn = looked_at if self.chosen is None else conns[min(self.chosen, len(conns) - 1)]
        other = next((c for c in reversed(hosts[1].connections)
                      if c.tcb.remote == conn.tcb.local and c.tcb.local == conn.tcb.remote), None)
        pairs = [(hosts[0], conn, hosts[1], other), (hosts[1], other, hosts[0], conn)]
        return [d for side, pair in enumerate(pairs) if (d := self._direction(side, *pair)) is not None]

    def _direction(self, side: int, host: HostView, conn: ConnView | None, peer: HostView,
                   far: ConnView | None) -> Direction | None:
        flow = self.desk.series().flow(host.name, conn.n) if conn is not None else None
        if flow is None or conn is None or conn.tcb.snd_una is None:
            return None
        tcb = conn.tcb
        roles = ("client", "server")
        una, nxt = flow.line(tcb.snd_una), flow.line(tcb.snd_nxt if tcb.snd_nxt is not None else tcb.snd_una)
        found = Direction(
            host.name, peer.name, roles[side], roles[1 - side], conn.n, una, nxt, una + (tcb.snd_wnd or 0),
            una + tcb.cwnd if tcb.cwnd else None, partial(self._number, flow), self._size,
            least=4 * max(tcb.smss, 100),
        )
        found.lost, found.flying = tuple(ranges(flow, LOST)), tuple(ranges(flow, FLYING))
        found.arrived, found.sacked = tuple(ranges(flow, ARRIVED)), tuple(flow.sacked)
        found.again = tuple((u.lo, u.hi) for u in flow.under.values() if u.resent and u.fate == FLYING and u.hi > una)
        if far is not None and far.tcb.rcv_nxt is not None:
            found.rcv_nxt, found.unread = flow.line(far.tcb.rcv_nxt), far.tcb.unread
            found.rcv_right = found.rcv_nxt + (far.tcb.rcv_wnd or 0)
            found.holes = tuple((flow.line(lo), flow.line(hi)) for lo, hi in far.tcb.holes)
        return found

    def _number(self, flow: Flow, key: str, offset: int) -> str:
        """A sequence number: hidden while the lab hides it, from the ISS or as on the wire."""
        return self._size(key, offset if self.desk.relative else flow.wire(offset))

    def _size(self, key: str, count: int) -> str:
        hidden = {variable_key(name) for name in self.desk.view.guide.hide}
        return HIDDEN if key in hidden else str(count)

    def move(self, by: int) -> None:
        count = len(self.desk.view.hosts[0].connections)
        if count:
            now = count - 1 if self.chosen is None else self.chosen
            self.chosen = (now + (1 if by > 0 else -1)) % count

    def first(self) -> None:
        self.chosen = 0

    def last(self) -> None:
        self.chosen = None
