"""RST, both ways (RFC 9293 sections 3.5.2, 3.5.3, 3.10.7; RFC 1337)."""

from dataclasses import replace

import pytest

from tcplab.tcp import ACK, FIN, RST, SYN, Segment, State, reset_reply
from tests.support import states as st


@pytest.mark.parametrize("flags, text, letters, seq, ack", [
    (SYN, b"", "R.", 0, 101), (SYN, b"abc", "R.", 0, 104), (FIN, b"", "R.", 0, 101), (0, b"", "R.", 0, 100),
    (ACK, b"", "R", 777, 0), (FIN | ACK, b"x", "R", 777, 0), (SYN | ACK, b"", "R", 777, 0),
    (RST, b"", None, 0, 0), (RST | ACK, b"", None, 0, 0)])
def test_reply_to_a_segment_for_no_connection(flags, text, letters, seq, ack):  # [9293-U-09, 9293-U-10]
    seg = Segment("10.0.0.2", "10.0.0.1", 80, 4000, 100, 777 if flags & ACK else 0, flags, 4000, text)
    reply = reset_reply(seg, "rst-closed")
    bench = st.closed()
    bench.end.segment_arrives(seg, 0)
    if letters is None:
        assert reply is None and bench.taken() == []
    else:
        assert (reply.letters, reply.seq, reply.ack) == (letters, seq, ack)
        assert (reply.src, reply.dport) == ("10.0.0.1", 80)
        assert bench.taken() == [reply]


def test_reply_wraps():
    seg = Segment("10.0.0.9", "10.0.0.1", 1, 2, 2**32 - 1, 0, SYN, 0)
    assert reset_reply(seg, "rst-closed").ack == 0


@pytest.mark.parametrize("source", ["224.0.0.1", "255.255.255.255", "0.0.0.0", "127.0.0.1", "ff02::1", "::"])
@pytest.mark.parametrize("flags", [SYN, ACK, FIN | ACK])
@pytest.mark.parametrize("build", [st.closed, st.listen])
def test_nobody_but_a_single_host_is_sent_a_reset(build, flags, source):  # RFC 1122 4.2.3.10 [1122-06]
    bench = build()
    bench.end.segment_arrives(Segment(source, st.US[0], st.PEER[1], st.US[1], 5, 777, flags, 0), 0)
    assert bench.taken() == []


@pytest.mark.parametrize("flags", [0, SYN, FIN])
def test_listen_answers_an_ack_with_a_reset(flags):  # [9293-U-11]
    bench = st.listen()
    bench.end.segment_arrives(Segment(*st.PEER[:1], st.US[0], st.PEER[1], st.US[1], 5, 777, ACK | flags, 0), 0)
    assert [(s.letters, s.seq) for s in bench.taken()] == [("R", 777)] and bench.end.state is State.LISTEN


@pytest.mark.parametrize("ack", [0, 2, -5, 2**31])
def test_syn_sent_resets_a_bad_ack(ack):  # [9293-U-12]
    bench = st.syn_sent()
    assert [(s.letters, s.seq) for s in bench.give(0, SYN, ack=ack)] == [("R", (st.ISS + ack) % 2**32)]
    assert bench.give(0, RST, ack=ack) == [] and bench.end.state is State.SYN_SENT
    bench.give(0, SYN, ack=1)
    assert bench.end.state is State.ESTABLISHED


def test_syn_sent_believes_a_reset_only_with_a_good_ack():  # [9293-U-13]
    bench = st.syn_sent()
    assert bench.give(0, RST) == [] and bench.end.state is State.SYN_SENT
    bench.give(0, RST, ack=1)
    assert bench.end.gone and bench.end.error == "connection refused"


def test_syn_sent_ignores_a_bare_good_ack():  # [9293-U-55]
    bench = st.syn_sent()
    assert bench.give(1, 0, ack=1) == [] and bench.end.state is State.SYN_SENT


@pytest.mark.parametrize("ack", [0, 2])
def test_syn_received_resets_a_bad_ack(ack):  # [9293-U-14]
    for build in (st.syn_received, st.syn_received_active):
        bench = build()
        assert [(s.letters, s.seq) for s in bench.give(1, 0, ack=ack)] == [("R", st.ISS + ack)]
        assert bench.end.state is State.SYN_RECEIVED


def test_reset_in_syn_received_remembers_the_origin():  # [MUST-11, 9293-U-16]
    bench = st.syn_received()
    assert bench.give(1, RST) == [] and bench.end.state is State.LISTEN
    assert bench.end.error is None and bench.end.next_timeout() is None and bench.end.remote is None
    assert [s.letters for s in bench.give(7, SYN)] == ["S."]
    bench = st.syn_received_active()
    bench.give(1, RST)
    assert bench.end.gone and bench.end.error == "connection refused"


@pytest.mark.parametrize("state", [State.ESTABLISHED, State.FIN_WAIT_1, State.FIN_WAIT_2, State.CLOSE_WAIT,
                                   State.CLOSING, State.LAST_ACK])
def test_a_reset_counts_only_exactly_at_rcv_nxt(state):  # RFC 9293 3.10.7.4, RFC 5961 3.2
    nxt = st.BUILD[state]().end.status().rcv_nxt - st.IRS
    for seq, reply in ((nxt + 1, ["."]), (nxt + 3999, ["."] if state is State.ESTABLISHED else None),
                       (nxt - 1, []), (nxt + 9000, [])):
        bench = st.BUILD[state]()
        answered = [s.letters for s in bench.give(seq, RST)]
        assert (reply is None or answered == reply) and bench.end.state is state
    bench = st.BUILD[state]()
    assert bench.give(nxt, RST, text=b"why") == [] and bench.end.gone  # text on a RST is ignored [SHLD-2]
    quiet_end = state in (State.CLOSING, State.LAST_ACK)
    assert bench.end.error == (None if quiet_end else "connection reset")


def test_a_reset_passes_a_closed_window():  # [MUST-66]
    bench = st.established(config=replace(st.CONFIG, rcvbuf=100))
    bench.give(1, 0, ack=1, text=b"x" * 100)
    assert bench.end.status().rcv_wnd == 0
    assert bench.give(102, RST) == [] and not bench.end.gone
    bench.give(101, RST)
    assert bench.end.gone


def test_time_wait_ignores_resets_unless_told_otherwise():  # RFC 1337 [1337-01]
    bench = st.time_wait()
    assert bench.give(2, RST) == [] and bench.end.state is State.TIME_WAIT
    bench = st.time_wait(config=replace(st.CONFIG, rfc1337=False))
    bench.give(2, RST)
    assert bench.end.gone


def test_syn_in_the_window():  # RFC 9293 3.10.7.4, RFC 5961 4.2
    bench = st.established()
    assert [s.why.code for s in bench.give(50, SYN)] == ["ack-challenge-syn"]
    assert bench.end.state is State.ESTABLISHED
    bench = st.syn_received()
    assert bench.give(50, SYN) == [] and bench.end.state is State.LISTEN
    bench = st.syn_received_active()
    assert [s.why.code for s in bench.give(50, SYN)] == ["ack-challenge-syn"]


def test_reset_flushes_unread_text():
    bench = st.established()
    bench.give(1, 0, ack=1, text=b"abc")
    bench.give(4, RST)
    assert bench.end.readable == 0
