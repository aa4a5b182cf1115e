"""Which part of the log is seen: window, selection, following, marks, and a filter computed a piece at a time."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Collection
from time import monotonic_ns

from tcplab.views.entries import Entry, Story

from .draw.ladder_parts import page_top

#: How many segments `pump` tests between two looks at the clock, and how long (ns) it goes on: a frame stays short
#: with 100,000 of them, whatever the filter costs.
PIECE, PATIENCE = 500, 15_000_000


def number_of(entry: Entry) -> int:
    """What entries are ordered by."""
    return entry.rec.id


class LogView:
    """A window on the story's entries. `picked` is an index into `rows`; None follows the newest row."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self._picked: int | None = None
        self._newest = 0
        self.top = 0
        self.filter_text = ""
        self._test: Callable[[Entry], bool] | None = None
        self._hits: list[Entry] = []
        self._scanned = 0
        #: Tested before its fate was known, and found wanting.
        self._undecided: dict[int, Entry] = {}

    @property
    def picked(self) -> int | None:
        """The row that is selected."""
        return self._picked

    @picked.setter
    def picked(self, index: int | None) -> None:
        self._picked, self._newest = index, self._last()

    def _last(self) -> int:
        return number_of(self.story.entries[-1]) if self.story.entries else 0

    @property
    def looks_back(self) -> bool:
        """Whether a row is selected and no segment has come, or gone with a reset, since it was."""
        return self._picked is not None and self._newest == self._last()

    @property
    def rows(self) -> list[Entry]:
        """What passes the filter, as far as it was tested."""
        return self.story.entries if self._test is None else self._hits

    @property
    def busy(self) -> bool:
        """Whether the filter still has entries to test."""
        return self._test is not None and self._scanned < len(self.story.entries)

    def set_filter(self, text: str, test: Callable[[Entry], bool] | None) -> None:
        """Show only entries that pass `test`; None shows all. The selected entry stays selected if it is shown."""
        entry = self.entry
        self.filter_text, self._test = text, test
        self._hits, self._scanned = [], 0
        self._undecided.clear()
        self.picked, self.top = None, 0
        if test is None and entry is not None:
            self.pick(entry)

    def reread(self) -> None:
        """Time went back: what may have changed is tested again, and a selection that is gone is let go."""
        floor = self.story.floor
        self.story.floor = len(self.story.entries)
        if floor < self._scanned:
            self._scanned = floor
            first = number_of(self.story.entries[floor]) if floor < len(self.story.entries) else None
            if first is None:
                first = number_of(self.story.entries[-1]) + 1 if self.story.entries else 0
            del self._hits[bisect_left(self._hits, first, key=number_of):]
            self._undecided = {n: entry for n, entry in self._undecided.items() if n < first}
        if self.picked is not None and self.picked >= len(self.rows):
            self.picked = None

    def pump(self, piece: int = PIECE) -> None:
        """Test the next entries for a little while, and again those whose fate has since been met."""
        self.reread()
        test = self._test
        if test is None:
            return
        for number in [n for n, entry in self._undecided.items() if entry.over]:
            entry = self._undecided.pop(number)
            if test(entry):
                at = bisect_left(self._hits, number, key=number_of)
                insort(self._hits, entry, key=number_of)
                if self.picked is not None and at <= self.picked:
                    self._picked += 1
        until = monotonic_ns() + PATIENCE
        while self._scanned < len(self.story.entries):
            end = min(len(self.story.entries), self._scanned + piece)
            for entry in self.story.entries[self._scanned : end]:
                if test(entry):
                    self._hits.append(entry)
                elif not entry.over:
                    self._undecided[entry.rec.id] = entry
            self._scanned = end
            if monotonic_ns() > until:
                return

    def window(self, lines: int, running: bool = False) -> tuple[int, list[Entry]]:
        """The index of the first row seen and the rows, with the picked one inside.

        While time runs, following moves in jumps: repainting every row for each new one is costly.
        """
        rows = self.rows
        last_top = max(0, len(rows) - lines)
        if self.picked is None:
            self.top = page_top(len(rows), lines, max(1, lines - 3)) if running else last_top
        else:
            self._picked = max(0, min(self.picked, len(rows) - 1))
            if not self.top <= self.picked < self.top + lines:
                self.top = self._new_top(lines)
            self.top = max(0, min(self.top, last_top))
        return self.top, rows[self.top : self.top + lines]

    def _new_top(self, lines: int) -> int:
        """A selection that left the window by a row moves it by a few, so that not every key repaints it all; one
        that leapt stands in its middle."""
        assert self.picked is not None
        stride = max(1, lines // 3)
        if self.top + lines <= self.picked < self.top + lines + stride:
            return self.top + stride
        if self.top - stride <= self.picked < self.top:
            return self.top - stride
        return self.picked - lines // 2

    # -- the selection ------------------------------------------------------------------------------------------

    def move(self, by: int) -> None:
        """Move the selection; from following, it starts at the newest row. Past the end it follows again."""
        count = len(self.rows)
        if not count:
            return
        if self.picked is None:
            # Nothing is above or below a row that is not there yet: either way begins at the newest one.
            self.picked = count - 1 if by >= -1 else max(0, count + by)
            return
        if self.picked + by >= count:
            self.picked = count - 1 if self.picked < count - 1 else None
            return
        self.picked = max(0, self.picked + by)

    def first(self) -> None:
        if self.rows:
            self.picked = 0

    def follow(self) -> None:
        self.picked = None

    def pick(self, entry: Entry) -> bool:
        """Select this entry, or the next one shown after it. False when there is none."""
        at = bisect_left(self.rows, number_of(entry), key=number_of)
        self.picked = at if at < len(self.rows) else None
        return self.picked is not None

    def pick_time(self, t: int) -> bool:
        """Select the first row sent at `t` (ns) or later; the last one when all were sent before. False without rows.
        """
        rows = self.rows
        if rows:
            self.picked = min(bisect_left(rows, t, key=lambda entry: entry.rec.sent_at), len(rows) - 1)
        return bool(rows)

    def pick_next(self, numbers: Collection[int]) -> bool:
        """Select the next row below whose segment is among `numbers`, and after the last one the first."""
        here = 0 if self.entry is None else number_of(self.entry)
        rows = self.rows
        shown = [n for n in sorted(numbers) if self._index(n) is not None]
        if not shown:
            return False
        after = bisect_right(shown, here)
        self.picked = bisect_left(rows, shown[after % len(shown)], key=number_of)
        return True

    def shows(self, entry: Entry) -> bool:
        """Whether this entry is among the rows."""
        return self._index(number_of(entry)) is not None

    def _index(self, number: int) -> int | None:
        at = bisect_left(self.rows, number, key=number_of)
        return at if at < len(self.rows) and number_of(self.rows[at]) == number else None

    @property
    def entry(self) -> Entry | None:
        """The selected entry."""
        rows = self.rows
        return rows[self.picked] if self.picked is not None and self.picked < len(rows) else None
