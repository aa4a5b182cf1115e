"""One segment opened: why it was sent, what befell it, its header field by field, its bytes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tcplab.net.trace import Event
from tcplab.session.explain import happened, reason
from tcplab.tcp.why import Why
from tcplab.views.entries import Entry, Story

from .runs import Row, clean, wrap
from .segment_line import flag_words, numbers, option_words
from .values import seconds

#: What a host or the link did with a segment, by the kind of the event.
_DEEDS = {
    "sent": "sent it",
    "delivered": "received it",
    "lost": "lost it",
    "held": "holds it",
    "dropped": "discarded it",
    "corrupted": "damaged it",
    "duplicated": "doubled it",
    "marked": "marked it (CE)",
    "reordered": "let it overtake others",
}


def inspector_rows(
    entry: Entry, story: Story, session: Any, relative: bool, hosts: tuple[str, ...], cells: int
) -> list[Row]:
    """All rows; scapy takes the real bytes apart when it can be loaded."""
    rec, seg = entry.rec, entry.rec.segment
    side = ("client", "server")[0 if rec.src == hosts[0] else 1]
    seq, ack = numbers(entry, story, relative)
    said = f"{rec.src} → {rec.dst}"
    rows: list[Row] = [
        [
            (said, f"{side} bold"),
            (f"  {flag_words(seg) or 'data'}", "bright bold"),
            (f"  [{seg.letters}]", "text"),
            (f"  seq {seq}", "text"),
            (f"  ack {ack}" if ack is not None else "", "text"),
            (f"  {len(seg.payload)} bytes" if seg.payload else "", "text"),
            (f"  win {seg.wnd}", "text"),
            (f"  {option_words(seg)}", "dim"),
        ],
        [
            (f"sent at {seconds(rec.sent_at, 6)} s", "dim"),
            (_fate(entry), entry.remark_style if entry.remark else "dim"),
        ],
        [],
        [("Why", "good bold")],
    ]
    rows += story_rows(rec.id, session.trace, hosts, cells)
    return [*rows, [], *_dissected(rec, cells)]


def story_rows(number: int, trace: Sequence[Event], hosts: tuple[str, ...], cells: int) -> list[Row]:
    """All that is known of a segment: each fact with its reason, and what its arrival did to the receiver."""
    rows: list[Row] = []
    index = 0
    while index < len(trace):
        event = trace[index]
        index += 1
        if event.seg is None or event.seg.id != number:
            continue
        rows += _fact(event, cells, hosts)
        if event.kind != "delivered":
            continue
        while (
            index < len(trace)
            and trace[index].t == event.t
            and trace[index].host == event.host
            and trace[index].seg is None
        ):
            if trace[index].kind != "app":
                rows += _effect(trace[index], cells)
            index += 1
    return rows


def _fact(event: Event, cells: int, hosts: tuple[str, ...]) -> list[Row]:
    side = ("client", "server")[hosts.index(event.host)] if event.host in hosts else "text"
    head: Row = [
        (f" {seconds(event.t):>8}  ", "dim"),
        (f"{event.host} " if event.host else "the link ", side),
        (_DEEDS.get(event.kind, event.kind), "bright"),
    ]
    rows = [head]
    if event.why is not None:
        rows += _reason(event.why, cells, " " * 11)
    return rows


def _effect(event: Event, cells: int) -> list[Row]:
    """One report of the endpoint that took the segment in, and the reason for it."""
    style = "bright" if event.kind in ("state", "error", "gone") else "text"
    indent = " " * 11
    rows = wrap([(clean(happened(event)), style)], cells, indent + "  ", indent)
    return rows + (_reason(event.why, cells, " " * 14) if event.why is not None else [])


def _reason(why: Why, cells: int, indent: str) -> list[Row]:
    try:
        text, clause = reason(why)
    except (KeyError, IndexError):
        return []
    rest = f"  [{clause}]" if clause else ""
    return wrap([(text, "text"), (rest, "faint")], cells, indent, indent)


def _fate(entry: Entry) -> str:
    text = {"flying": "  on its way", "delivered": f"  arrived at {seconds(entry.at or 0, 6)} s"}.get(entry.fate, "")
    return f"{text}  {entry.remark}" if entry.remark else text


def _dissected(rec: Any, cells: int) -> list[Row]:
    """Layers and hex dump of the real bytes, taken apart by scapy (loaded when the first segment is opened)."""
    from tcplab.capture.dissect import dissect, hexdump
    from tcplab.tcp.wire import WireError

    try:
        packet = dissect(rec.segment, rec.wire, rec.copy_of or rec.id)
    except WireError as error:
        return [[(f"This segment has no bytes: {clean(str(error))}", "warn")]]
    rows: list[Row] = []
    if packet.verdict:
        rows += [*wrap([("✗ The receiver discards it: ", "lost bold"), (packet.verdict, "text")], cells), []]
    dump = [[("Bytes", "good bold")]]
    dump += [
        [(f" {row.offset:04x}  ", "dim"), (f"{row.hex:<49}", "text"), (row.text, "dim")] for row in hexdump(packet.data)
    ]
    for layer in packet.layers:
        rows.append([(clean(layer.name), "good bold")])
        for field in layer.fields:
            rows += _field(field, cells)
        rows.append([])
    return [*rows, *dump]


def _field(field: Any, cells: int) -> list[Row]:
    """Name, value and what the field is for."""
    name, value = clean(field.name)[:13], clean(field.value)
    head: Row = [(f"   {name:<14}", "dim"), (f"{value:<14} ", "bright")]
    room = cells - 32
    if len(value) > 14 or room < 16:
        return wrap([(value, "bright"), ("  ", "text"), (field.meaning, "dim")], cells, " " * 17, f"   {name:<14}")
    words = wrap([(clean(field.meaning), "dim")], room)
    return [[*head, *words[0]], *[[(" " * 32, "text"), *more] for more in words[1:]]]
