"""What there is to write about: two hosts, the events between them, and the stories of the segments."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

from tcplab.net.trace import Event
from tcplab.views.entries import Entry, Story

#: At most so many segments are drawn in a picture that people and browsers can still look at.
MAX_DRAWN = 5000


class Change(NamedTuple):
    """A change of state: its place in the trace, and the event."""

    index: int
    event: Event


class Subject:
    """A session, or one connection of a capture, for the writers. Times in ns from its beginning.

    `hosts` are the two names from left to right, `addresses` what stands beside them, `trace` the events. `relative`
    counts sequence numbers from the first ones. A capture brings `entries` and `changes` of its own, as it cannot be
    read cheaply, and is `inferred`: notes and states are guesses.
    """

    def __init__(self, title: str, hosts: tuple[str, str], addresses: tuple[str, str], trace: Sequence[Event],
                 relative: bool = False, inferred: bool = False, entries: Sequence[Entry] | None = None,
                 changes: Sequence[Change] | None = None) -> None:
        self.title, self.hosts, self.addresses, self.trace = title, hosts, addresses, trace
        self.inferred, self.relative = inferred, relative
        self._entries, self._changes = entries, changes

    @cached_property
    def story(self) -> Story:
        """The stories of the segments, read from the trace."""
        story = Story()
        story.read(self.trace)
        return story

    @property
    def entries(self) -> Sequence[Entry]:
        """The stories of the segments; of a capture those with what was inferred."""
        return self.story.entries if self._entries is None else self._entries

    @cached_property
    def changes(self) -> Sequence[Change]:
        """Every change of state with its place in the trace."""
        if self._changes is not None:
            return self._changes
        return [Change(index, event) for index, event in enumerate(self.trace) if event.kind == "state"]

    @cached_property
    def steps(self) -> tuple[tuple[str, str, str, str], ...]:
        """Every walked transition as (host, from, to, event), in order."""
        return tuple((event.host, str(event.get("from")), str(event.get("to")), str(event.get("event")))
                     for _, event in self.changes)

    @property
    def states(self) -> tuple[str, str]:
        """Where each host's connection stands at the end."""
        last = {host: target for host, _, target, _ in self.steps}
        first, second = self.hosts
        return last.get(first, "CLOSED"), last.get(second, "CLOSED")

    @property
    def end(self) -> int:
        """The time of the last event (ns)."""
        return self.trace[-1].t if self.trace else 0


def of_session(session: object, relative: bool = False) -> Subject:
    """A session as it stands."""
    view = session.view()
    first, second = view.hosts[:2]
    seed = "" if view.seed is None else f" (seed {view.seed})"
    title = f"{view.guide.lab_title}{seed}" if view.guide.lab_title else f"{view.guide.lab_id}"
    return Subject(title, (first.name, second.name), (first.address, second.address), session.trace, relative=relative)
