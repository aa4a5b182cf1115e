"""A new SYN in TIME-WAIT: RFC 6191, RFC 9293 section 3.6.1."""

from dataclasses import replace

import pytest

from tcplab.tcp import ACK, RST, SYN, Endpoint, Options, Segment, State
from tcplab.tcp.reopening import iss_beyond
from tests.net.rig import SECOND, knobs, make, opened, run, state, tcb
from tests.support import states as st

ON = replace(st.CONFIG, rfc6191=True)
STAMPED = Options(mss=100, ts=(500, 0))


def waiting(stamp=None):
    bench = st.time_wait(config=ON)  # the peer's FIN had number 1: 2 comes next
    if stamp is not None:
        bench.end = Remembering(bench.end, stamp)
    return bench


class Remembering:
    """An endpoint whose connection had timestamps, whatever this version knows of them."""

    def __init__(self, end, stamp):
        self.end, self.stamp = end, stamp

    def may_reopen(self, seg):
        from tcplab.tcp import reopening

        class Old:
            rcv_nxt, config, state = self.end.tcb.rcv_nxt, self.end.tcb.config, self.end.tcb.state
            ts_on, ts_recent = True, self.stamp

        return reopening.may_reopen(Old, seg)


@pytest.mark.parametrize("old, new, seq, accepted", [
    (400, 500, -9999, True), (400, 500, 9999, True),  # [6191-01, SHLD-4]
    (500, 500, 2, True), (500, 500, 1, False),  # [6191-02]
    (400, None, 2, True), (400, None, 1, False),  # [6191-03]
    (None, 500, -9999, True),  # [6191-04]
    (None, None, 2, True), (None, None, 1, False),  # [6191-05]
    (501, 500, 9999, False),  # [6191-06]
    (2**32 - 5, 500, -9999, True), (500 + 2**31, 500, 9999, False),
])
def test_what_may_end_time_wait(old, new, seq, accepted):
    bench = waiting(old)
    syn = st.Bench.seg(st.time_wait(config=ON), seq, SYN,
                       options=Options(mss=100, ts=None if new is None else (new, 0)))
    assert bench.end.may_reopen(syn) is accepted


def test_an_old_duplicate_meets_silence():  # [6191-06]
    bench = waiting()
    due = bench.end.next_timeout()
    assert bench.give(1, SYN) == [] and bench.end.state is State.TIME_WAIT and bench.end.next_timeout() == due
    assert [r.why.code for r in bench.end.take_reports()] == ["drop-old-syn"]


def test_without_a_listener_a_new_syn_is_challenged():  # RFC 5961 4.2
    bench = waiting()
    assert [s.why.code for s in bench.give(9999, SYN)] == ["ack-challenge-syn"]


@pytest.mark.parametrize("state_", [s for s in st.BUILD if s is not State.TIME_WAIT])
def test_only_time_wait_gives_way(state_):
    bench = st.BUILD[state_](config=ON)
    syn = st.Bench.seg(st.time_wait(config=ON), 9999, SYN)
    assert not bench.end.may_reopen(syn)


def test_switched_off():
    bench = st.time_wait(config=replace(st.CONFIG, rfc6191=False))
    assert not bench.end.may_reopen(bench.seg(9999, SYN))
    assert [s.why.code for s in bench.give(1, SYN)] == ["ack-challenge-syn"]


@pytest.mark.parametrize("flags", [SYN | ACK, SYN | RST, ACK])
def test_only_a_bare_syn_counts(flags):
    bench = waiting()
    assert not bench.end.may_reopen(replace(bench.seg(9999, 0, ack=1), flags=flags))


def test_the_new_iss_lies_beyond_the_old_numbers():  # RFC 9293 3.6.1 [MAY-2]
    assert iss_beyond(7, None) == 7
    assert iss_beyond(2000, 1000) == 2000 and iss_beyond(1000, 1000) == 1001 and iss_beyond(5, 2**32 + 9) == 10
    bench = waiting()
    former = bench.end.reopen(bench.seg(9999, SYN, options=STAMPED))
    assert bench.end.gone and former.snd_nxt == 1002 and former.state is State.TIME_WAIT
    new = Endpoint(ON, st.US)  # its ISS would be 1000 again
    new.open_passive(0, None, former)
    new.segment_arrives(bench.seg(9999, SYN), 0)
    assert new.take_segments()[0].seq == 1003


def reopened(now=0, config=ON):
    """A new endpoint in SYN-RECEIVED, born of a SYN to one in TIME-WAIT."""
    bench = st.time_wait(config=config)
    bench.now = now
    former = bench.end.reopen(bench.seg(9999, SYN))
    bench.end = Endpoint(config, st.US)
    bench.end.open_passive(now, None, former)
    bench.irs += 9999
    reply, = bench.give(0, SYN, options=Options(mss=100))
    assert reply.letters == "S." and bench.end.state is State.SYN_RECEIVED
    return bench.mark()


