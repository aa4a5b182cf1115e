"""Judging by a staff overlay: checks over the trace and the state of a session that is being played."""

from __future__ import annotations

from pathlib import Path

from tcplab.grading.clean import cleaned
from tcplab.grading.result import reaches
from tcplab.lab.lesson import Lab, Step
from tcplab.lab.overlay import StaffCheck, StaffOverlay, overlay_of, read_overlay
from tcplab.net.trace import Event
from tcplab.notation.errors import NotationError
from tcplab.notation.match import Match
from tcplab.session.session import Session


class Overlay:
    """An overlay at work: `watch` a session before it is played, `judge` it afterwards."""

    def __init__(self, plan: StaffOverlay) -> None:
        self.plan = plan
        self._met: dict[str, dict] = {}

    @classmethod
    def read(cls, path: Path, lab: Lab) -> Overlay:
        """The overlay in that file. Raises LabError with every fault."""
        return cls(read_overlay(path, lab))

    @classmethod
    def of(cls, text: str, file: str, lab: Lab) -> Overlay:
        """The overlay in a text; `file` is what faults call it. Raises LabError."""
        return cls(overlay_of(text, file, lab))

    def max_score(self, lab: Lab) -> int:
        """What there is to earn."""
        steps = sum(self.plan.points.get(step.id, step.points) for step in lab.steps)
        return steps + sum(check.points for check in self.plan.checks)

    def watch(self, session: Session) -> None:
        """Judge checks that name a step at the instant at which that step is settled."""
        self._met = {}

        def settled(step: Step) -> None:
            for check in self.plan.checks:
                if check.at == step.id:
                    start = session.guide.starts.get(step.id)
                    self._met[check.id] = _outcome(check, session, session.trace[start.point.events if start else 0:])

        session.guide.settled = settled

    def judge(self, session: Session, result: dict, threshold: int | None) -> None:
        """Put points, visibility and the outcome of every check into the result."""
        for step in result["steps"]:
            points = self.plan.points.get(step["id"])
            if points is not None:
                own = step["max_score"]
                step["score"] = points * step["score"] // own if own else points if step["passed"] else 0
                step["max_score"] = points
            step["visibility"] = self.plan.visibility.get(step["id"], "visible")
        result["staff_checks"] = [self._row(check, session) for check in self.plan.checks]
        rows = [*result["steps"], *result["staff_checks"]]
        result["score"], result["max_score"] = (sum(row[key] for row in rows) for key in ("score", "max_score"))
        result["passed"] = result["status"] == "graded" and reaches(result["score"], result["max_score"], threshold)
        result["due"] = self.plan.due or None

    def _row(self, check: StaffCheck, session: Session) -> dict:
        if check.at:
            found = self._met.get(check.id) or _unjudged(check.at, session)
        else:
            found = _outcome(check, session, session.trace)
        judged = found.get("judged", True)
        return cleaned({
            "id": check.id, "title": check.title, "passed": found["passed"],
            "score": check.points if found["passed"] else 0, "max_score": check.points,
            "expected": _wanted(check), "got": found["got"], "why": check.why if judged and not found["passed"] else "",
            "segments": found["segments"], "visibility": check.visibility, "at": check.at or None,
            "judged": judged,
        })


def _unjudged(step: str, session: Session) -> dict:
    """The outcome of a check whose step did not end: what it looks for may or may not have happened."""
    how = "was not finished" if step in session.guide.starts else "was not reached"
    return {"passed": False, "got": f"not judged: the step {step} {how}", "segments": [], "judged": False}


def _wanted(check: StaffCheck) -> str:
    parts = [check.expr.text] if check.expr is not None else []
    if check.see:
        parts.append(", then ".join(match.text for match in check.see))
    parts += [f"no {match.text}" for match in check.never]
    return "; ".join(parts)


def _outcome(check: StaffCheck, session: Session, events: list[Event]) -> dict:
    """Whether a check holds over these events and the session as it stands, and what was found instead."""
    segments: list[int] = []
    for match in check.never:
        for event in events:
            if _is(match, event, session):
                return {"passed": False, "got": match.text, "segments": [event.seg.id]}
    waiting = list(check.see)
    for event in events:
        if waiting and _is(waiting[0], event, session):
            waiting.pop(0)
            segments.append(event.seg.id)
    if waiting:
        return {"passed": False, "got": f"no {waiting[0].text}", "segments": segments}
    if check.expr is not None:
        try:
            value = session.evaluate(check.expr)
        except NotationError as error:
            return {"passed": False, "got": str(error), "segments": segments}
        if value is not True:
            got = {"None": "unknown", "False": "false"}.get(str(value), str(value))
            return {"passed": False, "got": got, "segments": segments}
    return {"passed": True, "got": "met", "segments": segments}


def _is(match: Match, event: Event, session: Session) -> bool:
    try:
        return event.seg is not None and match.test(event.seg, event.kind, session.env())
    except NotationError:
        return False
