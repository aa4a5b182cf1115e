"""A Mermaid sequence diagram: for Markdown pages (GitHub and GitLab draw it), slides and hand-outs.

Everything that Mermaid reads as syntax is written as an entity. Times of crossing cannot be drawn there: each arrow
carries its number and when it was sent; what was lost ends in a cross.
"""

from __future__ import annotations

import re

from tcplab.notation.segline import relative_bases, seg_summary
from tcplab.views.entries import Entry

from .subject import Subject
from .text import seconds

#: More arrows no Mermaid draws in reasonable time (its own limit of text is 50,000 characters).
MAX_ARROWS = 400
_END = re.compile(r"\b(e)n(d)\b", re.IGNORECASE)
_ENTITIES = {"#": "#35;", ";": "#59;", "<": "#lt;", ">": "#gt;", '"': "#quot;", "&": "#amp;", "%": "#37;", "{": "#123;",
             "}": "#125;"}


def mermaid(subject: Subject) -> str:
    """The diagram; of a long session its first `MAX_ARROWS` segments, which it says."""
    lines = ["sequenceDiagram"]
    lines += [f"    participant {name} as {escaped(host)}<br/>{escaped(address)}"
              for name, host, address in zip("AB", subject.hosts, subject.addresses, strict=True)]
    names = dict(zip(subject.hosts, "AB", strict=True))
    lines.append(f"    Note over A,B: {escaped(subject.title)}")
    bases = relative_bases(entry.rec for entry in subject.entries) if subject.relative else None
    shown = subject.entries[:MAX_ARROWS]
    end = shown[-1].born if len(shown) < len(subject.entries) else len(subject.trace)
    items = [(entry.born, "    " + _arrow(entry, names, bases)) for entry in shown]
    for index, event in subject.changes:
        if event.host in names and index <= end:
            words = escaped(str(event.get("to"))) + (" (inferred)" if subject.inferred else "")
            items.append((index, f"    Note over {names[event.host]}: {words}"))
    lines += [line for _, line in sorted(items, key=lambda item: item[0])]
    drawn = len(shown)
    left = len(subject.entries) - drawn
    if left > 0:
        lines.append(f"    Note over A,B: {left} more segments are not drawn")
    return "\n".join(lines) + "\n"


def _arrow(entry: Entry, names: dict[str, str], bases: object) -> str:
    rec = entry.rec
    line = {"lost": "-x", "dropped": "-x", "flying": "--)", "held": "--)"}.get(entry.fate, "->>")
    if entry.copy_of is not None and line == "->>":
        line = "-->>"
    words = [f"{seconds(rec.sent_at).strip()} s", f"#{rec.id}", seg_summary(rec.segment, bases)]
    words += [f"({note.text})" for note in entry.notes[:2]]
    return f"{names[rec.src]}{line}{names[rec.dst]}: {escaped(' '.join(words))}"


def escaped(text: str) -> str:
    """Text that Mermaid shows and does not read; control characters become dots."""
    safe = "".join(_ENTITIES.get(char, char if char.isprintable() else "·") for char in text)
    # The word `end` closes a block wherever it stands.
    return _END.sub(r"\1#110;\2", safe)
