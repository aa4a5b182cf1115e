"""Every wrong answer of a lab that has feedback: what to type for it, found from the lab itself.

A case of `wrong:` is a value, or a condition on `given` and `answer`. The answer that meets it is worked out under
one seed after another, because the numbers of a lab come from its seed and two cases may fall together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from tcplab.lab.answers import JudgedEnv, early_wrong, parse_answer, shuffled
from tcplab.lab.lesson import Question, Step
from tcplab.lab.text import Text
from tcplab.notation.errors import NotationError
from tcplab.notation.expr import compile_expr
from tcplab.notation.fields import Env
from tcplab.notation.units import TIME_UNITS, decimal, format_time
from tcplab.notation.values import Duration

from .lessons import Lesson, beginning, lab_of, truths

LETTERS = "abcdefghi"
#: An answer that no lab foresees.
STRANGE = 31415
#: Under the first one nearly every lab has all its wrong answers apart.
SEEDS = (11, 7, 8, 9, 10, 12)
_NUMBER = re.compile(r"\b(\d+(?:\.\d+)?)(ns|us|ms|s|min|kB|MB|KiB|B)?\b")


@dataclass
class Case:
    """One wrong answer: at `step`, typed as `answer`, its feedback has to begin with `words`. `key` names the text."""

    step: str
    key: str
    answer: str
    words: str


def texts_of(step: Step) -> dict[str, Text | None]:
    """The feedback texts of a question by name; None stands for a wrong choice that has none."""
    question = step.question
    texts: dict[str, Text | None] = {case.expr.text: case.text for case in question.wrong}
    if question.otherwise:
        texts["else"] = question.otherwise
    for choice in question.choices:
        if choice.why or not choice.right:
            texts[choice.text.source] = choice.why
    return texts


def wrong_letters(step: Step, seed: int) -> list[str]:
    """The wrong choices of a question under their letters; for `several` each letter alone, and all together."""
    letters = LETTERS[: len(step.question.choices)]
    if step.question.kind == "several":
        return [*letters, " ".join(letters)]
    return [letters[at] for at, index in enumerate(shuffled(len(letters), seed, step.id))
            if not step.question.choices[index].right]  # fmt: skip


def cases(lab_id: str, seed: int) -> list[Case]:
    """The wrong answers of a lab that can be told apart under `seed`."""
    lesson, found = Lesson(lab_id, seed), []
    for step in lab_of(lab_id).steps:
        if step.kind != "ask" or step.question.kind == "words":
            continue
        lesson.to(step.id)
        plan = lesson.lab.step(step.id)
        if plan.question.choices:
            found += [Case(step.id, "", letters, "") for letters in wrong_letters(plan, seed)]
        elif plan.question.kind == "number":
            found += _numbers(lesson, plan)
    return found


def _numbers(lesson: Lesson, step: Step) -> Iterator[Case]:
    question, env = step.question, lesson.session.env()
    early = early_wrong(question, env)
    truth = _truth(lesson, step, env)
    for index, case in enumerate(question.wrong):
        values = [early[index]] if not case.late else _candidates(case.expr.text, env, truth)
        for value in values:
            given = value if not case.late else _wanted(case.expr, env, value, truth)
            if given is not None and _heard(question, env, early, given, truth) == index:
                yield Case(step.id, case.expr.text, _typed(given, question.unit), beginning(case.text))
                break
    strange = Duration(STRANGE * 10**9) if question.unit in TIME_UNITS else STRANGE
    for given in (strange, 0, 1):
        if question.otherwise and _heard(question, env, early, given, truth) is None:
            yield Case(step.id, "else", _typed(given, question.unit), beginning(question.otherwise))
            break


def _truth(lesson: Lesson, step: Step, env: Env) -> object:
    if step.about is None:
        return step.question.answer.eval(env)
    said = truths(lesson.lab_id, lesson.seed)[step.id]
    value = parse_answer(step.question, said, lesson.seed, step.id).value
    return Duration(int(value)) if step.question.unit in TIME_UNITS else value


def _candidates(text: str, env: Env, truth: object) -> list[object]:
    """Numbers that may meet a condition: what it compares with, those it names and their neighbours, and some around
    the truth."""
    found: list[object] = []
    for other in re.split(r"given *[<>=]+|<=? *given|\bor\b|\band\b", text):
        try:
            value = compile_expr(other).eval(JudgedEnv(env, None, truth))
        except NotationError:
            continue
        if isinstance(value, int) and not isinstance(value, bool):
            found += [value, value + 1, value + value // 20, value - value // 20]
    for number, unit in _NUMBER.findall(text):
        value = Fraction(number) * TIME_UNITS.get(unit, 1)
        around = (value, value - max(1, value // 20), value + max(1, value // 20))
        found += [Duration(int(one)) if unit in TIME_UNITS else int(one) for one in around]
    steps = (truth // 2, truth * 2, truth - truth // 3, truth + truth // 3, truth - 1, truth + 1)
    return [*found, *(Duration(int(one)) if isinstance(truth, Duration) else one for one in steps)]


def _wanted(expr: object, env: Env, given: object, truth: object) -> object | None:
    """`given` when it meets the condition, the expression's own value when it is a number, else None."""
    try:
        value = expr.eval(JudgedEnv(env, given, truth))
    except NotationError:
        return None
    return given if value is True else None if isinstance(value, bool) else value


