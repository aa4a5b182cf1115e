"""Pupils that play a lab, to see whether its marks are honest.

blank does nothing; obedient types every command the texts name and answers nothing; guesser answers by chance and
does nothing; reference follows the lab's own solution; foreign hands in the reference of another seed.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field

from tcplab.lab.answers import right_answer
from tcplab.lab.lesson import Lab, Step
from tcplab.lab.picks import drawn
from tcplab.net.trace import Event
from tcplab.notation.errors import NotationError
from tcplab.notation.expr import Expr, compile_expr
from tcplab.notation.match import Match
from tcplab.notation.units import format_time
from tcplab.notation.values import format_value
from tcplab.session.progress import Progress
from tcplab.session.session import Session

#: No lab is longer; a pupil that does not get on is stopped here.
_MOVES = 500


class SolutionError(Exception):
    """The lab's solution does not do what it should: the step and what was wrong with it."""

    def __init__(self, step: str, message: str, cure: str = "") -> None:
        super().__init__(f"step {step}: {message}")
        self.step, self.message, self.cure = step, message, cure


def blank(lab: Lab, seed: int) -> Session:
    """Opens the lab and hands it in."""
    return Session(lab, seed)


def obedient(lab: Lab, seed: int) -> Session:
    """Types every command that a text names, lets time run, answers nothing."""
    session = Session(lab, seed)
    for _ in range(_MOVES):
        step = session.guide.plan
        if step is None:
            break
        if session.guide.page_waits:
            session.execute("next")
            continue
        if step.kind == "task":
            for command in step.text.commands:
                session.execute(command)
                session.execute("run until idle")
        if session.guide.plan is step and not session.guide.page_waits:
            session.execute("skip")
    return session


def guesser(lab: Lab, seed: int) -> Session:
    """Answers every question by chance, skips everything else."""
    session, dice = Session(lab, seed), random.Random(f"{seed}/guesser")
    for _ in range(_MOVES):
        if session.guide.plan is None:
            break
        if session.guide.page_waits:
            session.execute("next")
        elif not session.question_open() or not session.execute(f"answer {_guess(session, dice)}")[0].ok:
            session.execute("skip")
    return session


def _guess(session: Session, dice: random.Random) -> str:
    guide = session.view().guide
    question = guide.question
    letters = [choice.letter for choice in question.choices]
    if question.kind == "choice":
        return letters[int(dice.random() * len(letters))]
    if question.kind == "several":
        return " ".join(letter for letter in letters if dice.random() < 0.5) or letters[0]
    if question.kind == "order":
        return " ".join(sorted(letters, key=lambda letter: (dice.random(), letter)))
    if question.kind == "match":
        numbers = sorted(letters, key=lambda letter: (dice.random(), letter))
        return " ".join(left.letter + number for left, number in zip(question.left, numbers, strict=True))
    if question.kind == "words":
        return "who knows"
    # Whoever guesses takes a number from the text, or the one beside it.
    numbers = [int(n) for n in re.findall(r"\d{1,10}", guide.text)] or [1]
    return str(max(0, numbers[int(dice.random() * len(numbers))] + int(dice.random() * 3) - 1))


