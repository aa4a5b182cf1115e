"""The state diagram: one picture for both hosts, made from the table of transitions.

The first host is cyan, the second amber, what both have done is white. A host stands on a filled box with its letter;
ways that were walked are heavy with filled arrowheads, so that they are seen without colour too; the last one is
underlined, and what can come next is bright. Pure: marks in, rows of styled text out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tcplab.graph.layouts import LAYOUTS, TINY, Box, Layout
from tcplab.tcp.state import TRANSITIONS, State, Transition

from .canvas import HEAVY, LEFT, LIGHT, RIGHT, UP, Canvas, Point, direction
from .runs import Row, block, fit
from .state_labels import dashed_label, label, label_lines

Edge = tuple[State, State]

#: The colour word of the first host, of the second, and of what both have done.
SIDES = ("client", "server", "both")
_BOTH = 2

#: Words need this much room beside the smallest picture.
_WORDS = 20


@dataclass(frozen=True, slots=True)
class Marks:
    """What is marked: `states` of the `hosts`, `walked` and `last` steps as (host, source, target[, event]).

    With the event, a walk by abort, reset or giving up goes to the dashed way; without it, by its ends. `last` holds
    at most one step a host; left empty, the last of `walked` is meant. `picked` is the state that is selected.
    """

    hosts: tuple[str, ...]
    states: tuple[str, ...]
    walked: tuple[tuple[str, ...], ...] = ()
    last: tuple[tuple[str, ...], ...] = ()
    picked: str = ""


def letters(hosts: Sequence[str]) -> tuple[str, ...]:
    """One letter a host: its initial, or a digit where initials are the same."""
    initials = [name[:1].upper() for name in hosts]
    if len(set(initials)) == len(initials) and all(initials):
        return tuple(initials)
    return tuple(str(number) for number in range(1, len(hosts) + 1))


def choose(width: int, height: int) -> Layout | None:
    """The largest picture that fits, None when none does."""
    return next((layout for layout in LAYOUTS if layout.width <= width and layout.height <= height), None)


def state_diagram(marks: Marks, width: int, height: int, ascii: bool = False,
                  table: Sequence[Transition] = TRANSITIONS) -> list[Row]:
    """Exactly `height` rows of `width` cells: the largest picture that fits, centred, else words alone.

    The smallest picture has no labels; where there is room, words stand beside it.
    """
    layout = choose(width, height)
    if layout is None:
        return block(words(marks, width, ascii, table), width, height)
    rows = draw(marks, layout, ascii, table)
    if layout is TINY and width >= layout.width + 2 + _WORDS:
        side = block(words(marks, width - layout.width - 2, ascii, table), width - layout.width - 2, layout.height)
        rows = [[*row, ("  ", "text"), *more] for row, more in zip(rows, side, strict=True)]
    else:
        left = (width - layout.width) // 2
        rows = [[(" " * left, "text"), *row] if left else row for row in rows]
    above = (height - layout.height) // 2
    return block([[] for _ in range(above)] + rows, width, height)


def legend(marks: Marks, ascii: bool = False) -> Row:
    """Whose colour is which, for the title of the panel."""
    line = "=" if ascii else "━"
    row: Row = []
    for side, (letter, name) in enumerate(zip(letters(marks.hosts), marks.hosts, strict=True)):
        who = name if name == letter else f"{letter} {name}"
        row += [(f"{line} ", SIDES[side]), (f"{who}  ", f"{SIDES[side]} bold")]
    return [*row, (f"{line} both", "both")]


def draw(marks: Marks, layout: Layout, ascii: bool = False, table: Sequence[Transition] = TRANSITIONS) -> list[Row]:
    """The picture in exactly the size of `layout`."""
    canvas = Canvas(layout.width, layout.height, ascii=ascii)
    picture = _Picture(marks, layout, table)
    edges = sorted(picture.edges, key=picture.rank)
    routed = [edge for edge in edges if edge in layout.routes]
    for paint in (picture.line, picture.arrow, picture.label):
        for edge in routed:
            paint(canvas, edge)
    picture.dashed_way(canvas)
    for state, box in [*layout.boxes.items(), (State.CLOSED, layout.end)]:
        picture.box(canvas, state, box)
    for x, y, text in layout.keys:
        canvas.put(x, y, text, "faint italic")
    missing = [edge for edge in picture.edges if edge not in layout.routes]
    if missing:
        names = "; ".join(f"{source} > {target}: {label(picture.edges[source, target], 40, ascii)}"
                          for source, target in missing)
        canvas.put(0, layout.height - 1, f"also {names}", "warn")
    return canvas.rows()


class _Picture:
    """One drawing: the marks sorted by edge, and how each thing is styled."""

    def __init__(self, marks: Marks, layout: Layout, table: Sequence[Transition]) -> None:
        self.layout, self.table, self.marks = layout, table, marks
        self.letters = letters(marks.hosts)
        self.edges: dict[Edge, list[Transition]] = {}
        for row in table:
            if row.drawn:
                self.edges.setdefault((row.source, row.target), []).append(row)
        self.walked = self._sides(marks.walked)
        last = marks.last or tuple({step[0]: step for step in marks.walked}.values())
        self.last = self._sides(last)
        self.next = {edge for edge in self.edges if edge[0] in marks.states}
        self.visited: dict[Box, int] = {}
        for edge, side in self.walked.items():
            for box in self._ends(edge) if edge else ():
                self.visited[box] = side if self.visited.get(box, side) == side else _BOTH
        self.reachable = {self._ends(edge)[1] for edge in self.next}
        #: Hosts whose last step ended in CLOSED by an edge that is drawn to the lower box.
        self.ended = {step[0] for step in last if (edge := self._edge(step)) and self._ends(edge)[1] is layout.end}

    def _edge(self, step: Sequence[str]) -> Edge | None:
        """The drawn edge of a step; None for the dashed way."""
        edge = State(step[1]), State(step[2])
        rows = self.edges.get(edge, [])
        named = [row for row in rows if len(step) < 4 or row.event == step[3]]
        return edge if named else None

    def _ends(self, edge: Edge) -> tuple[Box, Box]:
        """The boxes an edge leaves and enters: of the two of CLOSED the one its route leads to."""
        source, target = (self.layout.boxes[state] for state in edge)
        route = self.layout.routes.get(edge)
        if edge[1] is State.CLOSED and route and _touches(route.points[-1], self.layout.end) is not None:
            target = self.layout.end
        return source, target

    def _sides(self, steps: Sequence[Sequence[str]]) -> dict[Edge | None, int]:
        sides: dict[Edge | None, int] = {}
        for step in steps:
            if step[0] in self.marks.hosts:
                side = self.marks.hosts.index(step[0])
                edge = self._edge(step)
                if edge is None and step[2] != State.CLOSED:  # a rare way that nothing is drawn for
                    continue
                sides[edge] = side if sides.get(edge, side) == side else _BOTH
        return sides

    def rank(self, edge: Edge) -> int:
        """What is drawn later lies on top."""
        return 3 * (edge in self.last) + 2 * (edge in self.walked) + (edge in self.next)

    def _line_style(self, edge: Edge | None) -> str:
        if edge in self.walked:
            return SIDES[self.walked[edge]]
        return "head" if edge in self.next else "edge"

    def _label_style(self, edge: Edge | None) -> str:
        if edge in self.last:
            return f"{SIDES[self.last[edge]]} bold under"
        if edge in self.next:
            return "bright"
        return SIDES[self.walked[edge]] if edge in self.walked else "faint"

    def _weight(self, edge: Edge | None) -> int:
        return HEAVY if edge in self.walked else LIGHT

    def line(self, canvas: Canvas, edge: Edge) -> None:
        """The way of `edge` from box to box."""
        points = self.layout.routes[edge].points
        if len(points) > 1:
            weight, style = self._weight(edge), self._line_style(edge)
            canvas.stroke(points, weight, style)
            canvas.arm(points[0], _touches(points[0], self._ends(edge)[0]), weight, style)

    def arrow(self, canvas: Canvas, edge: Edge) -> None:
        """The arrowhead of `edge`, pointing at its box."""
        head = self.layout.routes[edge].points[-1]
        canvas.arrow(head, _touches(head, self._ends(edge)[1]), self._weight(edge), self._line_style(edge))

    def label(self, canvas: Canvas, edge: Edge) -> None:
        slot = self.layout.routes[edge].slot
        if slot is None:
            return
        blank, style = " " * slot.clear, self._label_style(edge)
        texts = label_lines(self.edges[edge], slot.width, slot.lines, canvas.ascii, slot.note)
        for y, text in enumerate(texts, slot.y):
            x = slot.at(text)
            canvas.put(x - slot.clear, y, blank + text + blank, "text")
            canvas.put(x, y, text, style)

    def dashed_way(self, canvas: Canvas) -> None:
        """Figure 5, note 3: abort, reset and giving up lead to CLOSED from wherever they happen."""
        rows = [row for row in self.table if not row.drawn]
        route = self.layout.dashed
        if route is None or not rows:
            return
        walked, style = None in self.walked, self._line_style(None)
        foot, head = route.points
        bar = (":" if canvas.ascii else "╎") if not walked else ("#" if canvas.ascii else "╏")
        canvas.put(*foot, bar, style)
        canvas.arrow(head, UP, self._weight(None), style)
        slot = route.slot
        text = dashed_label([row for row in rows if not row.rare], slot.width, canvas.ascii)
        canvas.put(slot.x + (slot.width - len(text)) // 2, slot.y, text, self._label_style(None))

    def box(self, canvas: Canvas, state: State, box: Box) -> None:
        """A state's box with its name; filled, and with letters, where hosts stand."""
        here = [side for side, name in enumerate(self.marks.hosts)
                if self.marks.states[side] == state
                and (state is not State.CLOSED or (box is self.layout.end) == (name in self.ended))]
        style = self._box_style(box, here)
        # Each letter takes its cell and a blank beside the name where the name has a form that short.
        name = self._name(state, box.width - 2 * len(here))[:box.width - len(here)]
        room = box.width - len(name)
        left = room // 2
        if len(here) == 1:
            left = max(left, min(room, 2)) if here == [0] else min(left, max(room - 2, 0))
        canvas.put(box.x, box.y, (" " * left + name).ljust(box.width), style)
        if canvas.ascii and room > 1:
            canvas.put(box.x, box.y, "[", style)
            canvas.put(box.x + box.width - 1, box.y, "]", style)
        if state == self.marks.picked and box is not self.layout.end:
            canvas.put(box.x, box.y, (" " * left + name).ljust(box.width), "bright bold reverse")
            canvas.put(box.x, box.y, ">" if canvas.ascii else "▸", "bright bold reverse")
            canvas.put(box.x + box.width - 1, box.y, "<" if canvas.ascii else "◂", "bright bold reverse")
        for side in here:
            x, gap = (box.x, left) if side == 0 else (box.x + box.width - 1, room - left)
            # Inside the filled box; only where it would touch the name the letter's own colour keeps the two apart.
            canvas.put(x, box.y, self.letters[side], style if gap > 1 else f"{SIDES[side]} on-box bold")

    def _box_style(self, box: Box, here: Sequence[int]) -> str:
        if here:
            return f"ink on-{SIDES[here[0] if len(here) == 1 else _BOTH]} bold"
        if box in self.reachable:
            return "bright on-box"
        return f"{SIDES[self.visited[box]]} on-box" if box in self.visited else "dim on-box"

    def _name(self, state: State, width: int) -> str:
        """The RFC's name, or a shorter one where the box is narrow (`ESTAB` and `FIN-WAIT1` are what `ss` prints)."""
        name = self.layout.short.get(state, str(state))
        if len(name) <= width:
            return name
        return name[:5] if state is State.ESTABLISHED else name.replace("WAIT-", "WAIT")


