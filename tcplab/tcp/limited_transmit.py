"""Limited transmit (RFC 3042): the first two duplicate ACKs each let one new segment out, so that the third may come.

This is the part for connections without a scoreboard; with one, new SACK information makes room (`recovery.extra`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .tcb import TCB


def duplicate(tcb: TCB, count: int) -> None:
    """Duplicate ACK number `count` (1 or 2): so many segments more than cwnd may be outstanding; cwnd stays."""
    recovery = tcb.recovery
    if recovery.recover is not None and tcb.snd_una - 1 <= recovery.recover:
        return  # an echo of a loss already repaired
    if recovery.limited_from is None:
        recovery.limited_from = tcb.snd_nxt
    recovery.extra = count * tcb.smss
