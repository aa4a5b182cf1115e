"""Each kind of event as a plain sentence: what a connection reports, what users, programs and the link do.

Names of variables are those of RFC 9293 (SND.UNA), RFC 5681 (cwnd, ssthresh) and RFC 6298 (SRTT, RTTVAR, RTO);
sequence numbers are wire numbers. Nothing here is ever hashed or judged, so a sentence may always be bettered.
"""

from __future__ import annotations

from collections.abc import Callable

from tcplab.net.options import OPTIONS
from tcplab.net.trace import Event
from tcplab.notation.plural import many, singular
from tcplab.notation.units import decimal, format_percent, format_rate, format_time
from tcplab.notation.values import MOD32

_MS = 1_000_000
_S = 1_000_000_000

# -- numbers in words -----------------------------------------------------------------------------------------------

def _bytes(count: object) -> str:
    return many(count, "byte", form="")


def _clock(ns: object) -> str:
    """An instant of the virtual clock in seconds, to the millisecond or as fine as it is: ``1.050 s``."""
    if not isinstance(ns, int):
        return "?"
    whole, rest = divmod(ns, _S)
    digits = f"{rest:09d}"
    return f"{whole}.{digits[:3]}{digits[3:].rstrip('0')} s"


def _span(ns: object) -> str:
    """A length of time, to the microsecond: ``100 ms``, ``1.5 s``."""
    if not isinstance(ns, int):
        return "not known yet"
    ns -= ns % 1000 if ns >= 1000 else 0
    return f"{decimal(ns // 1000, 1000)} ms" if _MS <= ns < _S else format_time(ns, " ")


# -- what a connection reports --------------------------------------------------------------------------------------

#: What moved a state, by the table's words for it (RFC 9293 section 3.3.2, figure 5).
_MOVERS = {
    "passive OPEN": "the user called a passive OPEN",
    "active OPEN": "the user called an active OPEN",
    "SEND": "the user called SEND",
    "CLOSE": "the user called CLOSE",
    "ABORT": "the user called ABORT",
    "rcv SYN": "a SYN arrived",
    "rcv SYN,ACK": "a SYN,ACK arrived",
    "rcv ACK of SYN": "the ACK of our SYN arrived",
    "rcv FIN": "the peer's FIN arrived",
    "rcv ACK of FIN": "the ACK of our FIN arrived",
    "rcv FIN and ACK of FIN": "the peer's FIN and the ACK of ours arrived together",
    "rcv RST": "a RST arrived",
    "rcv RST, passive origin": "a RST arrived",
    "unreachable, passive origin": "ICMP reports that the peer cannot be reached",
    "re-opening failed": "the SYN that re-opened the connection was an old duplicate",
    "ABORT, TIME-WAIT kept": "the user called ABORT",
    "rcv new SYN": "a new SYN arrived",
    "rcv SYN in window": "a SYN arrived in the window",
    "unreachable": "ICMP reports that the peer cannot be reached",
    "2MSL timeout": "two MSL have passed",
    "user timeout": "the user timeout has passed",
    "R2 reached": "nobody answered the retransmissions",
}

_TIMERS = {
    "rtx": "retransmission timer",
    "reordering": "reordering timer",
    "tail-loss": "tail loss probe timer",
    "persist": "persist timer",
    "delack": "delayed ACK timer",
    "time-wait": "TIME-WAIT timer (2 MSL)",
    "user": "user timeout",
    "keep-alive": "keep-alive timer",
}

_AGAIN = {
    "rto": "sent again after a time-out",
    "fast": "sent again by fast retransmit",
    "partial": "sent again after a partial ACK",
    "sack": "sent again because SACK shows a hole",
    "rack": "sent again because later segments have overtaken it (RACK)",
    "tlp": "sent again as a tail loss probe",
    "pmtu": "sent again in smaller segments (path MTU)",
    "probe": "sent as a window probe",
}


def _state(event: Event) -> str:
    moved = str(event.get("event"))
    return f"The state changes from {event.get('from')} to {event.get('to')}: {_MOVERS.get(moved, moved)}."


def _timer(event: Event) -> str:
    name, at, op = str(event.get("name")), event.get("at"), event.get("op")
    timer = f"The {_TIMERS.get(name, name + ' timer')}"
    if op == "armed":
        left = at - event.t if isinstance(at, int) else 0
        return f"{timer} is set: it will fire at {_clock(at)}, in {_span(left)}."
    if op == "stopped":
        return f"{timer} is stopped; it would have fired at {_clock(at)}."
    return f"{timer} fires."


