"""Page 7: series over time: windows, round trips, sequence numbers, throughput."""

from __future__ import annotations

from tcplab.tui.draw.plot import plot_rows
from tcplab.tui.draw.runs import Row, cut, spread
from tcplab.tui.key import LOOK, Key
from tcplab.views.flow import Flow
from tcplab.views.plots import NAMES, PLOTS, SECOND, first_time, last_time, plot_model, rounded_up

from .base import Page


class PlotsPage(Page):
    """One plot at a time: left and right choose which, up and down of which direction."""

    id, word, title = "plots", "Plots", "The plots"
    tip = "cwnd, flight, round trips, sequence numbers and throughput over time"
    about = (
        "What one direction of a connection did over time; left and right choose the plot, up and down the direction. "
        "The first row says what each line is and its newest value; time runs to the right. "
        "In the tcptrace form a sender works between the ACKs below and the window's edge above."
    )
    KEYS = (
        Key("plot_closer", "i", "i", "closer", "on the plots: the newer half of the time shown", LOOK, "plots"),
        Key("plot_whole", "u", "u", "all of it", "on the plots: the whole time again", LOOK, "plots"),
    )
    scrolls = False

    def __init__(self, desk) -> None:
        super().__init__(desk)
        self.name = NAMES[0]
        self.chosen: int | None = None
        self.closer = 0

    def flows(self) -> list[Flow]:
        """The directions there are to see: those that carried data, or all before any did."""
        flows = self.desk.series().flows
        return [flow for flow in flows if flow.nxt > 2] or list(flows)

    def flow(self) -> Flow | None:
        """The direction chosen, or else the newest that carried data."""
        flows = self.flows()
        if not flows:
            return None
        return flows[-1 if self.chosen is None else min(self.chosen, len(flows) - 1)]

    def rows(self, cells: int, lines: int) -> list[Row]:
        flow = self.flow()
        if flow is None:
            return [[("  the plots fill as segments are sent; ← → choose one of " + str(len(NAMES)), "faint")],
                    *([(f"  {name:<9}", "dim"), (PLOTS[name][1], "faint")] for name in NAMES)]
        return self._picture(self.name, flow, cells, lines)

    def picture(self, name: str, host: str, conn: int, cells: int, lines: int) -> list[Row]:
        """A plot of what a host's connection sends, for another page; nothing before its first segment."""
        flow = self.desk.series().flow(host, conn)
        return self._picture(name, flow, cells, lines) if flow is not None else []

    def _picture(self, name: str, flow: Flow, cells: int, lines: int) -> list[Row]:
        role, back = ("client", "server") if flow.src == self.desk.hosts[0] else ("server", "client")
        start, end = self.stretch(flow)
        plot = plot_model(name, flow, start, end, 2 * cells, role, back)
        head = self._head(flow, name, plot.title, role, cells)
        return [head, *plot_rows(plot, cells, lines - 1, self.desk.terminal.ascii)]

    def stretch(self, flow: Flow) -> tuple[int, int]:
        """From when to when (ns): the end is a round number of seconds later, so that the axis seldom moves."""
        first, last = first_time(flow), last_time(flow)
        span = last - first
        start = first + span - (span >> self.closer)
        return start, start + int(rounded_up(max(last - start, 1_000_000) / SECOND) * SECOND)

    def _head(self, flow: Flow, plot: str, title: str, role: str, cells: int) -> Row:
        several = len(self.flows()) > 1
        name: Row = [(f" {NAMES.index(plot) + 1}/{len(NAMES)} ", "dim"), (title, "bright bold"), ("  ", "text"),
                     (f"{flow.src} → {flow.dst}" + (f" #{flow.conn}" if flow.conn else ""), f"{role} bold")]
        if self.desk.plotted.behind:
            name.append((f"  reading … {100 * self.desk.series().count // len(self.desk.session.trace)} %", "warn"))
        keys = "← → plot" + ("  ↑ ↓ direction" if several else "") + "  i closer"
        mine = cells >= 70 and self.desk.page == self.id
        return spread(cut(name, cells), [(keys + " ", "faint")] if mine else [], cells)

    # -- keys ---------------------------------------------------------------------------------------------------

    def side(self, by: int) -> None:
        self.name = NAMES[(NAMES.index(self.name) + by) % len(NAMES)]

    def move(self, by: int) -> None:
        count = len(self.flows())
        if count:
            now = count - 1 if self.chosen is None else self.chosen
            self.chosen = (now + (1 if by > 0 else -1)) % count

    def first(self) -> None:
        self.chosen = 0

    def last(self) -> None:
        self.chosen = None

    def escape(self) -> bool:
        held = bool(self.closer)
        self.closer = 0
        return held

    def do_plot_closer(self) -> None:
        """i: half as much time, the newest."""
        self.closer = min(self.closer + 1, 12)

    def do_plot_whole(self) -> None:
        """u: all of it."""
        self.closer = 0
