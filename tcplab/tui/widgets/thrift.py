"""The fewest bytes that bring a terminal from what it shows to what it is to show.

Textual writes every cell of a region that it repaints, each run with all its attributes: 12 kB for a page of help at
80x24, 20 kB for the way back. A learner's line over SSH may carry 25 kB a second. A `Canvas` knows what the terminal
shows, so that only cells that differ are written, with only those attributes that change from one to the next.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from rich.cells import cell_len
from rich.color import Color, ColorSystem
from rich.console import Console
from rich.palette import Palette
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate

#: What a style is to a terminal: attributes on (their SGR codes), foreground codes, background codes.
Pen = tuple[frozenset[str], str, str]

#: Plain writing, as after `ESC [ 0 m`.
PLAIN: Pen = (frozenset(), "39", "49")

#: What switches an attribute off; bold and dim share one.
_OFF = {"1": "22", "2": "22", "3": "23", "4": "24", "5": "25", "7": "27", "8": "28", "9": "29"}
#: Attributes by the bit of rich's Style, as far as terminals agree on them.
_BITS = ("1", "2", "3", "4", "5", "5", "7", "8", "9")
#: Attributes that show on a blank.
_SEEN_ON_BLANKS = frozenset({"4", "7", "9"})
#: So many unchanged cells are written again rather than leapt over: the leap takes as many bytes.
_GAP = 4

#: A cell: a character (empty: the second half of the one before) and its pen; None: nobody knows.
Cell = tuple[str, Pen]


class Canvas:
    """What a terminal shows, cell by cell."""

    def __init__(self) -> None:
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

    def put(self, y: int, x: int, cells: list[Cell], out: list[str], pen: Pen) -> Pen:
        """Show `cells` from column `x` of row `y`; append what has to be written. Returns the pen then in hand."""
        if y >= len(self.rows):
            return pen
        row = self.rows[y]
        cells = cells[: max(0, self.width - x)]
        at = None
        for start, end in _spans(row, x, cells):
            if at is None:
                out.append(f"\x1b[{y + 1};{x + start + 1}H")
            elif start > at:
                out.append(f"\x1b[{start - at}C" if start - at > 1 else "\x1b[C")
            for char, wanted in cells[start:end]:
                if not char:
                    continue
                if wanted != pen and not (char == " " and _same_blank(pen, wanted)):
                    out.append(change(pen, wanted))
                    pen = wanted
                out.append(char)
            at = end
        row[x : x + len(cells)] = cells
        return pen


def _same_blank(one: Pen, other: Pen) -> bool:
    return one[2] == other[2] and not (one[0] | other[0]) & _SEEN_ON_BLANKS


def _same(old: Cell | None, new: Cell) -> bool:
    if old is None:
        return False
    return old == new or (old[0] == new[0] == " " and _same_blank(old[1], new[1]))


def _spans(row: list[Cell | None], x: int, cells: list[Cell]) -> Iterator[tuple[int, int]]:
    """The stretches of `cells` that have to be written; never half a wide character."""
    start = end = None
    for index, cell in enumerate(cells):
        if _same(row[x + index], cell):
            continue
        if end is not None and (index - end > _GAP or not _plain_gap(cells, end, index)):
            yield _whole(cells, start, end)
            start = None
        start = index if start is None else start
        end = index + 1
    if start is not None:
        yield _whole(cells, start, end)


def _plain_gap(cells: list[Cell], end: int, index: int) -> bool:
    """Whether the cells between are written with the pen in hand: changing it costs more than a leap."""
    pen = cells[end - 1][1]
    return all(cell[1] == pen or (cell[0] == " " and _same_blank(cell[1], pen)) for cell in cells[end:index])


def _whole(cells: list[Cell], start: int, end: int) -> tuple[int, int]:
    while start > 0 and not cells[start][0]:
        start -= 1
    while end < len(cells) and not cells[end][0]:
        end += 1
    return start, end


@lru_cache(maxsize=4096)
def change(old: Pen, new: Pen) -> str:
    """The escape sequence that takes one pen to another, the shorter of a change and a fresh start."""
    codes = [code for code in dict.fromkeys(_OFF[a] for a in sorted(old[0] - new[0]))]
    # What switches bold off switches dim off as well.
    codes += sorted(new[0] if "22" in codes else new[0] - old[0])
    codes += [new[1]] * (new[1] != old[1]) + [new[2]] * (new[2] != old[2])
    fresh = ["0", *sorted(new[0]), *[new[1]] * (new[1] != "39"), *[new[2]] * (new[2] != "49")]
    return f"\x1b[{min(';'.join(codes), ';'.join(fresh), key=len)}m"


#: The numbers of the 240 colours that every terminal with 256 colours shows alike.
_EXACT: dict[tuple[int, int, int], int] = {}


def _exact(color: Color) -> int | None:
    """The number of a colour that is exactly one of the 240: its escape sequence is a third as long."""
    if not _EXACT:
        from rich.color import EIGHT_BIT_PALETTE

        palette: Palette = EIGHT_BIT_PALETTE
        _EXACT.update({tuple(palette[number]): number for number in range(255, 15, -1)})
    return None if color.triplet is None else _EXACT.get(tuple(color.triplet))


@lru_cache(maxsize=4096)
def pen_of(style: Style | None, system: ColorSystem | None) -> Pen:
    """The pen for a style on a terminal with so many colours; None: no colours at all."""
    if style is None:
        return PLAIN
    bits = style._attributes & style._set_attributes
    attributes = frozenset(code for bit, code in enumerate(_BITS) if bits & (1 << bit))
    return attributes, _codes(style.color, system, True), _codes(style.bgcolor, system, False)


def _codes(color: Color | None, system: ColorSystem | None, foreground: bool) -> str:
    if color is None or color.is_default or system is None:
        return "39" if foreground else "49"
    number = _exact(color) if system in (ColorSystem.TRUECOLOR, ColorSystem.EIGHT_BIT) else None
    if number is not None:
        return f"{38 if foreground else 48};5;{number}"
    return ";".join(color.downgrade(system).get_ansi_codes(foreground))


def cells_of(segments: Iterable[Segment], system: ColorSystem | None) -> list[Cell]:
    """Segments cell by cell. Characters without a width join the one before."""
    cells: list[Cell] = []
    for text, style, control in segments:
        if control:
            continue
        pen = pen_of(style, system)
        if text.isascii():
            cells += [(char, pen) for char in text]
            continue
        for char in text:
            wide = cell_len(char)
            if not wide:
                if cells:
                    cells[-1] = (cells[-1][0] + char, cells[-1][1])
                continue
            cells.append((char, pen))
            cells += [("", pen)] * (wide - 1)
    return cells


class Thrifty(CompositorUpdate):
    """An update of Textual's, written as the difference from what the terminal shows."""

    def __init__(self, update: LayoutUpdate | ChopsUpdate, canvas: Canvas) -> None:
        self.update, self.canvas = update, canvas

    def render_segments(self, console: Console) -> str:
        """What is to be written to the terminal; leaves it with plain attributes."""
        out: list[str] = []
        pen = PLAIN
        rows: dict[int, list[tuple[int, list[Cell]]]] = {}
        for y, x, segments in _pieces(self.update):
            pieces, cells = rows.setdefault(y, []), cells_of(segments, console._color_system)
            if pieces and pieces[-1][0] + len(pieces[-1][1]) == x:
                pieces[-1][1].extend(cells)  # widgets side by side are one piece of a row
            else:
                pieces.append((x, cells))
        for y in sorted(rows):
            for x, cells in rows[y]:
                pen = self.canvas.put(y, x, cells, out, pen)
        if pen != PLAIN:
            out.append("\x1b[0m")
        return "".join(out)


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
