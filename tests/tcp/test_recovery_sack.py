"""Loss recovery by scoreboard (RFC 6675), limited transmit (RFC 3042), PRR (RFC 9937), IW10 (RFC 6928), Reno."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tcplab.tcp import SYN, Config, Options, loss
from tcplab.tcp.prr import Prr
from tcplab.tcp.scoreboard import Scoreboard
from tests.support import states as st
from tests.support.options import BASE, MS, flight, opened, sacked, with_sack
from tests.support.pair import Pair, S, dice

pytestmark = pytest.mark.usefixtures("both_ways")


def board(*ranges):
    made = Scoreboard()
    for left, right in ranges:
        made.add(left, right)
    return made


@pytest.mark.parametrize("ranges, lost", [
    ([(1460, 1460 + 2920)], False), ([(1460, 1460 + 2921)], True),  # more than (DupThresh - 1) * SMSS octets
    ([(10, 11), (20, 21)], False), ([(10, 11), (20, 21), (30, 31)], True),  # DupThresh ranges
    ([], False)])
def test_is_lost(ranges, lost):  # [6675-04]
    assert (board(*ranges).lost_below(1460) > 0) is lost


@pytest.mark.parametrize("ranges, high_rxt, pipe", [
    ([], 0, 1000), ([(100, 200)], 0, 900), ([(100, 401)], 0, 599), ([(100, 401)], 100, 699),
    ([(100, 200), (300, 400), (500, 600)], 0, 600), ([(100, 200), (300, 400), (500, 600)], 300, 800)])
def test_set_pipe(ranges, high_rxt, pipe):  # [6675-05], SMSS 100, SND.UNA 0, SND.NXT 1000
    assert board(*ranges).pipe(0, 1000, high_rxt, 100) == pipe


@given(some.lists(some.tuples(some.integers(0, 90), some.integers(1, 15)), max_size=8), some.integers(0, 100))
def test_pipe_counts_octets_as_the_rfc_says(ranges, high_rxt):  # [6675-05, 6675-16]
    made = board(*[(left, min(left + size, 100)) for left, size in ranges])
    marked = {n for left, right in made.ranges for n in range(left, right)}
    pipe = 0
    for octet in range(100):
        if octet in marked:
            continue
        above = [(max(low, octet), high) for low, high in made.ranges if high > octet]
        lost = len(above) >= 3 or sum(high - low for low, high in above) > 2 * 10
        pipe += (not lost) + (octet < high_rxt)
    assert made.pipe(0, 100, high_rxt, 10) == pipe


def test_the_third_report_starts_recovery():  # [6675-01, 6675-12, 6675-14, 6675-17]
    bench = flight(with_sack(cwnd=1000), 10)
    assert sacked(bench, 1, (101, 201)) == sacked(bench, 1, (101, 301)) == []
    assert sacked(bench, 1, (101, 301)) == []  # nothing new: not a duplicate [3042-03, 5681-20, 6675-22]
    assert bench.end.status().dup_acks == 2
    assert sacked(bench, 1, (101, 401)) == [(1, 100)]
    view = bench.end.status()
    assert (view.cwnd, view.ssthresh, view.recovering, view.recovery) == (500, 500, True, "sack")
    assert view.pipe == 700  # 600 beyond the marks, 100 sent again
    assert bench.end.tcb.recovery.high_rxt == bench.end.tcb.recovery.rescue_rxt == st.ISS + 101


def test_one_report_of_much_starts_it_at_once():  # [6675-12]
    bench = flight(with_sack(cwnd=1000), 10)
    assert sacked(bench, 1, (101, 401))[0] == (1, 100)


def test_window_and_ack_changes_do_not_hide_new_reports():  # [6675-01, 6675-11]
    bench = flight(with_sack(cwnd=1000), 10)
    sacked(bench, 1, (201, 301))
    sacked(bench, 101, (201, 301), wnd=50_000)
    assert bench.end.status().dup_acks == 0
    sacked(bench, 101, (201, 401), wnd=40_000)
    assert bench.end.status().dup_acks == 1


def test_next_seg_in_order():  # rules 1 to 4 [6675-06..10, 6675-18]
    bench = flight(with_sack(cwnd=1000), 10)
    recovery = bench.end.tcb.recovery
    sacked(bench, 1, (101, 201), (301, 401), (501, 601))  # 1 and 201 are lost, 401 is not: one range above
    assert recovery.active and recovery.high_rxt == st.ISS + 101
    assert sacked(bench, 1, (601, 801)) == [(201, 100), (401, 100)]  # lost now; pipe 500 -> room for two [6675-17]
    assert recovery.high_rxt == st.ISS + 501
    bench.end.send(b"n" * 100, 0)
    assert [(s.seq - st.ISS) for s in bench.taken()] == []  # no room in pipe
    assert sacked(bench, 201, (301, 401), (501, 801))[:1] == [(1001, 100)]  # rule 2: new text


def test_rule_3_and_the_one_rescue():  # [6675-08, 6675-09]
    bench = flight(with_sack(cwnd=2000), 6)
    recovery = bench.end.tcb.recovery
    out = sacked(bench, 1, (201, 301), (401, 501))
    out += sacked(bench, 1, (101, 301), (401, 501))
    assert out == [(1, 100)] and bench.end.status().pipe == bench.end.status().cwnd == 300
    # 301: one mark above it only, not proven lost, but nothing new to send
    assert sacked(bench, 301, (401, 501)) == [(301, 100)] and recovery.high_rxt == st.ISS + 401
    assert sacked(bench, 501) == [(501, 100)] and recovery.rescue_rxt == recovery.recover + 1
    assert recovery.high_rxt == st.ISS + 401  # the rescue does not move HighRxt
    assert sacked(bench, 501) == []  # one rescue in a recovery [6675-10]


def test_recovery_ends_at_the_recovery_point():  # [6675-15]
    bench = flight(with_sack(cwnd=1000), 10)
    sacked(bench, 1, (101, 401))
    bench.end.send(b"n" * 1000, 0)
    bench.taken()
    sacked(bench, 401, (501, 1001))
    assert bench.end.status().recovering
    sacked(bench, 1001, (1101, 1201))
    view = bench.end.status()
    assert not view.recovering and view.cwnd == view.ssthresh == 500 and view.sacked <= 100


def test_a_timeout_ends_it_and_no_second_halving_follows():  # [6675-19, 6675-20]
    bench = flight(with_sack(cwnd=1000), 10)
    sacked(bench, 1, (101, 401))
    bench.wait(bench.end.next_timeout() - bench.now)
    view = bench.end.status()
    assert not view.recovering and view.cwnd == 100
    assert sacked(bench, 1, (201, 1001)) == []
    assert not bench.end.status().recovering and bench.end.status().ssthresh == view.ssthresh
    assert sacked(bench, 101, (201, 1001))[:1] == [(101, 100)]  # what was reported since is left out
    assert sacked(bench, 1001) == []


def test_without_sack_the_engine_is_newreno():  # [8985-01]
    for engine in ("sack", "rack"):
        bench = opened(replace(BASE, recovery=engine))
        assert bench.end.status().recovery == "newreno" and bench.end.tcb.rack is None


def test_the_engine_can_be_changed_while_it_runs():
    bench = flight(with_sack(cwnd=1000), 10)
    sacked(bench, 1, (101, 401))
    for engine in ("rack", "newreno", "reno", "sack", "rack", "sack"):
        bench.end.configure(replace(bench.end.config, recovery=engine), bench.now)
        assert bench.end.status().recovery == engine and bench.end.next_timeout() is not None
    bench.taken()
    bench.wait(2 * S)
    bench.give(1, 0, ack=1001)
    assert bench.end.status().flight == 0


def test_the_timer_starts_anew_with_each_retransmission():  # [6675-21]
    bench = flight(with_sack(cwnd=2000), 20)
    sacked(bench, 1, (101, 201), (301, 401), (501, 601))
    for n, right in enumerate((801, 1001, 1201, 1401, 1601, 1801)):
        bench.now += 900 * MS  # six of them take longer than any time-out
        again = sacked(bench, 1, (101, 201), (301, 401), (501, right))
        assert bench.end.status().backoff == 0
        if again and again[0][0] < 1201:
            assert bench.end.next_timeout() == bench.now + bench.end.status().rto, n
    assert bench.end.status().segments_retransmitted >= 3 and bench.end.status().recovering


# -- limited transmit ------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("on", [True, False])
def test_limited_transmit_without_sack(on):  # RFC 3042 [3042-01, 3042-02]
    bench = opened(replace(BASE, limited_transmit=on, recovery="newreno"), cwnd=300)
    bench.end.send(b"x" * 900, 0)
    assert len(bench.taken()) == 3
    sent = [[(s.seq - st.ISS, s.rtx) for s in bench.give(1, 0, ack=1, wnd=60_000)] for _ in range(3)]
    assert sent[:2] == ([[(301, 0)], [(401, 0)]] if on else [[], []])
    assert sent[2][0] == (1, 1)
    assert bench.end.status().ssthresh == 200  # without what limited transmit sent [5681-13]


def test_limited_transmit_with_sack():  # [3042-03, 6675-13, 6675-14]
    bench = with_sack(replace(BASE, limited_transmit=True), cwnd=1000)
    bench.end.send(b"x" * 2000, 0)
    assert len(bench.taken()) == 10
    assert sacked(bench, 1, (101, 201)) == [(1001, 100)] and sacked(bench, 1, (101, 201)) == []
    assert sacked(bench, 1, (101, 301)) == [(1101, 100)] and bench.end.status().cwnd == 1000
    assert sacked(bench, 1, (101, 401))[0] == (1, 100)
    assert bench.end.status().ssthresh == 500


# -- PRR -------------------------------------------------------------------------------------------------------------

def test_prr_reduces_in_proportion():  # [6937-03, 9937-03, 9937-04]
    prr, pipe, sent = Prr(10, 20), 19, []
    for _ in range(19):  # one segment of twenty is lost, each ACK delivers one
        pipe -= 1
        count = prr.window(pipe, 1, False, 1) - pipe
        sent.append(count)
        prr.out += count
        pipe += count
    assert sent[0] == 1 and max(sent) == 1 and 9 <= sum(sent) <= 10  # about every other ACK


@pytest.mark.parametrize("safe, expected", [(False, [1, 1, 1, 1]), (True, [2, 2, 2, 2])])
def test_prr_after_a_burst_of_losses(safe, expected):  # CRB and SSRB [6937-04, 9937-02]
    prr, pipe, sent = Prr(10, 20), 5, []
    for _ in range(4):
        pipe -= 1
        count = prr.window(pipe, 1, safe, 1) - pipe
        sent.append(count)
        prr.out += count
        pipe += count
    assert sent == expected


@pytest.mark.parametrize("engine", ["sack", "rack"])
def test_prr_lands_at_ssthresh(engine):  # [6937-01, 6937-02, 6937-05, 6937-06, 9937-05]
    bench = with_sack(replace(BASE, prr=True, recovery=engine, sndbuf=100_000), cwnd=2000)
    bench.end.send(b"x" * 50_000, 0)
    assert len(bench.taken()) == 20
    bench.now = 100 * MS
    sacked(bench, 1, (101, 201)), sacked(bench, 1, (101, 301)), sacked(bench, 1, (101, 401))
    prr = bench.end.tcb.prr
    assert (prr.ssthresh, bench.end.status().recovering) == (1000, True) and prr.out >= 100
    for right in range(501, 2002, 100):
        sacked(bench, 1, (101, right))
    assert abs(bench.end.status().pipe - 1000) <= 100 and prr.delivered >= 1700
    bench.give(1, 0, ack=2001, wnd=60_000)
    assert bench.end.status().cwnd == 1000 and bench.end.tcb.prr is None


@pytest.mark.parametrize("engine", ["sack", "rack"])
def test_an_ack_that_delivers_nothing_moves_nothing(engine):  # [9937-04]
    bench = with_sack(replace(BASE, prr=True, recovery=engine, sndbuf=100_000), cwnd=2000)
    bench.end.send(b"x" * 50_000, 0)
    bench.taken()
    bench.now = 100 * MS
    sacked(bench, 1, (101, 201)), sacked(bench, 1, (101, 301)), sacked(bench, 1, (101, 401))
    before = bench.end.status().cwnd, bench.end.tcb.prr.delivered, bench.end.tcb.prr.out
    assert sacked(bench, 1, (101, 401)) == sacked(bench, 1, (101, 401), wnd=50_000) == []
    assert (bench.end.status().cwnd, bench.end.tcb.prr.delivered, bench.end.tcb.prr.out) == before


def test_the_bound_is_asked_for_only_when_something_was_delivered():  # [9937-04]
    bench = with_sack(replace(BASE, prr=True), cwnd=2000)
    bench.end.tcb.prr, before = Prr(1000, 2000), bench.end.status().cwnd
    loss.proportional(bench.end.tcb, 0, True)
    assert (bench.end.status().cwnd, bench.end.tcb.prr.delivered) == (before, 0)


# -- initial window, Reno --------------------------------------------------------------------------------------------

@pytest.mark.parametrize("mss, iw, window", [(1460, 10, 14_600), (1220, 10, 12_200), (536, 10, 5360),
                                             (8960, 10, 17_920), (1460, 1, 1460), (1460, 2, 2920), (1460, 3, 4380)])
def test_initial_window(mss, iw, window):  # [6928-01, 6928-06]
    assert opened(replace(BASE, mss=mss, iw=iw), mss=mss).end.status().cwnd == window


@pytest.mark.parametrize("lost, window", [(0, 1000), (1, 1000), (2, 100)])
def test_one_lost_syn_is_forgiven(lost, window):  # [6928-02]
    bench = st.Bench(config=replace(BASE, iw=10))
    bench.end.open_active(st.PEER, 0)
    for _ in range(lost):
        bench.wait(bench.end.next_timeout() - bench.now)
    bench.give(0, SYN, ack=1, options=Options(mss=100))
    assert bench.end.status().cwnd == window


def test_restart_and_loss_windows():  # [6928-03, 6928-04]
    bench = opened(replace(BASE, iw=10), cwnd=5000)
    bench.now = 10 * S
    bench.end.send(b"x" * 5000, bench.now)
    bench.taken()
    bench.now += 10 * S
    bench.give(1, 0, ack=1001, wnd=60_000)
    bench.end.tcb.cc.idle(100)
    assert bench.end.status().cwnd == 1000
    bench.end.tcb.cc.timeout(1000, True)
    assert bench.end.status().cwnd == 100


def test_after_a_loss_in_a_large_first_window_restarts_are_careful():  # RFC 6928 2 [6928-05]
    config = replace(BASE, mss=1460, iw=10, sndbuf=100_000)
    for size, then in ((14_600, 3), (2 * 1460, 10)):  # more than 4 KB was sent, or not
        bench = opened(config, mss=1460)
        assert bench.end.status().cwnd == 14_600
        bench.end.send(b"x" * size, 0)
        bench.taken()
        bench.wait(2 * S)
        bench.give(1, 0, ack=1 + size, wnd=60_000)
        bench.end.tcb.cc.cwnd = 30_000
        bench.now += 20 * S
        bench.end.send(b"y" * 50_000, bench.now)
        assert len(bench.taken()) == then


def test_a_loss_after_the_first_window_leaves_restarts_alone():  # [6928-05]
    bench = opened(replace(BASE, mss=1460, iw=10, sndbuf=100_000), mss=1460)
    bench.end.send(b"x" * 14_600, 0)
    bench.taken()
    for n in range(1, 11):
        bench.give(1, 0, ack=1 + 1460 * n, wnd=60_000)
    bench.end.send(b"x" * 14_600, 0)
    bench.taken()
    bench.wait(2 * S)
    assert bench.end.status().backoff and bench.end.tcb.cc.iw == 14_600
    bench.give(1, 0, ack=29_201, wnd=60_000)
    bench.now += 20 * S
    bench.end.tcb.cc.cwnd = 20_000
    bench.end.send(b"x" * 50_000, bench.now)  # a restart window, and a loss in that
    assert len(bench.taken()) == 10
    bench.wait(5 * S)
    assert bench.end.tcb.cc.iw == 3 * 1460


@pytest.mark.parametrize("engine, recovering", [("reno", False), ("newreno", True)])
def test_reno_leaves_recovery_with_the_first_new_ack(engine, recovering):  # RFC 5681 3.2 step 6, RFC 6582
    bench = opened(replace(BASE, recovery=engine), cwnd=1000)
    bench.end.send(b"x" * 1000, 0)
    bench.taken()
    for _ in range(3):
        bench.give(1, 0, ack=1, wnd=60_000)
    assert bench.end.status().recovering
    bench.give(1, 0, ack=301, wnd=60_000)
    assert bench.end.status().recovering is recovering


def mean_time(engine, loss, **kw):
    """Seconds for 400 kB at no rate limit, 20 ms round trip, over seeds."""
    total = 0
    for seed in range(12):
        config = replace(Config(), recovery=engine, secret=b"x", rcvbuf=1 << 20, sndbuf=1 << 20, **kw)
        rng = dice(f"{seed}", loss)
        pair = Pair(config, delay=10 * MS, accident=lambda seg, n, rng=rng: rng(seg, n) if seg.payload else [0])
        pair.connect()
        pair.a.send(b"x" * 400_000, pair.now)
        pair.run(until=lambda pair=pair: len(pair.got["b"]) == 400_000)
        total += pair.now
    return total


def test_sack_and_rack_repair_faster_than_newreno():
    times = {engine: mean_time(engine, 0.03, prr=True) for engine in ("reno", "newreno", "sack", "rack")}
    assert times["rack"] < times["sack"] < times["newreno"] < times["reno"]
    assert times["rack"] < 0.9 * times["newreno"]
