"""What the instructor's board knows: where every learner of a kiosk is, read from the journals as they grow."""

from __future__ import annotations

import calendar
import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from tcplab.grading import kept
from tcplab.kiosk.seat import sits_there
from tcplab.notation.errors import printable

#: So many wrong answers in one attempt, and somebody should go and ask.
MANY_WRONG = 3
#: Bytes read of a journal at once; a longer one is read on the next look.
MOST_AT_ONCE = 4 * 1024 * 1024


class Standing(NamedTuple):
    """One learner at one moment: `since` seconds at this step, `wrong` answers in this attempt, `best` points of all
    labs. `state` is stuck, here, done (their lab is finished) or away; `why` says what makes them stuck."""

    student: str
    state: str
    lab: str = ""
    attempt: int = 0
    number: int = 0
    of: int = 0
    step: str = ""
    since: int = 0
    score: int = 0
    max_score: int = 0
    wrong: int = 0
    hints: int = 0
    finished: int = 0
    best: int = 0
    why: str = ""


@dataclass
class _Learner:
    """One journal, read up to `read`; the file is another when it has shrunk or has another number."""

    folder: Path
    file: int = 0
    read: int = 0
    half: bytes = b""
    lab: str = ""
    attempt: int = 0
    step: dict = field(default_factory=dict)
    begun: int = 0
    done: dict[str, None] = field(default_factory=dict)
    best: dict[str, int] = field(default_factory=dict)
    problem: str = ""

    def look(self) -> None:
        """Read what is new."""
        try:
            with (self.folder / kept.JOURNAL).open("rb") as journal:
                found = os.fstat(journal.fileno())
                if found.st_ino != self.file or found.st_size < self.read:
                    self.__init__(self.folder, found.st_ino)
                if found.st_size == self.read:
                    return
                journal.seek(self.read)
                data = journal.read(MOST_AT_ONCE)
        except FileNotFoundError:
            return
        except OSError as error:
            self.problem = f"cannot be read: {error.strerror}"
            return
        self.problem = ""
        self.read += len(data)
        whole, _, self.half = (self.half + data).rpartition(b"\n")
        for line in kept.journal_lines(whole):
            self._take(line)

    def _take(self, line: dict) -> None:
        lab, attempt, event = line.get("lab"), line.get("attempt"), line["event"]
        if event == "login":
            self.begun = seconds(line)  # nobody is stuck overnight
        if not isinstance(lab, str) or not isinstance(attempt, int):
            return
        if event in ("open", "resume"):
            self.lab, self.attempt, self.step, self.begun = printable(lab, 40), attempt, {}, seconds(line)
        elif event == "step" and (printable(lab, 40), attempt) == (self.lab, self.attempt):
            if (line.get("step"), line.get("phase")) != (self.step.get("step"), self.step.get("phase")):
                self.begun = seconds(line)
            self.step = line
            self.best[self.lab] = max(self.best.get(self.lab, 0), whole_of(line, "score"))
            if line.get("phase") == "finished":
                self.done[self.lab] = None

    def standing(self, now: int, stuck_after: int) -> Standing:
        """Where they are at `now` (seconds since 1970)."""
        here = sits_there(self.folder)
        wrong, since = whole_of(self.step, "wrong"), max(0, now - self.begun) if self.begun else 0
        state, why = ("here" if here else "away"), ""
        if self.problem:
            state, why = "stuck", self.problem
        elif here and self.step.get("phase") == "finished":
            state = "done"
        elif here and self.lab and since >= stuck_after:
            state, why = "stuck", "long here"
        elif here and wrong >= MANY_WRONG:
            state, why = "stuck", f"{wrong} wrong answers"
        row, steps = self.step, whole_of(self.step, "of")
        return Standing(printable(self.folder.name, 48), state, self.lab, self.attempt,
                        min(whole_of(row, "number"), steps), steps, printable(str(row.get("step", "")), 40), since,
                        whole_of(row, "score"), whole_of(row, "max_score"), wrong, whole_of(row, "hints"),
                        len(self.done), sum(self.best.values()), why)


def whole_of(line: dict, key: str) -> int:
    """A count in a line of a journal; 0 for anything else."""
    value = line.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**9 else 0


def seconds(line: dict) -> int:
    """When a line was written, in seconds since 1970; 0 if it does not say."""
    try:
        return calendar.timegm(time.strptime(str(line.get("at")), "%Y-%m-%dT%H:%M:%SZ"))
    except ValueError:
        return 0


class Board:
    """All learners of a kiosk. `look` is cheap: what has not grown is not read."""

    def __init__(self, kiosk: Path, stuck_after: int = 600) -> None:
        self.kiosk, self.stuck_after = kiosk, stuck_after
        self._learners: dict[str, _Learner] = {}
        self.problem = ""

    def look(self, now: int) -> list[Standing]:
        """Where everybody is, by name. What cannot be read is said in `problem`."""
        try:
            folders = kept.folders(self.kiosk)
            self.problem = ""
        except FileNotFoundError:
            folders, self.problem = [], "" if self.kiosk.is_dir() else f"{self.kiosk} is not there"
        except OSError as error:
            folders, self.problem = [], f"{self.kiosk / kept.LEARNERS} cannot be read: {error.strerror}"
        for folder in folders:
            self._learners.setdefault(folder.name, _Learner(folder))
        there = {folder.name for folder in folders}
        rows = []
        for name in sorted(there):
            learner = self._learners[name]
            learner.look()
            rows.append(learner.standing(now, self.stuck_after))
        return rows


STATES = ("stuck", "here", "done", "away")


def ordered(rows: list[Standing], by: str) -> list[Standing]:
    """By name, or those first who need somebody."""
    if by == "name":
        return rows
    return sorted(rows, key=lambda row: (STATES.index(row.state), -row.since if row.state == "stuck" else 0,
                                         row.student))
