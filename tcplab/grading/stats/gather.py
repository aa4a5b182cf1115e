"""Counting: per lab and step, who passed, hints, time, and the most common wrong answers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import median

from tcplab.grading.cohort import Roster

#: How a step can end, in the order of every table and plot.
OUTCOMES = ("passed", "wrong", "skipped", "not reached")
#: So many learners are named for each step; who needs all has the results.
NAMED = 200
_HOLE = re.compile(r"\{\{\s*(.*?)\s*\}\}")


@dataclass
class StepStats:
    """One step over all learners. `seconds` by the wall clock of recordings, only of those who were there."""

    id: str
    title: str
    kind: str
    points: int
    outcomes: Counter = field(default_factory=Counter)
    earned: int = 0
    hints: int = 0
    seconds: list[int] = field(default_factory=list)
    wrong: Counter = field(default_factory=Counter)
    failed_by: list[str] = field(default_factory=list)

    @property
    def learners(self) -> int:
        return self.outcomes.total()

    @property
    def median_seconds(self) -> int | None:
        """The middle of all times, None without any."""
        return int(median(self.seconds)) if self.seconds else None

    def common(self, most: int) -> list[tuple[str, int]]:
        """The most common wrong answers; equally common ones by name."""
        return sorted(self.wrong.items(), key=lambda item: (-item[1], item[0]))[:most]


@dataclass
class LabStats:
    """One lab over all hand-ins that count. `marks` counts scores."""

    id: str
    title: str
    steps: dict[str, StepStats] = field(default_factory=dict)
    marks: Counter = field(default_factory=Counter)
    max_score: int = 0
    passed: int = 0
    graded: int = 0
    refused_by: list[str] = field(default_factory=list)
    earlier: int = 0
    #: Other files that do not count: unreadable, or of nobody.
    stray: int = 0
    hints: int = 0
    #: Who is on the roster and handed in nothing; None where no roster says who there is.
    missing: list[str] | None = None

    @property
    def refused(self) -> int:
        return len(self.refused_by)


def gather(results: Iterable[dict], roster: Roster | None = None) -> list[LabStats]:
    """The statistics of every lab in the results, in the order in which they come. With a roster also who of it handed
    in nothing: learners are found as `grade` finds them."""
    labs: dict[str, LabStats] = {}
    there: dict[str, set[str]] = {}
    for result in results:
        lab = labs.setdefault(result["lab"]["id"], LabStats(result["lab"]["id"], result["lab"]["title"]))
        who = str(result.get("student") or result.get("submission") or "?")
        learner = roster.find(who) if roster else None
        if learner is not None:
            there.setdefault(lab.id, set()).add(learner.student)
        if not result.get("counts", True) and result["status"] == "graded" and result.get("student"):
            lab.earlier += 1
        elif not result.get("counts", True) and (result["status"] == "graded" or result.get("student")):
            lab.stray += 1
        elif result["status"] != "graded":
            lab.refused_by.append(who)
        else:
            _add(lab, result, who)
    for lab in labs.values() if roster else ():
        lab.missing = [one.student for one in roster.learners if one.student not in there.get(lab.id, ())]
    return list(labs.values())


def _add(lab: LabStats, result: dict, who: str) -> None:
    lab.graded += 1
    lab.passed += bool(result.get("passed"))
    lab.title = lab.title or result["lab"]["title"]
    lab.max_score = max(lab.max_score, result["max_score"])
    lab.marks[result["score"]] += 1
    seconds = (result.get("pace") or {}).get("steps", {})
    for row in result["steps"]:
        lab.hints += row["hints_used"]
        if row["kind"] == "say":
            continue
        step = lab.steps.setdefault(row["id"], StepStats(row["id"], row["title"], row["kind"], row["max_score"]))
        outcome = {"done": "passed", "wrong": "wrong", "skipped": "skipped"}.get(row["status"], "not reached")
        step.outcomes[outcome] += 1
        step.earned += row["score"]
        step.hints += row["hints_used"]
        if row["id"] in seconds:
            step.seconds.append(seconds[row["id"]])
        if row.get("wrong_as"):
            step.wrong[_HOLE.sub(r"\1", row["wrong_as"])] += 1  # every learner's number is another: its name is said
        if outcome != "passed" and len(step.failed_by) < NAMED:
            step.failed_by.append(who)
