"""What may be sent now (RFC 9293 sections 3.7.4, 3.8.6.1, 3.8.6.2.1), and the making of every segment.

`output` is called after everything that might have opened a way: a SEND, an ACK, a timer, a turned knob.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import ecn, extensions, loss, pathmtu, timers, tlp, urgent, window
from .addresses import is_unicast
from .options import NO_OPTIONS, Options
from .segment import ACK, FIN, PSH, RST, SYN, URG, Segment
from .send_queue import Sent
from .seq import MASK32
from .state import Event, State
from .why import Why, because

if TYPE_CHECKING:
    from .tcb import TCB

#: States in which text or a FIN may still have to leave.
_SENDING = frozenset({State.ESTABLISHED, State.CLOSE_WAIT, State.FIN_WAIT_1, State.CLOSING, State.LAST_ACK})


def emit(tcb: TCB, seq: int, flags: int, text: bytes, why: Why, rtx: int = 0, options: Options = NO_OPTIONS) -> None:
    """Make a segment and put it on the list; with ACK set it acknowledges everything received so far."""
    local, remote = tcb.local, tcb.remote
    ack = 0
    if flags & ACK:  # RFC 9293 3.10.7.4: once established every segment carries an acknowledgment
        wnd = window.offer(tcb) if not flags & SYN else window.of_syn_ack(tcb)
        ack = tcb.rcv_nxt & MASK32
        tcb.ack_pending = None
        tcb.unacked_segments = tcb.unacked_bytes = 0
        if tcb.timers.delack is not None:
            if tcb.telling:
                timers.stop(tcb, "delack", "delack-stopped")
            tcb.timers.delack = None
    else:
        wnd = window.initial(tcb) if flags & SYN else 0
    if tcb.extended and options is NO_OPTIONS:
        options = extensions.of_segment(tcb, flags, len(text))
    marks = 0
    if tcb.ecn is not None and not flags & SYN:
        flags, marks = ecn.dress(tcb, seq, flags, text, rtx)
    elif flags & SYN and tcb.config.ecn:
        flags = ecn.syn_flags(tcb, flags, rtx)
    up = 0
    if tcb.snd_up is not None and flags & (ACK | SYN) == ACK and (up := urgent.pointer(tcb, seq)):
        flags |= URG
    tcb.out.append(Segment(local[0], remote[0], local[1], remote[1], seq & MASK32, ack, flags, wnd, text, options,
                           up, marks, why, rtx))


def reset_reply(seg: Segment, code: str) -> Segment | None:
    """The RST that answers `seg`, built from its raw fields; None for a RST (RFC 9293 sections 3.5.2, 3.10.7.1) and for
    an address that is no single host's (RFC 1122 section 4.2.3.10)."""
    if seg.flags & RST or not is_unicast(seg.src):  # never a RST for a RST
        return None
    stamp = seg.options.ts  # RFC 7323 3.2: TSecr is the TSval of the segment answered, TSval 0
    echo = NO_OPTIONS if stamp is None else Options(ts=(0, stamp[0]))
    if seg.flags & ACK:  # <SEQ=SEG.ACK><CTL=RST>
        why = Why(code, (seg.ack,))
        return Segment(seg.dst, seg.src, seg.dport, seg.sport, seg.ack, 0, RST, 0, b"", echo, why=why)
    # <SEQ=0><ACK=SEG.SEQ+SEG.LEN><CTL=RST,ACK>
    ack = (seg.seq + seg.length) & MASK32
    return Segment(seg.dst, seg.src, seg.dport, seg.sport, 0, ack, RST | ACK, 0, b"", echo, why=Why(code, (ack,)))


def send_syn(tcb: TCB, now: int, code: str, *args: object) -> None:
    """Send our SYN, or SYN,ACK when the peer's is known, and remember it in the retransmission queue."""
    flags = SYN if tcb.irs is None else SYN | ACK
    if not tcb.queue.sent:
        tcb.queue.sent.append(Sent(tcb.iss, tcb.iss + 1, SYN, now))
        tcb.rtt_end, tcb.rtt_at = tcb.iss + 1, now
    else:
        tcb.rtt_end = None  # its ACK could be for the bare SYN: Karn. RFC 6298 section 3
        tcb.queue.sent[0].sent_at = now
    emit(tcb, tcb.iss, flags, b"", Why(code, args), 0, extensions.of_syn(tcb, now))
    timers.arm(tcb, "rtx", now, tcb.rto.rto, "rtx-armed")
    start_user_timer(tcb, now)


