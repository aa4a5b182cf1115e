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
#: A task in which all has come to rest.
UNMET = "All has come to rest; there is more to do here. (b goes back, r begins the step again, as often as you like)"
#: Time that ran met what rules the goal out.
BLOCKED = "Time stands: the step cannot be done this way any more. r begins it again, b goes one step back."
#: A run that takes long, and what helps.
SLOW = "This takes a while: + lets time run faster, space stops it."
#: A key that has nothing to do while time runs: it does not stop it either.
RUNNING = "Time runs. space stops it, + makes it faster, - slower."


def all_held(view: SessionView) -> bool:
    """Whether everything on a holding link is held: time that nobody asked for then stands, or timers would run."""
    return view.link.holding and all(flight.arrive is None for flight in view.in_flight)


def foretold(view: SessionView) -> bool:
    """Whether a prediction still waits on a path that the lesson is about to leave, and time could show how it ends."""
    waits = any(step.status == "waiting" for step in view.guide.steps)
    return view.guide.leaves and waits and view.next_at is not None and not view.idle and not all_held(view)


def unmet(view: SessionView, left: list[str]) -> bool:
    """Whether a task stands open, nothing more will happen by itself, and no command is `left` that it names."""
    guide = view.guide
    open_task = guide.kind == "task" and guide.phase == "open" and not left
    return open_task and view.next_at is None and (guide.challenge or view.can_back)


def stopped(view: SessionView, why: str, left: list[str], missed: str = "") -> str:
    """What is said when time stopped by itself for a reason of the pacer's; `missed` says by how much a limit was."""
    if why == "idle" and left:
        return f"Nothing is on its way. enter does: {left[0]}"
    if why == "idle" and unmet(view, left):
        return f"{missed} b goes back; r begins the step again, as often as you like." if missed else UNMET
    if why == "goal" and view.guide.blocked:
        return BLOCKED
    if why == "goal" and view.guide.phase == "pending":
        return STOPS["shown"]
    return STOPS.get(why) if why in STOPS else awaited(view)


def awaited(view: SessionView) -> str:
    """What is awaited while time stands, and the key that leads there."""
    guide = view.guide
    if guide.phase == "pending" or (guide.phase == "open" and guide.kind == "say"):
        return "Time stands while you read: n goes on."
    due = view.next_at is not None
    held = sum(flight.arrive is None for flight in view.in_flight)
    if held and held == len(view.in_flight):
        words = "1 segment is" if held == 1 else f"{held} segments are"
        return f"{words} held: decide on page {pages.number('link')}; H lets all go on" + "; w runs to a timer" * due
    return f"Nothing is on its way. Awaited: {view.awaiting}" + "  (w lets time run to it)" * due
