"""The order in which the cells of a frame are written, so that it takes the fewest bytes.

A colour costs ten bytes and more, a leap over some cells four, so all that is written with one pen is written
together, wherever it stands, and the pen changes a dozen times in a frame instead of 150 times. Blanks are erased
rather than written. With sixteen colours, or none, a change is as short as a leap: there row by row is tried as well.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from .pens import PLAIN, Cell, Pen, change, ground, same, same_blank

#: So many blanks in a row are worth an erasure, with the leap over them that follows.
_WORTH = 8
#: A leap over some cells, roughly, and an erasure to the end of a row.
_LEAP, _WIPE = 4, 3


class Stroke(NamedTuple):
    """Cells `start` to `end` of a row, with one pen; `erased`: as blanks on the pen's ground."""

    y: int
    start: int
    end: int
    pen: Pen
    erased: bool = False


class Work:
    """What is to change in one row: `touched` says which cells of `new` differ from what is shown."""

    def __init__(self, y: int, old: Sequence[Cell | None], new: list[Cell | None]) -> None:
        self.y, self.new = y, new
        self.touched = [cell is not None and not same(was, cell) for was, cell in zip(old, new, strict=True)]
        self.erasures: list[Stroke] = []
        for x, cell in enumerate(new):  # never half a wide character
            if cell is not None and not cell[0] and self.touched[x] != self.touched[x - 1]:
                self.touched[x] = self.touched[x - 1] = True

    def erase(self, pen: Pen) -> None:
        """Have cells erased with this pen where that is shorter than blanks."""
        if sum(self.touched) <= _WIPE:
            return
        paper, width = ground(pen), len(self.new)
        blank = [cell is not None and cell[0] == " " and ground(cell[1]) == paper for cell in self.new]
        start = self._wiped(blank)
        if start is not None:
            self._erase(start, width, pen, blank)
        x = 0
        while x < width:
            end = x
            while end < width and blank[end] and self.touched[end]:
                end += 1
            if end - x > _WORTH:
                self._erase(x, end, pen, blank)
            x = end + 1

    def _wiped(self, blank: Sequence[bool]) -> int | None:
        """Where to begin to erase to the end of the row; what stands there and is to be seen is written again."""
        keep = wipe = best = gap = 0
        start = None
        for x in range(len(self.new) - 1, -1, -1):
            cell, touched = self.new[x], self.touched[x]
            if cell is None:
                break
            if blank[x]:
                keep += touched
                gap += 1
                if touched and keep - wipe > best:
                    best, start = keep - wipe, x
                continue
            size = 1 if cell[0] < "\x80" else len(cell[0].encode())
            keep += size if touched else 0
            wipe += size + (gap if gap < _LEAP else _LEAP)
            gap = 0
        return start if best > _WIPE else None

    def _erase(self, start: int, end: int, pen: Pen, blank: Sequence[bool]) -> None:
        self.erasures.append(Stroke(self.y, start, end, pen, True))
        self.touched[start:end] = [not empty for empty in blank[start:end]]

    def strokes(self) -> Iterator[Stroke]:
        """The cells that are touched, as long as the pen stays the same; a blank takes the pen of its neighbour."""
        x, width = 0, len(self.new)
        while x < width:
            if not self.touched[x]:
                x += 1
                continue
            start, pen = x, self._pen_from(x)
            while x < width and self.touched[x]:
                cell = self.new[x]
                assert cell is not None
                if cell[1] != pen and not (cell[0] == " " and same_blank(cell[1], pen)):
                    break
                x += 1
            yield Stroke(self.y, start, x, pen)

    def _pen_from(self, x: int) -> Pen:
        """The pen of the first character from here on that a blank here may be written with."""
        first = self.new[x]
        assert first is not None
        while x < len(self.new) and self.touched[x]:
            cell = self.new[x]
            assert cell is not None
            if cell[0] != " ":
                return cell[1] if same_blank(cell[1], first[1]) else first[1]
            if not same_blank(cell[1], first[1]):
                break
            x += 1
        return first[1]


def shortest(works: Sequence[Work], erases: bool) -> str:
    """The bytes that change the rows, beginning and ending with plain attributes and a cursor anywhere.

    `erases`: an erased cell takes the background of the pen; a terminal without that erases to its own.
    """
    pen = _paper(works)
    if erases or pen[2] == "49":
        for work in works:
            work.erase(pen)
    erasures = [stroke for work in works for stroke in work.erasures]
    strokes = [stroke for work in works for stroke in work.strokes()]
    rows = {work.y: work for work in works}
    ranks = _ranked(strokes, pen if erasures else None)
    first = [*erasures, *(stroke for stroke in strokes if ranks[stroke.pen] == 0)]
    layers = [sorted(first, key=_by_rows)]
    for rank in range(1, len(ranks)):
        layers.append([stroke for stroke in strokes if ranks[stroke.pen] == rank])
    ways = [Writer(rows, ranks).write(layers)]
    if len(ranks) > 1 and all(len(pen[1]) < 4 for pen in ranks):
        ways.append(Writer(rows, {}).write([sorted(erasures + strokes, key=_by_rows)]))
    return min(ways, key=_size)


def _by_rows(stroke: Stroke) -> tuple[int, int, bool]:
    """Row by row; an erasure comes before what is written on it."""
    return stroke.y, stroke.start, not stroke.erased


def _by_columns(stroke: Stroke) -> tuple[int, int]:
    return stroke.start, stroke.y


def _size(text: str) -> int:
    return len(text.encode())


