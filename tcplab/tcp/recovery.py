"""Fast retransmit and fast recovery (RFC 5681 section 3.2) with NewReno's partial ACKs (RFC 6582).

The congestion control decides how much may be outstanding; this file decides what is sent again, and when recovery
begins and ends. `recover` is the highest number sent when the last recovery or time-out began: duplicate ACKs that
do not go beyond it are echoes of that loss and start nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import ecn, frto, limited_transmit, loss, output, timers
from .plain import Plain
from .seq import wrap

if TYPE_CHECKING:
    from .tcb import TCB

DUP_THRESH = 3


class Recovery(Plain):
    """`dup_acks` counted since SND.UNA moved; `active` while in fast recovery, a flag of its own (RFC 6582 3.2).

    `extra` bytes may be outstanding beyond cwnd (limited transmit), `limited_from` is SND.NXT when that began.
    `patience` is when the retransmission timer is due that the first partial ACK restarted; None before it.
    `high_rxt`, `rescue_rxt` and `lost_edge` are those of `recovery_sack`.
    """

    __slots__ = ("dup_acks", "active", "recover", "extra", "limited_from", "patience", "high_rxt", "rescue_rxt",
                 "lost_edge")

    def __init__(self) -> None:
        self.dup_acks = 0
        self.active = False
        self.recover: int | None = None  # None: before the ISS, so that the first flight can recover. RFC 6582 3.2
        self.extra = 0
        self.limited_from: int | None = None
        self.patience: int | None = None
        self.high_rxt = self.rescue_rxt = self.lost_edge = 0


def duplicate_ack(tcb: TCB, now: int) -> None:
    """A duplicate ACK as RFC 5681 section 2 defines it has arrived."""
    recovery = tcb.recovery
    recovery.dup_acks += 1
    count = recovery.dup_acks
    if tcb.telling:
        tcb.tell("ack", "dup-ack", (wrap(tcb.snd_una), count), acked=0, una=wrap(tcb.snd_una), duplicate=count)
    if tcb.frto is not None:
        frto.acked(tcb, 0, 0, now)
    if recovery.active:
        # No more than what is outstanding can have left the network: forged ACKs inflate nothing. RFC 5681 3.2 step 4
        if count <= len(tcb.queue.sent) + DUP_THRESH:
            before = tcb.cc.cwnd
            tcb.cc.further_duplicate()
            if tcb.cc.cwnd != before:
                tcb.tell_cwnd("cwnd-inflate", tcb.cc.cwnd - before)
    elif count == DUP_THRESH:
        recovery.extra = 0
        newreno = tcb.config.recovery != "reno"
        if newreno and recovery.recover is not None and tcb.snd_una - 1 <= recovery.recover:  # RFC 6582 3.2 step 2
            tcb.tell("ack", "dup-ack-old-loss", (wrap(recovery.recover),), acked=0, una=wrap(tcb.snd_una))
        else:
            enter(tcb, now)
    elif count < DUP_THRESH and tcb.config.limited_transmit:
        limited_transmit.duplicate(tcb, count)


def enter(tcb: TCB, now: int) -> None:
    """Three duplicate ACKs: resend the segment at SND.UNA, halve the window (RFC 5681 3.2 steps 2 and 3)."""
    recovery = tcb.recovery
    recovery.active = True
    recovery.recover = tcb.snd_nxt - 1
    recovery.patience = None
    tcb.rtx_nxt = tcb.rtx_end = tcb.snd_una  # recovery decides from here on what is sent again
    before = tcb.cc.cwnd
    tcb.cc.third_duplicate(loss.flight_at_loss(tcb), ecn.reduced_already(tcb))
    if tcb.cc.cwnd != before or tcb.cc.name != "fixed":
        tcb.tell_cwnd(tcb.cc.loss_code, tcb.cc.ssthresh)
    if tcb.cc.goes_back and tcb.queue.sent:  # Tahoe: no recovery, all that is outstanding goes again in slow start
        recovery.active = False
        tcb.rtx_nxt, tcb.rtx_end = tcb.queue.sent[0].end, tcb.snd_nxt
    if tcb.queue.sent:
        output.retransmit(tcb, tcb.queue.sent[0], now, "fast", "rtx-fast", wrap(tcb.snd_una))


def new_ack(tcb: TCB, acked: int, flight: int, now: int) -> None:
    """SND.UNA has moved by `acked` numbers; `flight` was outstanding before."""
    recovery, cc = tcb.recovery, tcb.cc
    recovery.dup_acks = recovery.extra = 0
    recovery.limited_from = None
    before = cc.cwnd
    if tcb.frto is not None:
        frto.acked(tcb, acked, 0, now)
    if not recovery.active:
        cc.ack(acked, flight)
        if cc.cwnd != before:
            tcb.tell_cwnd(cc.grew(before), acked)
    elif recovery.recover is None or tcb.snd_una > recovery.recover or tcb.config.recovery == "reno":
        # Reno leaves with the first ACK of new data (RFC 5681 3.2 step 6), NewReno with that of all (RFC 6582)
        recovery.active = False
        cc.full_ack(tcb.flight_size)
        if cc.cwnd != before:
            tcb.tell_cwnd("cwnd-full-ack", wrap(tcb.snd_una))
    else:
        cc.partial_ack(acked)
        if cc.cwnd != before:
            tcb.tell_cwnd("cwnd-partial-ack", acked)
        if tcb.queue.sent:
            output.retransmit(tcb, tcb.queue.sent[0], now, "partial", "rtx-partial", wrap(tcb.snd_una))
            if tcb.config.impatient:
                lose_patience(tcb, now)


def lose_patience(tcb: TCB, now: int) -> None:
    """The first partial ACK restarts the retransmission timer, those after it leave it alone: a time-out ends what
    would take a round trip for each loss (RFC 6582 section 3.2 step 3, section 4 [6582-05])."""
    recovery = tcb.recovery
    if recovery.patience is None:
        recovery.patience = tcb.timers.rtx
    else:
        tcb.timers.rtx = recovery.patience
        if tcb.telling:
            timers.tell_armed(tcb, "rtx", now, "rtx-impatient")


def timed_out(tcb: TCB) -> None:
    """The retransmission timer has expired: recovery is over (RFC 6582 section 3.2 step 4)."""
    recovery = tcb.recovery
    recovery.active = False
    recovery.dup_acks = recovery.extra = 0
    recovery.limited_from = None
    recovery.recover = tcb.snd_nxt - 1
