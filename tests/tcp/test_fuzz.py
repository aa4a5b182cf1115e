"""No segment and no call, however wrong, raises out of an endpoint, makes it grow, or moves it beside the table."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from tcplab.tcp import ACK, RST, Event, Options, Segment, State, TcpError, explain, transition
from tcplab.tcp.config import CONGESTION_NAMES, RECOVERY_NAMES
from tcplab.tcp.icmp import TOO_BIG, UNREACHABLE, IcmpError
from tests.support import states as st

knobs = some.fixed_dictionaries({}, optional={
    "congestion": some.sampled_from(CONGESTION_NAMES), "keepalive_ns": some.just(10**9),
    "recovery": some.sampled_from(RECOVERY_NAMES),
    **{name: some.booleans() for name in (
        "sack", "timestamps", "wscale", "prr", "frto", "hystart", "ecn", "rfc5961", "rfc6191", "rfc1337", "pmtud",
        "icmp_hard", "keepalive_garbage", "nagle", "impatient", "renege", "rst_echo", "abort_time_wait")}})

#: Numbers near what the endpoint knows, and anywhere.
numbers = some.one_of(some.integers(-3, 3), some.integers(-4100, 4100), some.sampled_from([2**31, 2**31 - 1]),
                      some.integers(0, 2**32 - 1))

segments = some.tuples(
    numbers, numbers, some.integers(0, 255), some.sampled_from([0, 1, 99, 100, 4000, 65535]),
    some.binary(max_size=8), some.sampled_from([None, 0, 1, 100, 65535]), some.booleans())

CALLS = {
    "send": lambda end, now: end.send(b"abc" * 50, now),
    "urgent": lambda end, now: end.send(b"now" * 9, now, hurry=True),
    "too big": lambda end, now: end.icmp(IcmpError(TOO_BIG, end.status().snd_una or 0, "", 90), now),
    "unreachable": lambda end, now: end.icmp(IcmpError(UNREACHABLE, end.status().snd_una or 0, "host"), now),
    "receive": lambda end, now: end.receive(7, now),
    "close": lambda end, now: end.close(now),
    "abort": lambda end, now: end.abort(now),
    "open": lambda end, now: end.open_active(st.PEER, now),
    "listen": lambda end, now: end.open_passive(now),
}
steps = some.lists(some.one_of(segments, segments, segments, some.sampled_from(sorted(CALLS)),
                               some.integers(0, 10**11)), max_size=25)


def make(bench, seq, ack, flags, wnd, text, mss, known):
    """A segment whose numbers are offsets from what the endpoint expects, or (not `known`) raw."""
    view = bench.end.status()
    base_seq, base_ack = (view.rcv_nxt or 0, view.snd_nxt or 0) if known else (0, 0)
    return Segment(st.PEER[0], st.US[0], st.PEER[1], st.US[1], (base_seq + seq) & 0xFFFFFFFF,
                   (base_ack + ack) & 0xFFFFFFFF, flags, wnd, text * 20, Options(mss=mss), seq & 0xFFFF, ack & 3)


def one_step(bench, step):
    end = bench.end
    if isinstance(step, int):
        bench.wait(step)
    elif isinstance(step, str):
        try:
            CALLS[step](end, bench.now)
        except TcpError as error:
            assert error.message and error.clause
    else:
        seg = make(bench, *step)
        end.segment_arrives(seg, bench.now)
        out = end.take_segments()
        if seg.flags & RST:  # RFC 9293 3.5.2 [9293-U-10]: never a RST for a RST
            assert not any(reply.flags & RST for reply in out)
        return out
    return end.take_segments()


@settings(max_examples=400, deadline=None)
@given(state=some.sampled_from(State), steps=steps, iss=some.sampled_from([0, 1000, 2**31, 2**32 - 1]),
       delack=some.booleans(), knobs=knobs)
def test_nothing_raises_grows_or_leaves_the_table(state, steps, iss, delack, knobs):
    bench = st.BUILD[state](config=replace(st.CONFIG, iss=iss, delack=delack, **knobs), irs=2**32 - 5)
    at = state
    for step in steps:
        for seg in one_step(bench, step):
            assert 0 <= seg.seq < 2**32 and 0 <= seg.ack < 2**32 and 0 <= seg.wnd < 2**16
            assert explain(seg.why).text and len(seg.payload) <= 100
        for report in bench.end.take_reports():
            assert report.why is None or explain(report.why).clause
            if report.kind == "state":  # the path is unbroken and every move is a row
                assert report.get("from") == at
                at = transition(State(report.get("from")), Event(report.get("event"))).target
        assert bench.end.state is at
        tcb = bench.end.tcb
        assert len(tcb.unread) + sum(map(len, tcb.reassembly.texts)) <= tcb.config.rcvbuf
        assert tcb.snd_una <= tcb.snd_nxt
        bench.end.status()


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("flags", range(64))
def test_every_combination_of_bits_in_every_state(state, flags):
    for seq, ack, text in ((0, 1, b""), (1, 1, b""), (1, 2, b"xy"), (2, 1, b"xy"), (5000, 1, b""), (1, 9, b"")):
        bench = st.BUILD[state]()
        iss = bench.end.status().iss or 0
        seg = Segment(st.PEER[0], st.US[0], st.PEER[1], st.US[1], st.IRS + seq, iss + ack if flags & ACK else 0,
                      flags, 4000, text)
        bench.end.segment_arrives(seg, 0)
        replies = bench.taken()
        assert len(replies) <= 2
        if flags & RST:
            assert not any(reply.flags & RST for reply in replies)


def test_a_plain_seeded_loop():
    """As `make fuzz N=20000 SEED=3`: every state is visited, nothing breaks."""
    from tests.support.fuzz import fuzz
    done = fuzz(20_000, 3)
    assert done.states == set(State)
