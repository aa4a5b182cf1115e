"""Giving every typical wrong answer of a lesson once, and collecting what is said to it."""

from __future__ import annotations

from tcplab.lab.answers import shuffled
from tcplab.lab.lesson import Lab, Step

from .lessons import Lesson

LETTERS = "abcdefghi"


def wrong_letters(step: Step, seed: int) -> list[str]:
    """The wrong choices of a question under their letters; for `several` each letter alone, and all together."""
    letters = LETTERS[: len(step.question.choices)]
    if step.question.kind == "several":
        return [*letters, " ".join(letters)]
    return [letters[at] for at, index in enumerate(shuffled(len(letters), seed, step.id))
            if not step.question.choices[index].right]  # fmt: skip


def said_to(lab_id: str, numbers: dict[str, list[str]], seed: int = 7) -> dict[tuple[str, str], str]:
    """What the guide says to each wrong answer: the `numbers` given by step, and every wrong choice.

    A session takes one answer for each question, so the lesson is walked as often as the longest list says.
    """
    lab = Lesson(lab_id, seed).lab
    answers = {step.id: wrong_letters(step, seed) for step in lab.steps if step.question and step.question.choices}
    answers |= numbers
    found = {}
    for turn in range(max(map(len, answers.values()))):
        lesson = Lesson(lab_id, seed)
        while lesson.session.guide.phase != "finished":
            step = lesson.here
            lesson.solve(answers[step][turn] if turn < len(answers.get(step, ())) else None)
        for step, given in answers.items():
            if turn < len(given):
                assert lesson.said[step].good is False, f"{step}: {given[turn]} counts as right"
                found[step, given[turn]] = lesson.said[step].text
    return found


def untold(lab: Lab, said: dict[tuple[str, str], str]) -> list[str]:
    """The feedback texts of a lab that none of `said` begins with or holds."""
    missing = []
    for step in lab.steps:
        if step.question is None:
            continue
        texts = [case.text for case in step.question.wrong]
        texts += [choice.why for choice in step.question.choices if choice.why or not choice.right]
        texts += [step.question.otherwise] if step.question.otherwise else []
        heard = [text for (where, _), text in said.items() if where == step.id]
        missing += [f"{step.id}: {text.source if text else 'a choice without why'}" for text in texts
                    if text is None or not any(text.source.partition("{{")[0] in one for one in heard)]  # fmt: skip
    return missing
