"""When to acknowledge (RFC 9293 section 3.8.6.3, RFC 5681 section 4.2).

An ACK that is due is first noted (`due`) and leaves when the owner drains the segments, so that it can ride on text
or a FIN that the user's reaction to the arrival brings forth [MUST-58, MUST-59]. Duplicate ACKs leave at once, one
for each arrival, because the peer counts them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import output, timers
from .segment import ACK
from .why import Why, because

if TYPE_CHECKING:
    from .tcb import TCB


def due(tcb: TCB, code: str, *args: object) -> None:
    """An ACK must leave with the next segment, or on its own at the next drain."""
    tcb.ack_pending = because(code, *args)


def at_once(tcb: TCB, code: str, *args: object) -> None:
    """Send <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK> now (RFC 9293 section 3.10.7.4)."""
    output.emit(tcb, tcb.snd_nxt, ACK, b"", Why(code, args))


def flush(tcb: TCB) -> None:
    """The owner drains: send the ACK that is due and found nothing to ride on."""
    if tcb.ack_pending is not None:
        output.emit(tcb, tcb.snd_nxt, ACK, b"", tcb.ack_pending)


def text_in_order(tcb: TCB, length: int, filled_hole: bool, now: int) -> None:
    """New text of `length` bytes moved RCV.NXT: acknowledge now or a little later (RFC 5681 section 4.2)."""
    config = tcb.config
    if filled_hole:
        due(tcb, "ack-hole-filled", tcb.rcv_nxt & 0xFFFFFFFF)  # RFC 5681 4.2: at once when a hole is filled
    elif not config.delack:
        due(tcb, "ack-data", tcb.rcv_nxt & 0xFFFFFFFF)
    elif tcb.quick_acked < config.quick_acks:
        tcb.quick_acked += 1
        due(tcb, "ack-quick", tcb.rcv_nxt & 0xFFFFFFFF)
    else:
        tcb.unacked_segments += 1
        tcb.unacked_bytes += length
        # RFC 9293 3.8.6.3 [SHLD-19]: at least every second segment
        if tcb.unacked_segments >= 2 or tcb.unacked_bytes >= 2 * config.mss:
            due(tcb, "ack-second", tcb.rcv_nxt & 0xFFFFFFFF)
        elif tcb.timers.delack is None and tcb.ack_pending is None:
            # RFC 9293 3.8.6.3 [MUST-40]: counted from the first segment that waits
            tcb.timers.delack = now + config.delack_ns
            if tcb.telling:
                timers.tell_armed(tcb, "delack", now, "delack-armed")
