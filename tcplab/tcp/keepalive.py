"""Keep-alive: asking a silent peer whether it is still there (RFC 9293 section 3.8.4). Off by default [MUST-25].

A probe begins one number below SND.NXT, which the peer has acknowledged: it is unacceptable there, and answered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import output, timers
from .segment import ACK
from .seq import MASK32
from .state import Event, State
from .timers import seconds
from .why import Why

if TYPE_CHECKING:
    from .tcb import TCB

#: Where nothing of ours need be outstanding; elsewhere the FIN's retransmission finds out.
_STATES = frozenset({State.ESTABLISHED, State.FIN_WAIT_2, State.CLOSE_WAIT})


def heard(tcb: TCB, now: int) -> None:
    """Something has arrived: the silence begins anew, whatever it was [MUST-26]; without words, like the user timer."""
    interval = tcb.config.keepalive_ns
    if interval is None or tcb.state not in _STATES:
        tcb.timers.keepalive = None
        return
    tcb.keepalives = 0
    tcb.timers.keepalive = now + interval


def configured(tcb: TCB, now: int) -> None:
    """The knob was turned while the connection lives [MUST-24, MUST-27]."""
    if tcb.config.keepalive_ns is None:
        timers.stop(tcb, "keepalive", "keepalive-off")
        tcb.keepalives = 0
    else:
        heard(tcb, now)
        if tcb.timers.keepalive is not None:
            timers.arm(tcb, "keepalive", now, tcb.config.keepalive_ns, "keepalive-armed")


def fired(tcb: TCB, now: int) -> None:
    """Silence for the whole interval: ask, and ask again some times before giving up [MUST-26, MUST-29]."""
    config = tcb.config
    if config.keepalive_ns is None or tcb.state not in _STATES:
        return
    if tcb.snd_una != tcb.snd_nxt or tcb.queue.end > tcb.snd_nxt:  # retransmission or probing asks already [MUST-26]
        return heard(tcb, now)
    if tcb.keepalives >= config.keepalive_count:
        count = tcb.keepalives
        timers.stop_all(tcb, "timer-give-up")
        tcb.move(Event.GIVE_UP, "move-keepalive", count)
        return tcb.delete("gone-keepalive", count, error=f"connection timed out ({count} keep-alives unanswered)")
    tcb.keepalives += 1
    number = tcb.snd_nxt - 1
    text = b"\0" if config.keepalive_garbage else b""  # [SHLD-12, MAY-6]
    output.emit(tcb, number, ACK, text, Why("keepalive", (number & MASK32, seconds(config.keepalive_ns))), 1)
    timers.arm(tcb, "keepalive", now, config.keepalive_interval_ns, "keepalive-again", tcb.keepalives)
