"""Draws a terminal's screen as SVG and as PNG: text from a font, lines and blocks as rectangles without gaps."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import NamedTuple

import pyte

#: A cell in pixels, and where its text stands.
WIDTH, HEIGHT, SIZE, BASELINE = 12, 24, 20, 18
INK, GROUND = "#d0d0d0", "#121212"

NAMED = {
    "black": "#121212", "brightblack": "#767676",
    "red": "#c50f1f", "green": "#13a10e", "brown": "#c19c00", "blue": "#3b78ff",
    "magenta": "#881798", "cyan": "#3a96dd", "white": "#cccccc",
}  # fmt: skip

_WEIGHTS = {"LIGHT": 2, "SINGLE": 2, "HEAVY": 4, "DOUBLE": 2}
_ARMS = {"UP": "u", "DOWN": "d", "LEFT": "l", "RIGHT": "r", "HORIZONTAL": "lr", "VERTICAL": "ud"}
#: The dots of a braille pattern, bit by bit, as (column, row).
_DOTS = ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3))

Rectangle = tuple[int, int, int, int]


class Look(NamedTuple):
    """How a run of cells looks."""

    ink: str
    ground: str
    bold: bool
    italic: bool
    under: bool
    struck: bool


def look(cell: pyte.screens.Char) -> Look:
    """The look of one cell of pyte's."""
    ink, ground = _colour(cell.fg, INK), _colour(cell.bg, GROUND)
    if cell.reverse:
        ink, ground = ground, ink
    return Look(ink, ground, cell.bold, cell.italics, cell.underscore, cell.strikethrough)


def _colour(name: str, default: str) -> str:
    if name == "default":
        return default
    return NAMED.get(name) or NAMED.get(name.removeprefix("bright"), f"#{name}")


def _arms(char: str) -> dict[str, int]:
    """The arms (u d l r) of a box-drawing character and how thick they are, from its Unicode name."""
    words = unicodedata.name(char, "").removeprefix("BOX DRAWINGS ").replace("ARC ", "").split()
    if "DIAGONAL" in words or "DASH" in words:
        return {}
    arms: dict[str, int] = {}
    if words[0] in _WEIGHTS:
        weight = 2
        for word in words:
            weight = _WEIGHTS.get(word, weight)
            arms.update(dict.fromkeys(_ARMS.get(word, ""), weight))
        return arms
    waiting = ""
    for word in words:
        if word in _WEIGHTS:
            arms.update(dict.fromkeys(waiting, _WEIGHTS[word]))
            waiting = ""
        waiting += _ARMS.get(word, "")
    return arms


