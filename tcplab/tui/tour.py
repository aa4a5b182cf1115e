"""The tour: six cards in one minute that point at parts of the real screen. The learner's keys move it on.

It stands in nobody's way: `esc` leaves it, and any key that it does not ask for ends it and does what it always does.
"""

from __future__ import annotations

from typing import NamedTuple

from .draw.layout import Box
from .draw.runs import Row, cut, fit, row_width, wrap


class Card(NamedTuple):
    """`points` at panels by name, and `key` is the key to try ('': space goes on); pressed, it does its own work."""

    title: str
    text: str
    points: tuple[str, ...]
    key: str = ""
    cap: str = ""


CARDS = (
    Card("What to do", "Here stands the task or the question, always. enter does the command that it names, or goes "
         "on; h gives a hint.", ("task",)),
    Card("Two hosts", "Left and right stand the two ends of a connection: the state of each, and the variables that "
         "this lab is about. What changed last is bright.", ("left", "right", "top")),
    Card("The link", "Segments cross between them while time runs downwards. Time stands until somebody causes "
         "something: space lets it run, s goes one step, b one step back. L lets the arrows choose a segment.",
         ("ladder",)),
    Card("Pages", "Below lie pages; tab turns them, or their numbers. Try it: 2 is the log of all segments.",
         ("guide", "tabs", "page"), "2", "2"),
    Card("The log", "Each segment becomes a row here, with an expert's remark. Arrows choose one, enter opens it: its "
         "bytes, and why it was sent. z gives a page the whole screen: try it.", ("log",), "z", "z"),
    Card("Never lost", "z brings all back. : types any command, F2 searches all, ? explains the page in front of you. "
         "q leaves, and everything is kept.", ("command", "footer"), "z", "z"),
)

#: The last card where nothing is zoomed: then `z` has nothing to bring back.
UNZOOMED = Card("Never lost", ": types any command, F2 searches all, ? explains the page in front of you. q leaves, "
                "and everything is kept.", ("command", "footer"))

#: How wide a card is at most.
CELLS = 58


class Tour:
    """Where the tour is; `card` is None when it is over. `zoomed`: a page has the whole screen just now."""

    def __init__(self) -> None:
        self.at = 0
        self.zoomed = False

    @property
    def card(self) -> Card | None:
        if self.at == len(CARDS) - 1 and not self.zoomed:
            return UNZOOMED
        return CARDS[self.at] if self.at < len(CARDS) else None

    def end(self) -> None:
        self.at = len(CARDS)

    def key(self, key: str) -> bool:
        """A key was pressed. Returns whether the tour took it; else it is to do what it always does."""
        card = self.card
        if card is None:
            return False
        if key in ("space", "enter", "right"):
            self.at += 1
            return True
        if key == "left":
            self.at = max(0, self.at - 1)
            return True
        if key == "escape":
            self.end()
            return True
        if key == card.key:
            self.at += 1
        else:
            self.end()
        return False


def card_rows(card: Card, number: int, cells: int) -> list[Row]:
    """The card in its frame, `cells` wide."""
    inner = cells - 4
    body = wrap([(card.text, "bright on-box")], inner)
    ahead = f"{card.cap} tries it   " if card.cap else ""
    keys: Row = [(ahead, "key bold on-box"), ("space", "key bold on-box"), (" goes on   ", "text on-box"),
                 ("esc", "key bold on-box"), (" leaves the tour", "text on-box")]
    head = f" {card.title} "
    count = f" {number} of {len(CARDS)} "
    rows: list[Row] = [[("┌─", "good on-box"), (head, "good bold on-box"),
                        ("─" * (cells - 4 - len(head) - len(count)), "good on-box"), (count, "dim on-box"),
                        ("─┐", "good on-box")]]
    for row in [*body, [], keys]:
        rows.append([("│ ", "good on-box"), *fit(row, inner, "text on-box"), (" │", "good on-box")])
    rows.append([("└" + "─" * (cells - 2) + "┘", "good on-box")])
    return rows


def place(target: list[Box], cells: int, lines: int, height: int, width: int) -> Box:
    """Where the card stands: below what it points at, or above it, or in the middle of the window."""
    if not target:
        return Box((cells - width) // 2, (lines - height) // 2, width, height)
    top, bottom = min(b.y for b in target), max(b.y + b.height for b in target)
    left, right = min(b.x for b in target), max(b.x + b.width for b in target)
    x = max(1, min((left + right - width) // 2, cells - width - 1))
    if bottom + height <= lines - 1:
        return Box(x, bottom, width, height)
    if top - height >= 0:
        return Box(x, top - height, width, height)
    return Box(x, max(0, (lines - height) // 2), width, height)


def over(rows: list[Row], boxes: dict[str, Box], tour: Tour, cells: int, lines: int) -> list[Row]:
    """The whole screen with the card upon it; what it does not point at steps back."""
    card = tour.card
    if card is None:
        return rows
    target = [boxes[name] for name in card.points if name in boxes]
    shown = [_stepped_back(row, [(b.x, b.x + b.width) for b in target if b.y <= y < b.y + b.height])
             for y, row in enumerate(rows)]
    width = min(CELLS, cells - 2)
    drawn = card_rows(card, tour.at + 1, width)
    box = place(target, cells, lines, len(drawn), width)
    for offset, row in enumerate(drawn):
        y = box.y + offset
        if y < len(shown):
            shown[y] = [*_slice(shown[y], 0, box.x), *row, *_slice(shown[y], box.x + width, cells)]
    return shown


def _stepped_back(row: Row, bright: list[tuple[int, int]]) -> Row:
    """`row` grey, but for the stretches of cells that are pointed at."""
    out: Row = []
    x = 0
    for start, end in sorted(bright):
        start = max(start, x)
        out += _grey(_slice(row, x, start)) + _slice(row, start, end)
        x = max(x, end)
    return out + _grey(_slice(row, x, row_width(row)))


def _grey(row: Row) -> Row:
    return [(text, " ".join(["rule", *(word for word in words.split() if word in ("on-bar", "on-box"))]))
            for text, words in row]


def _slice(row: Row, start: int, end: int) -> Row:
    """The cells of `row` from `start` up to `end`."""
    if end <= start:
        return []
    out: Row = []
    skipped = 0
    for text, words in cut(row, end, ""):
        have = row_width([(text, words)])
        if skipped + have <= start:
            skipped += have
        elif skipped < start:
            out.append((text[start - skipped :], words))
            skipped = start
        else:
            out.append((text, words))
    return fit(out, end - start)
