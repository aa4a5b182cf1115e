"""Series over time of every direction of every connection, read from the events as they come.

What the plots and the bars of the sequence space are drawn from. Times are ns of virtual time, sizes bytes, sequence
numbers are counted from the sender's ISS (the SYN is 0, the first byte 1) and do not wrap; `Flow.wire` gives the
number on the wire. Sent ranges, ACKs, SACK blocks and window edges come from the segments alone, so a captured file
gives them too; cwnd, ssthresh, SRTT and RTO come from what an endpoint reports.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tcplab.net.trace import Event, SegmentRecord
from tcplab.tcp.segment import ACK, MOD32, RST, SYN

from .flow import ARRIVED, LOST, NOTHING, Flow

#: So many events lie between two places to which a shortened trace can be taken back.
SPACING = 20_000


class _Mark(NamedTuple):
    """A place in the trace: `count` events were read, the last one was `event`."""

    count: int
    event: Event
    flows: tuple[tuple[Flow, tuple], ...]
    now: dict[tuple[str, int, int], Flow]
    conns: dict[tuple[str, int], Flow]


class Series:
    """Every `Flow` in the order in which they began. `read` takes in what is new."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        self.flows: list[Flow] = []
        self._now: dict[tuple[str, int, int], Flow] = {}
        self._conns: dict[tuple[str, int], Flow] = {}
        self._marks: list[_Mark] = []
        self._last: Event | None = None
        self.count = 0

    def read(self, trace: Sequence[Event], most: int | None = None) -> bool:
        """Take in the events that came since the last call, at most `most`. Returns whether all were read.

        A trace that goes another way (time went back) is followed from the last place that both have.
        """
        if self.count and (len(trace) < self.count or trace[self.count - 1] is not self._last):
            self._rewind(trace)
        end = len(trace) if most is None else min(len(trace), self.count + most)
        while self.count < end:
            stop = min(end, (self.count // SPACING + 1) * SPACING)
            for index in range(self.count, stop):
                self._take(trace[index])
            self.count, self._last = stop, trace[stop - 1]
            if stop % SPACING == 0:
                self._marks.append(self._mark())
        return self.count == len(trace)

    def flow(self, host: str, conn: int) -> Flow | None:
        """What a host's connection `conn` sends; None before its first segment."""
        return self._conns.get((host, conn))

    def other(self, flow: Flow) -> Flow | None:
        """The opposite direction of the same connection."""
        ends = flow.dst, flow.dport, flow.sport
        return next((f for f in reversed(self.flows) if (f.src, f.sport, f.dport) == ends), None)

    def _mark(self) -> _Mark:
        flows = tuple((flow, flow.mark()) for flow in self.flows)
        assert self._last is not None
        return _Mark(self.count, self._last, flows, dict(self._now), dict(self._conns))

    def _rewind(self, trace: Sequence[Event]) -> None:
        while self._marks:
            mark = self._marks[-1]
            if mark.count <= len(trace) and trace[mark.count - 1] is mark.event:
                for flow, state in mark.flows:
                    flow.restore(state)
                self.flows = [flow for flow, _ in mark.flows]
                self._now, self._conns = dict(mark.now), dict(mark.conns)
                self.count, self._last = mark.count, mark.event
                return
            self._marks.pop()
        self.clear()

    # -- events -------------------------------------------------------------------------------------------------

    def _take(self, event: Event) -> None:
        rec, kind = event.seg, event.kind
        if rec is None:
            if kind in ("cwnd", "rto", "timer"):
                self._report(event, kind)
            return
        if kind == "sent":
            self._sent(event, rec)
        elif kind == "delivered":
            self._delivered(event.t, rec)
        elif kind == "lost" or kind == "dropped":
            flow = self._now.get((rec.src, rec.segment.sport, rec.segment.dport))
            if flow is not None and rec.segment.length and not rec.injected:
                flow.fate(rec.id, LOST)
                lo = flow.line(rec.segment.seq)
                flow.lost.add(event.t, lo, lo + rec.segment.length)
        elif kind == "duplicated" and rec.copy_of is not None and rec.segment.length:
            flow = self._now.get((rec.src, rec.segment.sport, rec.segment.dport))
            if flow is not None and not rec.injected:
                flow.copy(event.t, rec.id, rec.segment)

    def _report(self, event: Event, kind: str) -> None:
        flow = self._conns.get((event.host, event.conn))
        if flow is None:
            return
        if kind == "cwnd":
            for key, value in event.data:
                if key == "cwnd":
                    flow.cwnd.add(event.t, value)  # type: ignore[arg-type]
                elif key == "ssthresh":
                    flow.ssthresh.add(event.t, NOTHING if value is None else value)  # type: ignore[arg-type]
        elif kind == "rto":
            srtt = event.get("srtt")
            if srtt is not None:
                flow.srtt.add(event.t, srtt)  # type: ignore[arg-type]
        elif event.get("name") == "rtx" and event.get("op") == "armed":
            at = event.get("at")
            if at is not None:
                flow.rto.add(event.t, at - event.t)  # type: ignore[operator]
        elif event.get("name") == "rtx" and event.get("op") == "fired":
            flow.sacked = []  # RFC 2018 section 8: after a timeout what was SACKed is not relied on

    def _sent(self, event: Event, rec: SegmentRecord) -> None:
        seg = rec.segment
        if rec.injected:
            return  # a hand-made segment tells nothing about what the endpoint knows
        key = rec.src, seg.sport, seg.dport
        flow = self._now.get(key)
        other = flow is not None and ((seg.seq - flow.iss) % MOD32 != 0 or 0 != event.conn != flow.conn != 0)
        if (flow is None and not seg.flags & RST) or (other and seg.flags & SYN):
            flow = self._now[key] = Flow(rec.src, rec.dst, seg.sport, seg.dport, seg.seq)
            self.flows.append(flow)
        if flow is None:
            return
        if event.conn:
            flow.conn = event.conn
            self._conns[rec.src, event.conn] = flow
        if seg.length:
            flow.send(event.t, rec.id, seg, rec.repeated or seg.rtx > 0)
        if seg.flags & ACK:
            back = self._now.get((rec.dst, seg.dport, seg.sport))
            if back is not None:
                ack = back.line(seg.ack)
                if back.taken.last < ack <= back.nxt:
                    back.taken.add(event.t, ack)

    def _delivered(self, t: int, rec: SegmentRecord) -> None:
        seg = rec.segment
        flow = self._now.get((rec.src, seg.sport, seg.dport))
        if flow is not None and seg.length and not rec.injected:
            flow.fate(rec.id, ARRIVED)
            if seg.payload:
                flow.arrived.add(t, max(flow.arrived.last, 0) + len(seg.payload))
        if seg.flags & ACK and not seg.flags & RST:
            back = self._now.get((rec.dst, seg.dport, seg.sport))
            if back is not None:
                back.acknowledged(t, seg, rec.shift)
