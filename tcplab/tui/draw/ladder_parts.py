"""What both forms of the ladder need: what is known beside the entries, how far a segment has come, its head."""

from __future__ import annotations

from dataclasses import dataclass, field

from tcplab.tui.draw.values import seconds
from tcplab.views.entries import Entry

TIME_CELLS = 7


@dataclass(frozen=True, slots=True)
class LadderState:
    """What the ladder needs beside the entries: who is left and right, when, and what is on its way.

    `level` draws level lines at every width: a capture knows no arrivals; `straight` draws a row a segment at every
    width. `veiled`: a question hides the numbers. `picked` is the number of the segment that is set off.
    `flights` maps a segment's id to (depart, arrive or None); `delay` is the crossing time of a lost segment (ns).
    `windows` says the window of each segment where there is room.
    `until` is when the first segment after the entries was sent (ns); None: they are the newest.
    """

    hosts: tuple[str, str]
    now: int
    flights: dict[int, tuple[int, int | None]] = field(default_factory=dict)
    delay: int = 50_000_000
    relative: bool = False
    ascii: bool = False
    level: bool = False
    straight: bool = False
    veiled: bool = False
    picked: int | None = None
    until: int | None = None
    windows: bool = False


def released(entry: Entry, state: LadderState) -> bool:
    """Whether the link held a segment and has let it go on."""
    return entry.fate == "held" and state.flights.get(entry.rec.id, (0, None))[1] is not None


def progress(entry: Entry, state: LadderState) -> int:
    """How far a segment has come, in parts of 1000."""
    if entry.fate in ("delivered", "dropped"):
        return 1000
    flight = state.flights.get(entry.rec.id)
    if released(entry, state):
        # It goes on from the middle, and half of the way is left.
        left = max(flight[1] - state.now, 0) * 1000 // max(state.delay, 1)
        return max(500, min(1000, 1000 - left))
    if entry.fate == "held":
        return 500
    if flight is None or flight[1] is None or flight[1] <= flight[0]:
        return 600 if entry.fate == "lost" else 0
    return max(0, min(1000, (state.now - flight[0]) * 1000 // (flight[1] - flight[0])))


def head(entry: Entry, done: int, side: int, state: LadderState) -> str:
    """What stands at the end of a segment's line."""
    if entry.fate in ("lost", "dropped"):
        return "✗"
    if entry.fate == "held" and not released(entry, state):
        return "❚"
    if entry.fate == "delivered" or done >= 1000:
        return "▶" if side == 0 else "◀"
    return "●"


def stamp(t: int) -> str:
    """An instant (ns) in at most six cells: the longer ago the start, the fewer digits behind the point."""
    return seconds(t, 3 if t < 100 * 10**9 else 2 if t < 1000 * 10**9 else 1 if t < 10**13 else 0).rstrip(".")


def page_top(count: int, lines: int, jump: int) -> int:
    """Like the newest `lines` of `count` rows, but in jumps."""
    return -(-max(0, count - lines) // jump) * jump
