"""ICMP errors: path MTU discovery (RFC 1191, RFC 8201), soft and hard errors (RFC 9293 section 3.9.2.2)."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from tcplab.net.link import UNREACHABLES
from tcplab.tcp import PROFILES, SYNCHRONIZED, State
from tcplab.tcp.icmp import HARD, SOFT, TOO_BIG, UNREACHABLE, IcmpError
from tests.net.rig import MS, make, opened, run, state, tcb
from tests.support import states as st

S = 10**9
ON = replace(st.CONFIG, pmtud=True, mss=1000, congestion="reno", rcvbuf=65535)


def flying(config=ON, text=3000, flags=None):
    bench = st.established(config=config, wnd=65535, mss=1000)
    bench.end.tcb.cc.cwnd = 50_000
    bench.end.send(b"".join(bytes([n % 251]) for n in range(text)), 0)
    assert len(bench.taken()) == -(-text // 1000)
    return bench.mark()


def too_big(bench, mtu, seq=1):
    bench.end.icmp(IcmpError(TOO_BIG, st.ISS + seq, "", mtu), bench.now)
    return bench.taken()


def test_what_was_too_big_goes_again_in_pieces():  # RFC 1191 6.4 [1191-01, 1191-02]
    bench = flying(text=2050)
    bench.end.tcb.cc.trial = 0  # not the initial window any more
    before = bench.end.status().cwnd
    sent = too_big(bench, 440)
    assert [(s.seq - st.ISS, len(s.payload), s.rtx) for s in sent] == [
        (1, 400, 1), (401, 400, 1), (801, 200, 1), (1001, 400, 1), (1401, 400, 1), (1801, 200, 1)]  # not the short one
    assert b"".join(s.payload for s in sent) == b"".join(bytes([n % 251]) for n in range(2000))
    view = bench.end.status()
    assert (view.smss, view.path_mtu, view.cwnd, view.backoff) == (400, 440, before, 0)
    assert "icmp-too-big" in [r.why.code for r in bench.end.take_reports() if r.kind == "icmp"]
    assert too_big(bench, 440) == [] and too_big(bench, 440, 1001) == []  # a burst of reports: one round
    bench.give(1, 0, ack=2051, wnd=65535)
    bench.end.send(b"y" * 800, 0)
    assert [len(s.payload) for s in bench.taken()] == [400, 400]
    assert bench.end.tcb.queue.base == st.ISS + 2051


def test_the_fin_stays_behind_the_last_piece():
    bench = st.established(config=ON, wnd=65535, mss=1000)
    bench.end.tcb.queue.append(b"z" * 900, True)
    bench.end.close(0)
    assert bench.taken()[-1].letters == "FP."
    assert [(len(s.payload), s.letters) for s in too_big(bench, 440)] == [(400, "."), (400, "."), (100, "FP.")]


def test_the_estimate_never_rises_and_has_a_floor():  # [1191-01]
    bench = flying()
    too_big(bench, 600)
    assert too_big(bench, 9000) == [] and bench.end.status().path_mtu == 600
    too_big(bench, 40)
    assert (bench.end.status().path_mtu, bench.end.status().smss) == (68, 28)


def test_the_initial_window_shrinks_with_the_segment():  # RFC 5681 3.1 [5681-07]
    bench = st.established(config=replace(ON, mss=1460, iw=10, sndbuf=100_000), wnd=65535, mss=1460)
    bench.end.send(b"x" * 50_000, 0)
    assert len(bench.taken()) == 10
    assert [len(s.payload) for s in too_big(bench, 1000)][:2] == [960, 500]
    assert bench.end.status().cwnd == 14_600 * 960 // 1460


def test_after_ten_minutes_without_a_report_a_full_segment_is_tried():  # RFC 1191 6.3, RFC 8201 4
    bench = flying(config=replace(ON, rto_initial_ns=S))
    too_big(bench, 600)
    bench.now = 100 * S
    too_big(bench, 600)  # not lower, and yet a report
    bench.give(1, 0, ack=3001, wnd=65535)
    for now, size in ((699, 560), (700, 1000)):
        bench.now = now * S
        bench.end.send(b"y" * 5000, bench.now)
        assert len(bench.taken()[0].payload) == size
        bench.wait(0)
        bench.give(1, 0, ack=bench.end.status().snd_nxt - st.ISS, wnd=65535)
        while bench.end.status().flight:
            bench.give(1, 0, ack=bench.end.status().snd_nxt - st.ISS, wnd=65535)
    assert "pmtu-again" in [r.why.code for r in bench.end.take_reports() if r.kind == "icmp"]
    assert bench.end.status().path_mtu is None


@pytest.mark.parametrize("retry", [None, 300 * S])
def test_when_it_is_tried_can_be_chosen(retry):
    bench = flying(config=replace(ON, pmtu_retry_ns=retry))
    too_big(bench, 600)
    bench.give(1, 0, ack=3001, wnd=65535)
    bench.now = 300 * S
    bench.end.send(b"y" * 1000, bench.now)
    assert len(bench.taken()[0].payload) == (560 if retry is None else 1000)
    with pytest.raises(ValueError, match="five minutes"):
        replace(ON, pmtu_retry_ns=299 * S)


def test_a_report_above_what_is_sent_resends_nothing():  # [8201-02]
    bench = flying()
    assert too_big(bench, 9000) == [] and bench.end.status().smss == 1000


def test_ipv6_knows_no_narrow_path():  # [8201-01]
    us, bench = ("fd00::1", 4000), flying()
    bench.end.tcb.local = us
    assert too_big(bench, 1000) == [] and bench.end.status().path_mtu is None
    too_big(bench, 1300)
    assert bench.end.status().path_mtu == 1300


@pytest.mark.parametrize("seq", [0, -5, 3001, 99999])
def test_only_what_is_outstanding_is_believed(seq):  # RFC 5927 4.1 [MUST-54]
    bench = flying()
    assert too_big(bench, 500, seq) == [] and bench.end.status().path_mtu is None
    bench.end.icmp(IcmpError(UNREACHABLE, st.ISS + seq, "port"), 0)
    assert not bench.end.gone


def test_switched_off_the_hole_stays_black():
    bench = flying(config=replace(ON, pmtud=False))
    assert too_big(bench, 500) == [] and bench.end.status().path_mtu is None
    assert [len(s.payload) for s in bench.wait(S)] == [1000]


def test_the_estimate_outlives_a_turned_knob():
    bench = flying()
    too_big(bench, 440)
    bench.end.configure(replace(ON, nagle=True), 0)
    assert bench.end.status().smss == 400


@pytest.mark.parametrize("code", SOFT)
@pytest.mark.parametrize("state_", [State.SYN_SENT, State.SYN_RECEIVED, State.ESTABLISHED, State.FIN_WAIT_1])
def test_soft_errors_are_remembered_only(state_, code):  # [MUST-56, SHLD-25, 1122-08]
    bench = st.BUILD[state_]()
    if state_ is State.ESTABLISHED:
        bench.end.send(b"x", 0)
    bench.end.icmp(IcmpError(UNREACHABLE, bench.end.status().snd_una, code), 0)
    assert bench.end.state is state_
    assert any(r.kind == "error" and r.get("soft") for r in bench.end.take_reports())
    bench.wait(1000 * S)
    assert bench.end.gone and f"destination unreachable ({code})" in bench.end.error


@pytest.mark.parametrize("code", HARD)
@pytest.mark.parametrize("state_", [s for s in st.BUILD if s not in (State.CLOSED, State.LISTEN, State.TIME_WAIT,
                                                                     State.FIN_WAIT_2)])
@pytest.mark.parametrize("hard", [True, False])
def test_hard_errors_abort_what_the_switch_says(state_, code, hard):  # [SHLD-26]
    bench = st.BUILD[state_](config=replace(st.CONFIG, icmp_hard=hard))
    if state_ in (State.ESTABLISHED, State.CLOSE_WAIT):
        bench.end.send(b"x", 0)
    bench.end.icmp(IcmpError(UNREACHABLE, bench.end.status().snd_una, code), 0)
    if state_ is State.SYN_RECEIVED:  # of passive origin: the listener listens on
        assert bench.end.state is State.LISTEN and bench.end.error is None and bench.end.next_timeout() is None
        return
    assert bench.end.gone is (hard or state_ not in SYNCHRONIZED)
    assert not bench.end.gone or bench.end.error == f"destination unreachable ({code})"


def test_source_quench_means_nothing():  # [MUST-55]
    bench = flying()
    view = bench.end.status()
    bench.end.icmp(IcmpError("source-quench", st.ISS + 1), 0)
    assert bench.end.status() == view and bench.end.take_reports() == []


@settings(max_examples=150, deadline=None)
@given(some.sampled_from(list(st.BUILD)), some.lists(some.tuples(
    some.sampled_from([TOO_BIG, UNREACHABLE, "other"]), some.integers(-3, 3), some.sampled_from(["", *SOFT, *HARD]),
    some.integers(0, 70000)), max_size=5))
def test_no_report_ever_raises(state_, reports):
    bench = st.BUILD[state_](config=ON)
    for kind, offset, code, mtu in reports:
        bench.end.icmp(IcmpError(kind, ((bench.end.status().snd_una or 0) + offset) % 2**32, code, mtu), 0)
        bench.taken()
    bench.wait(5 * S)


# -- over the link ---------------------------------------------------------------------------------------------------

def narrowed(config=PROFILES["rfc"], ip=4, mtu=1300):
    net = opened(make(config, ip=ip))
    net.link_set("client", "mtu", mtu)
    net.send_n("client", None, 20_000)
    return net


@pytest.mark.parametrize("ip, smss", [(4, 1248), (6, 1228)])
def test_a_narrower_path_is_found(ip, smss):
    net = narrowed(ip=ip)
    began = net.now
    run(net)
    assert tcb(net, "server").bytes_received == 20_000 and tcb(net, "client").smss == smss
    first, *more = [e for e in net.sink if e.kind == "icmp"]
    assert first.t - began == 50 * MS and first.host == "client" and first.get("mtu") == 1300 and more
    assert len([e for e in net.sink if e.kind == "rtx"]) == 6  # three segments in two pieces each


def test_without_discovery_nothing_gets_through():
    net = narrowed(config=replace(PROFILES["rfc"], pmtud=False))
    run(net, seconds=20)
    assert tcb(net, "server").bytes_received == 0 and [e for e in net.sink if e.kind == "icmp"]


def test_a_report_under_way_is_something_to_wait_for():
    net = narrowed()
    assert net.awaiting().kind == "notice" and not net.idle()
    twin = net.copy()
    run(twin)
    run(net)
    assert tcb(net, "client") == tcb(twin, "client")


@pytest.mark.parametrize("code", UNREACHABLES)
def test_unreachable(code):
    net = make(PROFILES["rfc"])
    net.listen("server", 80)
    net.link_set("client", "unreachable", code)
    assert net.link_view().directions[0].unreachable == code
    net.connect("client", "server", 80)
    run(net, seconds=2)
    assert state(net, "client") == ("CLOSED" if code in HARD else "SYN-SENT")
    net.link_set("client", "unreachable", "")
    run(net, seconds=10)
    assert state(net, "client") == ("CLOSED" if code in HARD else "ESTABLISHED")


def test_a_report_about_a_connection_that_is_gone():
    net = narrowed()
    net.abort("client")
    run(net)
    assert [e.conn for e in net.sink if e.kind == "icmp"][0] == 0
