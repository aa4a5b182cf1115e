"""Answers: what is shown, what a learner's text means, and whether it is right.

An answer that cannot be understood raises NotationError and uses up no try. Choices are shown in an order drawn from
the seed; a recording keeps the letters shown.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from tcplab.notation.errors import NotationError, is_unprintable, printable
from tcplab.notation.fields import Env
from tcplab.notation.units import SIZE_UNITS, TIME_UNITS, decimal, format_time, split_quantity
from tcplab.notation.values import MOD32, UNKNOWN, Duration, Seq

from .lesson import Question, WrongCase
from .text import Text

_LETTERS = "abcdefghi"
MAX_WORDS = 2000


class Shown(NamedTuple):
    """What stands on the screen: (letter, text) of each choice; `left` the fixed side of a match question."""

    choices: tuple[tuple[str, Text], ...] = ()
    left: tuple[tuple[str, Text], ...] = ()


class Answer(NamedTuple):
    """An answer understood: `literal` is how it is kept, `value` a number in base units or indices of choices."""

    literal: str
    value: object


class Verdict(NamedTuple):
    """Whether the answer was right, what to say to it, and the answer as it is kept."""

    right: bool
    feedback: str
    literal: str


def shuffled(count: int, seed: int, step_id: str) -> tuple[int, ...]:
    """In which order `count` things are shown: a permutation drawn from the seed and the step."""
    dice = random.Random(f"{seed}/choices/{step_id}")
    order = list(range(count))
    for last in range(count - 1, 0, -1):
        other = int(dice.random() * (last + 1))
        order[last], order[other] = order[other], order[last]
    return tuple(order)


def _order(question: Question, seed: int, step_id: str) -> tuple[int, ...]:
    """The shown order; one that would give the answer away is turned by one."""
    if question.kind in ("choice", "several"):
        return shuffled(len(question.choices), seed, step_id)
    count = len(question.items or question.pairs)
    order = shuffled(count, seed, step_id)
    return order[1:] + order[:1] if order == tuple(range(count)) else order


def shown(question: Question, seed: int, step_id: str) -> Shown:
    """The choices under their letters. Numbers and words have none."""
    if question.kind in ("number", "words"):
        return Shown()
    order = _order(question, seed, step_id)
    if question.kind == "match":
        left = tuple((_LETTERS[at], pair[0]) for at, pair in enumerate(question.pairs))
        return Shown(tuple((str(at + 1), question.pairs[index][1]) for at, index in enumerate(order)), left)
    texts = question.items or tuple(choice.text for choice in question.choices)
    return Shown(tuple((_LETTERS[at], texts[index]) for at, index in enumerate(order)))


def parse_answer(question: Question, text: str, seed: int, step_id: str) -> Answer:
    """What `text` means as an answer. Raises NotationError when it means nothing; that uses up no try."""
    text = text.strip()
    if not text:
        raise NotationError("The answer is empty.", 0, _example(question))
    if question.kind == "words":
        return _parse_words(text)
    if question.kind == "number":
        return _parse_number(text, question.unit)
    order = _order(question, seed, step_id)
    if question.kind == "match":
        return _parse_match(text, order)
    letters = _letters(text, len(order))
    if question.kind == "choice":
        if len(letters) != 1:
            raise NotationError("One choice is wanted.", 0, _example(question))
        return Answer(_LETTERS[letters[0]], order[letters[0]])
    if question.kind == "several":
        letters = sorted(letters)
    elif len(letters) != len(order):
        raise NotationError(f"All {len(order)} letters are wanted, first to last.", 0, _example(question))
    chosen = tuple(order[letter] for letter in letters)
    return Answer(" ".join(_LETTERS[letter] for letter in letters), chosen)


def _example(question: Question) -> str:
    examples = {
        "number": f"Write a number{f' such as 3{question.unit}' if question.unit in TIME_UNITS else ''}.",
        "choice": "Write a letter, e.g. a.",
        "several": "Write the letters, e.g. a c.",
        "order": "Write the letters in order, e.g. b a c.",
        "match": "Write each letter with its number, e.g. a2 b1.",
        "words": "Write a sentence.",
    }
    return examples[question.kind]


def _parse_words(text: str) -> Answer:
    if len(text) > MAX_WORDS:
        raise NotationError(f"At most {MAX_WORDS} characters are kept.", MAX_WORDS)
    for at, char in enumerate(text):
        if is_unprintable(char):
            raise NotationError("A character in this text cannot be kept.", at)
    return Answer(text, text)


def _letters(text: str, count: int) -> list[int]:
    """``a c``, ``A,C`` or ``ac`` -> places in the order shown."""
    last = _LETTERS[count - 1]
    found: list[int] = []
    for at, char in enumerate(text.lower()):
        if char in " ,;)(.\t":
            continue
        index = _LETTERS.find(char)
        if not 0 <= index < count:
            raise NotationError(f"{printable(char)!r} is not one of the letters a to {last}.", at)
        if index in found:
            raise NotationError(f"{char!r} is given twice.", at)
        found.append(index)
    if not found:
        raise NotationError("A letter is wanted.", 0, f"Write a letter from a to {last}.")
    return found


def _parse_match(text: str, order: tuple[int, ...]) -> Answer:
    count = len(order)
    chosen: dict[int, int] = {}
    rest = re.sub(r"([A-Za-z])\s*[-=:>]*\s*([0-9])", lambda m: f" {m[1].lower()}{m[2]} ", text)
    for pair in re.split(r"[\s,;]+", rest.strip()):
        if not re.fullmatch(r"[a-i][1-9]", pair) or _LETTERS.index(pair[0]) >= count or int(pair[1]) > count:
            raise NotationError(f"{printable(pair)!r} is not a pair.", 0, "Write each letter with its number: a2 b1.")
        if _LETTERS.index(pair[0]) in chosen:
            raise NotationError(f"{pair[0]!r} is given twice.", 0)
        chosen[_LETTERS.index(pair[0])] = int(pair[1]) - 1
    if len(chosen) != count:
        raise NotationError(f"All {count} letters are wanted, each with its number.", 0, "For example a2 b1.")
    literal = " ".join(f"{_LETTERS[left]}{chosen[left] + 1}" for left in sorted(chosen))
    return Answer(literal, tuple(order[chosen[left]] for left in sorted(chosen)))


def _parse_number(text: str, unit: str) -> Answer:
    negative = text.startswith(("-", "−"))
    digits = text[1:].lstrip() if negative else text
    if re.fullmatch(r"[0-9]{1,3}(,[0-9]{3})+", digits):
        digits = digits.replace(",", "")
    elif "," in digits:
        raise NotationError(f"{printable(text)!r} is not a number.", text.index(","), "Decimals take a point: 1.5.")
    if re.fullmatch(r"[0-9]{1,3}([ _][0-9]{3})+", digits):
        digits = digits.replace(" ", "").replace("_", "")
    try:
        top, bottom, given = split_quantity(digits.replace("µs", "us"))
    except NotationError:
        raise NotationError(f"{printable(text)!r} is not a number.", 0, "Write digits only.") from None
    value = Fraction(top, bottom)
    used = _unit_of(given, unit, text)
    if unit == "ms" and not given and "." in digits and value < 10:
        # Timers are shown in seconds: who copies one of them means seconds, and a question has one try.
        raise NotationError(f"Is {digits} meant in s or in ms?", 0, f"Write the unit: {digits}s or {digits}ms.")
    if used in TIME_UNITS:
        value, literal = value * TIME_UNITS[used], ""
        literal = format_time(int(value)) if value.denominator == 1 else decimal(top, bottom) + used
    elif used in SIZE_UNITS:
        value *= SIZE_UNITS[used]
        literal = f"{value}B" if value.denominator == 1 else decimal(top, bottom) + used
    else:
        literal = decimal(top, bottom)
    sign = "-" if negative and value else ""
    return Answer(sign + literal, -value if negative else value)


def _unit_of(given: str, unit: str, text: str) -> str:
    """The unit an answer is in: its own if it fits the question's, else the question's."""
    for units in (TIME_UNITS, SIZE_UNITS):
        if given in units and (unit in units or (not unit and units is SIZE_UNITS)):
            return given
    if not given or given.lower().rstrip("s") == unit.lower().rstrip("s"):
        return unit
    if not unit and given.lower().rstrip("s") in ("segment", "ack", "time", "byte"):
        return ""
    cure = f"The answer is in {unit}." if unit else "Write the number alone."
    raise NotationError(f"{printable(given)!r} is not a unit of this answer.", text.rfind(given), cure)


def early_wrong(question: Question, env: Env) -> tuple[object, ...]:
    """The values of `wrong:` when the question is asked, one for each case; None for those judged later.

    ``client.snd_nxt`` means what the learner saw, which may have moved on when a prediction is judged.
    """
    return tuple(None if case.late else _value(case, env) for case in question.wrong)


def _value(case: WrongCase, env: Env) -> object:
    try:
        return case.expr.eval(env)
    except NotationError:
        return None


class JudgedEnv:
    """Values when an answer is judged: ``given`` and ``answer`` beside the outer world (with ``seg.*`` if it has)."""

    __slots__ = ("outer", "given", "truth")

    def __init__(self, outer: Env, given: object, truth: object) -> None:
        self.outer, self.given, self.truth = outer, given, truth

    def lookup(self, name: str) -> object:
        if name == "given":
            # The truth's kind, so that times and sequence numbers are shown and compared as such.
            # A number beyond 32 bits is no sequence number, and stays as large as it is.
            beyond = isinstance(self.truth, Seq) and (self.given or 0) >= MOD32
            if isinstance(self.truth, (Duration, Seq)) and isinstance(self.given, (int, Fraction)) and not beyond:
                return type(self.truth)(int(self.given))
            return UNKNOWN if self.given is None else self.given
        if name == "answer":
            return UNKNOWN if self.truth is None else self.truth
        return self.outer.lookup(name)


def is_close(question: Question, given: object, truth: object) -> bool:
    """Whether a number counts as `truth`, with the question's tolerance; sequence numbers are equal mod 2**32."""
    if not isinstance(truth, (int, Fraction)) or isinstance(truth, bool) or not isinstance(given, (int, Fraction)):
        return False
    if isinstance(truth, Seq):
        return given == int(truth)
    off = abs(given - (int(truth) if isinstance(truth, int) else truth))
    return off <= question.within.amount or off * 1_000_000 <= question.within.ppm * abs(int(truth))


