"""All variables of both ends side by side, each with one sentence: the page called TCB."""

from __future__ import annotations

from collections.abc import Sequence

from tcplab.net.views import HostView
from tcplab.notation.glossary import VARIABLES

from .bars import sequence_bar
from .runs import Row, cut, wrap
from .values import FULL, values

_ORDER = tuple(dict.fromkeys((*FULL, *VARIABLES)))
_LEFT_OUT = ("state", "mss", "rtx_timer", "persist_timer", "delack_timer", "time_wait_timer", "user_timer", "gone")


def tcb_table(
    hosts: Sequence[HostView],
    keys: Sequence[str] | None,
    hide: frozenset[str],
    now: int,
    relative: bool,
    changed: Sequence[frozenset[str]],
    cells: int,
) -> list[Row]:
    """One row a variable; `keys` None means all. The sentences wrap under themselves."""
    chosen = tuple(key for key in (keys or _ORDER) if key not in _LEFT_OUT)
    columns = []
    for index, host in enumerate(hosts[:2]):
        tcb = host.newest.tcb if host.newest is not None else None
        columns.append(
            values(tcb, chosen, hide, now, relative, changed[index] if index < len(changed) else frozenset())
        )
    name_cells, value_cells = 16, 12
    room = cells - name_cells - 2 * value_cells - 3
    rows: list[Row] = [
        [
            (" variable".ljust(name_cells), "head bold"),
            *[
                (f"{host.name[: value_cells - 2]:>{value_cells - 1}} ", f"{('client', 'server')[i]} bold")
                for i, host in enumerate(hosts[:2])
            ],
            (" what it is" if room > 20 else "", "head bold"),
        ]
    ]
    for line, key in enumerate(key for key in chosen if key in VARIABLES):
        gloss = VARIABLES[key]
        row: Row = [(f" {gloss.rfc[: name_cells - 2]:<{name_cells - 1}}", "text")]
        for column in columns:
            value = column[line]
            style = "bright bold under" if value.changed else "faint" if value.text == "–" else "bright"
            row += [(" " * max(value_cells - 1 - len(value.text), 0), "text"), (value.text, style), (" ", "text")]
        if room > 20:
            words = wrap([(gloss.text, "dim")], room)
            rows.append([*row, (" ", "text"), *words[0]])
            rows += [[(" " * (name_cells + 2 * value_cells + 1), "text"), *more] for more in words[1:]]
        else:
            rows.append(cut(row, cells))
    return rows


def windows(hosts: Sequence[HostView], cells: int) -> list[Row]:
    """The send window of each host as a bar: sent and not acknowledged, and what may still be sent."""
    rows: list[Row] = []
    for side, host in enumerate(hosts[:2]):
        tcb = host.newest.tcb if host.newest is not None else None
        if tcb is None or tcb.snd_una is None or tcb.snd_wnd is None:
            continue
        style = ("client", "server")[side]
        text = f" {tcb.flight} B of {tcb.snd_wnd} B under way"
        bar = sequence_bar(0, tcb.flight, tcb.snd_wnd, max(cells - len(text) - 10, 6), style)
        rows.append([(f" {host.name[:7]:<8}", style), *bar, (text, "dim")])
    return rows
