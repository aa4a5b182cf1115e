"""Fewer colours for a slow line: the lean profile draws the same words with fewer changes between greys."""

from __future__ import annotations

from functools import lru_cache

from .runs import Row

#: Greys that lie close together count as one. What they set apart stands apart by its place as well.
_ONE = {"head": "text", "faint": "dim"}
#: A dim word of so many letters between two of text is a label such as `seq`: it is written in one go with its number.
_SHORT = 5


def calm(row: Row) -> Row:
    """The row with as few changes of style as it needs; its text is the same."""
    out: Row = []
    styles = [_calm(words) for text, words in row]
    last = len(row) - 1
    for index, (text, _) in enumerate(row):
        words = styles[index]
        if 0 < index < last and len(text.strip()) <= _SHORT and "dim" in words and (
                styles[index - 1] == styles[index + 1] == _text(words)):
            words = _text(words)
        out.append((text, words))
    return out


@lru_cache(maxsize=1024)
def _calm(words: str) -> str:
    return " ".join(_ONE.get(word, word) for word in words.split())


@lru_cache(maxsize=1024)
def _text(words: str) -> str:
    return " ".join("text" if word == "dim" else word for word in words.split())
