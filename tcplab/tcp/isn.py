"""Initial sequence numbers: ISN = M + F(local socket, remote socket, secret key) (RFC 6528 section 3).

M counts every four microseconds; F cannot be computed without the secret. Time is passed in.
"""

from __future__ import annotations

import hashlib

from .config import Config
from .seq import MASK32

_TICK_NS = 4000  # RFC 9293 3.4.1 [MUST-8]


def prf(local: tuple[str, int], remote: tuple[str, int], secret: bytes) -> int:
    """F: 32 bits from the sockets of both sides and the secret (SHA-256 over an unambiguous text)."""
    text = f"{local[0]}|{local[1]}|{remote[0]}|{remote[1]}|".encode()
    return int.from_bytes(hashlib.sha256(len(secret).to_bytes(4, "big") + secret + text).digest()[:4], "big")


def initial_sequence_number(config: Config, local: tuple[str, int], remote: tuple[str, int], now: int) -> int:
    """The ISS of a connection opened at `now` (ns), 0 .. 2**32-1 (RFC 6528 section 3; RFC 9293 3.4.1 [SHLD-1])."""
    if config.iss is not None:
        return config.iss
    mixed = prf(local, remote, config.secret)
    if config.isn_small:
        return 1000 + mixed % 9000
    return (now // _TICK_NS + mixed) & MASK32
