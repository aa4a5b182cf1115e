"""What `lab test` tries beside the pupils: every typical wrong answer, hints in order, goals that need no doing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from tcplab.grading.mistakes import ELSE, Case, Dead, cases, texts_of
from tcplab.grading.pupils import Reference
from tcplab.lab.lesson import Lab, Step
from tcplab.lab.text import Text
from tcplab.notation.errors import NotationError
from tcplab.notation.values import format_value
from tcplab.session.judge import Asked, Happening, Verdict, judged, read_answer
from tcplab.session.session import Session

#: Commands with which a learner only lets time pass.
_PASSING = ("run", "wait", "step", "next")
#: A word that is heard under one of so many seeds is heard.
_SEEDS = 6
_HOLE = re.compile(r"\{\{.*?\}\}", re.DOTALL)


class Finding(NamedTuple):
    """What was found at a step, and what to do. A `fault` has to be mended; the author judges anything else."""

    step: str
    words: str
    fault: bool = False
    cure: str = ""


class Told(NamedTuple):
    """One wrong answer that was given, under which seed, and what it heard."""

    step: str
    name: str
    answer: str
    seed: int
    said: str


@dataclass
class Trying:
    """All that was tried: what was found, the wrong answers given, how many hints were opened."""

    found: list[Finding] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    hints: int = 0


class _Walker(Reference):
    """The reference pupil, who looks around at each step: opens the hints, lets time pass, judges other answers too."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.trying: Trying | None = None
        self.cases: dict[str, list[tuple[Case, Asked]]] = {}
        self.dead: dict[str, list[Dead]] = {}
        self.heard: list[tuple[Step, Case, Verdict | None]] = []

    def look(self, trying: Trying) -> None:
        """Go through the lab once more, and note what is found. Raises SolutionError."""
        self.trying = trying
        self._pass(None, rehearse=False)

    def _solve(self, session: Session, step: Step, rehearse: bool) -> None:
        if self.trying is not None:
            session.guide.came_true = lambda plan, happening: self._judge(session, plan, happening)
            self._around(session, step)
        super()._solve(session, step, rehearse)

    def _around(self, session: Session, step: Step) -> None:
        if session.guide.progress[step.id].status == "done":
            self.trying.found.append(_met(step, "is met already when the step begins"))
            return
        _open_hints(session, step, self.trying)
        if step.kind == "task":
            _let_time_pass(session, step, self.trying)
        elif step.question is not None:
            truth = self._answer(session, step, "right", rehearse=False)
            found, self.dead[step.id] = cases(step, session.env(), truth, self.seed)
            self.cases[step.id] = [(case, asked) for case in found for asked in [self._asked(session, step, case)]
                                   if asked is not None]
            if step.about is None:
                self._judge(session, step, Happening(session.env(), session.now, None))

    def _asked(self, session: Session, step: Step, case: Case) -> Asked | None:
        try:
            return read_answer(session, step, case.answer)
        except NotationError as error:
            words = f"{_named(case, self.seed)} cannot be given: {error}"
            self.trying.found.append(Finding(step.id, words, True, "Mend wrong: or unit:."))
            return None

    def _judge(self, session: Session, step: Step, happening: Happening) -> None:
        """Judge every wrong answer at the instant at which the right one is judged."""
        for case, asked in self.cases.pop(step.id, ()):
            self.heard.append((step, case, judged(session, step, asked, happening)))


def findings(lab: Lab, seeds: int = 1) -> Trying:
    """Everything that is found in a lab whose solution works, under seeds 1 to `seeds` (and some more for words
    that nobody has heard by then). Raises SolutionError."""
    trying = Trying()
    silent = {step.id: texts_of(step.question) for step in lab.steps if step.question and step.question.kind != "words"}
    for step in lab.steps:
        trying.found += _without_words(step, silent.get(step.id, {}))
    # The texts that nobody has heard yet, with the reason as the last seed had it.
    unheard = {(step, key): None for step, texts in silent.items() for key, text in texts.items() if text is not None}
    right: Counter[tuple[str, str]] = Counter()  # under how many seeds a wrong answer is the right one
    for seed in range(1, max(seeds, _SEEDS) + 1):
        walker = _Walker(lab, seed)
        walker.rehearse()
        walker.look(trying if seed == 1 else Trying())
        for step, case, verdict in walker.heard:
            if seed == 1 or any((step.id, key) in unheard for key in case.keys):
                trying.found += _heard(seed, step, case, verdict, trying, unheard)
        right.update((step, one.key) for step, dead in walker.dead.items() for one in dead if one.is_right)
        unheard |= {(step, one.key): one for step, dead in walker.dead.items() for one in dead
                    if (step, one.key) in unheard}
        if not unheard and seed >= min(seeds, _SEEDS):
            break
    trying.found += [_mostly_right(place, count, seed) for place, count in right.items()
                     if 4 * count > 3 * seed and place not in unheard]
    trying.found += [_nobody(place, dead) for place, dead in unheard.items()]
    order = [step.id for step in lab.steps]
    trying.found.sort(key=lambda finding: order.index(finding.step))
    return trying


