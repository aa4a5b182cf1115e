"""The urgent pointer: RFC 9293 section 3.8.5, RFC 6093."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from tcplab.net.errors import NetError
from tcplab.tcp import FIN, URG, Segment, TcpError
from tests.net.rig import make, opened, run, tcb
from tests.support import states as st
from tests.support.pair import PLAIN, Pair, dice, lose

S = 10**9
WIDE = replace(st.CONFIG, rcvbuf=65535, sndbuf=200_000, cwnd_fixed=10**6)


def give(bench, seq, up, text=b"", flags=URG, ack=1):
    segment = replace(bench.seg(seq, flags, ack, text), up=up)
    bench.end.segment_arrives(segment, bench.now)
    return [r for r in bench.end.take_reports() if r.kind == "urgent"]


def test_the_pointer_names_the_byte_after():  # [MUST-62, MUST-30]
    bench = st.established()
    bench.end.send(b"!", 0, hurry=True)
    sent, = bench.taken()
    assert (sent.letters, sent.up, sent.payload) == ("P.U", 1, b"!")
    bench.end.send(b"calm", 0)
    sent, = bench.taken()
    assert not sent.flags & URG and sent.up == 0


def test_a_mark_far_ahead():  # [MUST-31, 9293-U-45]
    bench = st.established(config=WIDE, wnd=65535)
    bench.end.send(b"x" * 100_000, 0, hurry=True)
    first = bench.taken()[0]
    assert first.up == 65535 and bench.end.status().snd_up == (first.seq + 100_000) % 2**32
    sent = bench.give(1, 0, ack=65001, wnd=65535)
    mark = st.ISS + 100_001
    assert len(sent) > 300 and all(seg.up == min(65535, mark - seg.seq) and seg.flags & URG for seg in sent)
    assert sent[-1].up == 100


def test_repeated_segments_carry_it_as_well():
    bench = st.established()
    bench.end.send(b"x" * 50, 0, hurry=True)
    bench.taken()
    again, = bench.wait(S)
    assert again.flags & URG and again.up == 50


def test_the_user_hears_before_reading_and_of_each_advance():  # [MUST-32, 9293-U-43]
    bench = st.established()
    bench.give(1, 0, ack=1, text=b"ordinary")
    bench.end.take_reports()
    told = give(bench, 9, 10)
    assert [r.get("left") for r in told] == [18] and bench.end.readable == 8
    assert [r.get("left") for r in give(bench, 9, 30)] == [38]
    assert give(bench, 9, 20) == [] and give(bench, 9, 30) == []
    assert bench.end.status().rcv_up == st.IRS + 39


def test_how_much_is_left_while_reading():  # [MUST-33]
    bench = st.established()
    give(bench, 1, 5, b"hurry, please")
    left = []
    while bench.end.readable:
        left.append((bench.end.urgent_left, bench.end.receive(2, 0)))
    assert left[:4] == [(5, b"hu"), (3, b"rr"), (1, b"y,"), (0, b" p")]
    assert bench.end.status().rcv_up is None


@pytest.mark.parametrize("seq, up", [(1, 0), (1, 1), (-50, 40), (-200, 65535)])
def test_odd_pointers_do_no_harm(seq, up):  # [9293-U-44]
    bench = st.established()
    bench.give(1, 0, ack=1, text=b"abc")
    bench.end.receive(10, 0)
    give(bench, seq, up)
    bench.give(4, 0, ack=1, text=b"def")
    assert bench.end.receive(10, 0) == b"def"


def test_after_the_fin_it_is_ignored():  # [9293-U-43]
    bench = st.close_wait()
    assert give(bench, 2, 9) == [] and bench.end.urgent_left == 0
    bench = st.established()
    give(bench, 1, 3, b"abc", flags=URG | FIN)
    assert bench.end.urgent_left == 3 and bench.end.receive(9, 0) == b"abc" and bench.end.urgent_left == 0


def test_nothing_cannot_be_urgent():  # [9293-U-44]
    bench = st.established()
    with pytest.raises(TcpError):
        bench.end.send(b"", 0, hurry=True)
    net = opened(make())
    with pytest.raises(NetError):
        net.send("client", None, b"", urgent=True)


def test_the_mark_reaches_through_a_closed_window():
    pair = Pair(replace(PLAIN, rcvbuf=500), reading=False).connect()
    pair.a.send(b"x" * 500, pair.now)
    pair.run(for_ns=S)
    pair.a.send(b"!", pair.now, hurry=True)
    pair.run(for_ns=3 * S)
    assert pair.b.urgent_left == 501


def test_across_the_network_in_pieces():
    net = opened(make())
    net.set_option("server", None, "reading", False)
    net.send("client", None, b"a" * 150)
    net.send("client", None, b"now!", urgent=True)
    net.send_n("client", None, 30)
    run(net)
    assert tcb(net, "server").urgent_left == 154 and tcb(net, "server").unread == 184
    net.recv("server", None, 154)
    assert tcb(net, "server").urgent_left == 0
    assert [e.get("left") for e in net.sink if e.kind == "urgent"] == [154, 0]


@settings(max_examples=60, deadline=None)
@given(some.lists(some.tuples(some.integers(1, 300), some.booleans()), min_size=1, max_size=8), some.integers(0, 99))
def test_marks_change_no_byte_and_are_never_missed(calls, seed):
    pair = Pair(PLAIN, accident=dice(str(seed), 0.1, 0.1, 10**8) if seed else lose(), reading=False).connect()
    data, mark = b"", 0
    for n, hurry in calls:
        piece = bytes([len(data) % 256]) * n
        pair.a.send(piece, pair.now, hurry=hurry)
        data += piece
        mark = len(data) if hurry else mark
    pair.run(until=lambda: pair.b.readable == len(data))
    pair.settle()
    assert pair.b.urgent_left == mark
    assert pair.b.receive(9999, pair.now) == data and pair.b.urgent_left == 0
    assert isinstance(pair.log[0][2], Segment)
