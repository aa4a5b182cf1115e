"""One segment opened, the bytes: every field of every header, and the bytes of the one under the cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .runs import Row, clean, fit, wrap

if TYPE_CHECKING:
    from tcplab.capture.dissect import Dissection, Field

#: Cells of one row of the dump: offset, sixteen bytes, their characters.
DUMP = 73
_PER_ROW = 16


def flat(packet: Dissection) -> list[tuple[str, Field]]:
    """All fields with the name of their layer: what the cursor walks over."""
    return [(layer.name, field) for layer in packet.layers for field in layer.fields]


def dump_rows(packet: Dissection, cursor: int, cells: int, lines: int) -> list[Row]:
    """At most `lines` rows of sixteen bytes; those of the field under the cursor stand out and are always seen."""
    from tcplab.capture.dissect import hexdump

    fields = flat(packet)
    field = fields[cursor][1] if cursor < len(fields) else None
    start, end = (field.start, field.end) if field else (0, 0)
    all_rows = hexdump(packet.data)
    top = 0
    if len(all_rows) > lines:
        top = max(0, min(start // _PER_ROW - lines // 2, len(all_rows) - lines))
    rows = []
    for row in all_rows[top : top + lines]:
        first, last = max(start - row.offset, 0), min(end - row.offset, _PER_ROW)
        rows.append([(f" {row.offset:04x}  ", "dim"), *_lit(f"{row.hex:<48}", first, last, 3),
                     ("  ", "text"), *_lit(f"{row.text:<16}", first, last, 1)])
    return [fit(row, cells) for row in rows]


def _lit(text: str, first: int, last: int, step: int) -> Row:
    """`text` with the bytes from `first` up to `last` standing out; a byte takes `step` cells."""
    if first >= last:
        return [(text, "dim")]
    a = first * step + (step == 3 and first > 7)
    b = (last - 1) * step + (step == 3 and last - 1 > 7) + (2 if step == 3 else 1)
    return [(text[:a], "dim"), (text[a:b], "bright bold under on-key"), (text[b:], "dim")]


def field_rows(packet: Dissection, cursor: int, cells: int, focus: bool) -> tuple[list[Row], int]:
    """The list of fields by layer, and the row that the cursor is on."""
    rows: list[Row] = []
    at, number = 0, 0
    if packet.verdict:
        rows += wrap([("✗ The receiver discards it: ", "lost bold"), (clean(packet.verdict), "text")], cells, " ", " ")
    for layer in packet.layers:
        rows.append([(f" {clean(layer.name)}", "good bold")])
        for field in layer.fields:
            here = number == cursor
            if here:
                at = len(rows)
            rows.append(_field(field, here, focus, cells))
            number += 1
    return rows, at


def _field(field: Field, here: bool, focus: bool, cells: int) -> Row:
    ground = " on-pick" if here else ""
    name, value = clean(field.name)[:13], clean(field.value)
    room = cells - 18
    verdict: Row = []
    if field.right is not None:
        good = ("  ✓ right", "good bold") if field.right else ("  ✗ WRONG", "lost bold")
        verdict = [(good[0], good[1] + ground)]
        room -= len(good[0])
    shown = value if len(value) <= room else value[: room - 1] + "…"
    row: Row = [("▸ " if here and focus else "  ", "bright" + ground), (f" {name:<14}", "dim" + ground),
                (shown, ("bright bold" if here else "text") + ground)]
    return fit([*row, *verdict], cells, "text" + ground)


def meaning_rows(packet: Dissection, cursor: int, cells: int) -> list[Row]:
    """What the field under the cursor is for, and which bytes it takes."""
    fields = flat(packet)
    if cursor >= len(fields):
        return []
    layer, field = fields[cursor]
    where = f"byte {field.start}" if field.end - field.start == 1 else f"bytes {field.start} to {field.end - 1}"
    return wrap([(f"{clean(layer)} {clean(field.name)}", "bright bold"), (f", {where}: ", "dim"),
                 (clean(field.meaning), "text")], cells, " ", " ")
