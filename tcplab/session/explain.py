"""The answers of `why`: each event as a sentence, the rule, timer or call behind it, and its RFC clause."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tcplab.net.trace import SEGMENT_KINDS, Event
from tcplab.notation.plural import many, singular
from tcplab.notation.segline import tcpdump_line
from tcplab.notation.units import format_time
from tcplab.session.sentences import SENTENCES
from tcplab.tcp.why import Reason, Why, explain

if TYPE_CHECKING:
    from tcplab.session.session import Session


def reason(why: Why) -> Reason:
    """The sentence of a reason with its plurals put right, and its clause. Raises KeyError for an unknown code."""
    text, clause = explain(why)
    return Reason(singular(text), clause)


def sentence(why: Why | None) -> str:
    """One reason in words, its clause in brackets; empty for None."""
    if why is None:
        return ""
    text, clause = reason(why)
    return f"{text} [{clause}]" if clause else text


def _segment(event: Event) -> str:
    rec = event.seg
    line = tcpdump_line(rec)
    if event.kind == "duplicated":
        return f"#{rec.id} duplicated: a copy of #{rec.copy_of} is on its way. {line}"
    if event.kind == "corrupted":
        return f"#{rec.id} corrupted: bit {event.get('bit')} of byte {event.get('byte')} is flipped. {line}"
    if event.kind == "reordered":
        return f"#{rec.id} reordered: it overtakes {many(event.get('overtaken', 1), 'segment', form='')}. {line}"
    words = {
        "sent": f"sent{' again' if rec.repeated else ''}",
        "delivered": "delivered",
        "lost": "lost on the link",
        "held": "held on the link",
        "dropped": "discarded on arrival",
        "marked": "marked by the link (CE)",
    }
    return f"#{rec.id} {words.get(event.kind, event.kind)}: {line}"


def happened(event: Event) -> str:
    """What happened, as one plain sentence: of a segment its number, its fate and its line as tcpdump prints it."""
    if event.kind in SEGMENT_KINDS:
        return _segment(event)
    tell = SENTENCES.get(event.kind)
    return tell(event) if tell else f"{event.kind.capitalize()}."


def event_line(event: Event) -> str:
    """One event as a line: when, where, what, and why with the clause it rests on."""
    place = f"{event.host}: " if event.host else ""
    because = f" — {sentence(event.why)}" if event.why else ""
    return f"{format_time(event.t, ' ')}  {place}{happened(event)}{because}"


#: What a learner means by "the last thing": not the housekeeping of timers that goes with it.
_TELLING = ("sent", "state", "lost", "dropped", "corrupted", "duplicated", "refused", "rtx", "hole", "gone")


def why(session: Session, segment: int | None = None) -> str:
    """Why the last thing happened; or, for a segment's number, all that is known of it."""
    if segment is None:
        for event in reversed(session.trace):
            if event.why is not None and event.kind in _TELLING:
                return event_line(event)
        return "nothing has happened yet"
    events = [e for e in session.trace if e.seg is not None and e.seg.id == segment]
    if not events:
        return f"there is no segment #{segment} on this path"
    return "\n".join(event_line(event) for event in events)
