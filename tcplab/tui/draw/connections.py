"""A connection of a capture as one row of a list, and as two panes beside the ladder."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from .runs import Row, cut, fit, row_width, spread
from .values import span

if TYPE_CHECKING:
    from tcplab.capture.flows import Connection
    from tcplab.capture.lens import Lens


class Facts(NamedTuple):
    """What may be trouble on a connection: how many in all, and for each kind words, a short form and its style."""

    trouble: int
    kinds: list[tuple[str, str, str]]

    def words(self, room: int) -> Row:
        """All kinds in at most `room` cells: the last ones in short where it is too much."""
        texts = [long for long, _, _ in self.kinds]
        for at in range(len(texts) - 1, -1, -1):
            if sum(map(len, texts)) + 2 * (len(texts) - 1) <= room:
                break
            texts[at] = self.kinds[at][1]
        gap = "  " if sum(map(len, texts)) + 2 * (len(texts) - 1) <= room else " "
        row: Row = []
        for text, (_, _, style) in zip(texts, self.kinds, strict=True):
            row += [(gap, "text")] * bool(row) + [(text, style)]
        return row


def facts_of(conn: Connection) -> Facts:
    """Count what may be trouble."""
    from tcplab.capture import signs as s

    again = sum(conn.counts[bit] for bit in (s.REPEAT, s.FAST, s.NEEDLESS, s.SYN_AGAIN))
    gaps, zero, reset = conn.counts[s.GAP], conn.counts[s.ZERO_WINDOW], conn.counts[s.RESET]
    wrong = sum(conn.sums[side] for side in (0, 1) if not conn.offloaded(side))
    kinds = [
        (reset, "✗ reset", "✗", "lost"),
        (wrong, f"≠ {wrong} damaged", f"≠{wrong}", "lost"),
        (again, f"↻ {again} again", f"↻{again}", "rtx"),
        (zero, f"{zero} zero window", f"0win {zero}", "warn"),
        (gaps, f"{gaps} gap{'s' * (gaps != 1)}", f"gap {gaps}", "warn"),
    ]
    found = [(long, short, style) for count, long, short, style in kinds if count]
    return Facts(again + gaps + zero + reset + wrong, found)


def size(count: int) -> str:
    """Bytes in at most six characters."""
    for unit, scale in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= scale * 10 or (count >= scale and unit != "kB"):
            return f"{count / scale:.0f} {unit}" if count >= 10 * scale else f"{count / scale:.1f} {unit}"
    return f"{count} B"


#: From this width on each end's bytes have a column of their own.
_BOTH = 96


def _ends_width(cells: int, ends: int) -> int:
    return max(20, min(ends + 1, cells - (60 if cells >= _BOTH else 50), 84))


def connection_head(cells: int, ends: int) -> Row:
    """The names of the columns."""
    room = _ends_width(cells, ends)
    sent = f"{'A sent':>7} {'B sent':>7}" if cells >= _BOTH else f"{'bytes':>7}"
    names = f" {'':>5}  {'A > B':<{room}} {'segments':>8} {sent} {'time':>8}  "
    return fit([(names, "dim"), ("inferred", "dim")], cells)


def connection_row(conn: Connection, picked: bool, opened: bool, cells: int, ends: int) -> Row:
    """One connection; `ends` is the length of the longest name in sight."""
    ground = " on-pick" if picked else ""
    room = _ends_width(cells, ends)
    name = cut([(conn.name, "bright bold" if picked else "text")], room)
    row: Row = [("▸" if picked else " ", "bright" + ground), ("●" if opened else " ", "good" + ground),
                (f"{conn.number:>4}  ", "dim" + ground)]
    row += [(text, style + ground) for text, style in fit(name, room)]
    sent = conn.sent
    row.append((f" {len(conn.packets):>8,} ", "text" + ground))
    if cells >= _BOTH:
        row += [(f"{size(sent[0]):>7} ", "client" + ground), (f"{size(sent[1]):>7} ", "server" + ground)]
    else:
        row.append((f"{size(sum(sent)):>7} ", "text" + ground))
    row += [(f"{span(max(conn.last - conn.first, 0)):>8}  ", "dim" + ground)]
    words = facts_of(conn).words(cells - row_width(row)) or [("" if conn.opened else "beginning not captured", "faint")]
    row += [(text, style + ground) for text, style in words]
    return fit(row, cells, "text" + ground)


def ends_rule(lens: Lens, middle: str, cells: int) -> Row:
    """The line above the ladder: the two ends and, between them, what is known of the way."""
    from tcplab.capture.flows import socket_text

    left: Row = [("━", "client"), ("A", "client bold"), (f" {socket_text(*lens.conn.ends[0])} ", "client")]
    right: Row = [(f" {socket_text(*lens.conn.ends[1])} ", "server"), ("B", "server bold"), ("━", "server")]
    taken = sum(len(text) for text, _ in (*left, *right))
    words = f" {middle} " if taken + len(middle) + 6 <= cells else ""
    spare = max(cells - taken - len(words), 0)
    return spread([*left, ("─" * (spare // 2), "rule"), (words, "dim"), ("─" * (spare - spare // 2), "rule")], right,
                  cells)


def end_pane(lens: Lens, side: int, place: int | None, cells: int, lines: int) -> list[Row]:
    """One end of the connection at the cursor: its inferred state and what it has shown."""
    conn, colour = lens.conn, ("client", "server")[side]
    state = lens.states(place)[side]
    rows: list[Row] = [[(" ", "text"), (f" {state} ", f"ink on-{colour} bold")], [(" inferred", "faint")]]
    facts = [("ISS", conn.iss[side]), ("MSS", conn.mss[side]),
             ("WSCALE", conn.shift[side]), ("text sent", size(conn.sent[side]))]
    shown: list[tuple[str, str]] = [(name, f"{value}") for name, value in facts if value is not None]
    if conn.judged[side] and conn.offloaded(side):
        shown.append(("checksum", "offload"))
    rows += [spread([(f" {name}", "dim")], [(f"{value} ", "bright")], cells) for name, value in shown]
    return rows[:lines]
