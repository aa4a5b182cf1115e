"""Keep-alive: RFC 9293 section 3.8.4."""

from dataclasses import replace

import pytest

from tcplab.tcp import SYN, Config, State
from tcplab.tcp.config import KEEPALIVE_NS
from tests.net.rig import knobs, make, opened, run
from tests.support import states as st
from tests.support.pair import PLAIN, Pair

S = 10**9
ON = replace(st.CONFIG, keepalive_ns=30 * S, keepalive_interval_ns=10 * S, keepalive_count=3)


def test_off_unless_asked_for():  # [MUST-25]
    bench = st.established()
    assert bench.wait(24 * 3600 * S) == [] and bench.end.next_timeout() is None
    assert Config().keepalive_ns is None and KEEPALIVE_NS >= 2 * 3600 * S  # [MUST-28]


def test_a_probe_after_the_interval():  # [MUST-27, SHLD-12]
    bench = st.established(config=ON)
    assert bench.wait(30 * S - 1) == []
    probe, = bench.wait(1)
    view = bench.end.status()
    assert (probe.seq, probe.payload, probe.letters, probe.ack) == (view.snd_nxt - 1, b"", ".", view.rcv_nxt)
    assert not bench.end.keeps_busy and [name for name, _ in view.timers] == ["keep-alive"]


def test_a_byte_of_garbage():  # [MAY-6, 1122-07]
    pair = Pair(replace(PLAIN, keepalive_ns=30 * S, keepalive_garbage=True), PLAIN).connect()
    pair.run(for_ns=95 * S)
    probes = [s for s in pair.sent("a") if s.why.code == "keepalive"]
    assert [s.payload for s in probes] == [b"\0"] * 3
    assert [s.why.code for s in pair.sent("b")][-3:] == ["ack-unacceptable"] * 3
    assert not pair.got["b"] and pair.a.status().bytes_sent == 0


def test_whatever_arrives_starts_the_interval_anew():  # [MUST-26]
    bench = st.established(config=ON)
    bench.wait(15 * S)
    bench.give(1, 0, ack=1)
    assert bench.wait(30 * S - 1) == [] and len(bench.wait(1)) == 1


def test_nothing_is_asked_while_something_is_outstanding():  # [MUST-26]
    bench = st.established(config=replace(ON, r2=None, user_timeout_ns=None))
    bench.end.send(b"x" * 10, 0)
    assert {s.why.code for s in bench.wait(300 * S)} == {"data", "rtx-timeout"}
    bench = st.established(config=replace(ON, r2=None, user_timeout_ns=None))
    bench.give(1, 0, ack=1, wnd=0)
    bench.end.send(b"x" * 10, 0)
    assert {s.why.code for s in bench.wait(300 * S)} == {"probe"}


def test_one_lost_answer_proves_nothing():  # [MUST-29]
    bench = st.established(config=ON)
    assert len(bench.wait(40 * S)) == 2
    bench.give(1, 0, ack=1)
    assert len(bench.wait(55 * S)) == 3 and not bench.end.gone  # counted from nothing again
    bench.wait(5 * S)
    assert bench.end.gone and "keep-alives unanswered" in bench.end.error
    with pytest.raises(ValueError):
        Config(keepalive_count=1)


def test_it_can_be_switched_for_each_connection():  # [MUST-24]
    one, other = st.established(), st.established()
    one.end.configure(ON, 0)
    assert len(one.wait(31 * S)) == 1 and other.wait(31 * S) == []
    one.end.configure(replace(ON, keepalive_ns=None), one.now)
    assert one.wait(3600 * S) == [] and not one.end.gone


@pytest.mark.parametrize("state", [State.ESTABLISHED, State.CLOSE_WAIT, State.FIN_WAIT_2])
def test_the_dead_are_found(state):  # T127, T204, T239
    bench = st.BUILD[state](config=ON)
    bench.wait(61 * S)
    assert bench.end.gone and bench.end.state is State.CLOSED


@pytest.mark.parametrize("state", [s for s in st.BUILD if s not in (State.ESTABLISHED, State.CLOSE_WAIT,
                                                                    State.FIN_WAIT_2)])
def test_elsewhere_it_does_not_run(state):
    bench = st.BUILD[state](config=ON)
    assert "keep-alive" not in dict(bench.end.status().timers)


def test_a_restarted_peer_answers_with_a_reset():  # [1122-07]
    pair = Pair(replace(PLAIN, keepalive_ns=30 * S), PLAIN).connect()
    pair.b.abort(pair.now)
    pair.b.take_segments()
    assert pair.a.state is State.ESTABLISHED
    pair.run(for_ns=31 * S)
    assert pair.a.gone


def test_the_passive_side_has_it_too():
    bench = st.listen(config=ON)
    bench.give(0, SYN)
    bench.give(1, 0, ack=1)
    bench.mark()
    assert len(bench.wait(30 * S)) == 1


def test_a_network_at_rest_stays_at_rest():
    net = opened(make(knobs(keepalive_ns=30 * S)))
    assert net.idle()
    run(net, seconds=100)
    assert net.host_view("client").newest.tcb.state == "ESTABLISHED"
    assert sum(e.kind == "sent" and e.why.code == "keepalive" for e in net.sink) >= 3
