"""Moving in what was: `back`, `back to`, `seek`, `branch` and `reset`. All are recorded, and refused at a question."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tcplab.notation.errors import NotationError
from tcplab.session.commands import Command
from tcplab.session.runs import LIMIT, MAX_TIME, QUESTION, seek_plan
from tcplab.session.sights import WORDS, latest

if TYPE_CHECKING:
    from tcplab.session.session import Session


def prepare(session: Session, command: Command) -> Callable[[], str]:
    """Check a command and return the act that carries it out and says what came of it.

    Raises GuideRefusal or NotationError; then nothing has changed and nothing is to be recorded.
    """
    value = command.values[0] if command.values else None
    match command.verb:
        case "back":
            return lambda: _back(session, 1 if value is None else value)
        case "back_to":
            return lambda: _back_to(session, value)
        case "seek_part":
            value = part(session, value)
        case "branch":
            session.branches.check(value)
            return lambda: session.branches.go(value)
        case "reset":
            session.guide.reset_target(value)
            return lambda: session.guide.reset(value) or ""
    if value > MAX_TIME:
        raise NotationError("a session lasts seven days at most", len(command.text.split()[0]) + 1)
    return lambda: _seek(session, value)


def _back(session: Session, steps: int) -> str:
    timeline = session.timeline
    if timeline.n <= timeline.base.n:
        return "this is the beginning"
    timeline.back_to(timeline.n - steps)
    return ""


def _back_to(session: Session, word: str) -> str:
    """Back to just after the latest event of a kind; one that the last step brought does not count."""
    timeline = session.timeline
    index = latest(session.trace, timeline.last_step, word)
    if index is None or index < timeline.base.events:
        return f"there was no {WORDS[word]} before this"
    timeline.back_to_event(index)
    return ""


def _seek(session: Session, t: int) -> str:
    if t < session.now:
        session.timeline.back_to_time(t)
    stopped = seek_plan(session, t).finish()
    return {QUESTION: "a question stopped the clock", LIMIT: "a limit stopped the clock"}.get(stopped, "")


def part(session: Session, ppm: int) -> int:
    """The instant (ns) after so many parts per million of the time known so far."""
    ahead = session.timeline.ahead
    return (max(session.now, ahead.point.t) if ahead else session.now) * ppm // 1_000_000


def seek_ahead(session: Session, command: Command) -> str:
    """A seek that leads ahead, as a line of commands whose run can be walked and stopped; '' for any other command."""
    if command.verb not in ("seek", "seek_part"):
        return ""
    t = command.values[0] if command.verb == "seek" else part(session, command.values[0])
    return f"seek {t}ns" if session.now < t <= MAX_TIME else ""
