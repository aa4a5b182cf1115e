"""The bytes of a segment: IP header, TCP header, options, text, and the two checksums.

Segments cross the link as objects; bytes are made when somebody looks: a capture, the inspector, or a bit that the
link flips. The receiver then believes only the bytes. Standard library only, and nothing but WireError comes out,
whatever goes in (RFC 9293 sections 3.1 and 3.2, RFC 791, RFC 8200, RFC 1071).
"""

from __future__ import annotations

from collections.abc import Container
from functools import lru_cache
from struct import Struct, error

from .options import NO_OPTIONS, Options
from .segment import Segment

EOL, NOP, MSS, WSCALE, SACK_PERMITTED, SACK, TIMESTAMPS = 0, 1, 2, 3, 4, 5, 8

#: Bytes of the fixed headers.
IPV4_HEADER, IPV6_HEADER, TCP_HEADER = 20, 40, 20
#: The data offset has four bits and counts words of four bytes (RFC 9293 section 3.1).
MAX_OPTIONS = 40

_TCP_PROTOCOL = 6
_DONT_FRAGMENT = 0x4000
#: IPv6 headers that may stand before TCP's: hop-by-hop options, routing, destination options.
_ROUTING = 43
_EXTENSIONS = (0, _ROUTING, 60)
_V4 = Struct(">BBHHHBBH4s4s")
_V6 = Struct(">IHBB16s16s")
_TCP = Struct(">HHIIBBHHH")
_V4_PSEUDO = Struct(">4s4sHH")
_V6_PSEUDO = Struct(">16s16sII")
_BLOCK = Struct(">II")