def neighbour(state: State, dx: int, dy: int) -> State:
    """The state whose box lies nearest in a direction (-1, 0 or 1 each); `state` itself where none does."""
    boxes = LAYOUTS[0].boxes
    here = boxes[state]

    def off(box: Box) -> tuple[int, int]:
        return box.x + box.width // 2 - (here.x + here.width // 2), 3 * (box.y - here.y)

    found = [(2 * (abs(x) if dy else abs(y)) + abs(y if dy else x), other) for other, box in boxes.items()
             for x, y in [off(box)] if (x * dx > 0 if dx else y * dy > 0)]
    return min(found, key=lambda pair: pair[0])[1] if found else state


def _touches(point: Point, box: Box) -> int | None:
    """The side of `point` on which `box` stands right beside it, None if it does not."""
    x, y = point
    inside = box.x <= x < box.x + box.width
    if inside and abs(box.y - y) == 1:
        return direction(point, (x, box.y))
    if y == box.y and x in (box.x - 1, box.x + box.width):
        return RIGHT if x < box.x else LEFT
    return None


def words(marks: Marks, width: int, ascii: bool = False, table: Sequence[Transition] = TRANSITIONS) -> list[Row]:
    """For each host: where it is, how it came there, and what can come next, in rows of `width` cells."""
    last = marks.last or tuple({step[0]: step for step in marks.walked}.values())
    came = {step[0]: step for step in last}
    rows: list[Row] = []
    for side, (host, state) in enumerate(zip(marks.hosts, marks.states, strict=True)):
        colour = SIDES[side]
        rows.append([(f"{letters(marks.hosts)[side]} ", f"{colour} bold"), (f" {state} ", f"ink on-{colour} bold")])
        step = came.get(host)
        if step is not None and step[2] == state:
            by = [row for row in table if (row.source, row.target) == (step[1], step[2])
                  and (row.event == step[3] if len(step) > 3 else row.drawn)]
            if by:
                rows.append([(" came ", "faint"), (label(by[:1], width - 6, ascii), f"{colour} under")])
        out: dict[State, list[Transition]] = {}
        for row in table:
            if row.drawn and row.source == state:
                out.setdefault(row.target, []).append(row)
        for index, (target, by) in enumerate(out.items()):
            arrow = ">" if ascii else "→"
            rows.append([(" next " if not index else "      ", "faint"), (label(by, width - 6, ascii), "bright"),
                         (f" {arrow} {target}", "faint")])
    return [fit(row, width) for row in rows]
