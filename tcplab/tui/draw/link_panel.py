"""The link's page: segments on the link, every setting of both directions as a form, the rules still to act."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tcplab.net.views import DirectionView, InFlightView, LinkView
from tcplab.notation.segline import seg_summary, tcpdump_line
from tcplab.tcp.segment import Segment

from .link_fields import FIELDS, Field, command, harmless, shown
from .runs import Row, clean, fit, width
from .segment_line import flag_words
from .values import seconds

#: How wide a label with its letter is, and a value.
_LABEL, _VALUE = 14, 12

_SIDES = ("client", "server")


@dataclass(frozen=True, slots=True)
class FormState:
    """Where the cursor is: `row` of the form or segment number `seg` (None: nowhere), `column` 0 for both ways.

    `typed` and `cursor` are the value being typed, if any (`typed` None: none); `partner` is the segment that waits
    for another one to change places with; `veiled`: an open question hides the numbers of segments.
    """

    row: int | None = None
    column: int = 0
    seg: int | None = None
    typed: str | None = None
    cursor: int = 0
    partner: int | None = None
    veiled: bool = False


def link_panel(link: LinkView, flights: Sequence[InFlightView], form: FormState, cells: int,
               relative: dict | None = None) -> tuple[list[Row], int | None, Row]:
    """All rows of the page, the index of the one with the cursor (None: nowhere), and a row that explains it."""
    rows: list[Row] = []
    at = None
    if link.holding or flights:
        rows.append(_flights_head(link, flights, cells))
    for flight in flights:
        if flight.record.id == form.seg:
            at = len(rows)
        rows.append(_flight(link, flight, form, cells, relative))
    rows.append(_form_head(link, form, cells))
    for y, field in enumerate(FIELDS):
        if form.seg is None and form.row == y:
            at = len(rows)
        rows.append(_field(field, y, link.directions, form, cells))
    if link.rules:
        rows.append([(" still to come ", "head bold"), ("  ".join(clean(text) for text in link.rules), "lost")])
    return rows, at, explained(link, flights, form, cells, relative)


def _flights_head(link: LinkView, flights: Sequence[InFlightView], cells: int) -> Row:
    held = sum(flight.arrive is None for flight in flights)
    if link.holding:
        row: Row = [(" ❚❚ HOLD ", "ink on-warn bold"),
                    (f" {held} held: nothing crosses until you let it.  ", "warn"), ("H", "key bold"),
                    (" lets all go on", "dim")]
    else:
        row = [(" on the link", "head bold"), ("   choose one with ↑ ↓, then let it be lost, late, damaged …", "faint")]
    return fit(row, cells)


def _flight(link: LinkView, flight: InFlightView, form: FormState, cells: int, relative: dict | None) -> Row:
    record = flight.record
    side = _SIDES[[way.src for way in link.directions].index(record.src) % 2] if link.directions else "text"
    here = form.seg == record.id
    where = "held" if flight.arrive is None else f"arrives {seconds(flight.arrive)}"
    marks = [word for word, so in (("damaged", record.wire is not None), ("injected", record.injected),
                                   (f"copy of #{record.copy_of}", record.copy_of is not None),
                                   ("sent again", record.repeated)) if so]
    if form.partner == record.id:
        marks.append("to be swapped")
    name = "#" + str(record.id)
    says = _unnumbered(record.segment) if form.veiled else seg_summary(record.segment, relative)
    words = f"{name:<6}{record.src} → {record.dst}  {says}"
    left: Row = [(" ▸ " if here else "   ", "bright bold"), (words, f"{side} bold on-pick" if here else side)]
    tail = "  ".join([*marks, where])
    room = cells - width(tail) - 2
    return [*fit(left, max(room, 0)), (" " + tail + " ", "warn" if flight.arrive is None else "dim")]


def _unnumbered(segment: Segment) -> str:
    """What a segment is, without its numbers."""
    size = len(segment.payload)
    return " ".join(filter(None, [flag_words(segment) or "DATA", f"({size} bytes)" if size else ""]))


def _form_head(link: LinkView, form: FormState, cells: int) -> Row:
    names = ["both ways", *(f"{way.src[:8]} →" for way in link.directions)]
    row: Row = [(" " * _LABEL, "text")]
    for x, name in enumerate(names):
        side = "bright" if not x else _SIDES[(x - 1) % 2]
        chosen = x == form.column and form.seg is None
        row.append((f"{name:<{_VALUE}}", f"{side} bold under" if chosen else f"{side} bold"))
    return fit(row, cells)


def _field(field: Field, y: int, ways: Sequence[DirectionView], form: FormState, cells: int) -> Row:
    here = form.seg is None and form.row == y
    label = f" {field.label:<{_LABEL - 2}}"
    row: Row = [(label, "bright bold" if here else "dim"), ("▸" if here and not form.column else " ", "bright bold")]
    texts = [shown(way, field.key) for way in ways]
    both = texts[0] if len(set(texts)) == 1 else "differ"
    for x, text in enumerate([both, *texts]):
        quiet = harmless(ways[x - 1], field.key) if x else all(harmless(way, field.key) for way in ways)
        row += _cell(text, quiet, field.key, form, here and form.column == x)
        if here and form.column == x + 1:
            row[-1] = ("▸", "bright bold")  # before the next cell
    room = cells - _LABEL - _VALUE * (len(ways) + 1) - 1
    if room > 16:
        row.append((field.gloss if len(field.gloss) <= room else field.short[:room], "faint"))
    return row


def _cell(text: str, quiet: bool, key: str, form: FormState, here: bool) -> Row:
    cells = _VALUE - 1
    if here and form.typed is not None:
        typed = clean(form.typed)
        start = max(0, form.cursor - cells + 1)
        seen, at = typed[start : start + cells], form.cursor - start
        under = seen[at : at + 1] or " "
        return [(seen[:at], "bright bold on-box"), (under, "reverse bright on-box"),
                (seen[at + 1 :].ljust(cells - at - 1), "bright bold on-box"), (" ", "text")]
    style = "bright bold on-pick" if here else "faint" if quiet else _loud(key)
    return [(f"{text[:cells]:<{cells}}", style), (" ", "text")]


def letters(link: LinkView, column: int, cells: int) -> list[Row]:
    """What the next letter may be: every setting in the fewest rows, with its value now."""
    ways = link.directions
    names = ["both ways", *(f"the way out of {way.src}" for way in ways)]
    each = 25
    columns = max(1, min(4, (cells - 1) // each))
    lines = -(-len(FIELDS) // columns)
    rows: list[Row] = [fit([(" one more letter:", "bright bold"), (" once sets it, again takes it away, ", "dim"),
                            (names[column], "bright under"), ("   ← → other ways", "dim")], cells)]
    for y in range(lines):
        row: Row = [(" ", "text")]
        for field in FIELDS[y::lines]:
            texts = [shown(way, field.key) for way in (ways if not column else ways[column - 1 : column])]
            value = texts[0] if len(set(texts)) == 1 else "differ"
            quiet = all(harmless(way, field.key) for way in ways)
            row += [(f" {field.letter} ", "ink on-good bold"), (f" {field.label:<10}", "text"),
                    (f"{value[:10]:<{each - 14}}", "faint" if quiet else _loud(field.key))]
        rows.append(row)
    rows.append([])
    rows.append([(" ", "text")])
    for letter, words in (("h", "let go" if link.holding else "hold"), ("i", "inject"), ("0", "clear all")):
        rows[-1] += [(f" {letter} ", "ink on-good bold"), (f" {words}   ", "text")]
    return rows


def _loud(key: str) -> str:
    return {
        "loss": "lost bold",
        "gemodel": "lost bold",
        "every": "lost bold",
        "corrupt": "lost bold",
        "up": "lost bold",
        "unreachable": "lost bold",
        "reorder": "dup bold",
        "duplicate": "dup bold",
    }.get(key, "bright")


def explained(link: LinkView, flights: Sequence[InFlightView], form: FormState, cells: int,
              relative: dict | None = None) -> Row:
    """One line about what the cursor is on: what the setting does to segments and its command, or the segment."""
    if form.seg is not None:
        for flight in flights:
            if flight.record.id == form.seg and form.veiled:
                return fit([(" This question hides the numbers.", "dim on-bar")], cells, "on-bar")
            if flight.record.id == form.seg:
                return fit([(f" {tcpdump_line(flight.record, relative=relative)}", "bright on-bar")], cells, "on-bar")
    if form.row is None:
        words = "↑ ↓ choose, enter types a value. m shows a letter for each. ← → ways"
        return fit([(f" {words}", "dim on-bar")], cells, "on-bar")
    field = FIELDS[form.row]
    line = command(field, field.on, link.directions, form.column)
    return fit([(f" {field.label}: ", "bright on-bar"), (field.gloss, "text on-bar"),
                ("   : ", "dim on-bar"), (line, "key on-bar"), ("   m ", "dim on-bar"),
                (field.letter, "key bold on-bar")], cells, "on-bar")


def compact(link: LinkView, cells: int, lines: int) -> list[Row]:
    """The same settings in a few lines, for a narrow column."""
    rows: list[Row] = []
    names = [d.src[:6] + "→" for d in link.directions]
    rows.append(
        fit(
            [
                (" " * 11, "text"),
                *[(f"{name:<9}", f"{_SIDES[i % 2]} bold") for i, name in enumerate(names)],
            ],
            cells,
        )
    )
    order = sorted(
        FIELDS, key=lambda f: all(harmless(d, f.key) for d in link.directions) and f.key not in ("delay", "loss")
    )
    for field in order[: max(lines - 1, 0)]:
        row: Row = [(f" {field.label:<10}", "dim")]
        for direction in link.directions:
            quiet = harmless(direction, field.key)
            row.append((f"{shown(direction, field.key):<9}", "faint" if quiet else _loud(field.key)))
        rows.append(fit(row, cells))
    return rows


def column_at(x: int) -> int:
    """The column of the form at cell `x`: 0 for both ways."""
    return min(2, max(0, (x - _LABEL) // _VALUE))


def window(rows: Sequence[Row], at: int | None, top: int, lines: int) -> int:
    """The first row to show of a window of `lines`, so that row `at` is seen with one after it; `top` as it was."""
    last = max(0, len(rows) - lines)
    if at is not None:
        top = min(top, at)
        top = max(top, min(at + 2, len(rows)) - lines)
    return max(0, min(top, last))
