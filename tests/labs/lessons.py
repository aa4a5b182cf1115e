"""Walking through a shipped lesson as a learner who is right, and wrong where a test wants it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

from tcplab.grading.pupils import Reference
from tcplab.lab.answers import right_answer
from tcplab.lab.lesson import Lab, Step
from tcplab.lab.loader import load_lab
from tcplab.lab.text import Text
from tcplab.notation.expr import compile_expr
from tcplab.session.session import Session
from tcplab.session.views import Feedback


@lru_cache(maxsize=64)
def lab_of(lab_id: str) -> Lab:
    """A shipped lab, read once: it is frozen."""
    return load_lab(lab_id)


@lru_cache(maxsize=128)
def rehearsed(lab_id: str, seed: int) -> tuple[dict[str, str], tuple]:
    """What the reference pupil learns of a lab under `seed`: right answers to predictions, and the edges walked."""
    pupil = Reference(lab_of(lab_id), seed)
    return pupil.truths, tuple(pupil.rehearse().guide.walked)


def truths(lab_id: str, seed: int) -> dict[str, str]:
    """The right answer to each prediction of a lab under `seed`."""
    return rehearsed(lab_id, seed)[0]


@dataclass
class Lesson:
    """One learner in one lesson. `said` holds the last feedback of each step, `wrong` the answers to give wrongly."""

    lab_id: str
    seed: int = 7
    said: dict[str, Feedback] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.session = Session(lab_of(self.lab_id), self.seed)
        self.lab = self.session.lab

    def do(self, *commands: str) -> None:
        """Type commands; each of them has to be accepted."""
        for command in commands:
            for outcome in self.session.execute(command):
                assert outcome.ok, f"{self.here}: {outcome.command}: {outcome.message}"
            self.said |= {said.step_id: said for said in self.session.view().guide.feedback}

    @property
    def here(self) -> str:
        """The step at which the learner stands."""
        return self.session.view().guide.step_id

    def to(self, step_id: str) -> Lesson:
        """Solve everything before `step_id`, and open it."""
        while self.here != step_id:
            self.solve()
        if self.session.guide.phase == "pending":
            self.do("next")
        return self

    def solve(self, answer: str | None = None) -> None:
        """Do the present step as the solution says, or give `answer` to its question."""
        if self.session.guide.phase == "pending":
            self.do("next")
        step = self.lab.step(self.here)
        if step.kind == "say":
            self.do("next")
        elif step.kind == "ask":
            self.do(f"answer {answer if answer is not None else self._truth(step)}")
        else:
            self.do(*step.solution)

    def _truth(self, step: Step) -> str:
        """The right answer to the open question: the run's for a prediction, else the one that is right now."""
        if step.about is not None:
            return truths(self.lab_id, self.seed)[step.id]
        truth = step.question.answer.eval(self.session.env()) if step.question.answer else None
        return right_answer(step.question, truth, self.seed, step.id)

    def finish(self) -> Lesson:
        """Solve all the rest."""
        while self.session.guide.phase != "finished":
            self.solve()
        return self

    def value(self, text: str) -> object:
        """An expression at this instant."""
        return compile_expr(text).eval(self.session.env())

    def sent(self) -> list[tuple[str, str, int, int, int]]:
        """Every segment sent so far: sender, flags, SEQ, ACK and length."""
        sent = [event.seg for event in self.session.trace if event.kind == "sent"]
        return [(rec.src, rec.segment.letters, rec.segment.seq, rec.segment.ack, len(rec.segment.payload))
                for rec in sent]


def beginning(text: Text) -> str:
    """A text of the lab up to its first hole."""
    return text.source.partition("{{")[0]
