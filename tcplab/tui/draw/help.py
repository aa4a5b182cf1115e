"""`?`: what the page in front shows, every word on it, and the table of keys."""

from __future__ import annotations

from collections.abc import Sequence

from tcplab.notation.glossary import VARIABLES
from tcplab.tui.key import Key
from tcplab.tui.keys import KEYS
from tcplab.tui.pages import Page

from .guide_text import guide_text
from .home import MARKS
from .runs import Row, block, wrap
from .signs import HEADS, SIGNS

_SCREEN = (
    "Left and right stand the two hosts, each with its state and its variables. Between them is the ladder: each "
    "segment crosses from one side to the other while time runs downwards; `L` lets you choose one on it. "
    "`4978:5038` are the bytes 4978 to 5037: the second number is the first one that is not in it, and just the ACK "
    "number that answers. "
    "Time stands still until something is caused; space lets it run and stops it."
)

_COLOURS = (
    ("client", "the first host and what it sends"),
    ("server", "the second host and what it sends"),
    ("good", "right, done"),
)


def help_rows(page: Page, hosts: tuple[str, ...], cells: int) -> list[Row]:
    """All rows of the help while a page is in front: its sentences, its own keys, what it adds, then all the rest."""
    rows: list[Row] = [[(page.title, "good bold")], *guide_text(page.about, cells, hosts), []]
    own = [key for key in KEYS if key.page == page.id]
    if own:
        rows += [*(row for key in own for row in _key_block(key, cells)), []]
    rows += page.help_rows(cells)
    rows += [[("Signs on the ladder", "good bold")], *sign_rows(cells), []]
    rows += [[("The screen", "good bold")], *guide_text(_SCREEN, cells, hosts), []]
    rows += [[(f" {words}", style)] for style, words in _COLOURS]
    rows += [[], [("Keys", "good bold")], *key_rows(cells)]
    rows += [[], [("Words", "good bold")]]
    for gloss in VARIABLES.values():
        rows += wrap([(gloss.text, "dim")], cells, " " * 23, f" {gloss.rfc:<22}")
    return rows


def sign_rows(cells: int) -> list[Row]:
    """The legend of the ladder: what stands at the end of a line, and what stands before a number."""
    items = [(glyph, style, words) for glyph, style, words in HEADS]
    items += [(f"{glyph}{word}" if not glyph else f"{glyph} {word}", style, words)
              for glyph, word, style, words in SIGNS.values()]
    return [row for glyph, style, words in items
            for row in wrap([(words, "text")], cells - 1, " " * 16, f" {glyph:<15}")]


def key_rows(cells: int, keys: Sequence[Key] | None = None) -> list[Row]:
    """The table of keys (or only `keys`) by group, in two columns where there is room; no words are cut off."""
    keys = KEYS if keys is None else keys
    rows: list[Row] = []
    columns = 2 if cells >= 110 else 1
    width = cells // columns
    for group in dict.fromkeys(key.group for key in keys):
        rows.append([(f" {group}", "head bold")])
        mine = [key for key in keys if key.group == group]
        lines = -(-len(mine) // columns)
        for y in range(lines):
            blocks = [_key_block(key, width) for key in mine[y::lines]]
            height = max(len(lines) for lines in blocks)
            for beside in zip(*(block(lines, width, height) for lines in blocks), strict=True):
                rows.append([run for row in beside for run in row])
    return rows


def _key_block(key: Key, width: int) -> list[Row]:
    """A key and what it does, on as many rows as that needs."""
    return _named(key.cap, key.tip, width)


def _named(cap: str, words: str, width: int) -> list[Row]:
    cap = f"  {cap:>9}  "
    rows = wrap([(words, "text")], max(width - 1 - len(cap), 8))
    return [[(" " * len(cap) if at else cap, "key bold"), *row] for at, row in enumerate(rows)]


def home_help_rows(cells: int, own: Sequence[tuple[str, str]] = ()) -> list[Row]:
    """The help of the home screen; `own` are its keys and what they do."""
    text = (
        "tcplab is a laboratory: two hosts, one link, and all that TCP does between them, slowed down. Each lab asks "
        "you to predict, to do and to look. Time waits for you: nothing moves until you cause it.\n\n"
        "- Choose a lab with the arrows and open it with enter. Begin at the top; nothing is locked.\n"
        "- In a lab, what to do stands in the frame in the middle. enter does the command it names.\n"
        "- Everything is recorded. Leave when you like: enter on the lab goes on where it stopped.\n"
        "- A lab has minutes: about how long it takes, and how long you spent at it, pauses beyond ten minutes left "
        "out.\n"
        "- `?` explains whatever is in front of you."
    )
    rows = [*guide_text(text, cells), [], [("The marks of the labs", "good bold")]]
    rows += [[(f"  {glyph}  ", style), (words, "text")] for glyph, style, words in MARKS]
    rows += [[], [("Keys here", "good bold")]]
    rows += [row for cap, words in own for row in _named(cap, words, cells)]
    return [*rows, [], [("Keys in a lab", "good bold")], *key_rows(cells)]
