"""Which segments arrived out of their turn: overtaken, held up, or far slower than the one before.

A ladder with one row a segment shows departure and arrival on that row, which is true as long as nothing happens in
between that the eye would put after the arrival. The late ones listed here get a row for each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .entries import Entry


class Arrivals:
    """Judges each arrival as it comes. `late` are (arrival in ns, number) of those out of their turn, in order."""

    def __init__(self) -> None:
        self.late: list[tuple[int, int]] = []
        self._newest: dict[str, int] = {}
        #: How long a crossing from each host usually takes (ns); it may double with each arrival, not more.
        self._usual: dict[str, int] = {}

    def judge(self, entry: Entry, t: int, newest: Entry) -> bool:
        """Whether `entry`, which arrived at `t`, is late. `newest` is what was sent last by anyone."""
        rec = entry.rec
        taken = t - rec.sent_at
        usual = self._usual.get(rec.src, taken)
        passed = newest.rec.id != rec.id and newest.rec.sent_at > rec.sent_at + usual
        late = taken > 2 * usual and (passed or entry.stopped)
        late = late or self._newest.get(rec.src, 0) > rec.id
        if rec.copy_of is None:
            self._newest[rec.src] = max(self._newest.get(rec.src, 0), rec.id)
        if not entry.stopped:
            self._usual[rec.src] = min(taken, 2 * usual) or taken
        if late:
            self.late.append((t, rec.id))
        return late

    def mark(self) -> tuple:
        """How things stand, for `back`."""
        return len(self.late), dict(self._newest), dict(self._usual)

    def back(self, mark: tuple) -> None:
        """Return to where things stood."""
        count, newest, usual = mark
        del self.late[count:]
        self._newest, self._usual = dict(newest), dict(usual)
