"""Which of a task's commands were given on this path since the step began.

Read off the session's own list of commands, which `back` and `reset` cut and `resume` fills again: nothing that the
screen remembers by itself could know that. Only commands that let time pass leave no trace there; of those the
screen notes where they began, and forgets them when time goes back to that point.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

#: The first words of commands that let time pass.
_TIME = ("run", "wait", "step")


class Walked:
    """The time commands given in the present step: where each began, in steps done and virtual ns."""

    def __init__(self) -> None:
        self._began: dict[str, tuple[int, int]] = {}

    def clear(self) -> None:
        self._began.clear()

    def add(self, text: str, n: int, t: int) -> None:
        self._began.setdefault(text, (n, t))

    def ended(self, text: str, n: int, t: int, why: str) -> None:
        """One ended where it began: if what it runs to is there already, it counts as given, though it led nowhere."""
        if why == "done":
            self._began[text] = (n, t - 1)

    def texts(self, n: int, t: int) -> set[str]:
        """Those that have led somewhere, seen from step `n` at `t` (ns)."""
        self._began = {text: mark for text, mark in self._began.items() if mark <= (n, t)}
        return {text for text, mark in self._began.items() if mark < (n, t)}


def passes_time(text: str) -> bool:
    """Whether a command lets time pass: begun is not done, until nothing more is under way."""
    return text.split()[0] in _TIME


def leads_time(left: Sequence[str]) -> bool:
    """Whether the next command to give decides how far time runs: then time does not run on by itself before it."""
    return bool(left) and passes_time(left[0]) and left[0] != "run until idle"


def left_to_give(commands: Sequence[str], session: Any, step_id: str, walked: set[str]) -> list[str]:
    """Those of a task's `commands` that are still to be given, in order."""
    begun = session.guide.starts.get(step_id)
    if begun is None:
        return list(commands)
    start = begun.point
    given = Counter(done.command.text for done in session.timeline.done[start.done :])
    given -= Counter(str(e.get("call")) for e in session.trace[start.events :] if e.kind == "error")
    last = max((i for i, text in enumerate(commands) if given[text] or text in walked), default=-1)
    left = []
    for index, text in enumerate(commands):
        # A run that stands before a command already given was made; after a resume nothing else tells.
        passed = passes_time(text) and (
            index < last or (text == "run until idle" and session.now > start.t and session.idle())
        )
        if not (given[text] or text in walked or passed):
            left.append(text)
    return left


def answer_command(text: str) -> str:
    """The command that gives `text` as the answer; quoted where the command line would see more than an answer."""
    if not any(char in ";#\"'\\" for char in text):
        return "answer " + text
    return 'answer "' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
