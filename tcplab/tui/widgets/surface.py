"""A whole screen as one widget that repaints only the rows that changed.

Textual repaints every cell of the terminal on each change of focus and of a scrolling container's size. A learner's
screen changes in a few cells ten times a second, over SSH often, so this widget compares what is to be shown with what
it showed before and asks for those rows alone; `widgets.thrift` writes of them only the cells that differ.
"""

from __future__ import annotations

from collections.abc import Iterable

from rich.segment import Segment
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from tcplab.tui.draw.layout import Box
from tcplab.tui.draw.runs import Row, plain
from tcplab.tui.theme import style

Part = tuple[Box, list[Row]]


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


class Surface(Widget):
    """Shows parts: rectangles of rows. `show` is given all of them and works out what to repaint."""

    DEFAULT_CSS = "Surface { width: 1fr; height: 1fr; }"

    def __init__(self, theme_name: str, **kwargs: str | None) -> None:
        super().__init__(**kwargs)
        self.theme_name = theme_name
        self._rows: list[Row] = []
        self._strips: dict[int, Strip] = {}
        self._cells = 0

    def show(self, parts: Iterable[Part], cells: int) -> None:
        """Show these parts, which must not overlap, `cells` wide. Repaints the rows that differ from the last time."""
        old, self._rows = self._rows, joined(parts)
        if self._cells != cells or len(old) != len(self._rows):
            self._cells = cells
            self._strips.clear()
            self.refresh()
            return
        changed = [y for y, row in enumerate(self._rows) if row != old[y]]
        for y in changed:
            self._strips.pop(y, None)
        if changed:
            self.refresh(*(Region(0, y, cells, 1) for y in changed))

    def use_theme(self, name: str) -> None:
        """Draw in another theme."""
        self.theme_name = name
        self._strips.clear()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One row, made when first asked for."""
        strip = self._strips.get(y)
        if strip is None:
            row = self._rows[y] if y < len(self._rows) else []
            segments = [Segment(text, style(self.theme_name, words)) for text, words in row if text]
            base = style(self.theme_name, "text")
            strip = self._strips[y] = Strip(segments).adjust_cell_length(self._cells, base)
        return strip

    def text(self) -> str:
        """What is shown, as plain text."""
        return "\n".join(plain(row).rstrip() for row in self._rows)
