"""SEGMENT ARRIVES in SYN-RECEIVED and the synchronized states (RFC 9293 section 3.10.7.4).

Eight checks, eight functions, in the RFC's order; each returns whether processing goes on. CHECKS at the bottom is
the order. The fifth, the largest, has a file of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import acking, arrives_text, challenge, ecn, output, sack, timeouts, timers, timestamps, urgent
from .arrival import Arrival, refuse, trim
from .arrives_ack import fifth_check_ack
from .reopening import back_to_listen, is_new_syn, is_younger
from .segment import ACK, RST, SYN, URG, Segment
from .seq import MASK32
from .state import SYNCHRONIZED, Event, State

if TYPE_CHECKING:
    from .tcb import TCB

_RECEIVES_TEXT = frozenset({State.ESTABLISHED, State.FIN_WAIT_1, State.FIN_WAIT_2})


def other_states(tcb: TCB, seg: Segment, now: int) -> None:
    """Take `seg` through the eight checks, then send what it made possible."""
    arrival = Arrival(tcb, seg)
    if seg.flags & SYN and tcb.state is State.TIME_WAIT and tcb.config.rfc6191 and is_new_syn(seg):
        if not is_younger(tcb, seg):  # an old duplicate: silence [6191-06]
            refuse(tcb, arrival, "drop-old-syn", seg.seq)
            return
    for check in CHECKS if not tcb.ts_on else CHECKS_WITH_TIMESTAMPS:
        if not check(tcb, arrival, now):
            break
    if arrival.ack_of_fin:  # the FIN that was expected with it was not processed after all
        tcb.move(Event.RCV_ACK_OF_FIN, "move-ack-of-fin", seg.ack)
    output.output(tcb, now)


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
    if tcb.sack_on and seq < nxt and arrival.text and not arrival.seg.flags & RST:
        sack.seen_before(tcb, seq + (arrival.syn >> 1), seq + (arrival.syn >> 1) + len(arrival.text))
    if not acceptable and tcb.state is State.SYN_RECEIVED and completes_simultaneous_open(tcb, arrival):
        return True
    if not acceptable or (seq < nxt and begins_with_control(tcb, arrival)):
        return unacceptable(tcb, arrival, now)
    trim(tcb, arrival, max(edge, nxt))
    return True


def begins_with_control(tcb: TCB, arrival: Arrival) -> bool:
    """Whether a segment to the left of the window, whose text reaches into it, is judged by its first number alone: a
    RST (RFC 5961 section 3.2 [5961-03]), and a SYN in a synchronized state (section 4.2 [5961-05])."""
    syn_counts = arrival.syn and tcb.state is not State.SYN_RECEIVED and tcb.config.rfc5961
    return bool(arrival.seg.flags & RST or syn_counts)


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
    if tcb.ecn is not None and tcb.state is State.SYN_RECEIVED:
        ecn.syn_again(tcb, seg)
    if tcb.state is State.TIME_WAIT and arrival.fin and arrival.seq + arrival.length == tcb.rcv_nxt:
        # The peer's FIN again: our ACK was lost. It fails the window test and must restart 2MSL. RFC 9293 3.10.7.4
        acking.at_once(tcb, "ack-fin-again", tcb.rcv_nxt & MASK32)
        timeouts.start_time_wait(tcb, now, "time-wait-restart")
    elif seg.flags & SYN and arrival.seq != tcb.irs and tcb.state in SYNCHRONIZED:
        # RFC 5961 4.2: whatever its number; but the peer's own SYN comes again when its handshake lacks our ACK
        challenge.challenge(tcb, now, "ack-challenge-syn", tcb.rcv_nxt & MASK32)
    elif ack_field_counts(tcb, arrival, now):
        acking.at_once(tcb, "ack-unacceptable", seg.seq, tcb.rcv_nxt & MASK32)
    return False


def ack_field_counts(tcb: TCB, arrival: Arrival, now: int) -> bool:
    """Look at the ACK field of an unacceptable segment where the strict test would let two peers talk past each other
    for ever; returns whether it is still to be answered.

    One number to the left lie crossing window probes and a repeated FIN; exactly at the right edge lies the bare ACK
    of a peer that has filled the window with text that was lost. Two peers at each other's edge would answer every
    answer: each is answered once until RCV.NXT moves. RFC 9293 3.10.7.4 [9293-U-50, 1337-04]
    """
    at_edge = not arrival.length and arrival.seq == tcb.rcv_adv
    left_by_one = arrival.length <= 1 and arrival.seq == tcb.rcv_nxt - 1
    if not (at_edge or left_by_one) or arrival.syn or tcb.state is State.SYN_RECEIVED or not arrival.seg.flags & ACK:
        return True
    arrival.text, arrival.fin = b"", 0
    if not fifth_check_ack(tcb, arrival, now):
        return False
    if at_edge and not left_by_one:
        answered, tcb.edge_answered = tcb.edge_answered == tcb.rcv_nxt, tcb.rcv_nxt
        return not answered
    return True


def second_check_rst(tcb: TCB, arrival: Arrival, now: int) -> bool:
    """Second, check the RST bit: it counts exactly at RCV.NXT, else it is challenged (RFC 9293 3.10.7.4, RFC 5961)."""
    seg = arrival.seg
    if not seg.flags & RST:
        return True
    if tcb.state is State.TIME_WAIT and tcb.config.rfc1337:
        return refuse(tcb, arrival, "drop-rst-time-wait")  # RFC 1337 section 3 (F1)
    if not timestamps.reset_counts(tcb, seg, now):  # RFC 7323 5.2 [7323-36]
        return refuse(tcb, arrival, "drop-rst-echo", seg.options.ts[1])
    if seg.seq != tcb.rcv_nxt & MASK32 and tcb.config.rfc5961:
        refuse(tcb, arrival, "drop-rst-inexact", seg.seq, tcb.rcv_nxt & MASK32)
        challenge.challenge(tcb, now, "ack-challenge-rst", seg.seq, tcb.rcv_nxt & MASK32)
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
    elif tcb.config.rfc5961:
        challenge.challenge(tcb, now, "ack-challenge-syn", tcb.rcv_nxt & MASK32)  # RFC 9293 3.10.7.4, RFC 5961 4.2
    else:
        challenge.syn_resets(tcb, arrival)
    return False


def sixth_check_urg(tcb: TCB, arrival: Arrival, now: int) -> bool:
    """Sixth, check the URG bit: the user is told how far to hurry; the text stays in its place."""
    if arrival.seg.flags & URG:
        urgent.arrived(tcb, arrival)
    return True


def seventh_process_text(tcb: TCB, arrival: Arrival, now: int) -> bool:
    """Seventh, process the segment text: deliver what is in order, hold what is early, acknowledge."""
    text = arrival.text
    if tcb.ecn is not None:
        ecn.text_arrived(tcb, arrival.seg)
    if not text:
        return True
    if tcb.state not in _RECEIVES_TEXT:  # the peer has sent its FIN
        refuse(tcb, arrival, "drop-text-after-fin")
        return True  # only the text is ignored: a FIN behind it is still answered
    if arrival.seq > tcb.rcv_nxt:
        arrives_text.early(tcb, arrival.seg, arrival.seq, text, arrival.fin)
    else:
        arrives_text.in_order(tcb, arrival.seg, arrival.seq, text, now)
    return True


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
                    if tcb.sack_on:
                        tcb.held.note(number, number + 1)
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
    tcb.held.ranges.clear()
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


def text_and_fin_of_syn_ack(tcb: TCB, seg: Segment, now: int) -> None:
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
#: RFC 7323 5.3: the timestamp is looked at before the numbers (R1), and remembered after them (R3).
CHECKS_WITH_TIMESTAMPS = (timestamps.check, CHECKS[0], timestamps.remember, *CHECKS[1:])
