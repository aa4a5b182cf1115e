"""RACK: loss is judged by time (RFC 8985 sections 5 and 6).

A segment is lost when one sent later has arrived and a round trip plus the reordering window has passed since it was
sent. Each entry of the retransmission queue knows when it was last sent; `Rack` knows the latest that arrived.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import frto, loss, output, recovery_sack, timestamps, tlp
from .plain import Plain
from .scoreboard import DUP_THRESH, News
from .seq import MASK32
from .timers import seconds

if TYPE_CHECKING:
    from .send_queue import Sent
    from .tcb import TCB

#: How long a minimum of the round trip is believed (RFC 8985 6.2 step 1: a windowed minimum).
_MIN_RTT_WINDOW_NS = 10_000_000_000
#: Recoveries without a D-SACK after which the reordering window shrinks again. RFC 8985 6.2 step 4
_PERSIST = 16


class Rack(Plain):
    """`xmit_ts`, `end_seq`, `rtt`: of the most recently sent segment that arrived; `fack` the highest number that did.

    `min_rtt` with its instant; `reordering_seen`, `mult`, `persist`, `dsack_round` make the reordering window;
    `sacked` entries marked; `lost` octets judged lost and not sent again yet; `reo_at` when the reordering timer is
    due. `rto_at` is the time-out's deadline while another timer stands in for it; the `tlp_` fields are `tlp`'s.
    """

    __slots__ = ("xmit_ts", "end_seq", "rtt", "fack", "min_rtt", "min_rtt_at", "reordering_seen", "mult", "persist",
                 "dsack_round", "sacked", "lost", "reo_at", "rto_at", "pto_due", "tlp_end", "tlp_again", "sampled")

    def __init__(self) -> None:
        self.xmit_ts = self.end_seq = self.fack = -1
        self.rtt = 0
        self.min_rtt: int | None = None
        self.min_rtt_at = 0
        self.reordering_seen = False
        self.mult, self.persist = 1, 0
        self.dsack_round: int | None = None
        self.sacked = self.lost = 0
        self.reo_at: int | None = None
        self.rto_at: int | None = None
        self.pto_due = False
        self.tlp_end: int | None = None
        self.tlp_again = False
        self.sampled = True


def let_go(tcb: TCB) -> None:
    """Another engine takes over: what is due remains due."""
    if tcb.queue.sent and tcb.timers.rtx is None and tcb.irs is not None:
        tcb.timers.rtx = tcb.rack.rto_at or tcb.now + tcb.rto.rto
    tcb.timers.reo = tcb.timers.pto = None


# -- what arrives ----------------------------------------------------------------------------------------------------

def delivered(tcb: TCB, marked: list[Sent] | tuple, ack: int, echo: int | None, now: int) -> None:
    """Steps 1 to 3, for every segment that this ACK reports for the first time, before it leaves the queue."""
    rack = tcb.rack
    for entry in tcb.queue.sent:
        if entry.end > ack:
            if entry.lost and entry.seq < ack:
                rack.lost -= ack - entry.seq
            break
        if entry.sacked:
            rack.sacked -= 1
        else:
            arrived(tcb, rack, entry, echo, now)
    for entry in marked:
        rack.sacked += 1
        arrived(tcb, rack, entry, None, now)


def arrived(tcb: TCB, rack: Rack, entry: Sent, echo: int | None, now: int) -> None:
    """`entry` has arrived: RACK.rtt, RACK.xmit_ts, RACK.end_seq, min RTT, and whether it overtook or was overtaken."""
    if entry.lost:
        entry.lost = False
        rack.lost -= entry.end - entry.seq
    rtt, end = now - entry.sent_at, entry.end
    if end > rack.fack:
        rack.fack = end
    elif end < rack.fack and not entry.count:
        if not rack.reordering_seen:
            tcb.tell("ack", "rack-reordering", (entry.seq & MASK32,), acked=0, una=tcb.snd_una & MASK32)
        rack.reordering_seen = True  # 6.2 step 3
    if entry.count:
        # The ACK may be for the first transmission (6.2 step 2). TSecr can tell only for what it acknowledges: beside
        # a SACK block it echoes an earlier segment by rule (RFC 7323 section 4.3).
        if echo is not None and timestamps.older(echo, timestamps.clock(tcb, entry.sent_at)):
            return
        if rack.min_rtt is not None and rtt < rack.min_rtt:
            return
    elif rack.min_rtt is None or rtt <= rack.min_rtt or now - rack.min_rtt_at > _MIN_RTT_WINDOW_NS:
        rack.min_rtt, rack.min_rtt_at = rtt, now  # step 1
    rack.sampled = True
    rack.rtt = rtt
    if entry.sent_at > rack.xmit_ts or (entry.sent_at == rack.xmit_ts and end > rack.end_seq):
        rack.xmit_ts, rack.end_seq = entry.sent_at, end


def acknowledged(tcb: TCB, acked: int, delivered: int, news: News | None, flight: int, now: int) -> None:
    """The rest of what an ACK means: steps 4 and 5, recovery's beginning and end, cwnd."""
    rack, recovery = tcb.rack, tcb.recovery
    was_recovering = recovery.active or in_rto_recovery(tcb, tcb.snd_una - acked)
    if acked:
        recovery.dup_acks = 0
        recovery.limited_from = None
        rack.pto_due = True  # RFC 8985 7.2
    elif news is not None and news.new:
        recovery_sack.tell_duplicate(tcb)
    reordering_window_follows(tcb, news, was_recovering)
    if rack.tlp_end is not None:
        tlp.acknowledged(tcb, news, False, now)
    if recovery.active and tcb.snd_una > recovery.recover:
        loss.leave(tcb)
        acked_outside = 0  # the ACK that ends recovery sets cwnd, it does not grow it as well
    else:
        acked_outside = 0 if recovery.active else acked
    if tcb.frto is not None:
        frto.acked(tcb, acked, 0 if news is None else tcb.frto.below(news), now)
    recovering = recovery.active
    again = judge(tcb, delivered, now) if tcb.frto is None else 0
    if recovering:
        loss.proportional(tcb, delivered, acked > 0 and not again)
    elif acked_outside and not recovery.active:
        before = tcb.cc.cwnd
        tcb.cc.ack(acked_outside, flight)
        if tcb.cc.cwnd != before:
            tcb.tell_cwnd(tcb.cc.grew(before), acked_outside)
    recovery.extra = tcb.board.total if recovery.active or tcb.config.limited_transmit else 0


