"""The retransmission time-out: SRTT, RTTVAR, RTO and its back-off (RFC 6298), in integer nanoseconds.

Which segments may be measured (Karn's rule) is decided by whoever times them; see `output.start_timing`.
"""

from __future__ import annotations

from .config import Config
from .plain import Plain


class RtoEstimator(Plain):
    """SRTT and RTTVAR (None before the first measurement) and the current RTO, back-off included."""

    __slots__ = ("srtt", "rttvar", "rto", "backoff")

    def __init__(self, config: Config) -> None:
        self.srtt: int | None = None
        self.rttvar: int | None = None
        self.rto = config.rto_initial_ns  # RFC 6298 (2.1)
        self.backoff = 0

    def measured(self, r: int, config: Config, samples: int = 1) -> None:
        """Take a round-trip time of `r` ns into account; ends any back-off (RFC 6298 (2.2), (2.3); section 5).

        `samples` such measurements are expected in a round trip: the gains are divided by it (RFC 7323 appendix G).
        """
        if self.srtt is None or self.rttvar is None:
            self.srtt, self.rttvar = r, r // 2  # RFC 6298 (2.2)
        elif samples > 1:
            self.rttvar += (abs(self.srtt - r) - self.rttvar) // (4 * samples)
            self.srtt += (r - self.srtt) // (8 * samples)
        else:
            # RTTVAR first: it needs the old SRTT. RFC 6298 (2.3)
            self.rttvar = (3 * self.rttvar + abs(self.srtt - r)) // 4
            self.srtt = (7 * self.srtt + r) // 8
        spread = 4 * self.rttvar
        rto = self.srtt + (spread if spread > config.granularity_ns else config.granularity_ns)
        if rto < config.rto_min_ns:  # RFC 6298 (2.4)
            rto = config.rto_min_ns
        self.rto = rto if rto < config.rto_max_ns else config.rto_max_ns  # RFC 6298 (2.5)
        self.backoff = 0

    def back_off(self, config: Config) -> None:
        """Double the RTO up to its ceiling (RFC 6298 (5.5))."""
        self.rto = min(self.rto * 2, max(config.rto_max_ns, self.rto))
        self.backoff += 1

    def after_lost_syn(self, config: Config) -> None:
        """Begin data transfer with 3 s when the timer had expired while waiting for the ACK of the SYN (5.7)."""
        self.rto = max(config.rto_after_lost_syn_ns, config.rto_initial_ns)
        self.backoff = 0
