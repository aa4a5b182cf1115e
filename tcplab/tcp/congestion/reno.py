"""Slow start, congestion avoidance, fast retransmit and fast recovery (RFC 5681), NewReno's partial ACKs (RFC 6582)."""

from __future__ import annotations

from tcplab.tcp.config import Config

from .base import Congestion


def initial_window(smss: int, segments: int | None = None) -> int:
    """IW in bytes: two, three or four segments by their size (RFC 5681 section 3.1), or, when `segments` are asked
    for, those within RFC 6928's limit of 14600 bytes or two segments."""
    if segments is not None:
        return min(segments * smss, max(2 * smss, 14600))
    if smss > 2190:
        return 2 * smss
    return 3 * smss if smss > 1095 else 4 * smss


class Reno(Congestion):
    """`bytes_acked` counts towards the next increase in congestion avoidance (RFC 5681 3.1, recommended form)."""

    __slots__ = ("bytes_acked", "iw")

    name = "reno"

    def __init__(self) -> None:
        super().__init__()
        self.bytes_acked = 0
        self.iw = 0

    def established(self, config: Config, smss: int, syn_lost: int) -> None:
        self.smss = smss
        # The handshake's ACKs do not grow it; a lost SYN makes it one segment. RFC 5681 3.1
        # RFC 6928 2 forgives one lost SYN.
        self.iw = initial_window(smss, config.iw)
        self.cwnd = smss if syn_lost > (config.iw is not None) else self.iw

    def reconfigured(self, config: Config, smss: int) -> None:
        if 0 < smss < self.smss:  # RFC 5681 3.1: scale by the ratio of the segment sizes
            self.cwnd = max(self.cwnd * smss // self.smss, smss)
        self.smss = smss
        self.cwnd = self.cwnd or initial_window(smss)

    def ack(self, acked: int, flight: int) -> None:
        smss = self.smss
        # A window that was not used proves nothing: it does not grow while the application is idle.
        if self.cwnd < self.ssthresh:
            if 2 * flight >= self.cwnd:
                self.cwnd += min(acked, smss)  # RFC 5681 (2)
            return
        if flight + smss <= self.cwnd:
            return
        self.bytes_acked += acked
        if self.bytes_acked >= self.cwnd:  # RFC 5681 3.1: one segment per window of ACKed bytes
            self.bytes_acked -= self.cwnd
            self.cwnd += smss

    def third_duplicate(self, flight: int) -> None:
        self.ssthresh = max(flight // 2, 2 * self.smss)  # RFC 5681 (4): half the FlightSize, not cwnd
        self.cwnd = self.ssthresh + 3 * self.smss  # RFC 5681 3.2 step 3
        self.bytes_acked = 0

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

    def timeout(self, flight: int, first: bool) -> None:
        if first:  # further time-outs of the same segment leave ssthresh alone. RFC 5681 3.1
            self.ssthresh = max(flight // 2, 2 * self.smss)
        self.cwnd = self.smss
        self.bytes_acked = 0

    def idle(self, smss: int) -> None:
        self.cwnd = min(self.iw or initial_window(smss), self.cwnd)  # RFC 5681 4.1: RW = min(IW, cwnd)
