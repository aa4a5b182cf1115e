"""A grid of styled characters to draw lines and labels on, read out as rows."""

from __future__ import annotations

from .runs import Row, clean

#: The bit of each braille dot by (column, row) inside a cell.
_DOTS = {(0, 0): 0x01, (0, 1): 0x02, (0, 2): 0x04, (0, 3): 0x40, (1, 0): 0x08, (1, 1): 0x10, (1, 2): 0x20, (1, 3): 0x80}


class Grid:
    """`cells` by `lines` characters. Anything drawn outside is ignored."""

    def __init__(self, cells: int, lines: int) -> None:
        self.cells, self.lines = cells, lines
        self._chars = [[" "] * cells for _ in range(lines)]
        self._styles = [["text"] * cells for _ in range(lines)]

    def put(self, x: int, y: int, text: str, style: str) -> None:
        """Write `text` (single-cell characters) from `x` on."""
        if not 0 <= y < self.lines:
            return
        for i, char in enumerate(clean(text)):
            if 0 <= x + i < self.cells:
                self._chars[y][x + i] = char
                self._styles[y][x + i] = style

    def at(self, x: int, y: int) -> str:
        """The character at a place; a blank outside."""
        return self._chars[y][x] if 0 <= y < self.lines and 0 <= x < self.cells else " "

    def column(self, x: int, char: str, style: str) -> None:
        """A vertical line over the whole height."""
        for y in range(self.lines):
            self.put(x, y, char, style)

    def dot(self, px: int, py: int, style: str) -> None:
        """Set one braille dot; there are two in a cell across and four down."""
        x, y = px // 2, py // 4
        if not (0 <= x < self.cells and 0 <= y < self.lines):
            return
        have = ord(self._chars[y][x])
        bits = have - 0x2800 if 0x2800 <= have <= 0x28FF else 0
        if bits == 0 and self._chars[y][x] != " ":
            return
        self._chars[y][x] = chr(0x2800 | bits | _DOTS[px % 2, py % 4])
        self._styles[y][x] = style

    def line(self, x0: int, y0: int, x1: int, y1: int, style: str) -> None:
        """A line of braille dots between two dots, walked along x (it is never steep)."""
        steps = max(abs(x1 - x0), abs(y1 - y0), 1)
        for i in range(steps + 1):
            self.dot(x0 + (x1 - x0) * i // steps, y0 + (y1 - y0) * i // steps, style)

    def rows(self) -> list[Row]:
        """The rows, neighbouring characters of one style as one run."""
        out = []
        for chars, styles in zip(self._chars, self._styles, strict=True):
            row: Row = []
            start = 0
            for x in range(1, self.cells + 1):
                if x == self.cells or styles[x] != styles[start]:
                    row.append(("".join(chars[start:x]), styles[start]))
                    start = x
            out.append(row)
        return out
