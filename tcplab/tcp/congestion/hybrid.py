"""Hybrid slow start, the ancestor of HyStart++, as Linux has it in CUBIC: leave slow start before the queue overflows.

Two signs end it, each within one round (Ha and Rhee, "Taming the elephants: new TCP slow start", 2011): a train of
closely spaced ACKs has become as long as half the least round trip, so that one window fills the path; or the round
trips of a round begin clearly above the least one. Nothing is looked at below sixteen segments.
"""

from __future__ import annotations

from tcplab.tcp.plain import Plain

from .hystart import N_RTT_SAMPLE, rtt_thresh

MS = 1_000_000
#: ACKs that follow each other within this belong to one train; what is allowed beyond the least round trip.
SPACING, ALLOWANCE = 2 * MS, 1 * MS


class HybridStart(Plain):
    """Times in ns. `least` of all round trips, `current` of this round; the round began at `began` and ends when
    `window_end` is acknowledged; `last` is the latest ACK of its train. `over` when slow start should end."""

    __slots__ = ("least", "current", "samples", "window_end", "began", "last", "over")

    def __init__(self) -> None:
        self.least: int | None = None
        self.current: int | None = None
        self.samples = 0
        self.window_end = self.began = self.last = -1
        self.over = False

    def acked(self, now: int, sample: int | None, una: int, nxt: int,
              ripe: bool) -> tuple[str, tuple[object, ...]] | None:
        """An ACK of new data came at `now`; returns what ends slow start, as a code and its numbers, else None.

        Rounds are counted from the first ACK on, so that each begins with the first segment of a flight; verdicts
        wait until the window is `ripe`.
        """
        if sample is None:
            return None
        self.least = sample if self.least is None else min(self.least, sample)
        if una > self.window_end:
            self.began = self.last = now
            self.window_end, self.current, self.samples = nxt, None, 0
        if not ripe:
            return None
        if now - self.last <= SPACING:
            self.last = now
            if 2 * (now - self.began) > self.least + ALLOWANCE:
                self.over = True
                return "hybrid-train", ((now - self.began) // 1000, self.least // 1000)
        self.current = sample if self.current is None else min(self.current, sample)
        if self.samples < N_RTT_SAMPLE:
            self.samples += 1
        elif self.current > self.least + rtt_thresh(self.least):
            self.over = True
            return "hybrid-delay", (self.current // 1000, self.least // 1000)
        return None