def in_rto_recovery(tcb: TCB, una: int) -> bool:
    """Whether what was outstanding at the last time-out (or in the last recovery) is not all acknowledged at `una`."""
    recover = tcb.recovery.recover
    return recover is not None and una <= recover and not tcb.recovery.active


def reordering_window_follows(tcb: TCB, news: News | None, was_recovering: bool) -> None:
    """Step 4, the part with a memory: a round with a D-SACK widens the window, sixteen recoveries without reset it."""
    rack = tcb.rack
    if rack.dsack_round is not None and tcb.snd_una >= rack.dsack_round:
        rack.dsack_round = None
    if news is not None and news.twice is not None and rack.dsack_round is None:
        rack.dsack_round = tcb.snd_nxt
        rack.mult += 1
        rack.persist = _PERSIST
    elif was_recovering and tcb.snd_una > tcb.recovery.recover:
        rack.persist -= 1
        if rack.persist <= 0:
            rack.mult = 1


def reordering_window(tcb: TCB) -> int:
    """RACK.reo_wnd in ns (RFC 8985 6.2 step 4): a quarter of the least round trip, at most SRTT; none while no
    reordering was ever seen and loss is likely."""
    rack = tcb.rack
    if not rack.reordering_seen and (rack.sacked >= DUP_THRESH or tcb.recovery.active
                                     or in_rto_recovery(tcb, tcb.snd_una)):
        return 0
    wnd = rack.mult * (rack.min_rtt or 0) // 4
    srtt = tcb.rto.srtt
    return wnd if srtt is None else min(wnd, srtt)


def judge(tcb: TCB, delivered: int, now: int) -> int:
    """Step 5, and what follows from it: recovery begins, or comes down further. Returns the octets newly lost."""
    lost, sent_again = detect(tcb, now)
    recovery = tcb.recovery
    if lost and not recovery.active and not in_rto_recovery(tcb, tcb.snd_una):
        enter(tcb, delivered, now)
    elif sent_again and recovery.active and tcb.prr is None:
        # RFC 8985 9.3: without PRR a lost retransmission is congestion once more
        loss.reduce(tcb, delivered, again=True)
    return lost


