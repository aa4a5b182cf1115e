"""Plain text: a line a segment as tcpdump prints it, with what became of it; and the states both hosts walked."""

from __future__ import annotations

import re

from tcplab.notation.errors import printable
from tcplab.notation.segline import relative_bases, tcpdump_line
from tcplab.views.entries import Entry

from .subject import Subject

#: A line is never longer, whatever a note says.
_LINE = 2000
#: What stands before a note on the screen; in text the words are enough.
_GLYPHS = re.compile(r"^[^\w\[(]+")
_FATES = {"lost": "lost", "dropped": "discarded by the receiver", "flying": "still on its way", "held": "held"}


def text(subject: Subject) -> str:
    """The whole subject as lines of plain text, without control characters. Times in seconds."""
    hosts = " · ".join(f"{name} {address}" for name, address in zip(subject.hosts, subject.addresses, strict=True))
    lines = [f"{subject.title}", hosts, ""]
    bases = relative_bases(entry.rec for entry in subject.entries) if subject.relative else None
    for entry in subject.entries:
        line = tcpdump_line(entry.rec, relative=bases)
        lines.append(f"{seconds(entry.rec.sent_at)}  #{entry.rec.id:<5} {line}{fate(entry, subject.inferred)}")
    if subject.steps:
        lines += ["", "States" + (" (inferred)" if subject.inferred else "")]
        lines += [f"{seconds(event.t)}  {event.host}: {event.get('from')} > {event.get('to')}  ({event.get('event')})"
                  for _, event in subject.changes]
    return "\n".join(printable(line, _LINE) for line in lines) + "\n"


def seconds(t: int) -> str:
    """A time (ns) in seconds with microseconds, in a column."""
    return f"{t // 10**9:5}.{t % 10**9 // 1000:06}"


def fate(entry: Entry, captured: bool = False) -> str:
    """What became of a segment and what an expert notes about it, behind a dash; a capture knows no arrivals."""
    said = [_GLYPHS.sub("", note.text) for note in entry.notes]
    if entry.fate == "delivered" and not captured:
        said.append(f"arrived at {seconds(entry.at or 0).strip()}")
    elif entry.fate in ("flying", "held") or entry.fate != "delivered" and not said:
        said.append(_FATES.get(entry.fate, entry.fate))
    return "  — " + "; ".join(said) if said else ""
