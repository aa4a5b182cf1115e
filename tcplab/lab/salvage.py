"""Reading a lab file that is not YAML everywhere: the part with the fault is left out, the rest is looked at.

What was left out is no reason for further messages: its words count as known (`Tree.lost`), and nothing is advised.
"""

from __future__ import annotations

import re

from .errors import LabError, Problem
from .yamltree import Tree, read_tree

#: So many faults are told at once.
_MOST = 8
#: A longer file is read once only: each reading takes its time.
_LONGEST = 100_000
_PART = re.compile(r"[^\s#-]|( {0,4})- ")
#: Without these parts nothing else means what it meant.
_VITAL = ("hosts", "pick", "steps:", "tcplab")


def salvage(text: str, file: str) -> Tree:
    """The tree of a file, without the parts that are not YAML. Raises LabError when there is no use in what is left."""
    problems: list[Problem] = []
    lost: set[str] = set()
    while True:
        try:
            tree = read_tree(text, file)
            break
        except LabError as error:
            problems += error.problems
            worth = len(problems) < _MOST and len(text) < _LONGEST
            rest = _without(text, error.problems[0]) if worth else None
            if rest is None:
                raise LabError(problems) from None
            lost |= set(re.findall(r"[\w-]+", rest[1]))
            text = rest[0]
    tree.problems += problems
    tree.lost |= lost
    tree.cut = bool(problems)
    return tree


def _without(text: str, problem: Problem) -> tuple[str, str] | None:
    """The text without the step, entry or key with the fault, and what was taken out; None if all hangs on it."""
    lines = text.split("\n")
    at = min(problem.line, len(lines)) - 1
    while at >= 0 and not (lines[at].strip() and _PART.match(lines[at])):
        at -= 1
    if not problem.message.startswith("This is not YAML") or at < 0 or lines[at].startswith(_VITAL):
        return None
    entry = _PART.match(lines[at])[1]
    end = at + 1
    while end < len(lines) and not _begins(lines[end], entry):
        end += 1
    taken = lines[at:end]
    return "\n".join([*lines[:at], *[""] * len(taken), *lines[end:]]), "\n".join(taken)


def _begins(line: str, entry: str | None) -> bool:
    """Whether a line begins the next key of the file, or the next entry of a list."""
    found = _PART.match(line)
    return found is not None and (found[1] is None or entry is not None and len(found[1]) <= len(entry))
