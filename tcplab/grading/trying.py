"""What `lab test` tries beside the pupils: every typical wrong answer, hints in order, goals that need no doing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tcplab.grading.pupils import Reference, SolutionError
from tcplab.lab.answers import shuffled
from tcplab.lab.lesson import Lab, Step
from tcplab.notation.errors import NotationError
from tcplab.session.session import Session

#: Commands with which a learner only lets time pass.
_PASSING = ("run", "wait", "step", "next")


class Finding(NamedTuple):
    """What was found at a step. A `fault` has to be mended, anything else is for the author to judge."""

    step: str
    words: str
    fault: bool = False


class _Here(Exception):
    """The reference pupil stands before the step it was to go to."""


class _Walker(Reference):
    """The reference pupil, who stops before a step."""

    target = ""
    instead = ""
    refused = ""

    def _solve(self, session: Session, step: Step, rehearse: bool) -> None:
        if step.id != self.target or rehearse:
            super()._solve(session, step, rehearse)
        elif self.instead:
            outcome = session.execute(f"answer {self.instead}")[0]
            self.refused = "" if outcome.ok else outcome.message
        else:
            self.session = session
            raise _Here

    def answering(self, step_id: str, answer: str) -> Session:
        """The session at its end, with that answer at that step and everything else right."""
        self.target, self.instead = step_id, answer
        try:
            return self._pass(None, rehearse=False)
        finally:
            self.instead = ""

    def at(self, step_id: str) -> Session:
        """A new session that stands at that step, everything before it done."""
        self.target = step_id
        try:
            self._pass(None, rehearse=False)
        except _Here:
            return self.session
        raise SolutionError(step_id, "it is never reached")


def findings(lab: Lab, seed: int = 1) -> list[Finding]:
    """Everything that is found in a lab whose solution works, under one seed. Raises SolutionError."""
    walker = _Walker(lab, seed)
    walker.play()
    found: list[Finding] = []
    for step in walker.lab.steps:
        if step.hints:
            found += _hints(walker, step)
        if step.kind == "task" and any(line.split()[0] not in _PASSING for line in step.solution):
            found += _undone(walker, step)
        if step.question is not None:
            found += _choices(walker, step) if step.question.choices else _numbers(walker, step)
    return found


def _hints(walker: _Walker, step: Step) -> Iterator[Finding]:
    session = walker.at(step.id)
    for number, hint in enumerate(step.hints, 1):
        outcome = session.execute("hint")[0]
        begins = hint.text.source.partition("{{")[0].split("[[")[0].strip()
        if not outcome.ok or begins not in outcome.message:
            yield Finding(step.id, f"hint {number} does not come as the hint number {number}", True)
            return


def _undone(walker: _Walker, step: Step) -> Iterator[Finding]:
    session = walker.at(step.id)
    for line in ("run until idle", "wait", "run until idle"):
        session.execute(line)
        if session.guide.progress[step.id].status == "done":
            yield Finding(step.id, "its goal is met without doing anything, when time runs")
            return


def _choices(walker: _Walker, step: Step) -> Iterator[Finding]:
    choices = step.question.choices
    if step.question.kind != "choice":
        return
    for place, index in enumerate(shuffled(len(choices), walker.seed, step.id)):
        choice = choices[index]
        if choice.right:
            continue
        words = choice.text.plain if len(choice.text.plain) < 40 else f"{choice.text.plain[:39]}…"
        if choice.why is None:
            yield Finding(step.id, f"the wrong choice {words!r} has no why")
        yield from _given(walker, step, "abcdefghi"[place], repr(words), choice.why)


def _numbers(walker: _Walker, step: Step) -> Iterator[Finding]:
    if step.question.kind != "number" or step.question.unit:
        return
    if step.question.otherwise is None:
        yield Finding(step.id, "there is no word for answers that nobody foresaw: add else under wrong")
    session = walker.at(step.id)
    taken: set[int] = set()
    for case in step.question.wrong:
        if case.late:
            continue
        try:
            value = session.evaluate(case.expr)
        except NotationError:
            continue
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            continue
        if str(int(value)) == walker.truths.get(step.id):
            yield Finding(step.id, f"the wrong answer {case.expr.text} is the right one under seed {walker.seed}")
        elif int(value) not in taken:
            taken.add(int(value))
            yield from _given(walker, step, str(int(value)), case.expr.text, case.text)


def _given(walker: _Walker, step: Step, answer: str, name: str, why: object) -> Iterator[Finding]:
    """Give a wrong answer; it has to count as wrong, and its word has to be said."""
    try:
        progress = walker.answering(step.id, answer).guide.progress[step.id]
    except SolutionError as error:
        yield Finding(step.id, f"after the wrong answer {name}: {error}", True)
        return
    if walker.refused:
        yield Finding(step.id, f"the wrong answer {name} cannot be given: {walker.refused}", True)
    elif progress.status == "done" or progress.score:
        yield Finding(step.id, f"the wrong answer {name} counts as right under seed {walker.seed}", True)
    elif why is not None and progress.feedback is not None:
        begins = " ".join(why.source.partition("{{")[0].split("[[")[0].split())
        if begins not in " ".join(progress.feedback.text.split()):
            yield Finding(step.id, f"the wrong answer {name} hears another word than its own", True)
