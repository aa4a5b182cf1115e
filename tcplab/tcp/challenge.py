"""Challenge ACKs and their budget: what a blind attacker may make a connection do (RFC 5961).

A segment that might be forged is answered with an ACK that only the real peer can make sense of. So that a flood of
forgeries brings forth no flood of ACKs, each connection has a budget of its own: a common one could be used to find
out from outside whether two other hosts are connected (section 7).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import acking, output, timers
from .arrival import Arrival, refuse
from .seq import MASK32
from .state import Event
from .timers import seconds

if TYPE_CHECKING:
    from .tcb import TCB


def challenge(tcb: TCB, now: int, code: str, *args: object) -> None:
    """Send a challenge ACK, <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>, if the budget allows (RFC 5961 sections 3.2, 7)."""
    config = tcb.config
    if config.rfc5961:
        if tcb.challenge_since is None or now - tcb.challenge_since >= config.challenge_ns:
            tcb.challenge_since, tcb.challenges = now, 0
        if tcb.challenges >= config.challenge_limit:  # RFC 5961 7 [5961-10, 5961-11, 5961-12]
            if tcb.telling:
                tcb.tell("ack", "challenge-throttled", (config.challenge_limit, seconds(config.challenge_ns)), acked=0,
                         una=tcb.snd_una & MASK32)
            return
        tcb.challenges += 1
    acking.at_once(tcb, code, *args)


def too_old(tcb: TCB, arrival: Arrival, now: int) -> bool:
    """An ACK below SND.UNA - MAX.SND.WND cannot be an old duplicate, only a guess: the whole segment is dropped and
    questioned (RFC 5961 section 5.2). Returns whether it was."""
    lowest = tcb.snd_una - tcb.max_snd_wnd
    if arrival.ack >= lowest or not tcb.config.rfc5961:
        return False
    refuse(tcb, arrival, "drop-ack-too-old", arrival.seg.ack, lowest & MASK32)
    challenge(tcb, now, "ack-challenge-ack", arrival.seg.ack, lowest & MASK32)
    return True


def syn_resets(tcb: TCB, arrival: Arrival) -> None:
    """Without RFC 5961 a SYN in the window resets the connection, as RFC 793 had it (page 71)."""
    reply = output.reset_reply(arrival.seg, "rst-syn-in-window")
    if reply is not None:
        tcb.out.append(reply)
    timers.stop_all(tcb, "timer-reset")
    tcb.move(Event.RCV_SYN_IN_WINDOW, "move-syn-in-window", arrival.seg.seq)
    tcb.delete("gone-syn-in-window", error="connection reset")
