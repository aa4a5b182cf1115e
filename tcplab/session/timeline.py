"""Where a session is in time, and how it goes back: a world, the steps that led here, and checkpoints on the way.

A step is one arrival, timer or application action with all that it causes at once, or one command that acts on the
world; `n` counts them. Going back restores the nearest checkpoint before and plays forward again, which is exact
because everything below is deterministic. Commands that were undone wait in `undone` and are applied again at
their step when time runs forward, until a new command forks the future.

The trace is append-only along one path: going back cuts it, and `epoch` counts the cuts. What was cut off is kept as
`ahead`, the furthest known moment of this path, until the path leads past it or a new command forks the future: then
whoever is asked by `forked` may keep it for good (see `branches`).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain
from typing import NamedTuple

from tcplab.net.network import Network
from tcplab.net.trace import Event
from tcplab.session.commands import Command
from tcplab.session.world_calls import Refused

#: Steps between two checkpoints near the present: replaying so many takes far less than 100 ms.
SPACING = 500
#: Further back a gap may be as long as this part of the way from its end to the present, so that there are only a few
#: dozen checkpoints (100 kB each with a full window) however long the past.
SHARE = 12


class Done(NamedTuple):
    """A command that acted on the world: it was step `n` (counted before it), at virtual time `t` (ns)."""

    n: int
    t: int
    command: Command


class Checkpoint(NamedTuple):
    """A place of this path to come back to: a copy of world and lesson path, how long trace and command list were.

    `mark` is how long the trace was before the last step.
    """

    n: int
    t: int
    world: Network
    path: object
    events: int
    done: int
    mark: int = 0


class Moment(NamedTuple):
    """A place that can be come back to from any other path: its checkpoint and all that led there.

    `undone` are the commands that were still to be done again there.
    """

    point: Checkpoint
    trace: tuple[Event, ...]
    done: tuple[Done, ...]
    undone: tuple[Done, ...]
    kept: tuple[Checkpoint, ...]


@dataclass
class Ahead:
    """The furthest known moment of a path, where going back has cut its trace: `trace` goes on with `pieces` at event
    `since`, the latest piece first. What is cut off is moved, for a long trace is not copied within a key's time."""

    point: Checkpoint
    done: tuple[Done, ...]
    undone: tuple[Done, ...]
    kept: tuple[Checkpoint, ...]
    since: int
    pieces: list[list[Event]] = field(default_factory=list)

    @property
    def events(self) -> int:
        """How long its trace is."""
        return self.since + sum(map(len, self.pieces))

    def cut(self, trace: list[Event], at: int) -> None:
        """Going back takes the path's `trace` to event `at`: keep what is not kept yet."""
        if at < self.since:
            self.pieces.append(trace[at : self.since])
            self.since = at

    def moment(self, trace: list[Event]) -> Moment:
        """All of it, `trace` being the path's."""
        whole = tuple(chain(trace[: self.since], *reversed(self.pieces)))
        return Moment(self.point, whole, self.done, self.undone, self.kept)


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
    ahead: Ahead | None = None
    forked: Callable[[Moment], None] = lambda moment: None
    fresh: list[Event] = field(default_factory=list)
    last_step: int = 0

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

    def advance_quietly(self) -> None:
        """The next step, of which nothing is told: for a copy on its way to a moment somebody asked about."""
        self.world.sink = None
        if self.undone and self.undone[0].n == self.n:
            again = self.undone.pop(0)
            if again.t > self.world.now:
                self.world.advance_clock(again.t)
            with suppress(Refused):
                self.apply(self.world, again.command)
        else:
            self.world.step()
        self.n += 1

    def advance_clock(self, t: int) -> None:
        """Let the clock go on to `t` (ns) without a step; no further than the next one."""
        due = self.next_at()
        target = t if due is None else min(t, due)
        if target > self.world.now:
            self.world.advance_clock(target)

    def do(self, command: Command) -> None:
        """Carry out a world command here; whatever had been undone is forgotten."""
        self.forget()
        self._command(command)

    def forget(self) -> None:
        """From here on another future: what was undone is not done again, and what lay ahead is another path."""
        self.undone.clear()
        ahead, self.ahead = self.ahead, None
        if ahead is not None and ahead.events > len(self.trace):
            self.forked(ahead.moment(self.trace))

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
            self._thin()
        self.world.sink = self.trace
        self.last_step = len(self.trace)

    def _finish(self) -> None:
        self.n += 1
        self.fresh = self.trace[self.last_step :]
        if self.ahead is not None and self.n >= self.ahead.point.n:
            self.ahead = None
        self.observe(self.fresh)
        if not self.keep_trace:
            self.trace.clear()

    def _thin(self) -> None:
        """Let go of every checkpoint without which the gap between its neighbours is still short enough."""
        points = [self.base, *self.kept]
        for index in range(len(points) - 2, 0, -1):
            before, after = points[index - 1].n, points[index + 1].n
            if (after - before) * SHARE <= self.n - after:
                del points[index]
        self.kept = points[1:]

    def checkpoint(self) -> Checkpoint:
        """A copy of this moment."""
        return self._point(self.world.copy())

    def _point(self, world: Network) -> Checkpoint:
        return Checkpoint(self.n, world.now, world, self.path.copy(), len(self.trace), len(self.done), self.last_step)

    def moment(self) -> Moment:
        """This moment, to be come back to from anywhere."""
        return Moment(self.checkpoint(), tuple(self.trace), tuple(self.done), tuple(self.undone), tuple(self.kept))

    def furthest(self) -> Moment:
        """The furthest known moment of this path, before another one is taken up."""
        return self.ahead.moment(self.trace) if self.ahead else self.moment()

    def set_base(self) -> None:
        """Make this moment the beginning: `back` goes no further."""
        self.kept.clear()
        self.base = self.checkpoint()

    def restore(self, point: Checkpoint) -> None:
        """Make a checkpoint of this path the present. What came after it is undone, not forgotten."""
        if self.ahead is None:
            self.ahead = Ahead(self._point(self.world), tuple(self.done), tuple(self.undone), tuple(self.kept),
                               len(self.trace))
        self.ahead.cut(self.trace, point.events)
        redo = self.done[point.done :]
        self.undone[:0] = redo
        del self.done[point.done :]
        del self.trace[point.events :]
        while self.kept and self.kept[-1].n > point.n:
            self.kept.pop()
        self._take(point)

    def _take(self, point: Checkpoint) -> None:
        self.world, self.path, self.n = point.world.copy(), point.path.copy(), point.n
        self.last_step = point.mark
        self.epoch += 1

    def take_up(self, moment: Moment) -> None:
        """Make a moment of any path the present. The path that is left is forgotten: see `furthest`."""
        self.trace[:] = moment.trace
        self.done, self.undone, self.kept = list(moment.done), list(moment.undone), list(moment.kept)
        self.ahead = None
        self._take(moment.point)

    def return_to(self, moment: Moment) -> None:
        """Begin again at a moment: what it led to is another path from now on, and may be kept by `forked`."""
        left = self.furthest()
        self.take_up(moment)
        self.undone.clear()
        if left.trace != moment.trace[: len(left.trace)]:
            self.forked(left)

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

    def back_to_event(self, index: int) -> None:
        """Go back to just after the step that brought the event at `index` of the trace."""
        base = self.base
        assert base is not None
        self.restore([base, *(point for point in self.kept if point.events <= index)][-1])
        while len(self.trace) <= index and self.advance_one():
            pass
