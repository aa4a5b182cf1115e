"""A TCP segment as the endpoint sees it (RFC 9293 section 3.1), with the two IP facts TCP needs.

Segments travel the link as objects; their real bytes exist on demand (see `wire`). A segment is
never changed after it was handed to somebody else: whoever wants another one makes another one.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from .options import NO_OPTIONS, Options
from .why import Why

FIN, SYN, RST, PSH, ACK, URG, ECE, CWR = (1 << bit for bit in range(8))

MOD32 = 1 << 32

#: tcpdump's letters, in the order in which tcpdump prints them.
_LETTERS = ((FIN, "F"), (SYN, "S"), (RST, "R"), (PSH, "P"), (ACK, "."), (URG, "U"), (ECE, "E"), (CWR, "W"))


def flag_letters(flags: int) -> str:
    """The control bits as tcpdump prints them between brackets, e.g. ``S.``; ``none`` when no bit is set."""
    return "".join(letter for bit, letter in _LETTERS if flags & bit) or "none"


def letters_to_flags(letters: str) -> int:
    """The inverse of `flag_letters`; also takes ``A`` for ACK. Raises ValueError on an unknown letter."""
    known = {letter: bit for bit, letter in _LETTERS} | {"A": ACK}
    flags = 0
    for letter in letters:
        if letter not in known:
            raise ValueError(f"{letter!r} is not a control bit; tcpdump's letters are F S R P . U E W")
        flags |= known[letter]
    return flags


@dataclass(slots=True)
class Segment:
    """One TCP segment between two sockets.

    `seq` and `ack` are wire numbers (0 .. 2**32-1), `wnd` is the 16-bit window field as sent (unscaled),
    `payload` the text. `src` and `dst` are IP addresses as strings, `ecn` the two ECN bits of the IP header.
    `why` (the rule or timer that made the sender send it) and `rtx` (how often this text was sent before)
    are knowledge of the laboratory, not on the wire and never read by an endpoint.
    """

    src: str
    dst: str
    sport: int
    dport: int
    seq: int
    ack: int
    flags: int
    wnd: int
    payload: bytes = b""
    options: Options = NO_OPTIONS
    up: int = 0
    ecn: int = 0
    why: Why | None = field(default=None, compare=False)
    rtx: int = field(default=0, compare=False)

    @property
    def length(self) -> int:
        """SEG.LEN: the text plus one for SYN and one for FIN (RFC 9293 section 3.4)."""
        return len(self.payload) + ((self.flags & SYN) >> 1) + (self.flags & FIN)

    @property
    def letters(self) -> str:
        return flag_letters(self.flags)
