"""The ladder: segments between the two lifelines, time downwards.

Under 60 columns every segment is one row, its dot moving along it; from 60 columns on segments are diagonals on a
time axis that is warped by events, which shows pipelining and overtaking.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tcplab.views.entries import Entry, Story

from .grid import Grid
from .ladder_axis import Axis
from .runs import Row
from .segment_line import fate_style, label
from .values import seconds, span

#: From this width on, diagonals.
WIDE = 60

TIME_CELLS = 7


@dataclass(frozen=True, slots=True)
class LadderState:
    """What the ladder needs beside the entries: who is left and right, when, and what is on its way.

    `level` draws level lines at every width: a capture knows no arrivals.
    `veiled`: a question hides the numbers.
    `flights` maps a segment's id to (depart, arrive or None); `delay` is the crossing time of a lost segment (ns).
    """

    hosts: tuple[str, str]
    now: int
    flights: dict[int, tuple[int, int | None]] = field(default_factory=dict)
    delay: int = 50_000_000
    relative: bool = False
    ascii: bool = False
    running: bool = False
    level: bool = False
    veiled: bool = False


def ladder(entries: Sequence[Entry], story: Story, state: LadderState, cells: int, lines: int) -> list[Row]:
    """The newest `entries` in exactly `cells` by `lines`."""
    if lines <= 0:
        return []
    if cells >= WIDE and not (state.ascii or state.level):
        return _diagonals(entries, story, state, cells, lines)
    return _straight(entries, story, state, cells, lines)


def _page_top(count: int, lines: int, state: LadderState) -> int:
    """The first of `count` rows seen. While time runs the window moves in jumps: that is fewer bytes."""
    if not state.running:
        return max(0, count - lines)
    crowded = len(state.flights) * 2 > lines
    return page_top(count, lines, max(1, lines - 2) if crowded else max(1, lines // 2))


def page_top(count: int, lines: int, jump: int) -> int:
    """Like the newest `lines` of `count` rows, but in jumps."""
    return -(-max(0, count - lines) // jump) * jump


def progress(entry: Entry, state: LadderState) -> int:
    """How far a segment has come, in parts of 1000."""
    if entry.fate in ("delivered", "dropped"):
        return 1000
    flight = state.flights.get(entry.rec.id)
    if entry.fate == "held":
        return 500
    if flight is None or flight[1] is None or flight[1] <= flight[0]:
        return 600 if entry.fate == "lost" else 0
    return max(0, min(1000, (state.now - flight[0]) * 1000 // (flight[1] - flight[0])))


def _lifelines(grid: Grid, left: int, right: int, lines: int) -> None:
    grid.column(left, "│", "client")
    grid.column(right, "│", "server")


def _straight(entries: Sequence[Entry], story: Story, state: LadderState, cells: int, lines: int) -> list[Row]:
    """One row a segment."""
    grid = Grid(cells, lines)
    left, right = TIME_CELLS, cells - 2
    _lifelines(grid, left, right, lines)
    first, last = left + 1, right - 1
    room = last - first + 1
    # Where only the cursor moves, the last row is the newest anyhow; not to brighten it saves painting two rows.
    newest = -1 if state.level else len(entries) - 1
    start = _page_top(len(entries), lines, state)
    shown_time = -1
    for y, index in enumerate(range(start, len(entries))):
        entry = entries[index]
        if entry.rec.sent_at != shown_time:
            shown_time = entry.rec.sent_at
            grid.put(0, y, f"{seconds(shown_time):>{TIME_CELLS - 1}}", "text" if index == newest else "dim")
        _straight_row(grid, y, entry, story, state, first, last, room, index == newest)
    return grid.rows()


#: Cells of a row that are not words: two of line before them, a blank on either side, two of line and the head behind.
LEAD = 2
AROUND = LEAD + 2 + 3


def _straight_row(
    grid: Grid,
    y: int,
    entry: Entry,
    story: Story,
    state: LadderState,
    first: int,
    last: int,
    room: int,
    newest: bool,
) -> None:
    """Line, label and head of one segment; for the right-hand host all is mirrored.

    One style for all three: neighbouring cells of one style are the fewest bytes on the line.
    """
    side = 0 if entry.rec.src == state.hosts[0] else 1
    style = fate_style(entry, side) + (" bold" if newest or not entry.over else "")
    words = label(entry, story, state.relative, room - AROUND, state.veiled)
    taken = LEAD + len(words) + 2 if words else 0
    reach = _reach(entry, progress(entry, state), room, taken)
    if entry.fate in ("lost", "held"):
        reach = min(room - 2, max(reach, taken + 1))
    direction, origin = (1, first) if side == 0 else (-1, last)
    for i in range(reach):
        grid.put(origin + direction * i, y, "─", style)
    if words:
        grid.put(origin + LEAD if side == 0 else origin - LEAD - len(words) - 1, y, f" {words} ", style)
    grid.put(origin + direction * reach, y, _head(entry, progress(entry, state), side), style)


def _reach(entry: Entry, done: int, room: int, taken: int) -> int:
    """The cell of the head, counted from the sender; `taken` cells are its words and the line before them.

    The words are not overwritten: a head that would stand on them waits before them, then goes on behind.
    """
    reach = done * (room - 1) // 1000
    if entry.fate in ("lost", "held"):
        return max(taken, reach)
    if entry.over or not taken:
        return max(1, reach)
    if LEAD <= reach < taken:
        return LEAD if 2 * reach < LEAD + taken else taken
    return reach


def _head(entry: Entry, done: int, side: int) -> str:
    if entry.fate == "lost":
        return "✗"
    if entry.fate == "dropped":
        return "✗"
    if entry.fate == "held":
        return "❚"
    if entry.fate == "delivered" or done >= 1000:
        return "▶" if side == 0 else "◀"
    return "●"


@dataclass(frozen=True, slots=True)
class _Way:
    """One diagonal: its words, where they stand, and the dots between which its line slopes.

    The line leaves the lifeline level, passes through its words and slopes behind them, so that no words lie on it.
    """

    entry: Entry
    side: int
    words: str
    at: int
    row: int
    start: tuple[int, int]
    end: tuple[int, int]
    done: int

    @property
    def tip(self) -> tuple[int, int]:
        """How far the line has come (dots)."""
        (x0, y0), (x1, y1) = self.start, self.end
        return x0 + (x1 - x0) * self.done // 1000, y0 + (y1 - y0) * self.done // 1000


def _diagonals(entries: Sequence[Entry], story: Story, state: LadderState, cells: int, lines: int) -> list[Row]:
    """Braille diagonals on the warped axis, its newest part."""
    window = entries[-(lines * 2 + 4) :]
    axis = Axis(window, state)
    # What is still to come gets a third of the window at most: the lines grow into it.
    top = _page_top(min(axis.height, axis.now_row + 1 + max(3, lines // 3)), lines, state)
    grid = Grid(cells, lines)
    left, right = TIME_CELLS + 1, cells - TIME_CELLS - 2
    ways = [_way(entry, axis, story, state, left, right, top) for entry in window]
    for way in ways:
        _diagonal(grid, way, left, right)
    _lifelines(grid, left, right, lines)
    for way in ways:
        bold = " bold" if way.entry is window[-1] or not way.entry.over else ""
        if way.words:
            grid.put(way.at, way.row, f" {way.words} ", fate_style(way.entry, way.side) + bold)
    for way in ways:
        _diagonal_head(grid, way, ways, left, right)
    _times(grid, axis, left, right, top)
    for y, length in axis.waits:
        text = f" {span(length)} later "
        grid.put((left + right - len(text)) // 2, y - top, text, "faint")
    return grid.rows()


def _way(entry: Entry, axis: Axis, story: Story, state: LadderState, left: int, right: int, top: int) -> _Way:
    """Where a segment's words and its line go."""
    side = 0 if entry.rec.src == state.hosts[0] else 1
    words = label(entry, story, state.relative, (right - left) // 2, state.veiled)
    row = axis.departs[entry.rec.id] - top
    last = axis.arrives.get(entry.rec.id, axis.departs[entry.rec.id] + 3) - top
    taken = LEAD + len(words) + 2 if words else 0
    x0, x1 = (left + 1 + taken) * 2, right * 2 - 1
    at = left + 1 + LEAD
    if side:
        x0, x1 = (right - taken) * 2 - 1, (left + 1) * 2
        at = right - taken
    return _Way(entry, side, words, at, row, (x0, row * 4 + 1), (x1, last * 4 + 1), progress(entry, state))


def _diagonal(grid: Grid, way: _Way, left: int, right: int) -> None:
    style = fate_style(way.entry, way.side)
    (x0, y0), home = way.start, (left + 1) * 2 if way.side == 0 else right * 2 - 1
    if way.words:
        grid.line(home, y0, home + (3 if way.side == 0 else -3), y0, style)
    grid.line(x0, y0, *way.tip, style)


def _diagonal_head(grid: Grid, way: _Way, ways: Sequence[_Way], left: int, right: int) -> None:
    """An arrow, a dot or a cross at the end of what is drawn of a line; words are not overwritten, as in rows."""
    head, (x, y) = _head(way.entry, way.done, way.side), way.tip
    column = x // 2
    if head in "▶◀" or way.entry.fate == "dropped":
        column = right - 1 if way.side == 0 else left + 1
    elif not way.done and head == "●":
        column = left + 1 if way.side == 0 else right - 1  # it has just left: its words stand before it
    grid.put(_beside_words(column, y // 4, ways), y // 4, head, f"{fate_style(way.entry, way.side)} bold")


def _beside_words(column: int, row: int, ways: Sequence[_Way]) -> int:
    """The cell of a head: where it is, or else the nearer blank beside the words on which it would stand."""
    for way in ways:
        last = way.at + len(way.words) + 1
        if way.words and way.row == row and way.at < column < last:
            return way.at if 2 * column < way.at + last else last
    return column


def _times(grid: Grid, axis: Axis, left: int, right: int, top: int) -> None:
    """The instants at which something left or reached a lifeline, beside that lifeline."""
    for y, t in axis.left_times.items():
        grid.put(left - TIME_CELLS - 1, y - top, f"{seconds(t):>{TIME_CELLS}}", "dim")
    for y, t in axis.right_times.items():
        grid.put(right + 2, y - top, f"{seconds(t):<{TIME_CELLS - 1}}", "dim")
