"""The settings of a host by the names a user types, the kind of each value, and how its text is read."""

from __future__ import annotations

from dataclasses import fields

from tcplab.notation import units
from tcplab.notation.errors import NotationError, printable, suggest
from tcplab.tcp.config import CONGESTION_NAMES, KEEPALIVE_NS, PROFILES, RECOVERY_NAMES, Config

#: The settings whose value is one of a few words.
WORDS = {"congestion": CONGESTION_NAMES, "recovery": RECOVERY_NAMES, "profile": tuple(PROFILES)}

#: The field of Config behind each name.
FIELD = {name: name.replace("-", "_") for name in (
    "nagle", "delack", "sack", "timestamps", "wscale", "ecn", "mss", "rcvbuf", "sndbuf", "congestion", "recovery",
    "iss", "r1", "r2", "r2_syn", "rfc1337", "frto", "prr", "iw")}
FIELD |= {"msl": "msl_ns", "cwnd": "cwnd_fixed", "delack-timeout": "delack_ns", "rto-initial": "rto_initial_ns",
          "rto-min": "rto_min_ns", "rto-max": "rto_max_ns", "user-timeout": "user_timeout_ns"}
FIELD |= {name: name.replace("-", "_") for name in (
    "hystart", "hybrid-start", "quick-acks", "fast-convergence", "rfc5961", "challenge-limit", "rfc6191",
    "keepalive-count", "keepalive-garbage", "pmtud", "icmp-hard", "syn-backlog", "syncookies", "limited-transmit",
    "whole-segments", "reno-alpha-rises")}
FIELD |= {"challenge-period": "challenge_ns", "keepalive": "keepalive_ns",
          "keepalive-interval": "keepalive_interval_ns", "minshall": "minshall", "impatient": "impatient",
          "renege": "renege", "rst-echo": "rst_echo", "abort-time-wait": "abort_time_wait",
          "pmtu-retry": "pmtu_retry_ns"}

_KIND_OF_TYPE = {"bool": "switch", "int": "number", "int | None": "number or none", "str": "word"}
_SIZES = ("mss", "rcvbuf", "sndbuf", "cwnd")


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        raise NotationError(f"{printable(text)!r} is not a whole number.")
    return int(text)


_PARSERS = {"time": units.parse_time, "size": units.parse_size, "number": _whole}


def _kinds() -> dict[str, str]:
    types = {field.name: str(field.type) for field in fields(Config)}
    kinds = {name: _KIND_OF_TYPE[types[field]] for name, field in FIELD.items() if types.get(field) in _KIND_OF_TYPE}
    for name in kinds:
        if FIELD[name].endswith("_ns"):
            kinds[name] = kinds[name].replace("number", "time")
        elif name in _SIZES:
            kinds[name] = kinds[name].replace("number", "size")
    return kinds | {"profile": "word", "reading": "switch"}


#: What `set_option` knows, and the kind of each value: switch (bool), number, size, time (int), word (str); "or none".
OPTIONS: dict[str, str] = _kinds()


def read_option(name: str, text: str) -> object:
    """The value of a setting from its text: a bool, a number, bytes, ns or a word. Raises NotationError."""
    kind = OPTIONS[name]
    if kind.endswith(" or none") and text in ("none", "off"):
        return None
    if name == "keepalive" and text == "on":
        return KEEPALIVE_NS
    kind = kind.removesuffix(" or none")
    if kind == "switch":
        return _one_of(name, text, ("on", "off")) == "on"
    if kind == "word":
        return _one_of(name, text, WORDS[name])
    try:
        return _PARSERS[kind](text)
    except NotationError as error:
        raise NotationError(f"{name} takes a {kind}. {error.message}", error.column, error.cure) from None


def _one_of(name: str, text: str, words: tuple[str, ...]) -> str:
    if text not in words:
        raise NotationError(f"{name} cannot be {printable(text)!r}.{suggest(text, words)}", 0,
                            f"It is {', '.join(words[:-1])} or {words[-1]}.")
    return text
