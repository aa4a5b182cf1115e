"""A batch: many hand-ins played by limited processes, every result completed with whose it is and whether it counts.

The results are the same bytes in the same order whatever the number of processes, on one machine or on a cluster.
"""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from tcplab import __version__
from tcplab.grading import cluster, crew
from tcplab.grading.clock import moment
from tcplab.grading.cohort import Cohort, Kiosk, Seeds
from tcplab.grading.exits import LIMIT, UNREADABLE
from tcplab.grading.identity import folded, same
from tcplab.grading.intake import Entry, Intake
from tcplab.grading.judge import Job
from tcplab.grading.ledger import Ledger, key_of
from tcplab.grading.overlay import Overlay
from tcplab.grading.pace import A_DAY, BEFORE
from tcplab.grading.result import failed_result
from tcplab.lab.lesson import Lab
from tcplab.session.recording import BEHAVIOUR

#: How long (seconds, on the wall) a hand-in of a person may take; one takes 10 ms.
SECONDS = 60
#: A learner has no more attempts of whose seeds a recording could be.
MOST_ATTEMPTS = 50


@dataclass
class Order:
    """What a batch is to do. `threshold` in percent, `seconds` on the wall for each hand-in, `memory` in bytes."""

    lab: Lab
    cohort: Cohort
    threshold: int | None = None
    staff: Path | None = None
    overlay: Overlay | None = None
    kiosk: Kiosk | None = None
    jobs: int = 1
    scheduler: str | None = None
    seconds: float = SECONDS
    memory: int = crew.MEMORY

    def max_score(self) -> int:
        """What there is to earn."""
        return self.overlay.max_score(self.lab) if self.overlay else sum(step.points for step in self.lab.steps)

    def head(self) -> dict:
        """What makes a journal belong to this batch: everything that the results depend on."""
        cohort = self.cohort
        roster = [learner.student for learner in cohort.roster.learners] if cohort.roster else None
        staff = self.staff.read_text(encoding="utf-8") if self.staff else None
        return {"lab": self.lab.id, "sha256": self.lab.logic_sha256, "tcplab": __version__, "behaviour": BEHAVIOUR,
                "seed": cohort.seed, "student": cohort.student, "roster": roster, "source": cohort.source,
                "threshold": self.threshold, "staff": staff, "seconds": self.seconds,
                "kiosk": str(self.kiosk.folder) if self.kiosk else None,
                "salt": cohort.salt.fingerprint if cohort.salt else None}


@dataclass
class _Note:
    """What is known of a hand-in besides its result; small, for there may be thousands."""

    name: str
    student: str | None
    supervised: bool
    attempt: int
    graded: bool
    submitted: bool = False
    ended: float = 0.0
    within: tuple[str, ...] = ()
    near: str = ""


class Graded:
    """The outcome of a batch: exit codes, and results that are read from disk each time they are gone through."""

    def __init__(self, order: Order, ledger: Ledger) -> None:
        self._order, self._ledger = order, ledger
        self.notes: list[_Note] = []
        self.codes: list[int] = []
        self._attempts = 1
        self._seeds: Seeds | None = None
        self._known: dict[str, str] = {}
        self.passed_over: dict[str, str] = {}
        self._counting: set[int] = set()
        self._claimed: dict[str, None] = {}
        self._runs: dict[str, str] = {}

    def add(self, note: _Note) -> None:
        """Take in what was written to the ledger last."""
        code, result = self._ledger[len(self.notes)]
        claims = result["claims"] or {}
        note.attempt, note.graded = claims.get("attempt", 1), result["status"] == "graded"
        note.ended = _ended(claims.get("ended", ""))
        self._attempts = max(self._attempts, min(MOST_ATTEMPTS, note.attempt))
        if claims.get("student"):
            self._claimed[claims["student"]] = None
        if note.graded:
            self._runs.setdefault(result["trace_sha256"], note.student or note.name)
        self.notes.append(note)
        self.codes.append(code)

    def settle(self, others: Iterable[Entry] = ()) -> None:
        """When all is played: which attempts count, whose seeds there are, and who handed in `others` only."""
        cohort = self._order.cohort
        for entry in others if cohort.source else ():
            student = cohort.learner_of(entry).student
            if student is not None:
                self.passed_over.setdefault(student, entry.name)
        best: dict[str, tuple] = {}
        for index, note in enumerate(self.notes):
            if not cohort.known:
                self._counting.add(index)
            elif note.student is not None:
                rank = (note.graded, note.submitted, note.attempt, note.ended, index)
                best[folded(note.student)] = max(best.get(folded(note.student), rank), rank)
        self._counting |= {rank[-1] for rank in best.values()}
        students = {note.student for note in self.notes if note.student is not None}
        if cohort.roster is not None:
            students |= {learner.student for learner in cohort.roster.learners}
        self._known = {folded(student): student for student in sorted(students)}
        self._seeds = Seeds(self._order.lab.id, sorted(students | set(self._claimed)), self._attempts,
                            cohort.salt)

    @property
    def missing(self) -> dict[str, str]:
        """Students of the roster who handed in nothing that could be read, and what is to be said of it."""
        roster = self._order.cohort.roster
        there = {note.student for note in self.notes}
        return {} if roster is None else {one.student: self._absence(one.student) for one in roster.learners
                                          if one.student not in there}

    def _absence(self, student: str) -> str:
        if student in self.passed_over:
            return f"no hand-in: {self.passed_over[student]} is neither a recording nor a script"
        return "nothing was handed in"

    def __len__(self) -> int:
        return len(self.notes)

    def __iter__(self) -> Iterator[dict]:
        """Every result in order, complete."""
        for index, (note, (_, result)) in enumerate(zip(self.notes, self._ledger, strict=True)):
            claims = result["claims"]
            if not result["steps"]:
                result["max_score"] = self._order.max_score()
            result |= {"submission": note.name, "attempt": claims["attempt"] if claims else None,
                       "supervised": note.supervised, "counts": index in self._counting, "copied_from": None,
                       "near": note.near}
            result["salted"] = self._order.cohort.salted(result)
            result["remarks"] = self._contradictions(note) + self._unsalted(result)
            if result["status"] == "invalid-submission" and claims and note.student is not None:
                self._name_the_owner(result, claims, note.student)
            yield result

    def _contradictions(self, note: _Note) -> list[str]:
        """Learners who are named within somebody else's hand-in: said, and without effect."""
        others = [self._known[folded(part)] for part in note.within if folded(part) in self._known]
        return [f"its path names {other} as well, but it lies in what {note.student} handed in"
                for other in others if note.student is not None and folded(other) != folded(note.student)]

    def _unsalted(self, result: dict) -> list[str]:
        """A recording whose numbers were no secret, where others' were."""
        if result["status"] != "graded" or result["salted"] or self._order.cohort.salt is None:
            return []
        return ["made without the kiosk's salt: its numbers could be had at home before"]

    def _name_the_owner(self, result: dict, claims: dict, student: str) -> None:
        """Say from whom a recording that failed was taken: by its header, its seed, and the run that it ends with."""
        owner = self._seeds.owner(claims["seed"]) if self._seeds else None
        run, own = self._runs.get(claims["trace_sha256"] or ""), folded(student)
        own_header = same(claims["student"] or student, student) and (owner is None or folded(owner[0]) == own)
        if own_header and folded(run or student) == own:
            return
        said = []
        if not own_header:
            said = [f"its header says student {claims['student'] or 'nobody'}, attempt {claims['attempt']}",
                    "its seed is nobody's here" if owner is None else
                    f"its seed is that of {owner[0]}, attempt {owner[1]}"]
        if folded(run or student) != own:
            said.append(f"it ends as the run of {run} does")
        result["copied_from"] = {"header_student": claims["student"], "attempt": claims["attempt"],
                                 "seed_of": owner[0] if owner else None, "run_of": run}
        result["error"] = f"{result['error']} ({'; '.join(said)})"


