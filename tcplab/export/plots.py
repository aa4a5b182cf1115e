"""The plots as SVG, from the very model the screen draws: windows, flight, round trips, sequence numbers, throughput.

Several plots of one direction stand below each other in one file, with one time axis for the eye to follow down.
"""

from __future__ import annotations

from collections.abc import Sequence

from tcplab.views.flow import Flow
from tcplab.views.plots import NAMES, PLOTS, SECOND, Curve, Plot, last_time, plot_model, round_ticks, short
from tcplab.views.series import Series
from tcplab.views.stretch import Stretch

from .subject import Subject
from .svg import Picture

WIDTH, LEFT, RIGHT, HEIGHT, STEP = 900, 84, 24, 240, 316
TOP = 64
#: How a line is told from another without colour: by its glyph on the screen, here by its dashes.
_DASHES = {"-": "7 4", "=": "2 3"}
_ROLES = ("client", "server")


def plots_svg(subject: Subject, names: Sequence[str] = NAMES) -> str:
    """The plots `names` of the direction that carried most, as one self-contained SVG file; empty ones are left out."""
    series = Series()
    series.read(subject.trace)
    flow = max(series.flows, key=lambda one: one.nxt, default=None)
    picture = Picture(f"Plots: {subject.title}")
    picture.text(WIDTH / 2, 26, subject.title, "bright bold big", "middle")
    if flow is None:
        picture.text(WIDTH / 2, 52, "no segment was sent", "dim", "middle")
        return picture.done(WIDTH, 80)
    side = int(flow.src != subject.hosts[0])
    picture.text(WIDTH / 2, 46, f"{flow.src} → {flow.dst}", f"{_ROLES[side]} bold", "middle")
    if Stretch().squeezed(flow):
        picture.text(WIDTH - RIGHT, 46, f"the busy part of {short(last_time(flow) / SECOND)} s",
                     "faint small", "end")
    y = TOP
    for name in names:
        plot = model(flow, name, side)
        if not plot.empty:
            _Chart(picture, plot, y).draw(PLOTS[name][1])
            y += STEP
    if y == TOP:
        picture.text(WIDTH / 2, y + 10, "nothing to draw: what was asked for is not in these events", "dim", "middle")
        y += 30
    return picture.done(WIDTH, y + 6)


def model(flow: Flow, name: str, side: int) -> Plot:
    """One plot of a flow with the colours of its two ends, over the time in which it was busy."""
    start, end = Stretch().of(flow) if Stretch().squeezed(flow) else (0, None)
    return plot_model(name, flow, start, end, most=1200, role=_ROLES[side], back=_ROLES[1 - side])


