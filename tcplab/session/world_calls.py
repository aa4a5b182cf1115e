"""How a parsed world command acts on the network: one small function for each verb of the table."""

from __future__ import annotations

from collections.abc import Callable

from tcplab.net.app import Exchange
from tcplab.net.errors import NetError
from tcplab.net.network import Network
from tcplab.net.options import read_option
from tcplab.net.trace import Event
from tcplab.notation.errors import NotationError
from tcplab.notation.match import Match
from tcplab.notation.scapyish import parse_fields, parse_segment
from tcplab.session import build
from tcplab.session.commands import Command
from tcplab.session.grammar import Amount, HostName
from tcplab.tcp.segment import Segment


class Refused(Exception):
    """A command that cannot be carried out now: the RFC's words (or the link's) and the clause behind them."""

    def __init__(self, message: str, clause: str = "", host: str = "", conn: int = 0) -> None:
        super().__init__(message)
        self.message, self.clause, self.host, self.conn = message, clause, host, conn


def apply(world: Network, command: Command) -> None:
    """Carry out a world command. What cannot be done now becomes an ``error`` event, and is raised as Refused.

    The event is part of the facts, so a replay meets the same refusal.
    """
    try:
        _CALLS[command.verb](world, *command.values)
    except (NetError, NotationError) as error:
        first = command.values[0] if command.values else None
        host = first.name if isinstance(first, HostName) else ""
        clause = getattr(error, "clause", "") or ""
        if world.sink is not None:
            world.sink.append(Event(world.now, "error", host, 0, None, None,
                                    (("call", command.text), ("message", error.message), ("clause", clause))))
        cure = getattr(error, "cure", "")
        raise Refused(error.message + (f" ({cure})" if cure else ""), clause, host) from None


def _listen(world: Network, host: HostName, port: int, backlog: int | None) -> None:
    if backlog is None:
        world.listen(host.name, port)
    else:
        world.listen(host.name, port, backlog)


def _connect(world: Network, host: HostName, peer: HostName, port: int, from_port: int | None) -> None:
    world.connect(host.name, peer.name, port, from_port)


def _send(world: Network, host: HostName, amount: Amount, urgent: bool = False) -> None:
    if amount.data is not None:
        world.send(host.name, host.conn, amount.data, urgent)
    else:
        world.send_n(host.name, host.conn, amount.size, urgent)


def _recv(world: Network, host: HostName, size: int | None = None) -> None:
    world.recv(host.name, host.conn, size)


def _close(world: Network, host: HostName, word: str) -> None:
    world.close(host.name, host.conn)


def _abort(world: Network, host: HostName) -> None:
    world.abort(host.name, host.conn)


def _app(world: Network, host: HostName, kind: str) -> None:
    world.set_app(host.name, host.conn, kind)


def _app_source(world: Network, host: HostName, size: int) -> None:
    world.set_app(host.name, host.conn, "source", size)


def _set(world: Network, host: HostName, knob: str, text: str) -> None:
    build.set_knob(world, host.name, host.conn, knob, read_option(knob, text))


def _app_request(world: Network, host: HostName, size: int, answer: int, times: int | None) -> None:
    world.set_app(host.name, host.conn, "request", Exchange(size, answer, 1 if times is None else times))


def _delay(world: Network, delay: int, jitter: int | None, shape: str | None, source: HostName | None) -> None:
    world.link_set(_name(source), "delay", delay)
    if jitter is not None:
        world.link_set(_name(source), "jitter", jitter)
    if shape is not None:
        world.link_set(_name(source), "distribution", shape)


def _gemodel(world: Network, *values: object) -> None:
    *chances, source = values
    world.link_set(_name(source), "gemodel", *(value for value in chances if value is not None))


def _every(world: Network, n: int, source: HostName | None) -> None:
    world.link_set(_name(source), "every", n)


def _limit(world: Network, limit: int, source: HostName | None) -> None:
    world.link_set(_name(source), "limit", limit)


def _chance(world: Network, kind: str, ppm: int, source: HostName | None) -> None:
    world.link_set(_name(source), kind, ppm)


def _rate(world: Network, rate: int, limit: int | None, source: HostName | None) -> None:
    world.link_set(_name(source), "rate", rate)
    if limit is not None:
        world.link_set(_name(source), "limit", limit)


def _mtu(world: Network, mtu: int, source: HostName | None) -> None:
    world.link_set(_name(source), "mtu", mtu)


def _ecn(world: Network, threshold: int, source: HostName | None) -> None:
    world.link_set(_name(source), "ecn", threshold)


def _unreachable(world: Network, code: str, source: HostName | None) -> None:
    world.link_set(_name(source), "unreachable", "" if code == "off" else code)


def _updown(world: Network, word: str, source: HostName | None) -> None:
    world.link_set(_name(source), "up", word == "up")


def _one(world: Network, action: str, number: int) -> None:
    {"deliver": world.link_deliver, "drop": world.link_drop, "dup": world.link_dup}[action](number)


def _edit(world: Network, number: int, text: str) -> None:
    world.link_edit(number, **parse_fields(text))


def _inject(world: Network, source: HostName, text: str) -> None:
    world.inject(source.name, parse_segment(text, _template(world, source.name)))


def _template(world: Network, source: str) -> Segment:
    """What an injected segment is when nothing is said: from this host to the other, on the newest connection."""
    host = world.host(source)
    peer, view = world.peer(host), host.view()
    tcb = view.newest.tcb if view.newest else None
    remote = tcb.remote if tcb and tcb.remote else (peer.address, 80)
    return Segment(host.address, remote[0], tcb.local[1] if tcb else 49152, remote[1],
                   (tcb.snd_nxt or 0) if tcb else 0, 0, 0, 8192)


def _rule(world: Network, action: str, count: int | None, match: Match, *by: int) -> None:
    world.link_rule(action, 1 if count is None else count, match, *by)


def _name(source: HostName | None) -> str | None:
    return None if source is None else source.name


_CALLS: dict[str, Callable[..., None]] = {
    "listen": _listen,
    "unlisten": lambda world, host, port: world.unlisten(host.name, port),
    "connect": _connect,
    "send": _send,
    "send_urgent": lambda world, host, amount: _send(world, host, amount, True),
    "recv": _recv,
    "close": _close,
    "abort": _abort,
    "app": _app,
    "app_source": _app_source,
    "app_request": _app_request,
    "set": _set,
    "link_delay": _delay,
    "link_delay_one": lambda world, number, delay: world.link_delay(number, delay),
    "link_rule": _rule,
    "link_rule_delay": lambda world, count, by, match: _rule(world, "delay", count, match, by),
    "link_chance": _chance,
    "link_gemodel": _gemodel,
    "link_gemodel_off": _gemodel,
    "link_every": _every,
    "link_limit": _limit,
    "link_rate": _rate,
    "link_mtu": _mtu,
    "link_ecn": _ecn,
    "link_unreachable": _unreachable,
    "link_updown": _updown,
    "link_clear": lambda world: world.link_clear(),
    "link_hold": lambda world, word: world.link_hold(word == "on"),
    "link_one": _one,
    "link_all": lambda world, op: world.link_all(op),
    "link_corrupt_one": lambda world, number, byte: world.link_corrupt(number, byte),
    "link_edit": _edit,
    "link_swap": lambda world, one, other: world.link_swap(one, other),
    "inject": _inject,
}
