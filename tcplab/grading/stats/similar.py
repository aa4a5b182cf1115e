"""Which hand-ins resemble each other more than chance explains: wrong answers, numbers of others, words, pauses.

Commands are never compared: labs prescribe them. Nor are right answers. What is told are numbers, never a verdict:
two who learn together make the same mistakes.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import combinations
from math import log2

from tcplab.grading.stats.table import safe

#: So many pauses in a row make a pattern that can be found again; shorter ones than two seconds say nothing.
RUN, SHORTEST = 4, 2
#: A trait that more hand-ins share than this is no trace of anything.
MOST_SHARING = 40
#: Numbers of four digits and more come from the seed: so many are about equally likely.
_NUMBERS = 5000


@dataclass
class HandIn:
    """What is compared of one hand-in."""

    who: str
    student: str | None
    wrong: dict[str, str]
    numbers: dict[str, str]
    words: dict[str, str]
    pauses: list[int]


@dataclass
class Pair:
    """Two hand-ins. `bits`: how improbable their common wrong answers and words are if answers were independent, as
    minus log2 of the chance; `pauses`: how many pauses stand in common runs, of `of` in the shorter recording."""

    first: str
    second: str
    bits: float = 0.0
    wrong: list[str] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    pauses: int = 0
    of: int = 0

    @property
    def rank(self) -> float:
        """For ordering: bits, and two for each common pause."""
        return self.bits + 2 * self.pauses


def similar(results: Iterable[dict], at_least: float = 10.0) -> list[Pair]:
    """Pairs of different learners whose `rank` is at least so many bits, most alike first."""
    hand_ins = [_hand_in(result) for result in results
                if result["status"] == "graded" and result.get("counts", True)]
    pairs: dict[tuple[int, int], Pair] = {}

    def pair(one: int, other: int) -> Pair | None:
        first, second = hand_ins[one], hand_ins[other]
        if first.student is not None and first.student == second.student:
            return None
        return pairs.setdefault((one, other), Pair(first.who, second.who))

    _compare_answers(hand_ins, pair)
    _compare_pauses(hand_ins, pair)
    found = [(key, one) for key, one in pairs.items() if one.rank >= at_least]
    return [one for _, one in sorted(found, key=lambda item: (-item[1].rank, item[0]))]


def _hand_in(result: dict) -> HandIn:
    lab = result["lab"]["id"]
    wrong = {f"{lab}/{step['id']}": step["wrong_as"] for step in result["steps"] if step.get("wrong_as")}
    numbers = {f"{lab}/{step['id']}": step["answer"] for step in result["steps"]
               if re.fullmatch(r"\d{4,10}", step.get("answer") or "")}
    words = {f"{lab}/{key}": normal for key, value in result.get("words", {}).items()
             if len(normal := " ".join(re.findall(r"\w+", str(value).casefold()))) >= 12}
    pauses = (result.get("pace") or {}).get("pauses", [])
    student = result.get("student")
    return HandIn(str(student or result.get("submission") or "?"), student, wrong, numbers, words,
                  [pause for pause in pauses if pause >= SHORTEST])


def _compare_answers(hand_ins: list[HandIn], pair: object) -> None:
    for kind in ("wrong", "numbers", "words"):
        sharing: dict[tuple[str, str], list[int]] = defaultdict(list)
        for index, hand_in in enumerate(hand_ins):
            for trait in getattr(hand_in, kind).items():
                sharing[trait].append(index)
        for (step, answer), who in sharing.items():
            if not 2 <= len(who) <= MOST_SHARING:
                continue
            bits = {"wrong": log2(len(hand_ins) / (len(who) - 1)), "numbers": log2(_NUMBERS / (len(who) - 1)),
                    "words": min(40.0, len(answer) / 2)}[kind]
            for one, other in combinations(who, 2):
                if kind == "numbers" and step not in hand_ins[one].wrong and step not in hand_ins[other].wrong:
                    continue  # right for both: it does not depend on the seed
                if (found := pair(one, other)) is not None and bits > 0:
                    found.bits += bits
                    getattr(found, kind).append(step)


def _compare_pauses(hand_ins: list[HandIn], pair: object) -> None:
    where: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for index, hand_in in enumerate(hand_ins):
        for run in dict.fromkeys(_runs(hand_in.pauses)):
            where[run].append(index)
    candidates: dict[tuple[int, int], None] = {}
    for who in where.values():
        if 2 <= len(who) <= MOST_SHARING:
            candidates |= dict.fromkeys(combinations(who, 2))
    for one, other in candidates:
        if (found := pair(one, other)) is not None:
            found.pauses = _common(hand_ins[one].pauses, hand_ins[other].pauses)
            found.of = min(len(hand_ins[one].pauses), len(hand_ins[other].pauses))


def _runs(pauses: list[int]) -> list[tuple[int, ...]]:
    """Runs of pauses that are not all alike: a metronome is no pattern."""
    runs = [tuple(pauses[at : at + RUN]) for at in range(len(pauses) - RUN + 1)]
    return [run for run in runs if len(set(run)) > 1]


def _common(first: list[int], second: list[int]) -> int:
    """How many pauses of the first stand in runs that the second has too."""
    there = Counter(_runs(second))
    covered = [False] * len(first)
    for at in range(len(first) - RUN + 1):
        if tuple(first[at : at + RUN]) in there:
            covered[at : at + RUN] = [True] * RUN
    return sum(covered)


def text(pairs: list[Pair]) -> str:
    """One line a pair, with what it is based on."""
    if not pairs:
        return "no two hand-ins are more alike than chance explains\n"
    lines = ["these resemble each other more than chance explains; that proves nothing by itself:"]
    for one in pairs:
        said = []
        if one.wrong:
            said.append(f"same rare wrong answers: {', '.join(one.wrong)}")
        if one.numbers:
            said.append(f"the same number although their seeds differ: {', '.join(one.numbers)}")
        if one.words:
            said.append(f"same words: {', '.join(one.words)}")
        if one.pauses:
            said.append(f"{one.pauses} of {one.of} pauses alike, to the second")
        lines.append(f"  {one.rank:6.1f}  {one.first} · {one.second}: {'; '.join(said)}")
    return "\n".join(lines) + "\n"


def table(pairs: list[Pair]) -> str:
    """The same as CSV."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["rank", "first", "second", "bits", "wrong_answers", "same_numbers", "words", "pauses_alike",
                     "pauses"])
    for one in pairs:
        writer.writerow([f"{one.rank:.1f}", safe(one.first), safe(one.second), f"{one.bits:.1f}",
                         *(safe(" ".join(steps)) for steps in (one.wrong, one.numbers, one.words)), one.pauses, one.of])
    return out.getvalue()
