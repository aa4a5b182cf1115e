"""SYN cookies: when the queue of half-open connections is full, all that must be remembered of a SYN goes into the
ISS of the SYN,ACK, and comes back in the ACK (RFC 4987 section 3.6; the layout is Bernstein's).

    5 bits: a clock of 64 s   3 bits: which MSS   24 bits: a keyed hash of the sockets, the peer's ISS, and both

What the SYN offered besides its MSS is forgotten, and a lost SYN,ACK is not repeated: that is the price.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from .config import DEFAULT_MSS_V4, DEFAULT_MSS_V6, MAX_WINDOW, Config
from .options import Options
from .segment import ACK, RST, SYN, Segment
from .seq import MASK32
from .why import Why

if TYPE_CHECKING:
    from .tcb import TCB

#: The send MSS that a cookie can say: the largest not above what the peer takes.
MSS_TABLE = (64, 100, 536, 1220, 1300, 1440, 1460, 8940)
_PERIOD_NS = 64_000_000_000
#: A cookie is good in the period in which it was made and in the next.
_GOOD_FOR = 2


def half_open_limit(config: Config, backlog: int, standing: int) -> int:
    """How many half-open connections a listener may have; without a number of its own, what `backlog` leaves."""
    return max(backlog - standing, 0) if config.syn_backlog is None else config.syn_backlog


def wanted(config: Config) -> bool:
    """Whether a full queue is answered with cookies instead of silence."""
    return config.syncookies


def _hash(config: Config, seg: Segment, irs: int, period: int, index: int) -> int:
    text = f"cookie|{seg.src}|{seg.sport}|{seg.dst}|{seg.dport}|{irs}|{period}|{index}|".encode()
    return int.from_bytes(hashlib.sha256(text + config.secret).digest()[:3], "big")


def answer(config: Config, seg: Segment, now: int) -> Segment:
    """The SYN,ACK for the SYN `seg`; nothing is remembered."""
    mss = seg.options.mss
    if mss is None:
        mss = DEFAULT_MSS_V6 if ":" in seg.src else DEFAULT_MSS_V4
    index = max((n for n, size in enumerate(MSS_TABLE) if size <= mss), default=0)
    period = now // _PERIOD_NS
    cookie = (period & 31) << 27 | index << 24 | _hash(config, seg, seg.seq, period, index)
    return Segment(seg.dst, seg.src, seg.dport, seg.sport, cookie, (seg.seq + 1) & MASK32, SYN | ACK,
                   min(config.rcvbuf, MAX_WINDOW), b"", Options(mss=config.mss),
                   why=Why("syn-cookie", (cookie, (seg.seq + 1) & MASK32)))


def mss_of(config: Config, seg: Segment, now: int) -> int | None:
    """The MSS in the cookie that `seg` acknowledges; None when it is no cookie of ours, or too old."""
    if not config.syncookies or seg.flags & (SYN | ACK | RST) != ACK:
        return None
    cookie, irs = (seg.ack - 1) & MASK32, (seg.seq - 1) & MASK32
    index, current = cookie >> 24 & 7, now // _PERIOD_NS
    for period in range(current, max(current - _GOOD_FOR, -1), -1):
        if cookie >> 27 == period & 31 and cookie & 0xFFFFFF == _hash(config, seg, irs, period, index):
            return MSS_TABLE[index]
    return None


def syn_of(seg: Segment, mss: int) -> Segment:
    """The SYN that must have come before the ACK `seg`."""
    return Segment(seg.src, seg.dst, seg.sport, seg.dport, (seg.seq - 1) & MASK32, 0, SYN, seg.wnd, b"",
                   Options(mss=mss))


def forget_beginning(tcb: TCB) -> None:
    """The SYN,ACK that the rebuilt TCB would send left long ago, and nobody knows when: no round trip is measured."""
    tcb.out.clear()
    tcb.reports.clear()
    tcb.rtt_end = None
    tcb.tell("app", "syn-cookie-back", (tcb.iss & MASK32,), op="cookie", mss=tcb.peer_mss)
