"""The labs by chapter and number: where a line dialogue begins when no lab is named. It can do all the screen's can."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tcplab.front import opening
from tcplab.front.survey import Standing
from tcplab.lab.loader import LabEntry, list_labs
from tcplab.lab.progress import load_progress, reset_progress
from tcplab.lab.translate import language
from tcplab.notation.plural import many
from tcplab.tcp.state import TRANSITIONS

from .words import inline, said

Say = Callable[[str], None]

#: The changes of state that the diagram draws.
_DRAWN = tuple(dict.fromkeys((str(row.source), str(row.target)) for row in TRANSITIONS if row.drawn))

HELP = (
    "Type the number of a lab, or its name in brackets, to open it. One that you left goes on where you stopped.",
    "new and a number starts a lab anew. reset and a number forgets what you reached in it; recordings stay.",
    "about and a number tells more of a lab: what it builds on, your points, your time. Nothing is locked.",
    "states lists the changes of state of TCP that you have seen so far, over all labs. list says the labs again.",
    "In a lab, a question mark tells what can be typed. q leaves; everything is kept.",
)


class Home:
    """The list of labs and recordings. `hear` opens what was chosen."""

    def __init__(self, seed: int | None = None, student: str | None = None) -> None:
        self.seed, self.student = seed, student
        # The sandbox comes last: a learner begins with the first lesson.
        self.labs = sorted(list_labs(lang=language()), key=lambda entry: entry.id == "sandbox")
        self.recordings = opening.recordings(6)
        self._asked = ""
        self._look()

    def _look(self) -> None:
        """What was reached, as the learner's files say it now."""
        self.progress = load_progress()
        self.standings = opening.standings(self.seed, self.student)

    def _standing(self, lab: str) -> Standing:
        return self.standings.get(lab, Standing())

    # -- what is said -------------------------------------------------------------------------------------------

    def list(self, say: Say) -> None:
        """Say all labs with their numbers by chapter, then the recordings."""
        self._look()
        say("tcplab: a laboratory for TCP, as a dialogue in lines. These are the labs:")
        for line in filter(None, (self.progress.note, self._totals())):
            say(line)
        chapter = ""
        for number, entry in enumerate(self.labs, 1):
            if entry.chapter != chapter and entry.chapter:
                chapter = entry.chapter
                say(f"Chapter: {said(chapter)}")
            say(self._line(number, entry))
        for number, (path, lab, _) in enumerate(self.recordings, len(self.labs) + 1):
            say(f"{number}. Go on with the recording {path.name}, of the lab {lab}.")

    def _totals(self) -> str:
        course = [entry for entry in self.labs if entry.id != "sandbox"]
        kept = [self.progress.of(entry.id) for entry in course]
        done, points = sum(one.finished for one in kept), sum(one.best for one in kept)
        seen = self._seen()
        if not (done or points or seen):
            return ""
        left = sum(entry.minutes for entry in course if not self.progress.of(entry.id).finished)
        spent = sum(self._standing(entry.id).seconds for entry in course) // 60
        return (f"So far: {done} of {many(len(course), 'lab')}, {many(points, 'point')}, {len(seen)} of {len(_DRAWN)} "
                f"changes of state, {many(spent, 'minute')} spent, about {many(left, 'minute')} to go.")

    def _line(self, number: int, entry: LabEntry) -> str:
        if entry.problem:
            return f"{number}. {entry.id}: this file cannot be opened. {entry.problem}"
        kept = self.progress.of(entry.id)
        mark = "Begun: it goes on where you stopped. " if self._standing(entry.id).stopped else ""
        mark += f"Finished, best score {kept.best} of {kept.max_score}. " if kept.finished else ""
        return (f"{number}. {said(entry.title)} {mark}{said(inline(entry.summary))}{self._time(entry)} "
                f"({entry.id})")

    def _time(self, entry: LabEntry) -> str:
        """How long it takes about, and how long the learner worked at it."""
        minutes = self._standing(entry.id).seconds // 60
        spent = f"you spent {many(minutes, 'minute')}" if minutes else ""
        about = f"about {many(entry.minutes, 'minute')}" if entry.minutes else ""
        words = ", ".join(filter(None, (about, spent)))
        return f" {said(words)}" if words else ""

    def _about(self, entry: LabEntry, say: Say) -> None:
        """What the screen shows beside a lab."""
        kept = self.progress.of(entry.id)
        say(f"{said(entry.title)} {said(inline(entry.summary))}{self._time(entry)}")
        if kept.max_score:
            say(f"Your best score is {kept.best} of {many(kept.max_score, 'point')}; "
                f"{'finished' if kept.finished else 'not finished yet'}.")
        titles = {other.id: other.title for other in self.labs}
        for need in entry.needs:
            state = "finished" if self.progress.of(need).finished else "not finished yet; you may skip ahead"
            say(f"It builds on {titles.get(need, need)}: {state}.")
        say(f"On the command line: tcplab open {entry.id}.")

    def _seen(self) -> list[tuple[str, str]]:
        return [edge for edge in _DRAWN if edge in self.progress.walked]

    def _states(self, say: Say) -> None:
        """Which changes of state were seen in any lab, and which are still to come."""
        seen = self._seen()
        say(f"A connection is always in one of eleven states. You have seen {len(seen)} of the {len(_DRAWN)} ways "
            "from one to another.")
        for word, edges in (("Seen", seen), ("Still to come", [edge for edge in _DRAWN if edge not in seen])):
            if edges:
                say(f"{word}: {'; '.join(f'{source} to {target}' for source, target in edges)}.")

    def prompt(self) -> str:
        """What can be typed here."""
        return (f"You can: a number from 1 to {len(self.labs) + len(self.recordings)} to open a lab; new, reset or "
                "about and a number; states; list; ? help; q leave.")

    # -- what is heard ------------------------------------------------------------------------------------------

    def hear(self, line: str, say: Say) -> Any:
        """Open what a line names. Returns the session, None when nothing was opened. Raises OpeningError."""
        words = line.split()
        asked, self._asked = self._asked, ""
        if words in (["list"], ["states"]):
            (self.list if words == ["list"] else self._states)(say)
        elif words in (["?"], ["help"]):
            for sentence in HELP:
                say(sentence)
        elif words and words[0] in ("new", "reset", "about"):
            entry = self._entry(words[1]) if len(words) == 2 else None
            if entry is None:
                say(f"Type {words[0]} and the number of a lab, such as {words[0]} 1.")
            elif words[0] == "new":
                return opening.open_session(entry.id, self.seed, self.student)
            elif words[0] == "about":
                self._about(entry, say)
            else:
                self._reset(entry, asked, say)
        elif words:
            return self._open(words[0], say)
        return None

    def _open(self, word: str, say: Say) -> Any:
        index = int(word) - 1 - len(self.labs) if word.isascii() and word.isdigit() and len(word) < 6 else -1
        if 0 <= index < len(self.recordings):
            return opening.resume_session(Path(self.recordings[index][0]))
        entry = self._entry(word)
        if entry is None:
            say(f"There is no lab {word} here.")
            return None
        return opening.go_on_or_open(entry.id, self.seed, self.student)

    def _entry(self, word: str) -> LabEntry | None:
        """A lab by its number or its id."""
        if word.isascii() and word.isdigit() and len(word) < 6:
            return self.labs[int(word) - 1] if 1 <= int(word) <= len(self.labs) else None
        return next((entry for entry in self.labs if entry.id == word), None)

    def _reset(self, entry: LabEntry, asked: str, say: Say) -> None:
        """Forget what was reached in a lab, when it is asked for twice."""
        stopped = self._standing(entry.id).stopped
        kept = self.progress.of(entry.id)
        if not (kept.done or kept.best or kept.finished or stopped):
            say(f"Nothing was reached yet in {entry.title}.")
        elif asked != entry.id:
            self._asked = entry.id
            say(f"The same line once more forgets your steps and points in {entry.title}; its recordings stay.")
        else:
            say(reset_progress(entry.id, str(stopped or "")).note or f"{entry.title}: reset. Its recordings are kept.")
            self._look()
