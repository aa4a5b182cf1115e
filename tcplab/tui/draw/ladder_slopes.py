"""The ladder with diagonals of braille dots on a time axis warped by events: pipelining and overtaking are seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tcplab.views.entries import Entry, Story

from .grid import Grid
from .ladder_axis import Axis
from .ladder_parts import TIME_CELLS, LadderState, head, progress, stamp
from .ladder_rows import LEAD, parted
from .runs import Row
from .segment_line import fate_style, label
from .signs import signed
from .values import span

#: So many that left before the window are drawn at most: under more of them nothing else could be seen.
MOST_OLDER = 12


@dataclass(frozen=True, slots=True)
class _Way:
    """One diagonal: its words, where they stand, and the dots between which its line slopes.

    The line leaves the lifeline level, passes through its words and slopes behind them, so that no words lie on it.
    `landing` are the words where it arrives, (cell, row, text), of one that arrived out of its turn.
    """

    entry: Entry
    side: int
    words: str
    at: int
    row: int
    start: tuple[int, int]
    end: tuple[int, int]
    done: int
    landing: tuple[int, int, str] | None = None

    @property
    def tip(self) -> tuple[int, int]:
        """How far the line has come (dots)."""
        (x0, y0), (x1, y1) = self.start, self.end
        return x0 + (x1 - x0) * self.done // 1000, y0 + (y1 - y0) * self.done // 1000

    @property
    def placed(self) -> list[tuple[int, int, str]]:
        """All words: cell, row, text with a blank on either side."""
        own = [(self.at, self.row, f" {self.words} ")] if self.words else []
        return own + ([self.landing] if self.landing else [])


def diagonals(entries: Sequence[Entry], story: Story, state: LadderState, cells: int, lines: int) -> list[Row]:
    """Diagonals on the warped axis, its newest part, or the part where the segment is that was picked."""
    window = entries[-(lines * 2 + 4) :]
    older = _older(window, story, state)
    axis = Axis(window, state, older)
    top = _top(axis, lines, state)
    grid = Grid(cells, lines)
    left, right = TIME_CELLS + 1, cells - TIME_CELLS - 2
    ways = [_way(entry, axis, story, state, left, right, top) for entry in [*older, *window]]
    for way in ways:
        _diagonal(grid, way, left, right)
    grid.column(left, "│", "client")
    grid.column(right, "│", "server")
    for way in ways:
        bold = " bold" if way.entry is window[-1] or not way.entry.over else ""
        pick = " on-pick" if way.entry.rec.id == state.picked else ""
        for at, row, text in way.placed:
            grid.put(at, row, text, fate_style(way.entry, way.side) + bold + pick)
            if pick:
                # Beside the lifeline that the words stand at.
                here = row == way.row if way.side == 0 else row != way.row
                grid.put(left - 1 if here else right + 1, row, "▸" if here else "◂", "bright bold")
    for way in ways:
        _diagonal_head(grid, way, ways, state, left, right)
    _times(grid, axis, left, right, top)
    for y, length in axis.waits:
        text = f" {span(length)} later "
        grid.put((left + right - len(text)) // 2, y - top, text, "faint")
    return grid.rows()


def _older(window: Sequence[Entry], story: Story, state: LadderState) -> list[Entry]:
    """What left before the window and arrives in it, out of its turn."""
    if not window:
        return []
    number = window[0].rec.id
    found = {entry.rec.id: entry for entry in story.late(window[0].rec.sent_at, state.until) if entry.rec.id < number}
    if state.until is None:
        under_way = (story.by_id[n] for n in state.flights if n < number and n in story.by_id)
        found |= {entry.rec.id: entry for entry in under_way if parted(entry, state)}
    return [found[number] for number in sorted(found)][-MOST_OLDER:]


def _top(axis: Axis, lines: int, state: LadderState) -> int:
    """The first row of the axis that is seen: the newest rows, also while time runs, so that nothing jumps."""
    # What is still to come gets a third of the window at most: the lines grow into it.
    count = min(axis.height, axis.now_row + 1 + max(3, lines // 3))
    top = max(0, count - lines)
    row = axis.departs.get(state.picked or 0)
    if row is None or top <= row < top + lines - 1:
        return top
    # In strides: a ladder that moves with every key repaints every row.
    stride = max(1, lines // 3)
    return max(0, (row // stride - 1) * stride)


def _way(entry: Entry, axis: Axis, story: Story, state: LadderState, left: int, right: int, top: int) -> _Way:
    """Where a segment's words and its line go."""
    side = 0 if entry.rec.src == state.hosts[0] else 1
    words = label(entry, story, state.relative, (right - left) // 2, state.veiled, full=entry.rec.id == state.picked)
    row = axis.departs[entry.rec.id] - top
    last = axis.arrives.get(entry.rec.id, axis.departs[entry.rec.id] + 3) - top
    taken = LEAD + len(words) + 2 if words else 0
    x0, x1 = (left + 1 + taken) * 2, right * 2 - 1
    at = left + 1 + LEAD
    if side:
        x0, x1 = (right - taken) * 2 - 1, (left + 1) * 2
        at = right - taken
    return _Way(entry, side, words, at, row, (x0, row * 4 + 1), (x1, last * 4 + 1), progress(entry, state),
                _landing(entry, state, side, row, last, left, right))


def _landing(entry: Entry, state: LadderState, side: int, row: int, last: int, left: int,
             right: int) -> tuple[int, int, str] | None:
    """The words where one arrives that left far above; None where it is not far, or the end is not known."""
    if not parted(entry, state) or last - row < 5:
        return None
    text = f" {signed(entry)[0]} left {stamp(entry.rec.sent_at)} "
    if len(text) > (right - left) // 2:
        return None
    return (right - 2 - len(text) if side == 0 else left + 3), last, text


def _diagonal(grid: Grid, way: _Way, left: int, right: int) -> None:
    style = fate_style(way.entry, way.side)
    (x0, y0), home = way.start, (left + 1) * 2 if way.side == 0 else right * 2 - 1
    if way.words:
        grid.line(home, y0, home + (3 if way.side == 0 else -3), y0, style)
    grid.line(x0, y0, *way.tip, style)


def _diagonal_head(grid: Grid, way: _Way, ways: Sequence[_Way], state: LadderState, left: int, right: int) -> None:
    """An arrow, a dot or a cross at the end of what is drawn of a line; words are not overwritten, as in rows."""
    sign, (x, y) = head(way.entry, way.done, way.side, state), way.tip
    column = x // 2
    if sign in "▶◀" or way.entry.fate == "dropped":
        column = right - 1 if way.side == 0 else left + 1
    elif not way.done and sign == "●":
        column = left + 1 if way.side == 0 else right - 1  # it has just left: its words stand before it
    grid.put(_beside_words(column, y // 4, ways), y // 4, sign, f"{fate_style(way.entry, way.side)} bold")


def _beside_words(column: int, row: int, ways: Sequence[_Way]) -> int:
    """The cell of a head: where it is, or else the nearer blank beside the words on which it would stand."""
    for way in ways:
        for at, line, text in way.placed:
            last = at + len(text) - 1
            if line == row and at < column < last:
                return at if 2 * column < at + last else last
    return column


def _times(grid: Grid, axis: Axis, left: int, right: int, top: int) -> None:
    """The instants at which something left or reached a lifeline, beside that lifeline."""
    for y, t in axis.left_times.items():
        grid.put(left - TIME_CELLS - 1, y - top, f"{stamp(t):>{TIME_CELLS}}", "dim")
    for y, t in axis.right_times.items():
        grid.put(right + 2, y - top, f"{stamp(t):<{TIME_CELLS - 1}}", "dim")