def test_an_old_duplicate_that_passed_for_new_leads_back_to_time_wait():  # RFC 9293 3.6.1 [MAY-2]
    bench = reopened(now=10 * SECOND)
    assert bench.give(1, RST) == []
    view = bench.end.status()
    assert (bench.end.state, bench.end.gone, view.snd_nxt, view.rcv_nxt) == (State.TIME_WAIT, False, 1002, st.IRS + 2)
    assert view.timers == (("time-wait", 60 * SECOND),) and bench.end.eof
    assert [r.why.code for r in bench.end.take_reports() if r.kind == "state"] == ["move-reopen-failed"]
    bench.irs = st.IRS
    assert bench.give(1, 1, ack=2)[0].ack == st.IRS + 2  # the peer's old FIN is acknowledged still
    bench.wait(200 * SECOND)
    assert bench.end.gone and bench.end.error is None


@pytest.mark.parametrize("change", [{"r2_syn": 2, "user_timeout_ns": None}, {"user_timeout_ns": 5 * SECOND}])
@pytest.mark.parametrize("msl, then", [(30, State.TIME_WAIT), (1, State.CLOSED)])
def test_without_an_answer_time_wait_goes_on_if_it_is_not_over(change, msl, then):
    bench = reopened(config=replace(ON, msl_ns=msl * SECOND, **change))
    bench.wait(20 * SECOND)
    assert bench.end.state is then and bench.end.gone is (then is State.CLOSED)


def test_once_established_there_is_nothing_to_go_back_to():
    bench = reopened()
    bench.give(1, 0, ack=1)
    assert bench.end.state is State.ESTABLISHED and bench.end.tcb.former is None
    bench.give(1, RST)
    assert bench.end.gone


# -- with a listener -------------------------------------------------------------------------------------------------

def closed_by_server(**more):
    """The server closes first and waits in TIME-WAIT; the client's record is gone."""
    net = opened(make(knobs(rfc6191=True, isn_small=False, **more)))
    net.close("server")
    run(net)
    net.close("client")
    run(net)
    assert state(net, "server") == "TIME-WAIT" and tcb(net, "client").gone
    return net


def test_the_same_sockets_connect_again_through_time_wait():
    net = closed_by_server()
    before = tcb(net, "server")
    net.advance_clock(net.now + SECOND)
    net.connect("client", "server", 80, from_port=before.remote[1])
    run(net)
    assert state(net, "server", 2) == "ESTABLISHED" and state(net, "client", 2) == "ESTABLISHED"
    old, new = tcb(net, "server", 1), tcb(net, "server", 2)
    assert old.gone and 0 < (new.iss - old.snd_nxt) % 2**32 < 2**31
    net.send("client", None, b"again")
    run(net)
    assert tcb(net, "server", 2).bytes_received == 5


def test_a_forged_syn_leads_back_to_time_wait_at_the_host():
    net = closed_by_server()
    old = tcb(net, "server")
    seg = Segment("10.0.0.1", "10.0.0.2", old.remote[1], 80, (old.rcv_nxt + 9999) % 2**32, 0, SYN, 4000)
    net.inject("client", seg)
    net.step()
    assert state(net, "server", 2) == "SYN-RECEIVED"
    twin = net.copy()  # a step back leads here again
    run(twin, seconds=1)
    run(net, seconds=1)  # the client knows nothing of it and answers the SYN,ACK with a RST
    record = net.host_view("server").connections[1]
    assert record.tcb.state == "TIME-WAIT" and record.tcb.snd_nxt == old.snd_nxt
    assert twin.host_view("server").connections[1].tcb == record.tcb
    assert net.host_view("server").listening[0][2] == 0  # nobody waits to be accepted
    assert not [e for e in net.sink if e.kind == "app" and e.host == "server" and e.conn == 2]
    run(net, seconds=500)
    assert record.n == 2 and tcb(net, "server", 2).gone and tcb(net, "server", 2).error is None


def test_switched_off_the_client_has_to_wait():
    net = closed_by_server()
    net.set_option("server", None, "rfc6191", False)
    net.connect("client", "server", 80, from_port=tcb(net, "server").remote[1])
    run(net, seconds=1)
    # the challenge is answered with a RST, which RFC 1337 ignores
    assert state(net, "server", 1) == "TIME-WAIT" and state(net, "client", 2) == "SYN-SENT"


def test_a_full_backlog_leaves_time_wait_alone():
    net = make(knobs(rfc6191=True, isn_small=False))
    opened(net, backlog=1)
    net.close("server")
    run(net)
    net.close("client")
    run(net)
    net.set_app("server", None, "none")
    net.connect("client", "server", 80)
    run(net)
    net.connect("client", "server", 80, from_port=tcb(net, "server").remote[1])
    run(net, seconds=1)
    assert state(net, "server", 1) == "TIME-WAIT"
