"""SEGMENT ARRIVES in CLOSED, LISTEN and SYN-SENT (RFC 9293 sections 3.10.7.1 to 3.10.7.3).

Here the peer's numbers are not known yet: SEG.SEQ is taken raw, and resets are built from raw fields.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import (
    acking,
    arrives_ack,
    arrives_synchronized,
    ecn,
    extensions,
    keepalive,
    output,
    prediction,
    timers,
    user_calls,
    window,
)
from .addresses import is_unicast
from .segment import ACK, FIN, RST, SYN, Segment
from .seq import unwrap
from .state import Event, State

if TYPE_CHECKING:
    from .tcb import TCB


def segment_arrives(tcb: TCB, seg: Segment, now: int) -> None:
    """Dispatch by state (RFC 9293 section 3.10.7)."""
    state = tcb.state
    if prediction.taken(tcb, seg, now):
        pass
    elif state is State.CLOSED:
        closed(tcb, seg)
    elif state is State.LISTEN:
        listen(tcb, seg, now)
    elif state is State.SYN_SENT:
        syn_sent(tcb, seg, now)
    else:
        arrives_synchronized.other_states(tcb, seg, now)
    if tcb.config.keepalive_ns is not None:
        keepalive.heard(tcb, now)


def refuse(tcb: TCB, seg: Segment, code: str, *args: object) -> None:
    """Report that `seg` had no effect, and why."""
    if tcb.telling:
        tcb.tell("dropped", code, args, seq=seg.seq, len=seg.length)


def reset(tcb: TCB, seg: Segment, code: str) -> None:
    """Answer `seg` with a RST made of its own fields, unless it is a RST (RFC 9293 section 3.5.2)."""
    refuse(tcb, seg, code, seg.ack)
    reply = output.reset_reply(seg, code)
    if reply is not None:
        tcb.out.append(reply)


def closed(tcb: TCB, seg: Segment) -> None:
    """No connection: everything but a RST is answered with a RST (RFC 9293 section 3.10.7.1)."""
    if seg.flags & RST:
        refuse(tcb, seg, "drop-rst-closed")
    else:
        reset(tcb, seg, "rst-closed")


def listen(tcb: TCB, seg: Segment, now: int) -> None:
    """LISTEN: wait for a SYN (RFC 9293 section 3.10.7.2)."""
    flags = seg.flags
    if flags & RST:  # first
        return refuse(tcb, seg, "drop-rst-listen")
    if flags & ACK:  # second: nothing was ever sent that could be acknowledged
        return reset(tcb, seg, "rst-listen-ack")
    if not flags & SYN:  # fourth: anything else
        return refuse(tcb, seg, "drop-listen-other")
    # third: a SYN; no host here has security compartments
    if not is_unicast(seg.src) or not is_unicast(seg.dst):  # [MUST-57, MUST-63]
        return refuse(tcb, seg, "drop-not-unicast")
    if tcb.remote is not None and tcb.remote != (seg.src, seg.sport):  # a fully specified passive OPEN
        return reset(tcb, seg, "rst-other-remote")
    tcb.remote = (seg.src, seg.sport)
    if flags & FIN:  # SEG.SEQ cannot be validated: the FIN is not processed, the SYN is
        refuse(tcb, seg, "drop-fin-of-syn")
    learn_peer(tcb, seg, now)
    user_calls.choose_iss(tcb, now)
    tcb.learn_mss(seg.options.mss)
    tcb.take_window(seg.wnd, seg.seq, tcb.iss)
    tcb.move(Event.RCV_SYN, "move-rcv-syn", seg.seq)
    output.send_syn(tcb, now, "syn-ack", tcb.iss, tcb.rcv_nxt & 0xFFFFFFFF)


def learn_peer(tcb: TCB, seg: Segment, now: int) -> None:
    """IRS = SEG.SEQ, RCV.NXT = SEG.SEQ + 1; offer the first window. Text on a SYN is left for the peer to resend."""
    tcb.irs = seg.seq
    tcb.rcv_nxt = seg.seq + 1
    tcb.rcv_adv = tcb.rcv_nxt + window.initial(tcb)
    extensions.learn(tcb, seg, now)
    tcb.learn_mss(seg.options.mss)
    ecn.peer_syn(tcb, seg)


def syn_sent(tcb: TCB, seg: Segment, now: int) -> None:
    """SYN-SENT: wait for the peer's SYN and the ACK of ours (RFC 9293 section 3.10.7.3)."""
    flags = seg.flags
    acceptable = False
    if flags & ACK:  # first
        ack = unwrap(seg.ack, tcb.snd_una)
        if not tcb.iss < ack <= tcb.snd_nxt:
            if flags & RST:
                return refuse(tcb, seg, "drop-rst-bad-ack", seg.ack)
            return reset(tcb, seg, "rst-syn-sent-ack")
        acceptable = True
    if flags & RST:  # second: it counts only with an acceptable ACK
        if not acceptable:
            return refuse(tcb, seg, "drop-rst-no-ack")
        timers.stop_all(tcb, "timer-reset")
        tcb.move(Event.RCV_RST, "move-rst-refused", seg.ack)
        return tcb.delete("gone-refused", error="connection refused")
    # third, security: no host here has compartments
    if not flags & SYN:  # fifth: neither SYN nor RST
        return refuse(tcb, seg, "drop-syn-sent-other")
    learn_peer(tcb, seg, now)  # fourth: a SYN
    if acceptable:
        established_by_syn_ack(tcb, seg, ack, now)
    else:
        # Simultaneous open: both SYNs crossed. RFC 9293 3.5 [MUST-10]
        tcb.take_window(seg.wnd, seg.seq, tcb.iss)
        tcb.move(Event.RCV_SYN, "move-rcv-syn-crossing", seg.seq)
        output.send_syn(tcb, now, "syn-ack-crossing", tcb.iss, tcb.rcv_nxt & 0xFFFFFFFF)


def established_by_syn_ack(tcb: TCB, seg: Segment, ack: int, now: int) -> None:
    """Our SYN is acknowledged and the peer's is here: ESTABLISHED; text and FIN of the segment are processed too."""
    tcb.take_window(seg.wnd, seg.seq, ack)  # 3.10.7.3 does not say so, RFC 1122 4.2.2.20 (c) does
    tcb.move(Event.RCV_SYN_ACK, "move-rcv-syn-ack", seg.ack, seg.seq)
    arrives_ack.advance_una(tcb, ack, now, seg.options.ts[1] if tcb.ts_on else None)
    acking.due(tcb, "ack-handshake", tcb.rcv_nxt & 0xFFFFFFFF)
    if seg.payload or seg.flags & FIN:
        arrives_synchronized.text_and_fin_of_syn_ack(tcb, seg, now)
    output.output(tcb, now)
