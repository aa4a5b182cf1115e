"""Two futures of one session side by side: what both did, where they part, what came of each. No drawing.

Both runs are read from their own events, a slice at a time, so that a long one never holds up the screen.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import Any

from tcplab.net.trace import Event
from tcplab.notation.units import format_size
from tcplab.session.branches import parting
from tcplab.session.explain import happened
from tcplab.views.entries import Entry, Story
from tcplab.views.flow import Flow
from tcplab.views.plots import NAMES, Plot, last_time, plot_model, rounded_up
from tcplab.views.series import Series

#: Events read in one frame.
SLICE = 8000

#: What is compared, in the order of `tab`: ladders, the plots by their names, figures.
VIEWS = ("ladders", *NAMES, "figures")


def seconds(ns: int) -> str:
    """An instant on the virtual clock in seconds: ``0.050``."""
    return f"{ns // 10**9}.{ns // 10**6 % 1000:03d}"


class Run:
    """One of the two: its name, its events, the segments and series read from them; `t` is where it ends (ns)."""

    def __init__(self, name: str, events: Sequence[Event], t: int) -> None:
        self.name, self.events, self.t = name, events, t
        self.story, self.series = Story(), Series()
        self._ends: list[int] = []

    def read(self) -> bool:
        """Read another slice. Returns whether all is read."""
        more = self.story.read(self.events, SLICE)
        return self.series.read(self.events, SLICE) and not more

    @property
    def share(self) -> int:
        """How much is read, in thousandths."""
        return 1000 if not self.events else self.series.count * 1000 // len(self.events)

    @property
    def entries(self) -> list[Entry]:
        return self.story.entries

    def index_at(self, t: int) -> int:
        """The first segment sent at `t` or later."""
        return bisect_left(self.entries, t, key=lambda entry: entry.rec.sent_at)

    def flow(self, host: str) -> Flow | None:
        """What a host sent: its connection that carried most."""
        mine = [flow for flow in self.series.flows if flow.src == host]
        return max(mine, key=lambda flow: flow.nxt, default=None)

    def states(self, host: str) -> list[str]:
        """The states a host went through on its newest connection's way."""
        path: list[str] = []
        for event in self.events:
            if event.kind == "state" and event.host == host:
                path = path or [str(event.get("from"))]
                path.append(str(event.get("to")))
        return path

    def figures(self, hosts: Sequence[str]) -> list[tuple[str, str]]:
        """What came of it, as (name, value) pairs; both runs have the same names in the same order."""
        entries = self.entries
        rows = [
            ("ends at", f"{seconds(self.t)} s"),
            ("segments sent", f"{len(entries):,}"),
            ("lost on the link", f"{sum(entry.fate == 'lost' for entry in entries):,}"),
            ("discarded on arrival", f"{sum(entry.fate == 'dropped' for entry in entries):,}"),
            ("sent again", f"{sum(entry.rec.repeated for entry in entries):,}"),
        ]
        for host in hosts:
            taken = sum(int(event.get("n", 0) or 0) for event in self.events
                        if event.kind == "received" and event.host == host)
            rows.append((f"{host}: bytes in order", format_size(taken, " ")))
        for host in hosts:
            rows.append((f"{host}: states", " → ".join(self.states(host)[-4:]) or "CLOSED"))
        return rows


class Comparison:
    """The future that is lived, on the left, and one of the others on the right."""

    def __init__(self, session: Any, hosts: Sequence[str]) -> None:
        self.session, self.hosts = session, tuple(hosts)
        self.names = session.branches.names
        self.here = Run(session.branches.name, tuple(session.trace), session.now)
        self.view = 0
        self.chosen = len(self.names) - 1
        self.choose(0)

    def choose(self, by: int) -> None:
        """Look at another one of the other futures."""
        self.chosen = (self.chosen + by) % len(self.names)
        branch = self.session.branches.look(self.names[self.chosen])
        self.there = Run(branch.name, branch.events, branch.t)
        self.first = parting(self.here.events, self.there.events)
        self.top: int | None = None

    @property
    def showing(self) -> str:
        """The view in front, one of `VIEWS`."""
        return VIEWS[self.view]

    def turn(self, by: int = 1) -> None:
        """The next thing to compare."""
        self.view = (self.view + by) % len(VIEWS)

    def read(self) -> bool:
        """Read a slice of both. Returns whether both are read."""
        return all([run.read() for run in (self.here, self.there)])

    @property
    def share(self) -> int:
        """How much of both is read, in thousandths."""
        return min(self.here.share, self.there.share)

    def difference(self, run: Run) -> str:
        """What a run did where they part."""
        if self.first >= len(run.events):
            return "nothing more so far"
        event = run.events[self.first]
        place = f"{event.host}: " if event.host and event.seg is None else ""
        return f"{seconds(event.t)}  {place}{happened(event)}"

    def shared(self, run: Run) -> int:
        """How many of a run's segments were sent before they part."""
        return bisect_left(run.entries, self.first, key=lambda entry: entry.born)

    # -- the ladders --------------------------------------------------------------------------------------------

    def times(self) -> list[int]:
        """Every instant at which a segment was sent on either side."""
        return sorted({entry.rec.sent_at for run in (self.here, self.there) for entry in run.entries})

    def top_time(self) -> int:
        """The instant (ns) with which both ladders begin: shortly before they part, until the learner scrolls."""
        times = self.times()
        if not times:
            return 0
        if self.top is None:
            index = max(self.shared(self.here) - 3, 0)
            entries = self.here.entries or self.there.entries
            wanted = entries[min(index, len(entries) - 1)].rec.sent_at
            self.top = bisect_left(times, wanted)
        self.top = max(0, min(self.top, len(times) - 1))
        return times[self.top]

    def scroll(self, by: int) -> None:
        """Both ladders up or down by so many instants."""
        self.top_time()
        self.top = max(0, (self.top or 0) + by)

    # -- the plots ----------------------------------------------------------------------------------------------

    def plots(self, name: str, points: int) -> tuple[Plot | None, Plot | None]:
        """The same plot of both, on the same axes, of the host that sent most."""
        host = max(self.hosts, key=lambda each: max((run.flow(each).nxt if run.flow(each) else 0)
                                                     for run in (self.here, self.there)))
        flows = [run.flow(host) for run in (self.here, self.there)]
        end = max((last_time(flow) for flow in flows if flow), default=0)
        role, back = ("client", "server") if host == self.hosts[0] else ("server", "client")
        end = int(rounded_up(max(end, 1_000_000) / 1e9) * 1e9)
        made = [plot_model(name, flow, 0, end, points, role, back) if flow else None for flow in flows]
        whole = [plot for plot in made if plot is not None]
        for plot in whole:
            plot.y0, plot.y1 = min(p.y0 for p in whole), max(p.y1 for p in whole)
        return made[0], made[1]