def judge(
    question: Question, answer: Answer, truth: object, env: Env, early: Sequence[object] = ()
) -> Verdict:
    """Whether `answer` is right, and the text for it.

    `truth` is the value of the question's expression (numbers only), `env` the world where it was computed, `early`
    what `early_wrong` gave when the question was asked. Raises NotationError if the truth is not known.
    """
    if question.kind == "number" and (truth is None or truth is UNKNOWN):
        raise NotationError("The right answer is not known yet.")
    world = JudgedEnv(env, answer.value if question.kind == "number" else None, truth)
    right = _is_right(question, answer, truth)
    return Verdict(right, "" if right else _feedback(question, answer, world, early), answer.literal)


def _is_right(question: Question, answer: Answer, truth: object) -> bool:
    if question.kind == "number":
        return is_close(question, answer.value, truth)
    if question.kind == "choice":
        return question.choices[answer.value].right  # type: ignore[index]
    if question.kind == "several":
        return all(choice.right == (index in answer.value)  # type: ignore[operator]
                   for index, choice in enumerate(question.choices))  # fmt: skip
    if question.kind in ("order", "match"):
        return answer.value == tuple(range(len(answer.value)))  # type: ignore[arg-type]
    return True


def _feedback(question: Question, answer: Answer, world: JudgedEnv, early: Sequence[object]) -> str:
    texts: list[Text] = []
    if question.kind == "number":
        for index, case in enumerate(question.wrong):
            value = early[index] if index < len(early) and not case.late else _value(case, world)
            if value is True or is_close(question, answer.value, value):
                texts = [case.text]
                break
    elif question.kind == "choice":
        why = question.choices[answer.value].why  # type: ignore[index]
        texts = [why] if why else []
    elif question.kind == "several":
        texts = [choice.why for index, choice in enumerate(question.choices)
                 if choice.why and choice.right != (index in answer.value)]  # type: ignore[operator]  # fmt: skip
    if not texts and question.otherwise is not None:
        texts = [question.otherwise]
    return "\n\n".join(text.render(world) for text in texts)


def right_answer(question: Question, truth: object, seed: int, step_id: str) -> str:
    """The literal a pupil who knows would type; `truth` is the value of the expression (numbers only)."""
    if question.kind == "number":
        if not isinstance(truth, (int, Fraction)):
            raise NotationError("The right answer is not known.")
        return format_time(int(truth)) if isinstance(truth, Duration) else decimal(*_exact(truth, question.unit))
    if question.kind == "words":
        return "-"
    order = _order(question, seed, step_id)
    if question.kind == "match":
        return " ".join(f"{_LETTERS[left]}{order.index(left) + 1}" for left in range(len(order)))
    if question.kind == "order":
        return " ".join(_LETTERS[order.index(index)] for index in range(len(order)))
    return " ".join(_LETTERS[at] for at, index in enumerate(order) if question.choices[index].right)


def _exact(truth: int | Fraction, unit: str) -> tuple[int, int]:
    """A number to type: in the question's own unit, with up to six decimals."""
    value = Fraction(int(truth) if isinstance(truth, int) else truth) / SIZE_UNITS.get(unit, 1)
    return round(value * 1_000_000), 1_000_000
