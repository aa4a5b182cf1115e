"""One host: its state as a badge, what it listens on, and the variables the lab reveals."""

from __future__ import annotations

from dataclasses import dataclass

from tcplab.net.views import ConnView, HostView
from tcplab.notation.glossary import variable_key
from tcplab.tcp.views import TcbView

from .bars import bar, timer_bar
from .runs import Row, block, cut, row_width
from .values import FULL, HIDDEN, TIMER_KEYS, Value, shown_keys, values

#: The colour word of the first and of the second host of a lab.
SIDES = ("client", "server")

_ALIVE = ("ESTABLISHED",)


@dataclass(frozen=True, slots=True)
class PaneState:
    """How panes are shown: which variables, which are dots, which changed last, numbers from zero or as sent."""

    show: frozenset[str] | None = None
    hide: frozenset[str] = frozenset()
    everything: bool = False
    relative: bool = False
    changed: frozenset[str] = frozenset()
    current: bool = False
    armed: tuple[tuple[str, int], ...] = ()


def state_of(host: HostView) -> str:
    """The state a host shows: its newest connection's, the last one of a connection that is gone (as an EXPR reads it);
    with none ever, LISTEN or CLOSED. A listener beside a connection is told apart from it."""
    if host.newest is not None:
        return host.newest.tcb.state
    return "LISTEN" if host.listening else "CLOSED"


def badge(host: HostView, side: int, hidden: bool = False) -> Row:
    """The state as a filled pill in the host's colour; dim when there is no connection."""
    state = HIDDEN if hidden else state_of(host)
    colour = SIDES[side]
    if state == "CLOSED":
        return [(" CLOSED ", f"dim on-pick {colour} bold")]
    return [(f" {state} ", f"ink on-{colour} bold")]


def host_pane(host: HostView, side: int, now: int, state: PaneState, cells: int, lines: int) -> list[Row]:
    """The pane of one host in exactly `cells` by `lines`."""
    conn = host.newest
    hidden = "state" in {variable_key(name) for name in state.hide}
    keys = shown_keys(state.show, state.everything)
    tcb = conn.tcb if conn is not None else None
    lines_left = lines - 1
    # The numbers of a connection that is gone make room for saying so.
    roomy = lines_left > len(keys) + 1 or (tcb is not None and tcb.gone and lines_left > 3)
    rows: list[Row] = [_head(host, side, conn, hidden, roomy, cells)]
    if roomy:
        # A row for each where they do not share one, that the numbers are old before that something listens.
        apart = _apart(host, cells - 2)[: 1 if lines_left <= len(keys) + 2 else 2] or [""]
        rows += [[(words, "faint")] for words in apart]
        lines_left -= len(apart)
    showing = values(tcb, keys, state.hide, now, state.relative, state.changed)
    rows += _lines(showing, tcb, now, state, side, cells, lines_left)
    return block([[(" ", "text"), *row] for row in rows], cells, lines)


def _apart(host: HostView, room: int) -> list[str]:
    """What stands below the badge: that the numbers are of a connection that was, and the listener's own LISTEN."""
    if host.newest is None:
        return []
    ports = ", ".join(str(port) for port, _, _ in host.listening)
    gone = "last values" if host.newest.tcb.gone else ""
    if not ports:
        return [f"({gone})"] if gone else []
    listens = (f"LISTEN on {ports} goes on", f"LISTEN on {ports}", f"LISTEN {ports}")
    both = [f"{gone}, {words}" for words in listens[:2]] if gone else []
    whole = next((f"({words})" for words in both if len(words) + 2 <= room), "")
    alone = next((f"({words})" for words in listens if len(words) + 2 <= room), "")
    return [whole] if whole else [words for words in (gone and f"({gone})", alone) if words]


