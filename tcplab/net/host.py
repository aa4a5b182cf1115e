"""A host: an address, listeners, connections in order of creation, and what belongs to no connection.

Which connection a segment is for is decided by ports and addresses (RFC 9293 section 3.3.1: a connection is a pair
of sockets). A listener stays LISTEN beside the connections it begets.
"""

from __future__ import annotations

from copy import copy, deepcopy

from tcplab.net.app import Application, Exchange, label
from tcplab.net.errors import NetError
from tcplab.net.reasons import why
from tcplab.net.views import ConnView, HostView
from tcplab.tcp.addresses import is_unicast
from tcplab.tcp.config import Config
from tcplab.tcp.segment import ACK, FIN, RST, SYN, Segment
from tcplab.tcp.views import TcbView

#: RFC 6335 section 6: the dynamic ports.
FIRST_EPHEMERAL, LAST_PORT = 49152, 65535
DEFAULT_BACKLOG = 5

#: Beyond so many remembered first sendings a connection forgets those that were acknowledged.
_REMEMBER = 1024

Socket = tuple[str, int]


def judge_backlog(backlog: object) -> None:
    """Raises NetError unless so many connections may wait for a program to accept them."""
    if not isinstance(backlog, int) or not 1 <= backlog <= 65535:
        raise NetError(f"a backlog is a whole number from 1 to 65535, not {backlog!r}")


class Listener:
    """A passive OPEN on `port`: its own endpoint in LISTEN, and how many connections may wait to be accepted."""

    __slots__ = ("port", "backlog", "endpoint", "remote")

    def __init__(self, port: int, backlog: int, endpoint, remote: Socket | None) -> None:
        self.port, self.backlog, self.endpoint, self.remote = port, backlog, endpoint, remote


class Connection:
    """One connection of a host: its endpoint until that is gone, then its last view and what nobody has read yet.

    `entry` is the time of its one timer entry in the queue, `deadline` when its endpoint really wants to be woken.
    `embryo` until it stands (or falls); `born_of` the port of the listener that begot it, 0 for an active OPEN.
    """

    __slots__ = ("n", "endpoint", "local", "remote", "config", "app", "born_of", "accepted", "embryo", "entry",
                 "deadline", "first_sent", "prune_at", "last", "leftover")

    def __init__(self, n: int, endpoint, local: Socket, remote: Socket, config: Config, app: Application,
                 born_of: int = 0) -> None:
        self.n, self.endpoint, self.local, self.remote = n, endpoint, local, remote
        self.config, self.app, self.born_of = config, app, born_of
        self.accepted = not born_of
        self.embryo = True
        self.entry: int | None = None
        self.deadline: int | None = None
        self.first_sent: dict[int, int] = {}
        self.prune_at = _REMEMBER
        self.last: TcbView | None = None
        self.leftover = b""

    @property
    def key(self) -> tuple[int, str, int]:
        return self.local[1], *self.remote

    def status(self) -> TcbView:
        return self.last if self.endpoint is None else self.endpoint.status()

    def view(self) -> ConnView:
        return ConnView(self.n, self.status(), self.app.label, self.app.reading, self.app.queued)

    def copy(self) -> Connection:
        """An independent twin; a connection that is gone never changes again and is shared."""
        if self.endpoint is None:
            return self
        twin = copy(self)
        twin.endpoint = deepcopy(self.endpoint)
        twin.app = self.app.copy()
        twin.first_sent = self.first_sent.copy()
        return twin

    def without_leftover(self, n: int) -> Connection:
        """What a connection that is gone becomes when `n` of its last bytes are read."""
        twin = copy(self)
        twin.leftover = self.leftover[n:]
        twin.last = self.last._replace(unread=len(twin.leftover))
        return twin

    def first_time(self, segment: Segment, now: int) -> int:
        """When the first number of `segment` was first sent (ns): now, unless it was sent before."""
        sent = self.first_sent
        if not segment.rtx:
            if segment.payload or segment.flags & (SYN | FIN):
                sent[segment.seq] = now
                if len(sent) > self.prune_at:
                    self._prune()
            return now
        at = sent.get(segment.seq)
        if at is not None:
            return at
        # A retransmission may begin in the middle of an earlier segment: the nearest beginning before it.
        before = self._before(segment.seq)
        return now if before is None else sent[before]

    def _before(self, seq: int) -> int | None:
        """The remembered number nearest below `seq`; half the sequence space tells below from above."""
        near = min(self.first_sent, key=lambda start: (seq - start) & 0xFFFFFFFF, default=None)
        return None if near is None or (seq - near) & 0xFFFFFFFF >= 1 << 31 else near

    def _prune(self) -> None:
        """Forget what was acknowledged, so that memory follows what is in flight and not what was ever sent."""
        una = self.endpoint.tcb.snd_una & 0xFFFFFFFF
        if una not in self.first_sent:
            first = self._before(una)
            if first is not None:
                una = first
        self.first_sent = {seq: at for seq, at in self.first_sent.items() if (seq - una) & 0xFFFFFFFF < 1 << 31}
        self.prune_at = max(_REMEMBER, 2 * len(self.first_sent))

    def bury(self, now: int) -> None:
        """The TCB is deleted: keep its last values and what arrived in order, let go of everything else."""
        self.last = self.endpoint.status()._replace(gone=True)
        if self.endpoint.readable:
            self.leftover = self.endpoint.receive(self.endpoint.readable, now)
        self.endpoint = None
        self.app.forget()
        self.first_sent = {}
        self.entry = self.deadline = None