def _ack(event: Event) -> str:
    una, acked = event.get("una"), event.get("acked")
    if event.get("duplicate"):
        return f"Duplicate ACK number {event.get('duplicate')}: SND.UNA stays at {una}."
    if acked:
        return f"SND.UNA advances to {una}: {_bytes(acked)} of text acknowledged."
    if event.why is not None and event.why.code == "ack-new":
        return f"SND.UNA advances to {una}: no text is acknowledged, only a SYN or FIN."
    return f"SND.UNA is {una}: no text is acknowledged."


def _rto(event: Event) -> str:
    if event.get("srtt") is None:
        return f"RTO is {_span(event.get('rto'))}; no round trip has been measured yet."
    srtt, rttvar, rto = (_span(event.get(key)) for key in ("srtt", "rttvar", "rto"))
    return f"SRTT is {srtt}, RTTVAR {rttvar}, RTO {rto}."


def _rtx(event: Event) -> str:
    number, length, kind = event.get("seq"), event.get("len"), str(event.get("kind"))
    how = _AGAIN.get(kind, "sent again")
    if length == 1:
        return f"Number {number} is {how}."
    return f"The {length} numbers from {number} on are {how}."


def _cwnd(event: Event) -> str:
    ssthresh = event.get("ssthresh")
    limit = "ssthresh is not set yet" if ssthresh is None else f"ssthresh is {_bytes(ssthresh)}"
    return f"cwnd is {_bytes(event.get('cwnd'))}, {limit}."


def _window(event: Event) -> str:
    return f"SND.WND, the peer's receive window, is {_bytes(event.get('snd_wnd'))}."


def _accepted(event: Event) -> str:
    trimmed = event.get("trimmed")
    cut = f"; {_bytes(trimmed)} known already or outside the window cut off" if trimmed else ""
    return f"{_bytes(event.get('n'))} of text taken in{cut}."


def _received(event: Event) -> str:
    n = event.get("n")
    return f"RCV.NXT advances by {n}: {_bytes(n)} in order, ready to be read."


def _refused(event: Event) -> str:
    length = event.get("len")
    span = f", {many(length, 'number', form='')} long," if length else ""
    return f"The segment at number {event.get('seq')}{span} is not accepted."


def _hole(event: Event) -> str:
    left, right = event.get("left"), event.get("right")
    if not isinstance(left, int) or not isinstance(right, int):
        return "There is a hole in what has arrived."
    missing = many((right - left) % MOD32, "number", form="")
    return f"There is a hole in what has arrived: {missing} missing, from RCV.NXT {left} on, up to {right}."


def _error(event: Event) -> str:
    message = singular(str(event.get("message", "")))
    if event.get("call"):
        return f"Refused: {event.get('call')} ({message})."
    if event.get("op") == "rule":
        return f"A rule of the link is taken away ({event.get('match')}): {message}"
    return f"The user is told: {message}" + ("; the connection lives on." if event.get("soft") else ".")


def _gone(event: Event) -> str:
    return "The TCB is deleted: the connection no longer exists."


def _ecn(event: Event) -> str:
    if event.get("on") is not None:
        return "ECN is agreed for this connection." if event.get("on") else "ECN is not used on this connection."
    return "ACKs carry ECE from now on." if event.get("echo") else "ACKs carry ECE no longer."


def _icmp(event: Event) -> str:
    if event.get("type") is not None:
        return f"An ICMP report about segment #{event.get('quotes')} arrives."
    if not event.get("taken"):
        return "The ICMP report changes nothing."
    smss = _bytes(event.get("smss"))
    if not event.get("mtu"):
        return f"The report about the path is old: {smss} of text are tried in a segment again."
    return f"The path carries packets of {_bytes(event.get('mtu'))} at most: a segment holds {smss} of text."


def _urgent(event: Event) -> str:
    left = event.get("left")
    return f"{_bytes(left)} to be read up to the urgent mark." if left else "The urgent mark has been reached."


# -- what users, programs and the link do ---------------------------------------------------------------------------

_PROGRAMS = {
    "none": "No program reads here: what arrives waits for a RECEIVE call.",
    "sink": "The program here is a sink: it reads and forgets.",
    "echo": "The program here is an echo: it sends back what it reads.",
    "respond": "The program here is a responder: it answers a line with as many bytes as the number in it says.",
}


def _set_option(event: Event) -> str:
    name, value = str(event.get("option")), event.get("value")
    kind = OPTIONS.get(name, "")
    if value is None:
        shown = "none"
    elif kind.startswith("switch"):
        shown = "on" if value else "off"
    elif kind.startswith("time"):
        shown = _span(value)
    else:
        shown = _bytes(value) if kind.startswith("size") else str(value)
    return f"The option {name.replace('_', '-')} is set to {shown}."


