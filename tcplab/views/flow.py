"""One direction of a connection over time: what was sent, what came back, what the sender made of it.

Times are ns of virtual time, sizes bytes; sequence numbers are counted from the sender's ISS (the SYN is 0, the first
byte 1) and do not wrap. `series` fills it from events.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import NamedTuple

from tcplab.tcp.segment import MOD32, SYN, Segment

#: What a track holds while there is no value (ssthresh before the first loss).
NOTHING = -1
#: What became of a transmission, as the link knows it and the sender does not.
FLYING, ARRIVED, LOST = 0, 1, 2


class Track:
    """Values `v` from times `t` on; `t` never falls. `add` leaves out what changes nothing."""

    __slots__ = ("t", "v")

    def __init__(self) -> None:
        self.t, self.v = array("q"), array("q")

    def __len__(self) -> int:
        return len(self.t)

    def add(self, t: int, value: int) -> None:
        """`value` holds from `t` on."""
        if not self.v or self.v[-1] != value:
            self.t.append(t)
            self.v.append(value)

    def sample(self, t: int, value: int) -> None:
        """A measurement at `t`, kept even when it equals the one before."""
        self.t.append(t)
        self.v.append(value)

    @property
    def last(self) -> int:
        return self.v[-1] if self.v else NOTHING

    def cut(self, length: int) -> None:
        del self.t[length:], self.v[length:]


class Spans:
    """Ranges of sequence numbers, `lo` to before `hi`, at times `t`."""

    __slots__ = ("hi", "lo", "t")

    def __init__(self) -> None:
        self.t, self.lo, self.hi = array("q"), array("q"), array("q")

    def __len__(self) -> int:
        return len(self.t)

    def add(self, t: int, lo: int, hi: int) -> None:
        self.t.append(t)
        self.lo.append(lo)
        self.hi.append(hi)

    def cut(self, length: int) -> None:
        del self.t[length:], self.lo[length:], self.hi[length:]


class Under(NamedTuple):
    """A transmission not yet acknowledged: its range, when it left, whether there is another one of it, its fate.

    `resent` says that the sender sent it again, `again` that it repeats or was repeated (by whomever).
    """

    lo: int
    hi: int
    t: int
    again: bool
    fate: int
    resent: bool = False


_TRACKS = ("acks", "edge", "window", "flight", "cwnd", "ssthresh", "rtt", "srtt", "rto", "arrived", "taken")
_SPANS = ("sent", "again", "sacks", "lost")
_STATE = ("una", "nxt", "conn")


class Flow:
    """What `src` sends to `dst` on one connection. `conn` is the number of that connection at `src`, 0 if unknown.

    Tracks: `acks` SND.UNA as the sender knows it, `edge` the right edge of its window and `window` the room before it,
    `flight` SND.NXT - SND.UNA, `cwnd`, `ssthresh`, `rtt` samples by Karn's rule (RFC 6298 section 3), `srtt`, `rto`
    with its backoff; at the far end `arrived` (all payload bytes that came, copies too) and `taken` (in order, from the
    numbers it acknowledges).
    Spans: `sent` for the first time and `again`, `sacks` as they reach the sender, `lost` as the link knows it.
    """

    def __init__(self, src: str, dst: str, sport: int, dport: int, iss: int) -> None:
        self.src, self.dst, self.sport, self.dport, self.iss = src, dst, sport, dport, iss
        self.conn = self.una = self.nxt = 0
        self.sent, self.again, self.sacks, self.lost = Spans(), Spans(), Spans(), Spans()
        self.acks, self.edge, self.window, self.flight = Track(), Track(), Track(), Track()
        self.cwnd, self.ssthresh = Track(), Track()
        self.rtt, self.srtt, self.rto = Track(), Track(), Track()
        self.arrived, self.taken = Track(), Track()
        #: Transmissions above SND.UNA by segment number, in order of sending.
        self.under: dict[int, Under] = {}
        #: SACK blocks above SND.UNA, the newest information first.
        self.sacked: list[tuple[int, int]] = []

    @property
    def data(self) -> bool:
        """Whether more than a SYN and a FIN was sent."""
        return any(hi - lo > 1 for lo, hi in zip(self.sent.lo, self.sent.hi, strict=True))

    def line(self, number: int) -> int:
        """A wire number as an offset from the ISS, the one nearest to SND.NXT."""
        ahead = (number - self.iss - self.nxt) % MOD32
        return self.nxt + (ahead - MOD32 if ahead >= MOD32 // 2 else ahead)

    def wire(self, offset: int) -> int:
        """An offset as the number on the wire."""
        return (self.iss + offset) % MOD32

    # -- what the sender does -----------------------------------------------------------------------------------

    def send(self, t: int, number: int, seg: Segment, again: bool) -> None:
        lo = self.line(seg.seq)
        hi = lo + seg.length
        again = again or hi <= self.nxt
        (self.again if again else self.sent).add(t, lo, hi)
        if again:
            for other, under in self.under.items():
                if under.lo < hi and under.hi > lo and not under.again:
                    self.under[other] = under._replace(again=True)
        self.under[number] = Under(lo, hi, t, again, FLYING, again)
        self.nxt = max(self.nxt, hi)
        self.flight.add(t, self.nxt - self.una)

    def copy(self, t: int, number: int, seg: Segment) -> None:
        """The link doubled a segment: one more of it is on its way."""
        lo = self.line(seg.seq)
        if lo + seg.length > self.una:
            self.under[number] = Under(lo, lo + seg.length, t, True, FLYING)

    def fate(self, number: int, fate: int) -> None:
        under = self.under.get(number)
        if under is not None:
            self.under[number] = under._replace(fate=fate)

    # -- what comes back ----------------------------------------------------------------------------------------

    def acknowledged(self, t: int, seg: Segment, shift: int) -> None:
        """An ACK reached the sender."""
        ack = self.line(seg.ack)
        if not self.una <= ack <= self.nxt:
            return  # RFC 9293 3.10.7.4: a duplicate from long ago, or for data never sent
        if ack > self.una:
            self._advance(t, ack)
        if not self.acks:
            self.acks.add(t, ack)
        self.edge.add(t, max(ack + (seg.wnd << (0 if seg.flags & SYN else shift)), self.edge.last))
        self.window.add(t, self.edge.last - ack)
        for left, right in seg.options.sack:
            lo, hi = self.line(left), self.line(right)
            if self.una < hi <= self.nxt and lo < hi and lo >= self.una:
                self.sacks.add(t, lo, hi)
                self._sack(lo, hi)

    def _advance(self, t: int, ack: int) -> None:
        """SND.UNA moves; what it passes gives a sample of the RTT if none of it was sent twice."""
        clean, left = True, NOTHING
        while self.under:
            number = next(iter(self.under))
            under = self.under[number]
            if under.hi > ack:
                break
            del self.under[number]
            if under.hi > self.una:
                clean, left = clean and not under.again, under.t
        if clean and left != NOTHING:
            self.rtt.sample(t, t - left)
        self.una = ack
        self.acks.add(t, ack)
        self.flight.add(t, self.nxt - ack)
        self.sacked = [(max(lo, ack), hi) for lo, hi in self.sacked if hi > ack]

    def _sack(self, lo: int, hi: int) -> None:
        """RFC 2018 section 5: what a block covers is remembered; blocks that touch become one."""
        apart = []
        for other in self.sacked:
            if other[0] <= hi and lo <= other[1]:
                lo, hi = min(lo, other[0]), max(hi, other[1])
            else:
                apart.append(other)
        self.sacked = sorted([*apart, (lo, hi)])

    # -- going back ---------------------------------------------------------------------------------------------

    def mark(self) -> tuple:
        """All that is needed to come back here: how long each column is, and what changes in place."""
        lengths = tuple(len(getattr(self, name)) for name in (*_TRACKS, *_SPANS))
        return lengths, tuple(getattr(self, name) for name in _STATE), dict(self.under), list(self.sacked)

    def restore(self, mark: tuple) -> None:
        lengths, state, under, sacked = mark
        for name, length in zip((*_TRACKS, *_SPANS), lengths, strict=True):
            getattr(self, name).cut(length)
        for name, value in zip(_STATE, state, strict=True):
            setattr(self, name, value)
        self.under, self.sacked = dict(under), list(sacked)


def ranges(flow: Flow, fate: int) -> Iterator[tuple[int, int]]:
    """The ranges above SND.UNA whose newest transmission met `fate`, as the link knows it; in order, without overlap.

    A range that arrived once has arrived, whatever becomes of its other transmissions; one that flies is not lost.
    """
    best: dict[tuple[int, int], int] = {}
    rank = {ARRIVED: 2, FLYING: 1, LOST: 0}
    edges = sorted({edge for under in flow.under.values() for edge in (under.lo, under.hi)} | {flow.una})
    cuts = [edge for edge in edges if edge >= flow.una]
    for under in flow.under.values():
        for lo, hi in zip(cuts, cuts[1:], strict=False):
            if under.lo <= lo and hi <= under.hi:
                best[lo, hi] = max(best.get((lo, hi), -1), rank[under.fate])
    open_lo = open_hi = NOTHING
    for (lo, hi), found in sorted(best.items()):
        if found != rank[fate]:
            continue
        if lo == open_hi:
            open_hi = hi
            continue
        if open_hi != NOTHING:
            yield open_lo, open_hi
        open_lo, open_hi = lo, hi
    if open_hi != NOTHING:
        yield open_lo, open_hi