def _head(host: HostView, side: int, conn: ConnView | None, hidden: bool, roomy: bool, cells: int) -> Row:
    """The badge, and beside it what else the host is doing: listening, several connections. Not `roomy`: there is no
    row below it for what is apart."""
    row = badge(host, side, hidden)
    room = cells - row_width(row) - 2
    ports = "/".join(str(port) for port, _, _ in host.listening)
    notes = []
    if len(host.connections) > 1 and conn is not None:
        notes.append(f"#{conn.n}")
    if host.listening and conn is None:
        notes.append(f"on {ports}")
    if conn is not None and conn.tcb.gone:
        notes.append("gone" if roomy else "last values")
    if conn is not None and not conn.reading:
        notes.append("not reading")
    text = " ".join(notes)
    if len(text) > room:
        text = text.replace("last values", "gone")
    if len(text) > room:
        # A word cut in the middle misleads; that the program does not read shows in `unread` too.
        text = text[: room + 1].rpartition(" ")[0] if text[: room + 1].rstrip() not in ("not",) else ""
        text = text.removesuffix("not").rstrip()
    if text and room >= 3:
        row.append((" " + text[:room], "dim"))
    return row


def _lines(
    showing: list[Value], tcb: TcbView | None, now: int, state: PaneState, side: int, cells: int, room: int
) -> list[Row]:
    """Variables, a bar under `timer` and `flight` when there is room; groups set apart in a tall pane."""
    bars = _bars(showing, tcb, now, state, side, cells)
    spare = room - len(showing)
    rows: list[Row] = []
    for value in showing:
        # A number of ten digits may take the right margin, so that its name is not cut.
        tight = len(value.label) + len(value.text) + 1 > cells - 2
        row = _line(value, side, cells - (1 if tight else 2))
        rows.append([(text, "faint") for text, _ in row] if tcb is not None and tcb.gone else row)
        if value.key in bars and spare > 0:
            rows.append(bars[value.key])
            spare -= 1
    return rows[:room]


def _bars(
    showing: list[Value], tcb: TcbView | None, now: int, state: PaneState, side: int, cells: int
) -> dict[str, Row]:
    if tcb is None:
        return {}
    bars: dict[str, Row] = {}
    begun, deadlines = dict(state.armed), dict(tcb.timers)
    soonest = min(tcb.timers, key=lambda pair: pair[1])[0] if tcb.timers else ""
    for value in showing:
        name = soonest if value.key == "timer" else TIMER_KEYS.get(value.key, "")
        if name in deadlines and value.text != HIDDEN:
            deadline = deadlines[name]
            bars[value.key] = timer_bar(deadline - now, deadline - begun.get(name, now), cells - 2)
    if tcb.flight or (tcb.snd_wnd is not None and state.everything):
        limit = min(tcb.snd_wnd or 0, tcb.cwnd or tcb.snd_wnd or 0) or tcb.flight
        bars["flight"] = bar(tcb.flight, limit, cells - 2, SIDES[side])
    return bars


#: Words that leave no room for their label in a narrow pane.
_SHORTER = {"congestion avoidance": "avoidance"}


def _line(value: Value, side: int, cells: int) -> Row:
    label_style = "dim"
    style = "bright bold under" if value.changed else "faint" if value.text in ("–", HIDDEN) else "text"
    gap = cells - len(value.label) - len(value.text)
    if gap < 1 and value.text in _SHORTER:
        value = value._replace(text=_SHORTER[value.text])
        gap = cells - len(value.label) - len(value.text)
    if gap < 1:
        return cut(
            [(value.label[: max(cells - len(value.text) - 1, 1)] + " ", label_style), (value.text, style)], cells
        )
    return [(value.label, label_style), (" " * gap, "text"), (value.text, style)]


def first_seen(show: frozenset[str] | None, everything: bool, tcb: TcbView | None) -> tuple[str, ...]:
    """The shown variables that have a value by now: what must have been explained."""
    if tcb is None:
        return ()
    keys = shown_keys(show, everything)
    return tuple(v.key for v in values(tcb, keys or FULL, frozenset(), 0, False) if v.text != "–")
