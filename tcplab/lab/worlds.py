"""Hosts and link of a lab file in base units."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tcplab.net.options import OPTIONS
from tcplab.notation.units import parse_percent, parse_rate, parse_size, parse_time

from .lesson import HostSpec, LinkSettings

if TYPE_CHECKING:
    from .model import Direction, Host, LabModel

_LINK = {
    "delay": parse_time, "jitter": parse_time, "loss": parse_percent, "reorder": parse_percent,
    "duplicate": parse_percent, "corrupt": parse_percent, "rate": parse_rate, "limit": int, "mtu": int, "ecn": int,
    "every": int, "distribution": str, "gemodel": lambda text: tuple(parse_percent(part) for part in text.split()),
}  # fmt: skip

#: The knobs in the order in which they are set; the names are those of the command `set`.
_KNOBS = {
    "mss": parse_size, "rcvbuf": parse_size, "sndbuf": parse_size, "msl": parse_time, "nagle": bool, "delack": bool,
    "delack_time": parse_time, "iss": int, "cwnd": parse_size, "congestion": str, "rto_initial": parse_time,
    "rto_min": parse_time, "sack": bool, "timestamps": bool, "wscale": bool, "recovery": str, "limited_transmit": bool,
    "frto": bool, "prr": bool, "iw": int,
}  # fmt: skip
_PARSE = {"switch": bool, "time": parse_time, "size": parse_size, "number": int, "word": str}
#: The others follow in the order of `set`, where a hyphen stands for our underscore.
_KNOBS |= {
    name: _PARSE[OPTIONS[knob].removesuffix(" or none")]
    for knob in OPTIONS for name in [knob.replace("-", "_")]
    if name not in (*_KNOBS, "profile", "reading", "delack_timeout")  # the last is delack_time here
}  # fmt: skip


def compile_hosts(names: tuple[str, ...], model: LabModel) -> tuple[HostSpec, ...]:
    """One HostSpec for each host, in order; one that the file does not list has nothing set."""
    return tuple(_host(name, model.hosts.get(name)) for name in names)


def _host(name: str, host: Host | None) -> HostSpec:
    if host is None:
        return HostSpec(name)
    knobs = tuple(
        (knob, None if value == "none" else parse(value))
        for knob, parse in _KNOBS.items() for value in [getattr(host, knob)] if value is not None
    )  # fmt: skip
    return HostSpec(name, tuple(host.listen), host.backlog, host.app, host.reading, host.profile, knobs)


def compile_link(names: tuple[str, ...], model: LabModel) -> tuple[LinkSettings, ...]:
    """The link from each host, in order: what is set for both directions, overridden by what is set for one."""
    settings = []
    for name in names:
        values: dict[str, object] = {}
        for part in (model.link, model.link.directions.get(name) if model.link else None):
            values |= _direction(part)
        settings.append(LinkSettings(name, **values))
    return tuple(settings)


def _direction(part: Direction | None) -> dict[str, object]:
    if part is None:
        return {}
    return {key: parse(value) for key, parse in _LINK.items() for value in [getattr(part, key)] if value is not None}
