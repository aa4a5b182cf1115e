"""Where the parts of a lab file stand, for faults that only playing shows."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from .errors import Problem


class Places:
    """Where things stand in a lab file; it is read only if something is to be told."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @cached_property
    def _tree(self):
        from .yamltree import decode, read_tree

        return read_tree(decode(self.path.read_bytes(), str(self.path)), str(self.path))

    def problem(self, place: tuple, message: str, cure: str, severity: str = "error", key: bool = False) -> Problem:
        """A problem at a place of the file, or at the nearest thing around it."""
        return Problem(str(self.path), *self._tree.locate(place, key=key), message, cure, severity)

    def step(self, step_id: str) -> tuple:
        """The place of a step's id."""
        steps = self._tree.data.get("steps", ())
        return next((("steps", at, "id") for at, step in enumerate(steps) if step.get("id") == step_id), ("steps",))

    def solution(self, step_id: str) -> tuple:
        """The place of a step's solution, of the step where it has none."""
        return ("solution", step_id) if ("solution", step_id) in self._tree.values else self.step(step_id)

    def text(self, words: str) -> tuple:
        """The place of a command of `start:` or `do:`; `start` when a drawn value makes it another."""
        return next((path for path in self._tree.values if path[:1] == ("start",) or "do" in path
                     if self._at(path) == words), ("start",) if "start" in self._tree.data else ("hosts",))

    def _at(self, path: tuple) -> object:
        found = self._tree.data
        for part in path:
            found = found[part]
        return found
