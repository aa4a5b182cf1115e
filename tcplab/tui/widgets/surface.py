"""A whole screen as one widget that repaints only the cells that changed.

Textual repaints every cell of the terminal on each change of focus and of a scrolling container's size, and every
cell of a widget that is refreshed. A learner's screen changes in a few cells ten times a second, over SSH often, so
this widget compares what each panel drew with what it drew before and asks for those cells alone.
"""

from __future__ import annotations

from collections.abc import Iterable

from rich.cells import cell_len
from rich.segment import Segment
from textual.app import ComposeResult
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from tcplab.tui.draw.layout import Box
from tcplab.tui.draw.runs import Row, plain
from tcplab.tui.theme import style

Part = tuple[Box, list[Row]]


#: Unchanged cells between two changed ones that are repainted with them: moving the cursor costs as much.
GAP = 10

#: How wide the columns of the lively part are, and how much of the title bar belongs to the clock.
COLUMN, CLOCK = 8, 14


def cells_of(row: Row) -> list[tuple[str, str]]:
    """A row cell by cell; the second cell of a wide character is empty."""
    cells: list[tuple[str, str]] = []
    for text, words in row:
        if text.isascii():
            cells += [(char, words) for char in text]
            continue
        for char in text:
            cells.append((char, words))
            cells += [("", words)] * (cell_len(char) - 1)
    return cells


def changed_spans(old: Row, new: Row) -> list[tuple[int, int]]:
    """The stretches (start, end) of cells in which two rows differ."""
    before, after = cells_of(old), cells_of(new)
    spans: list[tuple[int, int]] = []
    for x in range(max(len(before), len(after))):
        if x < len(before) and x < len(after) and before[x] == after[x]:
            continue
        if spans and x - spans[-1][1] <= GAP:
            spans[-1] = (spans[-1][0], x + 1)
        else:
            spans.append((x, x + 1))
    return spans


def joined(parts: Iterable[Part]) -> list[Row]:
    """The rows of the whole screen from its parts."""
    parts = sorted(parts, key=lambda part: (part[0].x, part[0].y))
    rows: list[Row] = [[] for _ in range(max((box.y + box.height for box, _ in parts), default=0))]
    filled = [0] * len(rows)
    for box, drawn in parts:
        for y, row in enumerate(drawn, box.y):
            if filled[y] < box.x:
                rows[y].append((" " * (box.x - filled[y]), "text"))
            rows[y] += row
            filled[y] = box.x + box.width
    return rows


def tile_boxes(cells: int, lines: int, lively: int) -> list[Box]:
    """Where the tiles of a surface lie: the first `lively` rows in narrow columns, the rest in one piece.

    Textual repaints a changed cell together with all cells of its widget to the left of it. The clock, the panes and
    the ladder change in single cells ten times a second, so there the widgets are narrow; the pages below change by
    whole rows.
    """
    if lively <= 0 or lively >= lines:
        return [Box(0, 0, cells, lines)]
    boxes = [Box(0, 0, max(cells - CLOCK, 1), 1), Box(max(cells - CLOCK, 1), 0, min(CLOCK, cells - 1), 1)]
    boxes += [Box(x, 1, min(COLUMN, cells - x), lively - 1) for x in range(0, cells, COLUMN)]
    boxes.append(Box(0, lively, cells, lines - lively))
    return [box for box in boxes if box.width > 0 and box.height > 0]


class Tile(Widget):
    """A rectangle of a surface: what Textual repaints in one go."""

    DEFAULT_CSS = "Tile { position: absolute; }"

    def __init__(self, surface: Surface, box: Box) -> None:
        super().__init__()
        self.surface, self.box = surface, box
        self.place(box)

    def place(self, box: Box) -> None:
        """Lie somewhere else."""
        self.box = box
        self.styles.offset = (box.x, box.y)
        self.styles.width, self.styles.height = box.width, box.height

    def repaint(self, spans: Iterable[tuple[int, int, int]]) -> None:
        """Repaint the part of each (row, start, end) of the surface that lies in this tile."""
        x, y, width, height = self.box
        regions = [
            Region(max(start, x) - x, row - y, min(end, x + width) - max(start, x), 1)
            for row, start, end in spans
            if y <= row < y + height and start < x + width and end > x
        ]
        if regions:
            self.refresh(*regions)

    def render_line(self, y: int) -> Strip:
        return self.surface.strip(self.box.y + y).crop(self.box.x, self.box.x + self.box.width)


class Surface(Widget):
    """Shows parts: rectangles of rows. `show` is given all of them and works out what to repaint."""

    DEFAULT_CSS = "Surface { width: 1fr; height: 1fr; layout: vertical; overflow: hidden; }"

    def __init__(self, theme_name: str, **kwargs: str | None) -> None:
        super().__init__(**kwargs)
        self.theme_name = theme_name
        self._rows: list[Row] = []
        self._strips: dict[int, Strip] = {}
        self._tiling: tuple[int, int, int] = (0, 0, 0)

    def compose(self) -> ComposeResult:
        yield Tile(self, Box(0, 0, 1, 1))

    def show(self, parts: Iterable[Part], cells: int, lines: int, lively: int = 0) -> None:
        """Show these parts, which must not overlap. Repaints the cells that differ from the last time."""
        old, self._rows = self._rows, joined(parts)
        if self._tiling != (cells, lines, lively) or len(old) != len(self._rows):
            self._tiling = (cells, lines, lively)
            self._strips.clear()
            self._tile(tile_boxes(cells, lines, lively))
            return
        spans: list[tuple[int, int, int]] = []
        for y, (before, after) in enumerate(zip(old, self._rows, strict=True)):
            if before != after:
                self._strips.pop(y, None)
                spans += [(y, start, end) for start, end in changed_spans(before, after)]
        if spans:
            for tile in self.query_children(Tile):
                tile.repaint(spans)

    def _tile(self, boxes: list[Box]) -> None:
        """Lay the tiles anew, with as many of the old ones as possible."""
        tiles = list(self.query_children(Tile))
        for tile, box in zip(tiles, boxes, strict=False):
            tile.place(box)
            tile.refresh()
        for tile in tiles[len(boxes) :]:
            tile.remove()
        more = [Tile(self, box) for box in boxes[len(tiles) :]]
        if more:
            self.mount(*more)

    def use_theme(self, name: str) -> None:
        """Draw in another theme."""
        self.theme_name = name
        self._strips.clear()
        for tile in self.query_children(Tile):
            tile.refresh()

    def strip(self, y: int) -> Strip:
        """One row of the surface, made when first asked for."""
        strip = self._strips.get(y)
        if strip is None:
            row = self._rows[y] if y < len(self._rows) else []
            segments = [Segment(text, style(self.theme_name, words)) for text, words in row if text]
            base = style(self.theme_name, "text")
            strip = self._strips[y] = Strip(segments).adjust_cell_length(self._tiling[0], base)
        return strip

    def text(self) -> str:
        """What is shown, as plain text."""
        return "\n".join(plain(row).rstrip() for row in self._rows)
