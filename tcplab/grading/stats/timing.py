"""Pauses of hand-ins compared: whose tempo is another's, exactly or shuffled a little.

Everybody pauses longer where there is more to read, and everybody has a pace of their own. So a pause counts as alike
only as far as it is unusual: for each place of a lab the class itself tells how many learners would have one like it.
For each pair a likelihood ratio is computed, in bits: that one tempo was made from the other, against that both came
about by themselves. Copies are thought of in two ways, to the second, or each pause changed by up to about a third
and all of them faster or slower. By Markov's inequality chance reaches b bits at most once in 2^b pairs.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from math import log, log2
from statistics import median
from typing import NamedTuple

#: The pauses (seconds) of a hand-in in order, each with the step it was made in.
Pauses = list[tuple[str, int]]
#: A place of a lab (its step, and the how many-th command of it) and the pause before that command.
Tempo = dict[tuple[str, int], int]

#: A copied pause is this near (natural logarithms; 0.38 is 32 % shorter to 46 % longer), or off by a second: copies of
#: three kinds are thought of, changed by about 10, 20 and 30 %.
NEAR = (0.14, 0.26, 0.38)
#: How likely a copied pause is that near, and how likely one is to the second in an exact copy.
KEPT = 0.93
#: What is thought of a class before anything is known of it, as so many learners.
PRIOR, NEAR_PRIOR = 4, 0.4
#: The tempo of the whole is fitted: that costs so many bits; eight ways of copying are tried: three more.
FITTED, TRIED = 3.0, 3.0
#: Of the places that both have so many in ten have to be alike, or the pair is not looked at.
ENOUGH, OF = 8, 10
#: Fewer places than these tell nothing.
LEAST = 4


class Alike(NamedTuple):
    """Two tempos: `bits` against chance, `alike` pauses `of` those that could be compared, `exact`: to the second."""

    bits: float
    alike: int
    of: int
    exact: bool


def _room(seconds: int, near: float) -> float:
    """How far (natural logarithm) a copy of a pause may be off; short ones are whole seconds."""
    return 0.7 if seconds < 2 else max(near, -log(1 - 1 / seconds))


class _Place:
    """The pauses of a class at one place: how many lie within a distance, and who does."""

    def __init__(self, rows: list[tuple[float, int]]) -> None:
        self._rows = sorted(rows)
        self._values = [value for value, _ in self._rows]
        self._masks = [0]
        for _, who in self._rows:
            self._masks.append(self._masks[-1] | 1 << who)

    def _within(self, value: float, room: float) -> tuple[int, int]:
        return bisect_left(self._values, value - room - 1e-9), bisect_right(self._values, value + room + 1e-9)

    def share(self, value: float, room: float, prior: float) -> float:
        """Which part of learners would have a pause as near as that, the two who are compared left out."""
        low, high = self._within(value, room)
        return (max(0, high - low - 2) + PRIOR * prior) / (max(0, len(self._rows) - 2) + PRIOR)

    def who(self, value: float, room: float) -> int:
        """Those within a distance, as bits of a number."""
        low, high = self._within(value, room)
        return self._masks[high] ^ self._masks[low]


def compare(hand_ins: list[Pauses]) -> dict[tuple[int, int], Alike]:
    """Pairs of hand-ins with a positive likelihood ratio, by their numbers in the list.

    The commands of a step are counted from its beginning, and once more from its end: a copy may have one more.
    """
    found = _compare([_tempo(pauses) for pauses in hand_ins])
    for pair, alike in _compare([_tempo(pauses[::-1]) for pauses in hand_ins]).items():
        found[pair] = max(found.get(pair, alike), alike)
    return found


def _tempo(pauses: Pauses) -> Tempo:
    tempo: Tempo = {}
    count: Counter[str] = Counter()
    for step, seconds in pauses:
        tempo[step, count[step]] = seconds
        count[step] += 1
    return tempo


def _compare(tempos: list[Tempo]) -> dict[tuple[int, int], Alike]:
    telling = [_telling(tempo) for tempo in tempos]
    relative = _relative(telling)
    near = _places(relative)
    exact = _places([{place: float(seconds) for place, seconds in tempo.items()} for tempo in telling])
    ways = [_Way(telling, 0.0, exact), *(_Way(relative, width, near, telling) for width in NEAR)]
    found = {}
    for one, other in _candidates(telling, relative, near, exact):
        common = telling[one].keys() & telling[other].keys()
        off = {place: log(telling[one][place] / telling[other][place]) for place in common}
        pace = median(off.values()) if off else 0.0
        best = max(way.judge(one, other, off, pace if way.width else 0.0) for way in ways)
        if best.bits > TRIED:
            found[one, other] = best._replace(bits=best.bits - TRIED)
    return found


class _Way:
    """One way of copying: `width` 0 to the second, else each pause that near. What each pause would tell is computed
    once; the less telling one of two counts."""

    def __init__(self, rows: list[dict], width: float, places: dict, seconds: list[Tempo] | None = None) -> None:
        self.width = width
        self._rooms: list[dict[tuple[str, int], float]] = []
        self._chances: list[dict[tuple[str, int], float]] = []
        for row, tempo in zip(rows, seconds or rows, strict=True):
            rooms = {place: _room(tempo[place], width) if width else 0.0 for place in row}
            self._rooms.append(rooms)
            self._chances.append({place: places[place].share(
                value, rooms[place], NEAR_PRIOR if width else min(0.5, 0.5 / tempo[place]))
                for place, value in row.items()})

    def judge(self, one: int, other: int, off: dict[tuple[str, int], float], pace: float) -> Alike:
        """How two tempos compare, `off` being the logarithms of their ratios."""
        bits, alike = -FITTED if self.width else 0.0, 0
        rooms, others = self._rooms[one], self._rooms[other]
        chances, other_chances = self._chances[one], self._chances[other]
        for place, ratio in off.items():
            chance = max(chances[place], other_chances[place])
            if abs(ratio - pace) <= max(rooms[place], others[place]) + 1e-9:
                bits += log2(KEPT / chance)
                alike += 1
            else:
                bits += log2((1 - KEPT) / max(1e-3, 1 - chance))
        return Alike(bits, alike, len(off), not self.width)


def _telling(tempo: Tempo) -> Tempo:
    """Pauses that can tell something: a metronome is no pattern, nor is what took no second."""
    kept, last = {}, 0
    for place, seconds in tempo.items():
        if seconds and seconds != last:
            kept[place] = seconds
        last = seconds
    return kept


def _relative(tempos: list[Tempo]) -> list[dict[tuple[str, int], float]]:
    """Each pause against what the class needs at that place, and against the learner's own pace."""
    by_place: dict[tuple[str, int], list[float]] = defaultdict(list)
    for tempo in tempos:
        for place, seconds in tempo.items():
            by_place[place].append(log(seconds))
    usual = {place: median(values) for place, values in by_place.items()}
    found = []
    for tempo in tempos:
        off = {place: log(seconds) - usual[place] for place, seconds in tempo.items()}
        pace = median(off.values()) if off else 0.0
        found.append({place: value - pace for place, value in off.items()})
    return found


