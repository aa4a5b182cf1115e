"""Lines of commands cut into words: ``;`` separates, quotes group, ``#`` begins a comment unless a digit follows.

Every word keeps the column where it stands (0-based, in the whole line), so that an error can point at it.
"""

from __future__ import annotations

from typing import NamedTuple

from tcplab.notation.errors import NotationError

_ESCAPES = {"n": 10, "r": 13, "t": 9, "0": 0, "\\": 92, '"': 34, "'": 39}


class Word(NamedTuple):
    """One word of a command. `quoted` words carry their text still escaped; `unquote` turns them into bytes."""

    text: str
    column: int
    end: int
    quoted: bool = False


class Statement(NamedTuple):
    """One command of a line: its words and its text as written, which begins at `column`."""

    words: tuple[Word, ...]
    text: str
    column: int


def _quoted_end(line: str, start: int) -> int:
    """The index behind the closing quote of the string that opens at `start`. Raises NotationError if there is none."""
    quote, at = line[start], start + 1
    while at < len(line):
        if line[at] == "\\":
            at += 2
            continue
        if line[at] == quote:
            return at + 1
        at += 1
    raise NotationError(f"the string that begins with {quote} has no end", start, f"close it with {quote}")


def split_line(line: str) -> list[Statement]:
    """Cut one line into its commands. Raises NotationError for a string without an end."""
    statements: list[Statement] = []
    words: list[Word] = []

    def finish() -> None:
        if words:
            start, end = words[0].column, words[-1].end
            statements.append(Statement(tuple(words), line[start:end], start))
            words.clear()

    at = 0
    while at < len(line):
        char = line[at]
        if char.isspace():
            at += 1
        elif char == ";":
            finish()
            at += 1
        elif char == "#" and not line[at + 1 : at + 2].isdigit():
            break
        else:
            start = at
            quoted = char in "\"'"
            while at < len(line) and not line[at].isspace() and line[at] != ";":
                at = _quoted_end(line, at) if line[at] in "\"'" else at + 1
            text = line[start:at]
            if quoted and _quoted_end(line, start) == at:
                words.append(Word(text[1:-1], start, at, True))
            else:
                words.append(Word(text, start, at))
    finish()
    return statements


def quoted(text: str) -> str:
    """`text` in double quotes, as one word; its escapes stay escapes, its quotes are only quotes."""
    out, at = [], 0
    while at < len(text):
        piece = text[at : at + 2] if text[at] == "\\" else text[at]
        out.append('\\"' if piece == '"' else "\\\\" if piece == "\\" else piece)
        at += len(piece)
    return '"' + "".join(out) + '"'


def unquote(word: Word) -> bytes:
    """The bytes of a quoted word: UTF-8, with the escapes \\n \\r \\t \\0 \\\\ \\" \\' and \\xHH.

    Raises NotationError for any other escape, pointing at it.
    """
    out, text, at = bytearray(), word.text, 0
    while at < len(text):
        if text[at] != "\\":
            out += text[at].encode("utf-8", "surrogateescape")
            at += 1
            continue
        code, column = text[at + 1 : at + 2], word.column + 1 + at
        if code == "x":
            digits = text[at + 2 : at + 4]
            if len(digits) != 2 or not all(c in "0123456789abcdefABCDEF" for c in digits):
                raise NotationError("\\x needs two hexadecimal digits", column, "write for example \\x0a")
            out.append(int(digits, 16))
            at += 4
        elif code in _ESCAPES and code:
            out.append(_ESCAPES[code])
            at += 2
        else:
            raise NotationError(f"\\{code} is not an escape", column, "known are \\n \\r \\t \\0 \\\\ \\\" \\' \\xHH")
    return bytes(out)
