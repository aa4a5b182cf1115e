"""The numbers of a TCP segment out of a captured frame, quickly: no objects, no options, no text.

Link layers by their LINKTYPE (the list of tcpdump.org): Ethernet with VLAN tags, Linux cooked captures of both
versions, raw IP, the loopback of BSD and macOS. Standard library only.
"""

from __future__ import annotations

from struct import Struct
from typing import NamedTuple

from tcplab.tcp.wire import checksum

NULL, ETHERNET, RAW, LOOP, SLL, IPV4, IPV6, SLL2 = 0, 1, 101, 108, 113, 228, 229, 276

#: What can be read, and the names of common ones that cannot.
LINKS = {NULL: "BSD loopback", ETHERNET: "Ethernet", RAW: "raw IP", LOOP: "OpenBSD loopback",
         SLL: "Linux cooked", IPV4: "raw IPv4", IPV6: "raw IPv6", SLL2: "Linux cooked v2", 12: "raw IP", 14: "raw IP"}
_FOREIGN = {9: "PPP", 105: "IEEE 802.11", 127: "IEEE 802.11 with radiotap", 147: "user 0", 189: "USB", 220: "USB",
            187: "Bluetooth", 195: "IEEE 802.15.4", 227: "SocketCAN", 253: "netlink"}

_V4, _V6 = 0x0800, 0x86DD
_TAGS = (0x8100, 0x88A8, 0x9100)
_HOP, _ROUTING, _FRAGMENT, _DESTINATION = 0, 43, 44, 60
_TCP = Struct(">HHIIBBH")


class Odd(Exception):
    """A frame without a TCP segment that can be read; `args[0]` says why, in words that can be counted."""


class Head(NamedTuple):
    """The fields of a TCP header; `text` is the length of the text on the wire, `ip` where the IP packet begins.

    `ident` is the IPv4 identification, 0 in IPv6. `tcp` and `end` are where the TCP segment begins and ends in the
    frame as it was on the wire, addresses are bytes.
    """

    src: bytes
    dst: bytes
    sport: int
    dport: int
    seq: int
    ack: int
    flags: int
    wnd: int
    text: int
    ip: int
    tcp: int
    end: int
    ecn: int
    ident: int


def link_name(link: int) -> str:
    """A link type in words."""
    return LINKS.get(link) or f"{_FOREIGN.get(link, 'link type')} ({link})"


def ip_at(data: bytes, link: int) -> int:
    """Where the IP packet begins in a frame. Raises Odd."""
    size = len(data)
    if link == ETHERNET:
        at = 12
        while True:
            if size < at + 2:
                raise Odd("cut short before IP")
            kind = data[at] << 8 | data[at + 1]
            if kind not in _TAGS:
                break
            at += 4
        at += 2
    elif link in (RAW, IPV4, IPV6, 12, 14):
        return 0
    elif link == SLL:
        if size < 16:
            raise Odd("cut short before IP")
        at, kind = 16, data[14] << 8 | data[15]
        while kind in _TAGS and size >= at + 4:
            kind, at = data[at + 2] << 8 | data[at + 3], at + 4
    elif link == SLL2:
        if size < 20:
            raise Odd("cut short before IP")
        at, kind = 20, data[0] << 8 | data[1]
    elif link in (NULL, LOOP):
        # The address family stands in the byte order of whoever captured; IP says its version itself.
        return 4
    else:
        raise Odd(f"of a link type that is not read here: {link_name(link)}")
    if kind not in (_V4, _V6):
        raise Odd("not IP")
    return at


def head_of(data: bytes, link: int, wire: int = 0) -> Head:
    """The segment's numbers. `wire` is the frame's length on the link. Raises Odd."""
    ip = ip_at(data, link)
    size = len(data)
    version = data[ip] >> 4 if ip < size else 0
    if version == 4:
        if size < ip + 20:
            raise Odd("cut short before TCP")
        total, fragment = data[ip + 2] << 8 | data[ip + 3], (data[ip + 6] & 0x1F) << 8 | data[ip + 7]
        if data[ip + 9] != 6:
            raise Odd("not TCP")
        if fragment:
            raise Odd("a later fragment of an IP packet")
        tcp = ip + ((data[ip] & 15) << 2)
        if tcp < ip + 20:
            raise Odd("with a broken header")
        src, dst, ecn = data[ip + 12:ip + 16], data[ip + 16:ip + 20], data[ip + 1] & 3
        ident = data[ip + 4] << 8 | data[ip + 5]
    elif version == 6:
        if size < ip + 40:
            raise Odd("cut short before TCP")
        total = 40 + (data[ip + 4] << 8 | data[ip + 5])
        tcp = _behind_extensions(data, ip)
        src, dst, ecn, ident = data[ip + 8:ip + 24], data[ip + 24:ip + 40], data[ip + 1] >> 4 & 3, 0
        if total == 40:
            total = 0
    else:
        raise Odd("not IP" if ip < size else "cut short before IP")
    if size < tcp + 20:
        raise Odd("cut short before TCP")
    # A length of 0 stands in packets larger than IP can say, which the network card was to cut (segmentation offload).
    end = ip + total if total else max(wire, size)
    sport, dport, seq, ack, offset, flags, wnd = _TCP.unpack_from(data, tcp)
    text = end - tcp - (offset >> 4 << 2)
    if offset < 0x50 or text < 0:
        raise Odd("with a broken header")
    return Head(src, dst, sport, dport, seq, ack, flags, wnd, text, ip, tcp, end, ecn, ident)


def _behind_extensions(data: bytes, ip: int) -> int:
    """Where TCP begins in an IPv6 packet. Raises Odd."""
    following, at = data[ip + 6], ip + 40
    for _ in range(8):
        if following == 6:
            return at
        if following not in (_HOP, _ROUTING, _DESTINATION, _FRAGMENT):
            raise Odd("not TCP")
        if len(data) < at + 8:
            raise Odd("cut short before TCP")
        if following == _FRAGMENT:
            if data[at + 2] << 8 & 0xFF00 | data[at + 3] & 0xF8:
                raise Odd("a later fragment of an IP packet")
            following, at = data[at], at + 8
        else:
            following, at = data[at], at + 8 + 8 * data[at + 1]
    raise Odd("with a broken header")


def sum_is_right(data: bytes, head: Head) -> bool | None:
    """Whether the TCP checksum is right; None where the capture kept too little of the packet to tell."""
    if head.end > len(data):
        return None
    size = head.end - head.tcp
    pseudo = head.src + head.dst + (size.to_bytes(4, "big") + b"\0\0\0\6")
    return checksum(pseudo + data[head.tcp:head.end]) == 0


def syn_options(data: bytes, head: Head) -> tuple[int | None, int | None]:
    """MSS and window scale shift of a SYN, None for an option that is not there (RFC 9293 section 3.2, RFC 7323)."""
    mss = shift = None
    at, end = head.tcp + 20, min(head.tcp + (data[head.tcp + 12] >> 4 << 2), len(data))
    while at + 1 < end and data[at]:
        if data[at] == 1:
            at += 1
            continue
        size = data[at + 1]
        if size < 2 or at + size > end:
            break
        if data[at] == 2 and size == 4:
            mss = data[at + 2] << 8 | data[at + 3]
        elif data[at] == 3 and size == 3:
            shift = min(data[at + 2], 14)
        at += size
    return mss, shift
