"""Every row of the table of transitions is walked by a real endpoint, and nothing moves beside the table."""

import ast
import pathlib
from dataclasses import replace

import pytest

import tcplab.tcp
from tcplab.tcp import FIN, RST, SYN, TRANSITIONS, Event, IllegalTransition, Options, State, transition
from tcplab.tcp.icmp import UNREACHABLE, IcmpError
from tests.support import states as st

S = 1_000_000_000
E = Event


OPEN_TO_ATTACK = replace(st.CONFIG, rfc5961=False, rfc6191=False)


def quick_death(event):
    """A configuration in which silence ends by `event`."""
    if event is E.GIVE_UP:
        return replace(st.CONFIG, r2=2, r2_syn=2, user_timeout_ns=None)
    return replace(st.CONFIG, r2=None, r2_syn=None, user_timeout_ns=20 * S)


def silence(source, event):
    bench = st.BUILD[source](config=quick_death(event))
    if source in (State.ESTABLISHED, State.CLOSE_WAIT):
        bench.end.send(b"hello", 0)
    bench.wait(100 * S)
    return bench


def walk(source, event):
    """Make `event` happen in `source`; returns the bench."""
    if (source, event) == (State.FIN_WAIT_2, E.GIVE_UP):
        bench = st.fin_wait_2(config=replace(st.CONFIG, keepalive_ns=S))
        bench.wait(2000 * S)
        return bench
    if event in (E.GIVE_UP, E.USER_TIMEOUT):
        return silence(source, event)
    if (source, event) == (State.LISTEN, E.SEND):
        bench = st.closed()
        bench.end.open_passive(0, st.PEER)
        bench.end.send(b"x", 0)
        return bench
    if source is State.SYN_RECEIVED and event in (E.RCV_RST, E.RCV_SYN_IN_WINDOW, E.ICMP_HARD):
        bench = st.syn_received_active(config=OPEN_TO_ATTACK)
    elif event is E.REOPEN_FAILED:
        bench = st.closed()
        bench.end.open_passive(0, None, st.time_wait().end.reopen(st.time_wait().seg(5000, SYN)))
        bench.give(0, SYN)
    elif event is E.ABORT_KEPT:
        bench = st.BUILD[source](config=replace(st.CONFIG, abort_time_wait=True))
    elif event is E.RCV_NEW_SYN:
        bench = st.time_wait(config=replace(st.CONFIG, rfc6191=True))
    elif event is E.RCV_SYN_IN_WINDOW:
        bench = st.BUILD[source](config=OPEN_TO_ATTACK)
    else:
        bench = st.BUILD[source]()
    _DO[event](bench)
    return bench


def give_syn(bench):
    if bench.end.state is State.SYN_RECEIVED:
        bench.give(5, SYN)
    else:
        bench.give(0, SYN, options=Options(mss=100))


def give_rst(bench):
    state = bench.end.state
    bench.give(0 if state is State.SYN_SENT else bench.end.status().rcv_nxt - st.IRS, RST, ack=1)


def give_icmp(bench):
    if bench.end.state in (State.ESTABLISHED, State.CLOSE_WAIT):
        bench.end.send(b"x", 0)
    bench.end.icmp(IcmpError(UNREACHABLE, bench.end.status().snd_una, "port"), 0)


def give_ack_of_fin(bench):
    rcv = bench.end.status().rcv_nxt - st.IRS
    bench.give(rcv, 0, ack=2)


_DO = {
    E.PASSIVE_OPEN: lambda b: b.end.open_passive(0),
    E.ACTIVE_OPEN: lambda b: b.end.open_active(st.PEER, 0),
    E.CLOSE: lambda b: b.end.close(0),
    E.ABORT: lambda b: b.end.abort(0),
    E.RCV_SYN: give_syn,
    E.ICMP_HARD: give_icmp,
    E.RCV_NEW_SYN: lambda b: b.end.reopen(b.seg(5000, SYN)),
    E.RCV_SYN_IN_WINDOW: lambda b: b.give(b.end.status().rcv_nxt - st.IRS, SYN),
    E.RCV_SYN_ACK: lambda b: b.give(0, SYN, ack=1),
    E.RCV_ACK_OF_SYN: lambda b: b.give(1, 0, ack=1),
    E.RCV_FIN: lambda b: b.give(1, FIN, ack=2 if b.end.state is State.FIN_WAIT_2 else 1),
    E.RCV_ACK_OF_FIN: give_ack_of_fin,
    E.RCV_FIN_AND_ACK_OF_FIN: lambda b: b.give(1, FIN, ack=2),
    E.RCV_RST: give_rst,
    E.RCV_RST_PASSIVE: give_rst,
    E.ICMP_HARD_PASSIVE: give_icmp,
    E.REOPEN_FAILED: give_rst,
    E.ABORT_KEPT: lambda b: b.end.abort(0),
    E.TIME_WAIT_TIMEOUT: lambda b: b.wait(60 * S),
}


@pytest.mark.parametrize("row", TRANSITIONS, ids=lambda row: f"{row.source}--{row.event}")
def test_every_row_is_walked(row):  # RFC 9293 3.3.2
    if (row.source, row.event) == (State.TIME_WAIT, E.RCV_RST):
        bench = st.time_wait(config=replace(st.CONFIG, rfc1337=False))
        give_rst(bench)
    else:
        bench = walk(row.source, row.event)
    moves = [(r.get("from"), r.get("event"), r.get("to")) for r in bench.end.take_reports() if r.kind == "state"]
    assert (str(row.source), str(row.event), str(row.target)) in moves
    if row.target is State.CLOSED:
        assert bench.end.gone and bench.end.next_timeout() is None


@pytest.mark.parametrize("state", State)
def test_builders_reach_their_state(state):
    assert st.BUILD[state]().end.state is state


def test_an_unlisted_pair_is_an_error():
    with pytest.raises(IllegalTransition, match="rcv FIN in LISTEN"):
        transition(State.LISTEN, Event.RCV_FIN)


def test_one_place_assigns_state():
    """TCB.move changes the state, TCB.__init__ begins with CLOSED; nothing else writes it."""
    places = []
    for path in sorted(pathlib.Path(tcplab.tcp.__file__).parent.rglob("*.py")):
        for function in ast.walk(ast.parse(path.read_text())):
            if not isinstance(function, ast.FunctionDef):
                continue
            for node in ast.walk(function):
                targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
                if any(isinstance(t, ast.Attribute) and t.attr == "state" for t in targets):
                    places.append((path.name, function.name))
    assert sorted(places) == [("tcb.py", "__init__"), ("tcb.py", "move")]
