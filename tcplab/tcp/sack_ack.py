"""The ACK field together with the SACK option: the fifth check's part for connections that recover by scoreboard
(RFC 6675 section 5, RFC 8985 section 6.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import arrives_ack, rack, recovery_sack, tlp
from .arrival import Arrival
from .scoreboard import update
from .segment import FIN, SYN

if TYPE_CHECKING:
    from .tcb import TCB


def acknowledged(tcb: TCB, arrival: Arrival, now: int) -> None:
    """Take the ACK field and the blocks of a segment that acknowledges nothing unsent.

    Every ACK with SACK updates the scoreboard, also one that comes late [RFC 6675 5].
    """
    ack, una = arrival.ack, tcb.snd_una
    options = arrival.seg.options
    if ack > una or options.sack:
        echo = options.ts[1] if tcb.ts_on and options.ts is not None else None
        with_news(tcb, options.sack, echo, arrival.wnd, arrival.seq, ack, now)
    elif ack == una:
        without_news(tcb, arrival, now)


def with_news(tcb: TCB, blocks: tuple[tuple[int, int], ...], echo: int | None, wnd: int, seq: int, ack: int,
              now: int) -> None:
    """It acknowledges something, or has SACK `blocks`; `echo` is TSecr where timestamps are in use, `wnd` SEG.WND in
    bytes."""
    una = tcb.snd_una
    flight = tcb.snd_nxt - una
    news = update(tcb, blocks, ack) if blocks else None
    if tcb.rack is not None:
        rack.delivered(tcb, () if news is None else news.entries, ack, echo, now)
    if ack >= una:
        arrives_ack.update_window(tcb, wnd, seq, ack)
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
        rack.acknowledged(tcb, acked, delivered, news, flight, now)
    else:
        recovery_sack.acknowledged(tcb, acked, delivered, news, flight, now)


def without_news(tcb: TCB, arrival: Arrival, now: int) -> None:
    """It acknowledges nothing new and reports nothing: perhaps a window, perhaps that a probe came twice.

    Duplicate ACKs without new SACK information count for nothing [RFC 6675 2, RFC 3042 2].
    """
    seg, una = arrival.seg, tcb.snd_una
    plain = (una < tcb.snd_nxt and not arrival.length and arrival.wnd == tcb.snd_wnd
             and not seg.flags & (SYN | FIN))
    arrives_ack.update_window(tcb, arrival.wnd, arrival.seq, una)
    if plain and tcb.rack is not None and tcb.rack.tlp_end is not None:
        tlp.acknowledged(tcb, None, True, now)
