"""What is written brings a terminal to what is to be shown, from whatever it shows, with few bytes."""

from __future__ import annotations

import io
import re

import pyte
from hypothesis import given
from hypothesis import strategies as st
from rich.color import ColorSystem
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip

from tcplab.tui.theme import style
from tcplab.tui.widgets.pens import PLAIN, cells_of, change, pen_of
from tcplab.tui.widgets.thrift import Canvas, Thrifty

WIDTH, HEIGHT = 24, 3
ESCAPES = re.compile(r"(\x1b[DM]|[\b\r])|\x1b\[([\d;]*)([A-Za-z])|(.)", re.S)
STYLES = ["text", "bright bold", "client", "lost on-pick", "dim on-bar under", "key reverse", "faint italic", "bold"]
runs = st.lists(st.tuples(st.text("ab─ 世 ", min_size=1, max_size=9), st.sampled_from(STYLES)), min_size=1, max_size=5)


class Glass:
    """A terminal that knows cursor moves, erasures and SGR, and nothing else.

    Where the cursor is after the last column nobody may rely upon. `erases`: with the background of the pen.
    """

    def __init__(self, width: int, height: int, erases: bool = True) -> None:
        self.cells = [[("?", PLAIN)] * width for _ in range(height)]
        self.width, self.erases = width, erases
        self.x: int | None = 0
        self.y: int | None = 0
        self.pen = PLAIN

    def feed(self, data: str) -> None:
        for move, parameters, letter, char in ESCAPES.findall(data):
            if move:
                self.move(move)
            elif letter:
                self.control(parameters, letter)
            else:
                self.write(char)

    def write(self, char: str) -> None:
        assert char.isprintable()
        wide = 2 if char == "世" else 1
        for x in range(self.x, self.x + wide):
            for other in (x - 1, x + 1):  # half of a wide character goes with the other half
                if 0 <= other < self.width and self.cells[self.y][max(x, other)][0] == "":
                    self.cells[self.y][other] = (" ", self.cells[self.y][other][1])
        self.cells[self.y][self.x] = (char, self.pen)
        if wide == 2:
            self.cells[self.y][self.x + 1] = ("", self.pen)
        self.x += wide
        if self.x == self.width:
            self.x = self.y = None

    def move(self, move: str) -> None:
        self.y += {"\x1bD": 1, "\x1bM": -1}.get(move, 0)
        self.x = {"\b": self.x - 1, "\r": 0}.get(move, self.x)
        assert 0 <= self.y < HEIGHT and 0 <= self.x

    def control(self, parameters: str, letter: str) -> None:
        if letter == "H":
            self.y, self.x = (int(n) - 1 for n in ((parameters or "1") + ";1").split(";")[:2])
        elif letter in "XK":
            end = self.x + int(parameters) if letter == "X" else self.width
            blank = (" ", (frozenset(), "39", self.pen[2] if self.erases else "49"))
            self.cells[self.y][self.x : end] = [blank] * (end - self.x)
        elif letter == "m":
            self.sgr(parameters.split(";"))
        else:
            here = {"C": self.x, "G": -1, "d": -1}[letter] + int(parameters or 1)
            self.y, self.x = (here, self.x) if letter == "d" else (self.y, here)

    def sgr(self, codes: list[str]) -> None:
        attributes, fore, back = set(self.pen[0]), self.pen[1], self.pen[2]
        while codes:
            code = codes.pop(0)
            if code in ("0", ""):
                attributes, fore, back = set(), "39", "49"
            elif code in ("38", "48"):
                count = 2 if codes[0] == "5" else 4
                value = ";".join([code, *codes[:count]])
                codes = codes[count:]
                fore, back = (value, back) if code == "38" else (fore, value)
            elif len(code) == 1:
                attributes.add(code)
            elif code[0] == "2":
                attributes -= {"1", "2"} if code == "22" else {code[1]}
            elif len(code) == 2 and code[0] in "39":
                fore = code
            else:
                back = code
        self.pen = (frozenset(attributes), fore, back)


def look(cell) -> tuple:
    """What an eye sees of a cell: of a blank only its ground, and lines through it."""
    char, (attributes, fore, back) = cell
    seen = attributes & {"4", "7", "9"}
    return (char, back) if char == " " and not seen else (char, attributes, fore, back)


def strip_of(row: list[tuple[str, str]]) -> Strip:
    strip = Strip([Segment(text, style("tcplab-dark", words)) for text, words in row])
    return strip.adjust_cell_length(WIDTH, style("tcplab-dark", "text"))


def written(update, canvas: Canvas, system: str | None = "truecolor") -> str:
    return Thrifty(update, canvas).render_segments(Console(color_system=system, file=io.StringIO()))


