"""Header prediction (RFC 7323 section 5.6): what a connection in ESTABLISHED can expect, text within the window, an ACK
of what was sent or a SACK, is taken without going through the eight checks of RFC 9293 section 3.10.7.4 one by one.

Nothing is decided here. A segment is taken only when every check would let it pass untouched, and then the same
functions do the same in the same order; all others go the long way.
It is there for speed: nearly every segment of a bulk transfer is such a one, and costs a quarter less that way
(``python -m tests.bench``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import arrives_ack, arrives_text, output, sack_ack
from .segment import ACK, PSH, Segment
from .seq import MASK32
from .state import State

if TYPE_CHECKING:
    from .tcb import TCB

_ACK_PSH = ACK | PSH
#: Before Python 3.12 looking up a member of an enumeration takes 0.1 us.
_ESTABLISHED = State.ESTABLISHED
_HALF = 1 << 31


def taken(tcb: TCB, seg: Segment, now: int) -> bool:
    """Whether `seg` was as expected and has been processed; nothing has happened when it was not."""
    options, text = seg.options, seg.payload
    nxt, una = tcb.rcv_nxt, tcb.snd_una
    ahead, early = (seg.ack - una) & MASK32, (seg.seq - nxt) & MASK32
    blocks = options.sack
    if (tcb.state is not _ESTABLISHED or seg.flags | PSH != _ACK_PSH or early + len(text) > tcb.rcv_adv - nxt
            or ahead > tcb.snd_nxt - una or (early and not text) or not (ahead or text or blocks)):
        return False
    if (not seg.wnd or tcb.probes_unanswered or tcb.timers.persist is not None or tcb.ecn is not None
            or tcb.reassembly.fin is not None or (blocks and not tcb.by_sack)):
        return False
    echo, left = None, nxt + early
    if tcb.ts_on:
        stamp = options.ts
        if stamp is None or (stamp[0] - tcb.ts_recent) & MASK32 > _HALF:
            return False
        if left <= tcb.last_ack_sent:  # RFC 7323 5.3 R3
            tcb.ts_recent, tcb.ts_recent_at = stamp[0], now
        echo = stamp[1]
    tcb.heard = True
    wnd = seg.wnd << tcb.snd_shift
    if tcb.by_sack and (ahead or blocks):
        sack_ack.with_news(tcb, blocks, echo, wnd, left, una + ahead, now)
    else:
        arrives_ack.update_window(tcb, wnd, left, una + ahead)
        if ahead:
            arrives_ack.advance_una(tcb, una + ahead, now, echo)
    if early:
        arrives_text.early(tcb, seg, left, text)
    elif text:
        arrives_text.in_order(tcb, seg, nxt, text, now)
    if ahead or blocks or tcb.queue.text:  # nothing new can leave otherwise
        output.output(tcb, now)
    return True
