"""CUBIC: the window follows a cubic function of the time since the last reduction (RFC 9438). Integers only.

::

    W_cubic(t) = C * (t - K)^3 + W_max        concave up to W_max, where the last loss was, then convex
    K = cbrt((W_max - cwnd_epoch) / C)        so that W_cubic(0) is where the stage began

C is 0.4 segments per cubic second and beta 0.7; windows are bytes, so C becomes 2 * SMSS / 5. Times within the
formula are microseconds, W_est is kept in 1/1024 bytes. Divisions round down.
"""

from __future__ import annotations

from tcplab.tcp.config import Config

from .base import INFINITE
from .hybrid import HybridStart
from .hystart import LOW_WINDOW
from .reno import Reno

_US = 1000
_CUBED = 10**18
_SCALE = 1024
#: In whole segments, as Linux does: at the target cwnd takes a hundred windows to grow by a segment; before any loss
#: (or since a time-out) every twenty segments acknowledged add one at least.
_HARDLY, _SEARCH = 100, 20
#: While cwnd stands still Linux looks at the curve again only after a 32nd of a second.
_LOOK_NS = 31_250_000


def cube_root(n: int) -> int:
    """The integer cube root of `n` >= 0 (the largest x with x**3 <= n), by Newton's way down from above."""
    if n < 8:
        return int(n > 0)
    x = 1 << (n.bit_length() + 2) // 3
    while True:
        y = (2 * x + n // (x * x)) // 3
        if y >= x:
            return x
        x = y


class Cubic(Reno):
    """`w_max`, `k` (us), `epoch` (ns, None between stages), `w_est`, `cwnd_prior`: as RFC 9438 section 4.1.2 names
    them. `anew`: the next stage begins with K = 0 and W_max = cwnd. `credit`: the fraction of a byte carried over.

    In whole segments `credit` is what was acknowledged since cwnd grew, and cwnd grows for every `per` of it;
    `uncounted` is the same for W_est. `searching`: nothing is known of the path, no loss since the start or a time-out;
    `hybrid` may end that slow start.
    """

    __slots__ = ("w_max", "k", "epoch", "w_est", "cwnd_prior", "anew", "credit", "converge", "now", "rtt", "gap",
                 "paused", "friendly", "rises", "uncounted", "searching", "per", "hybrid",
                 "looked_cwnd", "looked_at")

    name = "cubic"

    def __init__(self) -> None:
        super().__init__()
        self.w_max = self.k = self.w_est = self.cwnd_prior = self.credit = 0
        self.epoch: int | None = None
        self.anew = self.paused = self.friendly = False
        self.converge = self.rises = self.searching = True
        self.now = self.rtt = self.gap = 0
        self.uncounted = self.per = self.looked_cwnd = self.looked_at = 0
        self.hybrid: HybridStart | None = None

    @property
    def loss_code(self) -> str:
        return "cwnd-cubic-loss-whole" if self.whole else "cwnd-cubic-loss"

    @property
    def phase(self) -> str:
        if self.cwnd < self.ssthresh or self.epoch is None:
            return super().phase
        if self.friendly:
            return "congestion avoidance, Reno-friendly"
        return "congestion avoidance, " + ("concave" if self.cwnd < self.w_max else "convex")

    @property
    def shown_w_max(self) -> int | None:
        return self.w_max or None

    def grew(self, before: int) -> str:
        if before < self.ssthresh:
            return super().grew(before)
        if self.friendly:
            return "cwnd-cubic-friendly"
        return "cwnd-cubic-concave" if self.cwnd < self.w_max else "cwnd-cubic-convex"

    def _fit(self, config: Config) -> None:
        super()._fit(config)
        self.timed = True
        self.converge, self.rises = config.fast_convergence, config.reno_alpha_rises
        if not config.hybrid_start:
            self.hybrid = None
        elif self.hybrid is None and self.ssthresh >= INFINITE:
            self.hybrid = HybridStart()

    def _no_hystart(self) -> None:
        self.hystart = None

    def slow_start_over(self) -> None:
        super().slow_start_over()
        self.cwnd_prior, self.anew = self.cwnd, True  # RFC 9438 4.10

    # --- time ----------------------------------------------------------------------------------------------------

    def clock(self, now: int, srtt: int | None, sample: int | None, una: int, nxt: int) -> None:
        """Time in which the window was not used does not count (RFC 9438 sections 4.2 and 5.8)."""
        gap = now - self.now
        if self.paused and gap > 2 * self.rtt and self.epoch is not None:
            self.epoch += gap - self.rtt
            gap = self.rtt
        self.now, self.gap, self.rtt = now, gap, srtt or 0
        self.paused = una == nxt  # perhaps nothing follows for a while
        super().clock(now, srtt, sample, una, nxt)
        hybrid = self.hybrid
        if hybrid is not None and self.cwnd < self.ssthresh:
            self.said = hybrid.acked(now, sample, una, nxt, self.cwnd >= LOW_WINDOW * self.smss)
            if hybrid.over:
                self.hybrid = None
                self.slow_start_over()

    def ack(self, acked: int, flight: int) -> None:
        if self.epoch is not None and flight + self.smss <= self.cwnd:  # the application was the limit
            self.epoch += self.gap
        super().ack(acked, flight)

    # --- congestion avoidance ------------------------------------------------------------------------------------

    def w_cubic(self, t: int) -> int:
        """W_cubic at `t` us after the stage began, in bytes (RFC 9438 (1))."""
        return self.w_max + 2 * self.smss * (t - self.k) ** 3 // (5 * _CUBED)

    def begin(self) -> None:
        """A stage of congestion avoidance begins (RFC 9438 sections 4.2, 4.8, 4.10)."""
        self.epoch, self.credit = self.now, 0
        self.uncounted = self.per = 0
        self.w_est = self.cwnd * _SCALE  # RFC 9438 4.3
        if self.anew or self.cwnd >= self.w_max:
            self.w_max, self.k = self.cwnd, 0
        else:
            self.k = cube_root(5 * (self.w_max - self.cwnd) * _CUBED // (2 * self.smss))  # RFC 9438 (2)
        self.anew = False

    def avoidance(self, acked: int) -> None:
        if self.epoch is None:
            self.begin()
        cwnd = self.cwnd
        acked = min(acked, cwnd)
        t = (self.now - self.epoch) // _US
        # alpha = 3 * (1 - beta) / (1 + beta) = 9/17; once W_est has come to cwnd_prior, 1. RFC 9438 (4)
        risen = self.rises and self.w_est >= self.cwnd_prior * _SCALE
        if self.whole:
            return self.count(acked, t, risen)
        step = _SCALE * acked * self.smss
        self.w_est += step // cwnd if risen else 9 * step // (17 * cwnd)
        self.friendly = self.w_cubic(t) < self.w_est // _SCALE
        if self.friendly:
            self.cwnd = max(cwnd, self.w_est // _SCALE)  # RFC 9438 4.3
            return
        # RFC 9438 4.2: the target one round trip ahead, between cwnd and 1.5 cwnd
        target = max(cwnd, min(self.w_cubic(t + self.rtt // _US), cwnd * 3 // 2))
        self.credit += (target - cwnd) * acked  # RFC 9438 4.4, 4.5: (target - cwnd) / cwnd for each segment
        self.cwnd += self.credit // cwnd
        self.credit %= cwnd

    def count(self, acked: int, t: int, risen: bool) -> None:
        """The same in whole segments, as Linux does: one more for each `per` bytes acknowledged.

        `w_est` gains a segment for more than cwnd / alpha of them; `uncounted` and `credit` wait to be whole.
        """
        smss, cwnd = self.smss, max(self.cwnd // self.smss, 1)
        self.uncounted += acked
        if self.per == 0 or cwnd != self.looked_cwnd or self.now - self.looked_at > _LOOK_NS:
            self.looked_cwnd, self.looked_at = cwnd, self.now
            each = (cwnd if risen else cwnd * 17 // 9) * smss
            gained = max(self.uncounted - 1, 0) // each
            self.uncounted -= gained * each
            self.w_est += gained * smss * _SCALE
            self.per = smss * self.segments_per_segment(cwnd, t + self.rtt // _US - self.k)
        if self.credit >= self.per:  # gathered while growth was slower: one segment, not many at once
            self.credit, self.cwnd = 0, self.cwnd + smss
        self.credit += acked
        self.cwnd += self.credit // self.per * smss
        self.credit %= self.per

    def segments_per_segment(self, cwnd: int, ahead: int) -> int:
        """How many segments must be acknowledged until cwnd (in segments) grows by one; `ahead`: us beyond K."""
        moved = 2 * abs(ahead) ** 3 // (5 * _CUBED)  # segments from W_max, rounded towards it
        target = self.w_max // self.smss + (moved if ahead > 0 else -moved)
        count = cwnd // (target - cwnd) if target > cwnd else _HARDLY * cwnd
        if self.searching:
            count = min(count, _SEARCH)
        lead = self.w_est // _SCALE // self.smss - cwnd
        self.friendly = lead > 0 and cwnd // lead < count
        return max(cwnd // lead if self.friendly else count, 2)  # at most 1.5 cwnd in a round trip

    # --- reductions ----------------------------------------------------------------------------------------------

    def reduced(self, flight: int) -> int:
        """beta is 0.7; W_max remembers where it happened, a little lower when it was before the last one: room for
        newcomers (RFC 9438 sections 4.6, 4.7)."""
        super().reduced(flight)
        cwnd, left = self.cwnd, self.part(flight, 7, 10)
        self.w_max = self.part(cwnd, 17, 20) if self.converge and cwnd < self.w_max else cwnd
        self.cwnd_prior = cwnd
        self.epoch, self.anew, self.searching, self.hybrid = None, False, False, None
        return left

    def timeout(self, flight: int, first: bool) -> None:
        super().timeout(flight, first)
        self.anew = self.searching = True  # RFC 9438 4.8

    def idle(self, smss: int) -> None:
        before = self.cwnd
        super().idle(smss)
        if self.cwnd < before:
            self.epoch = None
