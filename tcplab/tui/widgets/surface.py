"""A whole screen as one widget that repaints only the cells that changed.

Textual repaints every cell of the terminal on each change of focus and of a scrolling container's size, and every
cell of a widget that is refreshed. A learner's screen changes in a few cells ten times a second, over SSH often, so
this widget compares what each panel drew with what it drew before and asks for those cells alone.
"""

from __future__ import annotations

from collections.abc import Iterable

from rich.segment import Segment
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from tcplab.tui.draw.layout import Box
from tcplab.tui.draw.runs import Row, row_width
from tcplab.tui.theme import style

Part = tuple[Box, list[Row]]


def changed_cells(old: Row, new: Row) -> tuple[int, int]:
    """The first and the end column in which two rows of one width differ; (0, 0) when they do not."""
    if old == new:
        return 0, 0
    head = 0
    first = 0
    for before, after in zip(old, new, strict=False):
        if before != after:
            if before[1] == after[1]:
                shared = _shared(before[0], after[0])
                head += row_width([(after[0][:shared], "")])
            break
        head += row_width([after])
        first += 1
    tail = 0
    for before, after in zip(reversed(old[first:]), reversed(new[first:]), strict=False):
        if before != after:
            if before[1] == after[1]:
                shared = _shared(before[0][::-1], after[0][::-1])
                tail += row_width([(after[0][len(after[0]) - shared:], "")])
            break
        tail += row_width([after])
    width = max(row_width(old), row_width(new))
    return head, max(width - tail, head + 1)


def _shared(one: str, other: str) -> int:
    """How many characters two texts begin with alike."""
    count = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        count += 1
    return count


class Surface(Widget):
    """Shows parts: rectangles of rows. `show` is given all of them and works out what to repaint."""

    DEFAULT_CSS = "Surface { width: 1fr; height: 1fr; }"

    def __init__(self, theme_name: str, **kwargs: str | None) -> None:
        super().__init__(**kwargs)
        self.theme_name = theme_name
        self._boxes: tuple[Box, ...] = ()
        self._rows: list[list[Row]] = []
        self._strips: dict[int, Strip] = {}

    def show(self, parts: Iterable[Part]) -> None:
        """Show these parts, which must not overlap. Repaints what differs from the last time."""
        parts = list(parts)
        boxes = tuple(box for box, _ in parts)
        old, self._rows = self._rows, [rows for _, rows in parts]
        if boxes != self._boxes:
            self._boxes = boxes
            self._strips.clear()
            self.refresh()
            return
        dirty: list[Region] = []
        for box, before, after in zip(boxes, old, self._rows, strict=True):
            for y, (one, other) in enumerate(zip(before, after, strict=True)):
                start, end = changed_cells(one, other)
                if end:
                    self._strips.pop(box.y + y, None)
                    dirty.append(Region(box.x + start, box.y + y, end - start, 1))
        if dirty:
            self.refresh(*dirty)

    def use_theme(self, name: str) -> None:
        """Draw in another theme."""
        self.theme_name = name
        self._strips.clear()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        strip = self._strips.get(y)
        if strip is None:
            strip = self._strips[y] = self._make(y)
        return strip

    def _make(self, y: int) -> Strip:
        width = self.size.width
        segments: list[Segment] = []
        x = 0
        here = sorted((box.x, i) for i, box in enumerate(self._boxes) if box.y <= y < box.y + box.height)
        base = style(self.theme_name, "text")
        for left, index in here:
            if left > x:
                segments.append(Segment(" " * (left - x), base))
            box = self._boxes[index]
            segments += [Segment(text, style(self.theme_name, words)) for text, words in self._rows[index][y - box.y]
                         if text]
            x = left + box.width
        return Strip(segments).adjust_cell_length(width, base)

    def text(self) -> str:
        """What is shown, as plain text (for tests and for the clipboard)."""
        return "\n".join(self.render_line(y).text.rstrip() for y in range(self.size.height))
