"""Values as they are shown: times, sequence numbers, sizes, and the variables of a connection with their labels."""

from __future__ import annotations

from typing import NamedTuple

from tcplab.notation.glossary import VARIABLES, variable_key
from tcplab.notation.units import format_percent, format_rate, format_size, format_time
from tcplab.tcp.segment import MOD32
from tcplab.tcp.views import TcbView

#: What a pane shows when a lab does not say (`v` shows it as well), the most telling first.
FULL = (
    "snd_una",
    "snd_nxt",
    "snd_wnd",
    "rcv_nxt",
    "rcv_wnd",
    "flight",
    "cwnd",
    "ssthresh",
    "rto",
    "timer",
    "dup_acks",
    "srtt",
    "iss",
    "irs",
    "smss",
    "unsent",
    "unread",
    "holes",
)

TIMER_NAMES = {
    "rtx": "resend in",
    "persist": "probe in",
    "delack": "ACK in",
    "time-wait": "forget in",
    "user": "give up in",
}

#: The variables that show one timer, and that timer's name.
TIMER_KEYS = {"rtx_timer": "rtx", "persist_timer": "persist", "delack_timer": "delack", "time_wait_timer": "time-wait",
              "user_timer": "user"}  # fmt: skip

#: Labels of variables whose name is a phrase.
SHORT = {"segments_retransmitted": "sent again", "bytes_sent": "bytes sent", "bytes_received": "bytes rcvd",
         "sndbuf": "send buf", "rcvbuf": "rcv buf", "fin_acked": "FIN acked", "local_port": "port",
         "remote_port": "peer port"}  # fmt: skip

#: Shown in place of a value that is hidden while a question is open.
HIDDEN = "····"

_SENDING = ("snd_una", "snd_nxt", "snd_wl2", "iss")
_RECEIVING = ("rcv_nxt", "snd_wl1", "irs")


class Value(NamedTuple):
    """One line of a pane: its key in the glossary, what to print before and after, and whether it changed last."""

    key: str
    label: str
    text: str
    changed: bool = False


def seconds(ns: int, digits: int = 3) -> str:
    """A time on the virtual clock in seconds, e.g. ``0.050``."""
    scale = 10 ** (9 - digits)
    whole, part = divmod(ns // scale, 10**digits)
    return f"{whole}.{part:0{digits}d}"


def span(ns: int) -> str:
    """A length of time as a person says it: ``50 ms``, ``1.00 s``, ``58.2 s``, ``4 min``."""
    if ns < 10**9:
        ms, us = divmod(ns // 1000, 1000)
        return f"{ms} ms" if not us or ms >= 10 else f"{ms}.{us // 100} ms"
    if ns < 10 * 10**9:
        return f"{seconds(ns, 2)} s"
    if ns < 180 * 10**9:
        return f"{seconds(ns, 1)} s"
    return f"{ns // (60 * 10**9)} min"


def shown_keys(show: frozenset[str] | None, everything: bool) -> tuple[str, ...]:
    """The variables a pane shows, in order; `show` is the lab's list (any spelling), None for all."""
    if show is None:
        return FULL
    if everything:
        # The lab's own come first: what it is about must not vanish where room is short.
        return tuple(dict.fromkeys((*shown_keys(show, False), *FULL)))
    wanted = {variable_key(name) for name in show}
    order = [*FULL, *(key for key in VARIABLES if key not in FULL)]
    # Numbers first chosen are easiest to follow when they stand where the RFC lists them: ISS above SND.NXT.
    keys = [key for key in order if key in wanted and key != "state"]
    return tuple(sorted(keys, key=lambda key: (key not in ("iss", "irs"), order.index(key))))


def number(key: str, value: int, tcb: TcbView, relative: bool) -> str:
    """A sequence number, counted from the initial one if `relative`."""
    base = tcb.iss if key in _SENDING else tcb.irs if key in _RECEIVING else None
    if relative and base is not None:
        return str((value - base) % MOD32)
    return str(value)


def values(
    tcb: TcbView | None,
    keys: tuple[str, ...],
    hide: frozenset[str],
    now: int,
    relative: bool,
    changed: frozenset[str] = frozenset(),
) -> list[Value]:
    """The lines of a pane for `keys`. Unknown values are a dash, hidden ones dots."""
    hidden = {variable_key(name) for name in hide}
    out = []
    for key in keys:
        gloss = VARIABLES.get(key)
        if gloss is None:
            continue
        if key in hidden:
            out.append(Value(key, _label(key, gloss.rfc), HIDDEN))
        elif key == "timer":
            out.append(_timer(tcb, now))
        elif key in TIMER_KEYS:
            out.append(_one_timer(key, tcb, now))
        else:
            text = "–" if tcb is None else _text(key, gloss.kind, tcb, relative)
            out.append(Value(key, _label(key, gloss.rfc), text, key in changed))
    return out


def _label(key: str, rfc: str) -> str:
    """What stands before a value: the RFC's name, shorter where that is a phrase."""
    if key in TIMER_KEYS:
        return TIMER_NAMES[TIMER_KEYS[key]]
    return SHORT.get(key, rfc)


def _one_timer(key: str, tcb: TcbView | None, now: int) -> Value:
    """The time left on one timer."""
    deadlines = dict(tcb.timers) if tcb is not None else {}
    deadline = deadlines.get(TIMER_KEYS[key])
    return Value(key, _label(key, ""), "–" if deadline is None else span(max(deadline - now, 0)))


def _timer(tcb: TcbView | None, now: int) -> Value:
    if tcb is None or not tcb.timers:
        return Value("timer", "timer", "–")
    name, deadline = min(tcb.timers, key=lambda pair: pair[1])
    return Value("timer", TIMER_NAMES.get(name, name), span(max(deadline - now, 0)))


def _text(key: str, kind: str, tcb: TcbView, relative: bool) -> str:
    raw = getattr(tcb, key, None)
    if key == "holes":
        return str(len(tcb.holes))
    if key == "ssthresh" and (raw is None or raw >= 1 << 30):
        return "no limit"
    if raw is None:
        return "–"
    if kind == "seq":
        return number(key, raw, tcb, relative)
    if kind == "time":
        return span(raw)
    if kind == "bytes":
        return f"{raw} B"
    if kind == "flag":
        return "yes" if raw else "no"
    return str(raw)


def changed_keys(before: TcbView | None, after: TcbView | None) -> frozenset[str]:
    """The variables that differ between two copies of a connection."""
    if before is None or after is None or before is after:
        return frozenset()
    return frozenset(key for key in VARIABLES if getattr(before, key, None) != getattr(after, key, None))


__all__ = [
    "FULL",
    "HIDDEN",
    "TIMER_NAMES",
    "Value",
    "changed_keys",
    "format_percent",
    "format_rate",
    "format_size",
    "format_time",
    "number",
    "seconds",
    "shown_keys",
    "span",
    "values",
]