def _ended(at: str) -> float:
    """When a recording says that it ended; 0 where it says nothing that can be."""
    when = moment(at) or 0.0
    return when if BEFORE <= when <= time.time() + A_DAY else 0.0


def grade_all(order: Order, given: list[str], ledger: Ledger,
              tell: Callable[[int], None] = lambda done: None) -> tuple[Graded, Intake]:
    """Play everything that was given. `tell` is called with the number done after each.

    Raises CrewError when no worker process can be had, OSError when lab or overlay vanish.
    """
    intake, graded = Intake(given), Graded(order, ledger)
    line = _Line(order, ledger, graded, tell)
    setup = crew.Setup.of(order.lab, order.staff, order.memory)
    todo = line.tasks(intake)
    played = cluster.work_through(setup, order.scheduler, todo) if order.scheduler else \
        crew.work_through(setup, order.lab, order.jobs, todo)
    with closing(played):  # whoever interrupts a line here ends the workers as well, now
        for outcome in played:
            line.take(outcome)
    graded.settle(intake.others)
    return graded, intake


class _Line:
    """Hand-ins in their order, on their way through the workers; what needs no worker keeps its place among them."""

    def __init__(self, order: Order, ledger: Ledger, graded: Graded, tell: Callable[[int], None]) -> None:
        self._order, self._ledger, self._graded, self._tell = order, ledger, graded, tell
        self._waiting: deque[tuple[_Note, str, tuple[int, bytes] | None, bool]] = deque()

    def tasks(self, intake: Intake) -> Iterator[tuple[Job, bytes]]:
        """What workers have to do."""
        cohort, kiosk = self._order.cohort, self._order.kiosk
        for entry in intake:
            student, problem, near = cohort.learner_of(entry)
            problem = entry.problem or problem
            job = cohort.job(student, self._order.threshold, self._order.seconds)
            kept = kiosk.find(entry.data) if kiosk is not None else None
            note = _Note(entry.name, student, kept is not None, 1, False, kept is not None and kept.submitted,
                         within=cohort.within(entry), near=near)
            key = key_of(entry.name, job, problem.encode("utf-8", "replace") if problem else entry.data)
            if self._ledger.knows(key):
                self._waiting.append((note, key, None, True))
            elif problem:
                self._waiting.append((note, key, self._refused(problem, entry.limit, student), False))
            else:
                self._waiting.append((note, key, None, False))
                yield job, entry.data
                continue
            self._settled()

    def _refused(self, problem: str, limit: bool, student: str | None) -> tuple[int, bytes]:
        lab = self._order.lab
        result = failed_result(lab, lab.id, "limit" if limit else "invalid-submission", problem,
                               self._order.cohort.seed, student) | {"claims": None}
        return LIMIT if limit else UNREADABLE, json.dumps(result, ensure_ascii=True).encode()

    def _settled(self) -> None:
        """Write down what stands first in line and waits for no worker."""
        while self._waiting and (self._waiting[0][3] or self._waiting[0][2] is not None):
            note, key, outcome, known = self._waiting.popleft()
            if known:
                self._ledger.recall(key)
            else:
                self._ledger.add(key, *outcome)
            self._graded.add(note)
            self._tell(len(self._graded))

    def take(self, outcome: tuple[int, bytes]) -> None:
        """The outcome of the foremost task that is with a worker."""
        note, key, _, _ = self._waiting.popleft()
        self._waiting.appendleft((note, key, outcome, False))
        self._settled()
