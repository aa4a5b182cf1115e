"""Retransmission and congestion: RFC 6298, RFC 9293 section 3.8, RFC 5681, RFC 6582."""

from dataclasses import replace

import pytest

from tcplab.tcp import FIN, SYN, Config, Options, State
from tests.support import states as st
from tests.support.pair import MS, PLAIN, Pair, S, lose

pytestmark = pytest.mark.usefixtures("both_ways")

RENO = replace(st.CONFIG, congestion="reno", rcvbuf=65535)


def seqs(segments):
    return [(seg.seq - st.ISS, seg.rtx) for seg in segments]


def flight(count, config=RENO, cwnd=None, **kw):
    """Established with `count` full segments outstanding."""
    bench = st.established(config=config, wnd=65535, **kw)
    if cwnd is not None:
        bench.end.tcb.cc.cwnd = cwnd
    bench.end.send(b"x" * (100 * count), 0)
    assert len(bench.taken()) == count
    return bench.mark()


def partial_acks(impatient):
    """Ten segments of which 1, 3, 5 and 7 are lost; a partial ACK every 0.8 s, the RTO is 1 s."""
    bench = flight(10, replace(RENO, impatient=impatient), cwnd=1000)
    for _ in range(3):
        bench.give(1, 0, ack=1, wnd=65535)
    times = []
    for ack in (201, 401, 601):
        bench.now += 800 * MS
        if bench.end.next_timeout() <= bench.now:
            break
        bench.give(1, 0, ack=ack, wnd=65535)
        times.append(bench.end.next_timeout() - bench.now)
    return bench, times


def test_the_impatient_sender_restarts_the_timer_once():  # RFC 6582 3.2 step 3 [6582-05]
    bench, times = partial_acks(True)
    assert times == [S, 200 * MS]
    assert "rtx-impatient" in [r.why.code for r in bench.end.take_reports() if r.kind == "timer"]
    sent = bench.wait(0)
    assert sent[0].why.code == "rtx-timeout" and not bench.end.status().recovering


def test_the_slow_but_steady_one_with_every_partial_ack():  # RFC 6582 4 [6582-05]
    bench, times = partial_acks(False)
    assert times == [S, S, S] and bench.end.status().recovering


# -- the timer -------------------------------------------------------------------------------------------------------

