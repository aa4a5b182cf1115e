"""The fewest bytes that bring a terminal from what it shows to what it is to show.

Textual writes every cell of a region that it repaints, each run with all its attributes: 12 kB for a page of help at
80x24, 20 kB for the way back. A learner's line over SSH may carry 25 kB a second. A `Canvas` knows what the terminal
shows, so that only cells that differ are written, in the order that takes the fewest bytes (see `strokes`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.cells import cell_len
from rich.console import Console
from rich.segment import Segment
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate

from .pens import Cell, cells_of
from .strokes import Work, shortest


class Canvas:
    """What a terminal shows, cell by cell. `erases`: an erased cell takes the background of the pen (terminfo: bce)."""

    def __init__(self, erases: bool = False) -> None:
        self.erases = erases
        self.rows: list[list[Cell | None]] = []
        self.width = 0

    def forget(self) -> None:
        """The terminal may show anything: the next update is written in full."""
        self.rows = []

    def fit(self, width: int, height: int) -> None:
        """The window's size. Another one may have moved everything about, so all is forgotten."""
        if (width, height) != (self.width, len(self.rows)):
            self.width = width
            self.rows = [[None] * width for _ in range(height)]

    def put(self, pieces: Iterable[tuple[int, int, list[Cell]]]) -> str:
        """Show pieces of rows: (row, column, cells). Returns what has to be written."""
        wanted: dict[int, list[Cell | None]] = {}
        for y, x, cells in pieces:
            if y < len(self.rows):
                row = wanted.setdefault(y, self.rows[y].copy())
                cells = cells[: max(0, self.width - x)]
                row[x : x + len(cells)] = cells
                for edge in (x, x + len(cells)):
                    _part(row, edge)
        works = [Work(y, self.rows[y], row) for y, row in sorted(wanted.items()) if row != self.rows[y]]
        for work in works:
            self.rows[work.y] = work.new
        return shortest(works, self.erases) if works else ""


def _part(row: list[Cell | None], edge: int) -> None:
    """A wide character of which another one has taken a half: what terminals show there instead, nobody knows."""
    if not 0 < edge < len(row):
        return
    left, right = row[edge - 1], row[edge]
    if right is not None and not right[0] and (left is None or cell_len(left[0]) < 2):
        row[edge] = None
    if left is not None and cell_len(left[0]) > 1 and (right is None or right[0]):
        row[edge - 1] = None


class Thrifty(CompositorUpdate):
    """An update of Textual's, written as the difference from what the terminal shows."""

    def __init__(self, update: LayoutUpdate | ChopsUpdate, canvas: Canvas) -> None:
        self.update, self.canvas = update, canvas
        self._text: str | None = None

    def render_segments(self, console: Console) -> str:
        """What is to be written to the terminal; leaves it with plain attributes. Worked out once."""
        if self._text is None:
            system = console._color_system
            pieces = ((y, x, cells_of(segments, system)) for y, x, segments in _pieces(self.update))
            self._text = self.canvas.put(pieces)
        return self._text


def _pieces(update: LayoutUpdate | ChopsUpdate) -> Iterator[tuple[int, int, Iterable[Segment]]]:
    """(row, column, segments) of everything that an update would write."""
    if isinstance(update, LayoutUpdate):
        for y, strips in enumerate(update.strips, update.region.y):
            yield y, update.region.x, [segment for strip in strips for segment in strip]
        return
    for y, x1, x2 in update.spans:
        for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
            if strip is not None and x <= x2 and end > x1:
                # Textual would write from the widget's left edge; what stands before x1 is unchanged.
                first = max(x, x1)
                yield y, first, strip.crop(first - x, min(end, x2) - x)
