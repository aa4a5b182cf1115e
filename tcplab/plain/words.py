"""Texts of a lab as plain lines: one paragraph is one line, so that whoever reads aloud or wraps it may do so."""

from __future__ import annotations

import re
import unicodedata

from tcplab.notation.errors import is_unprintable

_MARKS = re.compile(r"\[\[(.+?)\]\]|\*\*(.+?)\*\*|`([^`]+)`|(?<![\w*])\*([^*\s][^*]*)\*(?!\w)")
_LIST = re.compile(r"^\s*(?:[-*]|(\d{1,2})[.)])\s+(.*)$")

#: Signs for the eye, as words or as signs that every terminal and voice knows.
_SIGNS = str.maketrans({
    "✗": "", "✓": "", "↻": "", "≠": "", "⇄": "", "◆": "", "❚": "", "▸": "", "→": "to", "←": "from", "–": "-", "—": "-",
    "…": "...", "×": "x", "·": ",", "“": '"', "”": '"', "’": "'", "‘": "'", "≥": ">=", "≤": "<=", "µ": "u", "±": "+-",
    "½": "1/2", "¼": "1/4", "°": " degrees", "\N{NO-BREAK SPACE}": " ",
})  # fmt: skip


#: What texts call by its place on the screen, by what there is here. Case as found at the beginning.
_PLACES = (
    (r"the space bar", "`run until idle`"), (r" The key for it is space\.", ""),
    (r" on the page (?:Plots|TCB)\b", ", which `where` tells"), (r"the page Log(?: \(key `2`\))?", "`log`"),
    (r" \(page States\)", ""), (r"panes\b", "lists of variables"), (r"pane\b", "list of variables"),
    (r"badges\b", "states"), (r"badge\b", "state"), (r"the ladder\b", "the list of events"),
    (r"die Leertaste", "`run until idle`"), (r" Die Taste dafür ist die Leertaste\.", ""),
    (r"die Seite Log(?: \(Taste `2`\))?", "`log`"),
)
_SCREEN = tuple((re.compile(pattern, re.IGNORECASE), words) for pattern, words in _PLACES)


def without_screen(text: str) -> str:
    """A text of a lab that names no part of a screen: here these parts are lists and events."""
    for pattern, words in _SCREEN:
        text = pattern.sub(words, text)
    return text


def inline(text: str) -> str:
    """One paragraph without its marks: commands, code and emphasized phrases in quotes, other emphasis left out."""
    def bare(found: re.Match) -> str:
        command, strong, code, emphasis = found.groups()
        if strong:
            return strong
        if emphasis and (" " not in emphasis or '"' in emphasis or "`" in emphasis):
            return emphasis
        text = (command or code or emphasis).strip()
        return f"'{text}'" if '"' in text else f'"{text}"'

    text = without_screen(text)
    # Emphasis may hold code, so what was uncovered is read once more.
    return _MARKS.sub(bare, _MARKS.sub(bare, text))


def paragraphs(text: str) -> list[str]:
    """A Markdown text of a lab as lines: paragraphs, items of lists, lines of code."""
    lines: list[str] = []
    open_text: list[str] = []
    code = False

    def flush() -> None:
        if open_text:
            lines.append(inline(" ".join(open_text)))
            open_text.clear()

    for raw in text.strip("\n").splitlines():
        line = raw.strip()
        item = _LIST.match(line)
        if line.startswith("```"):
            flush()
            code = not code
        elif code:
            lines.append("  " + raw.rstrip())
        elif not line:
            flush()
        elif line.startswith("#"):
            flush()
            lines.append(line.lstrip("# "))
        elif item:
            flush()
            open_text.append(f"{item[1] + '.' if item[1] else '-'} {item[2]}")
        else:
            open_text.append(line)
    flush()
    return lines


def safe(text: str, ascii_only: bool = False) -> str:
    """`text` as it may be printed: signs as words, no control character, nothing that this locale cannot show."""
    text = " ".join(text.translate(_SIGNS).split(" "))
    text = "".join("?" if is_unprintable(char) else char for char in text.replace("\t", "    "))
    if ascii_only and not text.isascii():
        text = unicodedata.normalize("NFKD", text).encode("ascii", "replace").decode("ascii")
    return text


def said(sentence: str) -> str:
    """`sentence` with a capital and a full stop."""
    sentence = sentence.strip()
    if not sentence:
        return ""
    return sentence[0].upper() + sentence[1:] + ("" if sentence[-1] in ".!?:" else ".")


def either(words: list[str]) -> str:
    """``a, b or c``."""
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " or " + words[-1] if words else ""


def seconds(ns: int) -> str:
    """An instant on the virtual clock: ``0.050 s``."""
    return f"{ns // 10**9}.{ns // 10**6 % 1000:03d} s"
