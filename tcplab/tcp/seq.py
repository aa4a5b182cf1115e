"""Sequence numbers (RFC 9293 section 3.4): wire numbers wrap at 2**32, ours never do.

Inside an endpoint a sequence number is a plain integer, ISS + n, so that ``snd.una < seg.ack <= snd.nxt`` is written
as the RFC writes it and stays right across a wrap. A number leaves through `wrap` and enters through `unwrap`.
"""

from __future__ import annotations

MASK32 = 0xFFFFFFFF
_HALF = 1 << 31
_WHOLE = 1 << 32


def wrap(number: int) -> int:
    """The wire number (0 .. 2**32-1) of a plain sequence number; negative numbers are taken modulo 2**32 too."""
    return number & MASK32


def unwrap(wire: int, near: int) -> int:
    """The plain integer congruent to `wire` that lies nearest to `near`; at a distance of exactly 2**31 the older one.

    The result may be negative: an old duplicate from before the ISS (RFC 9293 section 3.4).
    """
    ahead = (wire - near) & MASK32
    return near + ahead - _WHOLE if ahead >= _HALF else near + ahead
