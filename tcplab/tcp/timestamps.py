"""Timestamps (RFC 7323 sections 3 to 5): a round trip measured by every ACK (RTTM), and protection against old
segments whose numbers have come round again (PAWS).

TS.Recent is the peer's TSval to be echoed: that of the earliest segment not yet acknowledged, by the rule with
Last.ACK.sent. Timestamps are wire numbers, 32 bits of milliseconds, and are compared circularly.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from . import acking, sack
from .arrival import Arrival, refuse
from .segment import RST, Segment
from .seq import MASK32, unwrap

if TYPE_CHECKING:
    from .tcb import TCB

#: One tick of TSval: RFC 7323 5.4 wants 1 ms to 1 s.
TICK_NS = 1_000_000
#: After this long without a segment TS.Recent means nothing any more. RFC 7323 5.5
_STALE_NS = 24 * 24 * 3600 * 1_000_000_000
_HALF = 1 << 31


def older(s: int, t: int) -> bool:
    """s < t, circularly: 0 < (t - s) mod 2**32 < 2**31 (RFC 7323 section 5.2)."""
    return 0 < (t - s) & MASK32 < _HALF


def random_offset(tcb: TCB) -> int:
    """What is added to the clock, so that TSvals of two connections are unrelated (RFC 7323 sections 5.4 and 7).

    Drawn from the secret and the sockets; with `isn_small` or a fixed ISS, for lessons, the clock is shown as it is.
    """
    config = tcb.config
    if config.isn_small or config.iss is not None:
        return 0
    text = f"timestamps|{tcb.local}|{tcb.remote}|".encode()
    return int.from_bytes(hashlib.sha256(text + config.secret).digest()[:4], "big")


def clock(tcb: TCB, now: int) -> int:
    """TSval for a segment that leaves at `now`."""
    return (now // TICK_NS + tcb.ts_offset) & MASK32


def agreed(tcb: TCB, tsval: int, now: int) -> None:
    """Both SYNs carry the option: it is on every segment from now on (RFC 7323 section 3.2)."""
    tcb.ts_on = True
    tcb.ts_recent, tcb.ts_recent_at = tsval, now
    tcb.last_ack_sent = tcb.rcv_nxt


def check(tcb: TCB, arrival: Arrival, now: int) -> bool:
    """PAWS, before the sequence test (RFC 7323 section 5.3 R1); a RST is exempt (section 5.2)."""
    seg = arrival.seg
    if seg.flags & RST:
        return True
    stamp = seg.options.ts
    if stamp is None:  # RFC 7323 3.2: dropped silently, and the connection goes on
        return refuse(tcb, arrival, "drop-no-timestamp")
    if (stamp[0] - tcb.ts_recent) & MASK32 > _HALF and now - tcb.ts_recent_at <= _STALE_NS:
        refuse(tcb, arrival, "drop-paws", stamp[0], tcb.ts_recent)
        if tcb.sack_on and arrival.text:  # RFC 2883 4.3 [2883-08]: what is there already, the ACK says so
            sack.seen_before(tcb, arrival.seq, arrival.seq + len(arrival.text))
        acking.at_once(tcb, "ack-paws", tcb.rcv_nxt & MASK32)
        return False
    return True


def remember(tcb: TCB, arrival: Arrival, now: int) -> bool:
    """After the window test: TS.Recent, if the segment begins at or below Last.ACK.sent (RFC 7323 5.3 R3, 4.3 (2))."""
    seg = arrival.seg
    if seg.flags & RST:  # RFC 7323 5.2: the timestamp of a RST changes nothing
        return True
    last = tcb.last_ack_sent
    if arrival.seq <= last or unwrap(seg.seq, tcb.rcv_nxt) <= last:
        tsval = seg.options.ts[0]
        if (tsval - tcb.ts_recent) & MASK32 <= _HALF or now - tcb.ts_recent_at > _STALE_NS:
            tcb.ts_recent, tcb.ts_recent_at = tsval, now
    return True


def reset_counts(tcb: TCB, seg: Segment, now: int) -> bool:
    """Whether a RST may be believed: with `rst_echo` not if it echoes what was never sent (RFC 7323 section 5.2). A
    RST that answers nothing echoes 0."""
    stamp = seg.options.ts
    if not tcb.config.rst_echo or not tcb.ts_on or stamp is None or not stamp[1]:
        return True
    return round_trip(tcb, stamp[1], now) is not None


def round_trip(tcb: TCB, echo: int, now: int) -> int | None:
    """RTTM: the round trip (ns) that a TSecr shows, None for one that was never sent (RFC 7323 section 4.1)."""
    age = (now // TICK_NS + tcb.ts_offset - echo) & MASK32
    if age >= _HALF or age * TICK_NS > now - tcb.ts_since + TICK_NS:
        return None
    return (age or 1) * TICK_NS


def expected_samples(flight: int, smss: int) -> int:
    """How many measurements a round trip brings, by which the gains are divided (RFC 7323 appendix G)."""
    return -(-flight // (2 * smss)) or 1