def output(tcb: TCB, now: int, forced: bool = False) -> None:
    """Send whatever the rules allow at this moment; `forced` overrides silly window avoidance once."""
    if tcb.state not in _SENDING:
        return
    repairing = tcb.by_sack and (tcb.recovery.active or tcb.rack is not None)
    if not repairing or loss.transmit(tcb, now):
        send_allowed(tcb, now, forced)
    elif tcb.fin_seq is None:
        send_fin(tcb, now, forced)
    if tcb.rack is not None:
        tlp.rearm(tcb, now)


def send_allowed(tcb: TCB, now: int, forced: bool) -> None:
    """What a time-out left to send again, then new text, then the FIN."""
    if tcb.rtx_nxt < tcb.rtx_end:
        resend_after_timeout(tcb, now)
        if tcb.rtx_nxt < tcb.rtx_end:
            return
    if tcb.fin_seq is not None:
        return
    if tcb.queue.base + len(tcb.queue.text) > tcb.snd_nxt:
        send_text(tcb, now, forced)
    if tcb.close_wanted:
        send_fin(tcb, now, forced)


def send_fin(tcb: TCB, now: int, forced: bool) -> None:
    """The FIN without text, when CLOSE was called and everything queued has been sent."""
    if tcb.close_wanted and tcb.fin_seq is None and tcb.queue.end == tcb.snd_nxt:
        # CLOSE waits until all that was queued is segmentized. RFC 9293 3.10.4
        if tcb.snd_una + tcb.snd_wnd > tcb.snd_nxt or forced:
            send_new(tcb, 0, FIN, now, Why("fin"))
        elif tcb.snd_una == tcb.snd_nxt:
            start_persist(tcb, now)


def send_text(tcb: TCB, now: int, forced: bool, limit: int | None = None) -> None:
    """Segmentize queued text as windows, Nagle and silly window avoidance allow; with `limit`, a number, as far as
    that and the peer's window, whatever cwnd."""
    if tcb.path_mtu is not None:
        pathmtu.look_again(tcb, now)
    queue, smss, una = tcb.queue, tcb.smss, tcb.snd_una
    if tcb.held.ranges:
        smss = extensions.text_room(tcb)
    end = queue.base + len(queue.text)
    if una == tcb.snd_nxt and tcb.last_send is not None and now - tcb.last_send > tcb.rto.rto:
        before = tcb.cc.cwnd
        tcb.cc.idle(smss)  # RFC 5681 4.1: looks at the last send, not at the last receipt
        if tcb.cc.cwnd != before:
            tcb.tell_cwnd("cwnd-idle")
    if tcb.ecn is not None and tcb.ecn.held and tcb.timers.rtx is not None:
        return  # RFC 3168 6.1.2
    if limit is None:
        cwnd = tcb.cc.cwnd + tcb.recovery.extra
        edge = una + (cwnd if cwnd < tcb.snd_wnd else tcb.snd_wnd)  # RFC 5681 3.1
    else:
        edge = min(una + tcb.snd_wnd, limit)
    while (unsent := end - tcb.snd_nxt) > 0:
        room = edge - tcb.snd_nxt
        size = unsent if unsent < room else room
        if size > smss:
            size = smss
        if size < smss and not (may_send_short(tcb, size, unsent) or (forced and size > 0)):
            if una == tcb.snd_nxt:
                start_persist(tcb, now)
            return
        fin = 0
        if size == unsent and tcb.close_wanted and una + tcb.snd_wnd > end:
            fin = FIN
        send_new(tcb, size, fin, now, because("data-fin" if fin else "data", size))
        if size < smss:
            tcb.short_end = tcb.snd_nxt


def may_send_short(tcb: TCB, size: int, unsent: int) -> bool:
    """Nagle, and the sender's silly window avoidance, for a segment below the full size (RFC 9293 3.8.6.2.1).

    `size` is what fits now, `unsent` what is queued. The rule's full-sized case (1) never gets here.
    """
    if size <= 0:
        return False
    nothing_outstanding = tcb.snd_una == tcb.snd_nxt
    if size == unsent:
        if nothing_outstanding or not tcb.config.nagle:  # RFC 9293 3.7.4 [SHLD-7, MUST-17], case (2)
            return True
        return tcb.config.minshall and tcb.short_end <= tcb.snd_una  # RFC 9293 A.3: no short one is outstanding
    if tcb.snd_una + tcb.snd_wnd - tcb.snd_nxt <= size:  # the peer's window is the limit [MUST-38]
        return 2 * size >= tcb.max_snd_wnd  # case (3); case (4) is the override timer
    return nothing_outstanding  # cwnd is the limit: only when it is below one segment


