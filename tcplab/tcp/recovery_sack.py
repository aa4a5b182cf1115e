"""Loss recovery by the scoreboard (RFC 6675): IsLost() starts it, pipe paces it, NextSeg() says what goes next.

HighACK is SND.UNA - 1, HighData SND.NXT - 1; `recover` is the RFC's RecoveryPoint. HighRxt and RescueRxt are kept as
one past the octet the RFC names, like every right edge here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import frto, loss, output
from .scoreboard import DUP_THRESH, News
from .seq import MASK32

if TYPE_CHECKING:
    from .send_queue import Sent
    from .tcb import TCB


def acknowledged(tcb: TCB, acked: int, delivered: int, news: News | None, flight: int, now: int) -> None:
    """An ACK has moved SND.UNA by `acked`, or marked octets, or both; `delivered` octets have newly arrived."""
    recovery, cc = tcb.recovery, tcb.cc
    if acked:
        recovery.dup_acks = 0
        recovery.limited_from = None
    duplicate = news is not None and news.new > 0  # RFC 6675 section 2: it is the new SACK information that counts
    if recovery.active:
        if acked and tcb.snd_una > recovery.recover:  # (A)
            loss.leave(tcb)
        else:
            lost = tcb.board.lost_below(tcb.smss)
            loss.proportional(tcb, delivered, acked > 0 and lost <= recovery.lost_edge)
            recovery.lost_edge = lost
    else:
        if duplicate and not acked:
            tell_duplicate(tcb)
        if duplicate and may_start(tcb):
            return enter(tcb, delivered, now)
        if acked:
            before = cc.cwnd
            cc.ack(acked, flight)
            if cc.cwnd != before:
                tcb.tell_cwnd(cc.grew(before), acked)
    if tcb.frto is not None:
        frto.acked(tcb, acked, 0 if news is None else tcb.frto.below(news), now)
    # RFC 6675 section 5 (3), RFC 3042: what is marked has left the network and makes room for new text
    recovery.extra = tcb.board.total if tcb.config.limited_transmit and not recovery.active else 0


def tell_duplicate(tcb: TCB) -> None:
    """Count and tell an ACK that brought new SACK information only."""
    recovery = tcb.recovery
    recovery.dup_acks += 1
    if recovery.limited_from is None and tcb.config.limited_transmit:
        recovery.limited_from = tcb.snd_nxt
    if tcb.telling:
        una = tcb.snd_una & MASK32
        tcb.tell("ack", "dup-ack-sack", (una, recovery.dup_acks, tcb.board.total), acked=0, una=una,
                 duplicate=recovery.dup_acks)


def may_start(tcb: TCB) -> bool:
    """DupThresh duplicates, or IsLost(HighACK + 1), beyond the last recovery point (RFC 6675 section 5 (1) (2), 5.1).
    """
    recovery = tcb.recovery
    if recovery.recover is not None and tcb.snd_una <= recovery.recover:
        return False
    return recovery.dup_acks >= DUP_THRESH or tcb.board.lost_below(tcb.smss) > tcb.snd_una


def enter(tcb: TCB, delivered: int, now: int) -> None:
    """Loss recovery begins (RFC 6675 section 5 (4)): resend the front, come down, then as pipe allows."""
    recovery = tcb.recovery
    if not tcb.queue.sent:
        return
    recovery.active = True
    recovery.recover = tcb.snd_nxt - 1  # (4.1)
    recovery.extra = 0
    tcb.rtx_nxt = tcb.rtx_end = tcb.snd_una
    tcb.frto = None
    loss.reduce(tcb, delivered)  # (4.2)
    front = tcb.queue.sent[0]
    recovery.high_rxt = tcb.snd_una
    recovery.lost_edge = tcb.board.lost_below(tcb.smss)
    loss.proportional(tcb, delivered, False)
    output.retransmit(tcb, front, now, "fast", "rtx-sack-first", front.seq & MASK32)  # (4.3)
    recovery.high_rxt = recovery.rescue_rxt = front.end


def transmit(tcb: TCB, now: int) -> None:
    """(C): while cwnd - pipe leaves room for a segment, send what NextSeg() names."""
    smss, recovery = tcb.smss, tcb.recovery
    pipe = loss.pipe(tcb)
    while tcb.cc.cwnd - pipe >= smss:
        entry = lost_segment(tcb)  # rule 1
        if entry is not None:
            resend(tcb, entry, now, "rtx-sack-lost")
            pipe += entry.end - entry.seq
            continue
        before = tcb.snd_nxt
        output.send_text(tcb, now, False, before + smss)  # rule 2, within the peer's window
        if tcb.snd_nxt > before:
            pipe += tcb.snd_nxt - before
            continue
        entry = any_segment(tcb)  # rule 3
        if entry is not None:
            resend(tcb, entry, now, "rtx-sack-maybe")
        else:
            entry = rescue_segment(tcb)  # rule 4
            if entry is None:
                return
            recovery.rescue_rxt = recovery.recover + 1  # HighRxt is not touched
            output.retransmit(tcb, entry, now, "sack", "rtx-sack-rescue", entry.seq & MASK32)
        pipe += entry.end - entry.seq


def resend(tcb: TCB, entry: Sent, now: int, code: str) -> None:
    """Send `entry` again and move HighRxt (C.2)."""
    output.retransmit(tcb, entry, now, "sack", code, entry.seq & MASK32)
    tcb.recovery.high_rxt = entry.end


def lost_segment(tcb: TCB) -> Sent | None:
    """NextSeg rule 1: the first unmarked one above HighRxt, below the highest mark, for which IsLost() is true."""
    return next_unmarked(tcb, min(tcb.board.lost_below(tcb.smss), tcb.board.highest))


def any_segment(tcb: TCB) -> Sent | None:
    """NextSeg rule 3: as rule 1, but loss is not proven."""
    return next_unmarked(tcb, tcb.board.highest)


def next_unmarked(tcb: TCB, edge: int) -> Sent | None:
    """The first entry that begins below `edge`, reaches above HighRxt and is not wholly marked."""
    high = tcb.recovery.high_rxt
    if edge <= high:
        return None
    for entry in tcb.queue.sent:
        if entry.seq >= edge:
            return None
        if entry.end > high and not entry.sacked:
            return entry
    return None


def rescue_segment(tcb: TCB) -> Sent | None:
    """NextSeg rule 4: once per recovery the last outstanding unmarked segment, so that its ACK keeps the clock going.
    """
    if tcb.snd_una <= tcb.recovery.rescue_rxt:  # HighACK > RescueRxt
        return None
    for entry in reversed(tcb.queue.sent):
        if not entry.sacked:
            return entry
    return None
