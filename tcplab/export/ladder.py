"""The ladder as SVG: time runs down, a segment slopes from its sending to its arrival, in proportion to its time.

Where many things happen at once the axis is stretched so that every segment can be read, and where nothing happens it
is cut (the cut says how much time it leaves out); the order of all that happens is always true.
"""

from __future__ import annotations

from statistics import median
from typing import NamedTuple

from tcplab.notation.segline import relative_bases, seg_summary
from tcplab.notation.units import format_time
from tcplab.views.entries import Entry

from .subject import MAX_DRAWN, Subject
from .svg import Picture
from .text import seconds

WIDTH, LEFT, RIGHT = 900, 190, 710
TOP = 92
#: A usual crossing slopes by so many pixels, an empty stretch longer than `_CUT` crossings becomes `_GAP` pixels.
_SLOPE, _CUT, _GAP = 46, 3, 52
#: Two segments that leave one host, or reach it, stand at least so far apart.
_LEAVE, _REACH, _STATE = 17, 9, 16
#: Where lines are level, a silence of so many ns is told.
_SILENCE = 200_000_000


class _Item(NamedTuple):
    """Something on the axis: when, at which side (0 left), what (leave, reach, state), and whose it is."""

    t: int
    side: int
    what: str
    whose: object


def ladder_svg(subject: Subject) -> str:
    """The ladder of the whole subject (its first `MAX_DRAWN` segments) as one self-contained SVG file."""
    return _Ladder(subject).draw()


