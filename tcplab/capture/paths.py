"""The states both ends of a captured connection must have passed, through the one table of transitions. Inferred.

A capture shows what was sent, not what arrived. A host that acknowledges a number has received what bears it; a host
that sends its SYN or FIN again has not seen the answer; what nothing contradicts is taken to have arrived, in the order
in which it was sent. What leaves no trace on the wire (the end of TIME-WAIT, giving up) is not inferred.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import NamedTuple

from tcplab.tcp.segment import ACK, FIN, MOD32, RST, SYN
from tcplab.tcp.state import Event as E
from tcplab.tcp.state import IllegalTransition, State, transition

from .signs import ahead


class Seen(NamedTuple):
    """A captured segment: its index, when (ns), from which side, and its numbers."""

    index: int
    t: int
    side: int
    seq: int
    ack: int
    flags: int
    text: int

    @property
    def end(self) -> int:
        return (self.seq + self.text + ((self.flags & SYN) >> 1) + (self.flags & FIN)) % MOD32


class Step(NamedTuple):
    """One inferred transition of the host on `side`: at which segment (index) it shows, when, and the table's row."""

    index: int
    t: int
    side: int
    source: State
    target: State
    event: str
    clause: str


class _End:
    """One host as far as the wire shows it. `pending` is what was sent to it and has not visibly arrived."""

    def __init__(self, side: int) -> None:
        self.side = side
        self.state = State.CLOSED
        self.passive = False
        self.iss: int | None = None
        self.fin: int | None = None
        self.pending: deque[Seen] = deque()


