"""The link's page: every setting of both directions as a form, the rules still to act, and what is on its way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from tcplab.net.views import DirectionView, InFlightView, LinkView
from tcplab.notation.units import format_percent, format_rate, format_time

from .runs import Row, clean, fit, wrap
from .values import seconds


class Field(NamedTuple):
    """One row of the form: `example` shows how a value is written, `gloss` says what it does."""

    key: str
    label: str
    example: str
    gloss: str


FIELDS: tuple[Field, ...] = (
    Field("delay", "delay", "50ms", "how long a crossing takes"),
    Field("jitter", "jitter", "5ms", "how much that varies"),
    Field("loss", "loss", "5%", "chance that a segment is lost"),
    Field("reorder", "reorder", "10%", "chance that it overtakes others"),
    Field("duplicate", "duplicate", "1%", "chance that it arrives twice"),
    Field("corrupt", "corrupt", "1%", "chance that one bit flips"),
    Field("rate", "rate", "10mbit", "bits per second that fit through"),
    Field("limit", "queue", "100", "segments that may wait for the rate"),
    Field("up", "line", "up", "cut it, mend it"),
)


@dataclass(frozen=True, slots=True)
class FormState:
    """Where the cursor of the form is (`row` None: nowhere), and the value being typed, if any."""

    row: int | None = None
    column: int = 0
    typing: bool = False
    typed: str = ""
    cursor: int = 0


def shown(direction: DirectionView, key: str) -> str:
    """A setting as it is typed in a command."""
    value = getattr(direction, key)
    if key in ("delay", "jitter"):
        return format_time(value)
    if key == "rate":
        return format_rate(value) if value else "no limit"
    if key == "limit":
        return str(value) if value else "–"
    if key == "up":
        return "up" if value else "DOWN"
    return format_percent(value)


def command_for(key: str, typed: str, direction: DirectionView) -> str:
    """The command that carries out an edit of the form. The session judges what was typed."""
    typed = typed.strip()
    end = f" from {direction.src}"
    if key == "jitter":
        return f"link delay {format_time(direction.delay)} jitter {typed}{end}"
    if key == "delay":
        jitter = f" jitter {format_time(direction.jitter)}" if direction.jitter else ""
        return f"link delay {typed}{jitter}{end}"
    if key == "rate":
        limit = f" limit {direction.limit}" if direction.limit else ""
        return f"link rate {typed}{limit}{end}"
    if key == "limit":
        return f"link rate {format_rate(direction.rate) if direction.rate else '10mbit'} limit {typed}{end}"
    if key == "up":
        return f"link {'down' if direction.up else 'up'}{end}"
    return f"link {key} {typed}{end}"


def link_panel(link: LinkView, flights: tuple[InFlightView, ...], form: FormState, cells: int) -> list[Row]:
    """All rows of the page."""
    label_cells, value_cells = 10, 11
    rows: list[Row] = []
    head: Row = [(" " * (label_cells + 1), "text")]
    for index, direction in enumerate(link.directions):
        words = f"{direction.src[:8]} →"
        head += [(f"{words:<{value_cells}} ", f"{('client', 'server')[index % 2]} bold")]
    rows.append(head)
    for y, field in enumerate(FIELDS):
        row: Row = [(f" {field.label:<{label_cells}}", "bright" if form.row == y else "dim")]
        for x, direction in enumerate(link.directions):
            row += _cell(field, direction, form, form.row == y and form.column == x, value_cells)
        room = cells - (label_cells + 1) - len(link.directions) * (value_cells + 1) - 1
        if room > 16:
            row.append((f"{field.gloss}"[:room], "faint"))
        rows.append(row)
    rows += _below(link, flights, cells)
    return rows


def _cell(field: Field, direction: DirectionView, form: FormState, here: bool, cells: int) -> Row:
    if here and form.typing:
        text = clean(form.typed)[-(cells - 1) :]
        return [
            (text, "bright bold on-box"),
            (" ", "reverse bright on-box"),
            (" " * (cells - len(text) - 1), "on-box"),
            (" ", "text"),
        ]
    text = shown(direction, field.key)
    quiet = _quiet(direction, field.key)
    style = "bright bold on-pick" if here else "faint" if quiet else _loud(field.key)
    return [(f"{text:<{cells}}", style), (" ", "text")]


def _loud(key: str) -> str:
    return {
        "loss": "lost bold",
        "corrupt": "lost bold",
        "up": "lost bold",
        "reorder": "dup bold",
        "duplicate": "dup bold",
    }.get(key, "bright")


def _below(link: LinkView, flights: tuple[InFlightView, ...], cells: int) -> list[Row]:
    rows: list[Row] = []
    if link.rules:
        rows.append([(" still to come", "head bold")])
        rows += [[(f"   {clean(text)}"[: cells - 1], "lost")] for text in link.rules]
    if link.holding:
        rows += wrap(
            [
                ("Segments are held in mid-link: decide with ", "warn"),
                ("link deliver #7", "key bold"),
                (", ", "dim"),
                ("link drop #7", "key bold"),
                (", ", "dim"),
                ("link edit #7 …", "key bold"),
                (".", "dim"),
            ],
            cells - 2,
            " ",
        )
    waiting = [flight for flight in flights if flight.arrive is None]
    if waiting:
        rows.append([(" held: ", "dim"), (" ".join(f"#{f.record.id}" for f in waiting), "warn bold")])
    moving = [flight for flight in flights if flight.arrive is not None]
    if moving:
        text = "  ".join(f"#{f.record.id} until {seconds(f.arrive or 0)}" for f in moving[:6])
        rows.append([(f" on the way: {text}"[:cells], "dim")])
    return rows


def compact(link: LinkView, cells: int, lines: int) -> list[Row]:
    """The same settings in a few lines, for a narrow column."""
    rows: list[Row] = []
    names = [d.src[:6] + "→" for d in link.directions]
    rows.append(
        fit(
            [
                (" " * 11, "text"),
                *[(f"{name:<9}", f"{('client', 'server')[i % 2]} bold") for i, name in enumerate(names)],
            ],
            cells,
        )
    )
    order = sorted(
        FIELDS, key=lambda f: all(_quiet(d, f.key) for d in link.directions) and f.key not in ("delay", "loss")
    )
    for field in order[: max(lines - 1, 0)]:
        row: Row = [(f" {field.label:<10}", "dim")]
        for direction in link.directions:
            quiet = _quiet(direction, field.key)
            row.append((f"{shown(direction, field.key):<9}", "faint" if quiet else _loud(field.key)))
        rows.append(fit(row, cells))
    return rows


def _quiet(direction: DirectionView, key: str) -> bool:
    """Whether a setting does nothing; a queue only matters where there is a rate."""
    if key == "limit" and not direction.rate:
        return True
    return shown(direction, key) in ("0%", "0s", "no limit", "–", "up")