class _Ladder:
    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.entries = list(subject.entries[:MAX_DRAWN])
        self.picture = Picture(f"Ladder: {subject.title}")
        self.bases = relative_bases(entry.rec for entry in self.entries) if subject.relative else None
        self.leaves: dict[int, float] = {}
        self.reaches: dict[int, float] = {}
        self.states: list[tuple[float, int, str]] = []
        self.times: list[tuple[float, int, int]] = []
        self.cuts: list[tuple[float, int]] = []
        self._last_time: list[int | None] = [None, None]
        self.crossing = self._usual()

    def _usual(self) -> int:
        """How long a crossing usually takes (ns)."""
        taken = [entry.at - entry.rec.sent_at for entry in self.entries
                 if entry.fate == "delivered" and entry.at is not None and entry.at > entry.rec.sent_at]
        return max(int(median(taken)), 1) if taken else 0

    def _items(self) -> list[_Item]:
        """What happens, in the order of the trace."""
        items: list[tuple[int, _Item]] = []
        side = {host: index for index, host in enumerate(self.subject.hosts)}
        for entry in self.entries:
            rec = entry.rec
            if rec.src not in side or rec.dst not in side:
                continue
            items.append((entry.born, _Item(rec.sent_at, side[rec.src], "leave", rec.id)))
            if entry.fate in ("delivered", "dropped") and entry.at is not None:
                items.append((entry.met, _Item(entry.at, side[rec.dst], "reach", rec.id)))
        last = self.entries[-1].rec.sent_at if len(self.subject.entries) > MAX_DRAWN else None
        for index, event in self.subject.changes:
            if event.host in side and (last is None or event.t <= last):
                items.append((index, _Item(event.t, side[event.host], "state", str(event.get("to")))))
        return [item for _, item in sorted(items, key=lambda pair: (pair[1].t, pair[0]))]

    def _place(self) -> float:
        """Give everything its height; returns the lowest."""
        scale = _SLOPE / self.crossing if self.crossing else 0.0
        y, before = float(TOP), None
        low = {(side, what): -1e9 for side in (0, 1) for what in ("leave", "reach", "state", "time")}
        for item in self._items():
            waited = 0 if before is None else item.t - before
            before = item.t
            y += self._pass(y, waited, scale)
            apart = {"leave": _LEAVE, "reach": _REACH, "state": 0}[item.what]
            y = max(y, low[item.side, item.what] + apart)
            if item.what == "leave":
                # Below what reached this host, so that question and answer are two points.
                # Level lines of both hosts share the room between the lifelines.
                other = low[1 - item.side, "leave"] + _LEAVE if not scale else -1e9
                y = max(y, low[item.side, "reach"] + 6 if scale else other)
            low[item.side, item.what] = y
            self._put(item, y, low)
        return y

    def _pass(self, y: float, waited: int, scale: float) -> float:
        """How many pixels `waited` ns take; a stretch that is cut is noted.

        A capture knows no arrivals: its lines are level, and only long silences between them are shown.
        """
        if not scale:
            if waited < _SILENCE:
                return 0.0
            self.cuts.append((y + _LEAVE + 1, waited))
            return 2.0 * _LEAVE
        if waited * scale <= _SLOPE * _CUT:
            return waited * scale
        self.cuts.append((y + _GAP - 14, waited))
        return float(_GAP)

    def _put(self, item: _Item, y: float, low: dict) -> None:
        if item.what == "state":
            at = max(y, low[item.side, "name"] + _STATE) if (item.side, "name") in low else y
            low[item.side, "name"] = at
            self.states.append((at, item.side, str(item.whose)))
            return
        (self.leaves if item.what == "leave" else self.reaches)[item.whose] = y
        if not self.crossing and item.what == "reach":
            return
        if y - low[item.side, "time"] >= 11 and self._last_time[item.side] != item.t:
            low[item.side, "time"] = y
            self._last_time[item.side] = item.t
            self.times.append((y, item.side, item.t))

    def draw(self) -> str:
        bottom = self._place() + 40
        picture = self.picture
        self._frame(bottom)
        for entry in self.entries:
            if entry.rec.id in self.leaves:
                self._segment(entry)
        for y, waited in self.cuts:
            picture.text(WIDTH / 2, y + 4, f"⋯ {format_time(waited, ' ')} ⋯", "faint small halo", "middle")
        for y, side, t in self.times:
            x, anchor = (LEFT - 8, "end") if side == 0 else (RIGHT + 8, "start")
            picture.text(x, y + 3, _instant(t), "faint small", anchor)
        for y, side, state in self.states:
            x, anchor = (LEFT - 84, "end") if side == 0 else (RIGHT + 84, "start")
            picture.text(x, y + 4, state, ("client", "server")[side] + " bold small", anchor)
        left = len(self.subject.entries) - len(self.entries)
        if left:
            picture.text(WIDTH / 2, bottom + 4, f"{left:,} more segments are not drawn", "warn", "middle")
        return picture.done(WIDTH, bottom + 44)

    def _frame(self, bottom: float) -> None:
        picture, subject = self.picture, self.subject
        picture.text(WIDTH / 2, 26, subject.title, "bright bold big", "middle")
        for side, x in enumerate((LEFT, RIGHT)):
            colour = ("client", "server")[side]
            picture.text(x, 52, subject.hosts[side], f"{colour} bold big", "middle")
            picture.text(x, 68, subject.addresses[side], "dim small", "middle")
            picture.line([(x, 76), (x, bottom)], f"heavy s-{colour}")
        inferred = "  ·  states and notes are inferred" if subject.inferred else ""
        picture.text(WIDTH / 2, bottom + 28, f"time in seconds, downwards  ·  ✗ lost  ·  dashed: a copy{inferred}",
                     "faint small", "middle")

    def _segment(self, entry: Entry) -> None:
        rec, picture = entry.rec, self.picture
        side = self.subject.hosts.index(rec.src)
        x0, x1 = (LEFT, RIGHT) if side == 0 else (RIGHT, LEFT)
        y0 = self.leaves[rec.id]
        y1 = self.reaches.get(rec.id, y0 + (_SLOPE if self.crossing else 0))
        part = {"lost": 0.62, "held": 0.5, "flying": 0.8}.get(entry.fate, 1.0)
        end = (x0 + (x1 - x0) * part, y0 + (y1 - y0) * part)
        colour = self._colour(entry, side)
        dashes = {"stroke_dasharray": "6 4"} if entry.copy_of is not None else {}
        picture.line([(x0, y0), end], f"line s-{colour}", **dashes)
        slope = (x1 - x0, y1 - y0)
        if entry.fate in ("delivered", "flying"):
            picture.head((end[0] - (2 if side == 0 else -2) * (part == 1.0), end[1]), slope, colour)
        elif entry.fate == "held":
            for shift in (-3, 3):
                picture.line([(end[0] + shift, end[1] - 6), (end[0] + shift, end[1] + 6)], "heavy s-warn")
        else:
            x = end[0] if entry.fate == "lost" else end[0] - (8 if side == 0 else -8)
            picture.line([(x - 5, end[1] - 5), (x + 5, end[1] + 5)], "heavy s-lost")
            picture.line([(x - 5, end[1] + 5), (x + 5, end[1] - 5)], "heavy s-lost")
        self._words(entry, colour, side, (x0, y0), (x1, y1))

    def _words(self, entry: Entry, colour: str, side: int, start: tuple, end: tuple) -> None:
        """The label rides on its line, nearer to the sender, where it crosses the fewest others."""
        words = f"#{entry.rec.id} {seg_summary(entry.rec.segment, self.bases)}"
        if entry.notes:
            words += f"  {entry.notes[0].short}"
        dx, dy = end[0] - start[0], end[1] - start[1]
        angle = _degrees(dy / abs(dx)) * (1 if side == 0 else -1)
        at = start[0] + (22 if side == 0 else -22)
        y = start[1] + dy * abs(at - start[0]) / abs(dx)
        self.picture.text(at, y - 3, words, f"{colour} small halo", "start" if side == 0 else "end",
                          transform=f"rotate({angle:.2f} {at} {y:.2f})")

    @staticmethod
    def _colour(entry: Entry, side: int) -> str:
        if entry.fate in ("lost", "dropped"):
            return "lost"
        if entry.rec.injected:
            return "warn"
        return {"rtx": "rtx", "copy": "dup"}.get(entry.mark, ("client", "server")[side])


def _instant(t: int) -> str:
    """A time in seconds, with microseconds only where they say something."""
    text = seconds(t).strip()
    return text.removesuffix("000") if text.endswith("000") else text


def _degrees(slope: float) -> float:
    """The angle of a small slope in degrees: the first terms of the series of the arc tangent."""
    s = max(-1.0, min(1.0, slope))
    return 57.29578 * (s - s ** 3 / 3 + s ** 5 / 5 - s ** 7 / 7 + s ** 9 / 9)
