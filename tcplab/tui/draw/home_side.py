"""What stands below the highlighted lab on a large home screen: its steps, and how much of the diagram was walked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tcplab.graph.layouts import LAYOUTS, Layout

from .runs import Row, beside, clean, cut, row_width
from .state_diagram import Marks, draw

Edges = Sequence[tuple[str, str]]

#: The picture without labels that is tall enough to be read, and the least picture.
_TALL, _SMALL = LAYOUTS[-2], LAYOUTS[-1]
#: Fewer rows of steps than this say nothing.
_FEWEST = 4
_GAP = 3
#: Rows for the steps of most labs; with less than that the picture does not come and go, but stays away.
_MOST = 15


class StepLine(NamedTuple):
    """A step of the lab: its title, what it earns, and whether this learner has done it."""

    title: str
    points: int
    done: bool


class Walked(NamedTuple):
    """The changes of state that this learner has seen, out of `total`."""

    edges: Edges = ()
    total: int = 0


def side_rows(steps: Sequence[StepLine], walked: Walked, cells: int, lines: int, ascii: bool = False) -> list[Row]:
    """At most `lines` rows: steps and picture side by side where both find room, else the steps, the picture below.

    The picture stands at the bottom, so that it keeps its place while one lab after another is highlighted.
    """
    left_cells = cells - _TALL.width - _GAP
    if left_cells >= 36 and lines > _TALL.height:
        left = step_lines(steps, left_cells, lines)
        right = _picture(walked, _TALL, ascii)
        return beside(left, [*([[]] * (lines - len(right))), *right], left_cells, _GAP)
    if cells < _SMALL.width or lines < _MOST + _SMALL.height + 1:
        return step_lines(steps, cells, lines)
    rows, picture = step_lines(steps, cells, lines - _SMALL.height - 2), _picture(walked, _SMALL, ascii)
    return [*rows, *([[]] * (lines - len(rows) - len(picture))), *picture]


def step_lines(steps: Sequence[StepLine], cells: int, lines: int) -> list[Row]:
    """The steps by their titles with what they earn; the last row says how many more there are."""
    if not steps or lines < _FEWEST:
        return []
    done = sum(step.done for step in steps)
    rows: list[Row] = [[("Its steps", "head bold"), (f"   {done} of {len(steps)} done" if done else "", "dim")]]
    room = len(steps) if len(steps) < lines else lines - 2
    for number, step in enumerate(steps[:room], 1):
        # Few styles: all of it is written anew for every lab that is looked at.
        style = "text" if step.done else "dim"
        points = f"{step.points} point{'s' if step.points > 1 else ''}" if step.points else ""
        row = cut([("✓ ", "good") if step.done else ("· ", style), (f"{number:>2} {clean(step.title)}", style)],
                  cells - len(points) - 1)
        rows.append([*row, (" " * (cells - row_width(row) - len(points)) + points, style)])
    if room < len(steps):
        rows.append([(f"… and {len(steps) - room} more", "faint")])
    return rows


def _picture(walked: Walked, layout: Layout, ascii: bool) -> list[Row]:
    marks = Marks(("you",), ("",), tuple(("you", *edge) for edge in walked.edges), (("nobody", "CLOSED", "LISTEN"),))
    head: Row = [("State changes", "head bold"), (f"   {len(walked.edges)} of {walked.total}   ", "dim"),
                 ("w", "key bold"), (" larger", "dim")]
    return [cut(head, layout.width), *draw(marks, layout, ascii)]
