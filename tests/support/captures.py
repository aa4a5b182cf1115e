"""Captures for tests and lessons, made deterministically: from a session's commands, or packet by packet."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from pathlib import Path

from tcplab.capture.pcapng import write_pcapng
from tcplab.session.session import Session
from tcplab.tcp.segment import Segment
from tcplab.tcp.wire import encode

#: Bytes of link header before an IPv4 and an IPv6 packet, by LINKTYPE.
HEADERS = {
    0: (b"\x02\0\0\0", b"\x1e\0\0\0"),
    1: (bytes(12) + b"\x08\0", bytes(12) + b"\x86\xdd"),
    101: (b"", b""),
    108: (b"\0\0\0\x02", b"\0\0\0\x18"),
    113: (bytes(14) + b"\x08\0", bytes(14) + b"\x86\xdd"),
    228: (b"", b""),
    229: (b"", b""),
    276: (b"\x08\0" + bytes(18), b"\x86\xdd" + bytes(18)),
}


def session_capture(path: Path, commands: Iterable[str], lab: str = "sandbox", seed: int = 1) -> Session:
    """Play `commands` in `lab` under `seed` and write what crossed the link to `path` as pcapng.

    The same arguments give the same bytes. Raises AssertionError when a command is refused.
    """
    session = played(commands, lab, seed)
    write_pcapng(path, session.trace, [host.name for host in session.view().hosts])
    return session


def played(commands: Iterable[str], lab: str = "sandbox", seed: int = 1) -> Session:
    """The session of `commands` in `lab` under `seed`. Raises AssertionError when a command is refused."""
    session = Session.open(lab, seed)
    for command in commands:
        for outcome in session.execute(command):
            assert outcome.ok, f"{command}: {outcome.message}"
    return session


def pcap(frames: Iterable[tuple[int, bytes]], link: int = 101, snap: int = 1 << 18, nano: bool = False) -> bytes:
    """A pcap file of (time in ns, frame), each cut to `snap` bytes."""
    data = struct.pack("<IHHIIII", 0xA1B23C4D if nano else 0xA1B2C3D4, 2, 4, 0, 0, snap, link)
    for t, frame in frames:
        kept = frame[:snap]
        part = t % 10**9 // (1 if nano else 1000)
        data += struct.pack("<IIII", t // 10**9, part, len(kept), len(frame)) + kept
    return data


def frame(segment: Segment, link: int = 101, tags: bytes = b"") -> bytes:
    """The frame of a segment on a link; `tags` are VLAN tags (each 4 bytes, type first) of Ethernet."""
    packet = encode(segment)
    head = HEADERS[link][packet[0] >> 4 == 6]
    return head[:12] + tags + head[12:] + packet if tags else head + packet
