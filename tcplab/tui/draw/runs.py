"""Rows of styled text, and the few tools with which every panel is built.

A run is ``(text, style)`` and a row a list of runs. A style is words from `theme`: a meaning (``client``, ``lost``,
``dim``), and optionally ``bold``, ``under``, ``reverse``, ``italic`` or a ground such as ``on-bar``. Rows are plain
data, so a panel can be tested by its text alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.cells import cell_len, set_cell_size

Run = tuple[str, str]
Row = list[Run]

#: C0, DEL and C1 never reach a terminal, wherever a text came from; bidirectional overrides neither.
_CONTROLS = {
    code: "\N{REPLACEMENT CHARACTER}"
    for code in (*range(0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A))
}

#: One ASCII cell for every glyph the panels use; a run of braille dots becomes a dot.
_ASCII = str.maketrans(
    {
        "─": "-",
        "│": "|",
        "┌": "+",
        "┐": "+",
        "└": "+",
        "┘": "+",
        "├": "+",
        "┤": "+",
        "┬": "+",
        "┴": "+",
        "┼": "+",
        "━": "=",
        "┃": "#",
        "╭": "+",
        "╮": "+",
        "╰": "+",
        "╯": "+",
        "╌": "-",
        "╍": "=",
        "┄": ":",
        "┆": ":",
        "╎": ":",
        "✚": "+",
        "●": "o",
        "○": "o",
        "✗": "x",
        "✓": "v",
        "▶": ">",
        "◀": "<",
        "▲": "^",
        "▼": "v",
        "▸": ">",
        "▾": "v",
        "▴": "^",
        "›": ">",
        "·": ".",
        "–": "-",
        "—": "-",
        "…": "~",
        "→": ">",
        "←": "<",
        "↻": "R",
        "■": "#",
        "□": ".",
        "❚": "|",
        "█": "#",
        "▌": "|",
        "▐": "|",
        "▏": "|",
        "▕": "|",
        "↑": "^",
        "↓": "v",
        "×": "x",
        "±": "~",
        "“": '"',
        "”": '"',
        "’": "'",
        "‘": "'",
        "≥": ">",
        "≤": "<",
        "≠": "!",
        "⏎": "<",
        "║": "#",
        "═": "#",
        "╱": "/",
        "╲": "\\",
        "µ": "u",
        "½": "2",
        "¼": "4",
        "°": "o",
        "⧗": "z",
        "◆": "*",
        "◐": "%",
        "◇": "*",
        "★": "*",
        "☆": ".",
        "⇄": "=",
        "⌛": "z",
        "┊": ":",
    }
)


def clean(text: str) -> str:
    """`text` with control characters made visible and tabs made spaces: safe to print."""
    return text.replace("\t", "    ").translate(_CONTROLS) if not text.isprintable() else text


def width(text: str) -> int:
    """Terminal cells `text` takes."""
    return len(text) if text.isascii() else cell_len(text)


def row_width(row: Iterable[Run]) -> int:
    """Terminal cells a row takes."""
    return sum(width(text) for text, _ in row)


def plain(row: Iterable[Run]) -> str:
    """The text of a row without its styles."""
    return "".join(text for text, _ in row)


def plain_rows(rows: Iterable[Row]) -> str:
    """The text of several rows, one line each, right-hand blanks cut."""
    return "\n".join(plain(row).rstrip() for row in rows)


def ascii_text(text: str) -> str:
    """`text` in ASCII, cell for cell, for terminals whose locale is not UTF-8."""
    if text.isascii():
        return text
    return "".join(
        c if c.isascii() else "." if "\u2800" <= c <= "\u28ff" else "?" * width(c) for c in text.translate(_ASCII)
    )


def cut(row: Row, cells: int, mark: str = "…") -> Row:
    """`row` cut to at most `cells`; what was cut off leaves `mark`."""
    if row_width(row) <= cells:
        return row
    out: Row = []
    room = cells - width(mark)
    for text, style in row:
        have = width(text)
        if have <= room:
            out.append((text, style))
            room -= have
            continue
        out.append(((set_cell_size(text, room) if room > 0 else "") + mark, style))
        break
    return out


def fit(row: Row, cells: int, style: str = "text") -> Row:
    """`row` cut or padded with blanks of `style` to exactly `cells`."""
    row = cut(row, cells)
    missing = cells - row_width(row)
    return [*row, (" " * missing, style)] if missing > 0 else row


def spread(left: Row, right: Row, cells: int, style: str = "text") -> Row:
    """`left` at the left and `right` at the right edge of `cells`; the left one gives way."""
    gap = row_width(right)
    if gap >= cells:
        return fit(right, cells, style)
    return [*fit(left, cells - gap, style), *right]



def block(rows: Sequence[Row], cells: int, lines: int, style: str = "text") -> list[Row]:
    """Exactly `lines` rows of exactly `cells`."""
    out = [fit(row, cells, style) for row in rows[:lines]]
    out += [[(" " * cells, style)] for _ in range(lines - len(out))]
    return out


def beside(left: Sequence[Row], right: Sequence[Row], left_cells: int, gap: int = 1) -> list[Row]:
    """Two blocks side by side, the left one `left_cells` wide."""
    lines = max(len(left), len(right))
    pad = [(" " * gap, "text")] if gap else []
    return [
        [*fit(left[i] if i < len(left) else [], left_cells), *pad, *(right[i] if i < len(right) else [])]
        for i in range(lines)
    ]


def rule(
    title: str,
    cells: int,
    style: str = "rule",
    title_style: str = "head",
    extra: Row | None = None,
    right: Row | None = None,
) -> Row:
    """A horizontal line with a title set into it, more runs after the title and others at its right end."""
    row: Row = [("─", style)]
    if title:
        row.append((f" {title} ", title_style))
    row += extra or []
    tail = right or []
    row = cut(row, cells - row_width(tail))
    return [*row, ("─" * (cells - row_width(row) - row_width(tail)), style), *tail]


def wrap(runs: Iterable[Run], cells: int, indent: str = "", first: str | None = None) -> list[Row]:
    """Break runs into rows of at most `cells` at blanks; words too long are cut. `first` begins the first row."""
    lead = indent if first is None else first
    rows: list[Row] = []
    row: Row = [(lead, "text")] if lead else []
    used, empty = width(lead), True
    for text, style in runs:
        for word in _words(text):
            blank = word == " "
            need = width(word)
            if used + need > cells and not (blank or empty):
                glued = _glued(row, word)
                rows.append(row)
                row, used, empty = ([(indent, "text")] if indent else []), width(indent), not glued
                row += glued
                used += sum(width(text) for text, _ in glued)
            if blank and (empty or used + 1 > cells):
                continue
            while need > cells - used and cells - used > 0 and need > cells - width(indent):
                head = set_cell_size(word, cells - used)
                row.append((head.rstrip("\0"), style))
                rows.append(row)
                word = word[len(head) :]
                need = width(word)
                row, used = ([(indent, "text")] if indent else []), width(indent)
            _push(row, word, style)
            used += need
            empty = False
    rows.append(row)
    return rows


def _glued(row: Row, word: str) -> Row:
    """The last word of a full row, taken from it, when the next one would begin with what belongs to it (a full stop,
    the s of a genitive), or when it is only a bracket that opens."""
    if not row or row[-1][0].endswith(" ") or not (word[:1] in ".,;:!?)'" or row[-1][0].endswith("(")):
        return []
    kept, blank, tail = row[-1][0].rpartition(" ")
    if len(row) == 1 and not kept.strip():
        return []  # nothing else stands in it
    _, style = row.pop()
    if blank and kept:
        row.append((kept, style))
    return [(tail, style)]


def _push(row: Row, text: str, style: str) -> None:
    """Add `text` to the last run when its style is the same: fewer runs are fewer bytes on the line."""
    if row and row[-1][1] == style:
        row[-1] = (row[-1][0] + text, style)
    else:
        row.append((text, style))


def _words(text: str) -> Iterable[str]:
    word = ""
    for char in clean(text):
        if char == " ":
            if word:
                yield word
            yield " "
            word = ""
        else:
            word += char
    if word:
        yield word
