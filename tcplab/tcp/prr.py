"""Proportional rate reduction: how much may be sent for each ACK during recovery (RFC 9937, which obsoletes RFC 6937).

cwnd comes down to ssthresh in step with what the ACKs report as delivered, instead of all at once.
"""

from __future__ import annotations

from .plain import Plain


class Prr(Plain):
    """The state of one recovery, all in bytes: `delivered` and `out` since its start, `flight` (RecoverFS) then."""

    __slots__ = ("ssthresh", "flight", "delivered", "out")

    def __init__(self, ssthresh: int, flight: int) -> None:
        self.ssthresh = ssthresh
        self.flight = max(flight, 1)
        self.delivered = self.out = 0

    def window(self, pipe: int, delivered: int, safe: bool, smss: int) -> int:
        """cwnd after an ACK that delivered so many bytes; `pipe` is in flight after it.

        `safe`: the ACK moved SND.UNA and told of no further loss. An ACK that delivers nothing must not ask.
        """
        self.delivered += delivered
        if pipe > self.ssthresh:  # proportional: -(-a // b) rounds up
            count = -(-self.delivered * self.ssthresh // self.flight) - self.out
        else:
            count = max(self.delivered - self.out, delivered)  # conservative bound (CRB)
            if safe:
                count += smss  # slow-start bound (SSRB): recovery makes good progress
            count = min(self.ssthresh - pipe, count)
        if self.out == 0 and count <= 0:
            count = smss  # the fast retransmit always goes out
        return pipe + max(count, 0)
