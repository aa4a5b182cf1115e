"""The application of a script: user calls made, their results compared (RFC 9293 section 3.10)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tcplab.tcp import State, TcpError

from .mismatch import Mismatch
from .model import Call
from .packet import pattern

if TYPE_CHECKING:
    from .play import Player

_NOT_YET = frozenset({State.CLOSED, State.LISTEN, State.SYN_SENT, State.SYN_RECEIVED})


class User:
    """Counts what was written and read, so that every byte read can be compared; keeps packetdrill's descriptors."""

    def __init__(self, player: Player) -> None:
        self.player = player
        self.written = self.read_so_far = 0
        self.fds: dict[int, str] = {}
        self.lingers = False

    def call(self, call: Call) -> None:
        """Make the call. Raises Mismatch when its result is another."""
        name = call.name.removeprefix("socket.")
        handler = getattr(self, "_s_" + name) if call.name.startswith("socket.") else getattr(self, "_" + name)
        try:
            result, errno = handler(call)
        except TcpError as error:
            self.failed(call, error)
            return
        if call.error is not None and errno != call.error:
            raise Mismatch(f"{name} fails with {call.error}", f"it fails with {errno}" if errno else
                           f"it returns {result}")
        if call.error is None and errno:
            raise Mismatch(f"{name} returns {call.result}", f"it fails with {errno}")
        if call.result is not None and result != call.result:
            raise Mismatch(f"{name} returns {call.result}", f"it returns {result}")

    def failed(self, call: Call, error: TcpError) -> None:
        said = f"it fails: {error.message} [{error.clause}]"
        if call.error is None:
            raise Mismatch(f"{call.shown} succeeds", said)
        if call.error not in (error.message, _errno(error.message, call.name)):
            raise Mismatch(f"{call.shown.partition('=')[0].strip()} fails with {call.error!r}", said)

    @property
    def end(self):
        return self.player.endpoint

    @property
    def now(self) -> int:
        return self.player.now

    def fresh(self) -> None:
        if self.end.gone:
            self.player.renew()
            self.written = self.read_so_far = 0

    # -- the short ones; each returns (result, errno or "") ----------------------------------------------------------

    def _listen(self, call: Call) -> tuple[int, str]:
        self.fresh()
        self.end.open_passive(self.now, call.args[0] if call.args else None)
        return 0, ""

    def _connect(self, call: Call) -> tuple[int, str]:
        self.fresh()
        self.end.open_active(self.player.remote, self.now)
        return 0, ""

    def _send(self, call: Call) -> tuple[int, str]:
        n, push = call.args
        taken = self.end.send(pattern(1 + self.written, n), self.now, push)
        self.written += taken
        if call.result is None and call.error is None and taken != n:
            raise Mismatch(f"send {n} is taken whole", f"only {taken} bytes are taken")
        return taken, ""

    def _read(self, call: Call) -> tuple[int, str]:
        data = self.end.receive(call.args[0], self.now)
        if data != pattern(1 + self.read_so_far, len(data)):
            raise Mismatch(f"the bytes from {1 + self.read_so_far} on, as the peer sent them", "other bytes")
        self.read_so_far += len(data)
        return len(data), ""

    def _close(self, call: Call) -> tuple[int, str]:
        self.end.close(self.now)
        return 0, ""

    def _abort(self, call: Call) -> tuple[int, str]:
        self.end.abort(self.now)
        return 0, ""

    # -- packetdrill's ------------------------------------------------------------------------------------------------

    def _s_socket(self, call: Call) -> tuple[int, str]:
        self.fds[call.result or 3] = "socket"
        return call.result or 3, ""

    def _s_bind(self, call: Call) -> tuple[int, str]:
        return 0, ""

    _s_fcntl = _s_bind

    def _s_listen(self, call: Call) -> tuple[int, str]:
        self.fds[call.args[0]] = "listener"
        return self._listen(replace(call, args=()))

    def _s_connect(self, call: Call) -> tuple[int, str]:
        return self._connect(call)

    def _s_accept(self, call: Call) -> tuple[int, str]:
        if self.end.state in _NOT_YET:
            return -1, "EAGAIN"
        self.fds[call.result or 4] = "connection"
        return call.result or 4, ""

    def _s_write(self, call: Call) -> tuple[int, str]:
        if self.end.error is not None:
            return -1, _errno(self.end.error, "write")
        taken, _ = self._send(replace(call, args=(call.args[1], True), result=call.result or 0))
        return (taken, "") if taken or not call.args[1] else (-1, "EAGAIN")

    _s_send = _s_sendto = _s_write

    def _s_read(self, call: Call) -> tuple[int, str]:
        if self.end.error is not None:
            return -1, _errno(self.end.error, "read")
        if self.end.eof:
            return 0, ""
        n, _ = self._read(replace(call, args=call.args[1:]))
        return (n, "") if n else (-1, "EAGAIN")

    _s_recv = _s_recvfrom = _s_read

    def _s_shutdown(self, call: Call) -> tuple[int, str]:
        return self._close(call)

    def _s_close(self, call: Call) -> tuple[int, str]:
        if self.fds.pop(call.args[0], "") == "listener" and self.end.state is not State.LISTEN:
            return 0, ""  # the listener begot the connection and is of no more use
        return self._abort(call) if self.lingers else self._close(call)

    def _s_setsockopt(self, call: Call) -> tuple[int, str]:
        _, field, value = call.args
        if field == "linger":
            self.lingers = value
        elif field is not None:
            self.player.configure(replace(self.player.config, **{field: value}))
        return 0, ""


def _errno(message: str, call: str) -> str:
    """How a socket names an error of RFC 9293 section 3.10."""
    for words, name in (("reset", "ECONNRESET"), ("refused", "ECONNREFUSED"), ("timeout", "ETIMEDOUT"),
                        ("already exists", "EISCONN"), ("closing", "EPIPE"), ("does not exist", "ENOTCONN")):
        if words in message:
            return name
    return "EINVAL"
