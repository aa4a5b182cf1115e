"""The one record of what happened: append-only events, from which every pane and every check is fed.

An event states facts; its `why` names the rule, timer or call behind it. Observers never change behaviour.
"""

from __future__ import annotations

from dataclasses import dataclass

from tcplab.tcp.segment import Segment
from tcplab.tcp.why import Why

#: What can befall a segment; every other kind of event is a host's or the link's.
SEGMENT_KINDS = ("sent", "delivered", "lost", "duplicated", "corrupted", "held", "reordered", "dropped")


@dataclass(slots=True)
class SegmentRecord:
    """A segment that was handed to the link: `id` counts from 1; a duplicate has its own and names `copy_of`.

    `src` and `dst` are host names. `first_at` is when its text was first sent; `repeated` says it was sent before.
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
