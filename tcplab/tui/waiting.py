"""What has to happen for anything to happen, in a learner's words."""

from __future__ import annotations

from tcplab.session.views import SessionView

from . import pages
from .pacer import MOST_RUN

#: What the message line says when time stopped by itself.
STOPS = {
    "question": "",
    "goal": "Something was judged: the guide says how. space lets time run on.",
    "shown": "Now it is judged. n goes on.",
    "done": "",
    "held": f"The link holds a segment: decide on page {pages.number('link')}; H lets all go on.",
    "much": f"{MOST_RUN:,} steps in one run, so time stands. space lets it run on.",
    "limit": "A limit is reached: seven virtual days, or all events a session may hold. b goes back, r begins again.",
}
#: A challenge in which all has come to rest.
UNMET = "Nothing is on its way, and the goal is not met. b goes back; r begins the step again, as often as you like."


def all_held(view: SessionView) -> bool:
    """Whether everything on a holding link is held: time that nobody asked for then stands, or timers would run."""
    return view.link.holding and all(flight.arrive is None for flight in view.in_flight)


def foretold(view: SessionView) -> bool:
    """Whether a prediction still waits on a path that the lesson is about to leave, and time could show how it ends."""
    waits = any(step.status == "waiting" for step in view.guide.steps)
    return view.guide.leaves and waits and view.next_at is not None and not view.idle and not all_held(view)


def unmet(view: SessionView) -> bool:
    """Whether a challenge stands open and nothing more will happen by itself."""
    return view.guide.challenge and view.guide.phase == "open" and view.next_at is None


def awaited(view: SessionView) -> str:
    """What is awaited while time stands, and the key that leads there."""
    due = view.next_at is not None
    held = sum(flight.arrive is None for flight in view.in_flight)
    if held and held == len(view.in_flight):
        words = "1 segment is" if held == 1 else f"{held} segments are"
        return f"{words} held: decide on page {pages.number('link')}; H lets all go on" + "; w runs to a timer" * due
    return f"Nothing is on its way. Awaited: {view.awaiting}" + "  (w lets time run to it)" * due
