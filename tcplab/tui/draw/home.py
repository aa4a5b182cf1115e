"""The home screen: the path of labs by chapters with one of them highlighted, the sandbox, recordings to go on with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .bars import squares
from .guide_text import guide_text
from .runs import Row, beside, clean, cut, fit, row_width, spread, width, wrap


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that enter opens. `kind` is lab, sandbox or recording; `mark` is done, begun, open, later or broken.

    `later`: something that it `needs` is not finished yet; it can be opened all the same. `needs` are the titles of
    the labs it builds upon and whether each is finished.
    """

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
    needs: tuple[tuple[str, bool], ...] = ()
    problem: str = ""
    when: str = ""
    stopped: str = ""
    chapter: str = ""
    seconds: int = 0
    called: str = "tcplab open"


_GLYPHS = {"done": ("✓", "good bold"), "begun": ("◆", "warn"), "open": ("○", "bright bold"), "later": ("·", "dim"),
           "part": ("◐", "warn"), "broken": ("✗", "lost")}
#: The marks before the labs, for the help: glyph, style, what it means.
MARKS = tuple((*_GLYPHS[mark], words) for mark, words in (
    ("open", "not begun yet"), ("later", "not begun, and it builds on a lab that is not finished"),
    ("begun", "begun: enter goes on where you stopped, r starts it anew"),
    ("done", "finished, with all its points"), ("part", "finished, with points still to win"),
    ("broken", "its file cannot be opened"),
))
#: The widest points or minutes at the end of a line.
_TAIL = 6
_PICTURE = (
    ("client", "│── SYN ───────────▶│"),
    ("server", "│◀─────── SYN,ACK ──│"),
    ("client", "│── ACK ───────────▶│"),
)


