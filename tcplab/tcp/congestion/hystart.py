"""HyStart++: leave slow start when the round-trip time begins to rise, before the queue overflows (RFC 9406).

A round lasts until what was SND.NXT at its beginning is acknowledged. When the least round trip of a round is
clearly above that of the round before, Conservative Slow Start (CSS) looks for up to five rounds whether the rise
stays; if not, slow start goes on.
"""

from __future__ import annotations

from tcplab.tcp.plain import Plain

MS = 1_000_000

#: RFC 9406 section 4.3, the recommended constants.
MIN_RTT_THRESH, MAX_RTT_THRESH, MIN_RTT_DIVISOR = 4 * MS, 16 * MS, 8
N_RTT_SAMPLE = 8
CSS_GROWTH_DIVISOR, CSS_ROUNDS = 4, 5
#: How many segments one ACK may open at most, without pacing.
L = 8
#: Where windows are counted in whole segments it does not look at smaller ones, as in Linux.
LOW_WINDOW = 16


def rtt_thresh(last: int) -> int:
    """How much above `last` (ns) the least round trip of a round must lie (RFC 9406 section 4.2)."""
    return max(MIN_RTT_THRESH, min(last // MIN_RTT_DIVISOR, MAX_RTT_THRESH))


class HyStart(Plain):
    """Rounds and their least round trips, in ns; None before there is one. `over` when slow start should end."""

    __slots__ = ("window_end", "last_min", "current_min", "samples", "baseline", "css_rounds", "over")

    def __init__(self) -> None:
        self.window_end: int | None = None
        self.last_min: int | None = None
        self.current_min: int | None = None
        self.samples = 0
        self.baseline: int | None = None
        self.css_rounds = 0
        self.over = False

    @property
    def in_css(self) -> bool:
        return self.baseline is not None

    def growth(self, acked: int, smss: int) -> int:
        """By how many bytes cwnd grows for `acked` new ones (RFC 9406 section 4.2)."""
        bytes_ = min(acked, L * smss)
        return bytes_ // CSS_GROWTH_DIVISOR if self.in_css else bytes_

    def acked(self, sample: int | None, una: int, nxt: int) -> tuple[str, tuple[object, ...]] | None:
        """An ACK of new data; returns what it turned, as a code and its numbers."""
        if self.window_end is None:
            self.window_end = nxt
        elif una >= self.window_end:
            self._round_ends(nxt)
            if self.over:
                return "hystart-done", (CSS_ROUNDS,)
        if sample is None:
            return None
        self.samples += 1
        if self.current_min is None or sample < self.current_min:
            self.current_min = sample
        if self.samples < N_RTT_SAMPLE:
            return None
        if self.in_css:
            if self.current_min < self.baseline:  # the rise was spurious: slow start resumes
                self.baseline, self.css_rounds = None, 0
                return "hystart-resume", (self.current_min // 1000,)
        elif self.last_min is not None and self.current_min >= self.last_min + rtt_thresh(self.last_min):
            self.baseline = self.current_min
            return "hystart-css", (self.last_min // 1000, self.current_min // 1000)
        return None

    def _round_ends(self, nxt: int) -> None:
        self.window_end = nxt
        self.last_min, self.current_min, self.samples = self.current_min, None, 0
        if self.in_css:
            self.css_rounds += 1
            self.over = self.css_rounds >= CSS_ROUNDS
