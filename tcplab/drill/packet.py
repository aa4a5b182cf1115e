"""Segments of a script: read, made, looked at (packetdrill's notation, RFC 9293 section 3.1)."""

from __future__ import annotations

import re

from tcplab.notation.errors import suggest
from tcplab.tcp import ACK, RST, SYN, URG, Options, Segment, flag_letters, letters_to_flags, wrap

from .errors import Cursor
from .model import ANY, Packet, option_text

_FLAGS = re.compile(r"[A-Za-z.\-]+")
_NUMBERS = re.compile(r"(-?\d{1,10}):(-?\d{1,10})\((\d{1,6})\)")
_FIELD = re.compile(r"(ack|win|urg)\b[ \t]+(-?\d{1,10})\b")
_OPTIONS = re.compile(r"<([^>]*)>")
_WORD = re.compile(r"\S+")
_OPTION_WORDS = ("mss", "sackOK", "wscale", "TS", "sack", "nop", "eol", "unknown")
_ONE = re.compile(r"(mss|wscale)[ \t]+(\d{1,5}|any)")
_TS = re.compile(r"TS[ \t]+val[ \t]+(\d{1,10}|any)[ \t]+ecr[ \t]+(\d{1,10}|any)")
_SACK = re.compile(r"sack((?:[ \t]+-?\d{1,10}:-?\d{1,10})+)")
_UNKNOWN = re.compile(r"unknown[ \t]+(\d{1,3})(?:[ \t]+((?:[0-9a-fA-F]{2})*))?")
_SHAPE = "Write for example S. 0:0(0) ack 1 win 4000 <mss 1460>."


def parse_packet(cursor: Cursor, arrives: bool) -> Packet:
    """The segment at `cursor`, behind ``<`` or ``>``. Raises NotationError."""
    at = cursor.at
    letters = cursor.take(_FLAGS)
    if letters is None:
        cursor.fail("The control bits are missing here.", _SHAPE)
    try:
        flags = 0 if letters[0] == "-" else letters_to_flags(letters[0])
    except ValueError:
        cursor.fail(f"{letters[0]!r} are not control bits.", "The letters are S F R P . U E W, or - for none.",
                    letters.start() if letters else at)
    numbers = cursor.take(_NUMBERS)
    if numbers is None:
        cursor.fail("FIRST:NEXT(LENGTH) is missing here.", _SHAPE)
    first, following, length = (int(part) for part in numbers.groups())
    if following - first != length:
        cursor.fail(f"From {first} to {following} there are {following - first} bytes, not {length}.",
                    f"Write {first}:{first + length}({length}); SYN and FIN are not counted here.", numbers.start())
    found: dict[str, int] = {}
    while (field := cursor.take(_FIELD)) is not None:
        if field[1] in found:
            cursor.fail(f"{field[1]} stands here twice.", "", field.start())
        if field[1] != "ack" and not 0 <= int(field[2]) <= 65535:
            cursor.fail(f"{field[1]} is a 16-bit number, from 0 to 65535.", "", field.start(2))
        found[field[1]] = int(field[2])
    if arrives and "ack" in found and not flags & ACK:
        cursor.fail("An ack needs the ACK bit.", f"Write {letters[0].replace('-', '')}. for the control bits.",
                    letters.start())
    if flags & ACK and "ack" not in found:
        cursor.fail("The ACK bit is set and no ack is written.", "Write ack N.")
    options = _options(cursor, arrives)
    if cursor.rest:
        word = cursor.rest.split()[0]
        cursor.fail(f"{word!r} is not understood here.",
                    suggest(word, ("ack", "win", "urg")).strip() or "After the numbers come ack, win, urg, <options>.")
    return Packet(arrives, flags, first, length, found.get("ack"), found.get("win"), found.get("urg"), options)


def _options(cursor: Cursor, arrives: bool) -> tuple[tuple[str, object], ...] | None:
    area = cursor.take(_OPTIONS)
    if area is None:
        return ()
    inner = area[1].strip()
    if inner == "...":
        if arrives:
            cursor.fail("A segment that arrives has options of its own.", "Write them, or nothing.", area.start())
        return None
    found: dict[str, object] = {}
    unknown: list[tuple[str, object]] = []
    at = area.start(1)
    for part in area[1].split(","):
        kind, value = _option(Cursor(cursor.text, at), part.strip(), arrives)
        at += len(part) + 1
        if kind == "unknown":
            unknown.append((kind, value))
        elif kind not in ("nop", "eol"):
            found[kind] = value
    return tuple(found.items()) + tuple(unknown)


