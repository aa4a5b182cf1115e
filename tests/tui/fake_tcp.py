"""A little TCP for the fake session: handshake, data, close, and a link that loses what it is told to lose."""

from __future__ import annotations

from tcplab.net.trace import Event, SegmentRecord
from tcplab.net.views import InFlightView
from tcplab.tcp.options import Options
from tcplab.tcp.segment import ACK, FIN, SYN, Segment

DELAY = 50_000_000
NAMES = ("client", "server")
ADDRESS = {"client": "10.0.0.1", "server": "10.0.0.2"}
PORT = {"client": 49152, "server": 80}
ISS = {"client": 4211, "server": 8077}


class TinyTcp:
    """What happens on the wire; FakeSession holds the state."""

    def _event(self, kind: str, rec: SegmentRecord | None = None, host: str = "", **data: object) -> None:
        self.trace.append(Event(self.now, kind, host, 1, rec, None, tuple(data.items())))

    def _move(self, name: str, state: str) -> None:
        self.edges.append((name, self.state[name], state))
        self._event("state", host=name, **{"from": self.state[name], "to": state})
        self.state[name] = state

    def _send_segment(self, name: str, flags: int, payload: bytes = b"") -> None:
        peer = NAMES[name == "client"]
        seq = self.nxt[name]
        options = Options(mss=100) if flags & SYN else Options()
        segment = Segment(
            ADDRESS[name],
            ADDRESS[peer],
            PORT[name],
            PORT[peer],
            seq,
            self.rcv[name] or 0,
            flags,
            4000,
            payload,
            options,
        )
        self.nxt[name] = seq + segment.length
        self._ids += 1
        rec = SegmentRecord(self._ids, None, name, peer, segment, self.now, self.now)
        self._event("sent", rec)
        if self.drop:
            self.drop -= 1
            self._event("lost", rec)
            return
        self.flights.append(InFlightView(rec, self.now, self.now + DELAY))
        self.queue.append((self.now + DELAY, rec))

    def _arrive(self, rec: SegmentRecord) -> None:
        me, seg = rec.dst, rec.segment
        if seg.flags & ACK and self.una[me] is not None:
            self.una[me] = max(self.una[me], seg.ack)
        if seg.flags & SYN:
            self.rcv[me] = seg.seq + 1
            if me == "server":
                self._move(me, "SYN-RECEIVED")
                self.nxt[me] = self.una[me] = ISS[me]
                self._send_segment(me, SYN | ACK)
            else:
                self._move(me, "ESTABLISHED")
                self._send_segment(me, ACK)
            return
        if self.state[me] == "SYN-RECEIVED":
            self._move(me, "ESTABLISHED")
        if self.state[me] in ("FIN-WAIT-1", "LAST-ACK") and seg.ack == self.nxt[me]:
            self._move(me, {"FIN-WAIT-1": "FIN-WAIT-2", "LAST-ACK": "CLOSED"}[self.state[me]])
        if seg.length:
            if seg.seq == self.rcv[me]:
                self.rcv[me] = seg.seq + seg.length
            if seg.flags & FIN:
                self._move(me, "CLOSE-WAIT" if self.state[me] == "ESTABLISHED" else "TIME-WAIT")
            self._send_segment(me, ACK)
