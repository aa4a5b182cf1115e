"""What has to happen for anything to happen, in a learner's words."""

from __future__ import annotations

from tcplab.session.views import SessionView

from . import pages


def all_held(view: SessionView) -> bool:
    """Whether everything on a holding link is held: time that nobody asked for then stands, or timers would run."""
    return view.link.holding and all(flight.arrive is None for flight in view.in_flight)


def awaited(view: SessionView) -> str:
    """What is awaited while time stands, and the key that leads there."""
    due = view.next_at is not None
    held = sum(flight.arrive is None for flight in view.in_flight)
    if held and held == len(view.in_flight):
        words = "1 segment is" if held == 1 else f"{held} segments are"
        return f"{words} held: decide on page {pages.number('link')}; H lets all go on" + "; w runs to a timer" * due
    return f"Nothing is on its way. Awaited: {view.awaiting}" + "  (w lets time run to it)" * due
