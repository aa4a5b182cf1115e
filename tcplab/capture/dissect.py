"""A segment taken apart: every field of every header with its bytes, its value and its meaning.

The bytes are ours (`tcp.wire`), taken apart by scapy, an independent reader: what the inspector shows is what another
program sees. Broken packets come apart as far as they go.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from tcplab.notation.errors import printable
from tcplab.tcp.segment import Segment
from tcplab.tcp.wire import TCP_HEADER, WireError, decode, encode, split_options

from .meanings import FLAGS, MEANINGS, OPTIONS
from .quiet import layers

#: Characters of a value that are shown.
_SHOWN = 200
_BYTES_PER_ROW = 16


class Field(NamedTuple):
    """One field: scapy's name, the value as shown, what it is for, and its bytes from `start` up to `end`.

    Fields smaller than a byte name the bytes they touch. `right` is said of checksums only.
    """

    name: str
    value: str
    meaning: str
    start: int
    end: int
    right: bool | None = None


class Layer(NamedTuple):
    """One header, or the text: its name and fields."""

    name: str
    fields: tuple[Field, ...]


class Dissection(NamedTuple):
    """A packet taken apart. `verdict` is why a receiver discards it, empty when it does not."""

    data: bytes
    layers: tuple[Layer, ...]
    verdict: str


class HexRow(NamedTuple):
    """Sixteen bytes: the byte `i` of a row stands at column ``3*i + (i > 7)`` of `hex` and column `i` of `text`."""

    offset: int
    hex: str
    text: str


def dissect(segment: Segment, wire: bytes | None = None, ident: int = 0) -> Dissection:
    """Take a segment apart; `wire` is its packet where the link changed it, `ident` the IPv4 identification.

    Raises WireError for a segment that has no bytes (an impossible address or number).
    """
    return dissect_bytes(encode(segment, ident) if wire is None else wire)


def dissect_bytes(data: bytes) -> Dissection:
    """Take any bytes apart; never raises."""
    verdict = reason = ""
    try:
        decode(data)
    except WireError as problem:
        verdict, reason = str(problem), problem.reason
    found: list[Layer] = []
    end = 0
    for layer, start, end in _headers(data):
        name = {"IP": "IPv4"}.get(layer.name, layer.name)
        fields = _fields(name, layer, start, end, reason)
        if name == "TCP":
            fields += _options(data[start + TCP_HEADER:end], start + TCP_HEADER)
        found.append(Layer(name, tuple(fields)))
    if end < len(data):
        text = data[end:]
        found.append(Layer("text", (Field("load", printable(repr(text)[1:], _SHOWN), f"{len(text)} bytes of text",
                                          end, len(data)),)))
    return Dissection(data, tuple(found), verdict)


def _headers(data: bytes) -> list[tuple[Any, int, int]]:
    """scapy's header layers with the bytes they take; what scapy cannot read is text."""
    scapy = layers()
    version = data[0] >> 4 if data else 0
    if version not in (4, 6):
        return []
    try:
        layer = (scapy.IP if version == 4 else scapy.IPv6)(data)
    except Exception:  # scapy raises what it likes on broken bytes; then there is only the hex dump
        return []
    found, at = [], 0
    while not isinstance(layer, (scapy.NoPayload, scapy.Raw)) and layer.name != "Padding":
        size = _header_size(layer, len(data) - at)
        if size <= 0:
            break
        found.append((layer, at, at + size))
        at += size
        if layer.name == "TCP":
            # What TCP carries is text to it; scapy would guess a protocol from the ports.
            break
        layer = layer.payload
    return found


def _header_size(layer: Any, left: int) -> int:
    """Bytes of a header: what it says itself, never more than there are."""
    words = {"IP": "ihl", "TCP": "dataofs"}.get(layer.name)
    if words:
        size = 4 * (layer.getfieldval(words) or 0)
    else:
        size = len(layer.original) - len(getattr(layer.payload, "original", b""))
    return min(max(size, 0), left)


def _fields(name: str, layer: Any, start: int, end: int, reason: str) -> list[Field]:
    """The fixed fields of a header; options are taken apart by `_options`."""
    found, bit = [], start * 8
    for desc in layer.fields_desc:
        if desc.name == "options":
            break
        first, bit = bit, bit + int(desc.sz * 8)
        if bit > end * 8:
            break
        value = layer.getfieldval(desc.name)
        shown = str(value) if desc.name in ("sport", "dport") else str(desc.i2repr(layer, value))
        meaning, right = MEANINGS.get((name, desc.name), ""), None
        if name == "TCP" and desc.name == "flags":
            meaning = "; ".join(FLAGS.get(letter, letter) for letter in str(value)) or "no control bit"
        elif desc.name == "chksum":
            wrong = reason == ("ip-checksum" if name == "IPv4" else "tcp-checksum")
            right = False if wrong else None if reason else True
            meaning += "; it is WRONG" if wrong else "; it is right" if not reason else ""
        found.append(Field(desc.name, printable(shown, _SHOWN), meaning, first // 8, -(-bit // 8), right))
    return found


def _options(area: bytes, start: int) -> list[Field]:
    """Each option of the TCP header; bytes that cannot be cut into options are one field."""
    found, problem = split_options(area)
    fields = []
    at = 0
    for offset, kind, value in found:
        name, meaning = OPTIONS.get(kind, (f"kind {kind}", "an option this host does not know"))
        at = offset + (1 if kind < 2 else 2 + len(value))
        fields.append(Field(name, _option_value(kind, value), meaning, start + offset, start + at))
    if at < len(area):
        fields.append(Field("padding" if not problem else "broken", area[at:].hex(" "),
                            problem or "zeros up to a whole word", start + at, start + len(area)))
    return fields


def _option_value(kind: int, value: bytes) -> str:
    words = [int.from_bytes(value[at:at + 4], "big") for at in range(0, len(value), 4)]
    if kind in (2, 3) and value:
        return str(int.from_bytes(value, "big"))
    if kind == 8 and len(value) == 8:
        return f"TSval {words[0]}, TSecr {words[1]}"
    if kind == 5 and len(value) % 8 == 0:
        return ", ".join(f"{left}:{right}" for left, right in zip(words[::2], words[1::2], strict=True))
    return value.hex(" ")


def hexdump(data: bytes) -> list[HexRow]:
    """The bytes in rows of sixteen; what is not printable ASCII shows as a dot."""
    rows = []
    for at in range(0, len(data), _BYTES_PER_ROW):
        part = data[at:at + _BYTES_PER_ROW]
        halves = part[:8].hex(" "), part[8:].hex(" ")
        text = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in part)
        rows.append(HexRow(at, "  ".join(half for half in halves if half), text))
    return rows
