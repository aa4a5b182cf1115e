"""Tail loss probe, and the one timer of RACK-TLP (RFC 8985 sections 7 and 8).

When the last segments of a flight are lost no ACK comes that could tell. After about two round trips of silence a
probe is sent: new text, or the last segment again; what its ACK reports lets RACK find the loss without a time-out.
Of the reordering timer, the probe timer and the retransmission timer only one runs at a time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import loss, output, rack, timers
from .scoreboard import News
from .seq import MASK32
from .timers import NAMES, seconds

if TYPE_CHECKING:
    from .tcb import TCB

#: TLP.max_ack_delay: how long the peer may hold the ACK of a lone segment. RFC 8985 7.2
MAX_ACK_DELAY_NS = 200_000_000
_UNMEASURED_NS = 1_000_000_000


def rearm(tcb: TCB, now: int) -> None:
    """After everything that happened at this instant: run the timer that is due, and no other (RFC 8985 section 8)."""
    state, running = tcb.rack, tcb.timers
    if not tcb.queue.sent:
        if state.rto_at is not None or running.pto is not None or running.reo is not None:
            idle(tcb)
        return
    deadline = running.rtx if running.rtx is not None else state.rto_at
    if deadline is None:
        deadline = now + tcb.rto.rto
    if state.reo_at is not None:
        state.rto_at = deadline
        running.rtx = running.pto = None
        if running.reo != state.reo_at:
            timers.arm(tcb, "reo", now, max(state.reo_at - now, 0), "reo-armed")
        return
    running.reo = None
    if may_probe(tcb):
        if state.pto_due:
            state.pto_due = False
            state.rto_at = deadline
            running.rtx = None
            running.pto = at = min(now + timeout(tcb), deadline)
            if tcb.telling:
                tcb.tell("timer", "pto-armed", (seconds(at - now),), name=NAMES["pto"], op="armed", at=at)
            return
        if running.pto is not None:
            return
    running.pto = state.rto_at = None
    if running.rtx is None:
        running.rtx = deadline
        if tcb.telling:
            tcb.tell("timer", "rtx-resumed", (seconds(deadline - now),), name=NAMES["rtx"], op="armed", at=deadline)


def idle(tcb: TCB) -> None:
    """Nothing is outstanding: no timer of these runs."""
    state = tcb.rack
    state.rto_at = state.reo_at = None
    state.pto_due = False
    timers.stop(tcb, "pto", "rtx-stopped")
    timers.stop(tcb, "reo", "rtx-stopped")


def may_probe(tcb: TCB) -> bool:
    """A probe is for silence: not in recovery, nothing reported by SACK, the window open (RFC 8985 section 7.2)."""
    return not (tcb.recovery.active or tcb.board.total or tcb.snd_wnd == 0 or tcb.rtx_count
                or rack.in_rto_recovery(tcb, tcb.snd_una))


def timeout(tcb: TCB) -> int:
    """PTO in ns (RFC 8985 section 7.2, TLP_calc_PTO)."""
    srtt = tcb.rto.srtt
    if srtt is None:
        return _UNMEASURED_NS
    if len(tcb.queue.sent) == 1:
        return 2 * srtt + MAX_ACK_DELAY_NS
    return 2 * srtt


def fired(tcb: TCB, now: int) -> None:
    """The probe timer: one probe, if none is under way and something was measured since the last (section 7.3)."""
    state, queue = tcb.rack, tcb.queue
    if not queue.sent:
        return
    if state.tlp_end is None and state.sampled:
        before = tcb.snd_nxt
        if tcb.fin_seq is None and queue.end > before:
            output.send_text(tcb, now, True, before + tcb.smss)  # one segment beyond cwnd
        state.tlp_again = tcb.snd_nxt == before
        if state.tlp_again:
            entry = queue.sent[-1]
            output.retransmit(tcb, entry, now, "tlp", "rtx-tail-probe", entry.seq & MASK32)
        else:
            tcb.tell("ack", "tail-probe-new", (before & MASK32,), acked=0, una=tcb.snd_una & MASK32)
        state.tlp_end = tcb.snd_nxt
        state.sampled = False
    # The probe's own silence is the retransmission timer's business. RFC 8985 7.3
    timers.arm(tcb, "rtx", now, tcb.rto.rto, "rtx-armed")
    state.rto_at = None
    state.pto_due = False


def acknowledged(tcb: TCB, news: News | None, plain: bool, now: int) -> None:
    """TLP_process_ack(): was the probe needed, and did it repair a loss that nobody else noticed (section 7.4.2)?"""
    state = tcb.rack
    end, una = state.tlp_end, tcb.snd_una
    if una < end:
        return
    if not state.tlp_again:
        state.tlp_end = None  # all that was sent before the probe has arrived
    elif news is not None and news.twice is not None and news.twice[1] == end:
        state.tlp_end = None  # the original and the probe both arrived
    elif una > end:
        state.tlp_end = None
        if not tcb.recovery.active:  # the probe filled the gap: still a loss, still congestion
            loss.reduce(tcb, 0)
            loss.settle(tcb)
    elif plain:
        state.tlp_end = None
