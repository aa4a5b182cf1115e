"""What a learner's recordings tell of each lab: where it was left half-way, and how long they worked at it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

#: A longer pause (seconds) is none of the work: the grader's statistics leave it out likewise.
LONGEST_PAUSE = 600
#: So many bytes of a recording are read: no person works that long at one.
MOST_BYTES = 16 * 1024 * 1024
_AT = re.compile(rb'"at":"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)"')


class Told(NamedTuple):
    """What one recording tells. `seconds` by the wall clock, `begun`: a command was given, `ended`: it is finished."""

    lab: str
    seed: object
    student: object
    attempt: object
    begun: bool
    ended: bool
    seconds: int

    def meant(self, seed: int | None, student: str | None) -> bool:
        """Whether it was made under a seed or a student; None means any."""
        return (seed is None or self.seed == seed) and (student is None or self.student == student)


#: Recordings only grow: what was read of one holds until its size or its time changes.
_read: dict[Path, tuple[tuple[int, int], Told | None]] = {}


def told(path: Path) -> Told | None:
    """What a recording tells; None for one that cannot be read."""
    try:
        found = path.stat()
        stamp = found.st_mtime_ns, found.st_size
        if path not in _read or _read[path][0] != stamp:
            with path.open("rb") as file:
                _read[path] = stamp, _told(file.read(MOST_BYTES))
    except OSError:
        return None
    return _read[path][1]


def _told(data: bytes) -> Told | None:
    first, _, rest = data.partition(b"\n")
    try:
        header = json.loads(first)
        lab = str(header["lab"]["id"])
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    last = rest.rstrip().rpartition(b"\n")[2]
    return Told(lab, header.get("seed"), header.get("student"), header.get("attempt", 1), b'"cmd":' in rest,
                b'"end":true' in last, worked(_AT.findall(rest)))


def worked(moments: Iterable[bytes]) -> int:
    """Seconds between wall-clock texts, without the long pauses and without what a clock set back would take off."""
    days: dict[bytes, int] = {}
    total, before = 0, None
    for text in moments:
        day, clock = text[:10], text[11:19]
        if day not in days:
            days[day] = _midnight(day)
        now = days[day] + int(clock[:2]) * 3600 + int(clock[3:5]) * 60 + int(clock[6:])
        if before is not None and 0 < now - before <= LONGEST_PAUSE:
            total += now - before
        before = now
    return total


def _midnight(day: bytes) -> int:
    """The seconds at which a day such as 2026-11-22 begins; 0 for one that is in no calendar."""
    import calendar

    try:
        return calendar.timegm((int(day[:4]), int(day[5:7]), int(day[8:]), 0, 0, 0))
    except ValueError:
        return 0


class Standing(NamedTuple):
    """A lab as the recordings know it: `stopped` is the newest one if it is half-way, `seconds` of all of them."""

    stopped: Path | None = None
    seconds: int = 0


def survey(paths: Iterable[Path], forgotten: dict[str, str], seed: int | None = None,
           student: str | None = None) -> dict[str, Standing]:
    """Every lab of which there is a recording. `paths` come newest first; `forgotten` names, by lab, the recording
    that the learner does not want to go on with."""
    labs: dict[str, Standing] = {}
    for path in paths:
        one = told(path)
        if one is None:
            continue
        if one.lab not in labs:
            goes_on = one.meant(seed, student) and one.begun and not one.ended
            labs[one.lab] = Standing(path if goes_on and forgotten.get(one.lab) != str(path) else None)
        labs[one.lab] = labs[one.lab]._replace(seconds=labs[one.lab].seconds + one.seconds)
    return labs
