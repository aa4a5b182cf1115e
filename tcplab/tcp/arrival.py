"""A segment on its way through the eight checks of RFC 9293 section 3.10.7.4: unwrapped, and trimmed as it goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .segment import FIN, SYN, Segment
from .seq import unwrap

if TYPE_CHECKING:
    from .tcb import TCB


class Arrival:
    """A segment on its way through the checks: its numbers unwrapped, what is left of it after trimming.

    `seq` and `text` shrink as parts outside the window are cut off; `fin` says whether a FIN is left, `syn` a SYN.
    `wnd` is SEG.WND in bytes. `ack_of_fin` is set when this segment acknowledged our FIN and the state has not moved
    for it yet.
    """

    __slots__ = ("seg", "seq", "ack", "text", "fin", "syn", "length", "ack_of_fin", "wnd")

    def __init__(self, tcb: TCB, seg: Segment) -> None:
        self.seg = seg
        flags = seg.flags
        self.seq = unwrap(seg.seq, tcb.rcv_nxt)
        self.ack = unwrap(seg.ack, tcb.snd_una)
        self.text = seg.payload
        self.fin = flags & FIN
        self.syn = flags & SYN
        self.length = len(seg.payload) + (self.syn >> 1) + self.fin
        self.wnd = seg.wnd if self.syn else seg.wnd << tcb.snd_shift  # RFC 7323 2.3: never scaled on a SYN
        self.ack_of_fin = False


def trim(tcb: TCB, arrival: Arrival, edge: int) -> None:
    """Cut off what lies outside [RCV.NXT, edge), SYN and FIN included (RFC 9293 section 3.10.7.4)."""
    nxt = tcb.rcv_nxt
    if arrival.syn and arrival.seq < nxt:
        arrival.seq += 1
        arrival.syn = 0
    if arrival.seq < nxt:
        arrival.text = arrival.text[nxt - arrival.seq:]
        arrival.seq = nxt
    room = edge - arrival.seq
    if len(arrival.text) + (arrival.fin and 1) > room:
        arrival.text = arrival.text[:max(room, 0)]
        arrival.fin = 0


def refuse(tcb: TCB, arrival: Arrival, code: str, *args: object) -> bool:
    """Report that the rest of the segment is dropped; returns False for the check to return."""
    if tcb.telling:
        tcb.tell("dropped", code, args, seq=arrival.seg.seq, len=arrival.length)
    return False
