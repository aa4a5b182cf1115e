"""The one error of a drill script: where it is wrong, and the cure."""

from __future__ import annotations

from tcplab.notation.errors import NotationError


class DrillError(Exception):
    """A script that cannot be understood: `path`, `line` and `column` (from 1), `message`, and a `cure` or ""."""

    def __init__(self, path: str, line: int, column: int, message: str, cure: str = "") -> None:
        super().__init__(path, line, column, message, cure)
        self.path, self.line, self.column, self.message, self.cure = path, line, column, message, cure

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}: {self.message} {self.cure}".rstrip()


class Cursor:
    """A line being read from left to right; `fail` raises NotationError at the place reached."""

    __slots__ = ("text", "at")

    def __init__(self, text: str, at: int = 0) -> None:
        self.text, self.at = text, at

    def take(self, pattern):
        """The match of the compiled `pattern` here, blanks before it skipped and it consumed; None without a match."""
        start = self.at
        while start < len(self.text) and self.text[start] in " \t":
            start += 1
        match = pattern.match(self.text, start)
        if match is not None:
            self.at = match.end()
        return match

    @property
    def rest(self) -> str:
        return self.text[self.at:].strip()

    def fail(self, message: str, cure: str = "", at: int | None = None):
        column = self.at if at is None else at
        while at is None and column < len(self.text) and self.text[column] in " \t":
            column += 1
        raise NotationError(message, column, cure)
