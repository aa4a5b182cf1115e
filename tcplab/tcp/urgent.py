"""The urgent pointer: a mark in the stream up to which the receiver should hurry (RFC 9293 section 3.8.5, RFC 6093).

The mark is the number *after* the last urgent byte [MUST-62]; urgent text stays in its place in the stream. New
applications should not use it [SHLD-13]: boxes on the way clear it, and hosts have never agreed on its meaning.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .arrival import Arrival
from .seq import MASK32, unwrap
from .state import State

if TYPE_CHECKING:
    from .tcb import TCB

_FARTHEST = 65535
_STATES = frozenset({State.SYN_SENT, State.ESTABLISHED, State.FIN_WAIT_1, State.FIN_WAIT_2})


def mark(tcb: TCB) -> None:
    """SEND, urgent: SND.UP is the end of what was just queued; it never moves back (RFC 9293 section 3.10.2)."""
    tcb.snd_up = tcb.queue.end


def pointer(tcb: TCB, seq: int) -> int:
    """The urgent pointer of a segment that begins at `seq`, 0 for none; 65535 while the mark is farther away."""
    ahead = tcb.snd_up - seq
    if tcb.snd_una >= tcb.snd_up:
        tcb.snd_up = None
    return min(max(ahead, 0), _FARTHEST)


def read_so_far(tcb: TCB) -> int:
    """The number of the byte that the user reads next."""
    return tcb.rcv_nxt - len(tcb.unread) - tcb.fin_received


def arrived(tcb: TCB, arrival: Arrival) -> None:
    """RCV.UP <- max(RCV.UP, SEG.UP); the user hears of every advance, before reading anything [MUST-32].

    A pointer to what was read already, or to nothing, is no error; after the FIN it is ignored.
    """
    if tcb.fin_received or tcb.state not in _STATES:
        return
    seg, at = arrival.seg, read_so_far(tcb)
    up = unwrap(seg.seq, tcb.rcv_nxt) + seg.up
    if up <= at or (tcb.rcv_up is not None and up <= tcb.rcv_up):
        return
    tcb.rcv_up = up
    tcb.tell("urgent", "urgent-arrived", (up & MASK32, up - at), left=up - at)


def left(tcb: TCB) -> int:
    """How many bytes up to the mark are still to be read, arrived or not; 0 for none [MUST-33]."""
    return 0 if tcb.rcv_up is None else max(tcb.rcv_up - read_so_far(tcb), 0)


def read(tcb: TCB) -> None:
    """The user has read: perhaps beyond the mark."""
    if left(tcb) == 0:
        tcb.rcv_up = None
        tcb.tell("urgent", "urgent-read", (), left=0)
