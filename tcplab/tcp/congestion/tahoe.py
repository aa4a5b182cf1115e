"""Tahoe: slow start, congestion avoidance and fast retransmit, but no fast recovery (RFC 5681's forerunner, 1988).

A third duplicate ACK is answered as a time-out is: cwnd is one segment, and everything outstanding goes again.
"""

from __future__ import annotations

from .reno import Reno


class Tahoe(Reno):
    """Reno without fast recovery: for comparing, never for use."""

    __slots__ = ()

    name = "tahoe"
    loss_code = "cwnd-tahoe"
    goes_back = True

    def third_duplicate(self, flight: int, already: bool = False) -> None:
        if not already:
            self.ssthresh = max(self.reduced(flight), 2 * self.smss)
        self.cwnd = self.smss
