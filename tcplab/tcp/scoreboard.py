"""The sender's scoreboard: what the peer holds above SND.UNA (RFC 2018 section 5, RFC 6675 sections 3 and 4).

Numbers are octets, as in the RFC: sorted, disjoint ranges [left, right). Marks say what need not be sent again; text
is freed by the cumulative ACK alone [RFC 2018 8]. Loss is judged here as RFC 6675 judges it; RACK has its own way.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from .plain import Plain
from .seq import unwrap

if TYPE_CHECKING:
    from .send_queue import Sent
    from .tcb import TCB

DUP_THRESH = 3


class Scoreboard(Plain):
    """`ranges` the peer has reported; `total` their octets."""

    __slots__ = ("ranges", "total")

    def __init__(self) -> None:
        self.ranges: list[tuple[int, int]] = []
        self.total = 0

    def __deepcopy__(self, memo: dict) -> Scoreboard:
        twin = Scoreboard()
        twin.ranges, twin.total = self.ranges[:], self.total
        return twin

    def clear(self) -> None:
        """After a time-out earlier reports are worth nothing (RFC 2018 section 5 and 5.1)."""
        self.ranges.clear()
        self.total = 0

    def add(self, left: int, right: int) -> tuple[int, int, int]:
        """Mark [left, right); returns how many octets were new, and the whole range they are part of now."""
        ranges = self.ranges
        first = bisect_right(ranges, (left,))
        if first and ranges[first - 1][1] >= left:
            first -= 1
            if ranges[first][1] >= right:
                return 0, *ranges[first]
        last, known = first, 0
        while last < len(ranges) and ranges[last][0] <= right:
            known += ranges[last][1] - ranges[last][0]
            last += 1
        if last > first:
            left, right = min(left, ranges[first][0]), max(right, ranges[last - 1][1])
        ranges[first:last] = [(left, right)]
        new = right - left - known
        self.total += new
        return new, left, right

    def advance(self, una: int) -> int:
        """SND.UNA has moved: forget what lies below it; returns how many octets that were marked."""
        ranges, gone = self.ranges, 0
        while ranges and ranges[0][0] < una:
            left, right = ranges[0]
            if right > una:
                ranges[0] = (una, right)
                gone += una - left
                break
            gone += right - left
            ranges.pop(0)
        self.total -= gone
        return gone

    @property
    def highest(self) -> int:
        """One past the highest octet reported; -1 when none is."""
        return self.ranges[-1][1] if self.ranges else -1

    def within(self, left: int, right: int) -> int:
        """How many octets of [left, right) are marked."""
        return sum(min(high, right) - max(low, left) for low, high in self.ranges if low < right and left < high)

    def covers(self, left: int, right: int) -> bool:
        """Whether all of [left, right) is marked."""
        at = bisect_right(self.ranges, (left, right)) - 1
        at += at + 1 < len(self.ranges) and self.ranges[at + 1][0] == left
        return at >= 0 and self.ranges[at][0] <= left and right <= self.ranges[at][1]

    def lost_below(self, smss: int) -> int:
        """IsLost(S) for every unmarked S below the number returned (RFC 6675 section 4).

        True when DupThresh separate ranges, or more than (DupThresh - 1) * SMSS octets, lie above S.
        """
        octets = 0
        for count, (left, right) in enumerate(reversed(self.ranges), 1):
            octets += right - left
            if count >= DUP_THRESH or octets > (DUP_THRESH - 1) * smss:
                return left
        return -1

    def pipe(self, una: int, nxt: int, high_rxt: int, smss: int) -> int:
        """SetPipe: the octets thought to be in the network (RFC 6675 section 4).

        Every unmarked octet counts once if it is not lost, and once more if it was sent again (below HighRxt).
        """
        edge = max(self.lost_below(smss), una)
        flying = nxt - edge - self.within(edge, nxt)
        again = max(high_rxt, una)
        return flying + again - una - self.within(una, again)


class News:
    """What the SACK option of one ACK told: `new` octets not marked before, in `entries` now wholly marked, ascending;
    `twice` the range received in duplicate (a D-SACK), None without one."""

    __slots__ = ("new", "entries", "twice")

    def __init__(self) -> None:
        self.new = 0
        self.entries: list[Sent] = []
        self.twice: tuple[int, int] | None = None


def update(tcb: TCB, wire_blocks: tuple[tuple[int, int], ...], ack: int) -> News:
    """Update(): take the blocks of an ACK whose ACK field is `ack` (RFC 6675 section 4, RFC 2883 section 5).

    Blocks that cannot be (inverted, of text never sent, long acknowledged) change nothing.
    """
    news = News()
    una, nxt, board = tcb.snd_una, tcb.snd_nxt, tcb.board
    found = []
    for left, right in wire_blocks:
        left = unwrap(left, una)
        right = left + ((right - left) & 0xFFFFFFFF)
        found.append((left, right))
    for index, (left, right) in enumerate(found):
        if index == 0 and is_duplicate(found, ack):
            if tcb.iss < left < right:
                news.twice = (left, right)
            continue
        if right <= left or right > nxt or right <= una:
            continue
        new, left, right = board.add(max(left, una), right)
        if new:
            news.new += new
            mark(tcb, left, right, news.entries)
    if len(wire_blocks) > 1 and news.entries:
        news.entries.sort(key=_by_number)
    return news


def _by_number(entry: Sent) -> int:
    return entry.seq


def is_duplicate(found: list[tuple[int, int]], ack: int) -> bool:
    """Whether the first block is a D-SACK: below the ACK field of the same segment, or inside the second block
    (RFC 2883 section 4.1 and 5; SND.UNA is not asked, it may have moved on)."""
    left, right = found[0]
    return right <= ack or (len(found) > 1 and found[1][0] <= left and right <= found[1][1])


def mark(tcb: TCB, left: int, right: int, marked: list[Sent]) -> None:
    """Mark the entries of the retransmission queue that lie wholly in [left, right), and list them, oldest first."""
    first = len(marked)
    for entry in reversed(tcb.queue.sent):
        if entry.seq < left:
            break
        if not entry.sacked and entry.end <= right:
            entry.sacked = True
            marked.append(entry)
    marked[first:] = marked[:first - 1:-1] if first else marked[::-1]


def forget(tcb: TCB) -> None:
    """A time-out: no mark is believed any more (RFC 2018 section 5.1)."""
    tcb.board.clear()
    for entry in tcb.queue.sent:
        entry.sacked = False
