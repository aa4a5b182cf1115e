"""RACK-TLP (RFC 8985)."""

from dataclasses import replace

import pytest

from tcplab.tcp import Config, Options
from tcplab.tcp.rack import reordering_window
from tests.support import states as st
from tests.support.options import BASE, MS, blocks, flight, opened, sacked, with_sack
from tests.support.pair import Pair, S, dice, lose

pytestmark = pytest.mark.usefixtures("both_ways")

RACK = replace(BASE, recovery="rack", rto_min_ns=200 * MS)
RTT = 100 * MS


def bench_with(count, cwnd=10_000, config=RACK, apart=0, **kw):
    """A round trip of 100 ms is known; `count` segments go out, `apart` ns between them."""
    bench = with_sack(config, cwnd=cwnd, **kw)
    flight(bench, 1)
    bench.now = RTT
    bench.give(1, 0, ack=101, wnd=60_000)
    bench.end.tcb.rto.srtt = RTT
    for _ in range(count):
        flight(bench, 1)
        bench.now += apart
    bench.mark()
    return bench


def report(bench, *pairs, ack=101, **kw):
    return sacked(bench, ack, *pairs, **kw)


def timers(bench):
    return {name: at - bench.now for name, at in bench.end.status().timers if name in ("rtx", "reordering", "tail-loss")
            }


# -- RACK ------------------------------------------------------------------------------------------------------------

