"""What the network reports about a segment of ours: too big, or not deliverable (RFC 9293 section 3.9.2.2).

A report counts only if it quotes a number that is outstanding: anybody can forge one (RFC 5927 section 4.1). Too big
lowers the estimate of the path MTU, never raises it (RFC 1191 section 3, RFC 8201 section 4), and says nothing
about congestion.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from . import output, pathmtu, reopening, timers
from .seq import MASK32, unwrap
from .state import SYNCHRONIZED, Event, State

if TYPE_CHECKING:
    from .tcb import TCB

TOO_BIG, UNREACHABLE = "too-big", "unreachable"
#: Unreachable for now (IPv4 codes 0 and 1, IPv6 0 and 3), and for good (IPv4 2 and 3, IPv6 1 and 4).
SOFT, HARD = ("net", "host"), ("protocol", "port", "prohibited")


class IcmpError(NamedTuple):
    """One report: `kind` TOO_BIG (with the `mtu` of the next hop in bytes) or UNREACHABLE (with a `code` of SOFT or
    HARD); `seq` is the wire number of the segment it quotes, `sockets` (local port, remote address, remote
    port) name its connection for whoever hands it over. Other kinds mean nothing to TCP [MUST-55]."""

    kind: str
    seq: int
    code: str = ""
    mtu: int = 0
    sockets: tuple[int, str, int] | None = None


def arrives(tcb: TCB, error: IcmpError, now: int) -> None:
    """An ICMP error that quotes a segment of this connection [MUST-54]."""
    if tcb.gone or tcb.iss is None or error.kind not in (TOO_BIG, UNREACHABLE):
        return
    if not tcb.snd_una <= unwrap(error.seq, tcb.snd_una) < max(tcb.snd_nxt, tcb.probe_end):
        return tcb.tell("icmp", "icmp-outside", (error.seq,), taken=False)
    if error.kind == TOO_BIG:
        too_big(tcb, error, now)
    elif error.code in HARD and (tcb.state not in SYNCHRONIZED or tcb.config.icmp_hard):
        unreachable(tcb, error)
    else:
        tcb.soft_error = f"destination unreachable ({error.code})"
        tcb.tell("error", "icmp-soft", (error.code,), message=tcb.soft_error, soft=True)  # [MUST-56, SHLD-25]


def unreachable(tcb: TCB, error: IcmpError) -> None:
    """Nobody is there, for good: the connection is aborted [SHLD-26]; a listener listens on, as after a RST."""
    timers.stop_all(tcb, "timer-icmp")
    if tcb.state is State.SYN_RECEIVED and tcb.passive:
        return reopening.back_to_listen(tcb, Event.ICMP_HARD_PASSIVE, "move-icmp-passive", error.code)
    tcb.move(Event.ICMP_HARD, "move-icmp-hard", error.code)
    tcb.delete("gone-icmp-hard", error.code, error=f"destination unreachable ({error.code})")


def too_big(tcb: TCB, error: IcmpError, now: int) -> None:
    """Lower the path MTU and send again what was too big, in pieces, without a word about cwnd (RFC 1191 6.4)."""
    v6 = ":" in tcb.local[0]
    if not tcb.config.pmtud:
        return tcb.tell("icmp", "icmp-pmtud-off", (error.mtu,), taken=False)
    if v6 and error.mtu < pathmtu.MIN_MTU_V6:  # RFC 8201 4 [8201-01]
        return tcb.tell("icmp", "icmp-mtu-absurd", (error.mtu, pathmtu.MIN_MTU_V6), taken=False)
    mtu = max(error.mtu, pathmtu.MIN_MTU_V4)  # [1191-01]
    pathmtu.holds(tcb, now)
    if tcb.path_mtu is not None and mtu >= tcb.path_mtu:
        return tcb.tell("icmp", "icmp-mtu-not-lower", (mtu, tcb.path_mtu), taken=False)
    before, tcb.path_mtu = tcb.smss, mtu
    pathmtu.fit(tcb)
    tcb.tell("icmp", "icmp-too-big", (mtu, tcb.smss), taken=True, mtu=mtu, smss=tcb.smss)
    if tcb.smss < before:
        tcb.cc.resized(tcb.smss)
        tcb.rtt_end = None
        for piece in tcb.queue.split(tcb.smss):
            output.retransmit(tcb, piece, now, "pmtu", "rtx-too-big", piece.seq & MASK32, mtu)
        output.output(tcb, now)


def last_words(tcb: TCB) -> str:
    """The soft error behind a time-out, for the user [1122-08]."""
    return f"; last report: {tcb.soft_error}" if tcb.soft_error else ""


__all__ = ["HARD", "SOFT", "TOO_BIG", "UNREACHABLE", "IcmpError", "arrives", "last_words"]
