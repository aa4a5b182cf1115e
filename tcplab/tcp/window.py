"""The receive window we offer (RFC 9293 sections 3.8.6 and 3.8.6.2.2).

::

            RCV.NXT            rcv_adv      RCV.NXT + free space
    ...read | unread | ........ | ............ |
                       RCV.WND    not offered yet: opened only in worthwhile steps

The right edge `rcv_adv` never moves left [SHLD-14] and moves right by at least a segment or half the buffer
[MUST-39].
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .config import MAX_WINDOW
from .options import TIMESTAMPS_SIZE
from .why import Why

if TYPE_CHECKING:
    from .tcb import TCB


def initial(tcb: TCB) -> int:
    """RCV.WND before anything arrived, as a SYN carries it."""
    return min(tcb.config.rcvbuf, MAX_WINDOW)


def growth(tcb: TCB) -> int:
    """How far the right edge could move right now; may be negative after RCV.BUFF was made smaller."""
    config = tcb.config
    free = config.rcvbuf - len(tcb.unread)
    shift = tcb.rcv_shift
    if shift:  # RFC 7323 2.3: what the field can say
        free = min(free >> shift, MAX_WINDOW) << shift
    elif free > MAX_WINDOW:
        free = MAX_WINDOW
    return tcb.rcv_nxt + free - tcb.rcv_adv


def worthwhile(tcb: TCB, step: int) -> bool:
    """Receiver's silly window avoidance: open by min(RCV.BUFF/2, MSS) or not at all (RFC 9293 3.8.6.2.2 [MUST-39])."""
    config = tcb.config
    return step >= config.mss - tcb.ts_on * TIMESTAMPS_SIZE or 2 * step >= config.rcvbuf


def offer(tcb: TCB) -> int:
    """The window field of a segment that leaves now; moves the right edge when the step is worthwhile.

    With a shift the field is rounded down, so that what it says may lie less than one step of the field to the left
    of `rcv_adv`, which remains the limit of what is accepted (RFC 7323 section 2.4).
    """
    if tcb.irs is None:
        return initial(tcb)
    step = growth(tcb)
    if step > 0 and worthwhile(tcb, step):
        tcb.rcv_adv += step
    wnd = tcb.rcv_adv - tcb.rcv_nxt
    return wnd >> tcb.rcv_shift if wnd > 0 else 0


def of_syn_ack(tcb: TCB) -> int:
    """The window field of a SYN,ACK, which is never scaled (RFC 7323 section 2.2)."""
    if not tcb.rcv_shift:
        return offer(tcb)
    return min(tcb.rcv_wnd, MAX_WINDOW)


def after_read(tcb: TCB) -> None:
    """The user has read: tell the peer of the new room if it may be waiting for it (RFC 9293 section 3.8.6.2.2).

    A peer that may still send a whole segment is not told by a segment of its own: the ACK of that one will.
    """
    if tcb.ack_pending is not None:
        return
    config, wnd = tcb.config, tcb.rcv_adv - tcb.rcv_nxt
    wnd = wnd >> tcb.rcv_shift << tcb.rcv_shift if wnd > 0 else 0
    if wnd >= config.mss and 2 * wnd >= config.rcvbuf:
        return
    step = growth(tcb)
    if step <= 0 or not worthwhile(tcb, step):
        return
    if wnd < config.mss or config.rcvbuf <= 2 * step:
        tcb.ack_pending = Why("ack-window-update", (wnd, wnd + step))
