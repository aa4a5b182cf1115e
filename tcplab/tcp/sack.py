"""The receiver's half of selective acknowledgment: which blocks an ACK carries (RFC 2018 section 4, RFC 2883).

What is held above RCV.NXT is kept as ranges in the order in which they were last added to, most recent first: that
is the order in which RFC 2018 wants them reported. The segment that triggers the ACK is thereby in the first block.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .options import MAX_SIZE
from .plain import Plain
from .seq import MASK32

if TYPE_CHECKING:
    from .tcb import TCB

#: Two NOPs, kind and length stand before the blocks of eight bytes.
_HEAD, _BLOCK = 4, 8


class Held(Plain):
    """`ranges` [left, right) held above RCV.NXT, most recent first; `duplicate` a range to be reported as received
    twice, once (RFC 2883 section 4)."""

    __slots__ = ("ranges", "duplicate")

    def __init__(self) -> None:
        self.ranges: list[tuple[int, int]] = []
        self.duplicate: tuple[int, int] | None = None

    def __deepcopy__(self, memo: dict) -> Held:
        twin = Held()
        twin.ranges, twin.duplicate = self.ranges[:], self.duplicate
        return twin

    def note(self, left: int, right: int) -> None:
        """Numbers [left, right) have arrived above a hole; the part that was there before is a duplicate."""
        rest, new_left, new_right = [], left, right
        twice: tuple[int, int] | None = None
        for low, high in self.ranges:
            if low <= right and left <= high:
                if low < right and left < high and (twice is None or low < twice[0]):
                    twice = (max(low, left), min(high, right))  # RFC 2883 4.2: the first duplicate part only
                new_left, new_right = min(new_left, low), max(new_right, high)
            else:
                rest.append((low, high))
        self.ranges = [(new_left, new_right), *rest]
        if twice is not None:
            self.duplicate = twice

    def in_order(self, left: int, right: int, nxt: int) -> None:
        """Text [left, right) arrived at RCV.NXT, which is now `nxt`: what it repeats, and what is held no more."""
        for low, high in sorted(self.ranges):
            if low < right and left < high:
                self.duplicate = (max(low, left), min(high, right))
                break
        self.ranges = [block for block in self.ranges if block[0] > nxt]


def seen_before(tcb: TCB, left: int, right: int) -> None:
    """Text [left, right) was there already, below RCV.NXT: it will be reported as a duplicate (RFC 2883 section 4)."""
    left, right = max(left, tcb.irs + 1), min(right, tcb.rcv_nxt)
    if left < right:
        tcb.held.duplicate = (left, right)


def blocks(tcb: TCB, used: int) -> tuple[tuple[int, int], ...]:
    """The blocks of an ACK that leaves now, as wire numbers; `used` bytes of the option space are taken otherwise.

    The duplicate first, then the range it lies in, then the others, most recent first (RFC 2018 4, RFC 2883 4).
    """
    held = tcb.held
    room = (MAX_SIZE - used - _HEAD) // _BLOCK  # RFC 2018 3: four, or three beside timestamps
    if room <= 0:
        return ()
    ordered = held.ranges
    twice, held.duplicate = held.duplicate, None  # RFC 2883 4: reported once
    if twice is not None:
        around = [block for block in ordered if block[0] <= twice[0] and twice[1] <= block[1]]
        ordered = [twice, *around, *(block for block in ordered if block not in around)]
    return tuple([(left & MASK32, right & MASK32) for left, right in ordered[:room]])
