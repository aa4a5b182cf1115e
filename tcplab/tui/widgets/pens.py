"""What a style is to a terminal, and the fewest bytes from one to another; what is shown, cell by cell."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from rich.cells import cell_len
from rich.color import Color, ColorSystem
from rich.palette import Palette
from rich.segment import Segment
from rich.style import Style

#: What a style is to a terminal: attributes on (their SGR codes), foreground codes, background codes.
Pen = tuple[frozenset[str], str, str]

#: A cell: a character (empty: the second half of the one before) and its pen; None: nobody knows.
Cell = tuple[str, Pen]

#: Plain writing, as after `ESC [ m`.
PLAIN: Pen = (frozenset(), "39", "49")

#: What switches an attribute off; bold and dim share one.
_OFF = {"1": "22", "2": "22", "3": "23", "4": "24", "5": "25", "7": "27", "8": "28", "9": "29"}
#: Attributes by the bit of rich's Style, as far as terminals agree on them.
_BITS = ("1", "2", "3", "4", "5", "5", "7", "8", "9")
#: Attributes that show on a blank.
_SEEN_ON_BLANKS = frozenset({"4", "7", "9"})


@lru_cache(maxsize=4096)
def ground(pen: Pen) -> str:
    """What a blank of this pen looks like: its background codes; '' where a line or a reversal shows on it."""
    return "" if pen[0] & _SEEN_ON_BLANKS else pen[2]


def same_blank(one: Pen, other: Pen) -> bool:
    """Whether a blank of either looks the same."""
    return one == other or "" != ground(one) == ground(other)


def same(old: Cell | None, new: Cell) -> bool:
    """Whether a cell that shows `old` shows `new` already."""
    if old is None or old == new:
        return old is not None
    return old[0] == new[0] == " " and same_blank(old[1], new[1])


@lru_cache(maxsize=4096)
def change(old: Pen, new: Pen) -> str:
    """The escape sequence that takes one pen to another, the shorter of a change and a fresh start."""
    if old == new:
        return ""
    codes = [code for code in dict.fromkeys(_OFF[a] for a in sorted(old[0] - new[0]))]
    # What switches bold off switches dim off as well.
    codes += sorted(new[0] if "22" in codes else new[0] - old[0])
    codes += [new[1]] * (new[1] != old[1]) + [new[2]] * (new[2] != old[2])
    # A number left out is a nought.
    fresh = ["", *sorted(new[0]), *[new[1]] * (new[1] != "39"), *[new[2]] * (new[2] != "49")]
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
