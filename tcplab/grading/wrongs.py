"""Wrong answers named without their numbers: every learner's numbers are others, the mistakes are the same."""

from __future__ import annotations

import re

from tcplab.lab import answers
from tcplab.lab.lesson import Question, Step
from tcplab.lab.text import Text
from tcplab.session.progress import Progress

#: A wrong number this near the right one is told as its distance.
_NEAR = 100_000
_HOLE = re.compile(r"\\\{\\\{.*?\\\}\\\}", re.DOTALL)


def seedless(step: Step, progress: Progress) -> str | None:
    """What kind of wrong answer was given: the lab's own case for it, the text of a choice, or the distance from the
    right number. None for answers that are not wrong."""
    question, asked, verdict = step.question, progress.asked, progress.verdict
    if progress.status != "wrong" or question is None or asked is None or verdict is None:
        return None
    if question.kind == "number":
        return _case(question, verdict.why) or _distance(verdict.expected, verdict.got) or verdict.got
    value = asked.answer.value
    if question.kind == "choice":
        return question.choices[value].text.plain
    if question.kind == "several":
        return " + ".join(question.choices[index].text.plain for index in sorted(value)) or "none"
    if question.kind == "order":
        return " > ".join(question.items[index].plain for index in value)
    if question.kind == "match":
        return "; ".join(f"{pair[0].plain} = {question.pairs[index][1].plain}"
                         for pair, index in zip(question.pairs, value, strict=True) if pair[1].plain
                         != question.pairs[index][1].plain)
    return verdict.got


def spelled(step: Step, letters: str | None, seed: int) -> str | None:
    """An answer in letters with what stands under them for this learner: ``b (ACK)``; each learner's order is another.
    None where the answer is no letters."""
    if step.question is None or not letters:
        return None
    shown = answers.shown(step.question, seed, step.id)
    names = {letter: _plain(text) for letter, text in (*shown.choices, *shown.left)}
    told = []
    for word in letters.split():
        parts = [word[:1], word[1:]] if shown.left else [word]
        if any(part not in names for part in parts):
            return None
        told.append(f"{word} ({' = '.join(names[part] for part in parts)})")
    return ", ".join(told)


def _plain(text: Text) -> str:
    return re.sub(r"\{\{\s*(.*?)\s*\}\}", r"\1", text.plain).rstrip(".")


def _case(question: Question, why: str) -> str:
    """The case under `wrong:` whose text was said."""
    return next((case.expr.text for case in question.wrong if why and _said(case.text, why)), "")


def _said(text: Text, why: str) -> bool:
    return re.fullmatch(_HOLE.sub(".*?", re.escape(text.source)), why, re.DOTALL) is not None


def _distance(expected: str, got: str) -> str:
    try:
        off = int(got) - int(expected)
    except ValueError:
        return ""
    off = (off + 2**31) % 2**32 - 2**31 if abs(off) < 2**32 else off
    return f"right {'+' if off > 0 else '-'} {abs(off)}" if off and abs(off) <= _NEAR else ""
