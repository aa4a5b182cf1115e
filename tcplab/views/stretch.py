"""Which stretch of time a plot shows: the one that tells most at first, then what the keys choose."""

from __future__ import annotations

from dataclasses import dataclass

from .flow import Flow
from .plots import SECOND, first_time, last_time, rounded_up

#: So many instants of a flow are looked at to find where it was busy.
_SAMPLES = 2000
#: A silence of more than this part (in percent) of the time squeezes everything else.
_SQUEEZES = 60
#: The shortest stretch that is shown (ns).
SHORTEST = 1_000_000


def busy(flow: Flow) -> tuple[int, int]:
    """From when to when (ns) a flow was busy: without a straggler behind, or before, a silence longer than all else."""
    times: list[int] = []
    for track in (flow.sent, flow.again, flow.acks, flow.arrived):
        step = max(1, len(track.t) // (_SAMPLES // 4))
        times += track.t[::step]
        times += track.t[-1:]
    times.sort()
    while len(times) > 7:
        gap, at = max((times[i + 1] - times[i], i) for i in range(len(times) - 1))
        if gap * 100 <= (times[-1] - times[0]) * _SQUEEZES:
            break
        times = times[: at + 1] if at + 1 >= len(times) - at - 1 else times[at + 1 :]
    return (times[0], times[-1]) if times else (0, 0)


@dataclass
class Stretch:
    """What the keys have chosen: `span` ns up to `end`; None: the whole, up to the newest. `all` shows silences too."""

    span: int | None = None
    end: int | None = None
    all: bool = False

    def of(self, flow: Flow) -> tuple[int, int]:
        """From when to when (ns) a flow is shown.

        An axis that ends with the newest ends at a round number of seconds after its begin, so that it seldom moves.
        """
        first, last = first_time(flow), last_time(flow)
        if self.span is None and not self.all:
            first, end = busy(flow)
            if end < last:
                return first, end + max((end - first) // 20, SHORTEST)
        if self.span is not None and self.end is not None:
            return max(self.end - self.span, first), self.end
        if self.span is not None:
            first = max(last - self.span, first)
        return first, first + int(rounded_up(max(last - first, SHORTEST) / SECOND) * SECOND)

    def squeezed(self, flow: Flow) -> bool:
        """Whether what is shown is not the whole."""
        start, end = self.of(flow)
        return start > first_time(flow) or end < last_time(flow)

    def closer(self, flow: Flow, at: int | None = None) -> None:
        """Half as much time: about the middle, about `at` (ns), or the newest half as long as the newest is seen."""
        start, end = self.of(flow)
        last = last_time(flow)
        span = max((min(end, last) - start) // 2, SHORTEST)
        if at is None and end >= last:
            self.span, self.end = span, None
        else:
            middle = (start + end) // 2 if at is None else at
            end = max(middle + span // 2, first_time(flow) + span)
            self.span, self.end = span, None if end >= last else end

    def wider(self, flow: Flow) -> None:
        """Twice as much time, at most all of it."""
        start, end = self.of(flow)
        first, last = first_time(flow), last_time(flow)
        span = 2 * (min(end, last) - start)
        if span * 100 >= (last - first) * 99:
            self.whole()
            return
        newest = end >= last
        self.span, self.end = span, None if newest else min(max((start + end) // 2 + span // 2, first + span), last)

    def move(self, flow: Flow, by: int) -> bool:
        """Half of what is shown earlier (-1) or later (1). Returns whether there was anything to move to."""
        start, end = self.of(flow)
        first, last = first_time(flow), last_time(flow)
        end = min(end, last)
        span = end - start
        to = min(max(end + by * span // 2, first + span), last)
        if to == end:
            return False
        self.span, self.end = span, None if to >= last else to
        return True

    def whole(self) -> None:
        """All of it."""
        self.span, self.end, self.all = None, None, True

    def first(self) -> bool:
        """As at first. Returns whether that is a change."""
        was = (self.span, self.end, self.all)
        self.span, self.end, self.all = None, None, False
        return was != (None, None, False)