def home_rows(
    items: Sequence[Item], picked: int, note: str, cells: int, lines: int, walked: tuple[int, int] = (0, 0),
    side: Callable[[int, int], list[Row]] | None = None,
) -> list[Row]:
    """Everything between title and footer, in exactly `cells` by `lines`. `walked`: ways of the diagram, and all.

    `side` gives what stands below the highlighted one, in so many cells and at most so many rows.
    """
    left_cells = max(38, min(70 if cells >= 110 else 58, cells * 11 // 20))
    rows = [*_banner(totals(items, walked, cells), cells), []]
    room = lines - len(rows) - (1 if note else 0)
    left, at = _list(items, picked, left_cells)
    top = max(0, min(at - room // 2, len(left) - room))
    right = _details(items[picked], cells - left_cells - 5) if items else []
    if side is not None and room - len(right) > 1:
        right += [[], *side(cells - left_cells - 5, room - len(right) - 1)]
    seen = [[*fit(row, left_cells), *mark] for row, mark in
            zip(left[top : top + room], _bar(top, room, len(left)), strict=False)]
    rows += beside(seen, right, left_cells + 2, 2)[:room]
    rows += [[] for _ in range(lines - len(rows) - (1 if note else 0))]
    if note:
        rows.append([(f" {clean(note)}", "warn")])
    return [fit(row, cells) for row in rows[:lines]]


def totals(items: Sequence[Item], walked: tuple[int, int], cells: int = 80) -> str:
    """How far the learner is over all labs, as far as there is room; empty at the very beginning."""
    labs = [item for item in items if item.kind == "lab"]
    done = sum(item.mark == "done" for item in labs)
    points = sum(item.best for item in labs)
    if not done and not points and not walked[0]:
        return ""
    left = sum(item.minutes for item in labs if item.mark != "done")
    worked = sum(item.seconds for item in labs)
    words = f"{done} of {len(labs)} labs · {points} points · {walked[0]} of {walked[1]} state changes"
    for more in (f"{spent(worked)} spent" if worked else "", f"{hours(left)} to go" if left else ""):
        if more and (cells >= 110 or not more.endswith("spent")):
            words += f" · {more}"
    return words


def hours(minutes: int) -> str:
    """Minutes in words that stay short."""
    return f"{minutes // 60} h {minutes % 60:02} min" if minutes >= 60 else f"{minutes} min"


def spent(seconds: int) -> str:
    """The time worked at a lab; the first minute is said too."""
    return hours(seconds // 60) if seconds >= 60 else "under 1 min"


def _banner(progress: str, cells: int) -> list[Row]:
    """The name, what this is or how far one is, and a handshake."""
    words = (
        ("A terminal laboratory for learning TCP", "bright bold"),
        ("Two hosts, one link, and time that waits for you.", "text"),
        (progress, "good") if progress else ("enter opens the lab that is highlighted.", "dim"),
    )
    rows: list[Row] = []
    pictured = all(width(text) + 26 <= cells for text, _ in words)
    for (text, style), (side, line) in zip(words, _PICTURE, strict=True):
        row: Row = [("  ", "text"), (text, style)]
        picture: Row = [("│", "client"), (line[1:-1], side), ("│", "server"), ("  ", "text")]
        gap = cells - row_width(row) - row_width(picture)
        rows.append([*row, (" " * gap, "text"), *picture] if pictured and gap > 1 else cut(row, cells))
    return rows


def _bar(top: int, room: int, total: int) -> list[Row]:
    """Where the rows that are seen stand among all, a mark a row; nothing when all are seen."""
    if total <= room:
        return [[(" ", "text")] for _ in range(room)]
    size = max(1, room * room // total)
    first = (room - size) * top // (total - room)
    return [[("┃", "dim") if first <= y < first + size else ("│", "faint")] for y in range(room)]


def _list(items: Sequence[Item], picked: int, cells: int) -> tuple[list[Row], int]:
    """The rows of the list and where the highlighted one stands."""
    heads = {"lab": "The path", "sandbox": "Free play", "recording": "Your recordings"}
    rows: list[Row] = []
    at, last = 0, ""
    for index, item in enumerate(items):
        head = item.chapter or heads[item.kind]
        if head != last:
            last = head
            if rows:
                rows.append([])
            rows.append(_head(head, [other for other in items if other.kind == "lab" and other.chapter == head], cells))
        if index == picked:
            at = len(rows)
        rows.append(_line(item, index == picked, cells))
    return rows, at


def _head(name: str, labs: Sequence[Item], cells: int) -> Row:
    """A chapter and how much of it is done."""
    done = sum(item.mark == "done" for item in labs)
    tail = "✓" if labs and done == len(labs) else f"{done} of {len(labs)}" if done else ""
    return spread([("  ", "text"), (clean(name), "head bold")], [(tail, "dim"), (" ", "text")], cells)


def _line(item: Item, picked: bool, cells: int) -> Row:
    ground = " on-pick" if picked else ""
    # Finished without all its points is not the same as passed.
    mark = "part" if item.mark == "done" and item.best < item.max_score else item.mark
    glyph, style = (
        _GLYPHS[mark] if item.kind == "lab" else (("◇", "server") if item.kind == "sandbox" else ("↻", "client"))
    )
    if item.kind == "recording":
        tail = item.when
    elif item.max_score:
        tail = f"{item.best}/{item.max_score}"
    else:
        tail = f"{item.minutes} min" if item.minutes else ""
    row: Row = [(" ▸" if picked else "  ", f"good bold{ground}"), (f" {glyph} ", style + ground)]
    name = f"{item.number:>2} · {item.title}" if item.kind == "lab" and item.number else item.title
    row.append((clean(name), ("bright bold" if picked else "dim" if item.mark == "later" else "text") + ground))
    # Where there is room, what the command line calls it.
    called = f"{clean(item.id)}   " if item.kind == "lab" and cells >= 60 else ""
    if row_width(row) + len(called) + _TAIL + 3 > cells:
        called = ""
    end = max(len(tail), _TAIL) if called else len(tail)
    row = fit(cut(row, cells - end - 2), cells - end - len(called) - 1, "text" + ground)
    return [*row, (called, "faint" + ground), (f"{tail:>{end}}", "dim" + ground), (" ", "text" + ground)]


def _details(item: Item, cells: int) -> list[Row]:
    """What the highlighted thing is, at its right."""
    rows: list[Row] = [[], *wrap([(clean(item.title), "bright bold")], cells), []]
    if item.problem:
        return rows + wrap([(item.problem, "lost")], cells)
    if item.summary:
        rows += [*guide_text(item.summary, cells), []]
    if item.kind != "recording":
        # How the command line and the README call it.
        rows.append([(item.called + " ", "dim"), (clean(item.id), "text")])
    if item.kind == "lab":
        rows += _progress(item, cells)
    elif item.kind == "sandbox":
        rows.append([])
    rows += _needs(item, cells)
    words = {
        "lab": {"done": "plays it again", "later": "skips ahead to it"}.get(item.mark, "opens it"),
        "sandbox": "opens it",
        "recording": "goes on where it stopped",
    }[item.kind]
    if item.stopped:
        rows.append([("enter", "key bold"), (" goes on where you stopped", "text")])
        return [*rows, [("r", "key bold"), (" starts anew", "text")]]
    missing = item.max_score - item.best if item.kind == "lab" and item.mark == "done" else 0
    rows.append([("enter", "key bold"), (f" {words}", "text")])
    if missing > 0:
        rows += wrap([(f"◐ {missing} points still to win", "warn")], cells)
    return rows


def _needs(item: Item, cells: int) -> list[Row]:
    """What the lab builds upon, and that nothing is locked."""
    if not item.needs:
        return []
    rows: list[Row] = [[("It builds on", "dim")]]
    for title, done in item.needs:
        glyph, style = _GLYPHS["done" if done else "open"]
        rows.append(cut([(f"{glyph} ", style), (clean(title), "text")], cells))
    if item.mark == "later":
        rows += wrap([("Not finished yet. Nothing is locked: you may skip ahead.", "dim")], cells)
    return [*rows, []]


def _progress(item: Item, cells: int) -> list[Row]:
    rows: list[Row] = []
    about = f"about {item.minutes} min" if item.minutes else ""
    worked = f"you spent {spent(item.seconds)}" if item.seconds else ""
    if about or worked:
        rows += wrap([(", ".join(filter(None, (about, worked))), "dim")], cells)
    if item.max_score:
        text = f" {item.best} of {item.max_score} points"
        rows.append([*squares(min(12, item.best * 12 // item.max_score), 12), (text, "text")])
    elif item.mark in ("open", "later"):
        rows.append([("not begun yet", "dim")])
    return [*rows, []]
