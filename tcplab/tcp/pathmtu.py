"""The estimate of the path MTU: what it means for a segment, and how long it is believed (RFC 1191, RFC 8201).

Reports of the network (`icmp`) lower it. After ten minutes without one a full segment is tried again, because paths
change; if it is too big still, the next report says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .options import TIMESTAMPS_SIZE
from .wire import IPV4_HEADER, IPV6_HEADER, TCP_HEADER

if TYPE_CHECKING:
    from .tcb import TCB

#: RFC 1191 section 3 and RFC 8200 section 5.
MIN_MTU_V4, MIN_MTU_V6 = 68, 1280


def fit(tcb: TCB) -> None:
    """No segment is longer than the path carries [8201-02]; the MSS we offer does not depend on it."""
    if tcb.path_mtu is None:
        return
    room = tcb.path_mtu - TCP_HEADER - (IPV6_HEADER if ":" in tcb.local[0] else IPV4_HEADER)
    if tcb.ts_on:
        room -= TIMESTAMPS_SIZE
    tcb.smss = max(1, min(tcb.smss, room))


def holds(tcb: TCB, now: int) -> None:
    """A report has come, whatever it changed: for some time nothing larger is tried (RFC 1191 6.3, RFC 8201 4)."""
    retry = tcb.config.pmtu_retry_ns
    tcb.path_mtu_until = None if retry is None else now + retry


def look_again(tcb: TCB, now: int) -> None:
    """New text is about to leave: if the estimate is old, forget it (RFC 1191 section 6.3)."""
    until = tcb.path_mtu_until
    if until is None or now < until:
        return
    tcb.path_mtu = tcb.path_mtu_until = None
    tcb.fit_smss()
    tcb.cc.resized(tcb.smss)
    tcb.tell("icmp", "pmtu-again", (tcb.smss,), taken=True, mtu=0, smss=tcb.smss)
