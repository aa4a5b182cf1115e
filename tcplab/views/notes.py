"""The expert beside the log: what an experienced reader would remark on each segment, from ground truth.

A reader of captures has to guess; the laboratory saw both ends and the link, so these remarks are exact: a
retransmission is spurious just when the bytes it carries reached the receiver in segments sent before it. Where the
events say less (a captured file gives no reasons), the numbers alone decide and the same words are an inference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tcplab.net.trace import Event, SegmentRecord
from tcplab.tcp.segment import ACK, CWR, ECE, FIN, MOD32, RST, SYN, Segment

from . import words
from .ranges import Ranges, without

if TYPE_CHECKING:
    from .entries import Entry

_HALF = MOD32 // 2
Key = tuple[str, str, int, int]


class Way:
    """What is known of one direction of one connection. Sequence numbers here do not wrap: ISS is `base`.

    `top` is the end of what was sent, `got` what the receiver took, `edge` the right edge of the window that the
    receiver (not the sender) has announced at most. `una`, `wnd`, `wl1`, `wl2` are what arrived at the sender.
    `last` is the latest ACK this side sent with its window (bytes), `dups` how often it said so again.
    """

    __slots__ = ("base", "start", "top", "got", "edge", "una", "wnd", "wl1", "wl2", "last", "dups", "flying", "doubted",
                 "newest")

    def __init__(self, base: int) -> None:
        self.base = base
        self.start = self.top = base
        self.got = Ranges()
        self.edge: int | None = None
        self.una: int | None = None
        self.wnd = self.wl1 = self.wl2 = 0
        self.last: tuple[int, int] | None = None
        self.dups = 0
        self.flying: dict[int, None] = {}
        #: Segments sent again: entry and the bytes that no earlier segment has brought yet.
        self.doubted: list[tuple[Entry, list[tuple[int, int]]]] = []
        self.newest = 0

    def copy(self) -> Way:
        twin = Way.__new__(Way)
        for name in Way.__slots__:
            setattr(twin, name, getattr(self, name))
        twin.got, twin.flying, twin.doubted = self.got.copy(), dict(self.flying), list(self.doubted)
        return twin

    def at(self, number: int) -> int:
        """A wire number as one that does not wrap: the one nearest to what was sent last."""
        return self.top + (number - self.top + _HALF) % MOD32 - _HALF


class Expert:
    """Remarks on entries as their events come: `sent`, `arrived`, `told`. `copy` gives an independent twin."""

    def __init__(self) -> None:
        self.ways: dict[Key, Way] = {}
        #: The arrival whose effects are being told: (entry, its record), and whether it was refused.
        self._arrival: tuple[Entry, SegmentRecord, bool] | None = None
        #: The last segment that came to each host: what an answer answers.
        self._latest: dict[str, Entry] = {}

    @property
    def arriving(self) -> int | None:
        """The number of the segment whose arrival is still being told."""
        return None if self._arrival is None else self._arrival[0].rec.id

    def copy(self) -> Expert:
        twin = Expert()
        twin.ways = {key: way.copy() for key, way in self.ways.items()}
        twin._arrival, twin._latest = self._arrival, dict(self._latest)
        return twin

    # -- events -------------------------------------------------------------------------------------------------

    def sent(self, entry: Entry) -> None:
        """`entry` was handed to the link, or is the link's copy of another one."""
        self.settle()
        rec, seg = entry.rec, entry.rec.segment
        way, back = self._ways(rec)
        way.flying[rec.id] = None
        if rec.copy_of is not None:
            entry.mark = "copy"
            entry.add(words.copy_of(rec.copy_of))
            return
        if rec.injected:
            entry.add(words.INJECTED)
            return
        left = way.at(seg.seq)
        end = left + seg.length
        self._what_it_is(entry, way, back, left, end)
        if seg.length and (rec.repeated or seg.rtx):
            self._again(entry, way, left, end)
        if seg.payload and way.una is not None and 0 < way.wnd and end == way.una + way.wnd:
            entry.add(words.WINDOW_FULL)
        if seg.flags & ACK and not seg.flags & RST:
            self._acknowledges(entry, way, back)
        way.top = max(way.top, end)

    def met(self, entry: Entry, event: Event) -> None:
        """The link or the receiver did something with `entry`."""
        kind = event.kind
        self.settle()
        if kind == "delivered":
            assert event.seg is not None
            self._arrival = (entry, event.seg, event.conn == 0)
            self._latest[event.host] = entry
            self._landed(entry)
        elif kind in ("lost", "dropped"):
            code, clause = (event.why.code, "") if event.why else ("", "")
            entry.add(words.lost(code if code in words.LOST else "net.lost" * (kind == "lost"), clause))
            self._landed(entry)
        elif kind in words.LINK:
            entry.add(words.LINK[kind])

    def told(self, event: Event, by: Entry | None) -> None:
        """A host reported something that the arrival of `by` brought about."""
        if by is None:
            return
        if event.kind == "refused":
            code = event.why.code if event.why else ""
            if code == "drop-fin-of-syn":  # only the FIN is passed over
                return
            if self._arrival is not None and self._arrival[0] is by:
                self._arrival = (by, self._arrival[1], True)
            by.add(words.refused(code))
        elif event.kind == "ack" and by.rec.copy_of is not None:
            count = event.get("duplicate")
            if isinstance(count, int):
                by.add(words.dup_counted(count))

    def edited(self, entry: Entry) -> None:
        """A learner changed `entry` in mid-link."""
        entry.add(words.EDITED)

    # -- what is sent -------------------------------------------------------------------------------------------

    def _ways(self, rec: SegmentRecord) -> tuple[Way, Way]:
        """The direction of `rec` and the opposite one; a new SYN on the same sockets begins both anew."""
        seg = rec.segment
        mine = (rec.src, rec.dst, seg.sport, seg.dport)
        theirs = (rec.dst, rec.src, seg.dport, seg.sport)
        way = self.ways.get(mine)
        fresh = seg.flags & SYN and not (rec.repeated or rec.injected or rec.copy_of is not None)
        if way is None or (fresh and seg.seq != way.base):
            if way is not None and not seg.flags & ACK:
                self.ways.pop(theirs, None)
            way = self.ways[mine] = Way(seg.seq)
        return way, self._back(theirs, seg)

    def _back(self, theirs: Key, seg: Segment) -> Way:
        """The opposite direction; what is not known of it is not guessed from a segment without ACK."""
        back = self.ways.get(theirs)
        if back is None:
            back = Way(seg.ack)
            if seg.flags & ACK:
                self.ways[theirs] = back
        return back

    def _what_it_is(self, entry: Entry, way: Way, back: Way, left: int, end: int) -> None:
        """Notes on why it was made: probes, challenges, resets; from its numbers where no reason is known."""
        rec, seg = entry.rec, entry.rec.segment
        code = entry.why.code if entry.why is not None else ""
        note = words.KINDS.get(code)
        if note is None and not code:
            note = self._guess(seg, way, left)
        if note is not None and note.code == "ack-again" and self._answers(rec, "keep-alive"):
            note = words.KEEPALIVE_ACK
        if note is None and seg.flags & RST:
            note = words.RST_UNKNOWN
        if note is not None:
            entry.add(note)
            if note.code == "probe":
                entry.mark = "probe"
        if seg.flags & SYN:
            return
        if seg.flags & ECE:
            entry.add(words.ECE)
        if seg.flags & CWR:
            entry.add(words.CWR)

    def _guess(self, seg: Segment, way: Way, left: int) -> words.Note | None:
        """Without a reason: a keep-alive lies one below what comes next, a window probe at the edge of a closed one."""
        if seg.flags & (SYN | FIN | RST) or len(seg.payload) > 1 or way.top == way.start:
            return None
        if left == way.top - 1 and way.una == way.top:
            return words.KINDS["keepalive"]
        closed = way.una is not None and way.wnd == 0 and left == way.una
        return words.KINDS["probe"] if closed and seg.payload else None

    def _answers(self, rec: SegmentRecord, code: str) -> bool:
        latest = self._latest.get(rec.src)
        return latest is not None and latest.at == rec.sent_at and any(note.code == code for note in latest.notes)

    def _again(self, entry: Entry, way: Way, left: int, end: int) -> None:
        """Sent before: by which rule, and was there a need?"""
        code = entry.why.code if entry.why is not None else ""
        if entry.mark == "probe":
            entry.mark = "probe-again"
        entry.mark = entry.mark or "rtx"
        if entry.mark != "probe-again":
            note = words.AGAIN.get(code, words.AGAIN_UNKNOWN)
            entry.add(note)
            if note.code == "probe":
                entry.mark = "probe-again"
        missing = way.got.missing(left, end)
        if not missing:
            entry.add(words.SPURIOUS)
        else:
            way.doubted.append((entry, missing))

    def _acknowledges(self, entry: Entry, way: Way, back: Way) -> None:
        """Notes on the ACK and the window that the segment carries."""
        seg = entry.rec.segment
        ack = back.at(seg.ack)
        window = seg.wnd if seg.flags & SYN else seg.wnd << entry.rec.shift
        bare = not (seg.payload or seg.flags & (SYN | FIN))
        before, way.last = way.last, (ack, window)
        if window == 0 and not seg.flags & SYN:
            entry.add(words.ZERO_WINDOW)
        self._sack(entry, back, ack)
        if before is None or before[0] != ack:
            way.dups = 0
        elif bare and before[1] == window and back.top > ack and not self._special(entry):
            # RFC 5681 section 2: no text, no SYN, no FIN, the same ACK and window, and something is outstanding.
            way.dups += 1
            entry.mark = entry.mark or "dup"
            entry.add(words.dup_ack(way.dups))
        elif bare and before[1] < window:
            entry.add(words.window_update(before[1], window))
        edge = ack + window
        # A scaled window is rounded: less than one unit of it is nothing (RFC 7323 section 2.4).
        if back.edge is not None and back.edge - edge >= 1 << entry.rec.shift and before and ack >= before[0]:
            entry.add(words.SHRUNK)
        back.edge = edge if back.edge is None else max(back.edge, edge)

    def _special(self, entry: Entry) -> bool:
        """Whether it repeats an ACK for a reason of its own, which says more."""
        return any(note.code in ("keep-alive", "keep-alive-ack", "challenge") for note in entry.notes)

    def _sack(self, entry: Entry, back: Way, ack: int) -> None:
        """RFC 2883: a first block below the ACK, or inside the second one, reports bytes that came twice."""
        blocks = entry.rec.segment.options.sack
        if not blocks:
            return
        left, right = back.at(blocks[0][0]), back.at(blocks[0][1])
        inside = len(blocks) > 1 and back.at(blocks[1][0]) <= left and right <= back.at(blocks[1][1])
        if right <= ack or inside:
            entry.add(words.d_sack(*blocks[0]))

    # -- what arrives -------------------------------------------------------------------------------------------

    def _landed(self, entry: Entry) -> None:
        way, _ = self._ways_of(entry.rec)
        way.flying.pop(entry.rec.id, None)

    def _ways_of(self, rec: SegmentRecord) -> tuple[Way, Way]:
        """The ways of a segment that is known; never begins new ones for old numbers."""
        seg = rec.segment
        mine, theirs = (rec.src, rec.dst, seg.sport, seg.dport), (rec.dst, rec.src, seg.dport, seg.sport)
        way = self.ways.get(mine)
        if way is None:
            way = self.ways[mine] = Way(seg.seq)
        return way, self._back(theirs, seg)

    def settle(self) -> None:
        """All that the last arrival brought about was told: if it was not refused, its bytes and its ACK count."""
        if self._arrival is None:
            return
        entry, rec, was_refused = self._arrival
        self._arrival = None
        way, back = self._ways_of(rec)
        if rec.copy_of is None and not rec.injected:
            if way.newest > rec.id and entry.mark not in ("rtx", "probe", "probe-again"):
                entry.add(words.late(way.newest))
            way.newest = max(way.newest, rec.id)
        if was_refused:
            return
        seg = rec.segment
        if seg.length:
            self._bytes_came(entry, way, way.at(seg.seq), way.at(seg.seq) + seg.length, bool(seg.flags & SYN))
        if seg.flags & ACK:
            self._ack_came(way, back, rec)
        self._believe(way)

    def _bytes_came(self, entry: Entry, way: Way, left: int, end: int, syn: bool) -> None:
        """The receiver took [left, end), as far as its window reached (RFC 9293 section 3.10.7.4)."""
        if way.edge is not None and not syn:
            # A FIN takes up a number but no room.
            fin = 1 if entry.rec.segment.flags & FIN else 0
            end = min(end, max(way.edge, left) + fin)
        expected = way.got.upto(way.start)
        missing = way.got.missing(left, end)
        if not missing and left < end:
            entry.add(words.STALE)
        elif left > expected:
            entry.add(words.early(sum(b - a for a, b in way.got.missing(expected, left))))
        way.got.add(left, end)
        still = []
        for other, lacks in way.doubted:
            if other.rec.id > entry.rec.id:
                lacks = without(lacks, left, end)
                if not lacks:
                    other.add(words.SPURIOUS)
                    continue
            still.append((other, lacks))
        way.doubted = still

    def _believe(self, way: Way) -> None:
        """What no earlier segment can bring any more was sent again with good reason."""
        if way.doubted:
            oldest = next(iter(way.flying), None)
            way.doubted = [] if oldest is None else [pair for pair in way.doubted if pair[0].rec.id > oldest]

    def _ack_came(self, way: Way, back: Way, rec: SegmentRecord) -> None:
        """The peer of the sender learns SND.UNA and SND.WND (RFC 9293 section 3.10.7.4, fifth check)."""
        seg = rec.segment
        seq, ack = way.at(seg.seq), back.at(seg.ack)
        window = seg.wnd if seg.flags & SYN else seg.wnd << rec.shift
        if back.una is None or ack >= back.una:
            if back.una is None or back.wl1 < seq or (back.wl1 == seq and back.wl2 <= ack):
                back.wnd, back.wl1, back.wl2 = window, seq, ack
            back.una = ack
