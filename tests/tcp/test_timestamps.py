"""Timestamps, RTTM and PAWS (RFC 7323 sections 3 to 5)."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tcplab.tcp import ACK, FIN, RST, SYN, Config, Endpoint, Options, Segment, State, reset_reply
from tcplab.tcp.timestamps import older
from tests.support import states as st
from tests.support.options import BASE, MS, mine, opened
from tests.support.pair import Pair, S, lose

pytestmark = pytest.mark.usefixtures("both_ways")

STAMPED = replace(BASE, timestamps=True)
DAY = 24 * 3600 * S


def stamped(config=STAMPED, tsval=100, **kw):
    return opened(config, ts=(tsval, 0), **kw)


def give(bench, seq, tsval, text=b"", ack=1, flags=0, echo=0, **kw):
    return bench.give(seq, flags, ack=ack, text=text, options=Options(ts=(tsval, echo)), **kw)


def echoes(segments):
    return [seg.options.ts[1] for seg in segments]


def test_offered_in_a_syn_and_answered_in_kind():  # [7323-15, 7323-16]
    bench = st.Bench(config=STAMPED)
    bench.end.open_active(st.PEER, 7 * MS)
    assert bench.taken()[0].options.ts == (7, 0)
    for offered in (True, False):
        bench = st.listen(config=STAMPED)
        reply, = bench.give(0, SYN, options=Options(mss=100, ts=(55, 123456) if offered else None))
        assert reply.options.ts == ((0, 55) if offered else None)
        assert bench.end.status().srtt is None  # [7323-17]: the TSecr of a SYN without ACK says nothing


def test_every_segment_carries_it_until_the_end():  # [7323-19]
    config = replace(Config(), timestamps=True, msl_ns=S, rcvbuf=3000, secret=b"x")
    pair = Pair(config, accident=lose(5, 9), reading=False).connect()
    pair.a.send(b"x" * 9000, pair.now)
    pair.run(for_ns=20 * S)  # fills the window: probes
    pair.reading["b"] = True
    pair.run(for_ns=30 * S)
    pair.a.close(pair.now), pair.b.close(pair.now)
    pair.run()
    assert len(pair.got["b"]) == 9000 and pair.a.gone and pair.b.gone
    assert {seg.why.code for _, _, seg in pair.log} >= {"probe", "syn", "syn-ack", "data"}
    assert all(seg.options.ts is not None for _, _, seg in pair.log)


def test_aborts_and_resets_carry_it():  # [7323-20]
    bench = stamped()
    bench.end.abort(0)
    rst, = bench.taken()
    assert rst.flags & RST and rst.options.ts is not None
    reply = reset_reply(Segment("10.0.0.1", "10.0.0.2", 1, 2, 10, 20, ACK, 100, options=Options(ts=(77, 3))),
                        "rst-closed")
    assert reply.options.ts == (0, 77)


def test_a_segment_without_it_is_dropped_silently_and_ends_nothing():  # [7323-21, 7323-22]
    bench = stamped()
    for _ in range(100):
        assert bench.give(1, 0, ack=1, text=b"x") == []
    assert bench.end.readable == 0 and bench.end.state is State.ESTABLISHED
    assert len(give(bench, 1, 101, b"x")) == 1 and bench.end.readable == 1


def test_without_agreement_it_is_ignored():  # [7323-23]
    bench = opened(BASE)
    give(bench, 1, 5, b"x")
    give(bench, 2, 4, b"y")
    assert bench.end.readable == 2 and bench.end.status().ts_recent is None


@pytest.mark.parametrize("knob", [True, False])
def test_crossing_syns_agree(knob):  # [7323-24]
    pair = Pair(replace(Config(), secret=b"a"), replace(Config(), secret=b"b", timestamps=knob))
    pair.a.open_active(pair.b.local, 0), pair.b.open_active(pair.a.local, 0)
    pair.settle()
    assert pair.a.state is pair.b.state is State.ESTABLISHED
    assert pair.a.tcb.ts_on is pair.b.tcb.ts_on is knob


def test_ts_recent_with_delayed_acks_and_losses():  # 7323 4.3 [7323-18, 7323-27, 7323-28]
    bench = stamped(replace(STAMPED, delack=True), tsval=0)
    assert give(bench, 1, 1, b"a" * 100) == []
    reply, = give(bench, 101, 2, b"b" * 100)
    assert echoes([reply]) == [1]  # the earliest unacknowledged
    bench = stamped(tsval=0)  # 4.3: A(1) arrives, B lost, C(3) above the hole, B(2) fills it, D(4)... TS.Recent
    seen = []
    for seq, tsval in ((1, 1), (201, 3), (101, 2), (401, 5), (301, 4)):
        give(bench, seq, tsval, b"x" * 100)
        seen.append(bench.end.status().ts_recent)
    assert seen == [1, 1, 2, 2, 4]


def test_an_ack_above_a_hole_echoes_the_last_in_order_and_the_filler_itself():  # [7323-29, 7323-30]
    bench = stamped()
    got = [echoes(give(bench, seq, ts, b"x" * 100)) for seq, ts in ((1, 101), (201, 103), (101, 102))]
    assert got == [[101], [101], [102]]


def test_the_clock_ticks_in_milliseconds_and_is_offset_at_random():  # [7323-31, 7323-32]
    ends = []
    for port in (4000, 4001):
        end = Endpoint(replace(Config(), secret=b"s"), ("10.0.0.1", port))
        end.open_active(st.PEER, 10 * S)
        ends.append(end.take_segments()[0].options.ts[0])
        end.timeout(end.next_timeout())
        assert (end.take_segments()[0].options.ts[0] - ends[-1]) & 0xFFFFFFFF == 1000
    assert abs(ends[0] - ends[1]) > 1000


def test_rttm_measures_each_ack_and_retransmissions_too():  # [7323-43, 7323-25]
    pair = Pair(replace(Config(), secret=b"x"), delay=150 * MS, accident=lose(0)).connect()
    assert pair.a.status().srtt == 300 * MS  # the second SYN's, not 1.3 s
    bench = stamped()
    bench.now = 500 * MS
    give(bench, 1, 101, b"data of the peer", echo=100)
    assert bench.end.status().srtt is None or bench.end.status().srtt < 10 * MS  # nothing new was acknowledged


def test_gains_are_divided_by_the_samples_expected():  # [7323-26]
    bench = stamped(cwnd=10_000)
    bench.end.tcb.rto.srtt, bench.end.tcb.rto.rttvar = 100 * MS, 0
    bench.end.send(b"x" * 88 * 20, 0)
    bench.now = 180 * MS
    give(bench, 1, 101, ack=1 + 88, echo=0)
    assert bench.end.status().srtt == 100 * MS + 80 * MS // (8 * 10)  # ExpectedSamples = 20 / 2


def test_nonsense_echoes_measure_nothing():
    bench = stamped(cwnd=10_000)
    bench.end.send(b"x" * 88, 0)
    before = bench.end.status().srtt
    bench.now = 50 * MS
    give(bench, 1, 101, ack=89, echo=0x90000000)
    assert bench.end.status().srtt == before and bench.end.status().flight == 0


def test_paws_drops_and_acknowledges():  # [7323-33, 7323-41]
    bench = stamped(tsval=100)
    reply, = give(bench, 1, 99, b"old")
    assert reply.why.code == "ack-paws" and bench.end.readable == 0 and bench.end.status().ts_recent == 100
    assert len(give(bench, 9_999_999, 99, b"old")) == 1  # [7323-34]: one answer, by PAWS
    assert [r.why.code for r in bench.end.take_reports() if r.kind == "dropped"] == ["drop-paws", "drop-paws"]


def test_a_reset_is_exempt_from_paws():  # [7323-35]
    bench = stamped()
    give(bench, 1, 3, flags=RST)
    assert bench.end.gone and bench.end.status().ts_recent == 100


@pytest.mark.parametrize("on, echo, believed", [
    (True, 500_000, False), (True, 2**31 + 5, False), (True, 1000, True), (True, 0, True), (False, 500_000, True)])
def test_a_reset_that_echoes_what_was_never_sent(on, echo, believed):  # [7323-36]
    bench = stamped(replace(STAMPED, rst_echo=on))
    bench.now = 2 * S
    offset = bench.end.tcb.ts_offset
    assert give(bench, 1, 0, flags=RST, echo=echo + offset if echo else 0) == []
    assert bench.end.gone is believed
    codes = [r.why.code for r in bench.end.take_reports() if r.kind == "dropped"]
    assert codes == ([] if believed else ["drop-rst-echo"])


def test_what_paws_drops_and_was_there_is_told_as_a_duplicate():  # RFC 2883 4.3 [2883-08]
    bench = stamped(replace(STAMPED, sack=True), sack_permitted=True)
    give(bench, 1, 100, b"abcdef")
    reply, = give(bench, 2, 99, b"bcd")
    assert reply.why.code == "ack-paws" and mine([reply]) == [((2, 5),)]
    reply, = give(bench, 7, 99, b"new")  # not received before: nothing to tell
    assert reply.why.code == "ack-paws" and mine([reply]) == [()]


@given(some.sampled_from([0, 5, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF]), some.integers(-3, 3), some.booleans())
def test_comparison_goes_round(t, near, far):  # [7323-37]
    s = (t + near + (1 << 31 if far else 0)) & 0xFFFFFFFF
    assert older(s, t) == (0 < (t - s) % (1 << 32) < 1 << 31)
    assert not (older(s, t) and older(t, s))


@pytest.mark.parametrize("days, taken", [(23, False), (25, True)])
def test_after_24_days_ts_recent_is_worth_nothing(days, taken):  # [7323-38]
    bench = stamped(tsval=100)
    bench.now = days * DAY
    give(bench, 1, 99, b"x")
    assert (bench.end.readable == 1) is taken
    assert bench.end.status().ts_recent == (99 if taken else 100)


def test_a_held_segment_is_not_judged_again():  # [7323-39]
    bench = stamped()
    for n in range(1, 20):
        give(bench, 1 + 10 * n, 101, b"y" * 10)
    give(bench, 1, 102, b"x" * 10)
    assert bench.end.readable == 200


def test_ts_recent_follows_the_window_test():  # [7323-40]
    bench = stamped()
    give(bench, 1, 101, b"x")
    give(bench, 0x7FFFFFF0, 500, b"far away")
    give(bench, 1, 600, b"x")  # old text with a new timestamp: outside the window
    assert bench.end.status().ts_recent == 101


def test_the_mss_is_smaller_by_the_option():  # [9293 MUST-16], trap 10
    bench = opened(replace(STAMPED, mss=1460, nagle=True), mss=1460, ts=(1, 0), cwnd=100_000)
    assert bench.end.status().smss == 1448
    bench.end.send(b"x" * 2896, 0)
    assert [len(seg.payload) for seg in bench.taken()] == [1448, 1448]  # Nagle takes 1448 for a full segment


def test_fin_again_in_time_wait_is_stamped():
    bench = stamped()
    bench.end.close(0)
    bench.taken()
    give(bench, 1, 101, ack=2, flags=FIN)
    assert bench.end.state is State.TIME_WAIT
    assert all(seg.options.ts for seg in give(bench, 1, 101, ack=2, flags=FIN))