def _paper(works: Sequence[Work]) -> Pen:
    """The pen to erase with: the one that is used most among those with the most usual ground."""
    pens = Counter(cell[1] for work in works for cell, touched in zip(work.new, work.touched, strict=True)
                   if touched and cell is not None and ground(cell[1]))
    if not pens:
        return PLAIN
    grounds: Counter[str] = Counter()
    for pen, count in pens.items():
        grounds[pen[2]] += count
    usual = grounds.most_common(1)[0][0]
    return next(pen for pen, _ in pens.most_common() if pen[2] == usual)


def _ranked(strokes: Sequence[Stroke], first: Pen | None) -> dict[Pen, int]:
    """The order of the pens: each time the one that takes the fewest bytes to change to."""
    left = list(dict.fromkeys(stroke.pen for stroke in strokes))
    ranks: dict[Pen, int] = {}
    pen = PLAIN
    if first is not None:
        ranks[first] = 0
        pen = first
    while left := [other for other in left if other not in ranks]:
        pen = min(left, key=lambda other: len(change(pen, other)))
        ranks[pen] = len(ranks)
    return ranks


class Writer:
    """A cursor and a pen: where they are, and what it takes to bring them to the next stroke.

    With `ranks` strokes come in layers, one for each pen; a cell whose pen has a higher rank is written later.
    """

    def __init__(self, rows: dict[int, Work], ranks: dict[Pen, int]) -> None:
        self.rows, self.ranks = rows, ranks
        self.later: dict[int, list[int]] = {}
        self.y = self.x = -1
        self.pen = PLAIN

    def write(self, layers: Sequence[Sequence[Stroke]]) -> str:
        """The layers one upon the other, and plain attributes in the end."""
        for rank, layer in enumerate(layers) if self.ranks else ():
            for stroke in layer:
                if not stroke.erased:
                    row = self.later.setdefault(stroke.y, [-1] * len(self.rows[stroke.y].new))
                    row[stroke.start : stroke.end] = [rank] * (stroke.end - stroke.start)
        out = []
        for rank, layer in enumerate(layers):
            text = self._layer(layer)
            if rank and len(layer) > 2:
                # Tables are shorter column by column.
                after, before = (self.y, self.x, self.pen), self._before
                self.y, self.x, self.pen = before
                other = self._layer(sorted(layer, key=_by_columns))
                if _size(other) < _size(text):
                    text = other
                else:
                    self.y, self.x, self.pen = after
            out.append(text)
        return "".join([*out, change(self.pen, PLAIN)])

    def _layer(self, layer: Sequence[Stroke]) -> str:
        self._before = self.y, self.x, self.pen
        out = []
        for stroke in layer:
            out.append(self._to(stroke))
            if stroke.pen != self.pen and not (stroke.erased and same_blank(stroke.pen, self.pen)):
                out.append(change(self.pen, stroke.pen))
                self.pen = stroke.pen
            out.append(self._drawn(stroke))
        return "".join(out)

    def _drawn(self, stroke: Stroke) -> str:
        cells = self.rows[stroke.y].new
        if stroke.erased:
            return "\x1b[K" if stroke.end == len(cells) else f"\x1b[{stroke.end - stroke.start}X"
        self.x = stroke.end
        if stroke.end == len(cells):
            self.y = -1  # terminals differ in where a cursor is that has filled a row
        return "".join(cell[0] for cell in cells[stroke.start : stroke.end] if cell is not None)

    def _to(self, stroke: Stroke) -> str:
        """Bring the cursor to the beginning of a stroke."""
        y, x, was_y, was_x = stroke.y, stroke.start, self.y, self.x
        self.y, self.x = y, x
        if was_y == y and was_x == x:
            return ""
        ways = [f"\x1b[{y + 1};{x + 1}H" if x else f"\x1b[{y + 1}H" if y else "\x1b[H"]
        if was_y == y and was_x < x and stroke.pen == self.pen and (over := self._over(y, was_x, x)) is not None:
            ways.append(over)
        if was_y >= 0:
            ways.append(_vertical(was_y, y) + _horizontal(was_x, x))
        return min(ways, key=_size)

    def _over(self, y: int, start: int, end: int) -> str | None:
        """The cells up to a stroke written again with the pen in hand; None where that cannot be or is too long."""
        if end - start > _LEAP:
            return None
        cells, later, text = self.rows[y].new, self.later.get(y), ""
        rank = self.ranks.get(self.pen, 0)
        for x in range(start, end):
            cell = cells[x]
            if cell is None or not cell[0]:
                return None
            if later is not None and later[x] > rank:
                text += " "
            elif cell[1] == self.pen or (cell[0] == " " and same_blank(cell[1], self.pen)):
                text += cell[0]
            else:
                return None
        return text


@lru_cache(maxsize=4096)
def _horizontal(was: int, x: int) -> str:
    """From one column to another: backspaces, a return, so many to the right, or to the column by its number."""
    if was == x:
        return ""
    if not x:
        return "\r"
    ways = [f"\x1b[{x + 1}G"]
    if x < was:
        ways.append("\b" * (was - x))
    else:
        ways.append("\x1b[C" if x - was == 1 else f"\x1b[{x - was}C")
    return min(ways, key=len)


@lru_cache(maxsize=4096)
def _vertical(was: int, y: int) -> str:
    """From one row to another in the same column: `ESC D` and `ESC M` are one row down and up."""
    ways = [f"\x1b[{y + 1}d", ("\x1bD" if y > was else "\x1bM") * abs(y - was)]
    return min(ways, key=len)
