"""What happens, in lines: segments as tcpdump prints them, below each what befell it, and every change of state."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from tcplab.live.world import PEER, LiveWorld
from tcplab.net.trace import Event
from tcplab.notation.segline import learn_base, tcpdump_line
from tcplab.tcp.why import explain

_FATES = ("lost", "duplicated", "corrupted", "reordered", "dropped")


class Story:
    """Turns the events of `world` into lines; `began` is the wall-clock time of the world's instant `zero` (ns)."""

    def __init__(self, world: LiveWorld, began: datetime, zero: int) -> None:
        self.world, self.began, self.zero = world, began, zero
        self.bases: dict[tuple[str, int, str, int], int] = {}

    def lines(self) -> Iterator[str]:
        """The lines of what happened since the last call."""
        events = self.world.sink or []
        for event in events:
            line = self._line(event)
            if line is not None:
                yield f"{self._time(event.t)} {line}"
        events.clear()

    def _time(self, t: int) -> str:
        return (self.began + timedelta(microseconds=(t - self.zero) // 1000)).strftime("%H:%M:%S.%f")

    def _line(self, event: Event) -> str | None:
        kind = event.kind
        if kind == "sent":
            segment = event.seg.segment
            learn_base(self.bases, segment)
            names = {event.seg.src: segment.src, event.seg.dst: segment.dst}
            version = "IP6" if ":" in segment.src else "IP"
            return f"{version} {tcpdump_line(event.seg, names, self.bases, ports=True)}"
        why = "" if event.why is None else f": {explain(event.why).text}"
        if kind in _FATES:
            return f"    #{event.seg.id} from {event.seg.segment.src} {kind}{why}"
        if event.host == PEER or not event.host:
            return None
        who = f"connection {event.conn}" if event.conn else "listener"
        if kind == "state":
            return f"    {who}: {event.get('from')} -> {event.get('to')}{why}"
        if kind == "rtx":
            return f"    {who}: sent again{why}"
        if kind == "error":
            return f"    {who}: {event.get('message')}"
        return None
