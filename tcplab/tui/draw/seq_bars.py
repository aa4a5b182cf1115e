"""The sequence space of one direction as bars: what was sent and where it is, and what the receiver holds.

All positions are bytes from the sender's ISS, unwrapped. Both bars stand over one axis, so that a byte is in the same
column at both ends. Every cell has a glyph of its own meaning; colour only repeats it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from tcplab.views.plots import rounded_up

from .runs import Row, cut, fit, row_width

Range = tuple[int, int]


class Part(NamedTuple):
    """What a cell can be: its glyph, its style ("" is the sender's colour) and its name in the legend."""

    glyph: str
    style: str
    name: str


#: In order of weight: where a cell holds several, the first is seen.
SENDS = {
    "lost": Part("✗", "lost bold", "lost"),
    "again": Part("R", "rtx bold", "sent again"),
    "sacked": Part("s", "dup bold", "SACKed"),
    "flying": Part("━", "bold", "under way"),
    "arrived": Part("═", "", "no ACK yet"),
    "free": Part("·", "good bold", "may go"),
    "beyond": Part("┄", "faint", "beyond cwnd"),
    "done": Part("─", "rule", "acknowledged"),
}
HOLDS = {
    "held": Part("◆", "dup bold", "held"),
    "hole": Part("□", "lost", "missing"),
    "unread": Part("■", "bold", "unread"),
    "open": Part("┄", "faint", "window"),
    "read": Part("─", "rule", "read by the program"),
}


@dataclass(slots=True)
class Direction:
    """One direction at one instant. `right` is SND.UNA + SND.WND, `limit` SND.UNA + cwnd; the receiver's `rcv_nxt` is
    None while its end is unknown, `rcv_right` is RCV.NXT + RCV.WND. `number` prints an offset of a
    variable and `size` a count of bytes; `role` is the colour.
    """

    src: str
    dst: str
    role: str
    peer_role: str
    conn: int
    una: int
    nxt: int
    right: int
    limit: int | None
    number: Callable[[str, int], str]
    size: Callable[[str, int], str]
    lost: Sequence[Range] = ()
    again: Sequence[Range] = ()
    flying: Sequence[Range] = ()
    arrived: Sequence[Range] = ()
    sacked: Sequence[Range] = ()
    rcv_nxt: int | None = None
    rcv_right: int = 0
    unread: int = 0
    holes: Sequence[Range] = ()
    least: int = 2000
    parts: set[str] = field(default_factory=set)

    @property
    def may_send(self) -> int:
        """How many bytes could leave now (RFC 9293 3.8.6.1, RFC 5681 3.1: the smaller window decides)."""
        edge = self.right if self.limit is None else min(self.right, self.limit)
        return max(edge - self.nxt, 0)

    @property
    def quiet(self) -> bool:
        """Whether nothing was sent but a SYN and perhaps a FIN."""
        return self.nxt <= 2 and not self.flying


class _Axis(NamedTuple):
    start: int
    span: int
    cells: int

    def x(self, at: int) -> int:
        return (at - self.start) * self.cells // self.span

    def edges(self, x: int) -> Range:
        return self.start + x * self.span // self.cells, self.start + (x + 1) * self.span // self.cells


def axis_for(d: Direction, cells: int) -> _Axis:
    """Where the bars begin and how much they show: all that is under way or held, and some of the window.

    The axis moves in jumps of a quarter, so that SND.UNA is seen to move over it.
    """
    base = d.una if d.rcv_nxt is None else min(d.una, d.rcv_nxt - d.unread)
    tops = [d.nxt, d.limit if d.limit is not None else d.nxt, *(hi for _, hi in d.holes), d.rcv_nxt or 0]
    need = max(*tops, base + d.least) - base
    if d.right - base <= 2 * need:
        need = max(need, d.right - base)
    span = max(int(rounded_up(need * 4 / 3)), cells)
    jump = span // 4
    return _Axis(base // jump * jump, span, cells)


def direction_rows(d: Direction, cells: int, lines: int) -> list[Row]:
    """One direction in at most `lines` rows: 1 a sentence, 2 with the bar, up to 6 with both bars and their marks."""
    head = _head(d, cells)
    if lines < 2 or cells < 30:
        return [head]
    margin = 7
    axis = axis_for(d, cells - margin - 1)
    rows = [head, _bar_row("sends", d.role, _sends(d, axis))]
    ends: list[Row] = []
    if d.rcv_nxt is not None:
        ends = [_bar_row("holds", d.peer_role, _holds(d, axis))]
        ends += _marks(_receiver_marks(d), axis, margin, d.peer_role, 1)
    room = lines - len(rows) - len(ends)
    if room < 1 and len(ends) == 2:
        ends, room = ends[:1], room + 1
    if room < 1:
        ends, room = [], lines - len(rows)
    rows += _marks(_sender_marks(d), axis, margin, d.role, min(room, 2))
    return [*rows, *ends][:lines]


def _head(d: Direction, cells: int) -> Row:
    row: Row = [(f" {d.src} → {d.dst}" + (f" #{d.conn}" if d.conn > 1 else ""), f"{d.role} bold")]
    items = [("in flight", d.size("flight", d.nxt - d.una)), ("SND.WND", d.size("snd_wnd", d.right - d.una))]
    if d.limit is not None:
        items.append(("cwnd", d.size("cwnd", d.limit - d.una)))
    items.append(("may send now", d.size("flight", d.may_send)))
    if d.unread:
        items.append(("unread", d.size("unread", d.unread)))
    if d.holes:
        items.append(("held", d.size("holes", sum(hi - lo for lo, hi in d.holes))))
    for name, value in items:
        item: Row = [(f"   {name} ", "dim"), (value, "bright")]
        if row_width(row) + row_width(item) <= cells:
            row += item
    return fit(row, cells)


def _bar_row(name: str, role: str, parts: Iterable[tuple[str, Part]]) -> Row:
    row: Row = [(f" {name} ", "dim")]
    for _, part in parts:
        style = f"{role} {part.style}".strip() if part.style in ("", "bold") else part.style
        if row[-1][1] == style:
            row[-1] = (row[-1][0] + part.glyph, style)
        else:
            row.append((part.glyph, style))
    return row


def _sends(d: Direction, axis: _Axis) -> Iterable[tuple[str, Part]]:
    """The sender's bar, cell by cell."""
    edge = d.right if d.limit is None else min(d.right, d.limit)
    found = {
        "lost": d.lost, "again": d.again, "sacked": d.sacked, "flying": d.flying, "arrived": d.arrived,
        "free": ((max(d.nxt, d.una), edge),), "beyond": ((max(edge, d.nxt), d.right),), "done": ((0, d.una),),
    }
    return _cells(d, axis, found, SENDS)


def _holds(d: Direction, axis: _Axis) -> Iterable[tuple[str, Part]]:
    """The receiver's bar, cell by cell."""
    assert d.rcv_nxt is not None
    missing, at = [], d.rcv_nxt
    for lo, hi in d.holes:
        missing.append((at, lo))
        at = hi
    found = {"held": d.holes, "hole": missing, "unread": ((d.rcv_nxt - d.unread, d.rcv_nxt),),
             "open": ((at, d.rcv_right),), "read": ((0, d.rcv_nxt - d.unread),)}
    return _cells(d, axis, found, HOLDS)


def _cells(d: Direction, axis: _Axis, found: dict[str, Sequence[Range]], table: dict[str, Part]) -> Iterable:
    nothing = "", Part(" ", "text", "")
    for x in range(axis.cells):
        lo, hi = axis.edges(x)
        name = next((name for name in table if any(a < hi and lo < b and a < b for a, b in found[name])), "")
        if name:
            d.parts.add(name)
        more = x == axis.cells - 1 and name in ("beyond", "open", "free") and found[name][-1][1] > hi
        yield (name, table[name]._replace(glyph="›") if more else table[name]) if name else nothing


def _sender_marks(d: Direction) -> list[tuple[int, str]]:
    marks = [(d.una, f"SND.UNA {d.number('snd_una', d.una)}"), (d.nxt, f"SND.NXT {d.number('snd_nxt', d.nxt)}")]
    if d.limit == d.nxt != d.una:
        marks[1] = d.nxt, f"SND.NXT = +cwnd {d.number('snd_nxt', d.nxt)}"
    if d.una == d.nxt:
        marks = [(d.una, f"SND.UNA = SND.NXT {d.number('snd_nxt', d.una)}")]
    if d.limit is not None and d.nxt != d.limit < d.right:
        marks.append((d.limit, f"+cwnd {d.number('cwnd', d.limit)}"))
    return [*marks, (d.right, f"+SND.WND {d.number('snd_wnd', d.right)}")]


def _receiver_marks(d: Direction) -> list[tuple[int, str]]:
    assert d.rcv_nxt is not None
    return [(d.rcv_nxt, f"RCV.NXT {d.number('rcv_nxt', d.rcv_nxt)}"),
            (d.rcv_right, f"+RCV.WND {d.number('rcv_wnd', d.rcv_right)}")]


def _marks(marks: list[tuple[int, str]], axis: _Axis, margin: int, role: str, most: int) -> list[Row]:
    """Arrows under a bar with their labels, on `most` rows; a label that finds no room is left out, its arrow stays."""
    lines = [[" "] * (margin + axis.cells + 1) for _ in range(most)]
    arrows: set[tuple[int, int]] = set()
    for at, words in marks:
        x = axis.x(at)
        beyond = x >= axis.cells
        text = f"{words} ›" if beyond else f"▲{words}"
        places = [margin + axis.cells - len(text) + 1] if beyond else [margin + x, margin + x - len(text) + 1]
        if not beyond and not 0 <= x < axis.cells:
            continue
        for number, line in enumerate(lines):
            place = next((p for p in places if _free(line, p, len(text))), None)
            if place is not None:
                if not beyond and place != margin + x:
                    text = f"{words}▲"
                line[place : place + len(text)] = text
                if not beyond:
                    arrows.add((number, margin + x))
                break
        else:
            if not beyond and lines and lines[0][margin + x] == " ":
                lines[0][margin + x] = "▲"
                arrows.add((0, margin + x))
    rows = []
    for number, line in enumerate(lines):
        text, row, at = "".join(line), [], 0
        for _, x in sorted(arrow for arrow in arrows if arrow[0] == number):
            row += [(text[at:x], "text"), (text[x], f"{role} bold")]
            at = x + 1
        rows.append([*row, (text[at:], "text")])
    return rows


def _free(line: list[str], place: int, size: int) -> bool:
    return 0 <= place and place + size <= len(line) and not "".join(line[max(place - 1, 0) : place + size + 1]).strip()


def legend(parts: set[str], role: str, cells: int) -> Row:
    """What the glyphs seen mean."""
    seen = [part for name, part in {**SENDS, **HOLDS}.items() if name in parts and name not in ("done", "read", "open")]
    need = sum(len(part.name) + 3 for part in seen)
    gap = " " if need + len(seen) > cells else "  "
    row: Row = []
    for part in seen:
        style = f"{role} {part.style}".strip() if part.style in ("", "bold") else part.style
        item: Row = [(f"{gap}{part.glyph} ", style), (part.name, "dim")]
        if row_width(row) + row_width(item) <= cells:
            row += item
    return cut(row, cells)


def seq_rows(directions: Sequence[Direction], cells: int, lines: int) -> list[Row]:
    """All directions in at most `lines` rows: those that carried data in full, the others in a sentence; a legend."""
    if not directions:
        return []
    busy = [d for d in directions if not d.quiet] or list(directions[:1])
    rest = len(directions) - len(busy)
    room = max(lines - 1 - rest, len(busy))
    rows: list[Row] = []
    each = min(room // len(busy), 7)
    for d in directions:
        part = direction_rows(d, cells, each if d in busy else 1)
        if each >= 7 and d in busy and d is not directions[-1]:
            part.append([])
        rows += part
    seen = set().union(*(d.parts for d in busy))
    return [*rows[: max(lines - 1, 1)], legend(seen, busy[0].role, cells)][:lines]
