"""graph/fsm.py: every answer comes from the table."""

import subprocess
import sys

import pytest

from tcplab.graph import fsm
from tcplab.tcp.state import TRANSITIONS, State, transition

HAPPY = [("CLOSED", "SYN-SENT"), ("SYN-SENT", "ESTABLISHED"), ("ESTABLISHED", "FIN-WAIT-1"),
         ("FIN-WAIT-1", "FIN-WAIT-2"), ("FIN-WAIT-2", "TIME-WAIT"), ("TIME-WAIT", "CLOSED")]


def names(path):
    return [str(path[0].source)] + [str(row.target) for row in path]


def test_the_graph_is_the_table():
    graph = fsm.build()
    assert [data["row"] for _, _, data in graph.edges(data=True)] and graph.number_of_edges() == len(TRANSITIONS)
    assert {data["row"] for _, _, data in graph.edges(data=True)} == set(TRANSITIONS)
    assert list(graph) == list(State)


def test_how_do_i_get_to_closing():
    path = fsm.path_to("ESTABLISHED", "CLOSING")
    assert names(path) == ["ESTABLISHED", "FIN-WAIT-1", "CLOSING"]
    assert names(fsm.path_to("CLOSED", "CLOSING")) == [
        "CLOSED", "SYN-SENT", "ESTABLISHED", "FIN-WAIT-1", "CLOSING"]


@pytest.mark.parametrize("source", [str(state) for state in State])
@pytest.mark.parametrize("target", [str(state) for state in State])
def test_every_path_is_walkable_row_by_row(source, target):
    path = fsm.path_to(source, target)
    at = State(source)
    for row in path:
        assert row.drawn and row.source is at and transition(at, row.event) is row
        at = row.target
    assert at == target
    assert (path == ()) == (source == target)


def test_no_way_is_none_and_no_state_is_an_error():
    table = [row for row in TRANSITIONS if row.target is not State.CLOSING]
    assert fsm.path_to("CLOSED", "CLOSING", table) is None
    with pytest.raises(ValueError):
        fsm.path_to("CLOSED", "OPEN")


def test_coverage_counts_drawn_edges_once():
    edges = fsm.drawn_edges()
    assert len(edges) == len(set(edges)) == 21
    seen = fsm.coverage([("client", *edge) for edge in HAPPY] + HAPPY + [("ESTABLISHED", "CLOSED")])
    assert sorted(seen.walked) == sorted(HAPPY)
    assert seen.total == 21 and seen.percent == 100 * 6 // 21
    assert fsm.coverage(edges).percent == 100 and fsm.coverage(edges).missing == ()
    assert fsm.coverage([]).walked == ()


def test_dot_names_every_edge():
    dot = fsm.to_dot(HAPPY)
    assert dot.count(" -> ") == 21 + len({row.source for row in TRANSITIONS if not row.drawn})
    assert '"SYN-RECEIVED" -> "TIME-WAIT"' not in dot  # a rare way is no edge
    assert dot.count("style=bold") == len(HAPPY) and dot.count("style=dashed") == 10
    assert '"LISTEN" -> "SYN-SENT" [label="SEND / SYN\\nactive OPEN / SYN"' in dot
    assert dot == fsm.to_dot(HAPPY)


def test_networkx_comes_with_the_first_question():
    code = "import sys, tcplab.graph.fsm as f; f.coverage([]); sys.exit('networkx' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
