"""F-RTO: was the time-out spurious? (RFC 5682 sections 2.1 and, with SACK, 3.1).

After a time-out only the front is sent again. If the next ACKs report segments that were not sent again, the originals
were merely late and going back is a waste. Nothing is undone: congestion control proceeds as after any time-out
(section 4).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import output, rack
from .plain import Plain
from .seq import MASK32

if TYPE_CHECKING:
    from .scoreboard import News
    from .tcb import TCB


class Frto(Plain):
    """`step` of the algorithm (2 or 3); `front_end` the end of the segment sent again; `recover` SND.NXT at the
    time-out."""

    __slots__ = ("step", "front_end", "recover")

    def __init__(self, front_end: int, recover: int) -> None:
        self.step = 2
        self.front_end = front_end
        self.recover = recover

    def below(self, news: News) -> int:
        """How many entries newly reported by SACK were outstanding at the time-out and not sent again."""
        return sum(entry.end <= self.recover and not entry.count for entry in news.entries)


def possible(tcb: TCB) -> bool:
    """Asked when the timer expires, before anything else: not when recovering from a time-out already, nor out of a
    recovery by SACK (RFC 5682 section 2.1 step 1, section 3.1)."""
    recovery = tcb.recovery
    if not tcb.config.frto or tcb.rtx_nxt < tcb.rtx_end or tcb.snd_wnd == 0:
        return False
    if recovery.active:
        return not tcb.by_sack
    return recovery.recover is None or tcb.snd_una > recovery.recover


def start(tcb: TCB) -> None:
    """Step 1: the front is about to be sent again."""
    tcb.frto = Frto(tcb.queue.sent[0].end, tcb.snd_nxt)


def acked(tcb: TCB, acked: int, below: int, now: int) -> None:
    """An ACK: SND.UNA moved by `acked` (0: a duplicate); by SACK it reports `below` segments that were not resent."""
    state = tcb.frto
    una = tcb.snd_una
    if state.step == 3:
        if acked or below:
            return spurious(tcb)
        tcb.cc.cwnd = min(tcb.cc.cwnd, 3 * tcb.smss)  # step 3a
        return conventional(tcb)
    if not acked:
        if not tcb.by_sack:  # step 2a; with SACK duplicates do not decide (section 3.1)
            conventional(tcb)
        return
    if una >= state.recover or una < state.front_end:  # step 2a
        return conventional(tcb)
    before = tcb.snd_nxt
    if tcb.fin_seq is None and tcb.queue.end > before:
        output.send_text(tcb, now, False, before + 2 * tcb.smss)  # step 2b: up to two new segments
    if tcb.snd_nxt == before:
        return conventional(tcb)
    state.step = 3


def conventional(tcb: TCB) -> None:
    """The time-out was right, or nothing can be found out: send again what was outstanding, in slow start."""
    state, tcb.frto = tcb.frto, None
    tcb.tell("ack", "frto-genuine", (), acked=0, una=tcb.snd_una & MASK32)
    left = max(tcb.snd_una, state.front_end)
    if tcb.rack is not None:
        rack.all_lost(tcb, left, state.recover)
    elif left < state.recover:
        tcb.rtx_nxt, tcb.rtx_end = left, state.recover


def spurious(tcb: TCB) -> None:
    """Step 3b: nothing was lost; duplicate ACKs may start a recovery again (recover = SND.UNA)."""
    tcb.frto = None
    tcb.recovery.recover = tcb.snd_una - 1
    if tcb.rack is not None:
        tcb.rack.xmit_ts = tcb.rack.end_seq = -1  # the front's first copy was acknowledged, not the one sent again
    tcb.tell("ack", "frto-spurious", (tcb.snd_una & MASK32,), acked=0, una=tcb.snd_una & MASK32)
