"""What a user may ask of a host: the six calls of RFC 9293 section 3.10 as an application makes them, and settings.

A connection is named by its number; None means the host's newest, or, when none is left alive, its listener.
Whatever cannot be done raises NetError in the RFC's words.
"""

from __future__ import annotations

from dataclasses import replace

from tcplab.net.app import Exchange, check_app
from tcplab.net.carriage import Carriage
from tcplab.net.errors import NetError
from tcplab.net.host import DEFAULT_BACKLOG, LAST_PORT, Connection, Host, Listener, Socket, judge_backlog
from tcplab.net.options import FIELD, OPTIONS
from tcplab.tcp.config import PROFILES, Config
from tcplab.tcp.reports import TcpError

_OPEN, _SEND, _RECEIVE, _CLOSE, _ABORT = (f"RFC 9293 3.10.{n}" for n in range(1, 6))
NO_CONNECTION = "connection does not exist"
CLOSING = "connection closing"

class UserCalls(Carriage):
    """OPEN, SEND, RECEIVE, CLOSE, ABORT, and the knobs of hosts. Sizes in bytes, times in ns."""

    def listen(self, host: str, port: int, backlog: int = DEFAULT_BACKLOG, remote: Socket | None = None) -> None:
        """Passive OPEN. `backlog` connections may wait to be accepted; with `remote` only that socket may connect."""
        owner = self.host(host)
        _check_port(port)
        judge_backlog(backlog)
        if port in owner.listeners:
            raise NetError(f"connection already exists: {host} listens on port {port} already", _OPEN)
        self._called(owner, 0, "OPEN passive", port=port, backlog=backlog)
        endpoint = self.endpoint(self.config_for(owner), (owner.address, port))
        listener = Listener(port, backlog, endpoint, remote)
        self._ask(endpoint.open_passive, self.now, remote)
        owner.listeners[port] = listener
        self.settle_listener(owner, listener)

    def connect(self, host: str, peer: str, port: int, from_port: int | None = None) -> int:
        """Active OPEN to `port` of `peer`, from a dynamic port unless one is named. Returns the connection's number."""
        owner, other = self.host(host), self.host(peer)
        _check_port(port)
        if owner is other:
            raise NetError(f"{host} connects to the other host, {self.peer(owner).name}, not to itself")
        remote = (other.address, port)
        if from_port is None:
            from_port = owner.ephemeral_port(remote)
        _check_port(from_port)
        busy = owner.table.get((from_port, *remote))
        if busy is not None:
            raise NetError(f"connection already exists: from port {from_port} to {peer} port {port}, in "
                           f"{busy.endpoint.state}; take another port or wait until it is gone", _OPEN)
        n = len(owner.connections) + 1
        self._called(owner, n, "OPEN active", port=port, from_port=from_port)
        listener = owner.listeners.get(from_port)
        if listener is not None:
            # RFC 9293 3.10.1, OPEN in LISTEN: the passive OPEN becomes an active one.
            self._ask(listener.endpoint.open_active, remote, self.now)
            self._convert(owner, listener, remote)
            return n
        config = self.config_for(owner)
        endpoint = self.endpoint(config, (owner.address, from_port))
        self._ask(endpoint.open_active, remote, self.now)
        conn = Connection(n, endpoint, (owner.address, from_port), remote, config, owner.new_app())
        owner.adopt(conn)
        self.settle(owner, conn)
        return n

    def send(self, host: str, conn: int | None, data: bytes, urgent: bool = False) -> None:
        """SEND `data`: it waits in the application until the endpoint's buffer has room. `urgent` marks its end."""
        if urgent and not data:
            raise NetError("urgent data has at least one byte", "RFC 9293 3.8.5")
        self._send(host, conn, data, len(data), urgent)

    def send_n(self, host: str, conn: int | None, n: int, urgent: bool = False) -> None:
        """SEND `n` bytes of a test pattern, which are made only as room appears."""
        if not isinstance(n, int) or n < 1:
            raise NetError(f"the number of bytes to send is at least 1, not {n!r}")
        self._send(host, conn, None, n, urgent)

    def _send(self, host: str, number: int | None, data: bytes | None, n: int, urgent: bool) -> None:
        owner = self.host(host)
        conn = self._find(owner, number, _SEND)
        if isinstance(conn, Listener):
            self._send_on_listener(owner, conn, data, n, urgent)
            return
        app = conn.app
        if app.closing or app.closed:
            raise NetError(f"{CLOSING}: {host} has closed its half and promised to send no more", _SEND)
        self._called(owner, conn.n, "SEND urgent" if urgent else "SEND", bytes=n)
        self.accept(owner, conn)
        if data is None:
            app.put_pattern(n, urgent)
        else:
            app.put(bytes(data), urgent)
        self._ask(self.feed, conn)
        self.settle(owner, conn)

    def _send_on_listener(self, owner: Host, listener: Listener, data: bytes | None, n: int,
                          urgent: bool) -> None:
        """RFC 9293 3.10.2, SEND in LISTEN: with a remote socket known the passive OPEN becomes an active one."""
        self._called(owner, 0, "SEND", bytes=n)
        if listener.remote is None:
            raise NetError("remote socket unspecified: a listener has nobody to send to; connect first", _SEND)
        self._ask(listener.endpoint.send, b"", self.now)
        conn = self._convert(owner, listener, listener.remote)
        if data is None:
            conn.app.put_pattern(n, urgent)
        else:
            conn.app.put(bytes(data), urgent)
        self._ask(self.feed, conn)
        self.settle(owner, conn)

    def recv(self, host: str, conn: int | None = None, n: int | None = None) -> bytes:
        """RECEIVE: what is there, at most `n` bytes (None: all). It never waits."""
        owner = self.host(host)
        if n is not None and (not isinstance(n, int) or n < 1):
            raise NetError(f"the number of bytes to receive is at least 1, not {n!r}")
        target = owner.connection(conn)
        if target is not None and target.leftover:
            return self._recv_leftover(owner, target, n)
        target = self._find(owner, conn, _RECEIVE, listeners=False)
        self.accept(owner, target)
        endpoint = target.endpoint
        there = endpoint.readable
        self._called(owner, target.n, "RECEIVE", bytes=there if n is None else n)
        data = self._ask(endpoint.receive, there if n is None else min(n, there) or n, self.now)
        self.read(owner, target, data)
        self.settle(owner, target)
        return data

    def _recv_leftover(self, owner: Host, conn: Connection, n: int | None) -> bytes:
        """What arrived before an orderly end stays readable after it."""
        data = conn.leftover[:n]
        self._called(owner, conn.n, "RECEIVE", bytes=len(data) if n is None else n)
        owner.connections[conn.n - 1] = conn.without_leftover(len(data))
        self.emit("app", owner.name, conn.n, data=(("op", "read"), ("n", len(data)), ("head", data[:64])))
        return data

    def close(self, host: str, conn: int | None = None) -> None:
        """CLOSE: no more will be sent after what is queued; reading goes on."""
        owner = self.host(host)
        target = self._find(owner, conn, _CLOSE)
        if isinstance(target, Listener):
            self._end_listener(owner, target, "CLOSE", target.endpoint.close)
            return
        if target.app.closing or target.app.closed:
            raise NetError(f"{CLOSING}: {host} has closed its half already", _CLOSE)
        self._called(owner, target.n, "CLOSE", queued=target.app.queued)
        self.accept(owner, target)
        # RFC 9293 3.10.4: queue this until all preceding SENDs have been segmentized.
        target.app.closing = True
        self._ask(self.feed, target)
        self.settle(owner, target)

    def abort(self, host: str, conn: int | None = None) -> None:
        """ABORT: all is forgotten at both ends, with a RST if the peer has to be told."""
        owner = self.host(host)
        target = self._find(owner, conn, _ABORT)
        if isinstance(target, Listener):
            self._end_listener(owner, target, "ABORT", target.endpoint.abort)
            return
        self._called(owner, target.n, "ABORT")
        target.app.forget()
        self._ask(target.endpoint.abort, self.now)
        self.settle(owner, target)

    def unlisten(self, host: str, port: int) -> None:
        """CLOSE of the listener on `port`; the connections it begot live on. Raises NetError."""
        owner = self.host(host)
        listener = owner.listeners.get(port)
        if listener is None:
            there = ", ".join(map(str, owner.listeners)) or "no port"
            raise NetError(f"{NO_CONNECTION}: {host} listens on {there}, not on port {port}", _CLOSE)
        self._end_listener(owner, listener, "CLOSE", listener.endpoint.close)

    # --- programs and knobs --------------------------------------------------------------------------------------

    def set_app(self, host: str, conn: int | None, kind: str, amount: int | Exchange = 0) -> None:
        """The program of connection `conn`; with None of every live connection and of those to come."""
        owner = self.host(host)
        check_app(kind, amount)
        if conn is None:
            owner.app = (kind, amount)
        self.emit("app", owner.name, conn or 0, data=(("op", "set"), ("app", kind), ("amount", amount)))
        for target in self._targets(owner, conn):
            target.app.set(kind, amount)
            self._look(owner, target)

    def set_option(self, host: str, conn: int | None, name: str, value: object) -> None:
        """Turn the knob `name` (see OPTIONS); with `conn` None for every live connection and for those to come.

        Values are typed as OPTIONS says. Raises NetError for an unknown name or a value that no RFC would allow.
        """
        owner = self.host(host)
        if name not in OPTIONS:
            raise NetError(f"a host has no option {name!r}; it has {', '.join(OPTIONS)}")
        _check_kind(name, value)
        targets = self._targets(owner, conn)
        if name == "reading":
            if conn is None:
                owner.reading = value
        else:
            configs = [turned(target.config, name, value) for target in targets]
            if conn is None:
                owner.config = turned(owner.config, name, value)
        self.emit("app", owner.name, conn or 0,
                  data=(("op", "set"), ("option", name), ("value", value)))
        if name == "reading":
            for target in targets:
                target.app.reading = value
                self._look(owner, target)
            return
        for target, config in zip(targets, configs, strict=True):
            # What a connection announced and was told stays, unless this is what was turned.
            target.config = self.config_for(owner, config) if name in ("mss", "profile") else config
            self._ask(target.endpoint.configure, target.config, self.now)
            self.settle(owner, target)
        for listener in owner.listeners.values() if conn is None else ():
            self._ask(listener.endpoint.configure, self.config_for(owner), self.now)

    def options(self, host: str, conn: int | None = None) -> dict[str, object]:
        """Every knob and its value: of connection `conn`, or for connections to come. Raises NetError."""
        owner = self.host(host)
        target = owner.connection(conn) if conn is not None else None
        config = owner.config if target is None else target.config
        reading = owner.reading if target is None else target.app.reading
        values = {name: getattr(config, field) for name, field in FIELD.items()}
        return values | {"reading": reading, "profile": _profile(config)}

    # --- inside --------------------------------------------------------------------------------------------------

    def _look(self, owner: Host, conn: Connection) -> None:
        """A program that may read again accepts, starts, and gets its turn."""
        if not conn.embryo:
            self.wake(owner, conn)
        self.settle(owner, conn)

    def _targets(self, owner: Host, number: int | None) -> list[Connection]:
        if number is None:
            return list(owner.live)
        conn = self._find(owner, number, "RFC 9293 3.10", listeners=False)
        return [conn]

    def _find(self, owner: Host, number: int | None, clause: str, listeners: bool = True) -> Connection | Listener:
        """The connection meant, or the newest listener when no connection is left alive. Raises NetError."""
        conn = owner.connection(number)
        if number is None and owner.live:
            return conn if conn.endpoint is not None else owner.live[-1]
        if conn is not None and conn.endpoint is not None:
            return conn
        if listeners and number is None and owner.listeners:
            return next(reversed(owner.listeners.values()))
        cure = f"connection {conn.n} is gone; connect anew" if conn is not None else "connect first"
        raise NetError(f"{NO_CONNECTION}: {cure}", clause)

    def _end_listener(self, owner: Host, listener: Listener, call: str, act) -> None:
        self._called(owner, 0, call, port=listener.port)
        self._ask(act, self.now)
        self.settle_listener(owner, listener)
        del owner.listeners[listener.port]

    def _convert(self, owner: Host, listener: Listener, remote: Socket) -> Connection:
        """The listener's endpoint has gone to SYN-SENT: from now on it is a connection."""
        del owner.listeners[listener.port]
        config = self.config_for(owner)
        conn = Connection(len(owner.connections) + 1, listener.endpoint, (owner.address, listener.port), remote, config,
                          owner.new_app())
        owner.adopt(conn)
        self.settle(owner, conn)
        return conn

    def _called(self, owner: Host, n: int, call: str, **values: object) -> None:
        self.emit("call", owner.name, n, data=(("call", call), *values.items()))

    def _ask(self, act, *arguments):
        """Call an endpoint; its refusal is ours."""
        try:
            return act(*arguments)
        except TcpError as refusal:
            raise NetError(refusal.message, refusal.clause) from None


def _check_port(port: object) -> None:
    if isinstance(port, bool) or not isinstance(port, int) or not 1 <= port <= LAST_PORT:
        raise NetError(f"a port is a whole number from 1 to {LAST_PORT}, not {port!r}")


def _check_kind(name: str, value: object) -> None:
    kind = OPTIONS[name]
    if value is None and kind.endswith("or none"):
        return
    wanted = {"switch": bool, "word": str}.get(kind, int)
    if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
        raise NetError(f"{name} takes a {kind}, not {value!r}")


def _profile(config: Config) -> str:
    """The profile that `config` is, but for its secret; "own" when it is none of them."""
    return next((name for name, one in PROFILES.items() if replace(one, secret=config.secret) == config), "own")


def turned(config: Config, name: str, value: object) -> Config:
    """`config` with one knob turned. Raises NetError in the words of the config's own check."""
    if name == "profile":
        if value not in PROFILES:
            raise NetError(f"there is no profile {value!r}; there are {', '.join(PROFILES)}")
        return replace(PROFILES[value], secret=config.secret)
    try:
        return replace(config, **{FIELD[name]: value})
    except ValueError as refusal:
        raise NetError(str(refusal), "RFC 9293") from None
