"""A segment on the link as a form: each field of IP and TCP, and how a change of it is written."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from tcplab.net.trace import SegmentRecord
from tcplab.notation.segline import options_text
from tcplab.tcp.segment import Segment

from .runs import Row, clean, fit


class Part(NamedTuple):
    """One field: `name` as in `link edit`, `gloss` what it is, `read` how it is shown, `example` how it is typed."""

    name: str
    gloss: str
    example: str
    read: Callable[[Segment], str]


PARTS: tuple[Part, ...] = (
    Part("seq", "the number of its first byte", "4212", lambda s: str(s.seq)),
    Part("ack", "the next number its sender expects", "8300", lambda s: str(s.ack)),
    Part("flags", "control bits: F S R P A U E C", "RA", lambda s: s.letters),
    Part("win", "the window it offers, as on the wire", "0", lambda s: str(s.wnd)),
    Part("sport", "port it comes from", "49152", lambda s: str(s.sport)),
    Part("dport", "port it goes to", "80", lambda s: str(s.dport)),
    Part("src", "address it comes from", "10.0.0.9", lambda s: s.src),
    Part("dst", "address it goes to", "10.0.0.2", lambda s: s.dst),
    Part("urgptr", "urgent pointer, with the bit U", "1", lambda s: str(s.up)),
    Part("ecn", "ECN bits of IP: 0 none, 1 and 2 ECT, 3 CE", "3", lambda s: str(s.ecn)),
    Part("options", "a list, as scapy writes it", "[('MSS', 536)]", lambda s: options_text(s.options) or "none"),
    Part("payload", "its text", "hello", lambda s: _payload(s.payload)),
    Part("chksum", "made right after each change, unless you set it", "0xdead", lambda s: "right"),
)


def _payload(data: bytes) -> str:
    text = data[:40].decode("latin-1").encode("unicode_escape").decode("ascii")
    return f"{text}{'…' if len(data) > 40 else ''} ({len(data)} bytes)" if data else "none"


def edit_command(number: int, part: Part, typed: str) -> str:
    """The command that sets one field; a payload may be typed without quotes."""
    typed = typed.strip()
    if part.name == "payload" and typed.removeprefix("b")[:1] not in ('"', "'"):
        typed = '"' + typed.replace('"', '\\"') + '"'
    return f"link edit #{number} {part.name}={typed}"


def segment_form(record: SegmentRecord, row: int, typed: str | None, cells: int) -> list[Row]:
    """The fields of a segment, a row each; `row` has the cursor, `typed` is what is being typed there."""
    head = f"  {record.src} → {record.dst}: change a field with enter, esc goes back"
    rows: list[Row] = [fit([(f" Segment #{record.id}", "bright bold"), (head, "dim")], cells)]
    for y, part in enumerate(PARTS):
        here = y == row
        value = part.read(record.segment)
        if part.name == "chksum" and record.wire is not None:
            value = "as it was set or damaged"
        shown = clean(value if typed is None or not here else typed + "▏")
        style = "bright bold on-pick" if here else "bright"
        rows.append(fit([(" ▸ " if here else "   ", "bright bold"), (f"{part.name:<9}", "bright" if here else "dim"),
                         (f"{shown:<24}", style), (f"  {part.gloss}", "faint")], cells))
    return rows
