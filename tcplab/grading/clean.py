"""Texts of strangers made harmless: the one place that decides what may reach a terminal or a report."""

from __future__ import annotations

from functools import lru_cache

from tcplab.notation.errors import is_unprintable

#: No name or message in a report is longer; a hand-in may hold a line of 256 kB.
LONGEST = 2000


def clean(text: str, limit: int = LONGEST) -> str:
    """`text` without control and format characters (terminals, reading order), unpaired surrogates, and what XML 1.0
    forbids; line ends and tabs stay. At most `limit` characters."""
    if len(text) > limit:
        text = text[: limit - 1] + "…"
    return text if text.isascii() and text.isprintable() else "".join(map(_harmless, text))


def one_line(text: str, limit: int = LONGEST) -> str:
    """The same in one line."""
    return " ".join(clean(text, limit).replace("\t", " ").splitlines())


def cleaned(value: object) -> object:
    """JSON data with every text in it, keys too, made clean."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {clean(str(key)): cleaned(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [cleaned(item) for item in value]
    return value


@lru_cache(maxsize=4096)
def _harmless(char: str) -> str:
    if char in "\n\t":
        return char
    point = ord(char)
    forbidden = is_unprintable(char) or point & 0xFFFE == 0xFFFE or 0xFDD0 <= point <= 0xFDEF
    return "?" if forbidden else char
