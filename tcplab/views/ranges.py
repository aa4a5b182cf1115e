"""Sets of whole numbers as disjoint, sorted ranges [left, right): which bytes have come."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable


class Ranges:
    """A set of numbers. Adding costs what there are holes, of which there are few."""

    __slots__ = ("lefts", "rights")

    def __init__(self, lefts: Iterable[int] = (), rights: Iterable[int] = ()) -> None:
        self.lefts, self.rights = list(lefts), list(rights)

    def copy(self) -> Ranges:
        return Ranges(self.lefts, self.rights)

    def add(self, left: int, right: int) -> None:
        """Take in [left, right)."""
        if left >= right:
            return
        first = bisect_left(self.rights, left)
        last = bisect_right(self.lefts, right)
        if first < last:
            left, right = min(left, self.lefts[first]), max(right, self.rights[last - 1])
        self.lefts[first:last], self.rights[first:last] = [left], [right]

    def missing(self, left: int, right: int) -> list[tuple[int, int]]:
        """What of [left, right) is not in the set."""
        out = []
        at = bisect_right(self.rights, left)
        while left < right:
            if at >= len(self.lefts) or self.lefts[at] >= right:
                out.append((left, right))
                break
            if self.lefts[at] > left:
                out.append((left, self.lefts[at]))
            left = max(left, self.rights[at])
            at += 1
        return out

    def upto(self, start: int) -> int:
        """The first number from `start` on that is not in the set."""
        at = bisect_right(self.lefts, start) - 1
        return self.rights[at] if at >= 0 and self.rights[at] > start else start


def without(ranges: list[tuple[int, int]], left: int, right: int) -> list[tuple[int, int]]:
    """`ranges` less [left, right)."""
    out = []
    for a, b in ranges:
        if a < min(b, left):
            out.append((a, min(b, left)))
        if max(a, right) < b:
            out.append((max(a, right), b))
    return out