def send_new(tcb: TCB, size: int, fin: int, now: int, why: Why) -> None:
    """Send `size` bytes of new text, with a FIN when `fin` is set, and start the timers."""
    queue, seq = tcb.queue, tcb.snd_nxt
    end = seq + size
    text = queue.slice(seq, end) if size else b""
    flags = ACK | fin
    # PSH when a push falls inside, or nothing more is queued. RFC 9293 3.9.1.2 [MUST-61, SHLD-27]
    if size and (queue.push_within(seq, end) or end == queue.base + len(queue.text)):
        flags |= PSH
    tcb.snd_nxt = end
    if fin:
        tcb.fin_seq = end
        tcb.snd_nxt = end + 1
        tcb.close_wanted = False
        if tcb.state is State.CLOSE_WAIT:
            tcb.move(Event.CLOSE, "move-close")
    queue.sent.append(Sent(seq, tcb.snd_nxt, flags & (FIN | PSH), now))
    tcb.bytes_sent += size
    tcb.last_send = now
    if tcb.rtt_end is None:  # one segment is timed at a time [9293 MUST-18; RFC 6298 section 3]
        tcb.rtt_end, tcb.rtt_at = tcb.snd_nxt, now
    if tcb.timers.persist is not None:
        stop_persist(tcb)
    emit(tcb, seq, flags, text, why)
    if tcb.prr is not None:
        tcb.prr.out += size
    rack = tcb.rack
    if rack is not None:
        rack.pto_due = True
        if rack.rto_at is not None:  # another timer stands in for it (RFC 8985 section 8)
            return
    if tcb.timers.rtx is None:  # RFC 6298 (5.1)
        timers.arm(tcb, "rtx", now, tcb.rto.rto, "rtx-armed")
        start_user_timer(tcb, now)


def retransmit(tcb: TCB, entry: Sent, now: int, kind: str, code: str, *args: object) -> None:
    """Send an entry of the retransmission queue again, with the latest acknowledgment and window.

    The timer starts anew, so that no segment is sent again by the timer within one RTO (RFC 6298 section 5); Karn's
    rule forbids measuring anything sent before (RFC 6298 section 3).
    """
    entry.count += 1
    entry.sent_at = tcb.last_send = now
    tcb.rtt_end = None
    tcb.segments_retransmitted += 1
    if entry.lost:
        entry.lost = False
        tcb.rack.lost -= entry.end - entry.seq
    if tcb.prr is not None:
        tcb.prr.out += entry.end - entry.seq
    why = Why(code, args)
    if tcb.telling:
        tcb.tell("rtx", code, args, seq=entry.seq & MASK32, len=entry.end - entry.seq, kind=kind)
    if entry.flags & SYN:
        emit(tcb, entry.seq, SYN if tcb.irs is None else SYN | ACK, b"", why, entry.count, extensions.of_syn(tcb, now))
    else:
        text = tcb.queue.slice(entry.seq, entry.end)
        emit(tcb, entry.seq, entry.flags | ACK, text, why, entry.count)
    timers.arm(tcb, "rtx", now, tcb.rto.rto, "rtx-armed")


def resend_after_timeout(tcb: TCB, now: int) -> None:
    """After a time-out what was outstanding is sent again in slow start, as far as ACKs have not covered it (RFC 5681
    section 3.1); only the front segment was resent by the timer itself."""
    una = tcb.snd_una
    edge = una + min(tcb.snd_wnd, tcb.cc.cwnd)
    for entry in tcb.queue.sent:
        if entry.seq >= tcb.rtx_end:
            break
        if entry.end <= tcb.rtx_nxt or entry.sacked:  # RFC 6675 5.1: what was reported since the time-out stays
            continue
        if entry.end > edge:
            return
        retransmit(tcb, entry, now, "rto", "rtx-slow-start", entry.seq & MASK32)
        tcb.rtx_nxt = entry.end
    tcb.rtx_nxt = tcb.rtx_end


def start_persist(tcb: TCB, now: int) -> None:
    """The peer's window stops us and nothing is outstanding whose ACK could open it (RFC 9293 section 3.8.6.1)."""
    if tcb.timers.persist is not None:
        return
    if tcb.snd_wnd > 0:
        timers.arm(tcb, "persist", now, tcb.config.sws_override_ns, "persist-sws", tcb.snd_wnd)
    else:
        tcb.probe_count = 0
        timers.arm(tcb, "persist", now, tcb.rto.rto, "persist-armed")  # [SHLD-29]
    start_user_timer(tcb, now)


def stop_persist(tcb: TCB) -> None:
    timers.stop(tcb, "persist", "persist-stopped", tcb.snd_wnd)
    tcb.probe_count = tcb.probes_unanswered = 0


def start_user_timer(tcb: TCB, now: int) -> None:
    """Something waits for the peer: the user timeout runs (RFC 9293 section 3.10.8)."""
    if tcb.timers.user is None and tcb.config.user_timeout_ns is not None:
        tcb.timers.user = now + tcb.config.user_timeout_ns
