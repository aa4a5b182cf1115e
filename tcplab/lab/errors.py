"""What is wrong with a lab file: every fault with file, line, column and cure, all of them at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Problem(NamedTuple):
    """One fault. `line` and `column` count from 1; `severity` is error or warning."""

    file: str
    line: int
    column: int
    message: str
    cure: str = ""
    severity: str = "error"

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.severity}: {self.message} {self.cure}".rstrip()


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """Each problem once, file by file, by its place."""
    files: dict[str, int] = {}
    for problem in problems:
        files.setdefault(problem.file, len(files))
    return sorted(dict.fromkeys(problems), key=lambda one: (files[one.file], one.line, one.column))


class LabError(Exception):
    """A lab file that cannot be used. `problems` holds every one, in the order of the file."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


class LabNotFound(Exception):
    """There is no such lab or file; the message says which there are."""
