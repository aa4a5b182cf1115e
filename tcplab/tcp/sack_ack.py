"""The ACK field together with the SACK option: the fifth check's part for connections that recover by scoreboard
(RFC 6675 section 5, RFC 8985 section 6.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import arrives_ack, rack, recovery_sack
from .arrival import Arrival
from .scoreboard import update
from .segment import FIN, SYN

if TYPE_CHECKING:
    from .tcb import TCB


def acknowledged(tcb: TCB, arrival: Arrival, now: int) -> None:
    """Take the ACK field and the blocks of a segment that acknowledges nothing unsent.

    Every ACK with SACK updates the scoreboard, also one that comes late [RFC 6675 5].
    """
    seg, ack, una = arrival.seg, arrival.ack, tcb.snd_una
    blocks = seg.options.sack
    if not blocks and ack < una:
        return
    flight = tcb.snd_nxt - una
    news = update(tcb, blocks, ack) if blocks else None
    echo = seg.options.ts[1] if tcb.ts_on and seg.options.ts is not None else None
    if tcb.rack is not None:
        rack.delivered(tcb, () if news is None else news.entries, ack, echo, now)
    plain = False
    if ack >= una:
        plain = (ack == una < tcb.snd_nxt and not blocks and not arrival.length and arrival.wnd == tcb.snd_wnd
                 and not seg.flags & (SYN | FIN))
        arrives_ack.update_window(tcb, arrival, now)
    acked = 0
    if ack > una:
        acked = ack - una
        arrives_ack.advance_una(tcb, ack, now, echo)
        if una == tcb.iss:
            return
    delivered = acked
    if acked and tcb.board.ranges:
        delivered -= tcb.board.advance(ack)
    if news is not None:
        delivered += news.new
    if tcb.rack is not None:
        rack.acknowledged(tcb, acked, delivered, news, plain, flight, now)
    elif acked or news is not None:
        recovery_sack.acknowledged(tcb, acked, delivered, news, flight, now)
