"""When to acknowledge: RFC 9293 section 3.8.6.3, RFC 5681 section 4.2."""

from dataclasses import replace

import pytest

from tcplab.tcp import FIN
from tests.support import states as st
from tests.support.pair import MS

pytestmark = pytest.mark.usefixtures("both_ways")

DELAYING = replace(st.CONFIG, delack=True)


def codes(segments):
    return [seg.why.code for seg in segments]


def test_without_delay_every_segment_is_acknowledged():
    bench = st.established()
    assert codes(bench.give(1, 0, ack=1, text=b"x")) == ["ack-data"]


def test_delayed_ack():  # RFC 9293 3.8.6.3 [SHLD-18, SHLD-19, MUST-40]
    bench = st.established(config=DELAYING)
    assert bench.give(1, 0, ack=1, text=b"x" * 100) == []
    assert codes(bench.give(101, 0, ack=1, text=b"x" * 100)) == ["ack-second"]
    assert bench.give(201, 0, ack=1, text=b"x") == []
    assert bench.wait(200 * MS - 1) == [] and codes(bench.wait(1)) == ["ack-delayed"]
    bench.give(202, 0, ack=1, text=b"x")
    bench.end.send(b"reply", bench.now)
    assert [s.ack for s in bench.taken()] == [st.IRS + 203]  # it rode along
    assert bench.wait(200 * MS) == []


def test_quick_acks_at_the_beginning():
    bench = st.established(config=replace(DELAYING, quick_acks=3))
    for n in range(3):
        assert codes(bench.give(1 + n, 0, ack=1, text=b"x")) == ["ack-quick"]
    assert bench.give(4, 0, ack=1, text=b"x") == [] and codes(bench.wait(200 * MS)) == ["ack-delayed"]


def test_acks_that_are_never_delayed():  # [5681-16, 5681-17]
    bench = st.established(config=DELAYING)
    assert codes(bench.give(101, 0, ack=1, text=b"b" * 100)) == ["ack-out-of-order"]
    assert codes(bench.give(301, 0, ack=1, text=b"d" * 100)) == ["ack-out-of-order"]
    assert codes(bench.give(1, 0, ack=1, text=b"a" * 100)) == ["ack-hole-filled"]
    assert codes(bench.give(201, 0, ack=1, text=b"c" * 100)) == ["ack-hole-filled"]
    assert codes(bench.give(401, FIN, ack=1)) == ["ack-fin"]


def test_one_ack_for_several_segments_taken_together():  # [MUST-58, MUST-59]
    bench = st.established()
    for n in range(5):
        bench.end.segment_arrives(bench.seg(1 + 100 * n, 0, ack=1, text=b"x" * 100), 0)
    assert [s.ack for s in bench.taken()] == [st.IRS + 501]


def test_three_early_segments_make_three_duplicate_acks():
    bench = st.established()
    for n in range(1, 4):
        bench.end.segment_arrives(bench.seg(1 + 100 * n, 0, ack=1, text=b"x" * 100), 0)
    assert [(s.ack, s.wnd) for s in bench.taken()] == [(st.IRS + 1, 4000)] * 3
    assert bench.end.status().holes == ((st.IRS + 101, st.IRS + 401),)


def test_turning_delay_off_releases_the_ack():
    bench = st.established(config=DELAYING)
    bench.give(1, 0, ack=1, text=b"x")
    bench.end.configure(st.CONFIG, 0)
    assert codes(bench.taken()) == ["ack-data"] and bench.end.next_timeout() is None


def test_a_larger_receive_buffer_opens_a_closed_window():
    bench = st.established(config=replace(st.CONFIG, rcvbuf=100))
    bench.give(1, 0, ack=1, text=b"x" * 100)
    bench.end.configure(replace(st.CONFIG, rcvbuf=1000), 0)
    assert [s.wnd for s in bench.taken()] == [900]
    bench.end.configure(replace(st.CONFIG, rcvbuf=10), 0)
    assert bench.end.status().rcv_wnd == 900  # the right edge never moves left