def test_silence_then_one_two_four_seconds():  # RFC 6298 (5.4) - (5.6) [6298-14, 6298-15, 6298-16]
    bench = st.established()
    bench.end.send(b"x" * 500, 0)
    bench.taken()
    times = []
    while len(times) < 6:
        sent = bench.wait(bench.end.next_timeout() - bench.now)
        times.append(bench.now // S)
        assert seqs(sent) == [(1, len(times))] and sent[0].why.code == "rtx-timeout"  # the front only
    assert times == [1, 3, 7, 15, 31, 63]


def test_r1_is_told_and_r2_ends_it():  # RFC 9293 3.8.3 [MUST-20, SHLD-9, SHLD-10, SHLD-11]
    bench = st.established()
    bench.end.send(b"x", 0)
    bench.wait(122 * S)
    errors = [r for r in bench.end.take_reports() if r.kind == "error"]
    assert [(r.why.code, r.get("soft")) for r in errors] == [("r1-reached", True)] and not bench.end.gone
    bench.wait(2 * S)
    assert bench.end.gone and bench.end.error.startswith("connection aborted due to user timeout")


def test_r2_can_be_infinite():  # [MUST-21]
    bench = st.established(config=replace(st.CONFIG, r2=None, user_timeout_ns=None))
    bench.end.send(b"x", 0)
    bench.wait(48 * 3600 * S)
    assert not bench.end.gone


def test_syn_goes_on_for_three_minutes():  # [MUST-22, MUST-23, 1122-03]
    bench = st.closed()
    bench.end.open_active(st.PEER, 0)
    bench.taken()
    sent = bench.wait(182 * S)
    assert [s.letters for s in sent] == ["S"] * 7 and not bench.end.gone
    bench.wait(2 * S)
    assert bench.end.gone and "user timeout" in bench.end.error


def test_user_timeout():  # RFC 9293 3.10.8 [9293-U-28]
    bench = st.established(config=replace(st.CONFIG, r2=None, user_timeout_ns=60 * S))
    bench.wait(1000 * S)  # nothing outstanding, nothing to time out
    bench.end.send(b"x", bench.now)
    bench.wait(60 * S - 1)
    assert not bench.end.gone
    bench.wait(1)
    assert bench.end.gone and bench.end.error == "connection aborted due to user timeout"


def test_the_user_timeout_can_be_set_while_something_is_outstanding():
    bench = st.established(config=replace(st.CONFIG, user_timeout_ns=None))
    bench.end.send(b"x", 0)
    bench.end.configure(replace(st.CONFIG, user_timeout_ns=5 * S), 0)
    bench.wait(5 * S)
    assert bench.end.gone


def test_karn():  # RFC 6298 section 3 [6298-07, MUST-18, 9293-U-57]
    bench = st.established()
    bench.end.send(b"x" * 100, 0)
    bench.wait(3 * S)
    before = bench.end.status()
    assert (before.rto, before.backoff) == (4 * S, 2)
    bench.give(1, 0, ack=101)
    after = bench.end.status()
    assert (after.srtt, after.rttvar, after.rto) == (before.srtt, before.rttvar, 4 * S)
    bench.end.send(b"x" * 100, bench.now)
    bench.wait(100 * MS)
    bench.give(1, 0, ack=201)
    assert bench.end.status().rto == S and bench.end.status().srtt != before.srtt


def test_three_seconds_after_a_lost_syn():  # RFC 6298 (5.7) [6298-17]; RFC 5681 3.1 [5681-06]
    for side, lost in (("a", 0), ("b", 1)):
        pair = Pair(replace(PLAIN, congestion="reno"), accident=lose(lost)).connect()
        assert pair.ends[side].status().rto == 3 * S
        assert pair.ends[side].status().cwnd == 100


def test_only_new_acks_restart_the_timer():  # RFC 6298 (5.2), (5.3) [6298-12, 6298-13]
    bench = st.established()
    bench.end.send(b"x" * 300, 0)
    bench.taken()
    bench.wait(900 * MS)
    bench.give(1, 0, ack=1)
    assert bench.end.next_timeout() == S
    bench.give(1, 0, ack=101)
    assert bench.end.next_timeout() == 900 * MS + bench.end.status().rto
    bench.give(1, 0, ack=301)
    assert bench.end.next_timeout() is None


def test_after_a_timeout_what_is_missing_follows_in_slow_start():
    bench = flight(4)
    assert seqs(bench.wait(S)) == [(1, 1)]
    assert seqs(bench.give(1, 0, ack=101)) == [(101, 1), (201, 1)]
    assert seqs(bench.give(1, 0, ack=201)) == [(301, 1)]


def test_after_a_timeout_an_ack_of_everything_repeats_nothing():
    bench = flight(4)
    bench.wait(S)
    assert bench.give(1, 0, ack=401) == []


def test_retransmitted_segment_carries_the_latest_ack_and_its_history():
    bench = st.established()
    bench.end.send(b"x" * 100, 0)
    bench.taken()
    bench.give(1, 0, ack=1, text=b"abc")
    (again,) = bench.wait(S)
    assert (again.ack, again.rtx, again.payload, again.letters) == (st.IRS + 4, 1, b"x" * 100, "P.")
    assert bench.end.status().segments_retransmitted == 1 and bench.end.status().bytes_sent == 100


def test_syn_ack_is_repeated_by_its_timer_and_answered_after_the_handshake():
    pair = Pair(accident=lose(2))
    pair.b.open_passive(0)
    pair.a.open_active(pair.b.local, 0)
    pair.settle()
    assert [(s.letters, s.rtx) for s in pair.sent("b")] == [("S.", 0), ("S.", 1)]
    assert pair.b.state is State.ESTABLISHED and pair.sent("a")[-1].why.code == "ack-unacceptable"


# -- fast retransmit and recovery ------------------------------------------------------------------------------------

def test_third_duplicate_ack_and_not_the_second():  # RFC 5681 3.2 [5681-18, 5681-21, 5681-22, 5681-23]
    bench = flight(10, cwnd=1000)
    assert bench.give(1, 0, ack=1, wnd=65535) == [] and bench.give(1, 0, ack=1, wnd=65535) == []
    sent = bench.give(1, 0, ack=1, wnd=65535)
    assert seqs(sent) == [(1, 1)] and sent[0].why.code == "rtx-fast"
    view = bench.end.status()
    assert (view.ssthresh, view.cwnd, view.recovering) == (500, 800, True)
    bench.give(1, 0, ack=1, wnd=65535)
    assert bench.end.status().cwnd == 900
    bench.give(1, 0, ack=1001, wnd=65535)
    view = bench.end.status()
    assert (view.cwnd, view.recovering) == (200, False)  # min(ssthresh, max(0, SMSS) + SMSS) [6582-03]


@pytest.mark.parametrize("change", [{"text": b"data"}, {"wnd": 5}, {"flags": FIN}])
def test_what_is_no_duplicate_ack(change):  # RFC 5681 section 2
    bench = flight(10, cwnd=1000)
    for n in range(3):
        bench.give(1 + 4 * n if "text" in change else 1, change.get("flags", 0), ack=1, text=change.get("text", b""),
                   wnd=65535 - n if "wnd" in change else 65535)
    assert not bench.end.status().recovering


def test_nothing_outstanding_is_no_duplicate():
    bench = st.established()
    for _ in range(5):
        bench.give(1, 0, ack=1)
    assert bench.end.status().dup_acks == 0


def test_flight_size_is_halved_and_not_cwnd():  # [5681-13, 5681-21]
    bench = flight(10, cwnd=50_000)
    for _ in range(3):
        bench.give(1, 0, ack=1, wnd=65535)
    assert bench.end.status().ssthresh == 500


def test_new_data_in_recovery_at_the_sixth_duplicate():  # [5681-24]
    bench = flight(10, cwnd=1000)
    bench.end.send(b"n" * 1000, 0)
    sent = [len(bench.give(1, 0, ack=1, wnd=65535)) for _ in range(9)]
    assert sent == [0, 0, 1, 0, 0, 1, 1, 1, 1]


def test_partial_acks_repair_one_hole_each():  # RFC 6582 3.2 [6582-04]
    bench = flight(12, cwnd=1200)
    for _ in range(9):
        bench.give(1, 0, ack=1, wnd=65535)
    assert (bench.end.status().ssthresh, bench.end.status().cwnd) == (600, 1500)
    sent = bench.give(1, 0, ack=301, wnd=65535)  # segments 1, 4 and 7 of 12 were lost
    assert seqs(sent) == [(301, 1)] and sent[0].why.code == "rtx-partial"
    assert bench.end.status().cwnd == 1500 - 300 + 100 and bench.end.status().recovering
    assert seqs(bench.give(1, 0, ack=601, wnd=65535)) == [(601, 1)]
    bench.give(1, 0, ack=1201, wnd=65535)
    assert not bench.end.status().recovering and bench.end.status().segments_retransmitted == 3


def test_forged_duplicates_inflate_no_further_than_what_is_outstanding():  # [5681-23]
    bench = flight(10, cwnd=1000)
    for _ in range(1000):
        bench.give(1, 0, ack=1, wnd=65535)
    assert bench.end.status().cwnd <= 800 + 100 * 10


def test_after_a_timeout_old_duplicates_start_nothing():  # RFC 6582 3.2 [6582-02, 6582-06]
    bench = flight(8, cwnd=800)
    bench.wait(S)
    for _ in range(5):
        assert bench.give(1, 0, ack=1, wnd=65535) == []
    assert not bench.end.status().recovering and bench.end.status().ssthresh == 400


def test_a_window_update_in_recovery_does_not_end_it():  # [6582-08]
    bench = flight(8, cwnd=800)
    for _ in range(3):
        bench.give(1, 0, ack=1, wnd=65535)
    bench.give(1, 0, ack=1, wnd=60000)
    assert bench.end.status().recovering


def test_a_segment_is_never_resent_by_the_timer_within_one_rto():  # RFC 6298 section 5 [6298-10]
    bench = flight(8, cwnd=800)
    bench.wait(900 * MS)
    for _ in range(3):
        bench.give(1, 0, ack=1, wnd=65535)
    assert bench.wait(999 * MS) == [] and seqs(bench.wait(1 * MS)) == [(1, 2)]


def test_loss_of_one_of_six_is_repaired_without_a_timer():  # the `loss` lab's surprise
    pair = Pair(accident=lambda seg, n: [] if n == 4 else [0]).connect()
    pair.a.send(b"x" * 600, pair.now)
    pair.settle()
    assert pair.got["b"] == b"x" * 600 and not [r for r in pair.kinds("a", "timer") if r.get("op") == "fired"]
    assert [s.why.code for s in pair.sent("a") if s.rtx] == ["rtx-fast"]
    assert pair.a.status().cwnd == 1000


def test_loss_of_the_last_is_repaired_by_the_timer():
    pair = Pair(accident=lambda seg, n: [] if n == 5 else [0]).connect()
    pair.a.send(b"x" * 300, pair.now)
    pair.settle()
    assert pair.got["b"] == b"x" * 300 and [s.why.code for s in pair.sent("a") if s.rtx] == ["rtx-timeout"]


def test_a_lost_ack_repeats_nothing():
    pair = Pair(accident=lambda seg, n: [] if n == 6 else [0]).connect()
    pair.a.send(b"x" * 300, pair.now)
    pair.settle()
    assert not [s for s in pair.sent("a") if s.rtx]


# -- the congestion window -------------------------------------------------------------------------------------------

@pytest.mark.parametrize("mss, segments", [(500, 4), (1095, 4), (1460, 3), (2191, 2)])
def test_initial_window(mss, segments):  # RFC 5681 3.1 [5681-04, 5681-05]
    config = replace(Config(), mss=mss, nagle=False, iss=st.ISS)
    bench = st.syn_received(config=config)
    bench = st.listen(config=config)
    bench.give(0, SYN, options=Options(mss=mss))
    bench.give(1, 0, ack=1)
    assert bench.end.status().cwnd == segments * mss


def test_slow_start_counts_bytes_up_to_one_segment():  # [5681-10]
    bench = flight(4)
    for n in range(10):
        bench.give(1, 0, ack=11 + 10 * n, wnd=65535)
    assert bench.end.status().cwnd == 500
    bench.give(1, 0, ack=401, wnd=65535)
    assert bench.end.status().cwnd == 600


def test_congestion_avoidance_adds_one_segment_a_window():  # [5681-09, 5681-11, 5681-12]
    bench = st.established(config=replace(RENO, sndbuf=10**6), wnd=65535)
    cc = bench.end.tcb.cc
    cc.cwnd = cc.ssthresh = 1000
    bench.end.send(b"x" * 100_000, 0)
    bench.taken()
    growth, at = [], 1
    for _ in range(3):
        before = cc.cwnd
        for _ in range(before // 100):
            at += 100
            bench.give(1, 0, ack=at, wnd=65535)
        growth.append(cc.cwnd - before)
    assert growth == [100, 100, 100]


def test_timeout_means_one_segment():  # [5681-14, 5681-15]
    bench = flight(8, cwnd=800)
    bench.wait(S)
    assert (bench.end.status().cwnd, bench.end.status().ssthresh) == (100, 400)
    bench.wait(6 * S)
    assert (bench.end.status().cwnd, bench.end.status().ssthresh) == (100, 400)


def test_restart_after_idle_looks_at_the_last_send():  # RFC 5681 4.1 [5681-26]
    bench = flight(10, cwnd=4000)
    bench.give(1, 0, ack=1001, wnd=65535)
    bench.wait(2 * S)
    bench.give(1, 0, ack=1001, text=b"request", wnd=65535)
    bench.end.send(b"x" * 5000, bench.now)
    assert len(bench.taken()) == 4 and bench.end.status().cwnd == 400


def test_an_idle_application_does_not_grow_the_window():  # trap 8
    bench = st.established(config=RENO, wnd=65535)
    for n in range(20):
        bench.end.send(b"k", 0)
        bench.give(1, 0, ack=2 + n, wnd=65535)
    assert bench.end.status().cwnd == 400


def test_never_more_than_the_smaller_window():  # [5681-01]
    for wnd, cwnd, expected in ((300, 1000, 300), (4000, 500, 500)):
        bench = st.established(config=replace(st.CONFIG, cwnd_fixed=cwnd), wnd=wnd)
        bench.end.send(b"x" * 3000, 0)
        assert sum(len(s.payload) for s in bench.taken()) == expected
        assert bench.end.waiting().code == ("wait-window" if wnd < cwnd else "wait-cwnd")


def test_a_constant_window_below_one_segment():
    bench = st.established(config=replace(st.CONFIG, cwnd_fixed=30))
    bench.end.send(b"x" * 70, 0)
    assert [len(s.payload) for s in bench.taken()] == [30]
    assert [len(s.payload) for s in bench.give(1, 0, ack=31)] == [30]


def test_changing_the_controller_and_the_constant_window():
    bench = st.established()
    bench.end.configure(replace(st.CONFIG, cwnd_fixed=300), 0)
    assert bench.end.status().cwnd == 300
    bench.end.configure(replace(st.CONFIG, congestion="reno"), 0)
    assert bench.end.status().cwnd == 300
    bench.end.configure(replace(st.CONFIG, mss=50), 0)
    assert bench.end.status().smss == 50
