"""Timeouts (RFC 9293 section 3.10.8): USER, RETRANSMISSION, TIME-WAIT; beside them the persist timer of section
3.8.6.1 and the delayed ACK of section 3.8.6.3."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import acking, ecn, frto, icmp, keepalive, loss, output, rack, recovery, reopening, timers, tlp
from .segment import ACK, PSH, SYN
from .seq import wrap
from .state import Event
from .timers import seconds
from .why import Why

if TYPE_CHECKING:
    from .tcb import TCB

#: The RFC's words for the end of an unanswered connection (section 3.10.8).
USER_TIMEOUT = "connection aborted due to user timeout"


def fire_due(tcb: TCB, now: int) -> None:
    """Let every timer fire whose deadline has come, in the order of `timers.NAMES`."""
    for name, handler in _HANDLERS:
        at = getattr(tcb.timers, name)
        if at is not None and at <= now:
            setattr(tcb.timers, name, None)
            if tcb.telling:
                tcb.tell("timer", f"fired-{name}", (), name=timers.NAMES[name], op="fired", at=at)
            handler(tcb, now)


def user(tcb: TCB, now: int) -> None:
    """USER TIMEOUT: flush all queues, tell the user, delete the TCB (RFC 9293 section 3.10.8)."""
    if reopening.restored(tcb):
        return
    timers.stop_all(tcb, "timer-give-up")
    tcb.move(Event.USER_TIMEOUT, "move-user-timeout")
    tcb.delete("gone-user-timeout", error=USER_TIMEOUT + icmp.last_words(tcb))


def retransmission(tcb: TCB, now: int) -> None:
    """Resend the segment at the front of the retransmission queue, double RTO (RFC 9293 3.10.8, RFC 6298 section 5)."""
    config, queue = tcb.config, tcb.queue
    ecn.released(tcb)
    if not queue.sent:
        return output.output(tcb, now)
    front = queue.sent[0]
    syn = bool(front.flags & SYN)
    if front.count and not syn:  # RFC 7323 2.4 [7323-12]: only the first time regardless of the window
        queue.cut_front(tcb.snd_una + tcb.snd_wnd + (1 << tcb.snd_shift) - 1)
    # A peer that closed its window over what we sent, and still answers, is not dead. RFC 9293 3.8.6 [MUST-37, SHLD-17]
    closed_but_alive = not syn and tcb.snd_wnd == 0 and tcb.heard
    limit = config.r2_syn if syn else config.r2
    if not closed_but_alive:
        if limit is not None and tcb.rtx_count >= limit:
            return give_up(tcb, tcb.rtx_count)
        tcb.rtx_count += 1
        if tcb.rtx_count == config.r1:
            advise(tcb)
        if syn:
            tcb.syn_timed_out += 1
        else:
            congestion_timeout(tcb, now)
    tcb.heard = False
    waited = tcb.rto.rto
    tcb.rto.back_off(config)  # RFC 6298 (5.5)
    rto = tcb.rto
    if tcb.telling:
        tcb.tell("rto", "rto-backoff", (seconds(waited), seconds(rto.rto)), srtt=rto.srtt, rttvar=rto.rttvar,
                 rto=rto.rto)
    code = "rtx-probe" if closed_but_alive else "rtx-timeout"
    output.retransmit(tcb, front, now, "probe" if closed_but_alive else "rto", code, seconds(waited),
                      wrap(front.seq))  # RFC 6298 (5.4), (5.6)
    if not syn:
        loss.go_back(tcb, front.end)


def congestion_timeout(tcb: TCB, now: int) -> None:
    """The loss of a segment is a sign of congestion (RFC 5681 section 3.1); recovery ends (RFC 6582 section 3.2)."""
    judging = frto.possible(tcb)
    recovery.timed_out(tcb)
    tcb.frto = None
    if judging:
        frto.start(tcb)
    if tcb.by_sack:
        loss.timed_out(tcb, now)
    before = tcb.cc.cwnd, tcb.cc.ssthresh
    tcb.cc.timeout(tcb.flight_size, tcb.rtx_count == 1 and not ecn.reduced_already(tcb))
    if (tcb.cc.cwnd, tcb.cc.ssthresh) != before:
        tcb.tell_cwnd("cwnd-timeout", tcb.cc.cwnd, tcb.cc.shown_ssthresh)


def advise(tcb: TCB) -> None:
    """R1 is reached: the user hears that something is wrong; nothing ends (RFC 9293 3.8.3 [SHLD-9, MUST-20])."""
    tcb.tell("error", "r1-reached", (tcb.rtx_count,), message=f"no answer after {tcb.rtx_count} retransmissions (R1)",
             soft=True)


def give_up(tcb: TCB, count: int) -> None:
    """R2 is reached: close the connection and tell the user (RFC 9293 section 3.8.3 [MUST-20, MUST-22])."""
    if reopening.restored(tcb):
        return
    timers.stop_all(tcb, "timer-give-up")
    tcb.move(Event.GIVE_UP, "move-give-up", count)
    tcb.delete("gone-give-up", count, error=f"{USER_TIMEOUT} (R2: {count} retransmissions unanswered)"
               + icmp.last_words(tcb))


def persist(tcb: TCB, now: int) -> None:
    """Probe a closed window, or send a small segment at last (RFC 9293 sections 3.8.6.1 and 3.8.6.2.1 (4))."""
    queue = tcb.queue
    unsent = queue.end - tcb.snd_nxt
    if tcb.fin_seq is not None or (unsent <= 0 and not tcb.close_wanted):
        return
    if tcb.snd_wnd > 0 or unsent <= 0:
        # A FIN without text goes out as the probe; from then on the retransmission timer repeats it.
        return output.output(tcb, now, forced=True)
    config = tcb.config
    if config.r2 is not None and tcb.probes_unanswered >= config.r2:
        return give_up(tcb, tcb.probes_unanswered)
    probe(tcb)
    delay = min(tcb.rto.rto << min(tcb.probe_count, 16), max(config.rto_max_ns, tcb.rto.rto))  # [SHLD-30]
    timers.arm(tcb, "persist", now, delay, "persist-backoff")


def probe(tcb: TCB) -> None:
    """Send one octet of new text beyond the window; SND.NXT passes it only when it is acknowledged [MUST-36]."""
    number = tcb.snd_nxt
    repeated = tcb.probe_count if tcb.probe_end == number + 1 else 0
    tcb.probe_end = number + 1
    tcb.probe_count += 1
    tcb.probes_unanswered += 1
    if repeated:
        tcb.segments_retransmitted += 1
    tcb.tell("rtx", "probe", (wrap(number),), seq=wrap(number), len=1, kind="probe")
    flags = ACK | PSH if tcb.queue.end == number + 1 else ACK
    output.emit(tcb, number, flags, tcb.queue.slice(number, number + 1), Why("probe", (wrap(number),)), repeated)


def delayed_ack(tcb: TCB, now: int) -> None:
    """The ACK was held long enough (RFC 9293 section 3.8.6.3 [MUST-40])."""
    acking.due(tcb, "ack-delayed", seconds(tcb.config.delack_ns), wrap(tcb.rcv_nxt))


def enter_time_wait(tcb: TCB, now: int) -> None:
    """TIME-WAIT has been entered: only its own timer runs (RFC 9293 section 3.10.7.4)."""
    timers.stop_all(tcb, "timer-time-wait")
    tcb.ecn = None  # RFC 3168 6.1.1: forgotten [3168-22]
    start_time_wait(tcb, now, "time-wait")


def start_time_wait(tcb: TCB, now: int, code: str) -> None:
    """Start or restart the 2MSL timer [MUST-13]; with an MSL of 0 TIME-WAIT ends on the spot."""
    tcb.time_wait_since = now
    timers.arm(tcb, "time_wait", now, 2 * tcb.config.msl_ns, code)
    if tcb.config.msl_ns == 0:
        acking.flush(tcb)  # the ACK of the peer's FIN, while there is a TCB to send it
        tcb.timers.time_wait = None
        time_wait(tcb, now)


def time_wait(tcb: TCB, now: int) -> None:
    """TIME-WAIT TIMEOUT: delete the TCB (RFC 9293 section 3.10.8)."""
    tcb.move(Event.TIME_WAIT_TIMEOUT, "move-time-wait-over", seconds(now - tcb.time_wait_since))
    tcb.delete("gone-time-wait", keep_unread=True)


_HANDLERS = (("rtx", retransmission), ("reo", rack.reordering_timeout), ("pto", tlp.fired),
             ("persist", persist), ("delack", delayed_ack), ("time_wait", time_wait), ("user", user),
             ("keepalive", keepalive.fired))
