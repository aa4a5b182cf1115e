"""Explicit congestion notification: the network marks instead of dropping, the receiver echoes, the sender slows down
as if it had lost a segment (RFC 3168, RFC 8311).

    negotiation     SYN with ECE and CWR -> SYN,ACK with ECE alone: both may send ECT(0)
    a mark          CE on text -> ECE on every ACK, until text with CWR says that the sender has heard
    who carries it  new text only: no SYN, no pure ACK, no retransmission, no window probe
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import timers
from .arrival import Arrival
from .plain import Plain
from .segment import ACK, CWR, ECE, SYN, Segment

if TYPE_CHECKING:
    from .tcb import TCB

#: The ECN field of the IP header (RFC 3168 section 5); a sender uses ECT(0) (RFC 8311 section 4.2).
NOT_ECT, ECT_1, ECT_0, CE = range(4)

_SETUP = ECE | CWR
#: A SYN that found no answer so often is sent without ECN: something on the way may swallow the bits.
_SETUP_SYNS = 2


class Ecn(Plain):
    """ECN of one connection. `on`: agreed by both; `echo`: ACKs carry ECE; `told`: the reductions of cwnd of which the
    peer knows; `reduced`: SND.NXT at the last reduction; `plain`: we sent a SYN without ECN; `held`: the next new
    text waits for the retransmission timer."""

    __slots__ = ("on", "echo", "told", "reduced", "plain", "held")

    def __init__(self) -> None:
        self.on = self.echo = self.plain = self.held = False
        self.told = 0
        self.reduced: int | None = None


def syn_flags(tcb: TCB, flags: int, rtx: int) -> int:
    """The bits our SYN or SYN,ACK carries (RFC 3168 section 6.1.1); keeps account of what was offered."""
    if not flags & ACK:
        ecn = tcb.ecn
        if ecn is None:
            if rtx:  # ECN was switched on after the first SYN had left without it
                return flags
            ecn = tcb.ecn = Ecn()
        if rtx >= _SETUP_SYNS or ecn.plain:  # RFC 3168 6.1.1.1 [3168-09]
            ecn.plain = True
            return flags
        return flags | _SETUP
    return flags | ECE if tcb.ecn is not None and tcb.ecn.on else flags


def peer_syn(tcb: TCB, seg: Segment) -> None:
    """The peer's SYN or SYN,ACK: is ECN agreed? Any mix of bits but the two of the setup means no [3168-01, -08]."""
    bits, ecn = seg.flags & _SETUP, tcb.ecn
    if not tcb.config.ecn or (ecn is not None and ecn.plain):
        tcb.ecn = None
        return
    wanted = ECE if seg.flags & ACK else _SETUP
    if bits != wanted or (seg.flags & ACK and ecn is None):
        tcb.ecn = None
        if bits and tcb.telling:
            tcb.tell("ecn", "ecn-refused", (), on=False)
        return
    tcb.ecn = ecn or Ecn()
    tcb.ecn.on = True
    if tcb.telling:
        tcb.tell("ecn", "ecn-agreed", (), on=True)


def syn_again(tcb: TCB, seg: Segment) -> None:
    """A repeated SYN that lacks the setup: its sender has given ECN up [3168-04]."""
    if seg.flags & (SYN | ACK) == SYN and seg.flags & _SETUP != _SETUP:
        tcb.ecn = None


def dress(tcb: TCB, seq: int, flags: int, text: bytes, rtx: int) -> tuple[int, int]:
    """The control bits and the ECN field of a segment that leaves now (RFC 3168 sections 6.1.2 to 6.1.6)."""
    ecn = tcb.ecn
    if not ecn.on:
        return flags, NOT_ECT
    if ecn.echo and flags & ACK:  # [3168-15]
        flags |= ECE
    if not text or rtx or seq >= tcb.snd_nxt:  # pure ACKs, retransmissions, probes [3168-18, -19, -21]
        return flags, NOT_ECT
    if ecn.told != tcb.cc.cuts:  # the first new text after any reduction [3168-13, -14]
        ecn.told = tcb.cc.cuts
        flags |= CWR
    return flags, ECT_0


def text_arrived(tcb: TCB, seg: Segment) -> None:
    """Text inside the window: CWR ends the echo, CE begins it, both together go on with it [3168-15, -17, -20]."""
    ecn = tcb.ecn
    if not ecn.on or not seg.payload:
        return
    if seg.flags & CWR and ecn.echo:
        ecn.echo = False
        tcb.tell("ecn", "ecn-cwr", (), echo=False)
    if seg.ecn == CE:
        if not ecn.echo:
            tcb.tell("ecn", "ecn-marked", (seg.seq,), echo=True)
        ecn.echo = True


def echoed(tcb: TCB, arrival: Arrival, now: int) -> None:
    """An ACK with ECE: slow down as for one loss, at most once for a window of data (RFC 3168 section 6.1.2).

    The ACK itself lets nothing grow [3168-11]. A loss or time-out in the same window has slowed us down already.
    """
    ecn, cc = tcb.ecn, tcb.cc
    ack, recover = arrival.ack, tcb.recovery.recover
    if not ecn.on or cc.name == "fixed" or ack < tcb.snd_una:
        return
    cc.echo = True
    if tcb.recovery.active or tcb.snd_una == tcb.snd_nxt:
        return
    if (ecn.reduced is not None and ack <= ecn.reduced) or (recover is not None and ack <= recover + 1):
        return
    at_bottom = cc.cwnd <= tcb.smss
    ecn.reduced = tcb.snd_nxt
    cc.ecn_echo(tcb.flight_size)
    tcb.tell_cwnd("cwnd-ecn", cc.cwnd, cc.shown_ssthresh)
    ecn.held = at_bottom


def reduced_already(tcb: TCB) -> bool:
    """Whether what is found lost now belongs to the window for which a mark has reduced cwnd: marks and losses of one
    window count once (RFC 3168 section 6.1.2 [3168-10])."""
    ecn = tcb.ecn
    return ecn is not None and ecn.reduced is not None and tcb.snd_una < ecn.reduced


def after_ack(tcb: TCB, now: int) -> None:
    """The ACK with ECE is processed. With cwnd at one segment the timer paces us [3168-12, 9438-11]."""
    tcb.cc.echo = False
    if tcb.ecn.held:
        timers.arm(tcb, "rtx", now, tcb.rto.rto, "ecn-held")


def released(tcb: TCB) -> None:
    """The retransmission timer has expired: new text may leave again."""
    if tcb.ecn is not None:
        tcb.ecn.held = False

