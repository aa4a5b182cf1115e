"""Judging: conditions against events, answers against the run, predictions against what then happened."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from tcplab.lab import answers
from tcplab.lab.lesson import Question, Step
from tcplab.lab.text import Text
from tcplab.net.trace import Event, SegmentRecord
from tcplab.notation.errors import NotationError
from tcplab.notation.expr import Expr
from tcplab.notation.fields import Env, SegmentEnv
from tcplab.notation.match import Match
from tcplab.notation.values import format_value
from tcplab.session.env import SessionEnv
from tcplab.session.views import ChoiceView, QuestionView

if TYPE_CHECKING:
    from tcplab.session.session import Session

#: How far a copy of the world runs on to see a prediction come true when its path is left.
RUN_ON_STEPS = 20_000
RUN_ON_TIME = 24 * 3600 * 10**9


class Asked(NamedTuple):
    """An answer given: at step `n` and time `t` (ns); `shown` is how it is quoted, `early` as `answers` explains."""

    n: int
    t: int
    answer: answers.Answer
    shown: str
    early: tuple

    @property
    def literal(self) -> str:
        """The answer as it is kept."""
        return self.answer.literal


class Verdict(NamedTuple):
    """How a step was settled: what was `expected` and `got`, `why` it was wrong, when (ns), and by which segments.

    `after` is the explanation of a question, filled from the world (and the segment) that settled it.
    """

    passed: bool
    expected: str
    got: str
    why: str
    at: int
    segments: tuple[int, ...]
    after: str = ""


def filled(session: Session, text: Text | None) -> str:
    """A text of the lab with its holes filled from this instant."""
    return "" if text is None else text.render(session.env())


def value_of(session: Session, expr: Expr) -> object:
    """The value of a condition now; None when it has none."""
    try:
        return expr.eval(session.env())
    except NotationError:
        return None


def happens(session: Session, condition: Match | Expr, event: Event) -> bool:
    """Whether `event` is what a MATCH means, or makes an EXPR true."""
    return _happens(condition, event, session.env())


def _happens(condition: Match | Expr, event: Event, env: Env) -> bool:
    try:
        if isinstance(condition, Match):
            return event.seg is not None and condition.test(event.seg, event.kind, env)
        return condition.holds(env)
    except NotationError:
        return False


def question_view(session: Session, step: Step) -> QuestionView:
    """An open question as the learner sees it."""
    question, env = step.question, session.env()
    shown = answers.shown(question, session.seed, step.id)

    def views(pairs: tuple) -> tuple[ChoiceView, ...]:
        return tuple(ChoiceView(letter, text.render(env)) for letter, text in pairs)

    return QuestionView(question.kind, question.unit, views(shown.choices), question.prediction, views(shown.left))


def read_answer(session: Session, step: Step, text: str) -> Asked:
    """Understand an answer to the open question. Raises NotationError, which uses up no try."""
    question = step.question
    answer = answers.parse_answer(question, text, session.seed, step.id)
    shown = answer.literal
    if question.unit and question.kind == "number" and shown[-1:].isdigit():
        shown += f" {question.unit}"
    return Asked(session.timeline.n, session.now, answer, shown, answers.early_wrong(question, session.env()))


def _truth(question: Question, env: Env) -> object:
    """The value of a question's own expression; None for questions without one, or while it is not known."""
    try:
        return question.answer.eval(env) if question.answer is not None else None
    except NotationError:
        return None


class Happening(NamedTuple):
    """What a prediction is about, as it comes true: the world of that instant, its time (ns), the segment if any."""

    env: Env
    now: int
    record: SegmentRecord | None


def judged(session: Session, step: Step, asked: Asked, happening: Happening) -> Verdict | None:
    """The verdict on an answer with the truth of that instant; None while the truth is not known."""
    question, (env, now, record) = step.question, happening
    truth = _truth(question, env)
    try:
        verdict = answers.judge(question, asked.answer, truth, env, asked.early)
    except NotationError:
        return None
    expected = format_value(truth) if truth is not None else _right_choice(session, step)
    after = "" if step.after is None else step.after.render(answers.JudgedEnv(env, asked.answer.value, truth))
    return Verdict(verdict.right, expected, asked.shown, verdict.feedback, now, (record.id,) if record else (), after)


def _right_choice(session: Session, step: Step) -> str:
    if step.question.kind == "words":
        return "any words"
    return answers.right_answer(step.question, None, session.seed, step.id)


def answer_now(session: Session, step: Step, asked: Asked) -> Verdict:
    """The verdict on an answer that is not a prediction. One whose truth does not exist is counted as wrong."""
    verdict = judged(session, step, asked, Happening(session.env(), session.now, None))
    return verdict or Verdict(False, "–", asked.shown, "the answer does not exist at this moment", session.now, ())


def as_said(session: Session, step: Step, asked: Asked) -> str:
    """An answer as it is said back: of a choice the words too, for its letter means nothing once the list is gone."""
    texts = {choice.letter: choice.text for choice in question_view(session, step).choices}
    if step.question.kind == "choice" and asked.literal in texts:
        return f"{asked.literal}: {texts[asked.literal].rstrip('.')}"
    return _spaced(asked.shown) if step.question.kind == "number" else asked.shown


def _spaced(number: str) -> str:
    """A number with a space before its unit."""
    digits = number.rstrip("abcdefghijklmnopqrstuvwxyzBKM ")
    return f"{digits} {number[len(digits) :].strip()}".strip()


def in_words(session: Session, step: Step, verdict: Verdict) -> str:
    """The right answer as a sentence, for an answer that was right and of which the lab says nothing more."""
    question = step.question
    if question is None or not verdict.passed or question.kind == "words":
        return ""
    if question.kind == "number":
        return f"It is {_spaced(verdict.got)}."
    letters = verdict.expected.split()
    texts = {choice.letter: choice.text for choice in question_view(session, step).choices}
    if question.kind in ("choice", "several") and all(letter in texts for letter in letters):
        return "It is so: " + " ".join(f"{texts[letter].rstrip('.')}." for letter in letters)
    return ""


def prediction(session: Session, step: Step, events: list[Event]) -> Happening | None:
    """The instant that a prediction is about, if it happens in `events`, else None."""
    return _foretold(step, events, session.env(), session.now)


def _foretold(step: Step, events: list[Event], env: Env, now: int) -> Happening | None:
    if isinstance(step.about, Expr):
        return Happening(env, now, None) if _happens(step.about, Event(now, ""), env) else None
    for event in events:
        if _happens(step.about, event, env):
            return Happening(SegmentEnv(event.seg, env), now, event.seg)
    return None


def run_on(session: Session, steps: list[Step]) -> Iterator[tuple[Step, Happening]]:
    """Let a copy of the present world go on by itself, and yield what each prediction is about when it happens.

    This is how a prediction is judged whose path the lesson leaves before it came true.
    """
    world = session.timeline.world.copy()
    world.sink = events = []
    waiting, start = list(steps), world.now
    for _ in range(RUN_ON_STEPS):
        due = world.next_at()
        if not waiting or due is None or due - start > RUN_ON_TIME:
            return
        events.clear()
        world.step()
        env = SessionEnv(world, session.timeline.path.kept)
        for step in list(waiting):
            happening = _foretold(step, events, env, world.now)
            asked = session.guide.progress[step.id].asked
            if happening is not None and judged(session, step, asked, happening) is not None:
                waiting.remove(step)
                yield step, happening


