"""What stands above the task: both hosts' panes and the ladder between them, from desk to rows."""

from __future__ import annotations

from dataclasses import replace

from .desk import Desk
from .draw.host_pane import PaneState, host_pane
from .draw.ladder import LadderState, ladder
from .draw.runs import Row, cut, row_width, spread

#: The variables of a lab about windows: its ladder says those of the segments.
_WINDOWS = frozenset({"snd_wnd", "rcv_wnd"})
#: So many segments of a run are on the last page of a lab.
_OWN = 40


def pane_rows(desk: Desk, index: int, cells: int, lines: int) -> list[Row]:
    """One host's pane."""
    view = desk.view
    host = desk.seen[index]
    conn = host.newest
    armed = (
        tuple((name, desk.story.armed.get((host.name, conn.n, name), view.t)) for name, _ in conn.tcb.timers)
        if conn is not None
        else ()
    )
    state = PaneState(
        view.guide.show,
        view.guide.hide,
        desk.everything,
        desk.relative,
        desk.changed[index],
        desk.current == index,
        armed,
    )
    return host_pane(host, index, view.t, state, cells, lines)


def ladder_rows(desk: Desk, cells: int, lines: int) -> list[Row]:
    """The ladder: up to now, or around the segment chosen on it or in the log."""
    view, entries = desk.view, desk.story.entries
    flights = {f.record.id: (f.depart, f.arrive) for f in view.in_flight}
    delay = max((d.delay for d in view.link.directions), default=0)
    state = LadderState((desk.hosts[0], desk.hosts[1]), view.t, flights, delay, desk.relative, desk.terminal.ascii,
                        veiled=desk.ladder.veiled, picked=desk.ladder.number(),
                        windows=bool(_WINDOWS & (view.guide.show or frozenset())))
    if not entries:
        return _empty_ladder(desk, cells, lines, state)
    first, end = desk.ladder.window(state, cells, lines)
    later = len(entries) - end
    if not later:
        return ladder(entries[first:end], desk.story, state, cells, lines)
    # What is seen is the past around the chosen segment; the last row says so.
    state = replace(state, until=entries[end].rec.sent_at)
    words = _later_words(desk, later)
    (bare,) = ladder([], desk.story, state, cells, 1)
    return [*ladder(entries[first:end], desk.story, state, cells, lines - 1),
            [*cut(bare, cells - row_width(words), ""), *words]]


def _later_words(desk: Desk, later: int) -> Row:
    """How much is not seen, and the key that brings it back."""
    return [(f" ▾ {later} later · {'G' if desk.ladder.focused else 'esc'}: newest ", "dim on-bar")]


def own_ladder(desk: Desk, cells: int) -> list[Row]:
    """What the learner's own run was at its end, for the last page: its newest segments, one row each."""
    entries = desk.story.entries[-_OWN:]
    if not entries:
        return []
    view = desk.view
    delay = max((d.delay for d in view.link.directions), default=0)
    state = LadderState((desk.hosts[0], desk.hosts[1]), view.t, {}, delay, desk.relative, desk.terminal.ascii,
                        straight=True)
    count = len(entries) + len(desk.story.late(entries[0].rec.sent_at))
    names: Row = [(" " * 8, "text"), *spread([(desk.hosts[0], "client")], [(desk.hosts[1], "server")], cells - 8)]
    return [names, *ladder(entries, desk.story, state, cells, count)]


def _empty_ladder(desk: Desk, cells: int, lines: int, state: LadderState) -> list[Row]:
    """Before the first segment: the two lifelines and what will be seen between them."""
    rows = ladder([], desk.story, state, cells, lines)
    words = ("segments cross here,", "time runs downwards")
    for offset, text in enumerate(words):
        y = lines // 2 - 1 + offset
        if 0 <= y < lines:
            line = "".join(t for t, _ in rows[y])
            at = (cells - len(text)) // 2
            left, right = line.find("│"), line.rfind("│")
            rows[y] = [
                (line[:left], "text"),
                ("│", "client"),
                (" " * (at - left - 1), "text"),
                (text, "faint"),
                (" " * (right - at - len(text)), "text"),
                ("│", "server"),
                (line[right + 1 :], "text"),
            ]
    return rows
