"""Where a session is in time, and how it goes back: a world, the steps that led here, and checkpoints on the way.

A step is one arrival, timer or application action with all that it causes at once, or one command that acts on the
world; `n` counts them. Going back restores the nearest checkpoint before and plays forward again, which is exact
because everything below is deterministic. Commands that were undone wait in `undone` and are applied again at
their step when time runs forward, until a new command forks the future.

The trace is append-only along one path: going back cuts it, and `epoch` counts the cuts.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from tcplab.net.network import Network
from tcplab.net.trace import Event
from tcplab.session.commands import Command
from tcplab.session.world_calls import Refused

#: Steps between two checkpoints near the present: replaying so many takes far less than 100 ms.
SPACING = 1000
#: So many checkpoints are kept (100 kB each with a full window); then every other one goes, so that the gaps between
#: old ones grow with the length of the past.
MOST = 64


class Done(NamedTuple):
    """A command that acted on the world: it was step `n` (counted before it), at virtual time `t` (ns)."""

    n: int
    t: int
    command: Command


class Checkpoint(NamedTuple):
    """A moment to come back to: a copy of world and lesson path, and how long trace and command list were."""

    n: int
    t: int
    world: Network
    path: object
    events: int
    done: int


@dataclass
class Timeline:
    """One path through a session's possible futures.

    `apply` carries out a world command on a world; `observe` is told the events of each step and returns nothing.
    `path` is the lesson's path-dependent state: any object with a `copy()`.
    """

    world: Network
    path: object
    apply: Callable[[Network, Command], None]
    observe: Callable[[list[Event]], None] = lambda events: None
    n: int = 0
    trace: list[Event] = field(default_factory=list)
    done: list[Done] = field(default_factory=list)
    undone: list[Done] = field(default_factory=list)
    epoch: int = 0
    base: Checkpoint | None = None
    kept: list[Checkpoint] = field(default_factory=list)
    keep_trace: bool = True

    @property
    def now(self) -> int:
        """Virtual time in ns."""
        return self.world.now

    def next_at(self) -> int | None:
        """When the next step is due (ns), or None when nothing is."""
        if self.undone and self.undone[0].n == self.n:
            return self.undone[0].t
        return self.world.next_at()

    def advance_one(self) -> bool:
        """Do the next step: a command that was undone here, or what the world does next. False when nothing is due."""
        if self.undone and self.undone[0].n == self.n:
            again = self.undone.pop(0)
            if again.t > self.world.now:
                self.world.advance_clock(again.t)
            try:
                self._command(again.command)
            except Refused:
                pass  # it was refused the first time too: the refusal is in the trace
            return True
        if self.world.next_at() is None:
            return False
        self._begin()
        self.world.step()
        self._finish()
        return True

    def advance_clock(self, t: int) -> None:
        """Let the clock go on to `t` (ns) without a step; no further than the next one."""
        due = self.next_at()
        target = t if due is None else min(t, due)
        if target > self.world.now:
            self.world.advance_clock(target)

    def do(self, command: Command) -> None:
        """Carry out a world command here; whatever had been undone is forgotten."""
        self.undone.clear()
        self._command(command)

    def _command(self, command: Command) -> None:
        self._begin()
        self.done.append(Done(self.n, self.world.now, command))
        try:
            self.apply(self.world, command)
        finally:
            self._finish()

    def _begin(self) -> None:
        last = self.kept[-1].n if self.kept else (self.base.n if self.base else self.n)
        if self.n - last >= SPACING and self.base is not None:
            self.kept.append(self.checkpoint())
            if len(self.kept) > MOST:
                del self.kept[1::2]
        self.world.sink = self.trace
        self._mark = len(self.trace)

    def _finish(self) -> None:
        self.n += 1
        self.observe(self.trace[self._mark :])
        if not self.keep_trace:
            self.trace.clear()

    def checkpoint(self) -> Checkpoint:
        """A copy of this moment."""
        return Checkpoint(self.n, self.world.now, self.world.copy(), self.path.copy(), len(self.trace), len(self.done))

    def set_base(self) -> None:
        """Make this moment the beginning: `back` goes no further."""
        self.kept.clear()
        self.base = self.checkpoint()

    def restore(self, point: Checkpoint) -> None:
        """Make a checkpoint the present. What came after it is undone, not forgotten."""
        redo = self.done[point.done :]
        self.undone[:0] = redo
        del self.done[point.done :]
        del self.trace[point.events :]
        while self.kept and self.kept[-1].n > point.n:
            self.kept.pop()
        self.world, self.path, self.n = point.world.copy(), point.path.copy(), point.n
        self.epoch += 1

    def back_to(self, n: int) -> None:
        """Go back to just after step `n` (not before the beginning)."""
        base = self.base
        assert base is not None
        n = max(n, base.n)
        points = [base, *self.kept]
        self.restore(points[bisect_right([p.n for p in points], n) - 1])
        while self.n < n and self.advance_one():
            pass

    def back_to_time(self, t: int) -> None:
        """Go back to the last step at or before virtual time `t` (ns), with the clock at `t`."""
        base = self.base
        assert base is not None
        points = [base, *(p for p in self.kept if p.t <= t)]
        self.restore(points[-1])
        while (due := self.next_at()) is not None and due <= t and self.advance_one():
            pass
        self.advance_clock(t)