def painted_whole(rows: list, width: int = WIDTH) -> pyte.Screen:
    """What another terminal shows that is told every cell with all its attributes."""
    screen = pyte.Screen(width, len(rows))
    stream = pyte.Stream(screen)
    for y, row in enumerate(rows):
        for x, (char, (attributes, fore, back)) in enumerate(row):
            if char:
                stream.feed(f"\x1b[{y + 1};{x + 1}H\x1b[{';'.join(['0', *sorted(attributes), fore, back])}m{char}")
    return screen


def eyes(screen: pyte.Screen) -> list:
    """What is seen on it: of a blank only its ground, and lines through it."""
    blank = {"fg": "default", "bold": False, "italics": False}
    rows = [[screen.buffer[y][x] for x in range(screen.columns)] for y in range(screen.lines)]
    return [[cell._replace(**blank) if cell.data == " " and not (cell.underscore or cell.strikethrough or cell.reverse)
             else cell for cell in row] for row in rows]


screens = st.lists(st.lists(runs, min_size=HEIGHT, max_size=HEIGHT), min_size=1, max_size=4)


@given(screens, st.sampled_from(["truecolor", "256", "standard", None]), st.booleans(), st.integers(0, WIDTH - 1),
       st.integers(1, WIDTH))
def test_after_every_update_the_terminal_shows_what_it_is_to_show(shown, system, erases, left, size):
    canvas, glass = Canvas(erases), Glass(WIDTH, HEIGHT, erases)
    said = []
    canvas.fit(WIDTH, HEIGHT)
    colours = Console(color_system=system, file=io.StringIO())._color_system
    whole = Region(0, 0, WIDTH, HEIGHT)

    def show(update: LayoutUpdate | ChopsUpdate) -> None:
        text = written(update, canvas, system)
        glass.feed(text)
        said.append(text)

    for number, rows in enumerate(shown):
        strips = [strip_of(row) for row in rows]
        wanted = [cells_of(strip, colours) for strip in strips]
        if number % 2 == 0:
            show(LayoutUpdate([[strip] for strip in strips], whole))
        else:
            right = min(WIDTH, left + size)
            before = [[look(cell) for cell in row] for row in glass.cells]
            chops = [{0: strip.crop(0, 5), 5: strip.crop(5, WIDTH)} for strip in strips]
            spans = [(y, left, right) for y in range(HEIGHT)]
            show(ChopsUpdate(chops, spans, [[5, WIDTH]] * HEIGHT))
            assert all(look(glass.cells[y][x]) == before[y][x] for y in range(HEIGHT) for x in range(left - 1))
            show(LayoutUpdate([[strip] for strip in strips], whole))
        assert [[look(c) for c in row] for row in glass.cells] == [[look(c) for c in row] for row in wanted]
        assert glass.pen == PLAIN
    if erases:  # pyte does, always
        real = pyte.Screen(WIDTH, HEIGHT)
        pyte.Stream(real).feed("".join(said))
        assert eyes(real) == eyes(painted_whole(wanted))


def test_what_is_shown_already_costs_nothing():
    canvas = Canvas()
    canvas.fit(WIDTH, HEIGHT)
    update = LayoutUpdate([[strip_of([("abc", "client")])]] * HEIGHT, Region(0, 0, WIDTH, HEIGHT))
    assert written(update, canvas) and written(update, canvas) == ""
    canvas.fit(WIDTH + 1, HEIGHT)
    assert written(update, canvas)
    canvas.forget()
    canvas.fit(WIDTH + 1, HEIGHT)
    assert written(update, canvas)


def test_a_row_that_is_picked_costs_few_bytes():
    canvas = Canvas()
    canvas.fit(80, 1)
    row = [("  0.150 #5  ", "dim"), ("C→S", "client bold"), (" [.]  ", "text"), ("seq ", "dim"), ("7055:7155 ", "text"),
           ("ack ", "dim"), ("2571 ", "text"), ("len 100 ", "text"), ("win 4000 ", "dim"), ("above a hole", "dim")]
    for ground in ("", " on-pick"):
        strip = Strip([Segment(text, style("tcplab-dark", words + ground)) for text, words in row])
        update = LayoutUpdate([[strip.adjust_cell_length(80, style("tcplab-dark", "text" + ground))]],
                              Region(0, 0, 80, 1))
        size = len(written(update, canvas))
    assert size < 260


def test_colours_of_the_palette_are_written_by_their_number():
    pen = pen_of(style("tcplab-dark", "client bold"), ColorSystem.TRUECOLOR)
    assert pen == (frozenset({"1"}), "38;5;81", "48;5;233")
    assert pen_of(Style(color="#010203"), ColorSystem.TRUECOLOR)[1] == "38;2;1;2;3"
    assert pen_of(Style(color="red"), None)[1] == "39"
    assert change(PLAIN, pen) == "\x1b[1;38;5;81;48;5;233m" and change(pen, PLAIN) == "\x1b[m"
    assert change(pen, (frozenset(), *pen[1:])) == "\x1b[22m"
    assert change((frozenset({"1", "2"}), "39", "49"), (frozenset({"2"}), "39", "49")) in ("\x1b[22;2m", "\x1b[;2m")
