"""Two endpoints on a virtual wire: integer time, seeded accidents, no other room involved.

    pair = Pair()                 # a connects to b
    pair.connect()
    pair.a.send(b"hello", pair.now)
    pair.run()
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable
from dataclasses import replace

from tcplab.tcp import PROFILES, Config, Endpoint, Event, Segment, State, transition

MS = 1_000_000
S = 1_000_000_000

A, B = ("10.0.0.1", 49152), ("10.0.0.2", 80)
PLAIN = replace(PROFILES["first-lessons"], iss=None, secret=b"pair")


class Pair:
    """`a` (active) and `b` (passive) with `delay` ns each way.

    `accident(seg, n)` decides what becomes of the n-th segment (from 0): a list of extra delays, one copy each;
    [] loses it, [0] delivers it, [0, 0] duplicates it. `log` keeps (time, "a" or "b", segment) of everything sent.
    """

    def __init__(self, config: Config = PLAIN, other: Config | None = None, delay: int = 50 * MS,
                 accident: Callable[[Segment, int], list[int]] | None = None, reading: bool = True,
                 local: tuple = A, remote: tuple = B) -> None:
        self.a, self.b = Endpoint(config, local), Endpoint(other or config, remote)
        self.ends = {"a": self.a, "b": self.b}
        self.now, self.delay = 0, delay
        self.accident = accident or (lambda seg, n: [0])
        self.reading = {"a": reading, "b": reading}
        self.got = {"a": bytearray(), "b": bytearray()}
        self.on_step: Callable[[Pair], None] | None = None
        self.wire: list = []
        self.log: list[tuple[int, str, Segment]] = []
        self.reports: list[tuple[int, str, object]] = []
        self.count = 0

    def connect(self) -> Pair:
        """The handshake, to ESTABLISHED on both sides."""
        self.b.open_passive(self.now)
        self.a.open_active(self.b.local, self.now)
        return self.run(until=lambda: self.a.state is State.ESTABLISHED and self.b.state is State.ESTABLISHED)

    def pump(self) -> None:
        """Let readers read, then put what both sides have to send on the wire."""
        for name, end in self.ends.items():
            if self.reading[name] and end.readable:
                self.got[name] += end.receive(end.readable, self.now)
            for seg in end.take_segments():
                self.log.append((self.now, name, seg))
                for extra in self.accident(seg, self.count):
                    heapq.heappush(self.wire, (self.now + self.delay + extra, self.count, len(self.wire), name, seg))
                self.count += 1
            for report in end.take_reports():
                self.reports.append((self.now, name, report))
                if report.kind == "state":  # every move is a row of the table
                    row = transition(State(report.get("from")), Event(report.get("event")))
                    assert str(row.target) == report.get("to")

    def next_at(self) -> int | None:
        times = [end.next_timeout() for end in self.ends.values()] + ([self.wire[0][0]] if self.wire else [])
        return min((at for at in times if at is not None), default=None)

    def step(self) -> bool:
        """The next arrival or timer; False when nothing is left."""
        self.pump()
        at = self.next_at()
        if at is None:
            return False
        self.now = max(self.now, at)
        if self.wire and self.wire[0][0] <= self.now:
            _, _, _, name, seg = heapq.heappop(self.wire)
            target = self.b if name == "a" else self.a
            target.segment_arrives(seg, self.now)
        else:
            for end in self.ends.values():
                end.timeout(self.now)
        if self.on_step:
            self.on_step(self)
        self.pump()
        return True

    def run(self, for_ns: int | None = None, until: Callable[[], bool] | None = None, limit: int = 200_000) -> Pair:
        """Step until nothing is left to do (or `until`, or `for_ns` have passed)."""
        end = None if for_ns is None else self.now + for_ns
        self.pump()
        for _ in range(limit):
            if until is not None and until():
                return self
            at = self.next_at()
            if at is None or (end is not None and at > end):
                self.now = end if end is not None else self.now
                return self
            self.step()
        raise AssertionError("the pair does not come to rest")

    def settle(self) -> Pair:
        """Run until nothing is on the wire and no timer but TIME-WAIT, user and probing is armed."""
        return self.run(until=lambda: not self.wire and not self.a.keeps_busy and not self.b.keeps_busy)

    def sent(self, name: str) -> list[Segment]:
        return [seg for _, who, seg in self.log if who == name]

    def kinds(self, name: str, kind: str) -> list:
        return [report for _, who, report in self.reports if who == name and report.kind == kind]


def dice(seed: str, loss: float = 0.0, dup: float = 0.0, jitter: int = 0) -> Callable[[Segment, int], list[int]]:
    """A seeded accident: chances of loss and duplication, and an extra delay of up to `jitter` ns (which reorders)."""
    rng = random.Random(seed)

    def accident(seg: Segment, n: int) -> list[int]:
        lost, twice = rng.random() < loss, rng.random() < dup
        extra = int(rng.random() * jitter), int(rng.random() * jitter)
        return [] if lost else list(extra) if twice else [extra[0]]

    return accident


def lose(*numbers: int) -> Callable[[Segment, int], list[int]]:
    """Lose the segments with these numbers of sending (from 0)."""
    return lambda seg, n: [] if n in numbers else [0]
