"""SEGMENT ARRIVES in SYN-RECEIVED and the synchronized states (RFC 9293 section 3.10.7.4).

Eight checks, eight functions, in the RFC's order; each returns whether processing goes on. CHECKS at the bottom is
the order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import acking, output, recovery, timeouts, timers
from .segment import ACK, FIN, RST, SYN, Segment
from .seq import MASK32, unwrap
from .state import Event, State

if TYPE_CHECKING:
    from .tcb import TCB

_RECEIVES_TEXT = frozenset({State.ESTABLISHED, State.FIN_WAIT_1, State.FIN_WAIT_2})


class Arrival:
    """A segment on its way through the checks: its numbers unwrapped, what is left of it after trimming.

    `seq` and `text` shrink as parts outside the window are cut off; `fin` says whether a FIN is left, `syn` a SYN.
    `ack_of_fin` is set when this segment acknowledged our FIN and the state has not moved for it yet.
    """

    __slots__ = ("seg", "seq", "ack", "text", "fin", "syn", "length", "ack_of_fin")

    def __init__(self, tcb: TCB, seg: Segment) -> None:
        self.seg = seg
        flags = seg.flags
        self.seq = unwrap(seg.seq, tcb.rcv_nxt)
        self.ack = unwrap(seg.ack, tcb.snd_una)
        self.text = seg.payload
        self.fin = flags & FIN
        self.syn = flags & SYN
        self.length = len(seg.payload) + (self.syn >> 1) + self.fin
        self.ack_of_fin = False


def other_states(tcb: TCB, seg: Segment, now: int) -> None:
    """Take `seg` through the eight checks, then send what it made possible."""
    arrival = Arrival(tcb, seg)
    for check in CHECKS:
        if not check(tcb, arrival, now):
            break
    if arrival.ack_of_fin:  # the FIN that was expected with it was not processed after all
        tcb.move(Event.RCV_ACK_OF_FIN, "move-ack-of-fin", seg.ack)
    output.output(tcb, now)


def refuse(tcb: TCB, arrival: Arrival, code: str, *args: object) -> bool:
    """Report that the rest of the segment is dropped; returns False for the check to return."""
    if tcb.telling:
        tcb.tell("dropped", code, args, seq=arrival.seg.seq, len=arrival.length)
    return False


def first_check_sequence_number(tcb: TCB, arrival: Arrival, now: int) -> bool:
    """First, check the sequence number: the four cases of acceptability, then trim to the window."""
    seq, length, nxt = arrival.seq, arrival.length, tcb.rcv_nxt
    wnd = tcb.rcv_adv - nxt
    if seq == nxt and length <= wnd and not arrival.syn:
        return True  # the common case: begins at RCV.NXT and fits
    edge = nxt + wnd
    if length == 0:
        acceptable = seq == nxt if wnd <= 0 else nxt <= seq < edge
    elif wnd <= 0:
        # Nothing is acceptable, but the ACK, URG and RST of a probe are looked at. RFC 9293 3.10.7.4 [MUST-66]
        acceptable = seq == nxt and not arrival.syn
        if acceptable and not arrival.seg.flags & RST:
            acking.due(tcb, "ack-window-closed", nxt & MASK32)
            refuse(tcb, arrival, "drop-window-closed", nxt & MASK32)
    else:
        acceptable = nxt <= seq < edge or nxt <= seq + length - 1 < edge
    if not acceptable and tcb.state is State.SYN_RECEIVED and completes_simultaneous_open(tcb, arrival):
        return True
    if not acceptable:
        return unacceptable(tcb, arrival, now)
    trim(tcb, arrival, max(edge, nxt))
    return True


def completes_simultaneous_open(tcb: TCB, arrival: Arrival) -> bool:
    """The peer's SYN,ACK of a simultaneous open carries SEQ = IRS, one below the window: take it (Figure 7).

    Its SYN is the one we have; what counts is its ACK. RFC 9293 3.5 [MUST-10]
    """
    seg = arrival.seg
    if tcb.passive or seg.flags & (SYN | ACK | RST) != SYN | ACK or arrival.seq != tcb.irs:
        return False
    if not tcb.snd_una < arrival.ack <= tcb.snd_nxt:
        return False
    arrival.seq, arrival.syn, arrival.text, arrival.fin, arrival.length = tcb.rcv_nxt, 0, b"", 0, 0
    acking.due(tcb, "ack-handshake", tcb.rcv_nxt & MASK32)
    return True


def unacceptable(tcb: TCB, arrival: Arrival, now: int) -> bool:
    """An unacceptable segment is answered with an ACK and dropped; a RST is dropped silently (RFC 9293 3.10.7.4)."""
    seg = arrival.seg
    if seg.flags & RST:
        return refuse(tcb, arrival, "drop-rst-outside", seg.seq)
    refuse(tcb, arrival, "drop-outside-window", seg.seq, tcb.rcv_nxt & MASK32)
    if tcb.state is State.TIME_WAIT and arrival.fin and arrival.seq + arrival.length == tcb.rcv_nxt:
        # The peer's FIN again: our ACK was lost. It fails the window test and must restart 2MSL. RFC 9293 3.10.7.4
        acking.at_once(tcb, "ack-fin-again", tcb.rcv_nxt & MASK32)
        timeouts.start_time_wait(tcb, now, "time-wait-restart")
    else:
        acking.at_once(tcb, "ack-unacceptable", seg.seq, tcb.rcv_nxt & MASK32)
    return False


def trim(tcb: TCB, arrival: Arrival, edge: int) -> None:
    """Cut off what lies outside [RCV.NXT, edge), SYN and FIN included (RFC 9293 section 3.10.7.4)."""
    nxt = tcb.rcv_nxt
    if arrival.syn and arrival.seq < nxt:
        arrival.seq += 1
        arrival.syn = 0
    if arrival.seq < nxt:
        arrival.text = arrival.text[nxt - arrival.seq:]
        arrival.seq = nxt
    room = edge - arrival.seq
    if len(arrival.text) + (arrival.fin and 1) > room:
        arrival.text = arrival.text[:max(room, 0)]
        arrival.fin = 0


def second_check_rst(tcb: TCB, arrival: Arrival, now: int) -> bool:
    """Second, check the RST bit: it counts exactly at RCV.NXT, else it is challenged (RFC 9293 3.10.7.4, RFC 5961)."""
    seg = arrival.seg
    if not seg.flags & RST:
        return True
    if tcb.state is State.TIME_WAIT and tcb.config.rfc1337:
        return refuse(tcb, arrival, "drop-rst-time-wait")  # RFC 1337 section 3 (F1)
    if seg.seq != tcb.rcv_nxt & MASK32:
        refuse(tcb, arrival, "drop-rst-inexact", seg.seq, tcb.rcv_nxt & MASK32)
        acking.at_once(tcb, "ack-challenge-rst", seg.seq, tcb.rcv_nxt & MASK32)
        return False
    timers.stop_all(tcb, "timer-reset")
    if tcb.state is State.SYN_RECEIVED and tcb.passive:
        back_to_listen(tcb, Event.RCV_RST_PASSIVE, "move-rst-passive")  # [MUST-11]
    elif tcb.state is State.SYN_RECEIVED:
        tcb.move(Event.RCV_RST, "move-rst-refused", seg.ack)
        tcb.delete("gone-refused", error="connection refused")
    else:
        quiet_end = tcb.state in (State.CLOSING, State.LAST_ACK, State.TIME_WAIT)
        tcb.move(Event.RCV_RST, "move-rst", seg.seq)
        tcb.delete("gone-reset", error=None if quiet_end else "connection reset", keep_unread=quiet_end)
    return False


def back_to_listen(tcb: TCB, event: Event, code: str) -> None:
    """A half-open connection of a passive OPEN comes to nothing: listen on; the user is not told."""
    tcb.move(event, code)
    tcb.fresh()
    tcb.passive = True


def third_check_security(tcb: TCB, arrival: Arrival, now: int) -> bool:
    """Third, check security: no host here has compartments, so nothing can fail (RFC 9293 appendix A.1)."""
    return True


def fourth_check_syn(tcb: TCB, arrival: Arrival, now: int) -> bool:
    """Fourth, check the SYN bit: in the window it is an error or an old duplicate, and challenged."""
    if not arrival.syn:
        return True
    refuse(tcb, arrival, "drop-syn-in-window", arrival.seg.seq)
    if tcb.state is State.SYN_RECEIVED and tcb.passive:
        timers.stop_all(tcb, "timer-reset")
        back_to_listen(tcb, Event.RCV_SYN, "move-syn-passive")
    else:
        acking.at_once(tcb, "ack-challenge-syn", tcb.rcv_nxt & MASK32)  # RFC 9293 3.10.7.4, RFC 5961 4.2
    return False


def fifth_check_ack(tcb: TCB, arrival: Arrival, now: int) -> bool:
    """Fifth, check the ACK field: new, duplicate, or of something never sent."""
    seg, ack = arrival.seg, arrival.ack
    if not seg.flags & ACK:
        return refuse(tcb, arrival, "drop-no-ack")
    if tcb.state is State.SYN_RECEIVED and not ack_in_syn_received(tcb, arrival):
        return False
    tcb.heard = True
    if tcb.probes_unanswered or tcb.timers.persist is not None:
        probe_answered(tcb, now)
    if tcb.snd_nxt < ack <= tcb.probe_end:  # the octet of a zero-window probe was taken in
        tcb.bytes_sent += ack - tcb.snd_nxt
        tcb.snd_nxt = ack
    if ack > tcb.snd_nxt:
        refuse(tcb, arrival, "drop-ack-unsent", seg.ack, tcb.snd_nxt & MASK32)
        acking.at_once(tcb, "ack-unsent", seg.ack, tcb.snd_nxt & MASK32)
        return False
    una = tcb.snd_una
    if ack > una:
        update_window(tcb, arrival, now)
        advance_una(tcb, ack, now)
    elif ack == una:
        duplicate = (una < tcb.snd_nxt and not arrival.length and seg.wnd == tcb.snd_wnd
                     and not seg.flags & (SYN | FIN))
        update_window(tcb, arrival, now)
        if duplicate:
            recovery.duplicate_ack(tcb, now)
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
    tcb.take_window(seg.wnd, arrival.seq, ack)
    tcb.move(Event.RCV_ACK_OF_SYN, "move-ack-of-syn", seg.ack)
    if tcb.close_wanted:  # a CLOSE was remembered
        tcb.move(Event.CLOSE, "move-close-remembered")
    return True


def probe_answered(tcb: TCB, now: int) -> None:
    """The peer lives: probes do not count towards R2, the user timeout restarts (RFC 9293 3.8.6.1 [MUST-37])."""
    tcb.probes_unanswered = 0
    if tcb.config.user_timeout_ns is not None:
        tcb.timers.user = now + tcb.config.user_timeout_ns


def update_window(tcb: TCB, arrival: Arrival, now: int) -> None:
    """Take SEG.WND unless the segment is older than the one SND.WND came from (SND.WL1, SND.WL2)."""
    seg, seq, ack = arrival.seg, arrival.seq, arrival.ack
    if tcb.snd_wl1 < seq or (tcb.snd_wl1 == seq and tcb.snd_wl2 <= ack):
        before = tcb.snd_wnd
        tcb.take_window(seg.wnd, seq, ack)
        if seg.wnd == before:
            return
        if tcb.telling:
            tcb.tell("window", "window-taken" if seg.wnd else "window-closed", (seg.wnd,), snd_wnd=seg.wnd)
        if before == 0:
            if tcb.timers.persist is not None:
                output.stop_persist(tcb)
            if tcb.rtx_count and ack == tcb.snd_una:  # what a closed window refused goes again without waiting
                tcb.rtx_nxt, tcb.rtx_end = tcb.snd_una, tcb.snd_nxt


def advance_una(tcb: TCB, ack: int, now: int) -> None:
    """SND.UNA <- SEG.ACK: measure, forget what is acknowledged, restart timers, let the window grow."""
    una, flight = tcb.snd_una, tcb.snd_nxt - tcb.snd_una
    tcb.snd_una = ack
    if tcb.rtx_nxt < ack:
        tcb.rtx_nxt = ack
    text = tcb.queue.acknowledged(ack)
    if tcb.telling:
        tcb.tell("ack", "ack-new", (ack & MASK32, ack - una), acked=text, una=ack & MASK32)
    if tcb.rtt_end is not None and ack >= tcb.rtt_end:  # RFC 6298 section 3
        tcb.rtt_end = None
        tcb.rto.measured(now - tcb.rtt_at, tcb.config)
        tell_rto(tcb, "rto-measured", timers.seconds(now - tcb.rtt_at))
    tcb.rtx_count = 0
    if una == tcb.iss:
        handshake_complete(tcb)
    if ack == tcb.snd_nxt:  # RFC 6298 (5.2)
        timers.stop(tcb, "rtx", "rtx-stopped")
        tcb.timers.user = None
    else:  # RFC 6298 (5.3): an ACK of new data, never a duplicate
        timers.arm(tcb, "rtx", now, tcb.rto.rto, "rtx-restarted")
        if tcb.config.user_timeout_ns is not None:
            tcb.timers.user = now + tcb.config.user_timeout_ns
    if una != tcb.iss:
        recovery.new_ack(tcb, ack - una, flight, now)


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


def sixth_check_urg(tcb: TCB, arrival: Arrival, now: int) -> bool:
    """Sixth, check the URG bit: urgent data is not offered to users yet; its text is taken as ordinary text."""
    return True


def seventh_process_text(tcb: TCB, arrival: Arrival, now: int) -> bool:
    """Seventh, process the segment text: deliver what is in order, hold what is early, acknowledge."""
    text = arrival.text
    if not text:
        return True
    if tcb.state not in _RECEIVES_TEXT:  # the peer has sent its FIN
        return refuse(tcb, arrival, "drop-text-after-fin")
    left, nxt = arrival.seq, tcb.rcv_nxt
    if left > nxt:
        hold_early_text(tcb, arrival)
        return True
    reassembly = tcb.reassembly
    filled = bool(reassembly)
    tcb.unread += text
    nxt = left + len(text)
    if filled:
        rest = reassembly.take(nxt)
        tcb.unread += rest
        nxt += len(rest)
    delivered = nxt - left
    tcb.rcv_nxt = nxt
    tcb.bytes_received += delivered
    if tcb.telling:
        tcb.tell("accepted", "accepted", (len(text),), n=len(text), trimmed=len(arrival.seg.payload) - len(text))
        tcb.tell("delivered", "delivered-held" if delivered > len(text) else "delivered", (delivered,), n=delivered)
    acking.text_in_order(tcb, len(text), filled, now)
    return True


def hold_early_text(tcb: TCB, arrival: Arrival) -> None:
    """Text above a hole is kept [SHLD-31] and answered at once with a duplicate ACK (RFC 5681 section 4.2)."""
    new = tcb.reassembly.insert(arrival.seq, arrival.text)
    if tcb.telling:
        left, right = tcb.rcv_nxt & MASK32, tcb.reassembly.lefts[0] & MASK32
        tcb.tell("accepted", "accepted-early", (new,), n=new, trimmed=len(arrival.seg.payload) - new)
        tcb.tell("hole", "hole", (left, right), left=left, right=right)
    acking.at_once(tcb, "ack-out-of-order", arrival.seg.seq, tcb.rcv_nxt & MASK32)


def eighth_check_fin(tcb: TCB, arrival: Arrival, now: int) -> bool:
    """Eighth, check the FIN bit: it takes effect when everything before it has arrived."""
    reassembly = tcb.reassembly
    if tcb.fin_received:
        return not arrival.fin or second_fin(tcb, now)
    if arrival.fin:
        number = arrival.seq + len(arrival.text)
        if number != tcb.rcv_nxt:
            if reassembly.fin is None and tcb.state in _RECEIVES_TEXT:
                reassembly.fin = number
                if not arrival.text:
                    acking.at_once(tcb, "ack-out-of-order", arrival.seg.seq, tcb.rcv_nxt & MASK32)
            return True
    elif reassembly.fin is None or reassembly.fin != tcb.rcv_nxt:
        return True
    fin_in_order(tcb, arrival, now)
    return True


def fin_in_order(tcb: TCB, arrival: Arrival, now: int) -> None:
    """RCV.NXT passes the FIN, the user learns that nothing more will come, and the state moves."""
    tcb.rcv_nxt += 1
    tcb.rcv_adv += 1  # a FIN takes up a number but no room
    tcb.fin_received = True
    tcb.reassembly.clear()
    acking.due(tcb, "ack-fin", tcb.rcv_nxt & MASK32)
    state, number = tcb.state, (tcb.rcv_nxt - 1) & MASK32
    if state is State.ESTABLISHED:
        tcb.move(Event.RCV_FIN, "move-rcv-fin", number)
    elif state is State.FIN_WAIT_1 and arrival.ack_of_fin:
        arrival.ack_of_fin = False
        tcb.move(Event.RCV_FIN_AND_ACK_OF_FIN, "move-fin-and-ack", number)
        timeouts.enter_time_wait(tcb, now)
    elif state is State.FIN_WAIT_1:
        tcb.move(Event.RCV_FIN, "move-rcv-fin-closing", number)
    elif state is State.FIN_WAIT_2:
        tcb.move(Event.RCV_FIN, "move-rcv-fin", number)
        timeouts.enter_time_wait(tcb, now)


def second_fin(tcb: TCB, now: int) -> bool:
    """A FIN at RCV.NXT although the peer's has been processed: no state changes; TIME-WAIT starts anew."""
    acking.due(tcb, "ack-fin-again", tcb.rcv_nxt & MASK32)
    if tcb.state is State.TIME_WAIT:
        timeouts.start_time_wait(tcb, now, "time-wait-restart")
    return True


def text_and_fin_of_syn_ack(tcb: TCB, seg: Segment, ack: int, now: int) -> None:
    """A SYN,ACK may carry text and a FIN: they go through the last three checks (RFC 9293 section 3.10.7.3)."""
    arrival = Arrival(tcb, seg)
    arrival.seq, arrival.syn = tcb.rcv_nxt, 0
    arrival.length = len(arrival.text) + arrival.fin
    trim(tcb, arrival, tcb.rcv_adv)
    for check in CHECKS[5:]:
        if not check(tcb, arrival, now):
            return


CHECKS = (
    first_check_sequence_number,
    second_check_rst,
    third_check_security,
    fourth_check_syn,
    fifth_check_ack,
    sixth_check_urg,
    seventh_process_text,
    eighth_check_fin,
)
