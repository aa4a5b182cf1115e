"""From a lab and a seed to a world: hosts with their settings, the link, and the names a session knows."""

from __future__ import annotations

import hashlib
import hmac

from tcplab.lab.lesson import HostSpec, Lab
from tcplab.net.app import read_app
from tcplab.net.network import Network
from tcplab.net.options import OPTIONS
from tcplab.net.trace import Event
from tcplab.tcp.config import PROFILES

#: A knob in a lab file has underscores where `set` has hyphens.
_LAB_NAMES = {name.replace("-", "_"): name for name in OPTIONS} | {"delack_time": "delack-timeout"}


def knobs() -> tuple[str, ...]:
    """The settings that `HOST set` knows."""
    return tuple(OPTIONS)


def network(lab: Lab, seed: int, sink: list[Event]) -> Network:
    """The world of a lab under a seed, before any of its commands; what its hosts do already goes into `sink`.

    Raises NetError for settings that cannot be.
    """
    configs = {host.name: PROFILES[host.profile or lab.profile] for host in lab.hosts}
    world = Network(lab.host_names, seed=seed, ip=lab.ip, configs=configs)
    world.sink = sink
    for way in lab.link:
        for name in way._fields[1:]:
            value = getattr(way, name)
            if value or name == "delay":
                world.link_set(way.src, name, *(value if name == "gemodel" else (value,)))
    for host in lab.hosts:
        _settle_host(world, host)
    return world


def _settle_host(world: Network, host: HostSpec) -> None:
    for name, value in host.knobs:
        set_knob(world, host.name, None, _LAB_NAMES.get(name, name), value)
    if host.app is not None:
        world.set_app(host.name, None, *read_app(host.app))
    if host.reading is not None:
        world.set_option(host.name, None, "reading", host.reading)
    for port in host.listen:
        if host.backlog is None:
            world.listen(host.name, port)
        else:
            world.listen(host.name, port, host.backlog)


def set_knob(world: Network, host: str, conn: int | None, name: str, value: object) -> None:
    """Turn a knob. A constant cwnd (`cwnd`) means the congestion control that has one."""
    if name == "cwnd":
        world.set_option(host, conn, "congestion", "fixed")
    world.set_option(host, conn, name, value)


def student_seed(lab_id: str, student: str | None, attempt: int) -> int:
    """The first 63 bits of SHA-256 of lab id, NUL, student, NUL, attempt."""
    return int.from_bytes(hashlib.sha256(_named(lab_id, student, attempt)).digest()[:8], "big") >> 1


def salted_seed(lab_id: str, student: str, attempt: int, key: bytes) -> int:
    """The same under a secret: the first 63 bits of HMAC-SHA256 (RFC 2104) of the same text. Without the `key` nobody
    has these numbers before the attempt begins."""
    return int.from_bytes(hmac.new(key, _named(lab_id, student, attempt), hashlib.sha256).digest()[:8], "big") >> 1


def _named(lab_id: str, student: str | None, attempt: int) -> bytes:
    return f"{lab_id}\0{student}\0{attempt}".encode("utf-8", "surrogateescape")
