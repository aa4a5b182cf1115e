"""The time axis of the diagonal ladder: every instant at which something happens gets rows, empty time gets few."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tcplab.views.entries import Entry

if TYPE_CHECKING:
    from .ladder_parts import LadderState


#: The row of what left before the axis begins.
ABOVE = -8


class Axis:
    """Rows for departures and arrivals. `departs` and `arrives` map a segment's id to its row.

    Segments that leave one host at one instant stand on rows of their own, and so do their arrivals, so that four
    segments of a window are four lines. What leaves a host stands below what reaches it at the same instant, so that
    no words stand beside the arrowhead of another segment. The distance between two instants grows with the time
    between them, from one row to three: a crossing slopes, a wait of seconds does not push everything off the screen.
    """

    def __init__(self, entries: Sequence[Entry], state: LadderState, older: Sequence[Entry] = ()) -> None:
        self.departs: dict[int, int] = {}
        self.arrives: dict[int, int] = {}
        self.left_times: dict[int, int] = {}
        self.right_times: dict[int, int] = {}
        self.waits: list[tuple[int, int]] = []
        self.height = self.now_row = 0
        self._rows_at: list[tuple[int, int]] = []
        moments: dict[int, tuple[list[Entry], list[Entry]]] = {}
        beyond: list[Entry] = []
        self.departs.update((entry.rec.id, ABOVE) for entry in older)
        for entry in [*older, *entries]:
            depart, arrive = self._span(entry, state)
            if entry.rec.id not in self.departs:
                moments.setdefault(depart, ([], []))[1].append(entry)
            if arrive is not None and entry.late and state.until is not None and arrive > state.until:
                beyond.append(entry)
            elif arrive is not None:
                moments.setdefault(arrive, ([], []))[0].append(entry)
        self._place(moments, entries, state)
        for entry in beyond:
            self.arrives[entry.rec.id] = self.height + 6

    @staticmethod
    def _span(entry: Entry, state: LadderState) -> tuple[int, int | None]:
        """When a segment left and when it arrives, if it ever does."""
        depart = entry.rec.sent_at
        if entry.fate in ("delivered", "dropped"):
            return depart, entry.at
        flight = state.flights.get(entry.rec.id)
        return depart, flight[1] if flight is not None else None

    def _place(
        self, moments: dict[int, tuple[list[Entry], list[Entry]]], entries: Sequence[Entry], state: LadderState
    ) -> None:
        unit = max(state.delay, 1)
        y, before, last_used, below = 0, None, 0, 0
        for t in sorted(moments):
            if before is not None:
                waited = t - before
                quiet = waited > 3 * unit and not any(self._flying(e, before, t, state) for e in entries)
                # Rows given to answers below what they answer are rows their lines slope over anyhow.
                y = last_used + (3 if quiet else max(1, self._gap(waited, unit) - below))
                if quiet:
                    self.waits.append((last_used + 2, waited))
            arriving, leaving = moments[t]
            last_used = max(y, self._slots(y, t, arriving, leaving, state.hosts[0], state.now))
            reached = {entry.rec.dst for entry in arriving}
            below = min(2, sum(entry.rec.src in reached for entry in leaving))
            self._rows_at.append((last_used, t))
            before = t
        # A lost segment falls short of its arrival; leave the rows its line needs.
        tail = 2 if entries and entries[-1].fate == "lost" else 0
        self.height = last_used + 1 + tail
        self.now_row = max((row for row, t in self._rows_at if t <= state.now), default=0)

    def _slots(self, y: int, t: int, arriving: list[Entry], leaving: list[Entry], left_host: str, now: int) -> int:
        """Give rows to all that happens at `t` from row `y` on; returns the last row used. The future has no times."""
        used = y
        count = {True: 0, False: 0}
        for entry in sorted(arriving, key=lambda e: e.rec.id):
            at_left = entry.rec.dst == left_host
            self.arrives[entry.rec.id] = y + count[at_left]
            if t <= now:
                self._stamp(at_left, y + count[at_left], t)
            used = max(used, y + count[at_left])
            count[at_left] += 1
        for entry in sorted(leaving, key=lambda e: e.rec.id):
            at_left = entry.rec.src == left_host
            self.departs[entry.rec.id] = y + count[at_left]
            self._stamp(at_left, y + count[at_left], t)
            used = max(used, y + count[at_left])
            count[at_left] += 1
        return used

    def _stamp(self, at_left: bool, y: int, t: int) -> None:
        """Write the time on its row, once for rows of one instant."""
        times = self.left_times if at_left else self.right_times
        if next(reversed(times.values()), None) != t:
            times[y] = t

    @staticmethod
    def _gap(waited: int, unit: int) -> int:
        return 1 if waited * 4 < unit else 2 if waited * 4 < unit * 3 else 3

    @staticmethod
    def _flying(entry: Entry, start: int, end: int, state: LadderState) -> bool:
        depart, arrive = Axis._span(entry, state)
        # A straggler does not fill the time in which nothing else happens.
        return arrive is not None and depart <= start and arrive >= end and not (entry.late or entry.stopped)
