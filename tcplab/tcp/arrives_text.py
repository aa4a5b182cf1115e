"""The text of a segment (RFC 9293 section 3.10.7.4, seventh check): delivered when it is in order, held when it is
early, and acknowledged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import acking
from .arrival import Arrival
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


def early(tcb: TCB, arrival: Arrival) -> None:
    """Text above a hole is kept [SHLD-31] and answered at once with a duplicate ACK (RFC 5681 section 4.2)."""
    new = tcb.reassembly.insert(arrival.seq, arrival.text)
    if tcb.sack_on:
        tcb.held.note(arrival.seq, arrival.seq + len(arrival.text) + arrival.fin)
    if tcb.telling:
        left, right = tcb.rcv_nxt & MASK32, tcb.reassembly.lefts[0] & MASK32
        tcb.tell("accepted", "accepted-early", (new,), n=new, trimmed=len(arrival.seg.payload) - new)
        tcb.tell("hole", "hole", (left, right), left=left, right=right)
    acking.at_once(tcb, "ack-out-of-order", arrival.seg.seq, tcb.rcv_nxt & MASK32)
