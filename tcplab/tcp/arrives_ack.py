"""The fifth check, the ACK field (RFC 9293 section 3.10.7.4): what a new, a duplicate and a wrong ACK do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import challenge, ecn, output, recovery, sack_ack, timeouts, timers, timestamps, tlp
from .arrival import Arrival, refuse
from .segment import ACK, ECE, FIN, SYN
from .seq import MASK32
from .state import Event, State

if TYPE_CHECKING:
    from .tcb import TCB


def fifth_check_ack(tcb: TCB, arrival: Arrival, now: int) -> bool:
    """Fifth, check the ACK field: new, duplicate, or of something never sent."""
    seg, ack = arrival.seg, arrival.ack
    if not seg.flags & ACK:
        return refuse(tcb, arrival, "drop-no-ack")
    if tcb.state is State.SYN_RECEIVED and not ack_in_syn_received(tcb, arrival):
        return False
    tcb.heard = True
    if tcb.probes_unanswered or tcb.timers.persist is not None or not arrival.wnd:
        probe_answered(tcb, now)
    if tcb.snd_nxt < ack <= tcb.probe_end:  # the octet of a zero-window probe was taken in
        tcb.bytes_sent += ack - tcb.snd_nxt
        tcb.snd_nxt = ack
    if ack > tcb.snd_nxt:
        refuse(tcb, arrival, "drop-ack-unsent", seg.ack, tcb.snd_nxt & MASK32)
        challenge.challenge(tcb, now, "ack-unsent", seg.ack, tcb.snd_nxt & MASK32)
        return False
    una = tcb.snd_una
    if ack < una and challenge.too_old(tcb, arrival, now):
        return False
    echo = tcb.ecn is not None and seg.flags & (ECE | SYN) == ECE
    if echo:
        ecn.echoed(tcb, arrival, now)
    if tcb.by_sack:
        sack_ack.acknowledged(tcb, arrival, now)
    elif ack > una:
        update_window(tcb, arrival.wnd, arrival.seq, ack)
        advance_una(tcb, ack, now, seg.options.ts[1] if tcb.ts_on and seg.options.ts is not None else None)
    elif ack == una:
        duplicate = (una < tcb.snd_nxt and not arrival.length and arrival.wnd == tcb.snd_wnd
                     and not seg.flags & (SYN | FIN))
        update_window(tcb, arrival.wnd, arrival.seq, ack)
        if duplicate:
            recovery.duplicate_ack(tcb, now)
    if echo:
        ecn.after_ack(tcb, now)
    if tcb.fin_seq is not None and not tcb.fin_acked and tcb.snd_una > tcb.fin_seq:
        return ack_of_fin(tcb, arrival, now)
    return True


def ack_in_syn_received(tcb: TCB, arrival: Arrival) -> bool:
    """SYN-RECEIVED: the ACK of our SYN makes the connection; any other is answered with a RST."""
    seg, ack = arrival.seg, arrival.ack
    if not tcb.snd_una < ack <= tcb.snd_nxt:
        if tcb.telling:
            refuse(tcb, arrival, "rst-syn-received-ack", seg.ack)
        reply = output.reset_reply(seg, "rst-syn-received-ack")
        if reply is not None:
            tcb.out.append(reply)
        return False
    tcb.take_window(arrival.wnd, arrival.seq, ack)
    tcb.move(Event.RCV_ACK_OF_SYN, "move-ack-of-syn", seg.ack)
    tcb.former = None
    if tcb.close_wanted:  # a CLOSE was remembered
        tcb.move(Event.CLOSE, "move-close-remembered")
    return True


def probe_answered(tcb: TCB, now: int) -> None:
    """The peer lives: probes do not count towards R2, the user timeout restarts (RFC 9293 3.8.6.1 [MUST-37])."""
    tcb.probes_unanswered = 0
    tcb.rtx_count = min(tcb.rtx_count, 1)
    if tcb.timers.user is not None:
        tcb.timers.user = now + tcb.config.user_timeout_ns


def update_window(tcb: TCB, wnd: int, seq: int, ack: int) -> None:
    """Take SEG.WND, `wnd` bytes, unless the segment is older than the one SND.WND came from (SND.WL1, SND.WL2)."""
    if tcb.snd_wl1 < seq or (tcb.snd_wl1 == seq and tcb.snd_wl2 <= ack):
        before = tcb.snd_wnd
        if wnd == before:
            tcb.snd_wl1, tcb.snd_wl2 = seq, ack
            return
        tcb.take_window(wnd, seq, ack)
        if tcb.telling:
            tcb.tell("window", "window-taken" if wnd else "window-closed", (wnd,), snd_wnd=wnd)
        if before == 0:
            if tcb.timers.persist is not None:
                output.stop_persist(tcb)
            if ack == tcb.snd_una and tcb.queue.sent and tcb.queue.sent[0].count:
                # what the closed window refused goes again without waiting for the timer
                tcb.rtx_nxt, tcb.rtx_end = tcb.snd_una, tcb.snd_nxt


def advance_una(tcb: TCB, ack: int, now: int, echo: int | None = None) -> None:
    """SND.UNA <- SEG.ACK: measure, forget what is acknowledged, restart timers, let the window grow.

    `echo` is TSecr where timestamps are in use: then every such ACK is a measurement (RFC 7323 section 4.1).
    """
    una, flight = tcb.snd_una, tcb.snd_nxt - tcb.snd_una
    tcb.snd_una = ack
    if tcb.rtx_nxt < ack:
        tcb.rtx_nxt = ack
    if tcb.cc.timed:
        tcb.cc.clock(now, tcb.rto.srtt, tcb.queue.round_trip(ack, now), ack, tcb.snd_nxt)
    text = tcb.queue.acknowledged(ack)
    if tcb.telling:
        tcb.tell("ack", "ack-new", (ack & MASK32, ack - una), acked=text, una=ack & MASK32)
    if echo is not None:
        tcb.rtt_end = None
        measure_by_echo(tcb, echo, flight, now)
    elif tcb.rtt_end is not None and ack >= tcb.rtt_end:  # RFC 6298 section 3
        tcb.rtt_end = None
        tcb.rto.measured(now - tcb.rtt_at, tcb.config)
        tell_rto(tcb, "rto-measured", timers.seconds(now - tcb.rtt_at))
    tcb.rtx_count = 0
    if una == tcb.iss:
        handshake_complete(tcb)
    if ack == tcb.snd_nxt:  # RFC 6298 (5.2)
        timers.stop(tcb, "rtx", "rtx-stopped")
        tcb.timers.user = None
        if tcb.rack is not None:
            tlp.idle(tcb)
    else:  # RFC 6298 (5.3): an ACK of new data, never a duplicate
        tcb.timers.rtx = now + tcb.rto.rto
        if tcb.telling:
            timers.tell_armed(tcb, "rtx", now, "rtx-restarted")
        if tcb.config.user_timeout_ns is not None:
            tcb.timers.user = now + tcb.config.user_timeout_ns
    if una != tcb.iss and not tcb.by_sack:
        recovery.new_ack(tcb, ack - una, flight, now)
    if tcb.cc.said is not None:
        tell_turn(tcb)


def tell_turn(tcb: TCB) -> None:
    """The congestion control has taken a turn of its own (RFC 9406)."""
    (code, args), tcb.cc.said = tcb.cc.said, None
    tcb.tell_cwnd(code, *args)


def measure_by_echo(tcb: TCB, echo: int, flight: int, now: int) -> None:
    """RTTM: the round trip of the segment whose timestamp comes back (RFC 7323 section 4)."""
    took = timestamps.round_trip(tcb, echo, now)
    if took is not None:
        tcb.rto.measured(took, tcb.config, timestamps.expected_samples(flight, tcb.smss))
        if tcb.telling:
            tell_rto(tcb, "rto-measured", timers.seconds(took))


def handshake_complete(tcb: TCB) -> None:
    """Our SYN is acknowledged: the initial window; after a lost SYN 3 s and one segment (RFC 6298 (5.7), RFC 5681)."""
    if tcb.syn_timed_out:
        tcb.rto.after_lost_syn(tcb.config)
        tell_rto(tcb, "rto-after-lost-syn", timers.seconds(tcb.rto.rto))
    tcb.cc.established(tcb.config, tcb.smss, tcb.syn_timed_out)
    tcb.tell_cwnd("cwnd-initial", tcb.cc.cwnd)


def tell_rto(tcb: TCB, code: str, *args: object) -> None:
    rto = tcb.rto
    if tcb.telling:
        tcb.tell("rto", code, args, srtt=rto.srtt, rttvar=rto.rttvar, rto=rto.rto)


def ack_of_fin(tcb: TCB, arrival: Arrival, now: int) -> bool:
    """Our FIN was sent and is acknowledged: what that means in each closing state (fifth check)."""
    tcb.fin_acked = True
    state, field = tcb.state, arrival.seg.ack
    if state is State.FIN_WAIT_1:
        if arrival.fin and arrival.seq == tcb.rcv_nxt:
            arrival.ack_of_fin = True  # one segment carries both: the eighth check names the event
        else:
            tcb.move(Event.RCV_ACK_OF_FIN, "move-ack-of-fin", field)
    elif state is State.CLOSING:
        tcb.move(Event.RCV_ACK_OF_FIN, "move-ack-of-fin", field)
        timeouts.enter_time_wait(tcb, now)
        return not tcb.gone
    elif state is State.LAST_ACK:
        timers.stop_all(tcb, "timer-closed")
        tcb.move(Event.RCV_ACK_OF_FIN, "move-ack-of-fin", field)
        tcb.delete("gone-closed", keep_unread=True)
        return False
    return True
