"""What was so just before and just after something happened: facts, computed again on a copy of the world.

The answer to "why?" on a segment, an edge of the state diagram or any event. The session itself is not touched: a copy
of the nearest checkpoint is played forward, which is exact because everything below is deterministic.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, NamedTuple

from tcplab.net.trace import Event
from tcplab.net.views import HostView
from tcplab.session.timeline import Checkpoint, Timeline
from tcplab.tcp.views import TcbView

if TYPE_CHECKING:
    from tcplab.session.session import Session

#: A copy of the world left behind by the last questions is a checkpoint for the next ones; so many are kept.
KEPT = 8


class Around(NamedTuple):
    """The step that brought an event: it was step `n` (counted before it) at virtual time `t` (ns).

    Its events are those of the trace from `first` up to `end`; `before` and `after` are both hosts, as they were. One
    step is one arrival, timer or call with all that it causes at once, so several segments may come of it.
    """

    n: int
    t: int
    first: int
    end: int
    before: tuple[HostView, ...]
    after: tuple[HostView, ...]

    def tcbs(self, host: str, conn: int) -> tuple[TcbView | None, TcbView | None]:
        """The variables of a host's connection before and after; None where there was no such connection."""
        return _tcb(self.before, host, conn), _tcb(self.after, host, conn)


class Changed(NamedTuple):
    """A variable that the step changed: its name in `TcbView`, and its values."""

    name: str
    before: object
    after: object


def around(session: Session, index: int) -> Around | None:
    """The step that brought event number `index` of the trace; None for what was so before the lesson began."""
    timeline = session.timeline
    base = timeline.base
    if base is None or not base.events <= index < len(timeline.trace):
        return None
    trace = timeline.trace
    target = trace[index]
    # All events of this instant, counted from the first: reports are made only from there on, which is much faster.
    instant = bisect_left(trace, target.t, hi=index + 1, key=_when)
    points = [base, *timeline.kept, *_side(session)]
    point = max((p for p in points if p.events <= index), key=lambda p: p.events)
    copy = Timeline(point.world.copy(), point.path, timeline.apply, n=point.n, undone=list(timeline.done[point.done :]))
    seen = _run_to(copy, session, target.t, point, instant)
    names = list(copy.world.hosts)
    while True:
        before = tuple(copy.world.host_view(name) for name in names)
        n, had = copy.n, len(copy.trace)
        if not copy.advance_one():
            return None
        if seen + len(copy.trace) > index:
            after = tuple(copy.world.host_view(name) for name in names)
            return Around(n, target.t, seen + had, seen + len(copy.trace), before, after)


def _run_to(copy: Timeline, session: Session, t: int, point: Checkpoint, instant: int) -> int:
    """Play `copy` forward to just before `t` (ns). Returns how many events of the trace lie before what it will add."""
    if point.events > instant:
        return point.events  # a checkpoint within the instant itself
    steps = 0
    while (due := copy.next_at()) is not None and due < t:
        copy.advance_quietly()
        steps += 1
    if steps > 200:
        _keep(session, copy, point, instant)
    return instant


def _side(session: Session) -> list[Checkpoint]:
    """Checkpoints left behind by earlier questions, as far as they still lie on this path."""
    epoch, points = session.aside
    if epoch != session.epoch:
        session.aside = (session.epoch, [])
        return []
    return points


def _keep(session: Session, copy: Timeline, point: Checkpoint, events: int) -> None:
    done = len(session.timeline.done) - len(copy.undone)
    points = _side(session)
    points.append(Checkpoint(copy.n, copy.now, copy.world.copy(), point.path, events, done))
    del points[:-KEPT]


def _when(event: Event) -> int:
    return event.t


def _tcb(hosts: tuple[HostView, ...], host: str, conn: int) -> TcbView | None:
    for view in hosts:
        if view.name == host:
            return next((c.tcb for c in view.connections if c.n == conn), None)
    return None


def changes(before: TcbView | None, after: TcbView | None) -> list[Changed]:
    """The variables that differ, in the order of `TcbView`. Of a connection that began or ended there is no other
    side to compare with: all that is set counts as changed from None."""
    if after is None:
        return []
    old = before or _NOTHING
    return [Changed(name, was, now) for name, was, now in zip(TcbView._fields, old, after, strict=True)
            if was != now and (before is not None or now)]


_NOTHING = TcbView._make([None] * len(TcbView._fields))

