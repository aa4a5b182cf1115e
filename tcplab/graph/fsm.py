"""The table of transitions as a graph: what was walked, how to get from here to there, the whole for Graphviz.

The only file with networkx, which is imported when the first question is asked. Every answer is read from
TRANSITIONS (or from a table handed in), so the graph cannot say anything the endpoint would not do.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from tcplab.tcp.state import TRANSITIONS, State, Transition

if TYPE_CHECKING:
    from networkx import MultiDiGraph

Edge = tuple[str, str]


def build(table: Sequence[Transition] = TRANSITIONS) -> MultiDiGraph:
    """The whole table: states are nodes, every row is an edge keyed by its event, with the row as `row`.

    Nodes and edges stand in the order of the table, so that answers do not depend on anything else.
    """
    from networkx import MultiDiGraph

    graph = MultiDiGraph()
    graph.add_nodes_from(state for state in State)
    for row in table:
        graph.add_edge(row.source, row.target, key=row.event, row=row)
    return graph


def drawn_edges(table: Sequence[Transition] = TRANSITIONS) -> tuple[Edge, ...]:
    """The edges of Figure 5 as (source, target), in the order of the table; two rows with the same ends are one."""
    return tuple(dict.fromkeys((str(row.source), str(row.target)) for row in table if row.drawn))


@dataclass(frozen=True, slots=True)
class Coverage:
    """Which edges of Figure 5 were walked: both lists in the order of the table."""

    walked: tuple[Edge, ...]
    missing: tuple[Edge, ...]

    @property
    def total(self) -> int:
        return len(self.walked) + len(self.missing)

    @property
    def percent(self) -> int:
        """Rounded down, so that 100 means all."""
        return 100 * len(self.walked) // self.total if self.total else 100


def coverage(walked: Iterable[Sequence[str]], table: Sequence[Transition] = TRANSITIONS) -> Coverage:
    """The coverage by `walked`: (source, target), or (host, source, target, event) as a session's view lists them."""
    seen = {_ends(step) for step in walked}
    edges = drawn_edges(table)
    return Coverage(tuple(edge for edge in edges if edge in seen), tuple(edge for edge in edges if edge not in seen))


def _ends(step: Sequence[str]) -> Edge:
    """Source and target of a step, whether or not it names a host before them and an event behind them."""
    source, target = step if len(step) == 2 else step[1:3]
    return str(source), str(target)


def path_to(source: str, target: str, table: Sequence[Transition] = TRANSITIONS) -> tuple[Transition, ...] | None:
    """How to get from `source` to `target`: the rows of the shortest way along Figure 5, None if there is none.

    Between equal ways the one through ESTABLISHED is the usual one, then the table's order decides. Aborts and
    resets are no way to get anywhere and are left out. Raises ValueError for a name that is no state.
    """
    from networkx import NetworkXNoPath, all_shortest_paths

    start, goal = State(source), State(target)
    rows = [row for row in table if row.drawn]
    graph = build(rows)
    try:
        ways = [_rows(graph, states) for states in all_shortest_paths(graph, start, goal)]
    except NetworkXNoPath:
        return None
    return min(ways, key=lambda way: (State.ESTABLISHED not in [row.target for row in way], list(map(rows.index, way))))


def _rows(graph: MultiDiGraph, states: Sequence[State]) -> tuple[Transition, ...]:
    """The first row of the table for each step along `states`."""
    return tuple(next(iter(graph[here][there].values()))["row"] for here, there in pairwise(states))


def to_dot(walked: Iterable[Sequence[str]] = (), table: Sequence[Transition] = TRANSITIONS) -> str:
    """The diagram for Graphviz: walked edges bold, the ways by abort, reset and giving up as one dashed edge each."""
    done = {_ends(step) for step in walked}
    lines = ["digraph tcp {", '  rankdir=TB; node [shape=box, style=rounded, fontname="monospace"];',
             '  edge [fontname="monospace", fontsize=10];']
    lines += [f'  "{state}";' for state in State]
    for edge in drawn_edges(table):
        rows = [row for row in table if row.drawn and (row.source, row.target) == edge]
        label = "\\n".join(row.label for row in rows)
        style = ", style=bold" if edge in done else ""
        clause = ", ".join(dict.fromkeys(row.clause for row in rows))
        lines.append(f'  "{edge[0]}" -> "{edge[1]}" [label="{label}", tooltip="{clause}"{style}];')
    for source in dict.fromkeys(row.source for row in table if not row.drawn):
        target = State.CLOSED  # note 3 of Figure 5; the few rare ways elsewhere are words only
        events = ", ".join(str(row.event) for row in table if not row.drawn and row.source is source)
        lines.append(f'  "{source}" -> "{target}" [style=dashed, color=gray, tooltip="{events}"];')
    return "\n".join([*lines, "}", ""])