def _option(place: Cursor, text: str, arrives: bool) -> tuple[str, object]:
    if text in ("nop", "eol", "sackOK", "sackPermitted"):
        return text.replace("Permitted", "OK"), True
    number = lambda part: ANY if part == "any" else int(part)  # noqa: E731
    if (match := _ONE.fullmatch(text)) is not None:
        kind, value = match[1], number(match[2])
    elif (match := _TS.fullmatch(text)) is not None:
        kind, value = "TS", (number(match[1]), number(match[2]))
    elif (match := _SACK.fullmatch(text)) is not None:
        kind, value = "sack", tuple(tuple(map(int, block.split(":"))) for block in match[1].split())
    elif (match := _UNKNOWN.fullmatch(text)) is not None:
        kind, value = "unknown", (int(match[1]), bytes.fromhex(match[2] or ""))
    else:
        word = text.split()[0] if text else ""
        place.fail(f"{text!r} is not an option.", suggest(word, _OPTION_WORDS).strip()
                   or "Known are " + ", ".join(_OPTION_WORDS) + ".")
    if arrives and "any" in text.split():
        place.fail("A segment that arrives needs all its values.", "any is for segments behind >.")
    return kind, value


def options_of(packet: Packet, base: int, ts_offset: int = 0) -> Options:
    """The options to send; SACK blocks count from `base`, our ISS; what TSecr echoes is `ts_offset` further on."""
    said = dict(option for option in packet.options if option[0] != "unknown")
    blocks = tuple((wrap(base + left), wrap(base + right)) for left, right in said.get("sack", ()))
    unknown = tuple(value for kind, value in packet.options if kind == "unknown")
    stamp = said.get("TS")
    if stamp is not None and stamp[1]:
        stamp = stamp[0], wrap(stamp[1] + ts_offset)
    return Options(said.get("mss"), said.get("wscale"), "sackOK" in said, blocks, stamp, unknown)


def seen(segment: Segment, iss: int, irs: int) -> Packet:
    """A segment the endpoint sent, as a script would write it; `iss` and `irs` are where both sides began."""
    flags = segment.flags
    raw = flags & RST and flags & ACK and not segment.seq  # <SEQ=0>: not a number of the connection (RFC 9293 3.5.2)
    options = segment.options
    listed: list[tuple[str, object]] = []
    if options.mss is not None:
        listed.append(("mss", options.mss))
    if options.sack_permitted:
        listed.append(("sackOK", True))
    if options.ts is not None:
        listed.append(("TS", tuple(options.ts)))
    if options.wscale is not None:
        listed.append(("wscale", options.wscale))
    if options.sack:
        listed.append(("sack", tuple((signed(left - irs), signed(right - irs)) for left, right in options.sack)))
    listed += [("unknown", value) for value in options.unknown]
    return Packet(False, flags, 0 if raw else signed(segment.seq - iss), len(segment.payload),
                  signed(segment.ack - irs) if flags & ACK else None, segment.wnd,
                  segment.up if flags & URG else None, tuple(listed))


def signed(distance: int) -> int:
    """A distance on the circle of 2**32 as the nearest signed number."""
    return (distance + (1 << 31)) % (1 << 32) - (1 << 31)


def differences(wanted: Packet, got: Packet) -> list[str]:
    """What differs, in words; empty when `got` is what `wanted` asks for."""
    out = []
    if wanted.flags != got.flags:
        out.append(f"control bits {_letters(got.flags)}, not {_letters(wanted.flags)}")
    for name, here, there in (("first number", wanted.seq, got.seq), ("length", wanted.length, got.length)):
        if here != there:
            out.append(f"{name} {there}, not {here}")
    for name in ("ack", "win", "urg"):
        here, there = getattr(wanted, name), getattr(got, name)
        if here is not None and here != there:
            out.append(f"{name} {'missing' if there is None else there}, not {here}")
    if wanted.options is not None:
        out += _option_differences(dict(wanted.options), dict(got.options))
    return out


def _option_differences(wanted: dict[str, object], got: dict[str, object]) -> list[str]:
    out = []
    for kind in [*wanted, *(kind for kind in got if kind not in wanted)]:
        if kind not in got:
            out.append(f"no option {option_text(kind, wanted[kind])}")
        elif kind not in wanted:
            out.append(f"option {option_text(kind, got[kind])}, which no one asked for (write <...> for any)")
        elif not _alike(wanted[kind], got[kind]):
            out.append(f"option {option_text(kind, got[kind])}, not {option_text(kind, wanted[kind])}")
    return out


def _alike(wanted: object, got: object) -> bool:
    if wanted is ANY:
        return True
    if isinstance(wanted, tuple) and isinstance(got, tuple):
        return len(wanted) == len(got) and all(_alike(one, two) for one, two in zip(wanted, got, strict=True))
    return wanted == got


def _letters(flags: int) -> str:
    return flag_letters(flags) if flags else "-"


#: Text whose bytes tell their place: byte n of a direction is PERIOD[n % 251].
_PERIOD = bytes(range(251)) * 3


def pattern(first: int, length: int) -> bytes:
    """The text of the numbers [first, first + length) of either direction, the SYN being 0."""
    start = first % 251
    repeated = _PERIOD if start + length <= len(_PERIOD) else bytes(range(251)) * (length // 251 + 3)
    return repeated[start:start + length]


def text_of(packet: Packet) -> bytes:
    """The text a segment of the peer carries; behind a SYN it begins one number later."""
    return pattern(packet.seq + (1 if packet.flags & SYN else 0), packet.length)