def test_one_report_waits_a_quarter_of_the_round_trip():  # [8985-09, 8985-13, 8985-15]
    bench = bench_with(5)
    bench.now += RTT
    assert report(bench, (201, 301)) == []
    assert timers(bench) == {"reordering": RTT // 4}  # [8985-25]
    assert bench.wait(RTT // 4 - 1) == []
    sent, = bench.wait(1)
    assert sent.seq == st.ISS + 101 and sent.why.code == "rtx-rack" and sent.rtx == 1
    assert bench.end.status().recovering and bench.end.status().segments_retransmitted == 1


def test_three_reports_without_reordering_do_not_wait():  # [8985-09]
    bench = bench_with(6)
    bench.now += RTT
    assert report(bench, (201, 301)) == report(bench, (201, 401)) == []
    assert report(bench, (201, 501))[0] == (101, 100)


def test_reordering_is_noticed_and_waited_for():  # [8985-08]
    bench = bench_with(6)
    bench.now += RTT
    report(bench, (201, 301))
    assert not bench.end.tcb.rack.reordering_seen
    bench.now += 5 * MS
    report(bench, (401, 501), ack=301)  # 101 arrived after all, never sent again
    assert bench.end.tcb.rack.reordering_seen
    assert report(bench, (401, 601), ack=301) == report(bench, (401, 701), ack=301) == []  # three reports: it waits
    assert timers(bench) == {"reordering": bench.end.tcb.rack.rtt + RTT // 4 - RTT - 5 * MS}


def test_who_was_sent_before_is_a_matter_of_time_then_number():  # [8985-02, 8985-07, 8985-12]
    bench = bench_with(4, apart=10 * MS)
    start = bench.now - 40 * MS
    bench.now = start + 20 * MS + RTT  # the third arrives
    report(bench, (301, 401))
    tcb = bench.end.tcb
    assert (tcb.rack.xmit_ts, tcb.rack.rtt, tcb.rack.end_seq) == (start + 20 * MS, RTT, st.ISS + 401)
    assert tcb.rack.reo_at == start + 10 * MS + RTT + RTT // 4  # the second is the last candidate
    sent = bench.wait(RTT // 4)
    assert [seg.seq - st.ISS for seg in sent] == [101]  # cwnd has no room for both
    assert [entry.lost for entry in tcb.queue.sent] == [False, True, False, False]  # the last was sent after it


@pytest.mark.parametrize("echo, counts", [(None, False), (0, False), (300, True)])
def test_an_ack_of_the_original_says_nothing_about_the_resend(echo, counts):  # [8985-06]
    bench = bench_with(6)
    bench.now += RTT
    report(bench, (201, 501))
    rack = bench.end.tcb.rack
    before = rack.rtt, rack.xmit_ts
    bench.end.tcb.ts_on = echo is not None
    bench.now += 10 * MS if not counts else RTT
    bench.give(1, 0, ack=501, wnd=60_000, options=Options(ts=(1, echo)) if echo is not None else Options())
    assert ((rack.rtt, rack.xmit_ts) != before) is counts


def test_each_sending_is_recorded():  # [8985-04]
    bench = bench_with(6)
    bench.now += RTT
    report(bench, (201, 501))
    front = bench.end.tcb.queue.sent[0]
    assert (front.sent_at, front.count, front.lost) == (bench.now, 1, False)


def test_min_rtt_is_a_minimum_of_late():  # [8985-05]
    bench = bench_with(0)
    rack = bench.end.tcb.rack
    assert rack.min_rtt == RTT
    for n in range(1, 15):
        flight(bench, 1)
        bench.now += S
        bench.give(1, 0, ack=101 + 100 * n, wnd=60_000)
    assert rack.min_rtt == S


def test_dsacks_widen_the_window_and_sixteen_recoveries_reset_it():  # [8985-10, 8985-11]
    bench = bench_with(6)
    rack, tcb = bench.end.tcb.rack, bench.end.tcb
    rack.reordering_seen = True
    for n in range(2, 8):
        report(bench, (1, 101))
        assert reordering_window(tcb) == min(n * RTT // 4, RTT)
        report(bench, (1, 101))  # the same round: counted once
        assert rack.mult == n
        rack.dsack_round = None
    rack.persist = 2
    for _ in range(2):
        tcb.recovery.active, tcb.recovery.recover = True, tcb.snd_una
        ack = tcb.snd_una - st.ISS + 50
        report(bench, ack=ack)
    assert rack.mult == 1


def test_a_timeout_marks_the_front_and_what_is_old():  # [8985-14]
    bench = bench_with(3)
    bench.end.tcb.rack.sampled = False  # no probe
    flight(bench, 2)
    bench.wait(2 * RTT)
    at = bench.now + timers(bench)["rtx"]
    for entry in list(bench.end.tcb.queue.sent)[3:]:
        entry.sent_at = at - MS
    bench.wait(at - bench.now)
    assert bench.end.status().backoff == 1
    entries = list(bench.end.tcb.queue.sent)
    assert entries[0].count and not entries[3].lost and not entries[4].lost
    assert entries[1].lost or entries[1].count


def test_what_is_lost_waits_for_room():  # [8985-15]
    bench = bench_with(10, cwnd=1000)
    bench.now += RTT
    out = report(bench, (401, 501), (601, 701), (801, 901))
    assert out == [(101, 100), (201, 100), (301, 100)] and bench.end.tcb.rack.lost == 200  # 501 and 701 wait
    assert bench.end.status().pipe == bench.end.status().cwnd == 500


@pytest.mark.parametrize("prr, cuts", [(False, 2), (True, 1)])
def test_a_lost_retransmission_is_found_and_counts_without_prr(prr, cuts):  # [8985-16]
    bench = bench_with(20, cwnd=2000, config=replace(RACK, prr=prr))
    bench.end.send(b"n" * 3000, bench.now)
    bench.mark()
    bench.now += RTT
    report(bench, (201, 1201))
    assert bench.end.tcb.queue.sent[0].count == 1
    bench.now += RTT
    bench.end.take_reports()
    after = bench.end.tcb.queue.sent[-1].end - st.ISS
    before = bench.end.status().ssthresh
    report(bench, (201, after))
    bench.now += RTT
    report(bench, (201, bench.end.status().snd_nxt - st.ISS))
    assert bench.end.tcb.queue.sent[0].count >= 2
    assert (bench.end.status().ssthresh < before) is (cuts == 2)


def test_rack_and_6675_exclude_each_other():  # [8985-18]
    assert with_sack(RACK).end.tcb.rack is not None
    assert with_sack(BASE).end.tcb.rack is None
    assert opened(RACK).end.tcb.rack is None  # [8985-01]
    with pytest.raises(ValueError, match="recovery is one of"):
        replace(BASE, recovery="tlp")  # [8985-03]: no probe without RACK


# -- TLP -------------------------------------------------------------------------------------------------------------

def test_the_probe_timer():  # [8985-19, 8985-20]
    bench = bench_with(3)
    assert timers(bench) == {"tail-loss": 2 * RTT}
    bench = bench_with(1)
    assert timers(bench) == {"tail-loss": min(2 * RTT + 200 * MS, bench.end.status().rto)}
    bench = bench_with(3)
    report(bench, (201, 301))
    assert "tail-loss" not in timers(bench)  # something is reported
    bench = with_sack(RACK)
    bench.end.tcb.rto.srtt, bench.end.tcb.rto.rto = None, 3 * S
    flight(bench, 2)
    assert timers(bench) == {"tail-loss": S}


def test_a_probe_is_the_last_segment_or_new_text():  # [8985-21, 8985-22, 8985-23]
    bench = bench_with(3)
    probe, = bench.wait(2 * RTT)
    assert probe.seq == st.ISS + 301 and probe.why.code == "rtx-tail-probe"
    assert set(timers(bench)) == {"rtx"} and bench.end.tcb.queue.sent[-1].sent_at == bench.now
    bench = bench_with(3, cwnd=300)
    bench.end.send(b"n" * 500, bench.now)
    assert bench.taken() == []
    probe, = bench.wait(2 * RTT)  # one beyond cwnd
    assert probe.seq == st.ISS + 401 and probe.rtx == 0 and set(timers(bench)) == {"rtx"}
    second = bench.wait(timers(bench)["rtx"])[0]
    assert second.why.code == "rtx-timeout"  # no second probe


def test_a_repaired_tail_is_congestion():  # [8985-24]
    for options, reduced in ((None, True), (blocks((301, 401)), False)):
        bench = bench_with(3, cwnd=1000)
        bench.wait(2 * RTT)
        bench.now += RTT
        bench.give(1, 0, ack=401, wnd=60_000)
        flight(bench, 1)
        bench.now += RTT
        bench.give(1, 0, ack=401 if options else 501, wnd=60_000, options=options or Options())
        assert bench.end.tcb.rack.tlp_end is None
        assert (bench.end.status().ssthresh is not None) is reduced


@pytest.mark.parametrize("last", [1, 2, 3])
def test_a_lost_tail_is_repaired_without_a_timeout(last):
    config = replace(Config(), recovery="rack", secret=b"x", iw=10, delack=False)
    pair = Pair(config, delay=50 * MS, accident=lose(*range(2 + 1 + 10 - last, 2 + 1 + 10))).connect()
    pair.a.send(b"x" * 14_480, pair.now)
    pair.run(until=lambda: len(pair.got["b"]) == 14_480)
    assert pair.a.status().backoff == 0 and pair.now < 800 * MS
    assert not [r for r in pair.kinds("a", "rto") if r.why.code == "rto-backoff"]


def test_one_timer_at_a_time():  # [8985-25]
    config = replace(Config(), recovery="rack", secret=b"x", iw=10, rcvbuf=8000)
    pair = Pair(config, delay=20 * MS, accident=dice("timers", 0.05, 0.02, 10 * MS)).connect()

    def look(pair):
        for end in pair.ends.values():
            running = {name for name, _ in end.status().timers} & {"rtx", "reordering", "tail-loss", "persist"}
            assert len(running) <= 1, running
            assert not end.tcb.queue.sent or running

    text = bytes(range(256)) * 600
    todo = [text]

    def feed(pair):
        if todo[0]:
            todo[0] = todo[0][pair.a.send(todo[0], pair.now):]
        pair.pump()
        look(pair)

    pair.on_step = feed
    feed(pair)
    pair.run(until=lambda: len(pair.got["b"]) == len(text))
    assert bytes(pair.got["b"]) == text
