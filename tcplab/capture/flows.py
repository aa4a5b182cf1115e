"""A capture taken in: columns of numbers for its segments, and the connections they belong to.

No packet is kept. A segment takes about forty bytes here: its numbers, and where in the file it lies, from where it
is read again when somebody looks at it.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable
from os import PathLike

from tcplab.notation.plural import many
from tcplab.tcp.segment import ACK, RST, SYN
from tcplab.tcp.wire import address_from_bytes

from .container import CaptureFile, Raw
from .headers import Head, Odd, head_of, link_name, sum_is_right, syn_options
from .signs import BAD_SUM, Reader

#: Between two looks at `progress`, packets.
_BREATH = 2000
#: So many segments are read of a huge file (some 500 MB of columns); the rest is said to be left out.
MOST = 10_000_000


class Stopped(Exception):
    """Somebody asked for the reading to end."""


class Columns:
    """Segments in the order of the file, a column for each fact; `i` counts from 0. Numbers are the wire's.

    `t` in ns, `at`, `kept` and `wire` where the frame lies, how much of it, and how long it was, `side` 0 for the
    connection's first end, `text` bytes of text, `notes` bits of `signs.SIGNS`, `number` the packet's in the file.
    """

    __slots__ = ("t", "at", "kept", "wire", "link", "side", "flags", "seq", "ack", "wnd", "text", "notes", "number")

    def __init__(self) -> None:
        self.t, self.at = array("q"), array("Q")
        self.kept, self.wire, self.seq, self.ack, self.text, self.notes, self.number = (array("I") for _ in range(7))
        self.link, self.flags, self.wnd, self.side = array("H"), array("H"), array("H"), array("B")

    def __len__(self) -> int:
        return len(self.t)


class Connection:
    """One connection: `ends` are (address, port), the one that opened it first; `packets` index the columns.

    `opened` says whether its SYN was captured: otherwise which end opened it is a guess by the port. The pairs hold a
    value for each end: `sent` bytes of text without repeats, `shift` window scale (None unknown), `mss`, `iss`.
    """

    __slots__ = ("number", "ends", "packets", "opened", "first", "last", "reader", "sums", "judged", "_counts")

    def __init__(self, number: int, ends: tuple[tuple[str, int], tuple[str, int]]) -> None:
        self.number, self.ends = number, ends
        self.packets = array("I")
        self.opened = False
        self.first = self.last = 0
        self.reader = Reader()
        #: Checksums that are wrong, and those that could be judged, of each end.
        self.sums, self.judged = [0, 0], [0, 0]
        self._counts: Counter[int] | None = None

    @property
    def counts(self) -> Counter[int]:
        """How often each note (a bit of `signs.SIGNS`) was made."""
        return Counter() if self._counts is None else self._counts

    def count(self, notes: int) -> None:
        """Count each of these notes."""
        if self._counts is None:
            self._counts = Counter()
        while notes:
            bit = notes & -notes
            self._counts[bit] += 1
            notes ^= bit

    @property
    def sent(self) -> list[int]:
        return [side.bytes for side in self.reader.sides]

    @property
    def shift(self) -> list[int | None]:
        return [side.shift for side in self.reader.sides]

    @property
    def mss(self) -> list[int | None]:
        return [side.mss for side in self.reader.sides]

    @property
    def iss(self) -> list[int | None]:
        return [side.iss for side in self.reader.sides]

    def offloaded(self, side: int) -> bool:
        """Whether wrong checksums from this end are probably not yet computed ones: nearly all are wrong.

        A sending host's own capture sees packets before its network card fills in the checksum.
        """
        return self.judged[side] > 0 and self.sums[side] * 10 >= self.judged[side] * 9 and (
            self.judged[side] > 2 or self.sums[side] == self.judged[side])

    @property
    def name(self) -> str:
        (here, port), (there, other) = self.ends
        return f"{socket_text(here, port)} > {socket_text(there, other)}"


def socket_text(address: str, port: int) -> str:
    """Address and port; an IPv6 address stands in brackets."""
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


class Capture:
    """A whole capture: `connections` in order of appearance, `odd` counts frames that hold no readable segment.

    `cautions` are sentences about the file: damage, cut packets, link types that are not read, wrong checksums.
    """

    def __init__(self, file: CaptureFile) -> None:
        self.file = file
        self.columns = Columns()
        self.connections: list[Connection] = []
        self.odd: Counter[str] = Counter()
        self.links: Counter[int] = Counter()
        self.total = self.cut = self.timeless = self.backwards = 0
        self.unread = 0
        self.comments: dict[int, str] = {}
        self._flows: dict[tuple[bytes, int, bytes, int], tuple[Connection, int]] = {}
        self._latest = 0

    def take(self, raw: Raw) -> None:
        """Take in the next packet of the file."""
        self.total += 1
        self.links[raw.link] += 1
        try:
            head = head_of(raw.data, raw.link, raw.wire)
        except Odd as odd:
            self.odd[odd.args[0]] += 1
            return
        # A damaged time may be far beyond what a clock can show.
        known = raw.t is not None and raw.t < 1 << 62
        self.timeless += not known
        t = raw.t if known else self._latest
        if t < self._latest:
            self.backwards += 1
        self._latest = max(t, self._latest)
        if len(raw.data) < raw.wire:
            self.cut += 1
        self._add(raw, head, t)

    def _add(self, raw: Raw, head: Head, t: int) -> None:
        conn, side = self._connection(head, t)
        columns, index = self.columns, len(self.columns)
        if head.flags & SYN:
            conn.reader.sides[side].options(*syn_options(raw.data, head))
        notes = conn.reader.read(side, t, head.seq, head.ack, head.flags, head.wnd, head.text, head.ident)
        right = sum_is_right(raw.data, head)
        if right is not None:
            conn.judged[side] += 1
            if not right:
                conn.sums[side] += 1
                notes |= BAD_SUM
        for column, value in zip((columns.t, columns.at, columns.kept, columns.wire, columns.link, columns.side,
                                  columns.flags, columns.seq, columns.ack, columns.wnd, columns.text, columns.notes,
                                  columns.number),
                                 (t, raw.at, len(raw.data), raw.wire & 0xFFFFFFFF, raw.link, side, head.flags, head.seq,
                                  head.ack, head.wnd, min(head.text, 0xFFFFFFFF), notes, self.total), strict=True):
            column.append(value)
        if raw.comment:
            self.comments[index] = raw.comment
        conn.packets.append(index)
        conn.last = max(conn.last, t)
        if notes:
            conn.count(notes)

    def _connection(self, head: Head, t: int) -> tuple[Connection, int]:
        """The connection of a segment and the side it comes from; a SYN with a new number begins another one."""
        key = (head.src, head.sport, head.dst, head.dport)
        found = self._flows.get(key)
        syn = head.flags & (SYN | ACK | RST)
        if found is not None and syn == SYN:
            side = found[0].reader.sides[found[1]]
            # Another SYN of the same end with another number: the pair of sockets is used again (RFC 9293 3.6.1).
            if side.iss is not None and side.iss != head.seq or (side.iss is None and side.nxt is not None):
                found = None
        if found is None:
            # Without a SYN the end with the larger port is taken for the one that opened the connection.
            first = syn == SYN or (syn != SYN | ACK and head.sport >= head.dport)
            here = address_from_bytes(head.src), head.sport
            there = address_from_bytes(head.dst), head.dport
            conn = Connection(len(self.connections) + 1, (here, there) if first else (there, here))
            conn.first = t
            self.connections.append(conn)
            found = conn, 0 if first else 1
            self._flows[head.dst, head.dport, head.src, head.sport] = conn, 1 - found[1]
            self._flows[key] = found
        if syn == SYN:
            found[0].opened = True
        return found

    @property
    def cautions(self) -> list[str]:
        """What somebody who looks at this capture has to know, in sentences."""
        said = []
        if self.file.damage:
            said.append(self.file.damage[0].upper() + self.file.damage[1:] + ".")
        if self.unread:
            said.append(f"The file is huge: its first {len(self.columns):,} segments were read, {self.unread:,} bytes "
                        "were not. Cut it with editcap to see the rest.")
        if not self.total:
            said.append("The file holds no packet.")
        elif not len(self.columns):
            said.append("No TCP segment is in this file.")
        said += [f"{many(count, 'packet')} left out: {why}." for why, count in self.odd.most_common()]
        if self.cut:
            said.append(f"{many(self.cut, 'packet')} kept only in part (a snapshot length): their text and checksum "
                        "are not known.")
        if self.timeless:
            said.append(f"{many(self.timeless, 'packet')} without a true time: that of the packet before is used.")
        if self.backwards:
            said.append(f"{many(self.backwards, 'packet')} earlier than the packet before: the order is the file's.")
        return said + self._sums()

    def _sums(self) -> list[str]:
        """What wrong checksums mean."""
        hosts: dict[str, int] = {}
        strays = 0
        for conn in self.connections:
            for side in (0, 1):
                if conn.sums[side] and conn.offloaded(side):
                    address = conn.ends[side][0]
                    hosts[address] = hosts.get(address, 0) + conn.sums[side]
                else:
                    strays += conn.sums[side]
        said = [f"{many(count, 'segment')} from {host} with a wrong checksum: probably checksum offload (captured on "
                "the sending host, before its network card filled it in), not damage."
                for host, count in list(hosts.items())[:5]]
        if len(hosts) > 5:
            said.append(f"{len(hosts) - 5} more hosts with checksum offload.")
        if strays:
            said.append(f"{many(strays, 'segment')} with a wrong checksum: damaged on the way; a receiver drops them.")
        return said

    def close(self) -> None:
        """Close the file; segments cannot be looked at afterwards."""
        self.file.close()


def load(path: str | PathLike, progress: Callable[[int, int, int], bool] | None = None) -> Capture:
    """Read a whole capture. `progress` is told (bytes read, bytes in all, packets) and returns whether to go on.

    Raises CaptureError and OSError as CaptureFile does, and Stopped when `progress` said no.
    """
    file = CaptureFile(path)
    capture = Capture(file)
    try:
        for raw in file:
            if len(capture.columns) >= MOST:
                capture.unread = file.size - file.position
                break
            capture.take(raw)
            if progress is not None and capture.total % _BREATH == 0 and not progress(
                    file.position, file.size, capture.total):
                raise Stopped
    except BaseException:
        file.close()
        raise
    return capture


def described_links(capture: Capture) -> str:
    """The link types of a capture in words."""
    return ", ".join(link_name(link) for link, _ in capture.links.most_common()) or "none"
