"""The text of a segment (RFC 9293 section 3.10.7.4, seventh check): delivered when it is in order, held when it is
early, and acknowledged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import acking
from .segment import Segment
from .seq import MASK32

if TYPE_CHECKING:
    from .tcb import TCB


def in_order(tcb: TCB, seg: Segment, left: int, text: bytes, now: int) -> None:
    """`text`, what is left of that of `seg`, begins at `left`, RCV.NXT: deliver it, and what it joins."""
    reassembly, filled = tcb.reassembly, False
    tcb.unread += text
    size = len(text)
    nxt = left + size
    if reassembly.lefts:
        filled = True
        rest = reassembly.take(nxt)
        tcb.unread += rest
        nxt += len(rest)
        if tcb.sack_on:
            tcb.held.in_order(left, left + size, nxt)
    delivered = nxt - left
    tcb.rcv_nxt = nxt
    tcb.bytes_received += delivered
    if tcb.telling:
        tcb.tell("accepted", "accepted", (size,), n=size, trimmed=len(seg.payload) - size)
        tcb.tell("delivered", "delivered-held" if delivered > size else "delivered", (delivered,), n=delivered)
    acking.text_in_order(tcb, size, filled, now)


def renege(tcb: TCB) -> None:
    """Throw away what was held, though it may have been reported; the next ACK reports what is still here and nothing
    else (RFC 2018 section 8 [2018-16, 2018-17])."""
    held, left = sum(map(len, tcb.reassembly.texts)), tcb.reassembly.lefts[0] & MASK32
    tcb.reassembly.clear()
    tcb.held.ranges.clear()
    tcb.tell("dropped", "reneged", (held,), seq=left, len=held)


def early(tcb: TCB, seg: Segment, left: int, text: bytes, fin: int = 0) -> None:
    """`text`, what is left of that of `seg`, begins at `left`, above a hole: it is kept [SHLD-31] and answered at once
    with a duplicate ACK (RFC 5681 section 4.2). With `fin` a FIN stands behind it."""
    if tcb.config.renege and tcb.reassembly.lefts:
        renege(tcb)
    new = tcb.reassembly.insert(left, text)
    if tcb.sack_on:
        tcb.held.note(left, left + len(text) + fin)
    if tcb.telling:
        edge, piece = tcb.rcv_nxt & MASK32, tcb.reassembly.lefts[0] & MASK32
        tcb.tell("accepted", "accepted-early", (new,), n=new, trimmed=len(seg.payload) - new)
        tcb.tell("hole", "hole", (edge, piece), left=edge, right=piece)
    acking.at_once(tcb, "ack-out-of-order", seg.seq, tcb.rcv_nxt & MASK32)
