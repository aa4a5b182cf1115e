"""Dice and settings of one direction of the link, named as tc-netem(8) names them. Integers only.

Every kind of impairment has its own stream, seeded with the text ``seed/direction/kind``, and the n-th segment
offered to a direction owns the n-th draw of each, even if it was already lost: changing one kind leaves the dice of
the others alone. A stream that nobody needs yet is not rolled but caught up later, which comes to the same.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random
from typing import NamedTuple

from tcplab.tcp.congestion.cubic import cube_root

MILLION = 1_000_000
#: `hand` is drawn only when a learner corrupts a segment in mid-link.
KINDS = ("loss", "burst", "jitter", "reorder", "duplicate", "corrupt", "hand")
DISTRIBUTIONS = ("uniform", "normal", "pareto")
#: tc-netem's own default.
DEFAULT_LIMIT = 1000

_LOW = (1 << 32) - 1
#: Eight dice of 256 sides: mean 8 * 127.5, standard deviation sqrt(8 * 65535 / 12), which is 209 and a bit.
_BYTES_MEAN, _BYTES_DEVIATION = 1020, 209
#: Pareto with shape 3 in units of 1/1024: mean 3/2, standard deviation sqrt(3)/2.
_PARETO_MEAN, _PARETO_DEVIATION = 1536, 887


class Die:
    """One seeded stream of 64-bit draws, one for each segment offered."""

    __slots__ = ("seed", "stream", "drawn")

    def __init__(self, seed: str) -> None:
        self.seed = seed
        self.stream: Random | None = None
        self.drawn = 0

    def draw(self, n: int) -> int:
        """The draw that belongs to segment `n` (from 1), 64 bits. `n` must be greater than at the last draw."""
        if self.stream is None:
            self.stream = Random(self.seed)
        roll = self.stream.getrandbits
        for _ in range(n - 1 - self.drawn):
            roll(64)
        self.drawn = n
        return roll(64)

    def copy(self) -> Die:
        twin = Die(self.seed)
        twin.drawn = self.drawn
        if self.stream is not None:
            twin.stream = Random(0)
            twin.stream.setstate(self.stream.getstate())
        return twin


class Burst(NamedTuple):
    """Gilbert-Elliott loss: chances in ppm to go bad (`p`), to recover (`r`), to lose while bad and while good."""

    p: int
    r: int
    bad: int = MILLION
    good: int = 0


@dataclass(frozen=True, slots=True)
class Settings:
    """One direction. Times in ns, chances in parts per million, `rate` in bit/s (0: no limit), sizes in bytes.

    `limit` is how many segments may wait for a busy line; `every` loses each n-th segment (0: none); `mtu` is the
    longest packet carried (0: any); `up` False loses everything offered; from `ecn` waiting segments on one that can
    bear it is marked (0: never); `unreachable` answers everything with this ICMP error (empty: nothing).
    """

    delay: int = 0
    jitter: int = 0
    distribution: str = "uniform"
    loss: int = 0
    burst: Burst | None = None
    every: int = 0
    reorder: int = 0
    duplicate: int = 0
    corrupt: int = 0
    rate: int = 0
    limit: int = DEFAULT_LIMIT
    mtu: int = 0
    up: bool = True
    ecn: int = 0
    unreachable: str = ""

    @property
    def plain(self) -> bool:
        """True when every segment that the MTU lets in just takes its time: the fast way through the link."""
        return self.up and not (self.jitter or self.loss or self.burst or self.every or self.reorder
                                or self.duplicate or self.corrupt or self.unreachable)

    @property
    def only_loses(self) -> bool:
        """True when independent loss is all that chance does: what is not lost takes the fast way."""
        return bool(self.loss) and replace(self, loss=0).plain

    def cleared(self) -> Settings:
        """Nothing but the distance is left: no chance, no rate, no MTU, and the link is up."""
        return replace(DEFAULTS, delay=self.delay)


DEFAULTS = Settings()


class Fate(NamedTuple):
    """What the dice say about one segment: `lost` is a reason code and its number; `bits` choose the bit to flip."""

    lost: tuple[str, int] | None
    jitter: int
    ahead: bool
    twice: bool
    corrupt: bool
    bits: int


class Dice:
    """All streams of one direction, and the state of the bursty loss."""

    __slots__ = ("dies", "bad")

    def __init__(self, seed: int | str, direction: str) -> None:
        self.dies = {kind: Die(f"{seed}/{direction}/{kind}") for kind in KINDS}
        self.bad = False

    def copy(self) -> Dice:
        twin = Dice.__new__(Dice)
        twin.dies = {kind: die.copy() for kind, die in self.dies.items()}
        twin.bad = self.bad
        return twin

    def roll(self, n: int, settings: Settings, aimed: bool = False) -> Fate:
        """The fate of the `n`-th segment offered under `settings`; `aimed` when a rule wants a bit flipped anyhow."""
        dies = self.dies
        corrupt = dies["corrupt"].draw(n) if settings.corrupt or aimed else 0
        return Fate(
            self._lost(n, settings),
            spread(dies["jitter"].draw(n), settings.jitter, settings.distribution) if settings.jitter else 0,
            bool(settings.reorder) and chance(dies["reorder"].draw(n), settings.reorder),
            bool(settings.duplicate) and chance(dies["duplicate"].draw(n), settings.duplicate),
            bool(settings.corrupt) and chance(corrupt, settings.corrupt),
            corrupt & _LOW,
        )

    def by_hand(self) -> int:
        """32 bits for a hand that corrupts, from a stream of their own: chance is left as it was."""
        die = self.dies["hand"]
        return die.draw(die.drawn + 1) & _LOW

    def loses(self, n: int, bound: int) -> bool:
        """Whether independent loss takes the `n`-th segment offered: what `roll` says where nothing else can happen;
        `bound` is that of its chance."""
        die = self.dies["loss"]
        if die.drawn + 1 != n or die.stream is None:
            draw = die.draw(n)
        else:  # the next draw, without a call
            die.drawn = n
            draw = die.stream.getrandbits(64)
        return draw < bound

    def _lost(self, n: int, settings: Settings) -> tuple[str, int] | None:
        burst = bool(settings.burst) and self._burst(self.dies["burst"].draw(n), settings.burst)
        dice = bool(settings.loss) and chance(self.dies["loss"].draw(n), settings.loss)
        if burst:
            return "lost.burst", 0
        if dice:
            return "lost.dice", settings.loss
        if settings.every and n % settings.every == 0:
            return "lost.every", settings.every
        return None

    def _burst(self, draw: int, burst: Burst) -> bool:
        """One step of the two-state chain (upper half of the draw), then the loss of its state (lower half)."""
        if chance(draw, burst.r if self.bad else burst.p):
            self.bad = not self.bad
        return chance(draw << 32, burst.bad if self.bad else burst.good)


def chance(draw: int, ppm: int) -> bool:
    """Does the upper half of a 64-bit draw fall into `ppm` parts of a million?"""
    return (draw >> 32 & _LOW) * MILLION < ppm << 32


def bound(ppm: int) -> int:
    """What a 64-bit draw must be below for `chance` to say yes: to compare alone takes 0.1 us less."""
    return -(-(ppm << 32) // MILLION) << 32


def spread(draw: int, jitter: int, distribution: str) -> int:
    """A deviation from the delay in ns: within `jitter` if uniform, else with `jitter` as standard deviation."""
    if distribution == "normal":
        return jitter * (sum(draw.to_bytes(8, "big")) - _BYTES_MEAN) // _BYTES_DEVIATION
    if distribution == "pareto":
        # x = u ** (-1/3) in units of 1/1024; u is never 0.
        x = cube_root((1 << 62) // ((draw >> 32) + 1))
        return jitter * (x - _PARETO_MEAN) // _PARETO_DEVIATION
    return ((draw >> 32) * (2 * jitter + 1) >> 32) - jitter