def _without_words(step: Step, texts: dict[str, Text | None]) -> Iterator[Finding]:
    """Wrong answers on which the lab has nothing to say."""
    for key, text in texts.items():
        if text is None:
            yield Finding(step.id, f"the wrong choice {_short(key)!r} has no why", cure="Add why: to it.")


def _open_hints(session: Session, step: Step, trying: Trying) -> None:
    """Open every hint; each comes in its turn, and knows its values."""
    for number, hint in enumerate(step.hints, 1):
        outcome = session.execute("hint")[0]
        trying.hints += 1
        if not outcome.ok or not _is_said(hint.text, outcome.message):
            trying.found.append(Finding(step.id, f"hint {number} does not come as number {number}", True,
                                        "Look at the hints of this step."))
            return
        if _lacks_value(hint.text, outcome.message):
            trying.found.append(Finding(step.id, f"hint {number} shows – for a value that is not known yet", True,
                                        "Name a value that is known when the step begins."))


def _let_time_pass(session: Session, step: Step, trying: Trying) -> None:
    """Do nothing for a while, then go back: a task that ends so asks for nothing."""
    if all(line.split()[0] in _PASSING for line in step.solution):
        return  # its task is to watch
    for line in ("run until idle", "wait", "run until idle"):
        session.execute(line)
        if session.guide.progress[step.id].status == "done":
            trying.found.append(_met(step, "is met without doing anything, when time runs"))
            break
    session.execute(f"reset {step.id}")


def _met(step: Step, words: str) -> Finding:
    return Finding(step.id, f"its goal {words}", bool(step.points), "Let goal: name what only this step brings about.")


def _heard(seed: int, step: Step, case: Case, verdict: Verdict | None, trying: Trying,
           unheard: dict) -> Iterator[Finding]:
    """What came of one wrong answer: it has to count as wrong, and its own word has to be said."""
    name = _named(case, seed)
    if verdict is None or verdict.passed:
        words = "counts as right" if verdict else "cannot be judged"
        yield Finding(step.id, f"{name} {words}", True, "Mend answer:, within: or right:.")
        return
    trying.told.append(Told(step.id, case.name, case.answer, seed, verdict.why))
    texts = texts_of(step.question)
    if case.keys == (ELSE,) and ELSE not in texts and step.question.kind != "choice":
        yield Finding(step.id, f"{name} hears nothing", cure="Add else: under wrong:.")
    for key in case.keys:
        text = texts.get(key)
        if text is None:
            continue
        if not _is_said(text, verdict.why):
            yield Finding(step.id, f"{name} hears another word than its own: {_short(verdict.why, 60)!r}", True,
                          "Look at the order under wrong:.")
        elif _lacks_value(text, verdict.why):
            yield Finding(step.id, f"{name} hears – in the place of a value", True,
                          f"Name values that are known at this moment: {_short(text.source, 60)!r}.")
        unheard.pop((step.id, key), None)
    if _lacks_value(step.after, verdict.after):
        yield Finding(step.id, f"after {name} the text after: shows – in the place of a value", True,
                      "Name values that are known whatever was answered.")


def _named(case: Case, seed: int) -> str:
    return f"the wrong answer {case.answer} ({_short(case.name)}, seed {seed})"


def _nobody(place: tuple[str, str], dead: Dead | None) -> Finding:
    step, key = place
    why, cure = (dead.why, dead.cure) if dead else ("no answer leads to it", "Remove it, or mend the answers.")
    return Finding(step, f"nobody hears the word to {_short(key)!r}: {why}", True, cure)


def _mostly_right(place: tuple[str, str], count: int, seeds: int) -> Finding:
    """A wrong answer that falls together with the right one now and then is chance; mostly, it is a mistake."""
    words = f"the wrong answer {_short(place[1])!r} is the right one under {count} of {seeds} seeds"
    return Finding(place[0], words, cure="Remove it, or let pick: draw numbers that tell them apart.")


def _is_said(text: Text, said: str) -> bool:
    """Whether the text, with whatever values, is in what was said."""
    parts = [re.escape(" ".join(part.split())) for part in _HOLE.split(text.source)]
    return re.search(r" ?\S* ?.*?".join(parts), " ".join(said.split()), re.DOTALL) is not None


def _lacks_value(text: Text | None, said: str) -> bool:
    unknown = format_value(None)
    return text is not None and unknown in said and unknown not in text.source


def _short(text: str, most: int = 40) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else f"{text[: most - 1]}…"
