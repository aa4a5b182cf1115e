"""F-RTO (RFC 5682)."""

from dataclasses import replace

import pytest

from tcplab.tcp import Config
from tests.support import states as st
from tests.support.options import BASE, MS, flight, opened, sacked, with_sack
from tests.support.pair import Pair, S

pytestmark = pytest.mark.usefixtures("both_ways")

FRTO = replace(BASE, frto=True)
ENGINES = ["newreno", "sack", "rack"]


def timed_out(engine, count=5, cwnd=None, more=b"n" * 1000, config=FRTO):
    """The timer has fired with `count` segments outstanding and more text waiting; 1 was sent again."""
    config = replace(config, recovery=engine)
    bench = opened(config, cwnd=cwnd or 100 * count) if engine == "newreno" else with_sack(config, cwnd or 100 * count)
    flight(bench, count)
    if more:
        bench.end.send(more, 0)
        bench.taken()
    while not bench.end.status().backoff:
        bench.wait(bench.end.next_timeout() - bench.now)
    return bench.mark()


def give(bench, ack, *pairs):
    return [seg for seg, _ in sacked(bench, ack, *pairs)]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_delay_spike_is_recognised(engine):  # [5682-04, 5682-05, 5682-09]
    bench = timed_out(engine)
    before = bench.end.status()
    assert (before.ssthresh, before.cwnd) == (300 if engine == "rack" else 250, 100)  # as after any time-out
    out = give(bench, 101)
    assert min(out) > 500 and len(out) == 2 and bench.end.tcb.frto.step == 3  # two new segments, no repetition
    give(bench, 201)
    assert bench.end.tcb.frto is None and bench.end.tcb.rtx_nxt >= bench.end.tcb.rtx_end
    codes = [r.why.code for r in bench.end.take_reports() if r.why]
    assert "frto-spurious" in codes and "frto-genuine" not in codes
    for ack in (301, 401, 501):
        assert all(seq > 500 for seq in give(bench, ack))
    after = bench.end.status()
    assert after.segments_retransmitted == before.segments_retransmitted
    assert after.ssthresh == before.ssthresh  # nothing is undone


@pytest.mark.parametrize("engine", ["newreno", "sack"])
def test_after_a_spurious_timeout_duplicates_count_again(engine):  # [5682-05]
    bench = timed_out(engine)
    give(bench, 101)
    give(bench, 201)
    give(bench, 301)
    give(bench, 301, (401, 501)), give(bench, 301, (401, 601)), give(bench, 301, (401, 701))
    assert bench.end.status().recovering  # although SND.UNA lies below what was outstanding at the time-out


@pytest.mark.parametrize("engine", ENGINES)
def test_a_real_loss_of_all_goes_the_old_way(engine):  # [5682-03]
    bench = timed_out(engine, more=b"")
    out = give(bench, 101)  # no new text could be sent: conventional at once [5682-07]
    assert bench.end.tcb.frto is None and out[0] == 101
    assert "frto-genuine" in [r.why.code for r in bench.end.take_reports() if r.why]


def test_duplicates_decide_without_sack():  # [5682-03, 5682-05]
    bench = timed_out("newreno")
    give(bench, 1)
    assert bench.end.tcb.frto is None and bench.end.tcb.rtx_nxt < bench.end.tcb.rtx_end
    bench = timed_out("newreno")
    give(bench, 101)
    give(bench, 101)  # step 3a
    assert bench.end.tcb.frto is None and bench.end.status().cwnd <= 300


@pytest.mark.parametrize("engine", ["sack", "rack"])
def test_with_sack_duplicates_wait_and_reports_decide(engine):  # [5682-08]
    bench = timed_out(engine, cwnd=500)
    give(bench, 1, (501, 601)) if bench.end.status().snd_nxt > st.ISS + 501 else None
    assert bench.end.tcb.frto is not None
    give(bench, 101)
    if bench.end.tcb.frto is not None:
        give(bench, 101, (301, 401))  # an original that was not sent again
    assert bench.end.tcb.frto is None
    assert "frto-spurious" in [r.why.code for r in bench.end.take_reports() if r.why]


@pytest.mark.parametrize("ack", [51, 501])
def test_part_of_the_front_or_everything_is_conventional(ack):  # [5682-03]
    bench = timed_out("newreno")
    give(bench, ack)
    assert bench.end.tcb.frto is None
    assert "frto-spurious" not in [r.why.code for r in bench.end.take_reports() if r.why]


def test_not_twice_in_a_row():  # [5682-01, 5682-02]
    bench = timed_out("newreno")
    bench.wait(bench.end.next_timeout() - bench.now)
    assert bench.end.status().backoff == 2 and bench.end.tcb.frto is None


@pytest.mark.parametrize("engine", ["newreno", "sack"])
def test_not_out_of_recovery_by_sack(engine):  # [5682-06]
    bench = opened(replace(FRTO, recovery="newreno"), cwnd=1000) if engine == "newreno" else with_sack(FRTO, 1000)
    flight(bench, 10)
    for right in (201, 301, 401):
        sacked(bench, 1, *[(101, right)] if engine == "sack" else [])
    assert bench.end.status().recovering
    while not bench.end.status().backoff:
        bench.wait(bench.end.next_timeout() - bench.now)
    assert (bench.end.tcb.frto is None) is (engine == "sack")


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("frto", [False, True])
def test_a_spike_on_the_wire_costs_one_repetition(engine, frto):
    config = replace(Config(), recovery=engine, frto=frto, secret=b"x", sack=engine != "newreno", congestion="reno",
                     rto_min_ns=200 * MS, iw=10, delack=False)
    spike = {"on": False}
    pair = Pair(config, delay=20 * MS, accident=lambda seg, n: [500 * MS if spike["on"] else 0]).connect()
    pair.a.send(b"x" * 40_000, pair.now)
    pair.run(for_ns=50 * MS)
    spike["on"] = True
    pair.run(for_ns=30 * MS)
    spike["on"] = False
    pair.run(for_ns=20 * S)
    assert len(pair.got["b"]) == 40_000
    again = pair.a.status().segments_retransmitted
    assert not frto or again <= 3
