"""The only wall clock: real seconds become virtual time, at a learner's pace.

A run can also go at once, as fast as this machine can, a slice of it in each frame: then `share` says how far it is. No
run goes on for ever: after `MOST_RUN` steps it stops and says so.

A segment's crossing takes about a second and a half on the screen; a longer wait shrinks to about one second in
which its timer visibly drains; a shorter one keeps the pace of the crossing. Nothing here runs while time stands.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from typing import Any

SECOND = 10**9

#: Real time for one crossing, and for one wait with nothing in flight (ns).
CROSSING = 3 * SECOND // 2
WAIT = SECOND

#: Speeds as (numerator, denominator, words); None is as fast as possible.
SPEEDS: tuple[tuple[int, int, str], ...] = (
    (1, 8, "×⅛ slow motion"), (1, 4, "×¼"), (1, 2, "×½"), (1, 1, "×1"), (2, 1, "×2"), (4, 1, "×4"), (16, 1, "×16"),
    (0, 0, "at once"))  # fmt: skip
NORMAL = 3

#: Steps of the session in one frame, so that a frame stays short whatever the speed.
MOST_STEPS = 400
FRAME_BUDGET = SECOND // 25
#: Events after which the garbage collector is told not to look at the past again: a whole look would take a second.
SETTLED = 10_000
#: A run that takes longer than this on the screen is slow (ns).
LONG = 5 * SECOND
#: Steps of one run; then the learner is asked whether it is to go on.
MOST_RUN = 30_000


class Pacer:
    """Walks a session's plan. `tick` is called once a frame while `running`; it says whether anything changed."""

    def __init__(self, session: Any, clock: Callable[[], int] = time.monotonic_ns) -> None:
        self.session, self.clock = session, clock
        self.speed = NORMAL
        self.running = False
        self.why = ""
        self._plan: Any = None
        self._last = self._marked = self._started = 0
        self._wait_from: int | None = None
        self._milestone: tuple = ()
        self._settled = 0
        self._at_once_now = self._until_held = False
        self._looked = 0
        self._begun = self._steps = self._most_owed = self._share = 0

    @property
    def words(self) -> str:
        """The speed as the title bar shows it."""
        return SPEEDS[self.speed][2]

    def change_speed(self, by: int) -> None:
        self.speed = max(0, min(len(SPEEDS) - 1, self.speed + by))

    @property
    def at_once(self) -> bool:
        """Whether time runs as fast as it can."""
        return self.running and (self._at_once_now or not SPEEDS[self.speed][1])

    @property
    def slow(self) -> bool:
        """Whether a run at no more than the usual speed has lasted so long that a learner may want it faster."""
        return self.running and not self.at_once and self.speed <= NORMAL and self._last - self._started > LONG

    def start(self, plan: Any, at_once: bool = False, until_held: bool = False) -> None:
        """Let time run along a RunPlan of the session; `at_once` whatever the speed is.

        `until_held`: stop as soon as the link holds another segment, for then the learner is to decide.
        """
        self._until_held, self._looked = until_held, len(self.session.trace)
        self._plan, self._at_once_now = plan, at_once
        self._begun = self.session.now
        self._steps = self._most_owed = self._share = 0
        self.running, self.why = True, ""
        self._last = self._marked = self._started = self.clock()
        self._wait_from = None
        self._milestone = self._guide_mark()
        self._check()

    @property
    def going(self) -> tuple[Any, bool, bool] | None:
        """What `start` was told for the run that goes on now; None while time stands."""
        return (self._plan, self._at_once_now, self._until_held) if self.running else None

    def stop(self, why: str = "paused") -> None:
        """Let time stand. The position is noted in the recording."""
        if self.running:
            self.running, self.why = False, why
            self._plan = None
            self.session.mark()

    def tick(self) -> bool:
        """Let as much virtual time pass as real time has. Returns whether anything changed."""
        if not self.running:
            return False
        self._spare_the_past()
        now = self.clock()
        real, self._last = now - self._last, now
        if now - self._marked >= SECOND:
            self._marked = now
            self.session.mark()
        top, bottom, _ = SPEEDS[self.speed]
        if not bottom or self._at_once_now:
            return self._at_once(now)
        return self._paced(min(real, SECOND // 2) * top // bottom)

    def _spare_the_past(self) -> None:
        """Events stay until time goes back, and then are freed by their counts: no cycle leads through them."""
        count = len(self.session.trace)
        if abs(count - self._settled) > SETTLED:
            self._settled = count
            gc.freeze()

    def _at_once(self, begun: int) -> bool:
        steps = 0
        while self.running and steps < MOST_STEPS * 10:
            self._step()
            steps += 1
            if steps % 16 == 0 and self.clock() - begun > FRAME_BUDGET:
                break
        return True

    def _paced(self, budget: int) -> bool:
        """Spend `budget` (real ns, speed applied) on virtual time."""
        changed = False
        for _ in range(MOST_STEPS):
            if not self.running:
                return True
            due = self.session.next_at()
            if due is None:
                self._check()
                return True
            t = self.session.now
            gap = max(0, due - t)
            if gap:
                rate = self._rate(gap, t)
                need = gap * SECOND // rate
                if need > budget:
                    self.session.advance_clock(t + budget * rate // SECOND)
                    return True
                budget -= need
            self._step()
            changed = True
        return changed

    def _rate(self, gap: int, t: int) -> int:
        """Virtual ns per real second at this moment."""
        view = self.session.view()
        flights = [f.arrive - f.depart for f in view.in_flight if f.arrive is not None]
        if flights:
            self._wait_from = None
            return max(1, max(flights) * SECOND // CROSSING)
        if self._wait_from is None:
            self._wait_from = t
        whole = gap + t - self._wait_from
        delays = [d.delay for d in view.link.directions]
        usual = max(delays, default=0) * SECOND // CROSSING
        return max(1, usual, whole * SECOND // WAIT)

    def _step(self) -> None:
        """One step of the session, then see whether to stop."""
        self._wait_from = None
        self._steps += 1
        self._plan.step()
        self._check()

    def _check(self) -> None:
        if not self.running:
            return
        stopped = self._plan.stopped()
        if self._until_held:
            fresh, self._looked = self.session.trace[self._looked:], len(self.session.trace)
            stopped = stopped or ("held" if any(event.kind == "held" for event in fresh) else "")
        if stopped:
            self.stop(stopped)
        elif self._guide_mark() != self._milestone:
            self.stop("goal")
        elif self._steps >= MOST_RUN:
            self.stop("much")

    def _guide_mark(self) -> tuple:
        """Changes when a goal is met, a prediction is judged or a step begins."""
        return self.session.lesson_mark()

    def share(self) -> int:
        """How much of the run is behind it, in thousandths: of its time, of the bytes to be sent, or of its steps."""
        t = self._begun
        shares = [self._share, self._steps * 1000 // MOST_RUN]
        deadline = getattr(self._plan, "deadline", None)
        if deadline is not None and deadline > t:
            shares.append((self.session.now - t) * 1000 // (deadline - t))
        owed = sum(conn.queued + conn.tcb.unsent + conn.tcb.flight for host in self.session.view().hosts
                   for conn in host.connections if not conn.tcb.gone)
        self._most_owed = max(self._most_owed, owed)
        if self._most_owed:
            shares.append((self._most_owed - owed) * 1000 // self._most_owed)
        self._share = min(max(shares), 1000)
        return self._share
