"""What the guide remembers: of the present path through time, and of what was achieved."""

from __future__ import annotations

from dataclasses import dataclass, field

from tcplab.lab.lesson import Step
from tcplab.session import judge
from tcplab.session.judge import Verdict
from tcplab.session.outlook import Stood
from tcplab.session.views import Feedback


class GuideRefusal(Exception):
    """A command that does not fit where the learner stands; the text says what does."""


@dataclass
class PathState:
    """What the lesson knows of the present path through time; copied with every checkpoint.

    `broken`: something happened that must not, so the goal does not count any more. `closed`: the present connections
    lead to the goal no more (see `outlook`), which a new one would mend.
    """

    step: str = ""
    seen: int = 0
    broken: str = ""
    kept: dict[str, object] = field(default_factory=dict)
    edges: dict[tuple[str, str, str, str], None] = field(default_factory=dict)
    segments: list[int] = field(default_factory=list)
    fired: int = 0
    closed: str = ""
    stood: Stood = field(default_factory=dict)

    def copy(self) -> PathState:
        return PathState(self.step, self.seen, self.broken, dict(self.kept), dict(self.edges), list(self.segments),
                         self.fired, self.closed, self.stood)

    @property
    def blocked(self) -> str:
        """Why the task cannot be met on this path, or on these connections."""
        return self.broken or self.closed

    def begin(self, step: str, stood: Stood) -> None:
        """A step begins on this path, the hosts standing as they do."""
        self.step, self.seen, self.broken, self.segments = step, 0, "", []
        self.closed, self.stood = "", stood


def goal_text(plan: Step) -> str:
    """What a task asks for, as a check says it: its condition, or the segments to be seen in order."""
    parts = [plan.goal.text] if plan.goal is not None else []
    if plan.see:
        parts.append(", then ".join(match.text for match in plan.see))
    return "; ".join(parts)


@dataclass
class Progress:
    """What was achieved at one step. `status` is one of todo, open, done, wrong, skipped, waiting (a prediction)."""

    status: str = "todo"
    score: int = 0
    text: str = ""
    hints: int = 0
    started: int = 0
    asked: judge.Asked | None = None
    verdict: Verdict | None = None
    feedback: Feedback | None = None