class Host:
    """A host of the network. `index` is its place in the order of hosts; `live` its connections that are not gone,
    `waiting` those of them that no application has accepted yet."""

    __slots__ = ("name", "index", "address", "config", "app", "reading", "listeners", "connections", "live", "waiting",
                 "table", "next_port")

    def __init__(self, name: str, index: int, address: str, config: Config) -> None:
        self.name, self.index, self.address, self.config = name, index, address, config
        self.app: tuple[str, int | Exchange] = ("sink", 0)
        self.reading = True
        self.listeners: dict[int, Listener] = {}
        self.connections: list[Connection] = []
        self.live: list[Connection] = []
        self.waiting: list[Connection] = []
        self.table: dict[tuple[int, str, int], Connection] = {}
        self.next_port = FIRST_EPHEMERAL

    def copy(self) -> Host:
        twin = Host(self.name, self.index, self.address, self.config)
        twin.app, twin.reading, twin.next_port = self.app, self.reading, self.next_port
        twin.listeners = {port: Listener(port, old.backlog, deepcopy(old.endpoint), old.remote)
                          for port, old in self.listeners.items()}
        twin.connections = self.connections.copy()
        for old in self.live:
            new = twin.connections[old.n - 1] = old.copy()
            twin.live.append(new)
            twin.table[new.key] = new
            if not new.accepted:
                twin.waiting.append(new)
        return twin

    def new_app(self) -> Application:
        return Application(*self.app, self.reading)

    def pending(self, port: int) -> int:
        """Connections born of the listener on `port` that no application has accepted yet."""
        return sum(conn.born_of == port for conn in self.waiting)

    def half_open(self, port: int) -> int:
        """Those of them whose handshake is not complete."""
        return sum(conn.born_of == port and conn.embryo for conn in self.waiting)

    def adopt(self, conn: Connection) -> None:
        self.connections.append(conn)
        self.live.append(conn)
        self.table[conn.key] = conn
        if not conn.accepted:
            self.waiting.append(conn)

    def retire(self, conn: Connection) -> None:
        """`conn`, re-opened by an old duplicate, is back in TIME-WAIT (RFC 9293 3.6.1): no program is for it."""
        conn.accepted, conn.app = True, Application("none", 0, False)
        self.waiting.remove(conn)

    def release(self, conn: Connection, now: int) -> None:
        conn.bury(now)
        self.live.remove(conn)
        if not conn.accepted:
            self.waiting.remove(conn)
        del self.table[conn.key]

    def connection(self, n: int | None) -> Connection | None:
        """Connection `n` (from 1), or the newest; None when there was never any. Raises NetError for an unknown `n`."""
        if n is None:
            return self.connections[-1] if self.connections else None
        if not 1 <= n <= len(self.connections):
            known = f"its connections are 1 to {len(self.connections)}" if self.connections else "it has had none"
            raise NetError(f"{self.name} has no connection {n}; {known}", "RFC 9293 3.10")
        return self.connections[n - 1]

    def ephemeral_port(self, remote: Socket) -> int:
        """A dynamic port not in use towards `remote`, in turn. Raises NetError when all are taken."""
        for _ in range(LAST_PORT - FIRST_EPHEMERAL + 1):
            port = self.next_port
            self.next_port = FIRST_EPHEMERAL if port == LAST_PORT else port + 1
            if port not in self.listeners and (port, *remote) not in self.table:
                return port
        raise NetError("insufficient resources: every dynamic port is in use; close or abort a connection",
                       "RFC 9293 3.10.1")

    def view(self) -> HostView:
        listening = tuple((port, old.backlog, self.pending(port)) for port, old in self.listeners.items())
        return HostView(self.name, self.address, listening, tuple(conn.view() for conn in self.connections),
                        label(*self.app))


def reset_for(segment: Segment) -> Segment | None:
    """What CLOSED answers to `segment`, in wire numbers; None for a RST, which is never answered, and for a source
    that is no single host (RFC 1122 section 4.2.3.10)."""
    if segment.flags & RST or not is_unicast(segment.src):
        return None
    sockets = (segment.dst, segment.src, segment.dport, segment.sport)
    # RFC 9293 3.10.7.1
    if segment.flags & ACK:
        return Segment(*sockets, segment.ack, 0, RST, 0, why=why("closed.ack", segment.dport))
    acked = (segment.seq + segment.length) & 0xFFFFFFFF
    return Segment(*sockets, 0, acked, RST | ACK, 0, why=why("closed.noack", segment.dport))
