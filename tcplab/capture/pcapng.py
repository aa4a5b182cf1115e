"""Everything that went over the link as pcapng, for Wireshark and tshark.

One interface for each host. A packet stands there once, as its sender sent it; copies and changed packets, which the
link made, stand at the receiver, where they arrived. (Every packet twice, leaving and arriving, is what two captures
merged give; readers then take each arrival for a retransmission. `both` asks for it.) Timestamps are virtual
nanoseconds. A packet that the link touched carries a comment that says how.
"""

from __future__ import annotations

import inspect
import struct
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from os import PathLike, fspath
from typing import Any, NamedTuple

from tcplab.net.trace import Event, SegmentRecord
from tcplab.tcp.why import explain
from tcplab.tcp.wire import WireError, encode

from .quiet import layers

#: Packets begin with an IP header, IPv4 or IPv6 (LINKTYPE_RAW).
RAW_IP = 101
INBOUND, OUTBOUND = 1, 2
_NS = 1_000_000_000

#: What is said where the event has no sentence of its own.
_TOUCHED = {"lost": "Lost on the link.", "duplicated": "Duplicated by the link.", "corrupted": "A bit was flipped.",
            "held": "Held in mid-link.", "reordered": "It overtook others.", "marked": "Marked (CE) by the link.",
            "dropped": "Discarded by the receiver."}
#: The same for what rules and hands did to a segment in mid-link: events of the kind "link".
_BY_HAND = {"delay": "Delayed on the link.", "deliver": "Delivered by hand.", "edit": "Changed by hand in mid-link.",
            "swap": "Changed places with #{0} in mid-link."}


class Packet(NamedTuple):
    """One packet as a host's interface saw it: time in ns, the host, inbound or outbound, its bytes, a comment."""

    t: int
    host: str
    direction: int
    data: bytes
    comment: str


def write_pcapng(path: str | PathLike, events: Iterable[Event], hosts: Sequence[str], both: bool = False,
                 at: str = "") -> int:
    """Write all packets among `events` (a session's trace) to `path`; returns how many. Raises OSError.

    `hosts` are all host names, in order; `both` writes what arrives as well as what leaves. `at` names the host whose
    interface alone is tapped: what it sent and what arrived there, and no comments, as tcpdump would have it.
    """
    writer = _writer()(fspath(path), [at] if at else hosts)
    count = 0
    try:
        writer.write_header(None)
        for packet in packets(events, both or bool(at)):
            if at:
                if packet.host != at:
                    continue
                packet = packet._replace(comment="")
            writer.add(packet)
            count += 1
    finally:
        writer.close()
    return count


def packets(events: Iterable[Event], both: bool = False) -> Iterator[Packet]:
    """The packets that the hosts' interfaces saw, in order. Segments that have no bytes are left out."""
    events = [event for event in events if event.seg is not None or event.kind == "link"]
    remarks = _remarks(events)
    edited = {event.get("id") for event in events if event.get("op") == "edit"}
    arrived: set[int] = set()
    for event in events:
        record = event.seg
        if record is None:
            continue
        if event.kind == "sent":
            host, direction = record.src, OUTBOUND
        elif event.kind in ("delivered", "dropped") and record.id not in arrived:
            # A segment whose sums are wrong arrives, but is never delivered.
            arrived.add(record.id)
            if not both and record.copy_of is None and record.wire is None and record.id not in edited:
                continue
            host, direction = record.dst, INBOUND
        else:
            continue
        data = _bytes(record)
        if data is not None:
            yield Packet(event.t, host, direction, data, " ".join(remarks.get(record.id, ())))


def _remarks(events: Iterable[Event]) -> dict[int, list[str]]:
    """By segment id: what befell it, in words. A copy names its original, and the original its copies."""
    remarks: dict[int, list[str]] = {}
    for event in events:
        record = event.seg
        if record is None:
            _by_hand(event, remarks)
        if record is None or event.kind not in _TOUCHED:
            continue
        if record.copy_of is not None and event.kind == "duplicated":
            remarks.setdefault(record.copy_of, [f"#{record.copy_of}"]).append(f"Duplicated as #{record.id}.")
            remarks.setdefault(record.id, [f"#{record.id}"]).append(f"Copy of #{record.copy_of}.")
            continue
        remarks.setdefault(record.id, [f"#{record.id}"]).append(_words(event))
    return remarks


def _by_hand(event: Event, remarks: dict[int, list[str]]) -> None:
    """What a rule or a hand did to segments on the link; settings of the link name no segment."""
    op, words = event.get("op"), _BY_HAND.get(str(event.get("op")))
    ids = event.get("ids") or ([event.get("id")] if event.get("id") is not None else [])
    if words is None:
        return
    if op == "swap":
        ids = [event.get("id"), event.get("with")]
    for number in ids:
        other = ids[-1] if number == ids[0] else ids[0]
        text = words.format(other) if event.why is None else explain(event.why).text
        remarks.setdefault(number, [f"#{number}"]).append(text)


def _words(event: Event) -> str:
    try:
        return _TOUCHED[event.kind] if event.why is None else explain(event.why).text
    except (KeyError, IndexError):
        return _TOUCHED[event.kind]


def _bytes(record: SegmentRecord) -> bytes | None:
    if record.wire is not None:
        return record.wire
    try:
        # A copy has the bytes of its original, the identification included.
        return encode(record.segment, ident=record.copy_of or record.id)
    except WireError:
        return None


def _writer() -> type:
    """scapy's pcapng writer, with our interfaces and nanoseconds."""
    base = layers().PcapNgWriter
    # scapy 2.6 knew one comment a packet.
    many = "comments" in inspect.signature(base._write_packet).parameters

    class Writer(base):
        linktype = RAW_IP

        def __init__(self, filename: str, hosts: Sequence[str]) -> None:
            super().__init__(filename)
            self.tsresol = _NS
            self.hosts = hosts

        def _write_header(self, pkt: Any) -> None:
            self.header_present = True
            self._write_block_shb()
            for index, host in enumerate(self.hosts):
                self.interfaces2id[host.encode()] = index
                self._write_block_idb(linktype=RAW_IP, ifname=host.encode())

        def _write_block_idb(self, linktype: int, ifname: bytes | None = None) -> None:
            """As scapy's, and with if_tsresol, without which readers take the times for microseconds."""
            options = b"" if ifname is None else struct.pack("<HH", 2, len(ifname)) + self._add_padding(ifname)
            options += struct.pack("<HHB3x", 9, 1, 9) + struct.pack("<HH", 0, 0)
            body = struct.pack("<HHI", linktype, 0, 262144)
            self.f.write(self.build_block(struct.pack("<I", 1), body, options=options))

        def add(self, packet: Packet) -> None:
            comment = packet.comment.encode()
            said = ({"comments": [comment] if comment else []} if many else {"comment": comment or None})
            # scapy multiplies seconds by the resolution: a fraction keeps every nanosecond.
            self._write_packet(packet.data, linktype=RAW_IP, sec=Fraction(packet.t, _NS), ifname=packet.host.encode(),
                               direction=packet.direction, **said)

    return Writer
