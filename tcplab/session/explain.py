"""The answers of `why`: the rule, timer or call behind an event, with its RFC clause."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tcplab.net.trace import Event
from tcplab.notation.segline import tcpdump_line
from tcplab.notation.units import format_time
from tcplab.tcp.why import Why, explain

if TYPE_CHECKING:
    from tcplab.session.session import Session


def sentence(why: Why | None) -> str:
    """One reason in words, its clause in brackets; empty for None."""
    if why is None:
        return ""
    reason = explain(why)
    return f"{reason.text} [{reason.clause}]" if reason.clause else reason.text


def event_line(event: Event) -> str:
    """One event as a line: when, where, what, and why."""
    what = event.kind
    if event.seg is not None:
        what = f"#{event.seg.id} {event.kind}: {tcpdump_line(event.seg)}"
    elif event.data:
        what += " " + " ".join(f"{key} {value}" for key, value in event.data)
    place = f"{event.host} " if event.host else ""
    return f"{format_time(event.t, ' ')}  {place}{what}" + (f" — {sentence(event.why)}" if event.why else "")


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
