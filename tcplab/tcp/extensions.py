"""What the SYNs agree on, and the options every later segment carries: window scale and timestamps (RFC 7323),
selective acknowledgment (RFC 2018)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import loss, sack, timestamps, wscale
from .options import MAX_SIZE, NO_OPTIONS, TIMESTAMPS_SIZE, Options, stamped
from .segment import ACK, Segment
from .seq import MASK32

if TYPE_CHECKING:
    from .tcb import TCB

_MS = timestamps.TICK_NS


def of_syn(tcb: TCB, now: int) -> Options:
    """The options of our SYN: what the knobs offer; in a SYN,ACK only what the peer's SYN offered too.

    A repeated SYN offers the same again.
    """
    mss = tcb.config.mss  # RFC 9293 3.7.1 [MUST-14, MAY-3]
    if tcb.offered is None:
        offer(tcb, now)
    shift, may_sack, stamps = tcb.offered
    if tcb.irs is not None:
        # RFC 7323 2.2, 3.2; RFC 2018 2: an answer to what was offered
        shift = shift if tcb.wscale_on else None
        may_sack, stamps = tcb.sack_on, tcb.ts_on
    if shift is None and not may_sack and not stamps:
        return Options(mss=mss)
    stamp = None
    if stamps:  # RFC 7323 3.2: TSecr is 0 while there is no ACK
        stamp = (timestamps.clock(tcb, now), tcb.ts_recent if tcb.irs is not None else 0)
    return Options(mss, shift, may_sack, (), stamp, ())


def offer(tcb: TCB, now: int) -> None:
    """Fix what this end is willing to use on this connection, by its knobs."""
    config = tcb.config
    tcb.offered = (wscale.shift_for(config.rcvbuf) if config.wscale else None, config.sack, config.timestamps)
    tcb.ts_since = now
    tcb.ts_offset = timestamps.random_offset(tcb)


def learn(tcb: TCB, seg: Segment, now: int) -> None:
    """The peer's SYN is here: what both sides offered is in use from now on."""
    if tcb.offered is None:
        offer(tcb, now)
    shift, may_sack, stamps = tcb.offered
    options = seg.options
    if shift is not None and options.wscale is not None:  # RFC 7323 2.2
        tcb.wscale_on = True
        wscale.agreed(tcb, shift, options.wscale)
    if may_sack and options.sack_permitted:  # RFC 2018 2
        tcb.sack_on = True
    if stamps and options.ts is not None:  # RFC 7323 3.2
        timestamps.agreed(tcb, options.ts[0], now)
    tcb.extended = tcb.sack_on or tcb.ts_on
    loss.choose(tcb)


def of_segment(tcb: TCB, flags: int, size: int) -> Options:
    """The options of a segment without SYN that carries `size` bytes of text."""
    options, used = NO_OPTIONS, 0
    if tcb.ts_on:  # RFC 7323 3.2: on every segment, until the end
        used = TIMESTAMPS_SIZE
        options = stamped((tcb.now // _MS + tcb.ts_offset) & MASK32, tcb.ts_recent if flags & ACK else 0)
        tcb.last_ack_sent = tcb.rcv_nxt
    held = tcb.held
    if (held.ranges or held.duplicate is not None) and flags & ACK:  # RFC 2018 4: on every ACK while something is held
        if size:  # what does not fit beside the text stays away
            used += max(MAX_SIZE + size - min(tcb.peer_mss, tcb.config.mss), 0)
        found = sack.blocks(tcb, used)
        return Options(None, None, False, found, options.ts, ())
    return options


def text_room(tcb: TCB) -> int:
    """The largest text of a segment while something is held: less than SMSS, for the blocks beside it
    (RFC 9293 section 3.7.1 [MUST-16])."""
    count = min(len(tcb.held.ranges), 3 if tcb.ts_on else 4)
    return max(tcb.smss - 4 - 8 * count, tcb.smss // 2, 1)
