"""The ladder with one row a segment: for narrow windows, ASCII and captures.

A segment that arrived out of its turn has two rows, one where it left and one where it arrived, each at its time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tcplab.views.entries import Entry, Story

from .grid import Grid
from .ladder_parts import TIME_CELLS, LadderState, head, progress, released, stamp
from .runs import Row
from .segment_line import fate_style, label
from .signs import signed

#: Cells of a row that are not words: two of line before them, a blank on either side, two of line and the head behind.
LEAD = 2
AROUND = LEAD + 2 + 3
#: So many of them are given up where numbers would be left out otherwise.
SPARE = 3
#: At least so many cells show that a line breaks off.
MIN_DOTS = 2


class Line(NamedTuple):
    """One row: a segment that is seen `whole`, or that does `leave` or `reach` at time `t` (ns)."""

    t: int
    what: str
    entry: Entry


def parted(entry: Entry, state: LadderState) -> bool:
    """Whether leaving and arriving are two rows."""
    return not state.level and ((entry.late and entry.fate != "lost") or released(entry, state))


def row_lines(entries: Sequence[Entry], story: Story, state: LadderState, lines: int) -> list[Line]:
    """The newest `lines` rows of what happened up to the last of `entries`, and after it until `state.until`."""
    window = entries[-lines:]
    if not window or lines <= 0:
        return []
    found = [Line(e.rec.sent_at, "leave" if parted(e, state) else "whole", e) for e in window]
    if not state.level:
        late = story.late(window[0].rec.sent_at, state.until)
        found += [Line(entry.at, "reach", entry) for entry in late if entry.at is not None]
        if state.until is None:
            under_way = (story.by_id.get(number) for number in state.flights)
            found += [Line(state.flights[e.rec.id][1], "reach", e) for e in under_way if e and released(e, state)]
    found.sort(key=lambda line: (line.t, line.what != "reach", line.entry.rec.id))
    return found[-lines:]


def straight(entries: Sequence[Entry], story: Story, state: LadderState, cells: int, lines: int) -> list[Row]:
    """The newest rows in exactly `cells` by `lines`."""
    grid = Grid(cells, lines)
    left, right = TIME_CELLS, cells - 2
    grid.column(left, "│", "client")
    grid.column(right, "│", "server")
    shown = row_lines(entries, story, state, lines)
    # Where only the cursor moves, the last row is the newest anyhow; not to brighten it saves painting two rows.
    newest = -1 if state.level or state.until is not None else len(shown) - 1
    time_above = -1
    for y, line in enumerate(shown):
        if line.t != time_above and line.t <= state.now:
            time_above = line.t
            grid.put(0, y, f"{stamp(line.t):>{TIME_CELLS - 1}}", "text" if y == newest else "dim")
        if line.entry.rec.id == state.picked:
            grid.put(TIME_CELLS - 1, y, "▸", "bright bold")
        _Drawer(grid, y, line, story, state, left + 1, right - 1, y == newest).draw()
    return grid.rows()


class _Drawer:
    """Draws one row between two cells; for the right-hand host all is mirrored.

    One style for line, words and head: neighbouring cells of one style are the fewest bytes on the line.
    """

    def __init__(self, grid: Grid, y: int, line: Line, story: Story, state: LadderState, first: int, last: int,
                 newest: bool) -> None:
        self.grid, self.y, self.entry, self.story, self.state = grid, y, line.entry, story, state
        self.what = line.what
        self.side = 0 if line.entry.rec.src == state.hosts[0] else 1
        self.room = last - first + 1
        self.origin, self.way = (first, 1) if self.side == 0 else (last, -1)
        self.style = fate_style(line.entry, self.side) + (" bold" if newest or not line.entry.over else "")
        self.picked = line.entry.rec.id == state.picked

    def put(self, at: int, text: str, words: bool = False) -> None:
        """Write `text` so that it begins `at` cells from the sender's lifeline, whichever side that is on."""
        x = self.origin + at if self.side == 0 else self.origin - at - len(text) + 1
        self.grid.put(x, self.y, text, self.style + (" on-pick" if words and self.picked else ""))

    def draw(self) -> None:
        getattr(self, "_" + self.what)()

    def _label(self, room: int, spare: int = 0) -> str:
        return label(self.entry, self.story, self.state.relative, room, self.state.veiled, spare, self.picked,
                     self.state.windows)

    def _whole(self) -> None:
        entry, state, room = self.entry, self.state, self.room
        words = self._label(room - AROUND, SPARE)
        lead = LEAD if len(words) <= room - AROUND else 1
        taken = lead + len(words) + 2 if words else 0
        done = progress(entry, state)
        reach = self._head_at(done, lead, taken)
        if entry.fate in ("lost", "held"):
            reach = min(room - 2, max(reach, taken + 1)) if taken < room - 2 else room - 1
        self.put(0, "─" * reach)
        if words:
            self.put(lead, f" {words} ", True)
        self.put(reach, head(entry, done, self.side, state))

    def _head_at(self, done: int, lead: int, taken: int) -> int:
        """The cell of the head, counted from the sender; `taken` cells are its words and the line before them.

        The words are not overwritten: a head that would stand on them waits before them, then goes on behind.
        """
        reach = done * (self.room - 1) // 1000
        if self.entry.fate in ("lost", "held"):
            return max(taken, reach)
        if self.entry.over or not taken:
            return max(1, reach)
        if lead <= reach < taken:
            return lead if 2 * reach < lead + taken else taken
        return reach

    def _leave(self) -> None:
        """It left, and arrives further down: its line breaks off, and the time of its arrival stands behind it."""
        at = "" if self.entry.at is None else stamp(self.entry.at)
        words = self._label(self.room - LEAD - 2 - MIN_DOTS - (len(at) + 2 if at else 0))
        after = LEAD + len(words) + 2
        fitting = [text for text in (f" arrives {at}", f" ▾{at}") if at and after + MIN_DOTS + len(text) <= self.room]
        says = fitting[0] if fitting else ""
        dots = max(min(self.room - after - len(says), max(self.room * 2 // 3 - after, MIN_DOTS)), 0)
        self.put(0, "─" * LEAD)
        self.put(LEAD, f" {words} ", True)
        self.put(after, "┄" * dots)
        if says:
            self.put(after + dots, says if self.side == 0 else says.strip() + " ")

    def _reach_words(self, room: int) -> str:
        """Which segment it is that arrives only now, and since when it was under way."""
        number, sign = signed(self.entry)
        left = f"left {stamp(self.entry.rec.sent_at)}"
        shapes = ([number, left, sign], [number, left], [number])
        return next((text for text in (" ".join(filter(None, shape)) for shape in shapes) if len(text) <= room), "")

    def _reach(self) -> None:
        room, done = self.room, progress(self.entry, self.state)
        words = self._reach_words(room - AROUND - 2)
        start = room - 3 - len(words) - 2
        dots = min(start, max(room // 6, 3))
        self.put(start - dots, "┄" * dots)
        self.put(start, f" {words} ", True)
        if done >= 1000:
            self.put(room - 3, "──")
            self.put(room - 1, head(self.entry, done, self.side, self.state))
        else:
            self.put(start - dots if done < 750 else room - 2, head(self.entry, done, self.side, self.state))
