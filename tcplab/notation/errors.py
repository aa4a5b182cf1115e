"""The one error of everything a person types: what is wrong, where, and the cure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import lru_cache


class NotationError(ValueError):
    """A text that cannot be understood or carried out.

    `message` says what is wrong, `column` where (0-based, in the text that was handed in), `cure` what to write
    instead; the cure may be empty. Where there is one, both are sentences, so that they can stand side by side.
    """

    def __init__(self, message: str, column: int = 0, cure: str = "") -> None:
        if cure:
            message = message if message.endswith((".", "!", "?")) else message + "."
            cure = cure[0].upper() + cure[1:]
        super().__init__(message, column, cure)
        self.message = message
        self.column = column
        self.cure = cure

    def __str__(self) -> str:
        return f"{self.message} {self.cure}".rstrip()

    def shifted(self, columns: int) -> NotationError:
        """The same error in a text that begins `columns` further left."""
        return type(self)(self.message, self.column + columns, self.cure)


class OutOfRange(NotationError):
    """A text that is plainly of the kind asked for, but says more than can be: no other kind was meant."""


def suggest(word: str, candidates: Iterable[str]) -> str:
    """`` Did you mean 'x'?`` (with its leading blank) for the nearest candidate, else the empty string."""
    return _nearest(word, tuple(candidates)) if len(word) <= _LONGEST else ""


#: No name is nearly as long; comparing takes time that grows with the square of it.
_LONGEST = 80


@lru_cache(maxsize=1024)
def _nearest(word: str, candidates: tuple[str, ...]) -> str:
    """Remembered, because a parser that tries one row after another asks the same again for each."""
    import difflib  # only for who has made a mistake

    by_folded: dict[str, str] = {}
    for candidate in candidates:
        by_folded.setdefault(candidate.casefold(), candidate)
    near = difflib.get_close_matches(word.casefold(), list(by_folded), n=1, cutoff=0.6)
    return f" Did you mean {by_folded[near[0]]!r}?" if near else ""


def is_unprintable(char: str) -> bool:
    """Whether `char` could move a terminal's cursor, colours or reading order: control and format characters."""
    return unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") and char not in "\u200d\u00ad"


def printable(text: str, limit: int = 60) -> str:
    """`text` made safe to quote in a message: no control characters, at most `limit` characters."""
    if len(text) <= limit and text.isprintable():
        return text  # asked for at every value that is not known yet, and nearly always so
    safe = "".join("?" if is_unprintable(char) else char for char in text[: limit + 1])
    return safe if len(safe) <= limit else safe[: limit - 1] + "…"


def quoted(text: str) -> str:
    """The same in quotes, for a stranger's words in a message."""
    return repr(printable(text))
