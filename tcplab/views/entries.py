"""What happened to each segment, read from the events as they come: one entry a segment, in the order of sending.

The rows of the log and the lines of the ladder; exporters and the grader read the same entries. A session gives its
trace; who has a captured file makes events of the kinds "sent" and "delivered" for its packets and gives those.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tcplab.net.trace import Event, SegmentRecord
from tcplab.tcp.segment import SYN
from tcplab.tcp.why import Why

from .arrivals import Arrivals
from .notes import Expert
from .words import Note


@dataclass(slots=True)
class Entry:
    """One segment's story: `fate` is flying, delivered, lost, held or dropped; `at` is when that fate was met (ns).

    `mark` is '' or one of dup (duplicate ACK), copy (the link doubled it), rtx (sent again), probe (a new byte) and
    probe-again. `conn` is the number of the sender's connection, `why` the rule, timer or call that made the segment,
    `notes` what an expert remarks on it. `born` is the index of
    the first event about it and `met` that of the last one so far: nothing about it stands outside this stretch but
    what its arrival brought about, which follows `met`. `rec` is the segment as it was sent, `last` as it was met last
    (a flipped bit, a mark, an edit). `stopped` says that the link held it, `late` that it arrived out of its turn.
    """

    rec: SegmentRecord
    fate: str = "flying"
    at: int | None = None
    mark: str = ""
    notes: tuple[Note, ...] = ()
    conn: int = 0
    why: Why | None = None
    born: int = 0
    met: int = 0
    last: SegmentRecord = None  # type: ignore[assignment]  # set below
    stopped: bool = False
    late: bool = False

    def __post_init__(self) -> None:
        self.last = self.last or self.rec

    @property
    def over(self) -> bool:
        return self.fate in ("delivered", "lost", "dropped")

    @property
    def remark(self) -> str:
        """The expert's notes in full, the most important first."""
        return " · ".join(note.text for note in self.notes)

    @property
    def remark_style(self) -> str:
        """What the first note means."""
        return self.notes[0].style if self.notes else "dim"

    def add(self, note: Note) -> None:
        """Put a note where it belongs by rank; the same kind only once."""
        if not self.notes:
            self.notes = (note,)
        elif all(old.code != note.code for old in self.notes):
            self.notes = tuple(sorted((*self.notes, note), key=lambda one: one.rank))

    @property
    def copy_of(self) -> int | None:
        """The number of the segment that this one is a copy of."""
        return self.rec.copy_of


#: Events between two snapshots of the reader, and how many snapshots are kept; see `Story.read`.
SPACING, MOST = 4000, 64


class _Snapshot(NamedTuple):
    """The reader after `index` events, the last of which was `event`: what it takes to read on from there.

    `open` are the entries whose story was not over, or of which more might be remarked, as they were then.
    """

    index: int
    event: Event
    count: int
    open: list[tuple[Entry, tuple]]
    expert: Expert
    iss: dict
    armed: dict
    arrivals: tuple