def shape(char: str) -> list[Rectangle] | None:
    """Lines, blocks and braille as rectangles (x, y, width, height) in a cell; None for what a font has to draw."""
    code = ord(char)
    if char == "═":
        return [(0, HEIGHT // 2 - 4, WIDTH, 2), (0, HEIGHT // 2 + 2, WIDTH, 2)]
    if 0x2500 <= code < 0x2580:
        return _lines(_arms(char)) or None
    if 0x2581 <= code <= 0x2588:
        high = HEIGHT * (code - 0x2580) // 8
        return [(0, HEIGHT - high, WIDTH, high)]
    if 0x2589 <= code <= 0x258F:
        return [(0, 0, max(1, WIDTH * (0x2590 - code) // 8), HEIGHT)]
    if char in "▀▔":
        return [(0, 0, WIDTH, HEIGHT // 2 if char == "▀" else HEIGHT // 8)]
    if 0x2800 <= code <= 0x28FF:
        dots = [dot for bit, dot in enumerate(_DOTS) if (code - 0x2800) >> bit & 1]
        return [(WIDTH // 4 + x * WIDTH // 2 - 2, HEIGHT // 8 + y * HEIGHT // 4 - 2, 4, 4) for x, y in dots]
    return None


def _lines(arms: dict[str, int]) -> list[Rectangle]:
    rectangles = []
    for arm, thick in arms.items():
        half = thick // 2
        x, y = WIDTH // 2 - half, HEIGHT // 2 - half
        rectangles.append({
            "u": (x, 0, thick, y + thick), "d": (x, y, thick, HEIGHT - y),
            "l": (0, y, x + thick, thick), "r": (x, y, WIDTH - x, thick),
        }[arm])  # fmt: skip
    return rectangles


class Run(NamedTuple):
    """Neighbouring cells of one look: column, row, the text, and how many cells it takes."""

    x: int
    y: int
    text: str
    cells: int
    look: Look


def runs(screen: pyte.Screen) -> Iterator[Run]:
    """The screen in runs, row by row."""
    for y in range(screen.lines):
        row, start = screen.buffer[y], 0
        while start < screen.columns:
            style, end = look(row[start]), start
            while end < screen.columns and look(row[end]) == style:
                end += 1
            yield Run(start, y, "".join(row[x].data for x in range(start, end)), end - start, style)
            start = end


def svg(screen: pyte.Screen, title: str) -> str:
    """The screen as an SVG that needs no font of its own."""
    width, height = screen.columns * WIDTH, screen.lines * HEIGHT
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">',
        f"<title>{escape(title)}</title>",
        "<style>text{font:20px 'DejaVu Sans Mono',Menlo,Consolas,'Liberation Mono',monospace;white-space:pre}"
        ".b{font-weight:bold}.i{font-style:italic}</style>",
        f'<rect width="{width}" height="{height}" fill="{GROUND}"/>',
    ]
    for run in runs(screen):
        out += _svg_run(run)
    return "\n".join([*out, "</svg>", ""])


def _svg_run(run: Run) -> Iterator[str]:
    x, y, ink = run.x * WIDTH, run.y * HEIGHT, run.look.ink
    if run.look.ground != GROUND:
        yield f'<rect x="{x}" y="{y}" width="{run.cells * WIDTH}" height="{HEIGHT}" fill="{run.look.ground}"/>'
    text, path = "", []
    for column, char in enumerate(run.text):
        drawn = shape(char)
        path += [f"M{x + column * WIDTH + dx} {y + dy}h{w}v{h}h-{w}z" for dx, dy, w, h in drawn or ()]
        text += char if drawn is None else " "
    if path:
        yield f'<path fill="{ink}" d="{"".join(path)}"/>'
    kind = " ".join([*("b" * run.look.bold), *("i" * run.look.italic)])
    for start, word in _words(text):
        place = f'x="{x + start * WIDTH}" y="{y + BASELINE}" textLength="{len(word) * WIDTH}"'
        style = f' class="{kind}"' if kind else ""
        yield f'<text {place} lengthAdjust="spacingAndGlyphs" fill="{ink}"{style}>{escape(word)}</text>'
    for line, at in ((run.look.under, HEIGHT - 3), (run.look.struck, HEIGHT // 2)):
        if line:
            yield f'<rect x="{x}" y="{y + at}" width="{run.cells * WIDTH}" height="2" fill="{ink}"/>'


def _words(text: str) -> Iterator[tuple[int, str]]:
    """The words of a text and where they begin: blanks need no drawing, and viewers stretch them at will."""
    start = 0
    for word in text.split(" "):
        if word:
            yield start, word
        start += len(word) + 1


def fonts() -> tuple | None:
    """DejaVu Sans Mono plain, bold, and DejaVu Sans for what it lacks; None when it is not on this machine."""
    from PIL import ImageFont

    names = ("DejaVuSansMono.ttf", "DejaVuSansMono-Bold.ttf", "DejaVuSans.ttf")
    try:
        return tuple(ImageFont.truetype(name, SIZE) for name in names)
    except OSError:
        return None


def png(screen: pyte.Screen, path: Path, faces: tuple) -> None:
    """The screen as a PNG."""
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (screen.columns * WIDTH, screen.lines * HEIGHT), GROUND)
    draw = ImageDraw.Draw(image)
    for run in runs(screen):
        x, y = run.x * WIDTH, run.y * HEIGHT
        if run.look.ground != GROUND:
            draw.rectangle((x, y, x + run.cells * WIDTH - 1, y + HEIGHT - 1), fill=run.look.ground)
        face = faces[1] if run.look.bold else faces[0]
        for column, char in enumerate(run.text):
            left = x + column * WIDTH
            drawn = shape(char)
            if drawn is not None:
                for dx, dy, w, h in drawn:
                    draw.rectangle((left + dx, y + dy, left + dx + w - 1, y + dy + h - 1), fill=run.look.ink)
            elif char != " ":
                draw.text((left, y + BASELINE), char, font=face, fill=run.look.ink, anchor="ls")
        for line, at in ((run.look.under, HEIGHT - 3), (run.look.struck, HEIGHT // 2)):
            if line:
                draw.rectangle((x, y + at, x + run.cells * WIDTH - 1, y + at + 1), fill=run.look.ink)
    # A hundred shades are plenty for a terminal, and a third of the bytes.
    image.quantize(128, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(path, optimize=True)