class Paths:
    """Both hosts' inferred states. `take` each segment in order, then `finish`; `steps` is what was inferred."""

    def __init__(self) -> None:
        self.ends = (_End(0), _End(1))
        self.steps: list[Step] = []
        self._now: Seen | None = None

    @property
    def states(self) -> tuple[str, str]:
        return str(self.ends[0].state), str(self.ends[1].state)

    def take(self, seen: Seen) -> None:
        """Take in the next segment."""
        self._now = seen
        me, peer = self.ends[seen.side], self.ends[1 - seen.side]
        self._arrivals(me, seen)
        self._sends(me, seen)
        peer.pending.append(seen)
        if seen.flags & RST and not seen.flags & SYN:
            self._settle(peer)

    def finish(self) -> None:
        """No more is captured: what nothing contradicts has arrived."""
        for end in self.ends:
            self._settle(end)

    def _settle(self, end: _End) -> None:
        while end.pending:
            self._arrive(end, end.pending.popleft())

    def _arrivals(self, me: _End, sent: Seen) -> None:
        """What `me` must have received, since it sends this."""
        if sent.flags & RST and me.state is State.CLOSED:
            # A RST out of CLOSED answers what found no connection.
            me.pending.clear()
            return
        if sent.flags & SYN and me.iss == sent.seq or (sent.flags & FIN and me.fin == sent.end):
            # It sends its SYN or FIN again: what would have answered it was lost. What it acknowledges did arrive.
            me.pending = deque(seen for seen in me.pending if seen.end != seen.seq)
        if not sent.flags & ACK:
            return
        while me.pending and (ahead(me.pending[0].end, sent.ack) <= 0 or me.pending[0].flags & RST):
            self._arrive(me, me.pending.popleft())
        # A number that was lost the first time may stand behind what was not acknowledged yet.
        if any(ahead(seen.end, sent.ack) <= 0 and seen.flags & (SYN | FIN) for seen in me.pending):
            kept = [seen for seen in me.pending if ahead(seen.end, sent.ack) > 0]
            for seen in [seen for seen in me.pending if ahead(seen.end, sent.ack) <= 0]:
                self._arrive(me, seen)
            me.pending = deque(kept)

    def _sends(self, me: _End, sent: Seen) -> None:
        """What sending this says about the sender itself."""
        if sent.flags & RST:
            self._move(me, E.ABORT)
        elif sent.flags & SYN:
            if sent.flags & ACK and me.state is State.CLOSED:
                # An answer to a SYN that was not captured.
                peer = self.ends[1 - me.side]
                if peer.state is State.CLOSED:
                    self._move(peer, E.ACTIVE_OPEN)
                    peer.iss = (sent.ack - 1) % MOD32
                me.passive = True
                self._move(me, E.PASSIVE_OPEN)
                self._move(me, E.RCV_SYN)
            elif not sent.flags & ACK and me.state is State.CLOSED:
                self._move(me, E.ACTIVE_OPEN)
            me.iss = sent.seq
        else:
            self._already_open(me)
        if sent.flags & FIN and not sent.flags & RST and me.fin is None:
            self._move(me, E.CLOSE)
            me.fin = sent.end

    def _already_open(self, me: _End) -> None:
        """A capture that begins in the middle: who sends without a SYN before is in a connection already."""
        if self.ends[0].state is State.CLOSED and self.ends[1].state is State.CLOSED and not self.steps:
            for end in self.ends:
                end.state = State.ESTABLISHED
        elif me.state is State.CLOSED and me.iss is None and self.ends[1 - me.side].iss is None:
            me.state = State.ESTABLISHED

    def _arrive(self, me: _End, seen: Seen) -> None:
        """`seen` reaches `me`: its SYN, the ACK of our SYN or FIN, its FIN, its RST, in the RFC's order (3.10.7.4)."""
        if seen.flags & RST:
            event = E.RCV_RST_PASSIVE if me.state is State.SYN_RECEIVED and me.passive else E.RCV_RST
            self._move(me, event)
            return
        if seen.flags & SYN:
            self._syn_arrives(me, seen)
        elif me.state is State.SYN_RECEIVED and self._covers(seen, me.iss):
            self._move(me, E.RCV_ACK_OF_SYN)
        of_fin = me.fin is not None and seen.flags & ACK and ahead(seen.ack, me.fin) >= 0
        fin = bool(seen.flags & FIN)
        if of_fin and fin and me.state is State.FIN_WAIT_1:
            self._move(me, E.RCV_FIN_AND_ACK_OF_FIN)
            return
        if of_fin and me.state in (State.FIN_WAIT_1, State.CLOSING, State.LAST_ACK):
            self._move(me, E.RCV_ACK_OF_FIN)
        if fin and me.state in (State.ESTABLISHED, State.FIN_WAIT_1, State.FIN_WAIT_2):
            self._move(me, E.RCV_FIN)

    def _syn_arrives(self, me: _End, seen: Seen) -> None:
        if me.state is State.CLOSED and not seen.flags & ACK:
            me.passive = True
            self._move(me, E.PASSIVE_OPEN)
        if me.state is State.LISTEN:
            self._move(me, E.RCV_SYN)
        elif me.state is State.SYN_SENT:
            self._move(me, E.RCV_SYN_ACK if self._covers(seen, me.iss) else E.RCV_SYN)
        elif me.state is State.SYN_RECEIVED and self._covers(seen, me.iss):
            # Simultaneous open: the other side's SYN,ACK acknowledges ours.
            self._move(me, E.RCV_ACK_OF_SYN)

    @staticmethod
    def _covers(seen: Seen, number: int | None) -> bool:
        """Whether a segment acknowledges the SYN numbered `number` (not captured: it must have been)."""
        return bool(seen.flags & ACK) and (number is None or ahead(seen.ack, number) > 0)

    def _move(self, end: _End, event: E) -> None:
        """Through the table; what it does not list does not happen."""
        try:
            row = transition(end.state, event)
        except IllegalTransition:
            return
        end.state = row.target
        self.steps.append(Step(self._now.index, self._now.t, end.side, row.source, row.target, str(event), row.clause))


def infer(segments: Iterable[Seen]) -> Paths:
    """Both hosts' inferred states over a whole connection."""
    paths = Paths()
    for seen in segments:
        paths.take(seen)
    paths.finish()
    return paths
