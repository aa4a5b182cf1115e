"""The state diagram as SVG: every edge of the one table, placed as on the screen, with what both hosts walked.

The first host's ways are drawn in its colour, the second's in its own, what both walked in black (white on dark);
walked ways are heavy, the last of each host is underlined, and a host stands on the box of its state with its name.
"""

from __future__ import annotations

from tcplab.graph.fsm import coverage
from tcplab.graph.labels import event_text, forms
from tcplab.graph.layouts import LARGE, Box, Point
from tcplab.tcp.state import TRANSITIONS, State, Transition

from .subject import Subject
from .svg import Picture

#: A cell of the screen's picture in pixels, and where the picture begins.
CX, CY, X0, Y0 = 12, 30, 24, 74
_SIDES = ("client", "server", "both")
_BOX = 22
Edge = tuple[State, State]


def states_svg(subject: Subject) -> str:
    """The diagram with the subject's walks as one self-contained SVG file."""
    return _Diagram(subject).draw()


class _Diagram:
    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.picture = Picture(f"States: {subject.title}")
        self.edges: dict[Edge, list[Transition]] = {}
        for row in TRANSITIONS:
            if row.drawn:
                self.edges.setdefault((row.source, row.target), []).append(row)
        self.walked = self._sides(subject.steps)
        last = {step[0]: step for step in subject.steps}
        self.last = self._sides(tuple(last.values()))
        self.closed = {host for host, step in last.items() if step[2] == State.CLOSED}

    def _sides(self, steps: tuple) -> dict[Edge | None, int]:
        """The side (0, 1, 2 for both) of each walked edge; None is the way by abort, reset and giving up."""
        sides: dict[Edge | None, int] = {}
        for host, source, target, event in steps:
            if host not in self.subject.hosts:
                continue
            edge = State(source), State(target)
            if all(row.event != event for row in self.edges.get(edge, ())):
                edge = None
            side = self.subject.hosts.index(host)
            sides[edge] = side if sides.get(edge, side) == side else 2
        return sides

    def draw(self) -> str:
        width, height = X0 * 2 + LARGE.width * CX, Y0 + LARGE.height * CY + 46
        self._title(width)
        for edge in sorted(self.edges, key=lambda edge: (edge in self.walked, edge in self.last)):
            if edge in LARGE.routes:
                self._edge(edge)
        self._dashed()
        for edge, rows in self.edges.items():
            if edge in LARGE.routes:
                self._label(edge, rows)
        for state, box in [*LARGE.boxes.items(), (State.CLOSED, LARGE.end)]:
            self._box(state, box)
        self._legend(width, height)
        return self.picture.done(width, height)

    def _title(self, width: float) -> None:
        self.picture.text(width / 2, 30, self.subject.title, "bright bold big", "middle")
        done = coverage(self.subject.steps)
        self.picture.text(width / 2, 50, f"{len(done.walked)} of {done.total} edges of RFC 9293 Figure 5 walked"
                          + (", as inferred from a capture" if self.subject.inferred else ""), "dim", "middle")

    @staticmethod
    def _at(point: Point) -> tuple[float, float]:
        return X0 + (point[0] + 0.5) * CX, Y0 + (point[1] + 0.5) * CY

    def _rim(self, point: Point, box: Box) -> tuple[float, float]:
        """The point of a box's rim that a way ending in the cell `point` beside it touches."""
        x, y = self._at(point)
        left, right, middle = X0 + box.x * CX, X0 + (box.x + box.width) * CX, Y0 + (box.y + 0.5) * CY
        if point[1] == box.y:
            return (left if point[0] < box.x else right), middle
        return x, middle - _BOX / 2 if point[1] < box.y else middle + _BOX / 2

    def _boxes(self, edge: Edge) -> tuple[Box, Box]:
        """The boxes an edge leaves and enters; of the two of CLOSED the one its route leads to."""
        source, target = LARGE.boxes[edge[0]], LARGE.boxes[edge[1]]
        x, y = LARGE.routes[edge].points[-1]
        end = LARGE.end
        near = end.x - 1 <= x <= end.x + end.width and abs(y - end.y) <= 1
        return source, end if edge[1] is State.CLOSED and near else target

    def _edge(self, edge: Edge) -> None:
        points = LARGE.routes[edge].points
        source, target = self._boxes(edge)
        way = [self._rim(points[0], source), *map(self._at, points), self._rim(points[-1], target)]
        colour, weight = self._ink(edge)
        self.picture.line(way, f"{weight} s-{colour}", stroke_linejoin="round")
        (x0, y0), (x1, y1) = way[-2:]
        self.picture.head((x1, y1), (x1 - x0, y1 - y0), colour, 9 if weight == "heavy" else 7)

    def _ink(self, edge: Edge | None) -> tuple[str, str]:
        side = self.walked.get(edge)
        return ("edge", "thin") if side is None else (_SIDES[side], "heavy")

    def _label(self, edge: Edge, rows: list[Transition]) -> None:
        slot = LARGE.routes[edge].slot
        if slot is None:
            return
        # Letters are narrower than cells: more of them fit than on the screen.
        room = int(slot.width * CX / 6.1)
        fits = _shortest(rows, room)
        lines = [fits]
        if slot.lines > 1 and len(fits) > room:
            lines = [_shortest([row], room) for row in rows]
        if slot.note and len(fits) + 3 + len(slot.note) <= room:
            lines = [f"{fits}   ({slot.note})"]
        x = X0 + (slot.x + {"<": 0, "^": slot.width / 2, ">": slot.width}[slot.align]) * CX
        anchor = {"<": "start", "^": "middle", ">": "end"}[slot.align]
        style = ("dim" if edge not in self.walked else f"{_SIDES[self.walked[edge]]} bold") + " small halo"
        more = {"text_decoration": "underline"} if edge in self.last else {}
        horizontal = any(a[1] == b[1] == slot.y for a, b in _pairs(LARGE.routes[edge].points))
        lift = -5 if horizontal else 4
        for index, text in enumerate(lines):
            self.picture.text(x, self._at((0, slot.y))[1] + lift + 13 * index, text, style, anchor, **more)

    def _dashed(self) -> None:
        """Figure 5, note 3: abort, reset and giving up lead to CLOSED from wherever they happen."""
        route = LARGE.dashed
        if route is None or route.slot is None:
            return
        colour, weight = self._ink(None)
        foot, box = self._at(route.points[0]), LARGE.boxes[State.CLOSED]
        tip = self._rim(route.points[1], box)
        self.picture.line([(foot[0], foot[1] + CY / 2), tip], f"{weight} s-{colour}", stroke_dasharray="4 3")
        self.picture.head(tip, (0, -1), colour)
        names = dict.fromkeys(event_text(row.event) for row in TRANSITIONS if not row.drawn and not row.rare)
        x = X0 + (route.slot.x + route.slot.width / 2) * CX
        style = ("faint" if None not in self.walked else f"{colour} bold") + " small halo"
        more = {"text_decoration": "underline"} if None in self.last else {}
        self.picture.text(x, self._at((0, route.slot.y))[1] + 6, " · ".join(names), style, "middle", **more)

    def _box(self, state: State, box: Box) -> None:
        """A state's box, with the names of the hosts that stand there."""
        here = [side for side, host in enumerate(self.subject.hosts) if self.subject.states[side] == state and (
            state is not State.CLOSED or (box is LARGE.end) == (host in self.closed))]
        x, y = X0 + box.x * CX, Y0 + (box.y + 0.5) * CY - _BOX / 2
        style = _SIDES[here[0] if len(here) == 1 else 2] if here else "box s-edge"
        self.picture.add("rect", style, x=x, y=y, width=box.width * CX, height=_BOX, rx=6)
        self.picture.text(x + box.width * CX / 2, y + 15, str(state), ("on" if here else "text") + " bold", "middle")
        for place, side in enumerate(here):
            # The name hangs on the box's upper rim: the filled box alone would not say whose it is.
            name = self.subject.hosts[side]
            left = x + box.width * CX - 8 if side else x + 8
            self.picture.text(left, y - 5 - 13 * (place if len(here) > 1 and box.width < 10 else 0), name,
                              f"{_SIDES[side]} bold small halo", "end" if side else "start")

    def _legend(self, width: float, height: float) -> None:
        y, x = height - 18, float(X0)
        for side, name in enumerate((*self.subject.hosts, "both")):
            self.picture.line([(x, y - 4), (x + 26, y - 4)], f"heavy s-{_SIDES[side]}")
            self.picture.text(x + 32, y, name, f"{_SIDES[side]} bold small")
            x += 32 + 7 * len(name) + 22
        self.picture.text(width - X0, y, "what happens / what is sent  ·  heavy: walked  ·  underlined: last",
                          "faint small", "end")


def _shortest(rows: list[Transition], room: int) -> str:
    """The longest form of a label that fits into `room` characters, else the shortest there is."""
    texts = list(forms(rows))
    return next((text for text in texts if len(text) <= room), texts[-1])


def _pairs(points: tuple[Point, ...]) -> list[tuple[Point, Point]]:
    return list(zip(points, points[1:], strict=False))
