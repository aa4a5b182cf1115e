"""How much of the state diagram was walked, and the shortest way from where a host stands to every other state."""

from __future__ import annotations

from tcplab.session.views import SessionView
from tcplab.tcp.state import State

from .runs import Row, wrap


def ways_rows(view: SessionView, cells: int) -> list[Row]:
    """Coverage of the edges of Figure 5, then "How do I get there?" for each host, read from the graph of the table."""
    from tcplab.graph.fsm import coverage

    walked = coverage(view.coverage)
    rows: list[Row] = [[(f"State changes seen: {len(walked.walked)} of {walked.total}", "good bold")]]
    for host in view.hosts:
        state = host.newest.tcb.state if host.newest else "LISTEN" if host.listening else "CLOSED"
        rows += [[], [(f"How does {host.name} get there from {state}?", "good bold")], *_from(state, cells)]
    return [*rows, []]


def _from(state: str, cells: int) -> list[Row]:
    """One row or more for each other state: the events on the shortest way, first to last."""
    from tcplab.graph.fsm import drawn_edges, path_to

    rows: list[Row] = []
    for target in dict.fromkeys(target for _, target in drawn_edges()):
        way = path_to(state, target) if target != state else ()
        if way:
            words = ", then ".join(f"{row.event}" for row in way)
            rows += wrap([(words, "dim")], cells, " " * 15, f" {target:<14}")
    return rows


#: How the boxes of the diagram shorten names.
_SHORT = {"ESTAB": "ESTABLISHED", "SYN-RCVD": "SYN-RECEIVED"}


def state_at(row: str, x: int) -> str:
    """The state whose name stands at cell `x` of a row of the diagram, '' for none."""
    names = {state.value: state.value for state in State} | _SHORT
    for short in sorted(names, key=len, reverse=True):
        at = row.find(short)
        while at >= 0:
            if at - 2 <= x < at + len(short) + 2:
                return names[short]
            at = row.find(short, at + 1)
    return ""


def way_words(host: str, state: str, target: str) -> str:
    """How a host in `state` gets to `target`, in one sentence."""
    from tcplab.graph.fsm import path_to

    if state == target:
        return f"The {host} is in {state}."
    way = path_to(state, target)
    if not way:
        return f"No way leads from {state} to {target} by itself."
    return f"The {host} gets from {state} to {target} by: " + ", then ".join(str(row.event) for row in way)
