"""Slow start, congestion avoidance, fast retransmit and fast recovery (RFC 5681), NewReno's partial ACKs (RFC 6582)."""

from __future__ import annotations

from tcplab.tcp.config import Config

from .base import INFINITE, Congestion
from .hystart import LOW_WINDOW, HyStart


def initial_window(smss: int, segments: int | None = None) -> int:
    """IW in bytes: two, three or four segments by their size (RFC 5681 section 3.1), or, when `segments` are asked
    for, those within RFC 6928's limit of 14600 bytes or two segments."""
    if segments is not None:
        return min(segments * smss, max(2 * smss, 14600))
    if smss > 2190:
        return 2 * smss
    return 3 * smss if smss > 1095 else 4 * smss


#: A loss in a first or restarted window of more than this makes later restarts careful. RFC 6928 section 2
_CAREFUL = 4096


class Reno(Congestion):
    """`bytes_acked` counts towards the next increase in congestion avoidance (RFC 5681 3.1, recommended form).

    `trial` is the initial or restart window while it is under way, 0 otherwise; `proven` what of it is acknowledged.
    `hystart` is there in the first slow start only, and only when it is switched on (RFC 9406 section 4.3).
    `whole`: windows are counted in whole segments, as Linux does.
    """

    __slots__ = ("bytes_acked", "iw", "trial", "proven", "hystart", "whole")

    name = "reno"

    def __init__(self) -> None:
        super().__init__()
        self.bytes_acked = 0
        self.iw = self.trial = self.proven = 0
        self.hystart: HyStart | None = None
        self.whole = False

    @property
    def loss_code(self) -> str:
        return "cwnd-fast-retransmit-whole" if self.whole else "cwnd-fast-retransmit"

    @property
    def phase(self) -> str:
        if self.cwnd >= self.ssthresh:
            return "congestion avoidance"
        return "conservative slow start" if self.hystart is not None and self.hystart.in_css else "slow start"

    def grew(self, before: int) -> str:
        if before < self.ssthresh:
            if self.hystart is not None and self.hystart.in_css:
                return "cwnd-css"
            return "cwnd-slow-start-whole" if self.whole else "cwnd-slow-start"
        return "cwnd-avoidance"

    def established(self, config: Config, smss: int, syn_lost: int) -> None:
        self.smss = smss
        # The handshake's ACKs do not grow it; a lost SYN makes it one segment. RFC 5681 3.1
        # RFC 6928 2 forgives one lost SYN.
        self.iw = initial_window(smss, config.iw)
        self.cwnd = self.trial = smss if syn_lost > (config.iw is not None) else self.iw
        self._fit(config)

    def reconfigured(self, config: Config, smss: int) -> None:
        if 0 < smss < self.smss:  # RFC 5681 3.1: scale by the ratio of the segment sizes
            self.cwnd = max(self.cwnd * smss // self.smss, smss)
        self.smss = smss
        self.cwnd = self.cwnd or initial_window(smss)
        self._fit(config)

    def _fit(self, config: Config) -> None:
        """HyStart++ in the first slow start, if it is wanted (RFC 9406 section 4.3)."""
        if not config.hystart or self.ssthresh < INFINITE:
            self.hystart = None
        elif self.hystart is None:
            self.hystart = HyStart()
        self.timed = self.hystart is not None
        self.whole = config.whole_segments

    def clock(self, now: int, srtt: int | None, sample: int | None, una: int, nxt: int) -> None:
        hystart = self.hystart
        if hystart is None or (self.whole and self.cwnd < LOW_WINDOW * self.smss):
            return
        self.said = hystart.acked(sample, una, nxt)
        if hystart.over:
            self.slow_start_over()

    def slow_start_over(self) -> None:
        """HyStart++ ends slow start before anything was lost (RFC 9406 section 4.2)."""
        self.ssthresh = self.cwnd
        self._no_hystart()

    def _no_hystart(self) -> None:
        self.hystart = None
        self.timed = False

    def resized(self, smss: int) -> None:
        if self.trial and not self.proven and smss < self.smss:
            # RFC 5681 3.1: the same number of segments, not a larger burst of smaller ones; later windows stay as they
            # are, this is no congestion (RFC 1191 6.4)
            self.cwnd = max(self.cwnd * smss // self.smss, smss)
        self.smss = smss

    def ack(self, acked: int, flight: int) -> None:
        if self.trial:
            self.proven += acked
            if self.proven >= self.trial:
                self.trial = self.proven = 0
        if self.echo:  # RFC 3168 6.1.2: an ACK with ECE lets nothing grow
            return
        # A window that was not used proves nothing: it does not grow while the application is idle.
        if self.cwnd < self.ssthresh:
            if 2 * flight >= self.cwnd:
                self.slow_start(acked)
        elif flight + self.smss > self.cwnd:
            self.avoidance(acked)

    def slow_start(self, acked: int) -> None:
        if self.hystart is None:
            # RFC 5681 (2); Linux counts every segment an ACK covers and stops at ssthresh.
            self.cwnd += min(acked, self.ssthresh - self.cwnd) if self.whole else min(acked, self.smss)
        else:
            self.cwnd += self.hystart.growth(acked, self.smss)

    def avoidance(self, acked: int) -> None:
        self.bytes_acked += acked
        if self.bytes_acked >= self.cwnd:  # RFC 5681 3.1: one segment per window of ACKed bytes
            self.bytes_acked -= self.cwnd
            self.cwnd += self.smss

    def reduced(self, flight: int) -> int:
        """What a loss leaves of `flight`: half of it, not of cwnd (RFC 5681 (4))."""
        self.cuts += 1
        self.bytes_acked = 0
        if self.trial and self.proven + flight > _CAREFUL:  # RFC 6928 2
            self.iw = min(self.iw, initial_window(self.smss))
        self.trial = self.proven = 0
        if self.hystart is not None:
            self._no_hystart()
        return self.part(flight, 1, 2)

    def part(self, flight: int, numerator: int, denominator: int) -> int:
        """So much of `flight`; of cwnd, in whole segments rounded down, where those are counted."""
        if self.whole:
            return self.cwnd // self.smss * numerator // denominator * self.smss
        return flight * numerator // denominator

    def third_duplicate(self, flight: int, already: bool = False) -> None:
        if not already:
            self.ssthresh = max(self.reduced(flight), 2 * self.smss)
        self.cwnd = self.ssthresh + 3 * self.smss  # RFC 5681 3.2 step 3

    def further_duplicate(self) -> None:
        self.cwnd += self.smss  # RFC 5681 3.2 step 4

    def partial_ack(self, acked: int) -> None:
        self.cwnd -= min(acked, self.cwnd)  # RFC 6582 3.2 step 3
        if acked >= self.smss:
            self.cwnd += self.smss
        self.cwnd = max(self.cwnd, self.smss)

    def full_ack(self, flight: int) -> None:
        self.cwnd = min(self.ssthresh, max(flight, self.smss) + self.smss)  # RFC 6582 3.2 step 3 (1)
        self.bytes_acked = 0

    def ecn_echo(self, flight: int) -> None:
        left = self.reduced(flight)
        self.cwnd = max(left, self.smss)  # RFC 3168 6.1.2: down to one segment, then the timer slows the sender
        self.ssthresh = max(left, 2 * self.smss)

    def timeout(self, flight: int, first: bool) -> None:
        left = self.reduced(flight)
        if first:  # further time-outs of the same segment leave ssthresh alone. RFC 5681 3.1
            self.ssthresh = max(left, 2 * self.smss)
        self.cwnd = self.smss

    def idle(self, smss: int) -> None:
        self.cwnd = self.trial = min(self.iw or initial_window(smss), self.cwnd)  # RFC 5681 4.1: RW = min(IW, cwnd)
        self.proven = 0
