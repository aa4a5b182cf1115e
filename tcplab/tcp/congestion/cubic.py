"""CUBIC: the window follows a cubic function of the time since the last reduction (RFC 9438). Integers only.

::

    W_cubic(t) = C * (t - K)^3 + W_max        concave up to W_max, where the last loss was, then convex
    K = cbrt((W_max - cwnd_epoch) / C)        so that W_cubic(0) is where the stage began

C is 0.4 segments per cubic second and beta 0.7; windows are bytes, so C becomes 2 * SMSS / 5. Times within the
formula are microseconds, W_est is kept in 1/1024 bytes. Divisions round down.
"""

from __future__ import annotations

from tcplab.tcp.config import Config

from .reno import Reno

_US = 1000
_CUBED = 10**18
_SCALE = 1024


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
    them. `anew`: the next stage begins with K = 0 and W_max = cwnd. `credit`: the fraction of a byte carried over."""

    __slots__ = ("w_max", "k", "epoch", "w_est", "cwnd_prior", "anew", "credit", "converge", "now", "rtt", "gap",
                 "paused", "friendly")

    name = "cubic"
    loss_code = "cwnd-cubic-loss"

    def __init__(self) -> None:
        super().__init__()
        self.w_max = self.k = self.w_est = self.cwnd_prior = self.credit = 0
        self.epoch: int | None = None
        self.anew = self.paused = self.friendly = False
        self.converge = True
        self.now = self.rtt = self.gap = 0

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
        self.converge = config.fast_convergence

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
        # alpha = 3 * (1 - beta) / (1 + beta) = 9/17; once W_est has come to cwnd_prior, 1. RFC 9438 (4)
        step = _SCALE * acked * self.smss
        self.w_est += step // cwnd if self.w_est >= self.cwnd_prior * _SCALE else 9 * step // (17 * cwnd)
        t = (self.now - self.epoch) // _US
        self.friendly = self.w_cubic(t) < self.w_est // _SCALE
        if self.friendly:
            self.cwnd = max(cwnd, self.w_est // _SCALE)  # RFC 9438 4.3
            return
        # RFC 9438 4.2: the target one round trip ahead, between cwnd and 1.5 cwnd
        target = max(cwnd, min(self.w_cubic(t + self.rtt // _US), cwnd * 3 // 2))
        self.credit += (target - cwnd) * acked  # RFC 9438 4.4, 4.5: (target - cwnd) / cwnd for each segment
        self.cwnd += self.credit // cwnd
        self.credit %= cwnd

    # --- reductions ----------------------------------------------------------------------------------------------

    def reduced(self, flight: int) -> int:
        """beta is 0.7; W_max remembers where it happened, a little lower when it was before the last one: room for
        newcomers (RFC 9438 sections 4.6, 4.7)."""
        super().reduced(flight)
        cwnd = self.cwnd
        self.w_max = cwnd * 17 // 20 if self.converge and cwnd < self.w_max else cwnd
        self.cwnd_prior = cwnd
        self.epoch, self.anew = None, False
        return flight * 7 // 10

    def timeout(self, flight: int, first: bool) -> None:
        super().timeout(flight, first)
        self.anew = True  # RFC 9438 4.8

    def idle(self, smss: int) -> None:
        before = self.cwnd
        super().idle(smss)
        if self.cwnd < before:
            self.epoch = None
