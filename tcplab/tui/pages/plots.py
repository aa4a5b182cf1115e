"""Page 7: series over time: windows, round trips, sequence numbers, throughput."""

from __future__ import annotations

from collections.abc import Callable

from tcplab.tui.draw.plot import NOTHING, plot_rows
from tcplab.tui.draw.runs import Row, cut, row_width, spread
from tcplab.tui.key import LOOK, Key
from tcplab.views.flow import Flow
from tcplab.views.plots import LETTERS, NAMES, PLOTS, SECOND, last_time, plot_model, short
from tcplab.views.stretch import Stretch

from .base import Page

#: A plot in so few rows says little: `z` gives it more.
SMALL = 10


class PlotsPage(Page):
    """One plot at a time: left and right choose which, up and down of which direction."""

    id, word, title = "plots", "Plots", "The plots"
    tip = "cwnd, flight, round trips, sequence numbers and throughput over time"
    about = (
        "What one direction of a connection did over time; left and right, or `p` and a letter, choose the plot, up "
        "and down the direction. The first row says what each line is and its newest value (`↑`: above the picture); "
        "in the tcptrace form a sender works between the ACKs below and the window's edge above. "
        "Time runs to the right: `i` and `o` look closer and wider, `,` and `.` move, `u` shows all of it."
    )
    KEYS = (
        Key("plot_pick", "p", "p", "plot", "on the plots: then a letter: c cwnd, f flight, r round trips ...", LOOK,
            "plots"),
        Key("plot_closer", "i", "i", "closer", "on the plots: half of the time shown, the newest or the middle", LOOK,
            "plots"),
        Key("plot_wider", "o", "o", "wider", "on the plots: twice as much time", LOOK, "plots"),
        Key("plot_earlier", "comma", ",", "earlier", "on the plots: half of what is shown back in time", LOOK, "plots"),
        Key("plot_later", "full_stop", ".", "later", "on the plots: half of what is shown forward in time", LOOK,
            "plots"),
        Key("plot_whole", "u", "u", "all of it", "on the plots: the whole time; again: where it was busy", LOOK,
            "plots"),
    )
    scrolls = False
    #: What is said where a plot has nothing to draw.
    nothing = NOTHING

    def __init__(self, desk) -> None:
        super().__init__(desk)
        self.name = NAMES[0]
        self.chosen: int | None = None
        # A session's newest is what is looked at; a capture may have stragglers, which would squeeze all else.
        self.shown = Stretch(all=not desk.captured)

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

    def help_rows(self, cells: int) -> list[Row]:
        return self.simple_rows(cells)

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
        head = self._head(flow, name, plot.title, role, cells, lines < SMALL and not self.desk.zoomed)
        return [head, *plot_rows(plot, cells, lines - 1, self.desk.terminal.ascii, self.nothing)]

    def stretch(self, flow: Flow) -> tuple[int, int]:
        """From when to when (ns) a flow is shown."""
        return self.shown.of(flow)

    def _head(self, flow: Flow, plot: str, title: str, role: str, cells: int, small: bool = False) -> Row:
        several = len(self.flows()) > 1
        name: Row = [(f" {NAMES.index(plot) + 1}/{len(NAMES)} ", "dim"), (title, "bright bold"), ("  ", "text"),
                     (f"{flow.src} → {flow.dst}" + (f" #{flow.conn}" if flow.conn else ""), f"{role} bold")]
        if self.desk.plotted.behind:
            name.append((f"  reading … {100 * self.desk.series().count // len(self.desk.session.trace)} %", "warn"))
        part = self._part(flow)
        room = cells - row_width(name) - len(part) - 5
        way = "↑ ↓ direction  " if several and cells >= 100 else "z larger  " if small else ""
        keys = next((words for words in (f"{way}p which  i o zoom  , . move", f"{way}p which  i o  , .",
                                         "p which  i o  , .", "p  i o  , .") if len(words) <= room), "")
        mine = [(keys + " ", "faint")] if cells >= 60 and self.desk.page == self.id else []
        return spread(cut(name, cells), [("  ", "text"), (part, "warn"), ("  ", "text"), *mine], cells)

    def _part(self, flow: Flow) -> str:
        """How much of the time is seen, where it is not all."""
        if not self.shown.squeezed(flow):
            return ""
        start, end = self.shown.of(flow)
        last = last_time(flow)
        return f"{short(start / SECOND)}–{short(min(end, last) / SECOND)} of {short(last / SECOND)} s"

    def footer(self) -> str | tuple[str, ...]:
        """A plot that fills the window offers its own keys."""
        zoomed = self.desk.zoomed and not self.desk.pacer.running
        return ("zoom", "plot_pick", "plot_closer", "plot_wider", "plot_earlier", "plot_later", "plot_whole",
                "explain:help", "quit") if zoomed else ""

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
        before = (self.shown.span, self.shown.end)
        self.shown = Stretch(all=not self.desk.captured)
        return before != (None, None)

    def wheel(self, by: int) -> None:
        """The wheel looks closer, or wider."""
        (self.do_plot_closer if by < 0 else self.do_plot_wider)()

    def click(self, x: int, y: int, cells: int, lines: int) -> None:
        """A click looks closer at what lies under it."""
        flow = self.flow()
        if flow is not None and y > 1:
            start, end = self.stretch(flow)
            left = 5  # about as much as the numbers of the other axis take
            self.shown.closer(flow, start + (end - start) * max(0, x - left) // max(cells - left, 1))

    def do_plot_pick(self) -> None:
        """p: the next letter chooses the plot."""
        self.desk.mode = "plot"
        self.desk.say("c cwnd · f flight · r round trips · s Stevens · t tcptrace · g throughput", "bright")

    def pick(self, letter: str | None) -> None:
        """The letter after `p`; any other key leaves things as they are."""
        self.desk.mode, self.desk.message = "keys", ""
        self.name = LETTERS.get(letter or "", self.name)

    def _on_flow(self, act: Callable[[Flow], object]) -> None:
        flow = self.flow()
        if flow is not None:
            act(flow)

    def do_plot_closer(self) -> None:
        """i: half as much time."""
        self._on_flow(self.shown.closer)

    def do_plot_wider(self) -> None:
        """o: twice as much time."""
        self._on_flow(self.shown.wider)

    def _move(self, by: int) -> None:
        flow = self.flow()
        if flow is not None and not self.shown.move(flow, by):
            self.desk.say("This is where it begins." if by < 0 else "This is the newest.", "dim")

    def do_plot_earlier(self) -> None:
        """,: back in time."""
        self._move(-1)

    def do_plot_later(self) -> None:
        """.: forward in time."""
        self._move(1)

    def do_plot_whole(self) -> None:
        """u: all of it, and again: where it was busy."""
        if self.shown.span is None and self.shown.all:
            self.shown.first()
        else:
            self.shown.whole()
