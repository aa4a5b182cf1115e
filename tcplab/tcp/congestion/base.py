"""What a congestion control is asked: it sees numbers, never the connection (RFC 5681).

All sizes are bytes. `flight` is FlightSize: what was sent and is not yet cumulatively acknowledged.
"""

from __future__ import annotations

from tcplab.tcp.config import Config
from tcplab.tcp.plain import Plain

#: "Arbitrarily high" (RFC 5681 section 3.1); shown as unknown.
INFINITE = 1 << 30


class Congestion(Plain):
    """The hooks, doing nothing: `cwnd` stays as it was set. `ssthresh` is INFINITE until the first loss."""

    __slots__ = ("cwnd", "ssthresh", "smss")

    name = "none"

    def __init__(self) -> None:
        self.cwnd = 0
        self.ssthresh = INFINITE
        self.smss = 0

    @property
    def shown_ssthresh(self) -> int | None:
        """ssthresh, None while it is arbitrarily high."""
        return None if self.ssthresh >= INFINITE else self.ssthresh

    def established(self, config: Config, smss: int, syn_lost: int) -> None:
        """The handshake is complete, and our SYN was lost so often: set the initial window."""

    def reconfigured(self, config: Config, smss: int) -> None:
        """A knob was turned."""

    def ack(self, acked: int, flight: int) -> None:
        """`acked` new bytes were acknowledged outside recovery; `flight` is FlightSize before that ACK."""

    def third_duplicate(self, flight: int) -> None:
        """Fast retransmit: recovery begins."""

    def further_duplicate(self) -> None:
        """Another duplicate ACK during recovery: a segment has left the network."""

    def partial_ack(self, acked: int) -> None:
        """An ACK of new data during recovery that does not end it."""

    def full_ack(self, flight: int) -> None:
        """The ACK that ends recovery; `flight` is what is outstanding after it."""

    def timeout(self, flight: int, first: bool) -> None:
        """The retransmission timer expired, `first` for the first time for this segment."""

    def idle(self, smss: int) -> None:
        """About to send again after more than one RTO without sending."""
