"""Named deadlines as data. A timer never runs: it is a number, and the owner asks for the earliest.

`arm` and `stop` also tell about it; the hot paths of output and acking set the fields themselves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .plain import Plain

if TYPE_CHECKING:
    from .tcb import TCB

#: Field name -> name shown, in the order in which timers due at one instant fire.
NAMES = {"rtx": "rtx", "reo": "reordering", "pto": "tail-loss", "persist": "persist", "delack": "delack",
         "time_wait": "time-wait", "user": "user", "keepalive": "keep-alive"}


class Timers(Plain):
    """The timers of a connection: deadlines in ns, None while not running (RFC 9293 section 3.10.8, RFC 8985)."""

    __slots__ = ("rtx", "reo", "pto", "persist", "delack", "time_wait", "user", "keepalive")

    def __init__(self) -> None:
        self.rtx: int | None = None
        self.reo: int | None = None
        self.pto: int | None = None
        self.persist: int | None = None
        self.delack: int | None = None
        self.time_wait: int | None = None
        self.user: int | None = None
        self.keepalive: int | None = None

    def earliest(self) -> int | None:
        """The next deadline in ns, None when no timer runs."""
        best = self.rtx
        # Asked after every segment: one timer at a time takes a quarter of the time of a loop over them.
        if self.delack is not None and (best is None or self.delack < best):
            best = self.delack
        if self.user is not None and (best is None or self.user < best):
            best = self.user
        if self.reo is not None and (best is None or self.reo < best):
            best = self.reo
        if self.pto is not None and (best is None or self.pto < best):
            best = self.pto
        if self.persist is not None and (best is None or self.persist < best):
            best = self.persist
        if self.time_wait is not None and (best is None or self.time_wait < best):
            best = self.time_wait
        if self.keepalive is not None and (best is None or self.keepalive < best):
            best = self.keepalive
        return best

    def running(self) -> tuple[tuple[str, int], ...]:
        """(name, deadline) of every running timer."""
        return tuple((shown, at) for name, shown in NAMES.items() if (at := getattr(self, name)) is not None)


def seconds(ns: int) -> str:
    """A duration for a sentence: ``1 s``, ``0.25 s``, exact to the nanosecond, without floats."""
    whole, rest = divmod(ns, 1_000_000_000)
    return f"{whole}.{rest:09d}".rstrip("0") + " s" if rest else f"{whole} s"


def arm(tcb: TCB, name: str, now: int, delay: int, code: str, *args: object) -> None:
    """Start or restart the timer `name` (a field of Timers) to fire `delay` ns after `now`."""
    setattr(tcb.timers, name, now + delay)
    if tcb.telling:
        tcb.tell("timer", code, (seconds(delay), *args), name=NAMES[name], op="armed", at=now + delay)


def tell_armed(tcb: TCB, name: str, now: int, code: str) -> None:
    """Tell of the timer `name` that a hot path has set itself."""
    at = getattr(tcb.timers, name)
    tcb.tell("timer", code, (seconds(at - now),), name=NAMES[name], op="armed", at=at)


def stop(tcb: TCB, name: str, code: str, *args: object) -> None:
    """Stop the timer `name`; nothing is told when it was not running."""
    at = getattr(tcb.timers, name)
    if at is not None:
        setattr(tcb.timers, name, None)
        if tcb.telling:
            tcb.tell("timer", code, args, name=NAMES[name], op="stopped", at=at)


def stop_all(tcb: TCB, code: str) -> None:
    """Stop every timer (RFC 9293 section 3.10.7.4: "turn off the other timers")."""
    for name in NAMES:
        stop(tcb, name, code)
