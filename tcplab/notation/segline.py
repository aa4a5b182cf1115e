"""Segments as tcpdump prints them, and in a few words for the ladder."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tcplab.tcp.options import Options
from tcplab.tcp.segment import ACK, FIN, RST, SYN, URG, Segment

from .match import kind_of
from .values import MOD32

#: First numbers by direction: (source, port, destination, port) -> ISS.
Bases = Mapping[tuple[str, int, str, int], int]


def relative_bases(records: Iterable[object]) -> dict[tuple[str, int, str, int], int]:
    """The ISS of every direction that showed a SYN, for relative numbers; the newest SYN counts."""
    bases: dict[tuple[str, int, str, int], int] = {}
    for rec in records:
        learn_base(bases, rec.segment)
    return bases


def learn_base(bases: dict[tuple[str, int, str, int], int], segment: Segment) -> None:
    """Note the ISS if `segment` carries one."""
    if segment.flags & SYN:
        bases[segment.src, segment.sport, segment.dst, segment.dport] = segment.seq


def shown_numbers(segment: Segment, relative: Bases | None = None) -> tuple[int, int]:
    """SEG.SEQ and SEG.ACK as shown: wire numbers, or counted from each side's ISS as tcpdump does.

    Segments with a SYN, and those of a connection whose SYN was not seen, keep wire numbers.
    """
    if relative is None or segment.flags & SYN:
        return segment.seq, segment.ack
    there = relative.get((segment.src, segment.sport, segment.dst, segment.dport))
    back = relative.get((segment.dst, segment.dport, segment.src, segment.sport))
    seq = segment.seq if there is None else (segment.seq - there) % MOD32
    ack = segment.ack if back is None else (segment.ack - back) % MOD32
    return seq, ack


def options_text(options: Options) -> str:
    """The options between tcpdump's brackets, without padding: ``mss 1460,sackOK,wscale 7``."""
    parts = []
    if options.mss is not None:
        parts.append(f"mss {options.mss}")
    if options.sack_permitted:
        parts.append("sackOK")
    if options.ts is not None:
        parts.append(f"TS val {options.ts[0]} ecr {options.ts[1]}")
    if options.wscale is not None:
        parts.append(f"wscale {options.wscale}")
    if options.sack:
        parts.append(f"sack {len(options.sack)} " + "".join(f"{{{left}:{right}}}" for left, right in options.sack))
    parts += [f"unknown-{kind} 0x{bytes(data).hex()}" for kind, data in options.unknown]
    return ",".join(parts)


def tcpdump_fields(segment: Segment, relative: Bases | None = None) -> str:
    """Everything right of the addresses: ``Flags [S], seq 4211, win 4000, options [mss 100], length 0``."""
    seq, ack = shown_numbers(segment, relative)
    length = len(segment.payload)
    parts = [f"Flags [{segment.letters}]"]
    if length:
        parts.append(f"seq {seq}:{(seq + length) % MOD32}")
    elif segment.flags & (SYN | FIN | RST):
        parts.append(f"seq {seq}")
    if segment.flags & ACK:
        parts.append(f"ack {ack}")
    parts.append(f"win {segment.wnd}")
    if segment.flags & URG:
        parts.append(f"urg {segment.up}")
    options = options_text(segment.options)
    if options:
        parts.append(f"options [{options}]")
    parts.append(f"length {length}")
    return ", ".join(parts)


def tcpdump_line(
    rec: object, names: Mapping[str, str] | None = None, relative: Bases | None = None, ports: bool = False
) -> str:
    """One line as tcpdump prints it: ``client > server: Flags [S], ...``; `rec` is a SegmentRecord.

    `names` says how a host is printed (default: its name), `relative` holds the first numbers from which to count
    (see `relative_bases`; None prints wire numbers), `ports` adds them as tcpdump does.
    """
    segment = rec.segment
    source, target = (names.get(host, host) if names else host for host in (rec.src, rec.dst))
    if ports:
        source, target = f"{source}.{segment.sport}", f"{target}.{segment.dport}"
    return f"{source} > {target}: {tcpdump_fields(segment, relative)}"


def seg_summary(segment: Segment, relative: Bases | None = None) -> str:
    """A few words for the ladder: ``SYN seq 4211``, ``ACK 4212``, ``DATA 4212:4217 (5)``."""
    seq, ack = shown_numbers(segment, relative)
    word, length = kind_of(segment), len(segment.payload)
    if word == "ACK":
        return f"ACK {ack}"
    span = f" {seq}:{(seq + length) % MOD32} ({length})" if length else f" seq {seq}"
    return word + span + (f" ack {ack}" if segment.flags & ACK and word != "DATA" else "")
