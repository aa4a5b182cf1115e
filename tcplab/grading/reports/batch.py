"""What every writer writes about: a batch of results, and each result as rows of checks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from tcplab.grading.clean import clean
from tcplab.grading.clock import now

NOT_FINISHED = "grading has not finished: it is still running, or was killed"


class Row(NamedTuple):
    """One check: a step of the lab that asks for something, or a check of staff. Scores are whole points."""

    id: str
    title: str
    text: str
    passed: bool
    score: int
    max_score: int
    status: str
    expected: str | None
    got: str | None
    why: str
    at_ns: int | None
    segments: tuple[int, ...]
    visibility: str
    hints: int
    judged: bool = True

    @property
    def story(self) -> str:
        """Why it did not pass, in words."""
        if self.passed:
            return ""
        if not self.judged:
            return str(self.got)
        if self.got is None:
            return {"skipped": "skipped", "waiting": "what was foretold never happened"}.get(self.status, "not reached")
        head = f"got {self.got}" if self.expected is None else f"expected {self.expected}, got {self.got}"
        return head + (f"\n{self.why}" if self.why else "")


class Batch:
    """The results of one call of the grader. `results` may be asked for again and again, and holds none in memory.

    `missing` are students of the roster who handed in nothing, and the words for it. `error` says why there are no
    results at all, of so many things `given`. `alone`: one file, and nothing asked about whose it is.
    `klass`: of a class, by a roster or a kiosk that only staff has: such a page is for staff.
    """

    def __init__(self, lab: dict, results: Callable[[], Iterable[dict]], missing: dict[str, str] | None = None,
                 error: str | None = None, given: int = 1, alone: bool = False, klass: bool = False) -> None:
        self.lab, self._results, self.missing, self.error, self.given = lab, results, missing or {}, error, given
        self.alone, self.klass = alone, klass

    def __iter__(self) -> Iterator[dict]:
        return iter(self._results())

    def the_one(self) -> tuple[dict | None, str]:
        """For formats that hold one hand-in: the result that counts, or (None, why there is none)."""
        if self.error is not None:
            return None, self.error
        every = list(self)
        counting = [result for result in every if result.get("counts", True)] or every[-1:]
        if len(counting) == 1:
            return counting[0], ""
        if not counting:
            return None, "nothing was handed in"
        names = ", ".join(str(result.get("submission")) for result in counting[:5])
        return None, (f"there are {len(counting)} hand-ins and this report holds one ({names}): "
                      "hand in one file, or grade with --student so that the latest attempt counts")


def rows(result: dict) -> list[Row]:
    """The checks of a result in order: steps that are not only read, then those of staff."""
    found = []
    for step in result["steps"]:
        if step["kind"] != "say":
            check = step["checks"][0]
            found.append(Row(step["id"], step["title"], check["text"], step["passed"], step["score"],
                             step["max_score"], step["status"], check.get("expected_text", check["expected"]),
                             check.get("got_text", check["got"]), check["why"],
                             check["at_ns"], tuple(check["segments"]), step.get("visibility", "visible"),
                             step["hints_used"]))
    for check in result.get("staff_checks", []):
        found.append(Row(check["id"], check["title"], check["expected"], check["passed"], check["score"],
                         check["max_score"], "done" if check["passed"] else "wrong", check["expected"], check["got"],
                         check["why"], None, tuple(check["segments"]), check["visibility"], 0,
                         check.get("judged", True)))
    return found


def shown_to_learners(row: Row, due: str | None) -> bool:
    """Whether a learner may read a check now, in a report that does not hide anything by itself."""
    if row.visibility == "visible":
        return True
    if row.visibility == "after_due_date" and due:
        try:
            return now() >= datetime.fromisoformat(due)
        except ValueError:
            return False
    return False


def shown_score(result: dict) -> tuple[int, int]:
    """Score and points of the checks that a learner may read now: a total must not tell how the others went."""
    every = rows(result)
    shown = [row for row in every if shown_to_learners(row, result.get("due"))]
    if len(shown) == len(every):
        return result["score"], result["max_score"]
    return sum(row.score for row in shown), sum(row.max_score for row in shown)


def hidden_words(count: int) -> str:
    """What is said of checks that are not shown."""
    return (f"{count} more checks are" if count > 1 else "1 more check is") + " not shown, nor counted here"


def who(result: dict) -> str:
    """A name for a result: the student, else the hand-in."""
    return clean(str(result.get("student") or result.get("submission") or result["lab"]["id"]))


def hints(result: dict) -> int:
    """How many hints were opened."""
    return sum(step["hints_used"] for step in result["steps"])
