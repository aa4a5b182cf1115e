"""Letting time pass: what each time command waits for, and where every run ends anyway.

A run ends when its own condition holds, when the world is idle, at an open question, or at a limit, and says which.
The same plan serves a headless run (as fast as possible) and the screen (step by step at a learner's pace).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tcplab.net.trace import Event
from tcplab.notation.errors import NotationError
from tcplab.notation.match import Match
from tcplab.session.commands import Command
from tcplab.session.judge import happens
from tcplab.session.sights import SIGHTS

if TYPE_CHECKING:
    from tcplab.session.session import Session

#: Limits that decide a result are virtual (RFC-independent): seven days, ten million steps.
MAX_TIME = 7 * 24 * 3600 * 10**9
MAX_STEPS = 10_000_000

REACHED, IDLE, QUESTION, LIMIT = "done", "idle", "question", "limit"
#: Events that a session before a learner's eyes may hold (about 400 MB of memory, 100,000 segments).
FULL = 600_000


@dataclass
class RunPlan:
    """One time command on its way: `until` says when it is done, `deadline` (ns) is where the clock may go at most.

    `through_idle` plans (`wait`, `step`) go on although nothing but a quiet timer is armed; with `to_deadline` the
    clock goes there although nothing at all is due.
    """

    session: Session
    until: Callable[[], bool]
    deadline: int | None = None
    through_idle: bool = False
    steps_left: int | None = None
    to_deadline: bool = False

    def stopped(self) -> str:
        """Why this run is over at this moment, empty while it goes on."""
        session = self.session
        if session.question_open():
            return QUESTION
        if self.steps_left == 0 or self.until():
            return REACHED
        if session.timeline.n >= MAX_STEPS or session.timeline.now >= MAX_TIME or session.runs_away():
            session.limit_hit = True
            return LIMIT
        due = session.timeline.next_at()
        if due is None and self.to_deadline:
            session.advance_clock(self.deadline)
            return REACHED
        if due is None or (not self.through_idle and session.idle()):
            return IDLE
        if self.deadline is not None and due > self.deadline:
            session.advance_clock(self.deadline)
            return REACHED
        if due > MAX_TIME:
            session.advance_clock(MAX_TIME)
            session.limit_hit = True
            return LIMIT
        return ""

    def step(self) -> None:
        """Do the next step."""
        self.session.advance_one()
        if self.steps_left is not None:
            self.steps_left -= 1

    def finish(self) -> str:
        """Go on to the end at once, as headless; returns why it ended."""
        while not (why := self.stopped()):
            self.step()
        return why


def plan(session: Session, command: Command) -> RunPlan:
    """The plan for a parsed time command. Raises NotationError when it can never be carried out."""
    now = session.timeline.now
    match command.verb:
        case "run_idle":
            return RunPlan(session, lambda: False)
        case "run_for":
            target = now + command.values[0]
            return RunPlan(session, lambda: session.timeline.now >= target, deadline=target)
        case "run_until":
            return RunPlan(session, _condition(session, command))
        case "run_to":
            return RunPlan(session, _happens(session, SIGHTS[command.values[0]]))
        case "wait":
            return _wait_plan(session)
        case "seek":
            return seek_plan(session, command.values[0])
        case "step":
            return RunPlan(session, lambda: False, through_idle=True, steps_left=command.values[0] or 1)
    raise NotationError(f"{command.text!r} does not let time pass", 0, "use run, wait or step")


def seek_plan(session: Session, t: int) -> RunPlan:
    """Forward to the instant `t` (ns), whatever happens or does not happen on the way."""
    return RunPlan(session, lambda: False, deadline=t, through_idle=True, to_deadline=True)


def _condition(session: Session, command: Command) -> Callable[[], bool]:
    wanted = command.values[0]
    if isinstance(wanted, Match):
        return _happens(session, lambda event: happens(session, wanted, event))
    return lambda: bool(session.evaluate(wanted))


def _happens(session: Session, test: Callable[[Event], bool]) -> Callable[[], bool]:
    """Whether one of the events of the last step fits; what happened before the run began does not count."""
    timeline, begun = session.timeline, session.timeline.n
    return lambda: timeline.n != begun and any(map(test, timeline.fresh))


def _wait_plan(session: Session) -> RunPlan:
    """`wait`: up to and including the next timer that really fires, whatever arrives before it.

    A timer that is stopped before its time is passed over, so that the wait never ends where nothing happened.
    """
    fired = _fired(session)
    return RunPlan(session, lambda: _fired(session) > fired and not session.due_now(), through_idle=True)


def _fired(session: Session) -> int:
    """How many timers have fired on this path."""
    return session.timeline.path.fired
