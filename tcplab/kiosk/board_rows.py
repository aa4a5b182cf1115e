"""The board as rows of styled text, at any width; the same rows are the table of `watch --once`."""

from __future__ import annotations

from collections.abc import Sequence

from tcplab.kiosk.board import STATES, Standing
from tcplab.tui.draw.bars import squares
from tcplab.tui.draw.runs import Row, clean, cut, fit, row_width, width

_MARKS = {"stuck": ("!", "lost bold"), "here": ("●", "good"), "done": ("✓", "good bold"), "away": ("○", "dim")}
#: Blanks behind a column, and behind the last one.
_GAP = ("  ", "")
_WORDS = {"stuck": "stuck", "here": "at work", "done": "lab done", "away": "away"}


def ago(seconds: int) -> str:
    """A time in whole minutes, so that the board changes at most once a minute by itself."""
    minutes = seconds // 60
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60:02}" if minutes < 1440 else f"{minutes // 1440} d"


def counts(rows: Sequence[Standing]) -> Row:
    """How many are where, in one line."""
    out: Row = []
    for state in STATES:
        mark, style = _MARKS[state]
        number = sum(row.state == state for row in rows)
        out += [(f" {mark} ", style if number else "dim"), (f"{number} {_WORDS[state]} ", "text" if number else "dim")]
    return out


def columns(rows: Sequence[Standing], cells: int) -> list[tuple[str, int]]:
    """Head and width of each column; a wide board has progress as squares and more room for names."""
    lab = min(max([3, *(width(row.lab) for row in rows)]), 18 if cells < 100 else 24)
    fixed = [("lab", lab), ("step", 7), ("", 14 if cells >= 100 else 0), ("here for", 8), ("points", 7), ("wrong", 5),
             ("hints", 5), ("labs", 4)]
    if cells < 70:
        fixed = fixed[:-2]
    used = 4 + sum(size + 2 for _, size in fixed if size) + (14 if cells >= 100 else 0)
    names = max([7, *(width(row.student) for row in rows)])
    return [("", 1), ("learner", max(8, min(names, cells - used)))] + [(head, size) for head, size in fixed if size]


def head(rows: Sequence[Standing], cells: int) -> Row:
    """The names of the columns."""
    out: Row = [(" ", "text")]
    for name, size in columns(rows, cells):
        text = name if name in ("learner", "lab", "") else name.rjust(size)
        out += [*fit([(text, "head")], size), (_GAP[name == "labs"] if size > 1 else " ", "text")]
    return fit(out, cells)


def line(row: Standing, rows: Sequence[Standing], cells: int, picked: bool = False) -> Row:
    """One learner."""
    ground = " on-pick" if picked else ""
    mark, style = _MARKS[row.state]
    text = "dim" if row.state == "away" else "text"
    known = bool(row.lab)
    values: dict[str, Row] = {
        "learner": [(clean(row.student), ("bright bold" if picked else text) + ground)],
        "lab": [(clean(row.lab) or "–", text + ground)],
        "step": [(f"{row.number}/{row.of}" if row.of else "–", text + ground)],
        "here for": [(ago(row.since) if known and row.state != "away" else "–",
                      ("warn" if row.state == "stuck" else text) + ground)],
        "points": [(f"{row.score}/{row.max_score}" if row.max_score else "–", text + ground)],
        "wrong": [(str(row.wrong) if known else "–", ("warn" if row.wrong else text) + ground)],
        "hints": [(str(row.hints) if known else "–", text + ground)],
        "labs": [(str(row.finished), text + ground)],
    }
    out: Row = [(" ", text + ground)]
    for at, (name, size) in enumerate(columns(rows, cells)):
        if not at:
            cell: Row = [(mark, style + ground)]
        elif not name:
            done = row.of if row.state == "done" else max(0, row.number - 1)
            cell = [(part, hue + ground) for part, hue in squares(done, row.of)] if row.of else []
        else:
            cell = values[name]
        cell = cut(cell, size)
        gap = (" " * (size - row_width(cell)), text + ground)
        left = name in ("learner", "lab", "")
        out += [*([*cell, gap] if left else [gap, *cell]), (_GAP[name == "labs"] if at else " ", text + ground)]
    if row.why and cells >= 100:
        out.append((f"  {row.why}", "warn" + ground))
    return fit(out, cells, text + ground)


def table(rows: Sequence[Standing], cells: int) -> list[Row]:
    """The whole board for paper and pipes."""
    out = [counts(rows), head(rows, cells), *(line(row, rows, cells) for row in rows)]
    return out if rows else [*out[:1], [(" Nobody has logged in yet.", "dim")]]
