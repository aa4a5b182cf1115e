"""Window scale (RFC 7323 section 2)."""

from dataclasses import replace

import pytest

from tcplab.tcp import SYN, Config, Options, explain
from tcplab.tcp.wscale import shift_for
from tests.support import states as st
from tests.support.options import BASE, opened
from tests.support.pair import Pair

pytestmark = pytest.mark.usefixtures("both_ways")

BIG = replace(BASE, wscale=True, rcvbuf=1 << 20)


@pytest.mark.parametrize("rcvbuf, shift", [(1, 0), (60_000, 0), (65_535, 0), (65_536, 1), (1 << 20, 5), (1 << 30, 14),
                                           (1 << 32, 14)])
def test_the_shift_fits_the_buffer(rcvbuf, shift):  # [7323-01, 7323-08]
    assert shift_for(rcvbuf) == shift
    bench = st.Bench(config=replace(BIG, rcvbuf=rcvbuf))
    bench.end.open_active(st.PEER, 0)
    assert bench.taken()[0].options.wscale == shift


def test_offered_by_us_only_it_is_off():  # [7323-02]
    bench = opened(BIG)
    assert (bench.end.status().snd_shift, bench.end.status().rcv_shift) == (0, 0)
    bench.give(1, 0, ack=1, wnd=300)
    assert bench.end.status().snd_wnd == 300
    assert bench.give(1, 0, ack=1, text=b"x")[0].wnd == 65534


@pytest.mark.parametrize("theirs, ours", [(2, 5), (None, None)])
def test_the_syn_ack_answers_what_the_syn_offered(theirs, ours):  # [7323-03, 7323-04]
    bench = st.listen(config=BIG)
    reply, = bench.give(0, SYN, options=Options(mss=100, wscale=theirs), wnd=5000)
    assert reply.options.wscale == ours and reply.wnd == 65535  # [7323-06]
    assert bench.end.status().snd_wnd == 5000


def test_windows_are_shifted_both_ways_but_never_on_a_syn():  # [7323-06, 7323-07]
    bench = opened(BIG, wnd=5000, wscale=7)
    assert bench.end.status().snd_wnd == 5000
    ack, = bench.give(1, 0, ack=1, wnd=100, text=b"x" * 10)
    assert bench.end.status().snd_wnd == 12_800
    assert ack.wnd == ((1 << 20) - 10) >> 5


def test_fifteen_means_fourteen_and_is_told():  # [7323-08]
    bench = st.Bench(config=BIG)
    bench.end.open_active(st.PEER, 0)
    bench.give(0, SYN, ack=1, options=Options(mss=100, wscale=15))
    assert bench.end.status().snd_shift == 14
    told = [r for r in bench.end.take_reports() if r.why and r.why.code == "wscale-limited"]
    assert explain(told[0].why).text.startswith("The peer announced a window shift of 15")


def test_on_a_segment_without_syn_it_means_nothing():  # [7323-05]
    bench = opened(BIG, wscale=3)
    bench.give(1, 0, ack=1, wnd=10, options=Options(wscale=14))
    assert bench.end.status().snd_wnd == 80


def test_what_an_earlier_window_allowed_is_accepted():  # [7323-09, 7323-10, 7323-13]
    bench = opened(replace(BIG, rcvbuf=65_536 * 64), wscale=7)
    assert bench.end.status().rcv_shift == 7
    bench.end.tcb.config = replace(BIG, rcvbuf=1000)
    bench.end.tcb.rcv_adv = bench.end.tcb.rcv_nxt + 1000
    ack, = bench.give(1, 0, ack=1, text=b"x" * 40)
    assert ack.wnd == 960 >> 7 and ack.wnd << 7 < 960  # rounded down: the edge told moves left by less than a step
    edge = bench.end.tcb.rcv_adv
    bench.give(41, 0, ack=1, text=b"y" * 960)
    assert bench.end.readable == 1000 and bench.end.tcb.rcv_adv >= edge


def test_the_edge_that_was_really_told_decides_above_a_hole_too():  # [7323-09, 7323-10]
    bench = opened(replace(BIG, rcvbuf=65_536 * 64), wscale=7)
    bench.end.tcb.config = replace(BIG, rcvbuf=1000)
    bench.end.tcb.rcv_adv = bench.end.tcb.rcv_nxt + 1000
    ack, = bench.give(1, 0, ack=1, text=b"x" * 40)  # says 896, means 960
    bench.give(951, 0, ack=1, text=b"z" * 60)
    assert bench.end.status().holes == ((st.IRS + 951, st.IRS + 1001),)  # to the last byte, and not one more
    bench.end.tcb.reassembly.clear()
    bench.end.receive(40, 0)
    bench.end.configure(BIG, 0)
    ack, = bench.give(41, 0, ack=1, text=b"x")
    assert bench.end.tcb.rcv_adv == bench.end.tcb.rcv_nxt + (ack.wnd << 7) > st.IRS + 100_000


def test_first_transmissions_stay_inside_the_window_told_last():  # [7323-11]
    bench = opened(replace(BIG, congestion="fixed", cwnd_fixed=100_000), wscale=7, wnd=100)
    bench.give(1, 0, ack=1, wnd=3)
    bench.end.send(b"x" * 1000, 0)
    assert sum(len(seg.payload) for seg in bench.taken()) == 300  # 384 without a short segment


def test_cwnd_knows_no_scale():  # [7323-14]
    bench = opened(replace(BIG, iw=1), wscale=14, wnd=60_000)
    bench.end.send(b"x" * 1000, 0)
    sizes = []
    for n in range(1, 5):
        bench.give(1, 0, ack=1 + 100 * n, wnd=60_000)
        sizes.append(bench.end.status().cwnd)
    assert sizes == [200, 300, 400, 500]


def test_more_than_65535_bytes_fly():
    config = replace(Config(), rcvbuf=1 << 20, sndbuf=1 << 20, congestion="fixed", cwnd_fixed=1 << 20)
    pair = Pair(config).connect()
    pair.a.send(b"x" * 500_000, pair.now)
    pair.run(until=lambda: len(pair.got["b"]) == 500_000)
    assert pair.now < 600 * 1_000_000  # within a few round trips of 100 ms: not 64 KB each


def test_a_buffer_grown_later_is_used_as_far_as_the_shift_reaches():
    bench = opened(replace(BIG, rcvbuf=100_000), wscale=0)
    bench.end.configure(replace(BIG, rcvbuf=1 << 20), 0)
    ack, = bench.give(1, 0, ack=1, text=b"x")
    assert ack.wnd == 65535 and bench.end.status().rcv_wnd == 65535 << 1
