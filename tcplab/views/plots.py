"""The plots of one flow as plain numbers: one model for the screen and for SVG.

`plot_model` gives curves in the units of its axes, already thinned to what a picture of that width can show. A curve
has a meaning (a colour word), a glyph that tells it apart without colour, and a kind: `line` joins its points, `dots`
are marks, `strokes` go upright from `y` to `top`.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from .flow import NOTHING, Flow, Spans, Track

SECOND = 1_000_000_000
#: A limit that is so many times what it limits is not drawn.
FAR = 4


@dataclass(slots=True)
class Curve:
    """One thing drawn: `x` in seconds, `y` (and `top`, for strokes) in the unit of the plot; `now` its last value.

    `above`: some of it lies so far above the rest that the picture ends below it.
    """

    name: str
    kind: str
    role: str
    glyph: str
    x: list[float] = field(default_factory=list)
    y: list[float] = field(default_factory=list)
    top: list[float] = field(default_factory=list)
    now: str = ""
    above: bool = False


@dataclass(slots=True)
class Plot:
    """A picture: axes from `x0` to `x1` and 0 to `y1`, their titles with units, the curves from back to front."""

    name: str
    title: str
    x_title: str
    y_title: str
    x0: float
    x1: float
    y0: float
    y1: float
    curves: list[Curve]

    @property
    def empty(self) -> bool:
        """Whether there is nothing to draw yet."""
        return not any(curve.x for curve in self.curves)


class _Maker:
    """What all plots need: the stretch of time, how many points are worth while, the unit of the y axis."""

    def __init__(self, flow: Flow, start: int, end: int, most: int) -> None:
        self.flow, self.start, self.end, self.most = flow, start, max(end, start + 1), max(most, 10)
        self.curves: list[Curve] = []

    def steps(self, name: str, role: str, glyph: str, track: Track) -> None:
        """A quantity that keeps its value until the next: the curve has corners; a gap where there is no value."""
        curve = Curve(name, "line", role, glyph)
        times, values = _thinned(track, self.start, self.end, self.most)
        for i, (t, v) in enumerate(zip(times, values, strict=True)):
            if v == NOTHING:
                continue
            until = times[i + 1] if i + 1 < len(times) else self.end
            curve.x += [max(t, self.start) / SECOND, until / SECOND]
            curve.y += [v, v]
        if track.last != NOTHING:
            curve.now = str(track.last)
        self.curves.append(curve)

    def points(self, name: str, role: str, glyph: str, track: Track) -> None:
        """Measurements, each a mark."""
        times, values = _thinned(track, self.start, self.end, self.most, False)
        curve = Curve(name, "dots", role, glyph, [t / SECOND for t in times], [float(v) for v in values])
        curve.now = str(track.last) if len(track) else ""
        self.curves.append(curve)

    def spans(self, name: str, role: str, glyph: str, spans: Spans, dots: bool = False) -> None:
        """Ranges of sequence numbers as strokes, or with `dots` as marks where they begin."""
        curve = Curve(name, "dots" if dots else "strokes", role, glyph)
        first, last = bisect_left(spans.t, self.start), bisect_right(spans.t, self.end)
        if last - first <= 2 * self.most:
            pieces = [(i, i + 1) for i in range(first, last)]
        else:
            pieces = []
            for number in range(1, self.most + 1):
                stop = bisect_right(spans.t, self.start + (self.end - self.start) * number // self.most, first, last)
                if stop > first:
                    pieces.append((first, stop))
                first = stop
        for i, j in pieces:
            curve.x.append(spans.t[i] / SECOND)
            curve.y.append(float(min(spans.lo[i:j])))
            curve.top.append(float(max(spans.hi[i:j])))
            if dots and j > i + 1:
                curve.x.append(spans.t[j - 1] / SECOND)
                curve.y.append(float(max(spans.lo[i:j])))
                curve.top.append(curve.top[-1])
        self.curves.append(curve)

    def rate(self, name: str, role: str, glyph: str, track: Track, width: int) -> None:
        """Growth of a running total in bit/s, for each bin of `width` ns."""
        curve = Curve(name, "line", role, glyph)
        first = self.start // width
        for index in range(first, -(-self.end // width)):
            gained = _at(track, (index + 1) * width) - _at(track, index * width)
            left, right = max(index * width, self.start), min((index + 1) * width, self.end)
            # The bin in which time stands is as wide as it has lasted.
            speed = gained * 8 * SECOND / max(right - left if right == self.end else width, 1)
            curve.x += [left / SECOND, right / SECOND]
            curve.y += [speed, speed]
            curve.now = str(round(speed))
        self.curves.append(curve)

    def limit(self, limit: Curve, floor: int = 0) -> None:
        """Leave out what of a limit lies far above all that it limits: the rest would be squeezed to the ground."""
        rest = [v for curve in self.curves if curve is not limit for v in (curve.top or curve.y)]
        most = max(rest, default=0) - floor
        if most <= 0 or max(limit.y, default=0) - floor <= FAR * most:
            return
        seen = [i for i, v in enumerate(limit.y) if v - floor <= FAR * most]
        limit.above = True
        limit.x, limit.y = [limit.x[i] for i in seen], [limit.y[i] for i in seen]

    def finish(self, name: str, title: str, what: str, kind: str, floor: int = 0) -> Plot:
        """Scale the y axis to a unit that gives short numbers."""
        top = max((max(max(c.y, default=0), max(c.top, default=0)) for c in self.curves), default=0)
        unit, scale = _unit(kind, top)
        for curve in self.curves:
            curve.y = [v / scale for v in curve.y]
            curve.top = [v / scale for v in curve.top]
            if curve.now:
                own, part = _unit(kind, int(curve.now))
                curve.now = f"{short(int(curve.now) / part)} {own}"
        low = floor / scale
        return Plot(name, title, "time (s)", f"{what} ({unit})", self.start / SECOND, self.end / SECOND, low,
                    low + rounded_up(max(top / scale - low, 1e-6)), self.curves)


def _window(m: _Maker, role: str, back: str) -> Plot:
    m.steps("ssthresh", "warn", "-", m.flow.ssthresh)
    m.steps("cwnd", role, "*", m.flow.cwnd)
    if any(curve.x for curve in m.curves):  # a capture knows neither
        m.spans("sent again", "rtx", "R", m.flow.again, dots=True)
        m.curves[-1].y = [0.0] * len(m.curves[-1].x)  # at the foot: when something was repaired
        m.curves[-1].top.clear()
    return m.finish("cwnd", "cwnd and ssthresh", "window", "bytes")


def _flight(m: _Maker, role: str, back: str) -> Plot:
    m.steps("SND.WND", back, "=", m.flow.window)
    m.steps("cwnd", "warn", "-", m.flow.cwnd)
    m.steps("in flight", role, "*", m.flow.flight)
    m.limit(m.curves[0])
    return m.finish("flight", "bytes in flight", "flight", "bytes")


def _rtt(m: _Maker, role: str, back: str) -> Plot:
    m.steps("RTO", "warn", "-", m.flow.rto)
    m.steps("SRTT", role, "*", m.flow.srtt)
    m.points("RTT sample", "bright", "o", m.flow.rtt)
    return m.finish("rtt", "round-trip time", "time", "ns")


def _stevens(m: _Maker, role: str, back: str) -> Plot:
    m.spans("sent", role, "·", m.flow.sent, dots=True)
    m.spans("sent again", "rtx", "R", m.flow.again, dots=True)
    m.spans("lost", "lost", "x", m.flow.lost, dots=True)
    return m.finish("stevens", "sequence numbers (Stevens)", "seq from ISS", "bytes", _floor(m))


def _tcptrace(m: _Maker, role: str, back: str) -> Plot:
    m.steps("window edge", "good", "=", m.flow.edge)
    m.steps("ACK", back, "-", m.flow.acks)
    m.spans("SACK", "dup", "S", m.flow.sacks)
    m.spans("sent", role, "|", m.flow.sent)
    m.spans("sent again", "rtx", "R", m.flow.again)
    m.limit(m.curves[0], _floor(m))
    return m.finish("tcptrace", "sequence numbers (tcptrace)", "seq from ISS", "bytes", _floor(m))


def _rate(m: _Maker, role: str, back: str) -> Plot:
    width = bin_width(m.end - m.start)
    m.rate("throughput", "dim", "-", m.flow.arrived, width)
    m.rate("goodput", role, "*", m.flow.taken, width)
    return m.finish("rate", f"throughput per {short(width / SECOND)} s", "rate", "bit/s")


#: Every plot: its name, how it is made, and what it shows in a sentence or two.
PLOTS: dict[str, tuple[Callable[[_Maker, str, str], Plot], str]] = {
    "cwnd": (_window, "How much the sender dares to have under way, and where slow start ends (RFC 5681)."),
    "flight": (_flight, "What is under way, beside the two limits: cwnd and the receiver's window SND.WND."),
    "rtt": (_rtt, "Each measured round trip, its smoothed value and the retransmission timeout (RFC 6298)."),
    "stevens": (_stevens, "Each segment at its time and sequence number: the slope is the rate, a dip is a repair."),
    "tcptrace": (_tcptrace, "What was sent between the ACKs below and the window's edge above, as tcptrace draws it."),
    "rate": (_rate, "Bytes that arrived, and those in order: a hole that is filled sets free all behind it at once."),
}
NAMES = tuple(PLOTS)
#: The letter by which a plot is chosen.
LETTERS = {"c": "cwnd", "f": "flight", "r": "rtt", "s": "stevens", "t": "tcptrace", "g": "rate"}


def plot_model(name: str, flow: Flow, start: int = 0, end: int | None = None, most: int = 400,
               role: str = "client", back: str = "server") -> Plot:
    """The plot `name` of a flow from `start` to `end` (ns; the last thing it knows when None).

    `most` is about how many points a curve is thinned to; `role` and `back` are the colour words of the sender and of
    its peer. Raises KeyError for a name that is not in `PLOTS`.
    """
    maker, _ = PLOTS[name]
    return maker(_Maker(flow, start, last_time(flow) if end is None else end, most), role, back)


def last_time(flow: Flow) -> int:
    """When something happened to a flow last (ns)."""
    return max((track.t[-1] for track in (flow.sent, flow.again, flow.acks, flow.arrived) if len(track)), default=0)


def first_time(flow: Flow) -> int:
    """When its first segment was sent (ns)."""
    return flow.sent.t[0] if len(flow.sent) else 0


def bin_width(span: int) -> int:
    """A round width (ns: 1, 2 or 5 times a power of ten) that divides `span` into at most 25 bins."""
    width = 1_000_000
    while True:
        for factor in (1, 2, 5):
            if width * factor * 25 >= span:
                return width * factor
        width *= 10


def rounded_up(value: float) -> float:
    """The next round number: an axis that ends there stands still while its curve grows."""
    power = 1e-9
    while power * 10 < value:
        power *= 10
    return next((power * step for step in (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8) if power * step >= value), power * 10)


def round_ticks(low: float, high: float, most: int) -> list[float]:
    """At most about `most` round numbers (1, 2 or 5 times a power of ten apart) from `low` to `high`."""
    span = high - low
    if span <= 0:
        return [low]
    step = 1e-9
    while True:
        for factor in (1, 2, 5):
            if span / (step * factor) <= most:
                step *= factor
                first = -(-low // step)
                ticks = [round((first + i) * step, 9) for i in range(most + 2)]
                return [tick for tick in ticks if tick <= high + span * 1e-6] or [low]
        step *= 10


def short(value: float) -> str:
    """A number in at most five characters or so."""
    if value >= 100 or value == round(value):
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.3g}"


def _unit(kind: str, top: float) -> tuple[str, float]:
    """A unit in which `top` is a short number: (name, how many of the base unit it is)."""
    if kind == "ns":
        return ("s", 1e9) if top >= 2e9 else ("ms", 1e6)
    if kind == "bytes":
        return ("MB", 1e6) if top >= 1e7 else ("kB", 1e3) if top >= 1e4 else ("bytes", 1.0)
    return ("Mbit/s", 1e6) if top >= 2e6 else ("kbit/s", 1e3) if top >= 2e3 else ("bit/s", 1.0)


def _floor(m: _Maker) -> int:
    """Where the y axis of a sequence plot begins: nothing below was sent in this stretch of time."""
    low = [part for spans in (m.flow.sent, m.flow.again)
           if (part := spans.lo[bisect_left(spans.t, m.start) : bisect_right(spans.t, m.end)])]
    return max(min(map(min, low), default=0), 0)


def _at(track: Track, t: int) -> int:
    """The value a track has at `t`; 0 before its first."""
    index = bisect_right(track.t, t) - 1
    return max(track.v[index], 0) if index >= 0 else 0


def _thinned(track: Track, start: int, end: int, most: int, carry: bool = True) -> tuple[Sequence[int], Sequence[int]]:
    """The points of a track from `start` to `end`, with the value it had at `start` (`carry`): at most about `most`.

    Of a stretch with many points the lowest, the highest and the last are kept, so that no peak is lost.
    """
    first, last = bisect_right(track.t, start) - 1 if carry else bisect_left(track.t, start), bisect_right(track.t, end)
    first = max(first, 0)
    if last - first <= most:
        return track.t[first:last], track.v[first:last]
    times, values = [track.t[first]], [track.v[first]]
    stretches = max(most // 3, 1)
    at = first + 1
    for number in range(1, stretches + 1):
        stop = bisect_right(track.t, start + (end - start) * number // stretches, at, last)
        if stop <= at:
            continue
        part = track.v[at:stop]
        keep = {at + part.index(min(part)), at + part.index(max(part)), stop - 1}
        for index in sorted(keep):
            times.append(track.t[index])
            values.append(track.v[index])
        at = stop
    return times, values