def _places(rows: list[dict[tuple[str, int], float]]) -> dict[tuple[str, int], _Place]:
    by_place: dict[tuple[str, int], list[tuple[float, int]]] = defaultdict(list)
    for who, row in enumerate(rows):
        for place, value in row.items():
            by_place[place].append((value, who))
    return {place: _Place(values) for place, values in by_place.items()}


def _candidates(tempos: list[Tempo], relative: list[dict], near: dict, exact: dict) -> list[tuple[int, int]]:
    """Pairs that are alike in most places, counted for all others of a hand-in at once: as sums of bits."""
    pairs = []
    for one, tempo in enumerate(tempos):
        if len(tempo) < LEAST:
            continue
        later = ~((2 << one) - 1)
        sums: list[int] = []
        for place, seconds in tempo.items():
            carry = near[place].who(relative[one][place], 1.3 * _room(seconds, NEAR[-1]))
            carry = (carry | exact[place].who(float(seconds), 0)) & later
            for digit in range(len(sums)):
                sums[digit], carry = sums[digit] ^ carry, sums[digit] & carry
            if carry:
                sums.append(carry)
        everybody = 0
        for digit in sums:
            everybody |= digit
        while everybody:
            lowest = everybody & -everybody
            everybody ^= lowest
            other = lowest.bit_length() - 1
            count = sum(bool(digit & lowest) << power for power, digit in enumerate(sums))
            if count >= LEAST and count * OF >= ENOUGH * min(len(tempo), len(tempos[other])):
                pairs.append((one, other))
    return pairs