def _close(question: Question, given: object, value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, Fraction)):
        return value is True
    off = abs(Fraction(int(given)) - Fraction(int(value)))
    return off <= question.within.amount or off * 1_000_000 <= question.within.ppm * abs(int(value))


def _heard(question: Question, env: Env, early: tuple, given: object, truth: object) -> int | None:
    """Which case answers `given`; None for `else`, -1 when it is right after all."""
    if _close(question, given, truth):
        return -1
    for index, case in enumerate(question.wrong):
        try:
            value = early[index] if not case.late else case.expr.eval(JudgedEnv(env, given, truth))
        except NotationError:
            continue
        if _close(question, given, value):
            return index
    return None


def _typed(value: object, unit: str) -> str:
    if isinstance(value, Duration) or unit in TIME_UNITS:
        return format_time(int(value))
    value = Fraction(int(value) if isinstance(value, int) else value)
    return decimal(value.numerator, value.denominator)


def walk(lab_id: str, seed: int, given: dict[str, str]) -> Lesson:
    """The whole lesson, with `given` as the answers of some steps, and everything else right."""
    lesson = Lesson(lab_id, seed)
    while lesson.session.guide.phase != "finished":
        lesson.solve(given.get(lesson.here))
    return lesson


def untold(lab_id: str) -> list[str]:
    """Give every typical wrong answer once. What is told amiss, and the texts that nobody could be made to hear."""
    missing = {(step.id, key): text for step in lab_of(lab_id).steps if step.question
               for key, text in texts_of(step).items()}  # fmt: skip
    faults = [f"{step}: {key!r} has no why" for (step, key), text in missing.items() if text is None]
    for seed in SEEDS:
        wanted: dict[str, list[Case]] = {}
        for case in cases(lab_id, seed):
            if any(step == case.step and case.key in ("", key) for step, key in missing):
                wanted.setdefault(case.step, []).append(case)
        for turn in range(max(map(len, wanted.values()), default=0)):
            now = {step: found[turn] for step, found in wanted.items() if turn < len(found)}
            lesson = walk(lab_id, seed, {step: case.answer for step, case in now.items()})
            for case in now.values():
                faults += _told(lesson, case, missing)
        if not missing:
            break
    return faults + [f"{step}: nobody hears {key!r}" for step, key in missing]


def _told(lesson: Lesson, case: Case, missing: dict[tuple[str, str], Text | None]) -> list[str]:
    said, here = lesson.said[case.step], f"{case.step}, answer {case.answer} under seed {lesson.seed}"
    if said.good is not False or said.score:
        return [f"{here}: counts as right"]
    if "–" in said.text + said.after:
        return [f"{here}: a value is missing in {said.text!r} {said.after!r}"]
    if not said.text.startswith(case.words):
        return [f"{here}: hears {said.text!r}, not {case.words!r}"]
    heard = [place for place, text in missing.items()
             if place[0] == case.step and text is not None and beginning(text) in said.text
             and case.key in ("", place[1])]  # fmt: skip
    for place in heard:
        del missing[place]
    return []
