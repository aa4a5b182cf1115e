"""Loss recovery, a choice of one: what the four engines share, and which is in use.

reno and newreno (`recovery`) count duplicate ACKs; sack (`recovery_sack`, RFC 6675) and rack (`rack`, RFC 8985) read
the scoreboard. RFC 6675 must not run beside RACK-TLP [RFC 8985 9.2], and neither runs without SACK.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import ecn, rack, recovery_sack, scoreboard
from .congestion import INFINITE
from .prr import Prr
from .seq import MASK32

if TYPE_CHECKING:
    from .tcb import TCB


def choose(tcb: TCB) -> None:
    """The SYNs are exchanged, or the knob was turned: use the engine that is wanted and possible."""
    wanted = tcb.config.recovery
    # Tahoe has no recovery, it begins again: only duplicate ACKs concern it.
    by_sack = tcb.sack_on and wanted in ("sack", "rack") and tcb.cc.name != "tahoe"
    by_rack = by_sack and wanted == "rack"
    if (by_sack, by_rack) == (tcb.by_sack, tcb.rack is not None):
        return
    end(tcb)
    scoreboard.forget(tcb)
    for entry in tcb.queue.sent:
        entry.lost = False
    if tcb.rack is not None:
        rack.let_go(tcb)
    tcb.by_sack = by_sack
    tcb.rack = rack.Rack() if by_rack else None


def end(tcb: TCB) -> None:
    """Recovery ends before its time: an engine hands over to another."""
    recovery = tcb.recovery
    tcb.prr = tcb.frto = None
    recovery.extra = recovery.dup_acks = 0
    if recovery.active:
        recovery.active = False
        settle(tcb)


def transmit(tcb: TCB, now: int) -> bool:
    """What the scoreboard lets go out in recovery; returns whether new text may follow by the ordinary rules."""
    if tcb.rack is not None:
        return rack.transmit(tcb, now)
    if tcb.recovery.active:
        recovery_sack.transmit(tcb, now)
        return False
    return True


def flight_at_loss(tcb: TCB) -> int:
    """FlightSize without what limited transmit has added to it (RFC 5681 section 3.2 step 2, RFC 6675 (4.2))."""
    flight, recovery = tcb.flight_size, tcb.recovery
    if recovery.limited_from is None:
        return flight
    return flight - max(min(tcb.snd_nxt - recovery.limited_from, flight - tcb.cc.cwnd), 0)


def reduce(tcb: TCB, delivered: int, again: bool = False) -> None:
    """A loss was found by SACK: ssthresh from the congestion control, cwnd down to it at once, or by and by (PRR).

    `delivered`: what the ACK that told of it has delivered (RFC 9937's RecoverFS leaves out what was SACKed before).
    """
    cc = tcb.cc
    # In recovery FlightSize holds what has long been reported: what may fly is cwnd.
    flight = min(tcb.flight_size, cc.cwnd) if again else flight_at_loss(tcb)
    cc.third_duplicate(flight, not again and ecn.reduced_already(tcb))
    if cc.ssthresh < INFINITE:  # a constant window stays
        cc.cwnd = min(cc.cwnd, cc.ssthresh)  # RFC 6675 (4.2)
        if tcb.config.prr:
            tcb.prr = Prr(cc.ssthresh, tcb.flight_size - tcb.board.total + delivered)
    tcb.tell_cwnd("cwnd-sack-loss", cc.ssthresh)


def proportional(tcb: TCB, delivered: int, safe: bool) -> None:
    """PRR: cwnd for this ACK, if PRR is in use and the ACK delivers something (RFC 9937)."""
    prr = tcb.prr
    if prr is None or not delivered:
        return
    before = tcb.cc.cwnd
    tcb.cc.cwnd = prr.window(pipe(tcb), delivered, safe, tcb.smss)
    if tcb.cc.cwnd != before:
        tcb.tell_cwnd("cwnd-prr", prr.delivered, prr.out)


def pipe(tcb: TCB) -> int:
    """How many octets are thought to be in the network, by the engine in use."""
    if tcb.rack is not None:
        return rack.pipe(tcb)
    return tcb.board.pipe(tcb.snd_una, tcb.snd_nxt, tcb.recovery.high_rxt, tcb.smss)


def leave(tcb: TCB) -> None:
    """Everything up to the recovery point is acknowledged: recovery is over (RFC 6675 section 5 (A))."""
    tcb.recovery.active = False
    before = tcb.cc.cwnd
    settle(tcb)
    if tcb.cc.cwnd != before:
        tcb.tell_cwnd("cwnd-recovered", tcb.snd_una & MASK32)


def settle(tcb: TCB) -> None:
    """At the end of recovery cwnd is ssthresh (RFC 6675 section 5, RFC 9937)."""
    tcb.prr = None
    tcb.cc.full_ack(tcb.flight_size)
    if tcb.by_sack and tcb.cc.ssthresh < INFINITE:
        tcb.cc.cwnd = tcb.cc.ssthresh


def timed_out(tcb: TCB, now: int) -> None:
    """The retransmission timer has expired, with a scoreboard: its marks count no more (RFC 2018 5.1, RFC 6675 5.1)."""
    tcb.prr = None
    scoreboard.forget(tcb)
    if tcb.rack is not None:
        rack.timed_out(tcb, now)


def go_back(tcb: TCB, front_end: int) -> None:
    """After a time-out, what was outstanding is to be sent again in slow start; the front has just been."""
    if tcb.frto is not None:
        return  # F-RTO first finds out whether that is needed
    if tcb.rack is None:
        tcb.rtx_nxt, tcb.rtx_end = front_end, tcb.snd_nxt
