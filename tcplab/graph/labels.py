"""What stands on an edge of the state diagram: what happens / what is sent, in the words of the transition table.

User calls are lower-case as a learner types them, segments are upper-case as the RFC writes them; so `rcv` can go.
Labels get shorter step by step until they fit, always by the same rules, never by hand.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tcplab.tcp.state import Event, Transition

#: What may be left out of an event's name where room is short, in this order.
_DROPPED = ((" of SYN", ""), (" of FIN", ""), (" and ", ","), (", passive origin", ""), (" open", ""), (" timeout", ""))


def event_text(event: Event) -> str:
    """The event without `rcv`; a user call in lower case."""
    name = str(event)
    if name.startswith("rcv "):
        return name[4:]
    return name.lower() if name.split()[-1].isupper() else name


def _short(text: str) -> str:
    for old, new in _DROPPED:
        text = text.replace(old, new)
    return text


def _initials(sends: str) -> str:
    return ",".join(part[:1] for part in sends.split(",")) if "," in sends else sends


def forms(rows: Sequence[Transition]) -> Iterator[str]:
    """The label of one edge, from the longest form to the shortest. Rows that send the same share their slash."""
    yield _joined(rows, event_text, " / ", " · ")
    yield _joined(rows, event_text, "/", "·")
    yield _joined(rows, lambda event: _short(event_text(event)), " / ", " · ")
    yield _joined(rows, lambda event: _short(event_text(event)), "/", "·")
    yield _joined(rows, lambda event: _short(event_text(event)), "/", "·", _initials)


def _joined(rows: Sequence[Transition], name, slash: str, between: str, sent=str) -> str:
    by_sent: dict[str, list[str]] = {}
    for row in rows:
        by_sent.setdefault(row.sends, []).append(name(row.event))
    parts = [between.join(dict.fromkeys(names)) + (slash + sent(sends) if sends else "")
             for sends, names in by_sent.items()]
    return between.join(parts)
