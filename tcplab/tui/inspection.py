"""Everything that is known of one segment, gathered when somebody looks: its events, its effects, before and after."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from tcplab.net.trace import Event
from tcplab.session.around import Around, around
from tcplab.tcp.wire import WireError
from tcplab.views.entries import Entry, Story

if TYPE_CHECKING:
    from tcplab.capture.dissect import Dissection
    from tcplab.session.session import Session


class Inspection:
    """One segment under the glass. `session` is None for a captured file, which knows nothing of variables."""

    def __init__(self, entry: Entry, story: Story, trace: Sequence[Event], session: Session | None = None) -> None:
        self.entry, self.story, self.session = entry, story, session
        self.trace = trace

    @property
    def facts(self) -> list[Event]:
        """What befell it, in order."""
        entry, number = self.entry, self.entry.rec.id
        stretch = (self.trace[i] for i in range(entry.born, min(entry.met + 1, len(self.trace))))
        return [event for event in stretch if event.seg is not None and event.seg.id == number]

    @property
    def effects(self) -> list[Event]:
        """What its arrival brought about at once: reports of the receiver's TCP, and what it sent."""
        entry, trace = self.entry, self.trace
        if entry.fate != "delivered" or entry.met >= len(trace):
            return []
        landed, found = trace[entry.met], []
        for index in range(entry.met + 1, len(trace)):
            event = trace[index]
            if event.t != landed.t or (event.seg is not None and event.kind != "sent") or \
                    (event.host and event.host != landed.host):
                break
            found.append(event)
        return found

    @cached_property
    def sending(self) -> Around | None:
        """The step that sent it, with both hosts before and after."""
        return None if self.session is None else around(self.session, self.entry.born)

    @cached_property
    def arrival(self) -> Around | None:
        """The step in which it arrived."""
        if self.session is None or self.entry.fate not in ("delivered", "dropped"):
            return None
        return around(self.session, self.entry.met)

    @property
    def receiving(self) -> tuple[str, int]:
        """The host and the number of the connection that it arrived at; 0: no connection."""
        event = self.trace[self.entry.met]
        return event.host, event.conn

    def sent_with(self, step: Around) -> list[int]:
        """The numbers of the other segments that the same step sent."""
        events = (self.trace[i] for i in range(step.first, min(step.end, len(self.trace))))
        return [e.seg.id for e in events if e.kind == "sent" and e.seg is not None and e.seg.id != self.entry.rec.id]

    @cached_property
    def packet(self) -> Dissection | str:
        """Its real bytes taken apart by scapy, which is loaded here; a sentence when it has no bytes."""
        from tcplab.capture.dissect import dissect

        rec = self.entry.last
        try:
            return dissect(rec.segment, rec.wire, rec.copy_of or rec.id)
        except WireError as error:
            return str(error)
