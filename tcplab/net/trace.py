"""The one record of what happened: append-only events, from which every pane and every check is fed.

An event states facts; its `why` names the rule, timer or call behind it. Observers never change behaviour.
"""

from __future__ import annotations

from dataclasses import dataclass

from tcplab.notation.plural import singular
from tcplab.tcp.options import Options
from tcplab.tcp.segment import SYN, URG, Segment
from tcplab.tcp.why import Why, explain

#: What can befall a segment; every other kind of event is a host's or the link's.
SEGMENT_KINDS = ("sent", "delivered", "lost", "duplicated", "corrupted", "held", "reordered", "dropped", "marked")

#: The ECN field of the IP header (RFC 3168 section 5).
_ECN = ("", "ECT(1)", "ECT(0)", "CE")

#: Keys of an event's `data` whose value is prose for people, never part of a hash.
PROSE = ("text", "message")


@dataclass(slots=True)
class SegmentRecord:
    """A segment that was handed to the link: `id` counts from 1; a duplicate has its own and names `copy_of`.

    `src` and `dst` are host names. `first_at` is when its text was first sent; `repeated` says it was sent before.
    `wire` holds the packet's bytes where they are no longer those of `segment` (a flipped bit, a checksum set by
    hand); `shift` is the sender's window scale shift. Records are shared by traces and copies of the world: whoever
    wants another one makes another one.
    """

    id: int
    copy_of: int | None
    src: str
    dst: str
    segment: Segment
    sent_at: int
    first_at: int
    repeated: bool = False
    injected: bool = False
    wire: bytes | None = None
    shift: int = 0


@dataclass(slots=True)
class Event:
    """One fact at virtual time `t` (ns), at `host` (empty for the link) and its connection `conn` (0: none)."""

    t: int
    kind: str
    host: str = ""
    conn: int = 0
    seg: SegmentRecord | None = None
    why: Why | None = None
    data: tuple[tuple[str, object], ...] = ()

    def get(self, key: str, default: object = None) -> object:
        """The value stored under `key` in `data`."""
        for name, value in self.data:
            if name == key:
                return value
        return default


def event_facts(event: Event, prose: bool = True) -> dict[str, object]:
    """`event` as a dict that JSON can hold: one line of ``--trace``. Times in ns, sizes in bytes, wire numbers.

    Without `prose` only facts are left (no `why`, no texts): what a trace hash is made of.
    """
    facts: dict[str, object] = {"t_ns": event.t, "kind": event.kind}
    if event.seg is not None and event.kind in SEGMENT_KINDS:
        facts |= _segment_facts(event.seg)
    else:
        facts["host"] = event.host
    if event.conn:
        facts["conn"] = event.conn
    for key, value in event.data:
        if prose or key not in PROSE:
            facts.setdefault(key, _plain(value))
    if prose:
        facts["why"] = _sentence(event.why)
    return facts


def _segment_facts(record: SegmentRecord) -> dict[str, object]:
    segment = record.segment
    # RFC 7323 2.2: the window of a segment with SYN is never scaled.
    shift = 0 if segment.flags & SYN else record.shift
    rare = {"ecn": _ECN[segment.ecn & 3]} if segment.ecn else {}
    if segment.flags & URG:
        rare["up"] = segment.up
    return rare | {
        "id": record.id, "copy_of": record.copy_of, "from": record.src, "to": record.dst, "flags": segment.letters,
        "seq": segment.seq, "ack": segment.ack, "win": segment.wnd, "win_scaled": segment.wnd << shift,
        "len": len(segment.payload), "options": option_facts(segment.options),
    }


def option_facts(options: Options) -> dict[str, object]:
    """The options that are there, under tcpdump's names; unknown ones as [kind, hex]."""
    facts: dict[str, object] = {}
    if options.mss is not None:
        facts["mss"] = options.mss
    if options.wscale is not None:
        facts["wscale"] = options.wscale
    if options.sack_permitted:
        facts["sackOK"] = True
    if options.sack:
        facts["sack"] = [list(block) for block in options.sack]
    if options.ts is not None:
        facts["ts"] = list(options.ts)
    if options.unknown:
        facts["unknown"] = [[kind, data.hex()] for kind, data in options.unknown]
    return facts


def _plain(value: object) -> object:
    """`value` as JSON knows it: bytes as Latin-1 text, tuples as lists, enumerations as their value."""
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, (bool, int)):
        return value
    return str(value)


def _sentence(why: Why | None) -> str | None:
    if why is None:
        return None
    text, clause = explain(why)
    return singular(f"{text} ({clause})" if clause else text)
