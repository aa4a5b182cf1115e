"""What happened to each segment, read from the events as they come: one entry a segment, in the order of sending.

The rows of the log and the lines of the ladder; exporters and the grader read the same entries. A session gives its
trace; who has a captured file makes events of the kinds "sent" and "delivered" for its packets and gives those.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tcplab.net.trace import Event, SegmentRecord
from tcplab.tcp.segment import ACK, FIN, MOD32, RST, SYN
from tcplab.tcp.why import Why

#: What the link or the receiver did, as a remark in the log: (words, style). "sent" and "delivered" need none.
#: What stands behind a colon is left out where room is short.
REMARKS = {
    "lost": ("✗ lost: on the link", "lost"),
    "dropped": ("✗ dropped: by the receiver", "lost"),
    "corrupted": ("≠ damaged: on the link", "lost"),
    "held": ("❚❚ held: in mid-link", "warn"),
    "reordered": ("⇄ overtaken: another way", "dup"),
    "marked": ("◆ marked: the queue grows", "warn"),
    "refused": ("· not taken: see why", "dim"),
}


@dataclass(slots=True)
class Entry:
    """One segment's story: `fate` is flying, delivered, lost, held or dropped; `at` is when that fate was met (ns).

    `mark` is '' or one of dup (duplicate ACK), copy (the link doubled it), rtx (sent again), probe. `conn` is the
    number of the sender's connection, `why` the rule, timer or call that made the segment. `born` is the index of
    the first event about it and `met` that of the last one so far: nothing about it stands outside this stretch but
    what its arrival brought about, which follows `met`. `rec` is the segment as it was sent, `last` as it was met last
    (a flipped bit, a mark, an edit).
    """

    rec: SegmentRecord
    fate: str = "flying"
    at: int | None = None
    mark: str = ""
    remark: str = ""
    remark_style: str = "dim"
    conn: int = 0
    why: Why | None = None
    born: int = 0
    met: int = 0
    last: SegmentRecord = None  # type: ignore[assignment]  # set below

    def __post_init__(self) -> None:
        self.last = self.last or self.rec

    @property
    def over(self) -> bool:
        return self.fate in ("delivered", "lost", "dropped")

    @property
    def copy_of(self) -> int | None:
        """The number of the segment that this one is a copy of."""
        return self.rec.copy_of


class Story:
    """The entries in the order in which segments were sent. `read` takes in what is new; `clear` starts over."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self.entries: list[Entry] = []
        self.by_id: dict[int, Entry] = {}
        self.iss: dict[tuple[str, int, int], int] = {}
        self._read = 0
        self._last_ack: dict[tuple[str, int, int], tuple[int, int]] = {}
        self._sent_end: dict[tuple[str, int, int], int] = {}
        self._rtx_kind: dict[tuple[str, int, object], str] = {}
        self.armed: dict[tuple[str, int, str], int] = {}

    def read(self, trace: Sequence[Event]) -> None:
        """Take in the events that came since the last call; a trace that became shorter is read from the start."""
        if len(trace) < self._read:
            self.clear()
        for index in range(self._read, len(trace)):
            self._take(trace[index], index)
        self._read = len(trace)

    def _take(self, event: Event, index: int) -> None:
        kind = event.kind
        rec = event.seg
        if rec is None:
            if kind == "rtx":
                self._rtx_kind[event.host, event.conn, event.get("seq")] = str(event.get("kind", ""))
            elif kind == "timer" and event.get("op") == "armed":
                self.armed[event.host, event.conn, str(event.get("name"))] = event.t
            return
        entry = self.by_id.get(rec.id)
        if entry is None:
            entry = self._open(event, index)
        entry.met, entry.last = index, rec
        if kind == "delivered":
            entry.fate, entry.at = "delivered", event.t
        elif kind in ("lost", "dropped"):
            entry.fate, entry.at = kind, event.t
        elif kind == "held":
            entry.fate, entry.at = "held", None
        if kind in REMARKS:
            entry.remark, entry.remark_style = REMARKS[kind]

    def _open(self, event: Event, index: int) -> Entry:
        """Begin the story of a segment seen for the first time."""
        rec = event.seg
        assert rec is not None
        entry = Entry(rec, conn=event.conn, why=event.why, born=index)
        self.entries.append(entry)
        self.by_id[rec.id] = entry
        seg = rec.segment
        mine, theirs = (rec.src, seg.sport, seg.dport), (rec.dst, seg.dport, seg.sport)
        if seg.flags & SYN and rec.copy_of is None:
            self.iss[mine] = seg.seq
        if rec.copy_of is not None:
            entry.mark, entry.remark, entry.remark_style = "copy", f"copy of #{rec.copy_of}", "dup"
            entry.conn = self.by_id[rec.copy_of].conn if rec.copy_of in self.by_id else 0
        elif rec.injected:
            entry.remark, entry.remark_style = "injected by hand", "warn"
        elif rec.repeated or seg.rtx:
            self._mark_repeat(entry)
        elif self._is_dup_ack(mine, theirs, rec):
            entry.mark, entry.remark, entry.remark_style = "dup", "dup ACK: says the same again", "dup"
        if seg.flags & ACK:
            self._last_ack[mine] = (seg.ack, seg.wnd)
        end = (seg.seq + seg.length) % MOD32
        if mine not in self._sent_end or (end - self._sent_end[mine]) % MOD32 < MOD32 // 2:
            self._sent_end[mine] = end
        return entry

    def _mark_repeat(self, entry: Entry) -> None:
        kinds = {
            "fast": "↻ again: fast retransmit",
            "partial": "↻ again: partial ACK",
            "probe": "↻ window probe",
            "rto": "↻ again: timer ran out",
        }
        entry.mark, entry.remark_style = "rtx", "rtx"
        kind = self._rtx_kind.get((entry.rec.src, entry.conn, entry.rec.segment.seq), "")
        entry.remark = kinds.get(kind, "↻ again")

    def _is_dup_ack(self, mine: tuple, theirs: tuple, rec: SegmentRecord) -> bool:
        """RFC 5681 section 2: no text, no SYN, no FIN, same ACK and window as before, and data outstanding."""
        seg = rec.segment
        if seg.payload or seg.flags & (SYN | FIN | RST) or not seg.flags & ACK:
            return False
        return self._last_ack.get(mine) == (seg.ack, seg.wnd) and self._sent_end.get(theirs, seg.ack) != seg.ack

    def base(self, rec: SegmentRecord, sender: bool) -> int:
        """The initial sequence number relative numbers count from: the sender's own, or its peer's for SEG.ACK."""
        seg = rec.segment
        if sender:
            return self.iss.get((rec.src, seg.sport, seg.dport), 0)
        return self.iss.get((rec.dst, seg.dport, seg.sport), 0)
