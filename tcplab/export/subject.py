"""What there is to write about: two hosts, the events between them, and the stories of the segments."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from tcplab.net.trace import Event
from tcplab.views.entries import Entry, Story

#: At most so many segments are drawn in a picture that people and browsers can still look at.
MAX_DRAWN = 5000


class Subject:
    """A session, or one connection of a capture, for the writers. Times in ns from its beginning.

    `hosts` are the two names from left to right, `addresses` what stands beside them, `trace` the events; `inferred`
    says that notes and states are guesses from a capture. `relative` counts sequence numbers from the first ones.
    """

    def __init__(self, title: str, hosts: tuple[str, str], addresses: tuple[str, str], trace: Sequence[Event],
                 inferred: bool = False, relative: bool = False) -> None:
        self.title, self.hosts, self.addresses, self.trace = title, hosts, addresses, trace
        self.inferred, self.relative = inferred, relative

    @cached_property
    def story(self) -> Story:
        """The stories of the segments, read from the trace."""
        story = Story()
        story.read(self.trace)
        return story

    @property
    def entries(self) -> Sequence[Entry]:
        return self.story.entries

    @cached_property
    def steps(self) -> tuple[tuple[str, str, str, str], ...]:
        """Every walked transition as (host, from, to, event), in order."""
        return tuple((event.host, str(event.get("from")), str(event.get("to")), str(event.get("event")))
                     for event in self.trace if event.kind == "state")

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
    title = f"{view.guide.lab_title} (seed {view.seed})" if view.guide.lab_title else f"{view.guide.lab_id}"
    return Subject(title, (first.name, second.name), (first.address, second.address), session.trace, relative=relative)
