"""Window scale (RFC 7323 section 2): windows above 65535 in a 16-bit field.

Windows are kept unscaled (32 bits) inside; the shifts are used at the wire only: `rcv_shift` on what we send,
`snd_shift` on what we get, never on a SYN. Both are 0 unless both SYNs carried the option.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .config import MAX_WINDOW

if TYPE_CHECKING:
    from .tcb import TCB

#: RFC 7323 2.3: a window stays below 2**30, so that old and new data can be told apart.
MAX_SHIFT = 14


def shift_for(rcvbuf: int) -> int:
    """The smallest shift with which a window of `rcvbuf` bytes can be told, 14 at most (RFC 7323 section 2.3)."""
    shift = 0
    while shift < MAX_SHIFT and rcvbuf >> shift > MAX_WINDOW:
        shift += 1
    return shift


def agreed(tcb: TCB, ours: int, theirs: int) -> None:
    """Both SYNs carried the option: `ours` is the shift we announced, `theirs` the peer's."""
    if theirs > MAX_SHIFT:  # RFC 7323 2.3: used as 14, and logged
        tcb.tell("window", "wscale-limited", (theirs,), snd_wnd=tcb.snd_wnd)
        theirs = MAX_SHIFT
    tcb.rcv_shift, tcb.snd_shift = ours, theirs
