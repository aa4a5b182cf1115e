"""Which learners resemble each other more than chance explains: wrong answers, numbers of others, words, pauses.

Commands are never compared: labs prescribe them. Nor are right answers. What is told are numbers, never a verdict:
two who learn together make the same mistakes. All hand-ins of a learner are taken together.
"""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import combinations
from math import log2

from tcplab.grading.identity import folded
from tcplab.grading.stats import timing
from tcplab.grading.stats.table import safe

#: A trait that more hand-ins share than this is no trace of anything.
MOST_SHARING = 40
#: Of numbers with so many digits about this share is drawn by seeds.
_DRAWN = 0.5


@dataclass
class HandIn:
    """What is compared of one learner; `pauses` by lab."""

    who: str
    wrong: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    pauses: dict[str, timing.Pauses] = field(default_factory=dict)


@dataclass
class Pair:
    """Two learners. `answers` and `tempo`: how improbable what they have in common is if they worked independently, as
    minus log2 of the chance. Of `of` pauses so many are `pauses` alike, all of them `exact` to the second or not."""

    first: str
    second: str
    answers: float = 0.0
    wrong: list[str] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    tempo: float = 0.0
    pauses: int = 0
    of: int = 0
    exact: bool = True
    rank: float = 0.0


def similar(results: Iterable[dict], at_least: float = 5.0) -> list[Pair]:
    """Pairs of different learners with a `rank` of at least so many bits, most alike first.

    There are many pairs in a class, and some are alike by chance: that is taken off. In a class where nobody copied, a
    pair of rank r comes about once in 2^r classes.
    """
    hand_ins = _learners(results)
    pairs: dict[tuple[int, int], Pair] = {}

    def pair(one: int, other: int) -> Pair:
        return pairs.setdefault((one, other), Pair(hand_ins[one].who, hand_ins[other].who))

    _compare_answers(hand_ins, pair)
    _compare_tempos(hand_ins, pair)
    many = log2(max(1, len(hand_ins) * (len(hand_ins) - 1) // 2))
    for one in pairs.values():
        one.rank = one.answers + one.tempo - many
    found = [(key, one) for key, one in pairs.items() if one.rank >= at_least]
    return [one for _, one in sorted(found, key=lambda item: (-item[1].rank, item[0]))]


def _learners(results: Iterable[dict]) -> list[HandIn]:
    """What counts of each learner; a hand-in that is nobody's stands for itself."""
    found: dict[str, HandIn] = {}
    for number, result in enumerate(results):
        if result["status"] == "graded" and result.get("counts", True):
            student = result.get("student")
            who = str(student or result.get("submission") or "?")
            _take(found.setdefault(folded(str(student)) if student else f"\0{number}", HandIn(who)), result)
    return list(found.values())


def _take(hand_in: HandIn, result: dict) -> None:
    lab = result["lab"]["id"]
    for step in result["steps"]:
        if step.get("wrong_as"):
            hand_in.wrong[f"{lab}/{step['id']}"] = step["wrong_as"]
        if re.fullmatch(r"\d{4,10}", step.get("answer") or ""):
            hand_in.numbers[f"{lab}/{step['id']}"] = step["answer"]
    hand_in.words |= {f"{lab}/{key}": normal for key, value in result.get("words", {}).items()
                      if len(normal := " ".join(re.findall(r"\w+", str(value).casefold()))) >= 12}
    pace = result.get("pace") or {}
    pauses = pace.get("pauses", [])
    places = pace.get("places", [""] * len(pauses))
    hand_in.pauses.setdefault(lab, []).extend(zip(places, pauses, strict=True))


def _compare_answers(hand_ins: list[HandIn], pair: Callable[[int, int], Pair]) -> None:
    for kind in ("wrong", "numbers", "words"):
        sharing: dict[tuple[str, str], list[int]] = defaultdict(list)
        for index, hand_in in enumerate(hand_ins):
            for trait in getattr(hand_in, kind).items():
                sharing[trait].append(index)
        for (step, answer), who in sharing.items():
            if not 2 <= len(who) <= MOST_SHARING:
                continue
            # Both have this one: how likely that is for the second is told by how many of the others have it.
            bits = {"wrong": log2(len(hand_ins) / (len(who) - 1)),
                    "numbers": log2(max(1.0, min(_DRAWN * 10 ** len(answer), 2.0**32) / (len(who) - 1))),
                    "words": min(40.0, len(answer) * 0.75)}[kind]  # letters of a language are half guessed
            for one, other in combinations(who, 2):
                if kind == "numbers" and step not in hand_ins[one].wrong and step not in hand_ins[other].wrong:
                    continue  # right for both: it does not depend on the seed
                if bits > 0:
                    found = pair(one, other)
                    found.answers += bits
                    getattr(found, kind).append(step)


def _compare_tempos(hand_ins: list[HandIn], pair: Callable[[int, int], Pair]) -> None:
    """Lab by lab. One lab may have been copied and others not: unlike ones say nothing, which costs a bit for each."""
    labs = sorted({lab for hand_in in hand_ins for lab in hand_in.pauses})
    for lab in labs:
        for (one, other), alike in timing.compare([hand_in.pauses.get(lab, []) for hand_in in hand_ins]).items():
            bits = alike.bits - (len(labs) > 1)
            if bits > 0:
                found = pair(one, other)
                found.tempo += bits
                found.pauses, found.of = found.pauses + alike.alike, found.of + alike.of
                found.exact = found.exact and alike.exact


def text(pairs: list[Pair]) -> str:
    """One line a pair, with what it is based on."""
    if not pairs:
        return "no two learners are more alike than chance explains\n"
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
            how = "to the second" if one.exact else "in proportion"
            said.append(f"{one.pauses} of {one.of} pauses alike, {how}")
        lines.append(f"  {one.rank:6.1f}  {one.first} · {one.second}: {'; '.join(said)}")
    return "\n".join(lines) + "\n"


def table(pairs: list[Pair]) -> str:
    """The same as CSV."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["rank", "first", "second", "bits", "wrong_answers", "same_numbers", "words", "pauses_alike",
                     "pauses", "pause_bits", "to_the_second"])
    for one in pairs:
        writer.writerow([f"{one.rank:.1f}", safe(one.first), safe(one.second), f"{one.answers:.1f}",
                         *(safe(" ".join(steps)) for steps in (one.wrong, one.numbers, one.words)), one.pauses, one.of,
                         f"{one.tempo:.1f}", str(one.exact and one.pauses > 0).lower()])
    return out.getvalue()
