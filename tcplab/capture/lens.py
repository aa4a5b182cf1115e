"""One captured connection, looked at with the laboratory's eyes: segments as entries, ends as hosts A and B.

A is the end that opened the connection. Nothing is kept: an entry is made from the columns, and its text is read from
the file, when somebody asks for it. What an entry says about a segment is inferred and carries the words for it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from functools import lru_cache
from typing import overload

from tcplab.net.trace import Event, SegmentRecord
from tcplab.tcp.options import NO_OPTIONS, Options
from tcplab.tcp.segment import MOD32, Segment
from tcplab.tcp.wire import options_from_bytes
from tcplab.views.entries import Entry

from .container import MAX_PACKET
from .flows import Capture, Connection
from .headers import Odd, head_of
from .paths import Paths, Seen, Step, infer
from .signs import BAD_SUM, BY_BIT, COPY, DUP_ACK, FAST, NEEDLESS, PROBE, REPEAT, SIGNS, SYN_AGAIN

#: The names of the two ends: the one that opened the connection first.
ENDS = ("A", "B")
#: Where link, IP and TCP headers with all options lie at most, in nearly every frame.
_HEADERS = 256
_AGAIN = FAST | NEEDLESS | REPEAT | SYN_AGAIN


@lru_cache(maxsize=256)
def _zeros(size: int) -> bytes:
    """Text of that length; shared, so that a list of segments stays small."""
    return bytes(size)


class Lens:
    """A connection of a capture. Times are counted from its first segment (ns)."""

    def __init__(self, capture: Capture, conn: Connection) -> None:
        self.capture, self.conn = capture, conn
        self.start = capture.columns.t[conn.packets[0]] if conn.packets else 0
        self.entries = Entries(self)
        self._paths: Paths | None = None

    # -- segments -----------------------------------------------------------------------------------------------

    def frame(self, place: int) -> bytes:
        """The frame of the connection's segment number `place` (from 0), as far as it was captured."""
        columns, index = self.capture.columns, self.conn.packets[place]
        return self.capture.file.read(columns.at[index], min(columns.kept[index], MAX_PACKET))

    def record(self, place: int, full: bool = False) -> SegmentRecord:
        """The segment as the laboratory knows segments; its text is zeros unless `full`, or where it was not captured.
        """
        columns, index, conn = self.capture.columns, self.conn.packets[place], self.conn
        side, notes = columns.side[index], columns.notes[index]
        here, there = conn.ends[side], conn.ends[1 - side]
        text, options, up, ecn = b"", NO_OPTIONS, 0, 0
        size = min(columns.text[index], MAX_PACKET)
        try:
            text, options, up, ecn = self._opened(index, columns.kept[index] if full else _HEADERS)
        except (Odd, OSError, ValueError, IndexError):
            pass  # the file changed under us; the numbers are still known
        text = text[:size].ljust(size, b"\0") if full else _zeros(size)
        segment = Segment(here[0], there[0], here[1], there[1], columns.seq[index], columns.ack[index],
                          columns.flags[index], columns.wnd[index], text, options, up, ecn)
        t = columns.t[index] - self.start
        return SegmentRecord(columns.number[index], None, ENDS[side], ENDS[1 - side], segment, t, t,
                             bool(notes & _AGAIN), False, None, conn.shift[side] or 0)

    def _opened(self, index: int, most: int) -> tuple[bytes, Options, int, int]:
        """Text, options, urgent pointer and ECN bits out of the file. Raises Odd, OSError, ValueError, IndexError."""
        columns = self.capture.columns
        data = self.capture.file.read(columns.at[index], min(columns.kept[index], most, MAX_PACKET))
        head = head_of(data, columns.link[index], columns.wire[index])
        body = head.tcp + (data[head.tcp + 12] >> 4 << 2)
        return (data[body:head.end], options_from_bytes(data[head.tcp + 20:body]),
                int.from_bytes(data[head.tcp + 18:head.tcp + 20], "big"), head.ecn)

    def packet(self, place: int) -> bytes:
        """The IP packet of a segment, without its link's header."""
        index = self.conn.packets[place]
        data = self.frame(place)
        return data[head_of(data, self.capture.columns.link[index], self.capture.columns.wire[index]).ip:]

    def notes(self, place: int) -> int:
        """What was inferred about a segment: bits of `signs.SIGNS`; probable checksum offload is not one of them."""
        index = self.conn.packets[place]
        notes = self.capture.columns.notes[index]
        if notes & BAD_SUM and self.conn.offloaded(self.capture.columns.side[index]):
            notes &= ~BAD_SUM
        return notes

    def sum_wrong(self, place: int) -> bool:
        """Whether a segment's checksum is wrong in the file, for whatever reason."""
        return bool(self.capture.columns.notes[self.conn.packets[place]] & BAD_SUM)

    def comment(self, place: int) -> str:
        """What the file itself says about a segment."""
        return self.capture.comments.get(self.conn.packets[place], "")

    def entry(self, place: int) -> Entry:
        """The segment as an entry. Whether it arrived a capture does not say; it is drawn as if at once."""
        rec = self.record(place)
        entry = Entry(rec, "delivered", rec.sent_at, conn=self.conn.number, born=place, met=place)
        notes = self.notes(place)
        entry.mark = ("copy" if notes & COPY else "probe" if notes & PROBE else "rtx" if notes & _AGAIN
                      else "dup" if notes & DUP_ACK else "")
        entry.notes = tuple(sign.note for sign in SIGNS if notes & sign.bit)
        return entry

    # -- the whole ----------------------------------------------------------------------------------------------

    @property
    def paths(self) -> Paths:
        """Both ends' inferred states, worked out when first asked for."""
        if self._paths is None:
            columns = self.capture.columns
            self._paths = infer(Seen(place, columns.t[i] - self.start, columns.side[i], columns.seq[i], columns.ack[i],
                                     columns.flags[i], columns.text[i]) for place, i in enumerate(self.conn.packets))
        return self._paths

    def steps(self, upto: int | None = None) -> list[Step]:
        """The inferred transitions that show up to the segment number `upto` (all of them without one)."""
        return [step for step in self.paths.steps if upto is None or step.index <= upto]

    def states(self, upto: int | None = None) -> tuple[str, str]:
        """Where both ends stand after the segment number `upto` (at the end without one), inferred."""
        now = list(self.paths.states)
        if upto is not None:
            for side in (0, 1):
                walked = [step for step in self.paths.steps if step.side == side]
                done = [step for step in walked if step.index <= upto]
                if walked:
                    now[side] = str(done[-1].target if done else walked[0].source)
        return now[0], now[1]

    def bases(self) -> dict[tuple[str, int, int], int]:
        """First sequence numbers for relative ones; what was not captured counts from the first number seen."""
        columns, bases = self.capture.columns, {}
        for side, (here, there) in enumerate((self.conn.ends, self.conn.ends[::-1])):
            iss = self.conn.iss[side]
            if iss is None:
                seen = next((i for i in self.conn.packets if columns.side[i] == side), None)
                iss = 0 if seen is None else (columns.seq[seen] - 1) % MOD32
            bases[ENDS[side], here[1], there[1]] = iss
        return bases

    def trace(self) -> Trace:
        """The connection as a session's trace tells it."""
        return Trace(self)