class _Chart:
    def __init__(self, picture: Picture, plot: Plot, top: float) -> None:
        self.picture, self.plot, self.top = picture, plot, top
        self.box_top = top + 44

    def x(self, value: float) -> float:
        span = max(self.plot.x1 - self.plot.x0, 1e-9)
        return LEFT + (value - self.plot.x0) / span * (WIDTH - LEFT - RIGHT)

    def y(self, value: float) -> float:
        span = max(self.plot.y1 - self.plot.y0, 1e-9)
        return self.box_top + HEIGHT - min(max((value - self.plot.y0) / span, 0.0), 1.0) * HEIGHT

    def draw(self, words: str) -> None:
        plot, picture = self.plot, self.picture
        picture.text(LEFT, self.top + 14, plot.title, "bright bold")
        picture.text(LEFT, self.top + 30, words, "faint small")
        self._axes()
        for curve in plot.curves:
            if curve.x:
                getattr(self, "_" + curve.kind)(curve)
        self._legend()

    def _axes(self) -> None:
        plot, picture, foot = self.plot, self.picture, self.box_top + HEIGHT
        for value in round_ticks(plot.y0, plot.y1, 5):
            y = self.y(value)
            picture.line([(LEFT, y), (WIDTH - RIGHT, y)], "thin s-rule")
            picture.text(LEFT - 8, y + 4, short(value), "dim small", "end")
        for value in round_ticks(plot.x0, plot.x1, 9):
            x = self.x(value)
            picture.line([(x, foot), (x, foot + 5)], "thin s-edge")
            picture.text(x, foot + 17, f"{value:.6g}", "dim small", "middle")
        picture.line([(LEFT, self.box_top), (LEFT, foot), (WIDTH - RIGHT, foot)], "thin s-edge")
        picture.text(WIDTH - RIGHT, foot + 17, "s", "dim small", "end")
        middle = self.box_top + HEIGHT / 2
        picture.text(18, middle, plot.y_title, "dim small", "middle", transform=f"rotate(-90 18 {middle:.2f})")

    def _line(self, curve: Curve) -> None:
        """Corners as they come; where a value is missing the line is broken."""
        points: list[tuple[float, float]] = []
        before = None
        for x, y in zip(curve.x, curve.y, strict=True):
            if len(points) % 2 == 0 and before is not None and x - before > 1e-9:
                self._stroke(points, curve)
                points = []
            points.append((self.x(x), self.y(y)))
            before = x
        self._stroke(points, curve)

    def _stroke(self, points: list[tuple[float, float]], curve: Curve) -> None:
        if len(points) > 1:
            dashes = {"stroke_dasharray": _DASHES[curve.glyph]} if curve.glyph in _DASHES else {}
            self.picture.line(points, f"line s-{curve.role}", stroke_linejoin="round", **dashes)

    def _dots(self, curve: Curve) -> None:
        last = -1e9
        for x, y in zip(curve.x, curve.y, strict=True):
            # Letters that would lie on each other are dots: the first one has said what they are.
            lettered = self.x(x) - last > 9
            last = self.x(x) if lettered else last
            self._mark(curve, self.x(x), self.y(y), lettered)

    def _mark(self, curve: Curve, x: float, y: float, lettered: bool = True) -> None:
        if curve.glyph == "x":
            self.picture.line([(x - 4, y - 4), (x + 4, y + 4)], f"line s-{curve.role}")
            self.picture.line([(x - 4, y + 4), (x + 4, y - 4)], f"line s-{curve.role}")
        elif curve.glyph.isalpha() and curve.glyph != "o" and lettered:
            self.picture.text(x, y + 4, curve.glyph, f"{curve.role} bold small halo", "middle")
        else:
            self.picture.add("circle", curve.role, None, cx=x, cy=y, r=2.4)

    def _strokes(self, curve: Curve) -> None:
        """Upright from the first byte to the last, with a foot and a head as tcptrace draws segments."""
        # What is reported again and again must not hide what was sent.
        weight, last = {"|": "line", "S": "thin"}.get(curve.glyph, "heavy"), -1e9
        for x, low, high in zip(curve.x, curve.y, curve.top, strict=True):
            at, y0, y1 = self.x(x), self.y(low), self.y(high)
            self.picture.line([(at, y0), (at, min(y1, y0 - 1))], f"{weight} s-{curve.role}")
            if curve.glyph.isalpha() and at - last > (40 if weight == "thin" else 9):
                last = at
                self.picture.text(at, min(y1, y0 - 1) - 3, curve.glyph, f"{curve.role} bold small halo", "middle")

    def _legend(self) -> None:
        x, y = float(WIDTH - RIGHT), self.top + 14
        for curve in self.plot.curves:
            if not (curve.x or curve.above):
                continue
            words = f"{curve.name}{' ↑' * curve.above} {curve.now}".strip()
            x -= 7.3 * len(words)
            self.picture.text(x, y, words, f"{curve.role} small")
            x -= 8
            if curve.kind == "line":
                dashes = {"stroke_dasharray": _DASHES[curve.glyph]} if curve.glyph in _DASHES else {}
                self.picture.line([(x - 20, y - 4), (x, y - 4)], f"line s-{curve.role}", **dashes)
            elif curve.kind == "strokes":
                weight = "thin" if curve.glyph == "S" else "heavy"
                self.picture.line([(x - 6, y - 9), (x - 6, y + 1)], f"{weight} s-{curve.role}")
            else:
                self._mark(curve, x - 6, y - 4)
            x -= 36
