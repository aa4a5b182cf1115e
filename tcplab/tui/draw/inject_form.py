"""The inject editor: whose name, which attack, the fields, the notation with what is wrong in it."""

from __future__ import annotations

from tcplab.notation.segline import tcpdump_fields
from tcplab.tcp.segment import Segment
from tcplab.tcp.wire import encode
from tcplab.tui.crafting import FIELDS, Crafting
from tcplab.tui.editor import Editor

from .runs import Row, clean, cut, fit, wrap

_SIDES = ("client", "server")
_LABEL = 11


def inject_rows(crafting: Crafting, cells: int) -> tuple[list[Row], int, list[Row]]:
    """All rows, the index of the one with the cursor, and what always stands below them: the verdict."""
    c, preset = crafting, crafting.chosen
    side = _SIDES[c.source % 2]
    host, other = c.hosts[c.source].name, c.hosts[1 - c.source].name
    rows: list[Row] = [
        _choice("from", f"{host} → {other}", side, c.row == c.HOST, "in whose name it is put on the link"),
        _choice("begin with", f"{preset.name}", "bright", c.row == c.PRESET,
                f"{c.preset + 1} of {len(c.presets)}"),
        *wrap([(f"{preset.aim} [{preset.rfc}]", "text")], cells, " " * (_LABEL + 5)),
        *wrap([(c.victim, "dim")], cells, " " * (_LABEL + 5)),
        [],
    ]
    at = [0, 1]
    for index, (name, gloss) in enumerate(FIELDS):
        at.append(len(rows))
        rows.append(_field(name, c.editors[name], c.row == c.FIRST + index, gloss, cells, c.fresh))
    rows += [[], [(" in scapy's notation", "head bold"), ("   typed here or made from the fields", "faint")]]
    at.append(len(rows))
    rows += _notation(c.text, c.row == c.NOTATION, cells)
    return [cut(row, cells) for row in rows], at[c.row], [cut(row, cells) for row in _verdict(c, cells)]


def more_rows(crafting: Crafting, cells: int, room: int) -> list[Row]:
    """What a large window has room for below the form: all the typical segments, and the bytes that will be sent."""
    rows: list[Row] = []
    presets = crafting.presets
    if room >= len(presets) + 2:
        name = max(len(preset.name) for preset in presets) + 2
        rows += [[], [(" Typical segments", "head bold"), ("   ← → at the second row", "faint")]]
        for index, preset in enumerate(presets):
            here = index == crafting.preset
            rows.append([(" ▸ " if here else "   ", "bright bold"),
                         (f"{preset.name:<{name}}", "bright bold" if here else "text"), (preset.aim, "dim"),
                         (f"  {preset.rfc}", "faint")])
    if crafting.segment is not None:
        dump = _dump(crafting.segment, cells)
        if room >= len(rows) + len(dump) + 2:
            rows += [[], [(" Its bytes, with checksums that are right", "head bold")], *dump]
    return [cut(row, cells) for row in rows]


def _dump(segment: Segment, cells: int) -> list[Row]:
    """The headers and the text as bytes in hex, a part to a row or more."""
    try:
        data = encode(segment)
    except ValueError:
        return []  # a field that no wire can carry: the verdict says which
    ip = 40 if data[0] >> 4 == 6 else (data[0] & 15) * 4
    tcp = ip + (data[ip + 12] >> 4) * 4
    each = max(8, (cells - 12) // 3)
    rows: list[Row] = []
    for name, part in (("IP", data[:ip]), ("TCP", data[ip:tcp]), ("text", data[tcp:])):
        for start in range(0, len(part), each):
            rows.append([(f"   {'' if start else name:<6}", "dim"), (part[start : start + each].hex(" "), "text")])
    return rows


def _choice(label: str, text: str, style: str, here: bool, gloss: str) -> Row:
    arrows = ("◀ ", " ▶") if here else ("  ", "  ")
    return [(" ▸ " if here else "   ", "bright bold"), (f"{label:<{_LABEL}}", "bright" if here else "dim"),
            (arrows[0], "key bold"), (f"{text}", f"{style} bold on-pick" if here else f"{style} bold"),
            (arrows[1], "key bold"), (f"  {gloss}", "dim")]


def _field(name: str, editor: Editor, here: bool, gloss: str, cells: int, fresh: bool) -> Row:
    room = min(34, cells - _LABEL - 8, max(18, cells - 50))
    gloss = "typing replaces it; ← → edit it" if here and fresh else gloss
    return [(" ▸ " if here else "   ", "bright bold"), (f"{name:<{_LABEL}}  ", "bright" if here else "dim"),
            *_typed(editor, here, room, fresh), (f"  {gloss}", "text" if here and fresh else "faint")]


def _typed(editor: Editor, here: bool, room: int, fresh: bool) -> Row:
    """A stretch of a line with its cursor, `room` cells wide; all of it is set off while typing replaces it."""
    text = clean(editor.text)
    if not here:
        return [(f"{text[: room - 1] + '…' if len(text) > room else text:<{room}}", "bright")]
    if fresh and text:
        seen = text[-room:]
        return [(seen, "reverse bright on-box"), (" " * (room - len(seen)), "on-box")]
    start = max(0, editor.cursor - room + 1)
    seen, at = text[start : start + room], editor.cursor - start
    return [(seen[:at], "bright bold on-box"), (seen[at : at + 1] or " ", "reverse bright on-box"),
            (seen[at + 1 :].ljust(room - at - 1), "bright bold on-box")]


def _notation(editor: Editor, here: bool, cells: int) -> list[Row]:
    """The whole text over as many rows as it needs; the cursor is a block in it."""
    text, room = clean(editor.text) + " ", cells - 4
    rows: list[Row] = []
    for start in range(0, len(text), room):
        piece = text[start : start + room]
        at = editor.cursor - start
        style = "bright bold on-box" if here else "bright"
        row: Row = [(" ▸ " if here and not start else "   ", "bright bold")]
        if here and 0 <= at < len(piece):
            row += [(piece[:at], style), (piece[at], "reverse bright on-box"), (piece[at + 1 :], style)]
        else:
            row.append((piece, style))
        rows.append(row)
    return rows


def _verdict(crafting: Crafting, cells: int) -> list[Row]:
    """What will be sent, or what is wrong and where."""
    if crafting.segment is not None:
        return [[("   is  ", "dim"), (tcpdump_fields(crafting.segment), "good")]]
    error = crafting.error
    if error is None:
        return []
    text = clean(crafting.text.text)
    column = min(error.column, len(text))
    # The place and some of what stands around it, with a mark below.
    start = max(0, min(column - (cells - 8) // 2, len(text) - (cells - 8)))
    piece = text[start : start + cells - 8]
    rows: list[Row] = [[("   ", "text"), (piece, "dim")],
                       [("   " + " " * (column - start), "text"), ("▲", "lost bold"),
                        (f" column {column + 1}", "lost")]]
    return rows + wrap([(f"{error.message} ", "lost bold"), (error.cure, "text")], cells - 4, "   ")


def title(crafting: Crafting, cells: int) -> Row:
    return fit([(" tcplab ", "ink on-good bold"), (" Inject a segment made by hand", "bright bold on-bar"),
                ("   no code is run", "dim on-bar")], cells, "on-bar")