class Story:
    """The entries in the order in which segments were sent. `read` takes in what is new; `clear` starts over.

    Reading goes on where it stopped. When time went back, it goes back to the last snapshot whose events are still
    the same objects, which costs little however long the trace is. `floor` is then the index of the first entry that
    may have changed; whoever keeps results by entry looks there and sets it to the end again.
    """

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self.entries: list[Entry] = []
        self.by_id: dict[int, Entry] = {}
        self.iss: dict[tuple[str, int, int], int] = {}
        self.armed: dict[tuple[str, int, str], int] = {}
        self.expert = Expert()
        self.arrivals = Arrivals()
        self.floor = 0
        self._read = 0
        self._last: Event | None = None
        self._open: dict[int, Entry] = {}
        self._snapshots: list[_Snapshot] = []

    def read(self, trace: Sequence[Event], most: int | None = None) -> bool:
        """Take in the events that came since the last call, at most `most`. Returns whether there are more.

        The trace has to end between two steps, when all that an arrival brought about has been told. One that was cut
        is read again from where it is still the same.
        """
        if self._read and (len(trace) < self._read or trace[self._read - 1] is not self._last):
            self._rewind(trace)
        end = len(trace) if most is None else min(len(trace), self._read + most)
        for index in range(self._read, end):
            if index >= (self._snapshots[-1].index if self._snapshots else 0) + SPACING:
                self._snap(index, trace[index - 1])
            self._take(trace[index], index)
        if end > self._read:
            self._read, self._last = end, trace[end - 1]
        if end == len(trace):
            self.expert.settle()
        return end < len(trace)

    def _take(self, event: Event, index: int) -> None:
        kind = event.kind
        rec = event.seg
        if rec is None:
            if kind == "timer":
                if event.get("op") == "armed":
                    self.armed[event.host, event.conn, str(event.get("name"))] = event.t
            elif kind == "refused" or kind == "ack":
                self.expert.told(event, self.by_id.get(event.get("by", 0)))  # type: ignore[arg-type]
            elif kind == "link" and event.get("op") == "edit" and event.get("id") in self.by_id:
                self.expert.edited(self.by_id[event.get("id")])  # type: ignore[index]
            return
        entry = self.by_id.get(rec.id)
        if entry is None:
            entry = self._begin(event, index)
        entry.met, entry.last = index, rec
        if kind in ("delivered", "lost", "dropped"):
            entry.fate, entry.at = kind, event.t
            if kind != "lost":
                entry.late = self.arrivals.judge(entry, event.t, self.entries[-1])
        elif kind == "held":
            entry.fate, entry.at, entry.stopped = "held", None, True
        self.expert.met(entry, event)

    def _begin(self, event: Event, index: int) -> Entry:
        """Begin the story of a segment seen for the first time."""
        rec = event.seg
        assert rec is not None
        entry = Entry(rec, conn=event.conn, why=event.why, born=index)
        original = self.by_id.get(rec.copy_of or 0)
        if original is not None:
            entry.conn = original.conn
        self.entries.append(entry)
        self.by_id[rec.id] = self._open[rec.id] = entry
        if rec.segment.flags & SYN and rec.copy_of is None:
            self.iss[rec.src, rec.segment.sport, rec.segment.dport] = rec.segment.seq
        self.expert.sent(entry)
        return entry

    # -- going back ---------------------------------------------------------------------------------------------

    def _snap(self, index: int, event: Event) -> None:
        """Remember how things stand after `index` events."""
        doubted = {other.rec.id for way in self.expert.ways.values() for other, _ in way.doubted}
        arriving = self.expert.arriving
        for number in [n for n, e in self._open.items() if e.over and n not in doubted and n != arriving]:
            del self._open[number]
        now = [(entry, (entry.fate, entry.at, entry.mark, entry.notes, entry.met, entry.last, entry.stopped,
                        entry.late)) for entry in self._open.values()]
        self._snapshots.append(_Snapshot(index, event, len(self.entries), now, self.expert.copy(), dict(self.iss),
                                         dict(self.armed), self.arrivals.mark()))
        if len(self._snapshots) > MOST:
            del self._snapshots[1::2]

    def _rewind(self, trace: Sequence[Event]) -> None:
        """Return to the last snapshot of which `trace` is a continuation."""
        snapshots = self._snapshots
        while snapshots and (snapshots[-1].index > len(trace) or trace[snapshots[-1].index - 1]
                             is not snapshots[-1].event):
            snapshots.pop()
        if not snapshots:
            return self.clear()
        last = snapshots[-1]
        for entry in self.entries[last.count :]:
            del self.by_id[entry.rec.id]
        del self.entries[last.count :]
        for entry, was in last.open:
            (entry.fate, entry.at, entry.mark, entry.notes, entry.met, entry.last, entry.stopped,
             entry.late) = was
        self._open = {entry.rec.id: entry for entry, _ in last.open}
        self.expert, self.iss, self.armed = last.expert.copy(), dict(last.iss), dict(last.armed)
        self.arrivals.back(last.arrivals)
        self._read, self._last = last.index, last.event
        first = min((entry.rec.id for entry in self._open.values()), default=None)
        at = last.count if first is None else bisect_left(self.entries, first, key=lambda entry: entry.rec.id)
        self.floor = min(self.floor, at)

    def late(self, first: int, until: int | None = None) -> list[Entry]:
        """What arrived out of its turn from `first` to `until` (ns; None: now), in the order of arrival."""
        late = self.arrivals.late
        end = len(late) if until is None else bisect_left(late, (until + 1,))
        return [self.by_id[number] for _, number in late[bisect_left(late, (first,)) : end]]

    def index(self, entry: Entry) -> int:
        """Where an entry stands among all."""
        return bisect_left(self.entries, entry.rec.id, key=lambda one: one.rec.id)

    def base(self, rec: SegmentRecord, sender: bool) -> int:
        """The initial sequence number relative numbers count from: the sender's own, or its peer's for SEG.ACK."""
        seg = rec.segment
        if sender:
            return self.iss.get((rec.src, seg.sport, seg.dport), 0)
        return self.iss.get((rec.dst, seg.dport, seg.sport), 0)
