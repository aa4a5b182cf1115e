"""The home screen: the path of labs with one of them highlighted, the sandbox, recordings to go on with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .bars import squares
from .runs import Row, beside, clean, cut, fit, row_width, wrap


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that enter opens. `kind` is lab, sandbox or recording; `mark` is done, begun, open or broken."""

    kind: str
    id: str
    title: str
    summary: str = ""
    minutes: int = 0
    number: int = 0
    mark: str = "open"
    best: int = 0
    max_score: int = 0
    done: int = 0
    needs: tuple[str, ...] = ()
    problem: str = ""
    when: str = ""
    stopped: str = ""


_GLYPHS = {"done": ("✓", "good bold"), "begun": ("◆", "warn"), "open": ("○", "text"), "broken": ("✗", "lost")}

_PICTURE = (
    ("client", "│── SYN ───────────▶│"),
    ("server", "│◀─────── SYN,ACK ──│"),
    ("client", "│── ACK ───────────▶│"),
)


def home_rows(items: Sequence[Item], picked: int, note: str, cells: int, lines: int) -> list[Row]:
    """Everything between title and footer, in exactly `cells` by `lines`."""
    left_cells = max(38, min(50, cells * 11 // 20))
    rows = [*_banner(cells), []]
    room = lines - len(rows) - (1 if note else 0)
    left, at = _list(items, picked, left_cells)
    top = max(0, min(at - room // 2, len(left) - room))
    right = _details(items[picked], cells - left_cells - 4) if items else []
    rows += beside(left[top : top + room], right, left_cells, 2)[:room]
    rows += [[] for _ in range(lines - len(rows) - (1 if note else 0))]
    if note:
        rows.append([(f" {clean(note)}", "warn")])
    return [fit(row, cells) for row in rows[:lines]]


def _banner(cells: int) -> list[Row]:
    """The name, what this is, and a handshake."""
    words = (
        ("A terminal laboratory for learning TCP", "bright bold"),
        ("Two hosts, one link, and time that waits for you.", "text"),
        ("enter opens the lab that is highlighted.", "dim"),
    )
    rows: list[Row] = []
    for (text, style), (side, line) in zip(words, _PICTURE, strict=True):
        row: Row = [("  ", "text"), (text, style)]
        picture: Row = [("│", "client"), (line[1:-1], side), ("│", "server"), ("  ", "text")]
        gap = cells - row_width(row) - row_width(picture)
        rows.append([*row, (" " * gap, "text"), *picture] if gap > 1 else cut(row, cells))
    return rows


def _list(items: Sequence[Item], picked: int, cells: int) -> tuple[list[Row], int]:
    """The rows of the list and where the highlighted one stands."""
    heads = {"lab": "The path", "sandbox": "Free play", "recording": "Your recordings"}
    rows: list[Row] = []
    at, kind = 0, ""
    for index, item in enumerate(items):
        if item.kind != kind:
            kind = item.kind
            if rows:
                rows.append([])
            rows.append([(f"  {heads[kind]}", "head bold")])
        if index == picked:
            at = len(rows)
        rows.append(_line(item, index == picked, cells))
    return rows, at


def _line(item: Item, picked: bool, cells: int) -> Row:
    ground = " on-pick" if picked else ""
    glyph, style = (
        _GLYPHS[item.mark] if item.kind == "lab" else (("◇", "server") if item.kind == "sandbox" else ("↻", "client"))
    )
    if item.kind == "recording":
        tail = item.when
    elif item.max_score:
        tail = f"{item.best}/{item.max_score}"
    else:
        tail = f"{item.minutes} min" if item.minutes else ""
    row: Row = [(" ▸" if picked else "  ", f"good bold{ground}"), (f" {glyph} ", style + ground)]
    name = f"{item.number} · {item.title}" if item.kind == "lab" and item.number else item.title
    row.append((clean(name), ("bright bold" if picked else "text") + ground))
    row = fit(row, cells - len(tail) - 1, "text" + ground)
    return [*row, (tail, "dim" + ground), (" ", "text" + ground)]


def _details(item: Item, cells: int) -> list[Row]:
    """What the highlighted thing is, at its right."""
    rows: list[Row] = [[], [(clean(item.title), "bright bold")], []]
    if item.problem:
        return rows + wrap([(item.problem, "lost")], cells)
    if item.summary:
        rows += [*wrap([(item.summary, "text")], cells), []]
    if item.kind == "lab":
        rows += _progress(item, cells)
    if item.needs:
        rows += [*wrap([("Builds on: ", "dim"), (", ".join(item.needs), "text")], cells), []]
    words = {
        "lab": "opens it" if item.mark != "done" else "plays it again",
        "sandbox": "opens it",
        "recording": "goes on where it stopped",
    }[item.kind]
    if item.stopped:
        rows.append([("enter", "key bold"), (" goes on where you stopped", "text")])
        return [*rows, [("r", "key bold"), (" starts anew", "text")]]
    rows.append([("enter", "key bold"), (f" {words}", "text")])
    return rows


def _progress(item: Item, cells: int) -> list[Row]:
    rows: list[Row] = []
    if item.minutes:
        rows.append([(f"about {item.minutes} minutes", "dim")])
    if item.max_score:
        text = f" {item.best} of {item.max_score} points"
        rows.append([*squares(min(12, item.best * 12 // item.max_score), 12), (text, "text")])
    elif item.mark == "open":
        rows.append([("not begun yet", "dim")])
    return [*rows, []]
