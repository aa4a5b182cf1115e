"""The program at one end of a connection: what it reads, what it still has to send.

Applications never close by themselves. What they have to send waits here without being made: ten gigabytes of test
data are one small tuple until the endpoint's send buffer has room.
"""

from __future__ import annotations

from collections import deque
from functools import lru_cache
from typing import NamedTuple

from tcplab.net.errors import NetError

#: `sink` reads and forgets, `echo` sends back what it reads, `source` sends a given number of bytes once the
#: connection stands (and reads as a sink does), `none` is nobody: what arrives waits for a RECEIVE call.
KINDS = ("sink", "echo", "source", "none")

#: Prime, so that no two pieces of a transfer at multiples of a segment size look alike for long.
_PERIOD = 8191


class Chunk(NamedTuple):
    """Bytes still to send: `data[at:end]`, or the test pattern at those positions when `data` is None."""

    data: bytes | None
    at: int
    end: int
    urgent: bool = False


class Application:
    """One program. `received` counts the bytes it has read, `queued` those it could not yet hand to the endpoint."""

    __slots__ = ("kind", "amount", "reading", "items", "queued", "closing", "closed", "started", "saw_eof",
                 "received", "made")

    def __init__(self, kind: str, amount: int, reading: bool) -> None:
        self.kind, self.amount, self.reading = kind, amount, reading
        self.items: deque[Chunk] = deque()
        self.queued = 0
        self.closing = False
        self.closed = False
        self.started = False
        self.saw_eof = False
        self.received = 0
        self.made = 0

    @property
    def label(self) -> str:
        return f"{self.kind} {self.amount}" if self.kind == "source" else self.kind

    def copy(self) -> Application:
        twin = Application.__new__(Application)
        for name in Application.__slots__:
            setattr(twin, name, getattr(self, name))
        twin.items = self.items.copy()
        return twin

    def put(self, data: bytes, urgent: bool = False) -> None:
        """Queue `data` behind all that waits."""
        if data:
            self.items.append(Chunk(data, 0, len(data), urgent))
            self.queued += len(data)

    def put_pattern(self, n: int, urgent: bool = False) -> None:
        """Queue `n` bytes of the test pattern; it goes on where the last one of this connection ended."""
        if n:
            self.items.append(Chunk(None, self.made, self.made + n, urgent))
            self.made += n
            self.queued += n

    def peek(self, room: int) -> tuple[bytes, bool, bool]:
        """At most `room` bytes of what is next, whether they are the end of one call of the user, and urgent."""
        data, at, end, urgent = self.items[0]
        stop = min(end, at + room)
        return pattern(at, stop - at) if data is None else data[at:stop], stop == end, urgent

    def taken(self, n: int) -> None:
        """The endpoint has accepted the first `n` bytes of the front chunk."""
        data, at, end, urgent = self.items[0]
        self.queued -= n
        if at + n == end:
            self.items.popleft()
        else:
            self.items[0] = Chunk(data, at + n, end, urgent)

    def forget(self) -> None:
        """The connection is gone: what waits will never be sent."""
        self.items.clear()
        self.queued = 0
        self.closing = False

    def start(self) -> None:
        """The connection stands: a source begins."""
        if self.kind == "source" and not self.started and not self.closing and not self.closed:
            self.put_pattern(self.amount)
        self.started = True

    def may_read(self, accepted: bool) -> bool:
        """Does the program read by itself? An echo reads no more than it can pass on."""
        return accepted and self.reading and self.kind != "none" and not (self.kind == "echo" and self.items)


def check_app(kind: str, amount: int) -> None:
    """Raises NetError unless `kind` is an application and `amount` (bytes) fits it."""
    if kind not in KINDS:
        raise NetError(f"there is no application {kind!r}; choose one of {', '.join(KINDS)}")
    if kind == "source" and amount < 1:
        raise NetError("a source needs the number of bytes to send, e.g. source 1MB")


@lru_cache(maxsize=1)
def _block() -> bytes:
    """Sixteen periods of numbered lines, to cut any piece from."""
    return b"".join(b"%06d\n" % line for line in range(_PERIOD // 7 + 1))[:_PERIOD] * 16


def pattern(at: int, n: int) -> bytes:
    """`n` bytes of the test pattern from position `at`: readable, and always the same."""
    block, start = _block(), at % _PERIOD
    while len(block) < start + n:
        block += block
    return block[start:start + n]
