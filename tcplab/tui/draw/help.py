"""`?`: what the page in front shows, every word on it, and the table of keys."""

from __future__ import annotations

from tcplab.notation.glossary import VARIABLES
from tcplab.tui.keys import KEYS
from tcplab.tui.pages import Page

from .guide_text import guide_text
from .runs import Row, wrap

_SCREEN = (
    "Left and right stand the two hosts, each with its state and its variables. Between them is the ladder: each "
    "segment crosses from one side to the other while time runs downwards. `●` is a segment on its way, `✗` one "
    "that was lost. Time stands still until something is caused; space lets it run and stops it."
)

_COLOURS = (
    ("client", "the first host and what it sends"),
    ("server", "the second host and what it sends"),
    ("lost", "✗ lost or dropped"),
    ("rtx", "↻ sent again"),
    ("dup", "duplicate: an ACK or a copy"),
    ("good", "right, done"),
)


def help_rows(page: Page, hosts: tuple[str, ...], cells: int) -> list[Row]:
    """All rows of the help while a page is in front: its sentences, its own keys, what it adds, then all the rest."""
    rows: list[Row] = [[(page.title, "good bold")], *guide_text(page.about, cells, hosts), []]
    own = [key for key in KEYS if key.page == page.id]
    if own:
        rows += [*([(f"  {key.cap:>9}  ", "key bold"), (key.tip[: cells - 14], "text")] for key in own), []]
    rows += page.help_rows(cells)
    rows += [[("The screen", "good bold")], *guide_text(_SCREEN, cells, hosts), []]
    rows += [[(f" {words}", style)] for style, words in _COLOURS]
    rows += [[], [("Keys", "good bold")], *key_rows(cells)]
    rows += [[], [("Words", "good bold")]]
    for gloss in VARIABLES.values():
        rows += wrap([(gloss.text, "dim")], cells, " " * 23, f" {gloss.rfc:<22}")
    return rows


def key_rows(cells: int) -> list[Row]:
    """The table of keys by group, in two columns where there is room."""
    rows: list[Row] = []
    columns = 2 if cells >= 110 else 1
    width = cells // columns
    for group in dict.fromkeys(key.group for key in KEYS):
        rows.append([(f" {group}", "head bold")])
        mine = [key for key in KEYS if key.group == group]
        lines = -(-len(mine) // columns)
        for y in range(lines):
            row: Row = []
            for key in mine[y::lines]:
                tip = key.tip[: width - 14]
                row += [(f"  {key.cap:>9}  ", "key bold"), (f"{tip:<{width - 13}}", "text")]
            rows.append(row)
    return rows


def home_help_rows(cells: int) -> list[Row]:
    """The help of the home screen."""
    text = (
        "tcplab is a laboratory: two hosts, one link, and all that TCP does between them, slowed down. Each lab asks "
        "you to predict, to do and to look. Time waits for you: nothing moves until you cause it.\n\n"
        "- Choose a lab with the arrows and open it with enter. Begin at the top.\n"
        "- In a lab, what to do stands in the frame in the middle. enter does the command it names.\n"
        "- Everything is recorded. Leave when you like: a recording goes on where it stopped; you hand it in.\n"
        "- `?` explains whatever is in front of you."
    )
    return [*guide_text(text, cells), [], [("Keys in a lab", "good bold")], *key_rows(cells)]
