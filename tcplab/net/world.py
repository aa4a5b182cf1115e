"""The state of a network and the few things that every part of it needs: events, lookups, an independent copy."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256

from tcplab.net.clock import Queue
from tcplab.net.errors import NetError
from tcplab.net.host import Connection, Host, Socket
from tcplab.net.impair import Settings
from tcplab.net.link import Direction, Rule, changed
from tcplab.net.trace import Event, SegmentRecord
from tcplab.tcp.config import Config
from tcplab.tcp.endpoint import Endpoint
from tcplab.tcp.icmp import IcmpError
from tcplab.tcp.why import Why

COUNTERS = ("segments_sent", "segments_delivered", "segments_lost", "segments_duplicated", "segments_corrupted",
            "segments_reordered", "segments_held", "segments_dropped", "segments_retransmitted", "segments_injected",
            "segments_marked")

#: RFC 1918 and RFC 4193: addresses that belong to nobody else.
_ADDRESS = {4: "10.0.0.{}", 6: "fd00::{}"}


class World:
    """Two hosts, the link between them, the clock. Times are ns.

    `sink`, a list or None, takes the events; `env_factory(network)` makes the environment in which the `where` of an
    aimed rule is evaluated. Neither has any influence on what happens, except through a rule's own words.
    """

    def __init__(self, hosts: Sequence[str] = ("client", "server"), link: Mapping[str, object] | None = None,
                 seed: int | str = 1, ip: int = 4, configs: Config | Mapping[str, Config] | None = None) -> None:
        """`link` holds settings of both directions by name (see `link.changed`); `configs` one Config, or one a host.

        Raises NetError when there are not two hosts with different names, `ip` is not 4 or 6, or a setting is wrong.
        """
        if len(hosts) != 2 or hosts[0] == hosts[1]:
            raise NetError("a network has two hosts with different names")
        if ip not in _ADDRESS:
            raise NetError(f"the IP version is 4 or 6, not {ip!r}")
        self.seed, self.ip = seed, ip
        self.now = 0
        self.next_id = 1
        self.counters = dict.fromkeys(COUNTERS, 0)
        self.queue = Queue()
        self.order: list[Host] = []
        for index, name in enumerate(hosts):
            config = configs.get(name) if isinstance(configs, Mapping) else configs
            self.order.append(Host(name, index, _ADDRESS[ip].format(index + 1), self._keyed(name, config or Config())))
        settings = Settings()
        for name, value in (link or {}).items():
            settings = changed(settings, name, value if isinstance(value, tuple) else (value,))
        first, second = hosts
        #: The way out of each host, in the order of hosts.
        self.ways = [Direction(first, second, 1, settings, seed), Direction(second, first, 0, settings, seed)]
        self.rules: list[Rule] = []
        #: Reports of the network on their way back, by the id of the segment they are about.
        self.notices: dict[int, IcmpError] = {}
        self.holding = False
        self._sink: list[Event] | None = None
        self.env_factory: Callable[[World], object] | None = None
        self._index()

    def _index(self) -> None:
        self.hosts = {host.name: host for host in self.order}
        self.links = {(way.src, way.dst): way for way in self.ways}

    def _keyed(self, name: str, config: Config) -> Config:
        """RFC 6528 section 3 wants a secret of each host's own; here it follows from the seed, so that runs repeat."""
        return replace(config, secret=sha256(f"{self.seed}/{name}/isn".encode()).digest())

    def copy(self):
        """An independent copy of everything but the sink: what happens to one never shows in the other.

        Segments, payloads, rules, views and dead connections never change and are shared.
        """
        twin = type(self).__new__(type(self))
        twin.__dict__.update(self.__dict__)
        twin.counters = self.counters.copy()
        twin.queue = self.queue.copy()
        twin.order = [host.copy() for host in self.order]
        twin.ways = [way.copy() for way in self.ways]
        twin.rules = self.rules.copy()
        twin.notices = self.notices.copy()
        twin._index()
        twin.sink = None
        return twin

    @property
    def sink(self) -> list[Event] | None:
        """Where events go; with None nobody listens, and endpoints save themselves the trouble of reporting."""
        return self._sink

    @sink.setter
    def sink(self, sink: list[Event] | None) -> None:
        self._sink = sink
        for host in self.order:
            for owner in (*host.live, *host.listeners.values()):
                owner.endpoint.quiet = sink is None

    def endpoint(self, config: Config, local: Socket) -> Endpoint:
        """A new endpoint that reports if anybody listens."""
        endpoint = Endpoint(config, local)
        endpoint.quiet = self._sink is None
        return endpoint

    # --- small helpers -------------------------------------------------------------------------------------------

    def emit(self, kind: str, host: str = "", conn: int = 0, seg: SegmentRecord | None = None, why: Why | None = None,
             data: tuple[tuple[str, object], ...] = ()) -> None:
        """Append an event to the sink, if there is one."""
        if self._sink is not None:
            self._sink.append(Event(self.now, kind, host, conn, seg, why, data))

    def host(self, name: str) -> Host:
        """The host called `name`. Raises NetError."""
        try:
            return self.hosts[name]
        except KeyError:
            raise NetError(f"there is no host {name!r}; there are {' and '.join(self.hosts)}") from None

    def peer(self, host: Host) -> Host:
        return self.order[1 - host.index]

    def config_for(self, host: Host, config: Config | None = None) -> Config:
        """The settings of a new connection. RFC 9293 3.7.1 [MUST-67]: the MSS offered fits the MTU of the interface."""
        config = config or host.config
        mtu = self.ways[1 - host.index].settings.mtu
        room = mtu - (40 if self.ip == 4 else 60)
        return replace(config, mss=max(1, room)) if mtu and room < config.mss else config

    def peer_connection(self, host: Host, conn: Connection) -> Connection | None:
        """The live connection at the other end of `conn`, if there is one."""
        address, port = conn.remote
        other = self.peer(host)
        return other.table.get((port, *conn.local)) if address == other.address else None
