"""Letting time run for a dialogue: to the end of a plan, but never without an end, and never for long in silence."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from .words import seconds

#: Steps of one run; then the learner is asked whether it is to go on.
MOST_RUN = 30_000
#: Real nanoseconds of silence before a line says how far a run is.
SILENCE = 3 * 10**9


class Walk:
    """Runs plans of a session. An interrupt (ctrl+c) ends a run between two steps; the session stays whole."""

    def __init__(self, session: Any, say: Callable[[str], None],
                 clock: Callable[[], int] = time.monotonic_ns) -> None:
        self.session, self.say, self.clock = session, say, clock
        self.interrupted = self.running = False

    def run(self, plan: Any) -> str:
        """Walk a plan; returns why it ended: what `RunPlan.stopped` says, or goal, much, stopped."""
        self.interrupted, self.running = False, True
        try:
            return self._run(plan)
        finally:
            self.running = False
            self.session.mark()

    def _run(self, plan: Any) -> str:
        session, steps, said_at = self.session, 0, self.clock()
        begun = session.lesson_mark()
        why = plan.stopped()
        while not why:
            plan.step()
            steps += 1
            why = plan.stopped()
            if why:
                break
            if self.interrupted:
                why = "stopped"
            elif session.lesson_mark() != begun:
                why = "goal"
            elif steps >= MOST_RUN:
                why = "much"
            elif steps % 256 == 0 and self.clock() - said_at > SILENCE:
                said_at = self.clock()
                session.mark()
                self.say(f"Still running: {steps:,} steps, at {seconds(session.now)}. ctrl+c stops.")
        return why
