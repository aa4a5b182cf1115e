"""Where the states stand and which way each edge goes: four sizes, placed by hand after RFC 9293 Figure 5.

Only places are written here. Which edges exist, what they are called and what is sent comes from the table of
transitions; a route whose edge left the table is not drawn, and an edge without a route is named in words.
Columns and rows count from 0. A route runs from the cell beside its source to the cell beside its target, which
holds the arrowhead.
"""

from __future__ import annotations

from typing import NamedTuple

from tcplab.tcp.state import State

#: A cell: column, row.
Point = tuple[int, int]

S = State


class Box(NamedTuple):
    """A state's box: `x`, `y` its left end, `width` cells."""

    x: int
    y: int
    width: int


class Slot(NamedTuple):
    """Room for an edge's label: `width` characters from `x`, set to the left (<), middle (^) or right (>).

    `clear` blanks are kept on both sides, cutting the line the label lies on. `note` follows when there is room.
    `lines` rows from `y` down may be used where several events share a narrow slot.
    """

    x: int
    y: int
    width: int
    align: str = "<"
    clear: int = 1
    note: str = ""
    lines: int = 1

    def at(self, text: str) -> int:
        """The column where `text` begins."""
        gap = self.width - len(text)
        return self.x + {"<": 0, "^": gap // 2, ">": gap}[self.align]


class Route(NamedTuple):
    """The way of one edge, and the room for its label, if any."""

    points: tuple[Point, ...]
    slot: Slot | None = None


class Layout(NamedTuple):
    """One size of the picture. `end` is the second box of CLOSED, where connections that were closed arrive.

    `short` names fit narrow boxes, `dashed` is the foot of the one way to CLOSED by abort, reset and giving up (rising
    to its box), `keys` the places of the legend's lines.
    """

    name: str
    width: int
    height: int
    boxes: dict[State, Box]
    end: Box
    routes: dict[tuple[State, State], Route]
    short: dict[State, str]
    dashed: Route | None = None
    keys: tuple[tuple[int, int, str], ...] = ()


_SHORT = {S.SYN_RECEIVED: "SYN-RCVD"}

LARGE = Layout(
    "78x22", 78, 22,
    {S.LISTEN: Box(1, 2, 14), S.CLOSED: Box(32, 2, 14), S.SYN_SENT: Box(63, 2, 14),
     S.SYN_RECEIVED: Box(1, 8, 16), S.ESTABLISHED: Box(32, 8, 15),
     S.FIN_WAIT_1: Box(1, 12, 14), S.CLOSE_WAIT: Box(63, 12, 14),
     S.FIN_WAIT_2: Box(1, 17, 14), S.CLOSING: Box(32, 17, 14), S.LAST_ACK: Box(63, 17, 14),
     S.TIME_WAIT: Box(32, 21, 14)},
    Box(63, 21, 14),
    {(S.CLOSED, S.LISTEN): Route(((31, 2), (15, 2)), Slot(18, 2, 12)),
     (S.CLOSED, S.SYN_SENT): Route(((46, 2), (62, 2)), Slot(48, 2, 12)),
     (S.LISTEN, S.SYN_SENT): Route(((6, 1), (6, 0), (70, 0), (70, 1)), Slot(15, 0, 47, "^")),
     (S.LISTEN, S.CLOSED): Route(((12, 3), (12, 4), (35, 4), (35, 3)), Slot(15, 4, 18, "^")),
     (S.SYN_SENT, S.CLOSED): Route(((65, 3), (65, 4), (42, 4), (42, 3)), Slot(44, 4, 20, "^")),
     (S.SYN_RECEIVED, S.LISTEN): Route(((2, 7), (2, 3)), Slot(4, 4, 3, lines=2)),
     (S.LISTEN, S.SYN_RECEIVED): Route(((8, 3), (8, 7)), Slot(10, 5, 13)),
     (S.SYN_SENT, S.SYN_RECEIVED): Route(((68, 3), (68, 6), (13, 6), (13, 7)),
                                         Slot(15, 6, 51, "^", 1, "simultaneous open")),
     (S.SYN_SENT, S.ESTABLISHED): Route(((74, 3), (74, 8), (47, 8)), Slot(50, 8, 22, "^")),
     (S.SYN_RECEIVED, S.ESTABLISHED): Route(((17, 8), (31, 8)), Slot(19, 8, 10)),
     (S.SYN_RECEIVED, S.FIN_WAIT_1): Route(((8, 9), (8, 11)), Slot(10, 10, 20)),
     (S.ESTABLISHED, S.FIN_WAIT_1): Route(((35, 9), (35, 12), (15, 12)), Slot(18, 12, 15, "^")),
     (S.ESTABLISHED, S.CLOSE_WAIT): Route(((42, 9), (42, 12), (62, 12)), Slot(45, 12, 15, "^")),
     (S.FIN_WAIT_1, S.FIN_WAIT_2): Route(((2, 13), (2, 16)), Slot(4, 15, 16)),
     (S.FIN_WAIT_1, S.CLOSING): Route(((14, 13), (39, 13), (39, 16)), Slot(18, 13, 18, "^")),
     (S.FIN_WAIT_1, S.TIME_WAIT): Route(((12, 13), (12, 14), (22, 14), (22, 19), (35, 19), (35, 20)),
                                        Slot(24, 18, 18, "<")),
     (S.FIN_WAIT_2, S.TIME_WAIT): Route(((6, 18), (6, 21), (31, 21)), Slot(9, 21, 20, "^")),
     (S.CLOSING, S.TIME_WAIT): Route(((43, 18), (43, 20)), Slot(45, 19, 11)),
     (S.TIME_WAIT, S.CLOSED): Route(((46, 21), (62, 21)), Slot(48, 21, 12)),
     (S.CLOSE_WAIT, S.LAST_ACK): Route(((70, 13), (70, 16)), Slot(50, 15, 19, ">")),
     (S.LAST_ACK, S.CLOSED): Route(((70, 18), (70, 20)), Slot(58, 19, 11, ">"))},
    {},
    Route(((39, 4), (39, 3)), Slot(24, 5, 42, "^")),
    ((48, 10, "what happens / what is sent"),))

MEDIUM = Layout(
    "60x24", 60, 24,
    {S.LISTEN: Box(0, 2, 12), S.CLOSED: Box(23, 2, 13), S.SYN_SENT: Box(47, 2, 12),
     S.SYN_RECEIVED: Box(0, 8, 12), S.ESTABLISHED: Box(23, 8, 13),
     S.FIN_WAIT_1: Box(0, 14, 12), S.CLOSE_WAIT: Box(47, 14, 12),
     S.FIN_WAIT_2: Box(0, 19, 12), S.CLOSING: Box(23, 19, 13), S.LAST_ACK: Box(47, 19, 12),
     S.TIME_WAIT: Box(23, 23, 13)},
    Box(47, 23, 12),
    {(S.CLOSED, S.LISTEN): Route(((22, 2), (12, 2)), Slot(11, 1, 12)),
     (S.CLOSED, S.SYN_SENT): Route(((36, 2), (46, 2)), Slot(34, 1, 17)),
     (S.LISTEN, S.SYN_SENT): Route(((6, 1), (6, 0), (53, 0), (53, 1)), Slot(9, 0, 42, "^")),
     (S.LISTEN, S.CLOSED): Route(((10, 3), (10, 4), (26, 4), (26, 3)), Slot(12, 4, 13, "^")),
     (S.SYN_SENT, S.CLOSED): Route(((48, 3), (48, 4), (32, 4), (32, 3)), Slot(34, 4, 13, "^")),
     (S.SYN_RECEIVED, S.LISTEN): Route(((1, 7), (1, 3)), Slot(2, 4, 3, "<", 0, lines=2)),
     (S.LISTEN, S.SYN_RECEIVED): Route(((5, 3), (5, 7)), Slot(7, 5, 11)),
     (S.SYN_SENT, S.SYN_RECEIVED): Route(((51, 3), (51, 6), (9, 6), (9, 7)),
                                         Slot(11, 6, 39, "^", 1, "simultaneous open")),
     (S.SYN_SENT, S.ESTABLISHED): Route(((56, 3), (56, 8), (36, 8)), Slot(38, 8, 17, "^")),
     (S.SYN_RECEIVED, S.ESTABLISHED): Route(((12, 8), (22, 8)), Slot(12, 7, 11)),
     (S.SYN_RECEIVED, S.FIN_WAIT_1): Route(((5, 9), (5, 13)), Slot(7, 11, 17)),
     (S.ESTABLISHED, S.FIN_WAIT_1): Route(((26, 9), (26, 14), (12, 14)), Slot(15, 14, 9, "^")),
     (S.ESTABLISHED, S.CLOSE_WAIT): Route(((32, 9), (32, 14), (46, 14)), Slot(35, 14, 9, "^")),
     (S.FIN_WAIT_1, S.FIN_WAIT_2): Route(((1, 15), (1, 18)), Slot(3, 17, 13)),
     (S.FIN_WAIT_1, S.CLOSING): Route(((11, 15), (29, 15), (29, 18)), Slot(14, 15, 13, "^")),
     (S.FIN_WAIT_1, S.TIME_WAIT): Route(((9, 15), (9, 16), (17, 16), (17, 21), (25, 21), (25, 22)),
                                        Slot(19, 20, 12)),
     (S.FIN_WAIT_2, S.TIME_WAIT): Route(((6, 20), (6, 23), (22, 23)), Slot(9, 23, 11, "^")),
     (S.CLOSING, S.TIME_WAIT): Route(((32, 20), (32, 22)), Slot(34, 20, 12)),
     (S.TIME_WAIT, S.CLOSED): Route(((36, 23), (46, 23)), Slot(39, 23, 5, "^")),
     (S.CLOSE_WAIT, S.LAST_ACK): Route(((53, 15), (53, 18)), Slot(38, 17, 14, ">")),
     (S.LAST_ACK, S.CLOSED): Route(((53, 20), (53, 22)), Slot(40, 22, 12, ">"))},
    _SHORT,
    Route(((29, 4), (29, 3)), Slot(19, 5, 30, "^")),
    ((35, 10, "what happens /"), (35, 11, "what is sent")))

SMALL = Layout(
    "38x20", 38, 20,
    {S.LISTEN: Box(0, 2, 11), S.CLOSED: Box(13, 2, 12), S.SYN_SENT: Box(27, 2, 11),
     S.SYN_RECEIVED: Box(0, 7, 11), S.ESTABLISHED: Box(13, 7, 12),
     S.FIN_WAIT_1: Box(0, 12, 11), S.CLOSE_WAIT: Box(27, 12, 11),
     S.FIN_WAIT_2: Box(0, 16, 11), S.CLOSING: Box(13, 16, 12), S.LAST_ACK: Box(27, 16, 11),
     S.TIME_WAIT: Box(13, 19, 12)},
    Box(27, 19, 11),
    {(S.CLOSED, S.LISTEN): Route(((12, 2), (11, 2)), Slot(7, 1, 7)),
     (S.CLOSED, S.SYN_SENT): Route(((25, 2), (26, 2)), Slot(21, 1, 10)),
     (S.LISTEN, S.SYN_SENT): Route(((5, 1), (5, 0), (32, 0), (32, 1)), Slot(7, 0, 24, "^")),
     (S.LISTEN, S.CLOSED): Route(((9, 3), (9, 4), (15, 4), (15, 3)), Slot(10, 4, 5, "<", 0)),
     (S.SYN_SENT, S.CLOSED): Route(((28, 3), (28, 4), (22, 4), (22, 3)), Slot(23, 4, 5, "<", 0)),
     (S.SYN_RECEIVED, S.LISTEN): Route(((0, 6), (0, 3)), Slot(1, 3, 3, "<", 0, lines=2)),
     (S.LISTEN, S.SYN_RECEIVED): Route(((4, 3), (4, 6)), Slot(0, 5, 9, "^", 0)),
     (S.SYN_SENT, S.SYN_RECEIVED): Route(((30, 3), (30, 5), (10, 5), (10, 6)), Slot(12, 5, 17, "^")),
     (S.SYN_SENT, S.ESTABLISHED): Route(((35, 3), (35, 7), (25, 7)), Slot(22, 6, 13, ">", 0)),
     (S.SYN_RECEIVED, S.ESTABLISHED): Route(((11, 7), (12, 7)), Slot(4, 8, 10)),
     (S.SYN_RECEIVED, S.FIN_WAIT_1): Route(((2, 8), (2, 11)), Slot(4, 9, 9)),
     (S.ESTABLISHED, S.FIN_WAIT_1): Route(((15, 8), (15, 12), (11, 12)), Slot(11, 10, 9, "^", 0)),
     (S.ESTABLISHED, S.CLOSE_WAIT): Route(((22, 8), (22, 12), (26, 12)), Slot(24, 11, 9)),
     (S.FIN_WAIT_1, S.FIN_WAIT_2): Route(((1, 13), (1, 15)), Slot(3, 14, 4)),
     (S.FIN_WAIT_1, S.CLOSING): Route(((10, 13), (19, 13), (19, 15)), Slot(11, 13, 7, "^", 0)),
     (S.FIN_WAIT_1, S.TIME_WAIT): Route(((8, 13), (8, 14), (12, 14), (12, 17), (14, 17), (14, 18)),
                                        Slot(7, 15, 11, "<", 0)),
     (S.FIN_WAIT_2, S.TIME_WAIT): Route(((3, 17), (3, 19), (12, 19)), Slot(4, 19, 8, "<", 0)),
     (S.CLOSING, S.TIME_WAIT): Route(((22, 17), (22, 18)), Slot(24, 17, 6)),
     (S.TIME_WAIT, S.CLOSED): Route(((25, 19), (26, 19)), Slot(24, 18, 6)),
     (S.CLOSE_WAIT, S.LAST_ACK): Route(((32, 13), (32, 15)), Slot(21, 14, 10, ">")),
     (S.LAST_ACK, S.CLOSED): Route(((32, 17), (32, 18)), Slot(34, 17, 4, "<", 0))},
    _SHORT, None, ((24, 9, "happens / sent"),))

#: No room for labels: `words` says beside it what came and what can come. Two pairs of ways share a stretch.
TINY = Layout(
    "38x9", 38, 9,
    {S.LISTEN: Box(0, 0, 11), S.CLOSED: Box(13, 0, 12), S.SYN_SENT: Box(27, 0, 11),
     S.SYN_RECEIVED: Box(0, 2, 11), S.ESTABLISHED: Box(13, 2, 12),
     S.FIN_WAIT_1: Box(0, 4, 11), S.CLOSE_WAIT: Box(27, 4, 11),
     S.FIN_WAIT_2: Box(0, 6, 11), S.CLOSING: Box(13, 6, 12), S.LAST_ACK: Box(27, 6, 11),
     S.TIME_WAIT: Box(13, 8, 12)},
    Box(27, 8, 11),
    {(S.CLOSED, S.LISTEN): Route(((11, 0),)),
     (S.LISTEN, S.CLOSED): Route(((12, 0),)),
     (S.CLOSED, S.SYN_SENT): Route(((26, 0),)),
     (S.SYN_SENT, S.CLOSED): Route(((25, 0),)),
     (S.SYN_RECEIVED, S.LISTEN): Route(((1, 1),)),
     (S.LISTEN, S.SYN_RECEIVED): Route(((4, 1),)),
     (S.LISTEN, S.SYN_SENT): Route(((7, 1), (29, 1))),
     (S.SYN_SENT, S.SYN_RECEIVED): Route(((31, 1), (9, 1))),
     (S.SYN_SENT, S.ESTABLISHED): Route(((35, 1), (35, 2), (25, 2))),
     (S.SYN_RECEIVED, S.ESTABLISHED): Route(((11, 2), (12, 2))),
     (S.SYN_RECEIVED, S.FIN_WAIT_1): Route(((4, 3),)),
     (S.ESTABLISHED, S.FIN_WAIT_1): Route(((15, 3), (15, 4), (11, 4))),
     (S.ESTABLISHED, S.CLOSE_WAIT): Route(((22, 3), (22, 4), (26, 4))),
     (S.FIN_WAIT_1, S.FIN_WAIT_2): Route(((4, 5),)),
     (S.FIN_WAIT_1, S.CLOSING): Route(((9, 5), (19, 5))),
     (S.FIN_WAIT_1, S.TIME_WAIT): Route(((9, 5), (12, 5), (12, 7), (15, 7))),
     (S.FIN_WAIT_2, S.TIME_WAIT): Route(((4, 7), (4, 8), (12, 8))),
     (S.CLOSING, S.TIME_WAIT): Route(((19, 7),)),
     (S.TIME_WAIT, S.CLOSED): Route(((25, 8), (26, 8))),
     (S.CLOSE_WAIT, S.LAST_ACK): Route(((32, 5),)),
     (S.LAST_ACK, S.CLOSED): Route(((32, 7),))},
    _SHORT)

#: From large to small.
LAYOUTS = (LARGE, MEDIUM, SMALL, TINY)
