"""Which addresses belong to a single host: only those take part in a connection."""

from __future__ import annotations

import ipaddress
from functools import lru_cache


@lru_cache(maxsize=256)
def is_unicast(address: str) -> bool:
    """Whether a segment may come from or go to `address` (RFC 9293 section 3.9.2.3 [MUST-46, MUST-57, MUST-63])."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    # Loopback and class E never come over a link. RFC 1122 section 3.2.1.3
    return not (ip.is_multicast or ip.is_unspecified or ip.is_loopback or (ip.version == 4 and ip.is_reserved))
