"""The labs by number: where a line dialogue begins when no lab is named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tcplab.front import opening
from tcplab.lab.loader import list_labs
from tcplab.lab.progress import load_progress
from tcplab.lab.translate import language
from tcplab.notation.plural import many

from .words import inline, said


class Home:
    """The list of labs and recordings. `hear` opens what was chosen."""

    def __init__(self, seed: int | None = None, student: str | None = None) -> None:
        self.seed, self.student = seed, student
        # The sandbox comes last: a learner begins with the first lesson.
        self.labs = sorted(list_labs(lang=language()), key=lambda entry: entry.id == "sandbox")
        self.recordings = opening.recordings(6)

    def list(self, say: Callable[[str], None]) -> None:
        """Say all labs with their numbers, then the recordings."""
        progress = load_progress()
        say("tcplab: a laboratory for TCP, as a dialogue in lines. These are the labs:")
        if progress.note:
            say(progress.note)
        for number, entry in enumerate(self.labs, 1):
            if entry.problem:
                say(f"{number}. {entry.id}: this file cannot be opened. {entry.problem}")
                continue
            kept = progress.of(entry.id)
            begun = opening.unfinished(entry.id, self.seed, self.student)
            mark = "Begun: it goes on where you stopped. " if begun else ""
            mark += f"Finished, best score {kept.best} of {kept.max_score}. " if kept.finished else ""
            minutes = f" About {many(entry.minutes, 'minute')}." if entry.minutes else ""
            say(f"{number}. {said(entry.title)} {mark}{said(inline(entry.summary))}{minutes}")
        for number, (path, lab, _) in enumerate(self.recordings, len(self.labs) + 1):
            say(f"{number}. Go on with the recording {path.name}, of the lab {lab}.")

    def prompt(self) -> str:
        """What can be typed here."""
        return (f"You can: a number from 1 to {len(self.labs) + len(self.recordings)} to open a lab; "
                "new and a number to start it anew; list; q leave.")

    def hear(self, line: str, say: Callable[[str], None]) -> Any:
        """Open what a line names. Returns the session, None when nothing was opened. Raises OpeningError."""
        words = line.split()
        anew = words[:1] == ["new"]
        words = words[1:] if anew else words
        if words in (["list"], ["?"], ["help"]):
            self.list(say)
            return None
        if not words:
            return None
        ids = [entry.id for entry in self.labs]
        chosen = words[0] if words[0] in ids else ""
        if words[0].isascii() and words[0].isdigit() and len(words[0]) < 6:
            index = int(words[0]) - 1
            if len(ids) <= index < len(ids) + len(self.recordings):
                return opening.resume_session(Path(self.recordings[index - len(ids)][0]))
            chosen = ids[index] if 0 <= index < len(ids) else ""
        if not chosen:
            say(f"There is no lab {words[0]} here.")
            return None
        if anew:
            return opening.open_session(chosen, self.seed, self.student)
        return opening.go_on_or_open(chosen, self.seed, self.student)
