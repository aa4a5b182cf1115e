"""The page of the hosts: each one's connections, calls and options in a column, the chosen line explained below."""

from __future__ import annotations

from collections.abc import Sequence

from tcplab.tui.host_items import Item

from .runs import Row, clean, fit, width

_SIDES = ("client", "server")


def column(items: Sequence[Item], side: int, at: int | None, typed: str | None, cursor: int, cells: int) -> list[Row]:
    """One host's lines; `at` is the one with the cursor (None: in the other column), `typed` what is typed there."""
    return [_line(item, side, index == at, typed if index == at else None, cursor, cells)
            for index, item in enumerate(items)]


def _line(item: Item, side: int, here: bool, typed: str | None, cursor: int, cells: int) -> Row:
    if item.head:
        style = f"{_SIDES[side % 2]} bold" if item.style == "head bold" and not item.text.startswith(" ") else "faint"
        return fit([(f" {clean(item.text)}", style)], cells)
    lead = (" ▸ " if here else "   ", "bright bold")
    if typed is not None:
        return fit([lead, (f"{item.text.removesuffix(' …')} ", "bright"), *_box(typed, cursor,
                   cells - 4 - width(item.text))], cells)
    value = clean(item.value)
    left = fit([lead, (clean(item.text), f"{item.style} bold on-pick" if here else item.style)],
               max(cells - width(value) - 2, 0))
    style = "bright" if value not in ("off", "none", "") else "faint"
    return fit([*left, (f" {value} ", "faint" if item.style == "faint" else style)], cells)


def _box(text: str, cursor: int, room: int) -> Row:
    text = clean(text)
    start = max(0, cursor - room + 1)
    seen, at = text[start : start + room], cursor - start
    return [(seen[:at], "bright bold on-box"), (seen[at : at + 1] or " ", "reverse bright on-box"),
            (seen[at + 1 :].ljust(max(room - at - 1, 0)), "bright bold on-box")]


def explained(item: Item | None, cells: int) -> Row:
    """What the line under the cursor does, and the command that does it."""
    if item is None:
        return fit([(" ↑ ↓ choose, ← → the other host, enter does it or types a value", "dim on-bar")], cells, "on-bar")
    command = item.command or (clean(item.build(item.empty or "…")) if item.build else "")
    row: Row = [(" : ", "dim on-bar"), (command, "key on-bar"), ("   ", "on-bar")] if command else [(" ", "on-bar")]
    return fit([*row, (clean(item.gloss), "text on-bar")], cells, "on-bar")