@dataclass
class Reference:
    """Follows the solution. Predictions need the future: a first pass answers them anyhow and learns the truth."""

    lab: Lab
    seed: int
    truths: dict[str, str] = field(default_factory=dict)
    spoiled: list[str] = field(default_factory=list)
    #: When (ns) what a prediction is about was last seen before it was asked.
    before: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.lab = drawn(self.lab, self.seed)

    def play(self, record: object = None) -> Session:
        """The session with everything right. Raises SolutionError."""
        self.rehearse()
        self.spoiled.clear()
        session = self._pass(record, rehearse=False)
        for step, progress in session.guide.progress_items():
            if progress.status == "wrong":
                raise SolutionError(step.id, *_wrong(progress))
        return session

    def rehearse(self, record: object = None) -> Session:
        """The session in which predictions are answered anyhow, and `truths` are learnt. Raises SolutionError."""
        session = self._pass(record, rehearse=True)
        for step, progress in session.guide.progress_items():
            if step.about is not None and step.question is not None:
                if progress.verdict is None:
                    raise SolutionError(step.id, *self._never(step, "what it asks about never happens"))
                self.truths[step.id] = progress.verdict.expected
        return session

    def _pass(self, record: object, rehearse: bool) -> Session:
        session = Session(self.lab, self.seed)
        if record is not None:
            session.record_to(record)
        seen: dict[str, list[Event]] = {}
        for step in self.lab.steps:
            if step.from_ and step.from_ in session.guide.marks:
                seen.setdefault(step.from_, []).extend(session.trace[session.guide.marks[step.from_].point.events:])
                source = step.from_
            elif step.from_:
                raise SolutionError(step.id, f"the mark {step.from_} is not set when it begins",
                                    "A mark is set when its step is done: mend that step.")
            self._enter(session, step)
            if step.from_:
                # What was foretold on the path that is left now has been settled there, or never happens on it.
                for plan, progress in session.guide.progress_items():
                    if progress.status == "waiting":
                        words = "what it asks about does not happen on the path on which it is asked"
                        raise SolutionError(plan.id, *self._never(plan, words))
            if step.about is not None:
                self._look_back(session, step)
            if step.about is not None and (_holds(session, step) or step.from_ and _happened(step, seen[source])):
                self.spoiled.append(step.id)
            self._solve(session, step, rehearse)
        session.guide.settle_predictions()
        return session

    def _look_back(self, session: Session, step: Step) -> None:
        """Remember when what a prediction is about was seen on this path before it is asked."""
        seen = [event.t for event in session.trace if _is_about(step, event)]
        if seen:
            self.before[step.id] = seen[-1]

    def _never(self, step: Step, words: str) -> tuple[str, str]:
        """What to say of a prediction that nothing settles."""
        if step.id in self.before:
            when = format_time(self.before[step.id])
            return (f"what it asks about happens before it is asked, at {when}, and not again",
                    "Ask earlier: let the step before end sooner, or ask without about:.")
        return words, "Mend about:, or let a step bring that about before another goes back with from:."

    def _enter(self, session: Session, step: Step) -> None:
        """Turn pages until `step` is open (or was settled while the step before went on)."""
        for _ in range(_MOVES):
            plan = session.guide.plan
            if plan is None or (plan.id == step.id and session.guide.phase == "open"):
                return
            if not session.guide.page_waits or session.guide.index > self.lab.steps.index(step):
                return
            session.execute("next")

    def _solve(self, session: Session, step: Step, rehearse: bool) -> None:
        if step.kind == "say":
            session.execute("next")
            return
        progress = session.guide.progress[step.id]
        met = "when the step begins" if progress.status == "done" else "before its solution ends"
        for line in step.solution:
            for command in line.split("\n"):
                self._command(session, step, command, rehearse, met)
        if progress.status == "wrong" and not rehearse:
            raise SolutionError(step.id, *_wrong(progress))
        if progress.status not in ("done", "waiting", "wrong"):
            raise SolutionError(step.id, *_unmet(session, step, progress))

    def _command(self, session: Session, step: Step, command: str, rehearse: bool, met: str) -> None:
        if command.startswith("answer ") and step.question is not None:
            command = "answer " + self._answer(session, step, command.removeprefix("answer ").strip(), rehearse)
        for outcome in session.execute(command):
            if not outcome.ok and step.kind == "task" and session.question_open():
                raise SolutionError(step.id, f"its goal is met already {met}; then a question is open, and "
                                    f"`{outcome.command}` is refused", "Let goal: name what only this step brings about"
                                    f"{', or shorten its solution' if 'ends' in met else ''}.")
            if not outcome.ok:
                raise SolutionError(step.id, f"`{outcome.command}` was refused: {outcome.message}",
                                    "Mend the command, or what comes before it.")

    def _answer(self, session: Session, step: Step, said: str, rehearse: bool) -> str:
        question = step.question
        own = question.answer is not None and said == question.answer.text
        if said != "right" and not own:
            return said
        if question.kind == "number" and step.about is not None:
            return f"0{question.unit}" if rehearse else self.truths[step.id]
        truth = session.evaluate(question.answer) if question.answer is not None else None
        try:
            return right_answer(question, truth, session.seed, step.id)
        except NotationError as error:
            raise SolutionError(step.id, str(error), "Ask when answer: has a value.") from None


def _wrong(progress: Progress) -> tuple[str, str]:
    """What to say of a solution that answers a question wrongly."""
    verdict = progress.verdict
    return (f"its solution answers {verdict.got}, which is wrong: {verdict.expected} is right",
            "Write `answer right`, or mend the question.")


def _unmet(session: Session, step: Step, progress: Progress) -> tuple[str, str]:
    """What a step still waits for after its solution."""
    path = session.guide.path
    if progress.status != "open":
        return f"its solution leaves it {progress.status}", "Let the solution do the step."
    if step.kind == "ask":
        return "its solution gives no answer", "Write `answer right`."
    if path.broken:
        return path.broken, "The solution must not do what never: forbids."
    cure = "Let the solution do more (time has to run, too), or mend goal: or see:."
    if path.seen < len(step.see):
        return f"after its solution {step.see[path.seen].text!r} of see: has not happened", cure
    try:
        session.evaluate(step.goal)
    except NotationError as error:
        said = error.message.rstrip(".")
        return f"after its solution its goal cannot be computed: {said}", error.cure or "Mend goal:."
    values = ", ".join(f"{name} is {_shown(session, name)}" for name in dict.fromkeys(step.goal.names))
    return f"after its solution its goal is not met: {values}", cure


def _shown(session: Session, name: str) -> str:
    try:
        return format_value(session.evaluate(compile_expr(name)))
    except NotationError:
        return format_value(None)


def _happened(step: Step, events: list[Event]) -> bool:
    """Whether what a prediction is about could be seen before it was asked, on another path from the same mark."""
    return any(_is_about(step, event) for event in events)


def _is_about(step: Step, event: Event) -> bool:
    """Whether a segment of the past is what a prediction is about; not if that hangs on how the hosts stood then."""
    try:
        return event.seg is not None and isinstance(step.about, Match) and step.about.test(event.seg, event.kind, None)
    except NotationError:
        return False


def _holds(session: Session, step: Step) -> bool:
    """Whether a condition that a prediction is about holds already when it is asked."""
    try:
        return isinstance(step.about, Expr) and session.evaluate(step.about) is True
    except NotationError:
        return False