class WireError(ValueError):
    """Bytes that are no segment, or a segment that has no bytes.

    `reason` is one of version, length, ip-checksum, address, protocol, fragment, tcp-checksum, offset, option, field;
    the message says the same to a person.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason

    def __reduce__(self) -> tuple:
        return WireError, (self.reason, self.args[0])


def checksum(data: bytes) -> int:
    """The Internet checksum of `data`, 16 bits (RFC 1071).

    The sum of 16-bit words with end-around carry is the remainder by 65535, because 65536 leaves 1; Python divides
    one large number faster than it loops. Only a sum of zero words alone is +0: any other multiple of 65535 is -0.
    """
    total = _sum(data)
    return -total % 65535 if total else 0xFFFF


def _sum(data: bytes) -> int:
    """All of `data` as one number congruent (mod 65535) to the sum of its 16-bit words; an odd end is padded."""
    return int.from_bytes(data, "big") << (len(data) & 1) * 8


# --- addresses ---------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1024)
def address_to_bytes(text: str) -> bytes:
    """The 4 or 16 bytes of an IP address. Raises WireError("address")."""
    packed = _pack_v6(text) if ":" in text else _pack_v4(text)
    if packed is None:
        raise WireError("address", f"{text!r} is not an IP address")
    return packed


def _pack_v4(text: str) -> bytes | None:
    parts = text.split(".")
    if len(parts) != 4 or not all(part.isascii() and part.isdigit() and len(part) <= 3 for part in parts):
        return None
    numbers = [int(part) for part in parts]
    # A leading zero is refused: half the world reads it as octal.
    return bytes(numbers) if max(numbers) <= 255 and list(map(str, numbers)) == parts else None


def _pack_v6(text: str) -> bytes | None:
    """RFC 4291 section 2.2: eight groups, one run of zero groups may be `::`, the end may be a dotted quad."""
    head, gap, tail = text.partition("::")
    left, right = _groups(head, not gap), _groups(tail, True)
    if left is None or right is None:
        return None
    missing = 16 - len(left) - len(right)
    if missing < 2 if gap else missing:
        return None
    return left + bytes(missing) + right


def _groups(text: str, may_end_dotted: bool) -> bytes | None:
    if not text:
        return b""
    packed = b""
    groups = text.split(":")
    for index, group in enumerate(groups):
        if "." in group:
            quad = _pack_v4(group) if may_end_dotted and index == len(groups) - 1 else None
            if quad is None:
                return None
            packed += quad
        elif 1 <= len(group) <= 4 and all(char in "0123456789abcdefABCDEF" for char in group):
            packed += int(group, 16).to_bytes(2, "big")
        else:
            return None
    return packed


@lru_cache(maxsize=1024)
def address_from_bytes(packed: bytes) -> str:
    """The text of a 4- or 16-byte address; IPv6 as RFC 5952 writes it, always in hexadecimal."""
    if len(packed) == 4:
        return ".".join(map(str, packed))
    groups = [int.from_bytes(packed[at:at + 2], "big") for at in range(0, 16, 2)]
    start, length = _longest_zero_run(groups)
    if length < 2:
        return ":".join(f"{group:x}" for group in groups)
    left = ":".join(f"{group:x}" for group in groups[:start])
    return left + "::" + ":".join(f"{group:x}" for group in groups[start + length:])


def _longest_zero_run(groups: list[int]) -> tuple[int, int]:
    """(start, length) of the longest run of zeros, the first of equals (RFC 5952 section 4.2.3)."""
    best, run = (0, 0), 0
    for index, group in enumerate(groups):
        run = 0 if group else run + 1
        if run > best[1]:
            best = index - run + 1, run
    return best


# --- options -----------------------------------------------------------------------------------------------------


def options_to_bytes(options: Options) -> bytes:
    """The options as hosts commonly lay them out, each number on its natural boundary, padded to whole words.

    Raises WireError("option") when they do not fit into 40 bytes or a value does not fit its field.
    """
    if options is NO_OPTIONS or options == NO_OPTIONS:
        return b""
    try:
        data = _lay_out(options)
    except (error, ValueError, OverflowError) as problem:
        raise WireError("option", f"an option does not fit its field: {problem}") from None
    if len(data) > MAX_OPTIONS:
        raise WireError("option", f"the options take {len(data)} bytes; a TCP header has room for {MAX_OPTIONS}")
    # RFC 9293 3.1 [MUST-69]: what follows the end of the option list is zeros.
    return data + bytes(-len(data) % 4)


def options_size(options: Options) -> int:
    """How many bytes of header they take: the length of `options_to_bytes`, without making them."""
    size = 12 if options.ts is not None else 4 if options.sack_permitted else 0
    if options.mss is not None:
        size += 4
    if options.wscale is not None:
        size += 4
    if options.sack:
        size += 4 + 8 * len(options.sack)
    for _, value in options.unknown:
        size += 2 + len(value)
    return size + -size % 4


def _lay_out(options: Options) -> bytes:
    data = b""
    if options.mss is not None:
        data += bytes((MSS, 4)) + options.mss.to_bytes(2, "big")
    if options.sack_permitted:
        # Beside timestamps the two bytes of SACK-permitted do the work of the padding.
        data += bytes((SACK_PERMITTED, 2)) if options.ts else bytes((NOP, NOP, SACK_PERMITTED, 2))
    if options.ts is not None:
        data += (b"" if options.sack_permitted else bytes((NOP, NOP))) + bytes((TIMESTAMPS, 10))
        data += _BLOCK.pack(*options.ts)
    if options.wscale is not None:
        data += bytes((NOP, WSCALE, 3, options.wscale))
    if options.sack:
        data += bytes((NOP, NOP, SACK, 2 + 8 * len(options.sack)))
        data += b"".join(_BLOCK.pack(*block) for block in options.sack)
    for kind, value in options.unknown:
        if kind <= NOP:
            raise ValueError(f"kind {kind} has no length and no value")
        data += bytes((kind, 2 + len(value))) + value
    return data


def split_options(data: bytes) -> tuple[list[tuple[int, int, bytes]], str]:
    """Cut the option area into (offset, kind, value), EOL and NOP included, and say what is wrong with its end.

    An option's length leads over it whether its kind is known or not [MUST-6, MUST-68]. An illegal length (under 2,
    or past the area) ends the reading there and is named in the second result, else empty [MUST-7].
    """
    found: list[tuple[int, int, bytes]] = []
    at, end = 0, len(data)
    while at < end:
        kind = data[at]
        if kind == EOL:
            found.append((at, kind, b""))
            break
        if kind == NOP:
            found.append((at, kind, b""))
            at += 1
            continue
        if at + 1 == end:
            return found, f"option {kind} at byte {at} has no room for its length"
        size = data[at + 1]
        if size < 2 or at + size > end:
            return found, f"option {kind} at byte {at} has the illegal length {size}"
        found.append((at, kind, data[at + 2:at + size]))
        at += size
    return found, ""


def options_from_bytes(data: bytes, strict: bool = False) -> Options:
    """The meaning of an option area. What stands before an illegal length counts, the rest is not read.

    A known kind with a length that is not its own is kept among `unknown`, like a kind we do not know; of an option
    that comes twice the last counts. With `strict`, an illegal length raises WireError("option") instead.
    """
    if not data:
        return NO_OPTIONS
    found, problem = split_options(data)
    if problem and strict:
        raise WireError("option", problem)
    mss = wscale = ts = None
    permitted, sack, unknown = False, (), []
    for _, kind, value in found:
        size = len(value)
        if kind == MSS and size == 2:
            mss = int.from_bytes(value, "big")
        elif kind == WSCALE and size == 1:
            wscale = value[0]
        elif kind == SACK_PERMITTED and size == 0:
            permitted = True
        elif kind == TIMESTAMPS and size == 8:
            ts = _BLOCK.unpack(value)
        elif kind == SACK and size and size % 8 == 0:
            sack = tuple(_BLOCK.iter_unpack(value))
        elif kind > NOP:
            unknown.append((kind, bytes(value)))
    return Options(mss, wscale, permitted, sack, ts, tuple(unknown))


# --- whole packets -----------------------------------------------------------------------------------------------


def encode(seg: Segment, ident: int = 0, ttl: int = 64) -> bytes:
    """The packet of `seg`: IPv4 or IPv6 header by its addresses, TCP header, options, text, correct checksums.

    `ident` is the IPv4 identification, `ttl` the time to live or hop limit. Raises WireError: address (none, or two
    versions), option, length (more than IP can carry), field (a number that does not fit).
    """
    src, dst = address_to_bytes(seg.src), address_to_bytes(seg.dst)
    if len(src) != len(dst):
        raise WireError("address", f"{seg.src} and {seg.dst} are of two IP versions")
    options = options_to_bytes(seg.options)
    size = TCP_HEADER + len(options) + len(seg.payload)
    if size + (IPV4_HEADER if len(src) == 4 else 0) > 0xFFFF:
        raise WireError("length", f"{len(seg.payload)} bytes of text do not fit into one packet")
    try:
        if len(src) == 4:
            pseudo = _V4_PSEUDO.pack(src, dst, _TCP_PROTOCOL, size)
            head = _v4_header(src, dst, size, seg.ecn, ident, ttl)
        else:
            pseudo = _V6_PSEUDO.pack(src, dst, size, _TCP_PROTOCOL)
            head = _V6.pack(6 << 28 | (seg.ecn & 3) << 20, size, _TCP_PROTOCOL, ttl, src, dst)
        offset = (TCP_HEADER + len(options)) << 2
        fields = (seg.sport, seg.dport, seg.seq, seg.ack, offset, seg.flags, seg.wnd)
        body = options + seg.payload
        total = _sum(pseudo) + _sum(_TCP.pack(*fields, 0, seg.up)) + _sum(body)
        # RFC 9293 3.1 [MUST-2]: the sender computes it. The sum is never zero: the pseudo-header holds a 6.
        return head + _TCP.pack(*fields, -total % 65535, seg.up) + body
    except error as problem:
        raise WireError("field", f"a number does not fit its field: {problem}") from None


def _v4_header(src: bytes, dst: bytes, size: int, ecn: int, ident: int, ttl: int) -> bytes:
    fields = (0x45, ecn & 3, IPV4_HEADER + size, ident & 0xFFFF, _DONT_FRAGMENT, ttl, _TCP_PROTOCOL)
    return _V4.pack(*fields, checksum(_V4.pack(*fields, 0, src, dst)), src, dst)


def decode(data: bytes, checksum: bool = True, mine: Container[str] | None = None, strict: bool = False) -> Segment:
    """The segment in an IP packet, judged in the order in which a host judges it. Raises WireError, nothing else.

    `checksum=False` looks without judging the two sums (an inspector). `mine`, when given, holds the receiver's
    addresses: a packet for another raises address, before the TCP checksum is looked at. Bytes after the length
    that IP states are padding of the link below. DSCP, TTL, flow label and reserved bits are not kept.
    """
    if not data:
        raise WireError("length", "an empty packet")
    version = data[0] >> 4
    if version == 4:
        src, dst, ecn, text = _open_v4(data, checksum)
        pseudo = _V4_PSEUDO.pack(src, dst, _TCP_PROTOCOL, len(text))
    elif version == 6:
        src, dst, ecn, text = _open_v6(data)
        pseudo = _V6_PSEUDO.pack(src, dst, len(text), _TCP_PROTOCOL)
    else:
        raise WireError("version", f"IP version {version}; this host knows 4 and 6")
    here = address_from_bytes(dst)
    if mine is not None and here not in mine:
        raise WireError("address", f"the packet is for {here}, which is not an address of this host")
    if len(text) < TCP_HEADER:
        raise WireError("length", f"{len(text)} bytes are too few for a TCP header, which takes {TCP_HEADER}")
    # RFC 9293 3.1 [MUST-3]: the receiver checks it. Pseudo-header first: it is even, so the words stay words.
    if checksum and (_sum(pseudo) + _sum(text)) % 65535:
        raise WireError("tcp-checksum", "the TCP checksum does not match the bytes")
    sport, dport, seq, ack, offset, flags, wnd, _, up = _TCP.unpack_from(text)
    head = offset >> 4 << 2
    if not TCP_HEADER <= head <= len(text):
        raise WireError("offset", f"the data offset points to byte {head} of {len(text)}")
    options = options_from_bytes(text[TCP_HEADER:head], strict)
    return Segment(address_from_bytes(src), here, sport, dport, seq, ack, flags, wnd, text[head:], options, up, ecn)


def _open_v4(data: bytes, judge: bool) -> tuple[bytes, bytes, int, bytes]:
    """Source, destination, ECN bits and what IP carries. RFC 1122 section 3.2.1: bad packets are discarded."""
    if len(data) < IPV4_HEADER:
        raise WireError("length", f"{len(data)} bytes are too few for an IPv4 header, which takes {IPV4_HEADER}")
    first, tos, total, _, fragment, _, protocol, _, src, dst = _V4.unpack_from(data)
    head = (first & 15) << 2
    if head < IPV4_HEADER or not head <= total <= len(data):
        raise WireError("length", f"the IPv4 header says {head} of {total} bytes; the packet has {len(data)}")
    if judge and _sum(data[:head]) % 65535:
        raise WireError("ip-checksum", "the IPv4 header checksum does not match the header")
    if fragment & 0x3FFF:
        raise WireError("fragment", "the packet is a fragment of another one")
    if protocol != _TCP_PROTOCOL:
        raise WireError("protocol", f"the packet carries IP protocol {protocol}, not TCP")
    return src, dst, tos & 3, bytes(data[head:total])


def _open_v6(data: bytes) -> tuple[bytes, bytes, int, bytes]:
    """Source, destination, ECN bits and what IP carries, behind any options and used-up routes (RFC 8200 section 4)."""
    if len(data) < IPV6_HEADER:
        raise WireError("length", f"{len(data)} bytes are too few for an IPv6 header, which takes {IPV6_HEADER}")
    first, size, following, _, src, dst = _V6.unpack_from(data)
    if size > len(data) - IPV6_HEADER:
        raise WireError("length", f"the IPv6 header says {size} bytes follow; there are {len(data) - IPV6_HEADER}")
    text = bytes(data[IPV6_HEADER:IPV6_HEADER + size])
    while following in _EXTENSIONS and len(text) >= 8 and not (following == _ROUTING and text[3]):
        following, text = text[0], text[8 + 8 * text[1]:]
    if following != _TCP_PROTOCOL:
        raise WireError("protocol", f"the packet carries next header {following}, not TCP")
    return src, dst, first >> 20 & 3, text
