"""A canvas of characters on which lines join by themselves.

A cell knows which of its four sides a line leaves by, and how heavy; the box-drawing character follows from that.
So lines may be laid in any order, cross, branch and meet boxes, and a heavy one stays heavy where it joins a light one.
"""

from __future__ import annotations

from collections.abc import Sequence

from .runs import Row

UP, DOWN, LEFT, RIGHT = range(4)
LIGHT, HEAVY = 1, 2

#: The place of each side in base 3: no line, light, heavy.
_PLACE = (27, 9, 3, 1)
#: One character for each of the 81 ways in which lines can meet: index up*27 + down*9 + left*3 + right.
_JOINS = " ╶╺╴─╼╸╾━╷┌┍┐┬┮┑┭┯╻┎┏┒┰┲┓┱┳╵└┕┘┴┶┙┵┷│├┝┤┼┾┥┽┿╽┟┢┧╁╆┪╅╈╹┖┗┚┸┺┛┹┻╿┞┡┦╀╄┩╃╇┃┠┣┨╂╊┫╉╋"

#: Arrowheads by direction: hollow ones end a way not gone, filled ones end a way that was (colour is not needed).
_ARROWS = {LIGHT: "△▽◁▷", HEAVY: "▲▼◀▶"}

STEP = ((0, -1), (0, 1), (-1, 0), (1, 0))
OPPOSITE = (DOWN, UP, RIGHT, LEFT)

Point = tuple[int, int]


def direction(here: Point, there: Point) -> int:
    """The side of `here` towards `there`, which lies on its row or column. Raises ValueError otherwise."""
    (x0, y0), (x1, y1) = here, there
    if (x0 == x1) == (y0 == y1):
        raise ValueError(f"{here} to {there} is not a straight step")
    return (UP if y1 < y0 else DOWN) if x0 == x1 else (LEFT if x1 < x0 else RIGHT)


def cells_between(here: Point, there: Point) -> list[Point]:
    """The cells of a straight stroke, both ends included."""
    if here == there:
        return [here]
    dx, dy = STEP[direction(here, there)]
    count = max(abs(there[0] - here[0]), abs(there[1] - here[1]))
    return [(here[0] + dx * i, here[1] + dy * i) for i in range(count + 1)]


class Canvas:
    """`width` by `height` cells of `blank` style; what is drawn outside is ignored. `ascii` uses + - | = # < > ^ v."""

    def __init__(self, width: int, height: int, blank: str = "text", ascii: bool = False) -> None:
        self.width, self.height, self.ascii = width, height, ascii
        self._chars = [[" "] * width for _ in range(height)]
        self._styles = [[blank] * width for _ in range(height)]
        self._joins: dict[Point, list[int]] = {}

    def put(self, x: int, y: int, text: str, style: str) -> None:
        """Write `text` over whatever is there; all of its characters are one cell wide."""
        if not 0 <= y < self.height:
            return
        start, end = max(x, 0), min(x + len(text), self.width)
        if start < end:
            self._chars[y][start:end] = text[start - x:end - x]
            self._styles[y][start:end] = [style] * (end - start)

    def stroke(self, points: Sequence[Point], weight: int, style: str) -> None:
        """A line through `points`, each on the row or column of the one before; later styles win where lines cross."""
        for here, there in zip(points, points[1:], strict=False):
            if here == there:
                continue
            towards = direction(here, there)
            cells = cells_between(here, there)
            for cell in cells[:-1]:
                self.arm(cell, towards, weight, style)
            for cell in cells[1:]:
                self.arm(cell, OPPOSITE[towards], weight, style)

    def arm(self, cell: Point, side: int, weight: int, style: str) -> None:
        """A line from the middle of `cell` to one side; the heavier of two lines on one way is seen."""
        x, y = cell
        if not (0 <= x < self.width and 0 <= y < self.height):
            return
        sides = self._joins.setdefault(cell, [0, 0, 0, 0])
        sides[side] = max(sides[side], weight)
        self._chars[y][x] = self._join(sides)
        self._styles[y][x] = style

    def _join(self, sides: Sequence[int]) -> str:
        if not self.ascii:
            return _JOINS[sum(place * weight for place, weight in zip(_PLACE, sides, strict=True))]
        upright, level = max(sides[UP], sides[DOWN]), max(sides[LEFT], sides[RIGHT])
        if upright and level:
            return "+"
        return " |#"[upright] if upright else " -="[level]

    def arrow(self, cell: Point, towards: int, weight: int, style: str) -> None:
        """An arrowhead in `cell`."""
        self.put(*cell, "^v<>"[towards] if self.ascii else _ARROWS[weight][towards], style)

    def rows(self) -> list[Row]:
        """The rows, neighbouring cells of one style as one run."""
        out = []
        for chars, styles in zip(self._chars, self._styles, strict=True):
            row: Row = []
            start = 0
            for x in range(1, self.width + 1):
                if x == self.width or styles[x] != styles[start]:
                    row.append(("".join(chars[start:x]), styles[start]))
                    start = x
            out.append(row)
        return out
