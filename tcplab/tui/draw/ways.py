"""How much of the state diagram was walked, and the shortest way from where a host stands to every other state."""

from __future__ import annotations

from tcplab.session.views import SessionView

from .runs import Row, wrap


def ways_rows(view: SessionView, cells: int) -> list[Row]:
    """Coverage of the edges of Figure 5, then "How do I get there?" for each host, read from the graph of the table."""
    from tcplab.graph.fsm import coverage

    walked = coverage(view.coverage)
    rows: list[Row] = [[(f"Ways walked: {len(walked.walked)} of {walked.total}", "good bold")]]
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
