"""The program at one end of a connection: what it reads, what it still has to send.

Applications never close by themselves. What they have to send waits here without being made: ten gigabytes of test
data are one small tuple until the endpoint's send buffer has room.
"""

from __future__ import annotations

from collections import deque
from functools import lru_cache
from typing import NamedTuple

from tcplab.net.errors import NetError
from tcplab.notation.errors import NotationError
from tcplab.notation.units import parse_size

#: `sink` reads and forgets, `echo` sends back what it reads, `source` sends a given number of bytes once the
#: connection stands (and reads as a sink does), `none` is nobody: what arrives waits for a RECEIVE call. `request`
#: asks and waits for the whole answer before it asks again; `respond` answers each line with as many bytes as the
#: first number in it says.
KINDS = ("sink", "echo", "source", "none", "request", "respond")

#: Longer numbers in a request are none: it gets no answer.
_DIGITS = 12

#: Prime, so that no two pieces of a transfer at multiples of a segment size look alike for long.
_PERIOD = 8191


class Chunk(NamedTuple):
    """Bytes still to send: `data[at:end]`, or the test pattern at those positions when `data` is None."""

    data: bytes | None
    at: int
    end: int
    urgent: bool = False


class Exchange(NamedTuple):
    """What a `request` does: `times` requests of `size` bytes, each for an answer of `answer` bytes."""

    size: int
    answer: int
    times: int = 1

    def __str__(self) -> str:
        return f"{self.size} answer {self.answer} times {self.times}"


#: Programs that write when they read.
_TALKERS = ("echo", "respond", "request")


class Application:
    """One program. `received` counts the bytes it has read, `queued` those it could not yet hand to the endpoint.

    `asked` counts the requests made, `missing` the bytes still to come of the present answer; `number` is what a
    `respond` has read of the first number in the present line, and `heard` whether that number is over; `talks` says
    whether reading makes it write.
    """

    __slots__ = ("kind", "amount", "talks", "reading", "items", "queued", "closing", "closed", "started", "saw_eof",
                 "received", "made", "asked", "missing", "number", "heard")

    def __init__(self, kind: str, amount: int | Exchange, reading: bool) -> None:
        self.set(kind, amount)
        self.reading = reading
        self.items: deque[Chunk] = deque()
        self.queued = 0
        self.closing = False
        self.closed = False
        self.saw_eof = False
        self.received = 0
        self.made = 0

    def set(self, kind: str, amount: int | Exchange) -> None:
        """Be another program from now on; what is queued is still sent."""
        self.kind, self.amount = kind, amount
        self.talks = kind in _TALKERS
        self.started = False
        self.asked = self.missing = 0
        self.number, self.heard = "", False

    @property
    def label(self) -> str:
        return label(self.kind, self.amount)

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
        if not self.started and not self.closing and not self.closed:
            if self.kind == "source":
                self.put_pattern(self.amount)
            elif self.kind == "request":
                self._ask()
        self.started = True

    def _ask(self) -> None:
        """The next request: a line that names the size of the answer, padded to its own size."""
        size, answer, _ = self.amount
        self.asked += 1
        self.missing = answer
        words = b"%d bytes please, request %d " % (answer, self.asked)
        self.put(words[:size - 1].ljust(size - 1, b".") + b"\n")

    def react(self, data: bytes) -> None:
        """`data` was read: an echo sends it back, a responder answers requests, a requester may ask again."""
        if self.closing or self.closed:
            return
        if self.kind == "echo":
            self.put(data)
        elif self.kind == "respond":
            for byte in data:
                self._listen(byte)
        elif self.kind == "request" and self.missing:
            self.missing = max(0, self.missing - len(data))
            if not self.missing and self.asked < self.amount.times:
                self._ask()

    def _listen(self, byte: int) -> None:
        """One byte of a request: the first number of each line is how long its answer is."""
        if byte == 10:
            if self.number and len(self.number) <= _DIGITS:
                self.put_pattern(int(self.number))
            self.number, self.heard = "", False
        elif not self.heard:
            if 48 <= byte <= 57:
                # One digit too many is kept to tell that the number is too long.
                self.number = (self.number + chr(byte))[:_DIGITS + 1]
            else:
                self.heard = bool(self.number)

    def may_read(self, accepted: bool) -> bool:
        """Does the program read by itself? An echo and a responder read no more than they can answer."""
        return accepted and self.reading and self.kind != "none" and not (self.kind in ("echo", "respond")
                                                                          and self.items)


def label(kind: str, amount: int | Exchange) -> str:
    """A program as it is written in a command."""
    return f"{kind} {amount}" if kind in ("source", "request") else kind


def check_app(kind: str, amount: int | Exchange) -> None:
    """Raises NetError unless `kind` is an application and `amount` (bytes, or an Exchange) fits it."""
    if kind not in KINDS:
        raise NetError(f"there is no application {kind!r}; choose one of {', '.join(KINDS)}")
    if kind == "source" and amount < 1:
        raise NetError("a source needs the number of bytes to send, e.g. source 1MB")
    if kind != "request":
        return
    if not isinstance(amount, Exchange):
        raise NetError("a requester needs two sizes, e.g. request 100 answer 2kB")
    if not 1 <= amount.answer < 10 ** _DIGITS:
        raise NetError("the answer has at least 1 byte, and less than 1 TB")
    least = len(str(amount.answer)) + 1
    if not least <= amount.size <= 1_000_000:
        raise NetError(f"this request has {least} to 1000000 bytes: it must hold the line {str(amount.answer)!r}")
    if not 1 <= amount.times <= 1_000_000:
        raise NetError(f"a requester asks 1 to 1000000 times, not {amount.times}")


def read_app(text: str) -> tuple[str, int | Exchange]:
    """A program as words: ``sink``, ``source 1MB``, ``request 100 answer 2kB times 5``. Raises NotationError."""
    kind, *rest = text.split() or [""]
    if kind == "source" and len(rest) == 1:
        return kind, parse_size(rest[0])
    if kind == "request" and len(rest) in (3, 5) and rest[1::2] == ["answer", "times"][: len(rest) // 2]:
        return kind, Exchange(*map(parse_size, rest[::2]))
    if kind in KINDS and kind not in ("source", "request") and not rest:
        return kind, 0
    raise NotationError("A program is none, sink, echo, respond, source SIZE, or request SIZE answer SIZE times N.", 0,
                        "Write for example source 1MB.")


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
