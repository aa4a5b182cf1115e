"""Markdown as labs use it (paragraphs, lists, **bold**, *emphasis*, `code`, code blocks, headings) as rows.

A phrase of several emphasized words is a quotation, and gets its quotes. ``[[client close]]`` names a command: it is
shown as a key cap and the words, or as the words alone when no key is bound to it. The names of the two hosts wear
their colours.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from .runs import Row, Run, clean, wrap

_INLINE = re.compile(r"(\[\[.+?\]\]|\*\*.+?\*\*|`[^`]+`|(?<![\w*])\*[^*\s][^*]*\*(?!\w))")
_LIST = re.compile(r"^(\s*)([-*]|\d{1,2}[.)])\s+(.*)$")

#: Gives the cap of the key bound to a command, or '' when there is none.
KeyFor = Callable[[str], str]


def no_key(_command: str) -> str:
    """A `KeyFor` for places without keys."""
    return ""


def inline(text: str, hosts: tuple[str, ...], key_for: KeyFor, base: str = "text") -> list[Run]:
    """One paragraph as runs."""
    runs: list[Run] = []
    for part in _INLINE.split(text):
        if part.startswith("[[") and part.endswith("]]"):
            runs += command_cap(part[2:-2].strip(), key_for)
        elif part.startswith("**") and len(part) > 4:
            runs.append((part[2:-2], "bright bold"))
        elif part.startswith("`") and len(part) > 2:
            runs.append((part[1:-1], "good"))
        elif part.startswith("*") and len(part) > 2:
            runs.append((_quoted(part[1:-1]), "italic bright"))
        elif part:
            runs += _coloured(part, hosts, base)
    return runs


def _quoted(words: str) -> str:
    """An emphasized phrase in quotes: where its words end must be seen on terminals without italics too."""
    return f'"{words}"' if " " in words and '"' not in words and "`" not in words else words


def command_cap(command: str, key_for: KeyFor) -> list[Run]:
    """A command as the learner may give it: its key as a cap, then its words."""
    cap = key_for(command)
    words = (command, "key bold")
    if not cap:
        return [words]
    return [(f"[{cap}]", "bright bold on-key"), (" ", "text"), words]


def _coloured(text: str, hosts: tuple[str, ...], base: str) -> list[Run]:
    """Plain text with the hosts' names in their colours."""
    if not hosts:
        return [(text, base)]
    names = "|".join(re.escape(name) for name in hosts)
    runs: list[Run] = []
    for part in re.split(rf"\b({names})\b", text):
        if part in hosts:
            runs.append((part, ("client", "server")[min(hosts.index(part), 1)]))
        elif part:
            runs.append((part, base))
    return runs


def guide_text(
    text: str, cells: int, hosts: tuple[str, ...] = (), key_for: KeyFor = no_key, base: str = "text"
) -> list[Row]:
    """A Markdown text in rows of at most `cells`."""
    rows: list[Row] = []
    paragraph: list[str] = []

    def flush() -> None:
        if paragraph:
            rows.extend(wrap(inline(" ".join(paragraph), hosts, key_for, base), cells))
            paragraph.clear()

    code = False
    for raw in text.strip("\n").splitlines():
        line = clean(raw.rstrip())
        if line.strip().startswith("```"):
            flush()
            code = not code
        elif code:
            rows.append([("  " + line, "good")])
        elif not line.strip():
            flush()
            if rows and rows[-1]:
                rows.append([])
        elif line.startswith("#"):
            flush()
            rows.append([(line.lstrip("# "), "bright bold")])
        elif item := _LIST.match(line):
            flush()
            mark = "· " if item[2] in "-*" else f"{item[2]} "
            rows.extend(wrap(inline(item[3], hosts, key_for, base), cells, " " * (len(mark) + 1), " " + mark))
        else:
            paragraph.append(line.strip())
    flush()
    return rows


def answer_rows(text: str, cells: int) -> list[Row]:
    """The answer of `why` or `help`: two columns stay one line where there is room."""
    rows: list[Row] = []
    for line in text.splitlines():
        head, _, tail = line.strip().partition("  ")
        if not tail:
            rows += [*wrap([(line, "text")], cells), []]
        elif len(head) <= 46 and len(tail.strip()) <= cells - 48:
            rows.append([(f"{clean(head):<46}  ", "key bold"), (clean(tail.strip()), "text")])
        else:
            rows += [*wrap([(head, "key bold")], cells), *wrap([(tail.strip(), "text")], cells, "    ", "    ")]
    return rows
