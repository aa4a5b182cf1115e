"""What a congestion control is asked: it sees numbers, never the connection (RFC 5681).

All sizes are bytes, times ns. `flight` is FlightSize: what was sent and is not yet cumulatively acknowledged.
"""

from __future__ import annotations

from tcplab.tcp.config import Config
from tcplab.tcp.plain import Plain

#: "Arbitrarily high" (RFC 5681 section 3.1); shown as unknown.
INFINITE = 1 << 30

#: A code of why.REASONS and its numbers.
Said = tuple[str, tuple[object, ...]]


class Congestion(Plain):
    """The hooks, doing nothing: `cwnd` stays as it was set. `ssthresh` is INFINITE until the first loss.

    `timed`: wants `clock` before each `ack`. `cuts` counts reductions, so that ECN can tell the peer of each (CWR).
    `echo`: the ACK at hand carries ECE and must not let cwnd grow. `said`: a turn that wants to be told.
    """

    __slots__ = ("cwnd", "ssthresh", "smss", "timed", "cuts", "echo", "said")

    name = "none"
    #: What a third duplicate ACK means here: the code of its sentence.
    loss_code = "cwnd-fast-retransmit"
    #: Whether everything outstanding is sent again after a loss (Tahoe), instead of fast recovery.
    goes_back = False

    def __init__(self) -> None:
        self.cwnd = 0
        self.ssthresh = INFINITE
        self.smss = 0
        self.timed = False
        self.cuts = 0
        self.echo = False
        self.said: Said | None = None

    @property
    def shown_ssthresh(self) -> int | None:
        """ssthresh, None while it is arbitrarily high."""
        return None if self.ssthresh >= INFINITE else self.ssthresh

    @property
    def phase(self) -> str:
        """What cwnd is doing, in the words of the documents."""
        return "constant window"

    @property
    def shown_w_max(self) -> int | None:
        """W_max of RFC 9438, None where there is none."""
        return None

    def grew(self, before: int) -> str:
        """The code of the sentence for a growth of cwnd from `before`."""
        return "cwnd-slow-start" if before < self.ssthresh else "cwnd-avoidance"

    def established(self, config: Config, smss: int, syn_lost: int) -> None:
        """The handshake is complete, and our SYN was lost so often: set the initial window."""

    def reconfigured(self, config: Config, smss: int) -> None:
        """A knob was turned."""

    def clock(self, now: int, srtt: int | None, sample: int | None, una: int, nxt: int) -> None:
        """Before `ack`, when `timed`: the instant, SRTT, the round trip of what was just acknowledged (None when it
        was sent twice), SND.UNA and SND.NXT after the ACK."""

    def ack(self, acked: int, flight: int) -> None:
        """`acked` new bytes were acknowledged outside recovery; `flight` is FlightSize before that ACK."""

    def third_duplicate(self, flight: int, already: bool = False) -> None:
        """Fast retransmit: recovery begins; `already` when a mark has reduced cwnd for the same window of data."""

    def further_duplicate(self) -> None:
        """Another duplicate ACK during recovery: a segment has left the network."""

    def partial_ack(self, acked: int) -> None:
        """An ACK of new data during recovery that does not end it."""

    def full_ack(self, flight: int) -> None:
        """The ACK that ends recovery; `flight` is what is outstanding after it."""

    def ecn_echo(self, flight: int) -> None:
        """The peer reports a congestion mark (ECE), for the first time in this window of data (RFC 3168 6.1.2)."""

    def timeout(self, flight: int, first: bool) -> None:
        """The retransmission timer expired, `first` for the first time for this segment."""

    def resized(self, smss: int) -> None:
        """The path turned out to be narrower, or wider: a full segment has so many bytes now."""
        self.smss = smss

    def idle(self, smss: int) -> None:
        """About to send again after more than one RTO without sending."""
