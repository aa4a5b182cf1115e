"""One segment opened: why it was sent, what befell it, its header field by field, its bytes."""

from __future__ import annotations

from typing import Any

from tcplab.tui.story import Entry, Story

from .runs import Row, clean, wrap
from .segment_line import flag_words, numbers, option_words
from .values import seconds


def inspector_rows(entry: Entry, story: Story, session: Any, relative: bool, hosts: tuple[str, ...],
                   cells: int) -> list[Row]:
    """All rows; scapy takes the real bytes apart when it can be loaded."""
    rec, seg = entry.rec, entry.rec.segment
    side = ("client", "server")[0 if rec.src == hosts[0] else 1]
    seq, ack = numbers(entry, story, relative)
    said = f"{rec.src} → {rec.dst}"
    rows: list[Row] = [
        [(said, f"{side} bold"), (f"  {flag_words(seg) or 'data'}", "bright bold"), (f"  [{seg.letters}]", "text"),
         (f"  seq {seq}", "text"), (f"  ack {ack}" if ack is not None else "", "text"),
         (f"  {len(seg.payload)} bytes" if seg.payload else "", "text"), (f"  win {seg.wnd}", "text"),
         (f"  {option_words(seg)}", "dim")],
        [(f"sent at {seconds(rec.sent_at, 6)} s", "dim"), (_fate(entry), entry.remark_style if entry.remark else "dim")],
        [],
        [("Why", "good bold")],
    ]
    for line in session.why(rec.id).splitlines():
        rows += wrap([(line, "text")], cells, "   ", " · ")
    rows.append([])
    return rows + _dissected(rec, cells)


def _fate(entry: Entry) -> str:
    text = {"flying": "  on its way", "delivered": f"  arrived at {seconds(entry.at or 0, 6)} s"}.get(entry.fate, "")
    return f"{text}  {entry.remark}" if entry.remark else text


def _dissected(rec: Any, cells: int) -> list[Row]:
    """Layers and hex dump of the real bytes, from the capture room; a sentence when it is not there."""
    try:
        from tcplab.capture import dissect

        layers, dump = dissect.layers(rec), dissect.hexdump(rec)
    except (ImportError, AttributeError) as error:
        return [[(f"The bytes cannot be taken apart here ({clean(str(error))}).", "faint")]]
    rows: list[Row] = []
    for name, fields in layers:
        rows.append([(clean(name), "good bold")])
        for field, value in fields:
            rows += wrap([(clean(str(value)), "text")], cells, " " * 15, f"   {clean(field):<12}")
        rows.append([])
    rows.append([("Bytes", "good bold")])
    return rows + [[(" " + clean(line), "text")] for line in dump]
