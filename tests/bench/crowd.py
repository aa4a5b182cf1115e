"""Thirty learners at one small server: each has a screen over SSH and presses a key every two seconds."""

from __future__ import annotations

import select
import tempfile
from pathlib import Path
from random import Random
from time import perf_counter

from .line import BENCH_MARK, PAINTED, SANDBOX, Line
from .table import Row, percentile

LEARNERS = 30
#: Seconds of measuring, and between two keys of one learner.
LONG, EVERY = 20.0, 2.0
#: What a learner does: pages, steps, data under way. A run of time paints by itself, so only keys pressed while the
#: screen stood still are timed; the others are the load.
HABITS = ("2", "s", "d", "3", "s", "s", "1", "v", "6", "b", "d", "space", "2", "up", "up", "4", "s", "?", "esc")
#: A screen that wrote nothing for so long stands still.
STILL = 0.5


class Learner:
    """One of them: which key comes next and when, and since when a key has been waiting for its painting."""

    def __init__(self, line: Line, number: int) -> None:
        self.line, self.dice = line, Random(f"learner/{number}")
        self.at = number % len(HABITS)
        self.due = perf_counter() + self.dice.random() * EVERY
        self.pressed: float | None = None
        self.last_wrote = 0.0
        self.waits: list[float] = []

    def press(self, now: float) -> None:
        """The next key; timed when the screen stands still."""
        key = HABITS[self.at % len(HABITS)]
        self.at += 1
        self.due = now + EVERY * (0.5 + self.dice.random())
        self.pressed = now if now - self.last_wrote > STILL else None
        self.line.clear()
        self.line.type({"space": " ", "up": "\x1b[A", "esc": "\x1b[27u"}.get(key, key))

    def painted(self, now: float) -> None:
        """The program wrote something: perhaps the whole painting of a key."""
        self.line.take()
        self.last_wrote = now
        if self.pressed is not None and PAINTED in self.line.since:
            self.waits.append(now - self.pressed)
            self.pressed = None


def measure_crowd(learners: int = LEARNERS, seconds: float = LONG) -> list[Row]:
    """The time from a key to its painting, while all of them work."""
    lines: list[Line] = []
    with tempfile.TemporaryDirectory() as folder:
        try:
            for number in range(learners):
                home = Path(folder, str(number))
                home.mkdir()
                lines.append(Line(SANDBOX, home, SSH_CONNECTION="192.0.2.1 1 192.0.2.2 22"))
            for line in lines:
                line.until(BENCH_MARK)
                line.type(":server listen 80; client connect server 80; step 3\r")
            for line in lines:
                line.until(b"ESTABLISHED")
            waits, busy, never = work([Learner(line, number) for number, line in enumerate(lines)], seconds)
        finally:
            for line in lines:
                line.close()
    worst = percentile(waits, 95)
    figure = f"{worst * 1e3:.0f} ms (95 %), {percentile(waits, 50) * 1e3:.0f} usual, {max(waits) * 1e3:.0f} at worst"
    return [Row(f"{learners} learners at once, a key to its painting", figure,
                f"{len(waits)} keys, processors {busy * 100:.0f} % of one" + f", {never} unanswered" * bool(never), "",
                "250 ms", worst < 0.25)]


def work(learners: list[Learner], seconds: float) -> tuple[list[float], float, int]:
    """Everybody at the keys for so long: the waits, the processors that all of them used, keys without an answer."""
    by_fd = {learner.line.fd: learner for learner in learners}
    begun, used = perf_counter(), sum(learner.line.cpu() for learner in learners)
    while (now := perf_counter()) - begun < seconds:
        for learner in learners:
            if learner.due <= now:
                learner.press(now)
        left = max(0.0, min(learner.due for learner in learners) - perf_counter())
        for fd in select.select(list(by_fd), [], [], min(left, 0.1))[0]:
            by_fd[fd].painted(perf_counter())
    taken = perf_counter() - begun
    used = sum(learner.line.cpu() for learner in learners) - used
    waits = [wait for learner in learners for wait in learner.waits]
    never = sum(learner.pressed is not None and learner.pressed < begun + taken - EVERY for learner in learners)
    return waits, used / taken, never