def _app(event: Event) -> str:
    op = event.get("op")
    if op == "accept":
        return f"The program accepts the connection on port {event.get('port')}."
    if op == "eof":
        return "The program has read everything up to the peer's FIN."
    if op == "read":
        return f"The program reads {_bytes(event.get('n'))}."
    if op == "cookie":
        return f"A connection is made from a SYN cookie, with a maximum segment size of {_bytes(event.get('mss'))}."
    if event.get("option") is not None:
        return _set_option(event)
    if event.get("app") == "source":
        return f"The program here is a source: it sends {_bytes(event.get('amount'))} once the connection stands."
    if event.get("app") == "request":
        size, answer, times = event.get("amount")
        how = f", {times} times, one after the other" if times > 1 else ""
        return f"The program here asks with {_bytes(size)} for {_bytes(answer)}{how}, once the connection stands."
    return _PROGRAMS.get(str(event.get("app")), "The program here is changed.")


def _call(event: Event) -> str:
    call = str(event.get("call"))
    if call == "OPEN passive":
        backlog = many(event.get("backlog"), "connection", form="")
        return f"The user calls a passive OPEN on port {event.get('port')}; up to {backlog} may wait to be accepted."
    if call == "OPEN active":
        return f"The user calls an active OPEN to port {event.get('port')} from port {event.get('from_port')}."
    if call in ("SEND", "SEND urgent", "RECEIVE"):
        name, _, urgent = call.partition(" ")
        return f"The user calls {name} for {_bytes(event.get('bytes'))}{' of urgent text' if urgent else ''}."
    port = f" on port {event.get('port')}" if event.get("port") is not None else ""
    queued = event.get("queued")
    behind = f"; {_bytes(queued)} still queued to be sent first" if queued else ""
    return f"The user calls {call}{port}{behind}."


_CHANCES = ("loss", "reorder", "duplicate", "corrupt", "gemodel")


def _setting(setting: str, value: object) -> str:
    """One value of a setting of the link with its unit (see `net.link.changed`)."""
    if isinstance(value, str) or not isinstance(value, int):
        return str(value)
    if setting in ("delay", "jitter"):
        return _span(value)
    if setting in _CHANCES:
        return format_percent(value)
    if setting == "rate":
        return format_rate(value) if value else "no limit"
    if setting == "mtu":
        return _bytes(value) if value else "any size"
    return many(value, "segment", form="") if setting in ("limit", "ecn", "every") else str(value)


def _link_set(event: Event) -> str:
    setting, values = str(event.get("setting")), event.get("values") or ()
    host = event.get("from")
    way = f" on the way out of {host}" if host else " both ways"
    if setting == "up":
        return f"The link is switched {'on' if values[0] else 'off'}{way}."
    units = [setting, *{"delay": ("jitter",), "rate": ("limit",)}.get(setting, ()), *[setting] * 4]
    shown = " ".join(_setting(unit, value) for unit, value in zip(units, values, strict=False)) or "off"
    return f"The link's {setting} is set to {shown}{way}."


_RULES = {"drop": "dropped", "delay": "delayed", "dup": "duplicated", "corrupt": "damaged"}
_HANDS = {"deliver": "delivered at once", "delay": "delayed", "drop": "dropped", "dup": "duplicated"}


def _link(event: Event) -> str:
    op = event.get("op")
    if op == "set":
        return _link_set(event)
    if op == "clear":
        return "The link is made perfect: no losses, no rules, no limits."
    if op == "hold":
        return "The link holds every segment from now on." if event.get("on") else "The link lets held segments go on."
    if op == "rule":
        count = event.get("count")
        act = _RULES.get(str(event.get("action")), str(event.get("action")))
        which = "segment" if count == 1 else f"{count} segments"
        return f"A rule is given to the link: the next {which} that '{event.get('match')}' fits will be {act}."
    if op == "edit":
        changes = event.get("changes") or ()
        return f"Segment #{event.get('id')} is changed by hand: {', '.join(str(name) for name, _ in changes)}."
    if op == "swap":
        return f"Segments #{event.get('id')} and #{event.get('with')} change places."
    if op == "delay" and event.get("id") is not None:
        return f"Segment #{event.get('id')} is delayed by {_span(event.get('by'))}."
    ids = event.get("ids") or ()
    who = f"{'Segment' if len(ids) == 1 else 'Segments'} {', '.join(f'#{number}' for number in ids)}"
    return f"{who} {'is' if len(ids) == 1 else 'are'} {_HANDS.get(str(op), str(op))} by hand."


#: Every kind of event that is not a segment's.
SENTENCES: dict[str, Callable[[Event], str]] = {
    "state": _state, "timer": _timer, "ack": _ack, "rto": _rto, "rtx": _rtx, "cwnd": _cwnd, "window": _window,
    "accepted": _accepted, "received": _received, "refused": _refused, "hole": _hole, "error": _error, "gone": _gone,
    "ecn": _ecn, "icmp": _icmp, "urgent": _urgent, "app": _app, "call": _call, "link": _link,
}  # fmt: skip
