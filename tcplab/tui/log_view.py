"""Which part of the log is seen: window, selection, following, and a filter that is computed a piece at a time."""

from __future__ import annotations

from collections.abc import Callable

from tcplab.views.entries import Entry, Story

from .draw.ladder import page_top

#: How many segments one call of `pump` tests; keeps a frame short with 100,000 of them.
PIECE = 8000


class LogView:
    """A window on the story's entries. `picked` is an index into `rows`; None follows the newest row."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.picked: int | None = None
        self.top = 0
        self.filter_text = ""
        self._test: Callable[[Entry], bool] | None = None
        self._hits: list[Entry] = []
        self._scanned = 0

    @property
    def rows(self) -> list[Entry]:
        """What passes the filter, as far as it was tested."""
        return self.story.entries if self._test is None else self._hits

    @property
    def busy(self) -> bool:
        """Whether the filter still has entries to test."""
        return self._test is not None and self._scanned < len(self.story.entries)

    def set_filter(self, text: str, test: Callable[[Entry], bool] | None) -> None:
        """Show only entries that pass `test`; None shows all."""
        self.filter_text, self._test = text, test
        self._hits, self._scanned = [], 0
        self.picked, self.top = None, 0

    def reread(self) -> None:
        """The story began anew (time went back): test everything again."""
        self._hits, self._scanned = [], 0
        if self.picked is not None and self.picked >= len(self.story.entries):
            self.picked = None

    def pump(self, piece: int = PIECE) -> None:
        """Test the next entries."""
        if self._test is None:
            return
        end = min(len(self.story.entries), self._scanned + piece)
        test = self._test
        self._hits += [entry for entry in self.story.entries[self._scanned : end] if test(entry)]
        self._scanned = end

    def window(self, lines: int, running: bool = False) -> tuple[int, list[Entry]]:
        """The index of the first row seen and the rows, with the picked one inside.

        While time runs, following moves in jumps: repainting every row for each new one is costly.
        """
        rows = self.rows
        last_top = max(0, len(rows) - lines)
        if self.picked is None:
            self.top = page_top(len(rows), lines, max(1, lines - 3)) if running else last_top
        else:
            self.picked = max(0, min(self.picked, len(rows) - 1))
            self.top = min(max(self.top, self.picked - lines + 1), self.picked)
            self.top = max(0, min(self.top, last_top))
        return self.top, rows[self.top : self.top + lines]

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

    @property
    def entry(self) -> Entry | None:
        """The selected entry."""
        rows = self.rows
        return rows[self.picked] if self.picked is not None and self.picked < len(rows) else None