def detect(tcb: TCB, now: int) -> tuple[int, bool]:
    """RACK_detect_loss(): mark what is lost; returns the octets newly marked, and whether one was a retransmission."""
    rack = tcb.rack
    xmit_ts, end_seq = rack.xmit_ts, rack.end_seq
    wait: int | None = None
    lost, sent_again, patience = 0, False, None
    for entry in tcb.queue.sent:
        at = entry.sent_at
        if at > xmit_ts or (at == xmit_ts and entry.end >= end_seq):
            if not entry.count:
                break  # sent later than what arrived, and everything behind it later still
            continue
        if entry.sacked or entry.lost:
            continue
        if patience is None:
            patience = rack.rtt + reordering_window(tcb)
        if at + patience <= now:
            entry.lost = True
            lost += entry.end - entry.seq
            sent_again = sent_again or entry.count > 0
        elif wait is None or at + patience > wait:
            wait = at + patience
    rack.lost += lost
    rack.reo_at = wait
    return lost, sent_again


def enter(tcb: TCB, delivered: int, now: int) -> None:
    """Fast recovery begins: the first lost segment goes at once, the others as congestion control allows (9.3)."""
    recovery = tcb.recovery
    recovery.active = True
    recovery.recover = tcb.snd_nxt - 1
    tcb.rtx_nxt = tcb.rtx_end = tcb.snd_una
    loss.reduce(tcb, delivered)
    loss.proportional(tcb, delivered, False)
    for entry in tcb.queue.sent:
        if entry.lost:
            return resend(tcb, entry, now)


def resend(tcb: TCB, entry: Sent, now: int) -> None:
    output.retransmit(tcb, entry, now, "rack", "rtx-rack", entry.seq & MASK32, seconds(now - entry.sent_at))


# -- what goes out ---------------------------------------------------------------------------------------------------

def pipe(tcb: TCB) -> int:
    """Sent and neither reported nor judged lost; a lost segment sent again counts again."""
    return max(tcb.snd_nxt - tcb.snd_una - tcb.board.total - tcb.rack.lost, 0)


def transmit(tcb: TCB, now: int) -> bool:
    """Send lost segments again, lowest first, while cwnd allows [RFC 8985 9.3]; True when none is left waiting."""
    rack = tcb.rack
    if not rack.lost:
        return True
    flying = pipe(tcb)
    for entry in tcb.queue.sent:
        if not entry.lost:
            continue
        size = entry.end - entry.seq
        if flying and flying + size > tcb.cc.cwnd:
            return False
        resend(tcb, entry, now)
        flying += size
        if not rack.lost:
            break
    return True


# -- timers ----------------------------------------------------------------------------------------------------------

def reordering_timeout(tcb: TCB, now: int) -> None:
    """The reordering timer: what still has not arrived is lost (RFC 8985 6.2 step 5)."""
    tcb.rack.reo_at = None
    judge(tcb, 0, now)
    output.output(tcb, now)


def timed_out(tcb: TCB, now: int) -> None:
    """RACK_mark_losses_on_RTO(): the front, and what was sent more than a round trip ago (RFC 8985 section 6.3).

    Under F-RTO only the front: the rest waits for the verdict.
    """
    rack = tcb.rack
    rack.sacked = rack.lost = 0
    rack.reo_at = rack.rto_at = rack.tlp_end = None
    rack.pto_due = False
    patience = rack.rtt + reordering_window(tcb)
    for index, entry in enumerate(tcb.queue.sent):
        entry.lost = index == 0 or (tcb.frto is None and entry.sent_at + patience <= now)
        if entry.lost:
            rack.lost += entry.end - entry.seq


def all_lost(tcb: TCB, left: int, right: int) -> None:
    """The time-out was right: everything in [left, right) that is not marked is to be sent again."""
    for entry in tcb.queue.sent:
        if left <= entry.seq and entry.end <= right and not entry.sacked and not entry.lost:
            entry.lost = True
            tcb.rack.lost += entry.end - entry.seq
