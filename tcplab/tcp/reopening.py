"""A new SYN in TIME-WAIT: an old duplicate, or a peer that wants a new connection between the same sockets (RFC 6191,
RFC 9293 section 3.6.1 [MAY-2, SHLD-4])?

Timestamps decide where both connections have them, else the sequence number: it must lie beyond the old FIN.
"""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING

from . import timers
from .segment import ACK, RST, SYN, Segment
from .seq import MASK32, unwrap
from .state import Event, State

if TYPE_CHECKING:
    from .tcb import TCB

_HALF = 1 << 31


def is_new_syn(seg: Segment) -> bool:
    return seg.flags & (SYN | ACK | RST) == SYN


def is_younger(tcb: TCB, seg: Segment) -> bool:
    """Whether the SYN cannot be an old duplicate (RFC 6191 section 2)."""
    beyond = unwrap(seg.seq, tcb.rcv_nxt) >= tcb.rcv_nxt  # RCV.NXT is one past the FIN
    last = tcb.ts_recent if tcb.ts_on else None
    stamp = seg.options.ts[0] if seg.options.ts is not None else None
    if stamp is None:  # [6191-03, 6191-05]
        return beyond
    if last is None:  # [6191-04]
        return True
    if stamp == last:  # [6191-02]
        return beyond
    return (stamp - last) & MASK32 < _HALF  # [6191-01]


def may_reopen(tcb: TCB, seg: Segment) -> bool:
    """Whether `seg` may end TIME-WAIT; the owner asks when somebody listens for it."""
    return tcb.config.rfc6191 and tcb.state is State.TIME_WAIT and is_new_syn(seg) and is_younger(tcb, seg)


def give_way(tcb: TCB, seg: Segment) -> TCB:
    """Delete the old TCB; returns a copy of it, above whose SND.NXT the new connection's ISS must lie and which is
    taken up again when the SYN turns out to be an old duplicate after all (RFC 9293 section 3.6.1)."""
    former = deepcopy(tcb)
    former.forget_queues()
    former.unread.clear()
    former.out.clear()
    former.reports.clear()
    timers.stop_all(tcb, "timer-reopened")
    tcb.move(Event.RCV_NEW_SYN, "move-reopened", seg.seq)
    tcb.delete("gone-reopened", keep_unread=True)
    return former


#: What the TCB keeps of itself when it becomes the former one again.
_OWN = ("config", "local", "remote", "wanted_remote", "state", "now", "gone", "error", "iss_above", "former", "out",
        "reports", "telling")


def restored(tcb: TCB) -> bool:
    """The handshake that re-opened a connection has come to nothing: its SYN was an old duplicate, and TIME-WAIT goes
    on if its time is not over (RFC 9293 section 3.6.1 [MAY-2]). Returns whether it does."""
    former = tcb.former
    if former is None or tcb.state is not State.SYN_RECEIVED or former.timers.time_wait <= tcb.now:
        return False
    timers.stop_all(tcb, "timer-reset")
    tcb.move(Event.REOPEN_FAILED, "move-reopen-failed")
    for name in former.__slots__:
        if name not in _OWN:
            setattr(tcb, name, getattr(former, name))
    tcb.former = None
    return True


def iss_beyond(iss: int, above: int | None) -> int:
    """`iss`, unless it does not lie beyond `above`, the last number of the connection before (RFC 9293 3.6.1)."""
    if above is None or unwrap(iss, above) > above:
        return iss
    return (above + 1) & MASK32


def back_to_listen(tcb: TCB, event: Event, code: str, *args: object) -> None:
    """A half-open connection of a passive OPEN comes to nothing: listen on; the user is not told. One that was
    re-opened goes back to TIME-WAIT instead."""
    if restored(tcb):
        return
    tcb.move(event, code, *args)
    tcb.fresh()
    tcb.passive = True
