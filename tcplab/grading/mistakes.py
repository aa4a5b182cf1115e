"""The typical wrong answers of a question: what to type for each, and which word of the lab it has to hear.

A case of `wrong:` is a value, or a condition on `given` and `answer`. The answer that meets it is worked out under one
seed after another, because the numbers of a lab come from its seed and two cases may fall together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from tcplab.lab.answers import JudgedEnv, early_wrong, is_close, parse_answer
from tcplab.lab.lesson import Question, Step
from tcplab.lab.text import Text
from tcplab.notation.errors import NotationError
from tcplab.notation.expr import Expr, compile_expr
from tcplab.notation.fields import Env
from tcplab.notation.units import SIZE_UNITS, TIME_UNITS, decimal, format_time
from tcplab.notation.values import MOD32, Duration, Seq

ELSE = "else"
#: Answers that no lab foresees; the first that falls under no case is given.
_STRANGE = (31415, 0, 1, 7, 2**32 + 5)
_NUMBER = re.compile(r"\b(\d+(?:\.\d+)?)(ns|us|ms|s|min|kB|MB|KiB|B)?\b")


class Case(NamedTuple):
    """One wrong answer as typed. `keys` name the texts that it has to hear, `name` is how it is called."""

    answer: str
    keys: tuple[str, ...]
    name: str


class Dead(NamedTuple):
    """A text that nobody hears under this seed, and why; `is_right` says that its answer is the right one."""

    key: str
    why: str
    cure: str
    is_right: bool = False


def texts_of(question: Question) -> dict[str, Text | None]:
    """The words on wrong answers by their keys; None stands for a wrong choice without one."""
    texts: dict[str, Text | None] = {case.expr.text: case.text for case in question.wrong}
    for choice in question.choices:
        if choice.why or not choice.right:
            texts[choice.text.source] = choice.why
    if question.otherwise:
        texts[ELSE] = question.otherwise
    return texts


def cases(step: Step, env: Env, truth: str, seed: int) -> tuple[list[Case], list[Dead]]:
    """The wrong answers to an open question, and what cannot be heard. `truth` is the right answer as typed."""
    question = step.question
    if question.kind == "number":
        return _numbers(step, env, truth, seed)
    if question.kind == "words":
        return [], []
    letters = truth.split()
    if question.kind == "several":
        return _several(question, letters, seed, step.id), []
    if question.kind == "choice":
        return [Case(letter, (choice.text.source if choice.why else ELSE,), choice.text.plain)
                for letter, choice in _lettered(question, seed, step.id) if not choice.right], []
    wrong = [*letters[1:], letters[0]] if question.kind == "order" else [
        left[0] + right[1:] for left, right in zip(letters, [*letters[1:], letters[0]], strict=True)]
    return [Case(" ".join(wrong), (ELSE,), "another order" if question.kind == "order" else "other pairs")], []


def _lettered(question: Question, seed: int, step_id: str) -> list:
    """(letter, choice) as they are shown."""
    found = []
    for letter in "abcdefghi"[: len(question.choices)]:
        value = parse_answer(question, letter, seed, step_id).value
        found.append((letter, question.choices[value[0] if isinstance(value, tuple) else value]))
    return found


def _several(question: Question, right: list[str], seed: int, step_id: str) -> list[Case]:
    """One choice too many, or one too few: so each why is heard alone."""
    found = []
    for letter, choice in _lettered(question, seed, step_id):
        answer = sorted(set(right) ^ {letter})
        keys = (choice.text.source if choice.why else ELSE,)
        if not answer:  # it is the only right one: something else has to be taken instead
            other, taken = next(pair for pair in _lettered(question, seed, step_id) if pair[0] != letter)
            answer, keys = [other], tuple(dict.fromkeys(
                one.text.source for one in (choice, taken) if one.why)) or (ELSE,)
        found.append(Case(" ".join(answer), keys, f"{'without ' if choice.right else ''}{choice.text.plain}"))
    return found


def _numbers(step: Step, env: Env, typed: str, seed: int) -> tuple[list[Case], list[Dead]]:
    question = step.question
    truth = _true_value(question, env, parse_answer(question, typed, seed, step.id).value)
    early = early_wrong(question, env)
    found, dead = [], []
    for index, case in enumerate(question.wrong):
        given = _given_for(question, env, early, index, truth)
        if isinstance(given, Dead):
            dead.append(given)
        else:
            found.append(Case(_typed(given, question.unit), (case.expr.text,), case.expr.text))
    unit = TIME_UNITS.get(question.unit, SIZE_UNITS.get(question.unit, 1))
    near = int(truth)  # type: ignore[call-overload]
    for number in (*(number * unit for number in _STRANGE), near * 3 // 2, near * 3, near // 3, near + 1, near - 1):
        given = Duration(number) if question.unit in TIME_UNITS else number
        if number >= 0 and _heard(question, env, early, given, truth) is None:
            found.append(Case(_typed(given, question.unit), (ELSE,), "any other number"))
            break
    return found, dead


def _true_value(question: Question, env: Env, value: object) -> object:
    """The right number as judging knows it: a time as a time, a sequence number as one."""
    try:
        known = question.answer.eval(env)
    except NotationError:
        known = None  # it is about a segment that is still to come
    if isinstance(known, Seq) or known is None and question.answer.names and _is_seq(question.answer):
        return Seq(int(value) % MOD32)  # type: ignore[call-overload]
    return Duration(int(value)) if question.unit in TIME_UNITS else value  # type: ignore[call-overload]


def _is_seq(expr: Expr) -> bool:
    return any(name in ("seg.seq", "seg.ack") for name in expr.names)


def _given_for(question: Question, env: Env, early: tuple, index: int, truth: object) -> object | Dead:
    """A number that hears the word of case `index`, or why there is none."""
    case = question.wrong[index]
    key = case.expr.text
    first: int | None = None
    values = [early[index]] if not case.late else _candidates(key, env, truth)
    for value in values:
        given = value if not case.late else _wanted(case.expr, env, value, truth)
        if isinstance(given, bool) or not isinstance(given, (int, Fraction)):
            continue
        if (given if isinstance(given, Fraction) else int(given)) < 0:  # a sequence number compares on its circle
            continue
        heard = _heard(question, env, early, given, truth)
        if heard == index:
            return given
        first = heard if first is None else first
    if first is None:
        return Dead(key, "no answer meets it", "Write a value, or a condition on given that a number can meet.")
    if first == -1:
        return Dead(key, "it is the right answer", "Remove it, or let pick: draw numbers that tell them apart.", True)
    other = question.wrong[first].expr.text
    return Dead(key, f"the word to {other!r} comes first", f"Put it before {other!r}, or make the two differ.")


def _candidates(text: str, env: Env, truth: object) -> Iterator[object]:
    """Numbers that may meet a condition: what it compares with, those it names and their neighbours, and some around
    the truth."""
    for other in re.split(r"given *[<>=]+|<=? *given|\bor\b|\band\b", text):
        try:
            value = compile_expr(other).eval(JudgedEnv(env, None, truth))
        except NotationError:
            continue
        if isinstance(value, int) and not isinstance(value, bool):
            yield from (value, value + 1, value + value // 20, value - value // 20)
    for number, unit in _NUMBER.findall(text):
        value = Fraction(number) * TIME_UNITS.get(unit, SIZE_UNITS.get(unit, 1))
        around = (value, value - max(1, value // 20), value + max(1, value // 20))
        yield from (Duration(int(one)) if unit in TIME_UNITS else int(one) for one in around)
    for one in (truth // 2, truth * 2, truth - truth // 3, truth + truth // 3, truth - 1, truth + 1):
        yield Duration(int(one)) if isinstance(truth, Duration) else one


def _wanted(expr: Expr, env: Env, given: object, truth: object) -> object | None:
    """`given` when it meets the condition, the expression's own value when it is a number, else None."""
    try:
        value = expr.eval(JudgedEnv(env, given, truth))
    except NotationError:
        return None
    return given if value is True else None if isinstance(value, bool) else value


def _heard(question: Question, env: Env, early: tuple, given: object, truth: object) -> int | None:
    """Which case answers `given`; None for `else`, -1 when it is right after all."""
    if is_close(question, given, truth):
        return -1
    for index, case in enumerate(question.wrong):
        try:
            value = early[index] if not case.late else case.expr.eval(JudgedEnv(env, given, truth))
        except NotationError:
            continue
        if value is True or is_close(question, given, value):
            return index
    return None


def _typed(value: object, unit: str) -> str:
    if isinstance(value, Duration) or unit in TIME_UNITS:
        return format_time(int(value))  # type: ignore[call-overload]
    if unit in SIZE_UNITS:
        return f"{int(value)}B"  # type: ignore[call-overload]
    return decimal(round(Fraction(int(value) if isinstance(value, int) else value) * 10**6), 10**6)  # type: ignore


