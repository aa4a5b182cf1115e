"""The words of the command line: addresses, program, knobs and link settings, each refused with what would be right."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial

from tcplab.net.errors import NetError
from tcplab.net.options import OPTIONS, read_option
from tcplab.notation.errors import NotationError, suggest
from tcplab.notation.units import parse_percent, parse_rate, parse_size, parse_time
from tcplab.tcp.config import PROFILES

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Interface = ipaddress.IPv4Interface | ipaddress.IPv6Interface

#: Settings of the link that the command line offers, and how their values are written.
LINK: dict[str, Callable[[str], int]] = {
    "delay": parse_time, "jitter": parse_time, "loss": parse_percent, "reorder": parse_percent,
    "duplicate": parse_percent, "corrupt": parse_percent, "rate": parse_rate, "limit": int, "mtu": int,
}
PROGRAMS = ("echo", "sink", "source", "page", "pipe")


class SettingsError(Exception):
    """A word of the command line that makes no sense; the message names it and says what would."""


@dataclass
class Settings:
    """What `tcplab live` was asked for. `knobs` are (name, typed value), `link` values as `net` takes them.

    `peer` is the machine's address on the device, `far` whom to talk to: the machine, or somebody it forwards to.
    """

    tun: str
    address: Interface
    peer: Interface
    far: Address
    app: str
    amount: int = 0
    knobs: list[tuple[str, object]] = field(default_factory=list)
    link: dict[str, int] = field(default_factory=dict)
    seed: int = 1
    verbose: bool = False


def settings(tun: str, address: str, peer: str, app: str, knobs: Iterable[str], profile: str, seed: int, verbose: bool,
             link: dict[str, str | None], far: str | None = None) -> Settings:
    """Everything read and typed. Raises SettingsError."""
    here = _interface("--address", address)
    there = _interface("--peer", peer if "/" in peer else f"{peer}/{here.network.prefixlen}")
    if there.ip not in here.network or there.ip == here.ip:
        raise SettingsError(f"--peer {there.ip} is not another address of the network {here.network} of --address")
    beyond = there.ip if far is None else _far(far, here)
    kind, amount = _program(app)
    typed = [("profile", _profile(profile)), *(_knob(text) for text in knobs)]
    return Settings(tun, here, there, beyond, kind, amount, typed, _link(link), seed, verbose)


def _interface(option: str, text: str) -> Interface:
    try:
        interface = ipaddress.ip_interface(text)
    except ValueError:
        raise SettingsError(f"{option} {text!r} is not an address; write for example 10.9.0.2/24") from None
    if interface.network.num_addresses < 4:
        raise SettingsError(f"{option} {text!r} leaves no room for two hosts; write the length of the network, "
                            f"for example {interface.ip}/{24 if interface.version == 4 else 64}")
    return interface


def _far(text: str, here: Interface) -> Address:
    try:
        far = ipaddress.ip_address(text)
    except ValueError:
        raise SettingsError(f"{text!r} is not an address; write for example 10.9.0.1") from None
    if far.version != here.version or far == here.ip:
        raise SettingsError(f"{here.ip} cannot connect to {far}; choose another address of IP version {here.version}")
    return far


def _program(text: str) -> tuple[str, int]:
    kind, *rest = text.split() or [""]
    if kind not in PROGRAMS:
        raise SettingsError(f"there is no program {kind!r}.{suggest(kind, PROGRAMS)} There are {', '.join(PROGRAMS)}")
    if kind != "source":
        if rest:
            raise SettingsError(f"--app {kind} takes no more words, not {' '.join(rest)!r}")
        return kind, 0
    if len(rest) != 1:
        raise SettingsError("a source needs the number of bytes to send: --app 'source 1MB'")
    return kind, _read("--app source", parse_size, rest[0])


def _profile(name: str) -> str:
    if name not in PROFILES:
        raise SettingsError(f"there is no profile {name!r}.{suggest(name, PROFILES)} There are {', '.join(PROFILES)}")
    return name


def _knob(text: str) -> tuple[str, object]:
    """``nagle=off`` with its value typed as OPTIONS says."""
    name, equals, value = text.partition("=")
    if not equals:
        raise SettingsError(f"--set {text!r}: write KNOB=VALUE, for example nagle=off")
    if name not in OPTIONS:
        raise SettingsError(f"{name!r} cannot be set.{suggest(name, OPTIONS)} These can: {', '.join(OPTIONS)}")
    return name, _read(f"--set {name}", partial(read_option, name), value)


def _link(values: dict[str, str | None]) -> dict[str, int]:
    return {name: _read(f"--{name}", LINK[name], text) for name, text in values.items() if text is not None}


def _read(option: str, parse: Callable[[str], object], text: str):
    try:
        return parse(text)
    except NotationError as problem:
        raise SettingsError(f"{option} {text!r}: {problem}") from None
    except (ValueError, NetError):
        raise SettingsError(f"{option} {text!r} is not a whole number") from None