class Trace(Sequence[Event]):
    """A captured connection as a trace: each segment sent and delivered at once, and the inferred states after it.

    Events are made when looked at. The latest ones are the same objects when looked at again: who reads a trace
    piece by piece knows by them that it is still the same.
    """

    _KEPT = 512

    def __init__(self, lens: Lens) -> None:
        self.lens = lens
        self._steps = lens.paths.steps
        #: The index of each change of state: two events for each segment up to its own, and one for each step before.
        self.changes = [2 * (step.index + 1) + number for number, step in enumerate(self._steps)]
        self._made: dict[int, Event] = {}
        self._record: tuple[int, SegmentRecord] | None = None

    def __len__(self) -> int:
        return 2 * len(self.lens.conn.packets) + len(self._steps)

    def __getitem__(self, index):
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        if not -len(self) <= index < len(self):
            raise IndexError(index)
        index %= len(self)
        event = self._made.get(index)
        if event is None:
            event = self._made[index] = self._make(index)
            if len(self._made) > self._KEPT:
                del self._made[next(iter(self._made))]
        return event

    def place(self, place: int) -> int:
        """The index of the event that sends the segment number `place`."""
        return 2 * place + sum(step.index < place for step in self._steps)

    def _make(self, index: int) -> Event:
        before = bisect_left(self.changes, index)
        if before < len(self.changes) and self.changes[before] == index:
            step = self._steps[before]
            return Event(step.t, "state", ENDS[step.side], 1, data=(
                ("from", str(step.source)), ("to", str(step.target)), ("event", step.event)))
        place, arrived = divmod(index - before, 2)
        if self._record is None or self._record[0] != place:
            self._record = place, self.lens.record(place)
        rec = self._record[1]
        return Event(rec.sent_at, "delivered" if arrived else "sent", rec.dst if arrived else rec.src, 1, rec)


class Entries(Sequence[Entry]):
    """The entries of a connection, made when looked at. Their `born` is their place among all, or in `trace` if given.
    """

    def __init__(self, lens: Lens, trace: Trace | None = None) -> None:
        self.lens, self.trace = lens, trace

    def _entry(self, place: int) -> Entry:
        entry = self.lens.entry(place)
        if self.trace is not None:
            entry.born = self.trace.place(place)
            entry.met = entry.born + 1
        return entry

    def __len__(self) -> int:
        return len(self.lens.conn.packets)

    @overload
    def __getitem__(self, place: int) -> Entry: ...

    @overload
    def __getitem__(self, place: slice) -> list[Entry]: ...

    def __getitem__(self, place):
        if isinstance(place, slice):
            return [self._entry(index) for index in range(*place.indices(len(self)))]
        if not -len(self) <= place < len(self):
            raise IndexError(place)
        return self._entry(place % len(self))


def counted(conn: Connection) -> dict[str, int]:
    """How often each note was made on a connection, by its key; probable checksum offload is left out."""
    counts = {BY_BIT[bit].key: count for bit, count in sorted(conn.counts.items())}
    wrong = sum(conn.sums[side] for side in (0, 1) if not conn.offloaded(side))
    counts.pop("bad_checksum", None)
    return counts | ({"bad_checksum": wrong} if wrong else {})


