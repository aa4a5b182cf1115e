"""Opening and closing: RFC 9293 sections 3.5, 3.6, 3.10.1 to 3.10.5, 3.10.7."""

from dataclasses import replace

import pytest

from tcplab.tcp import ACK, FIN, RST, SYN, Options, Segment, State, TcpError
from tcplab.tcp.arrival import Arrival
from tcplab.tcp.arrives_ack import ack_in_syn_received
from tcplab.tcp.wire import options_from_bytes
from tests.support import states as st
from tests.support.pair import MS, PLAIN, Pair, S, lose

WRAPS = (0, 2**31 - 1, 2**31, 2**31 + 1, 2**32 - 1)


@pytest.mark.parametrize("iss", WRAPS)
@pytest.mark.parametrize("irs", WRAPS)
def test_a_whole_connection_with_any_isn(iss, irs):  # RFC 9293 3.4 [9293-U-04, 9293-U-05]
    pair = Pair(replace(PLAIN, iss=iss), replace(PLAIN, iss=irs)).connect()
    pair.a.send(b"x" * 350, pair.now)
    pair.b.send(b"y" * 120, pair.now)
    pair.a.close(pair.now)
    pair.settle()
    pair.b.close(pair.now)
    pair.run()
    assert (bytes(pair.got["b"]), bytes(pair.got["a"])) == (b"x" * 350, b"y" * 120)
    assert pair.a.gone and pair.b.gone and pair.a.error is None and pair.b.error is None
    assert pair.a.status().snd_nxt == (iss + 352) % 2**32 and pair.a.status().rcv_nxt == (irs + 122) % 2**32


def test_handshake_letters_numbers_and_reasons():
    pair = Pair(replace(PLAIN, iss=4211), replace(PLAIN, iss=9000)).connect()
    assert [(who, s.letters, s.seq, s.ack, s.options.mss, s.why.code) for _, who, s in pair.log] == [
        ("a", "S", 4211, 0, 100, "syn"), ("b", "S.", 9000, 4212, 100, "syn-ack"),
        ("a", ".", 4212, 9001, None, "ack-handshake")]  # [MUST-14, MUST-65]


@pytest.mark.parametrize("lost", range(8))
@pytest.mark.parametrize("fixed", [True, False])
def test_simultaneous_open(lost, fixed):  # RFC 9293 3.5 Figure 7 [MUST-10]
    pair = Pair(replace(PLAIN, iss=2**32 - 1 if fixed else 5), accident=lose(*([lost] if lost else [])))
    pair.a.open_active(pair.b.local, 0)
    pair.b.open_active(pair.a.local, 0)
    pair.settle()
    assert pair.a.state == pair.b.state == State.ESTABLISHED
    pair.a.send(b"hello", pair.now)
    pair.b.send(b"there", pair.now)
    pair.settle()
    assert (pair.got["b"], pair.got["a"]) == (b"hello", b"there")
    path = [r.get("to") for r in pair.kinds("a", "state")]
    assert path[:3] == ["SYN-SENT", "SYN-RECEIVED", "ESTABLISHED"] or lost


def test_simultaneous_close():  # RFC 9293 3.6 Figure 13
    pair = Pair().connect()
    pair.a.close(pair.now)
    pair.b.close(pair.now)
    pair.run(for_ns=60 * MS)
    assert pair.a.state == pair.b.state == State.CLOSING
    pair.settle()
    assert pair.a.state == pair.b.state == State.TIME_WAIT
    pair.run()
    assert pair.a.gone and pair.b.gone


def test_half_close():  # RFC 9293 3.6 [9293-U-30]
    pair = Pair().connect()
    pair.a.close(pair.now)
    pair.settle()
    assert (pair.a.state, pair.b.state) == (State.FIN_WAIT_2, State.CLOSE_WAIT)
    pair.b.send(b"late words", pair.now)
    pair.settle()
    assert pair.got["a"] == b"late words" and pair.a.state is State.FIN_WAIT_2
    pair.b.close(pair.now)
    pair.settle()
    assert pair.a.state is State.TIME_WAIT and pair.b.gone and pair.a.eof


def test_fin_wait_1_to_time_wait_directly():  # RFC 9293 3.10.7.4
    bench = st.fin_wait_1()
    bench.give(1, FIN, ack=2, text=b"bye")
    moves = [r.get("event") for r in bench.end.take_reports() if r.kind == "state"]
    assert moves == ["rcv FIN and ACK of FIN"] and bench.end.receive(9, 0) == b"bye"


def test_fin_of_an_application_that_closes_at_once_carries_the_ack():  # RFC 9293 3.6
    bench = st.established()
    bench.end.segment_arrives(bench.seg(1, FIN, ack=1), 0)
    bench.end.close(0)
    assert [(s.letters, s.ack) for s in bench.taken()] == [("F.", st.IRS + 2)]


def test_close_in_syn_received():  # RFC 9293 3.10.4
    bench = st.syn_received()
    bench.end.close(0)
    assert bench.end.state is State.FIN_WAIT_1
    assert [s.letters for s in bench.taken()] == ["F."]
    bench.give(1, 0, ack=2)
    assert bench.end.state is State.FIN_WAIT_2
    bench = st.syn_received()
    bench.end.send(b"x", 0)
    bench.end.close(0)
    assert bench.end.state is State.SYN_RECEIVED
    with pytest.raises(TcpError, match="connection closing"):
        bench.end.send(b"y", 0)
    assert [(s.letters, s.payload) for s in bench.give(1, 0, ack=1)] == [("FP.", b"x")]
    assert bench.end.state is State.FIN_WAIT_1


def test_close_sends_what_is_queued_first():  # RFC 9293 3.10.4 [9293-U-29]
    bench = st.established()
    bench.end.send(b"x" * 1500, 0)
    bench.end.close(0)
    assert bench.end.state is State.FIN_WAIT_1 and not bench.end.status().fin_sent
    with pytest.raises(TcpError, match="connection closing"):
        bench.end.send(b"more", 0)
    first = bench.taken()
    assert len(first) == 10 and not any(s.flags & FIN for s in first)
    rest = bench.give(1, 0, ack=1001)
    assert [len(s.payload) for s in rest] == [100] * 5 and rest[-1].letters == "FP."
    bench.give(1, 0, ack=1501)
    assert bench.end.state is State.FIN_WAIT_1  # our FIN is sent, but this ACK does not cover it
    bench.give(1, 0, ack=1502)
    assert bench.end.state is State.FIN_WAIT_2


def test_ack_while_the_fin_is_still_queued_does_not_move():  # trap 7
    bench = st.established(wnd=100)
    bench.end.send(b"x" * 200, 0)
    bench.end.close(0)
    bench.give(1, 0, ack=101, wnd=0)
    assert bench.end.state is State.FIN_WAIT_1 and not bench.end.status().fin_sent


def test_close_wait_waits_with_last_ack_until_the_fin_leaves():  # RFC 9293 3.10.4
    bench = st.established()
    bench.give(1, FIN, ack=1, wnd=100)
    bench.end.send(b"x" * 150, 0)
    bench.end.close(0)
    assert bench.end.state is State.CLOSE_WAIT
    bench.taken()
    bench.give(2, 0, ack=101, wnd=100)
    assert bench.end.state is State.LAST_ACK


def test_fin_out_of_order_waits_for_the_hole():  # RFC 9293 3.10.7.4 [9293-U-20]
    bench = st.established()
    bench.give(4, FIN, ack=1, text=b"def")
    assert bench.end.state is State.ESTABLISHED
    bench.give(1, 0, ack=1, text=b"abc")
    assert bench.end.state is State.CLOSE_WAIT and bench.end.receive(9, 0) == b"abcdef"
    bench = st.established()
    bench.give(4, FIN, ack=1)
    bench.give(1, 0, ack=1, text=b"abc")
    assert bench.end.state is State.CLOSE_WAIT


def test_reading_after_the_fin():  # RFC 9293 3.10.3 [9293-U-31, MUST-12]
    bench = st.established()
    bench.give(1, FIN, ack=1, text=b"abc")
    assert not bench.end.eof and bench.end.receive(2, 0) == b"ab" and bench.end.receive(2, 0) == b"c"
    assert bench.end.eof
    with pytest.raises(TcpError, match="connection closing"):
        bench.end.receive(1, 0)


def test_time_wait_lasts_two_msl_and_restarts():  # RFC 9293 3.6.1 [MUST-13, 9293-U-33]
    bench = st.time_wait()
    bench.wait(45 * S)
    replies = bench.give(1, FIN, ack=2)
    assert [(s.letters, s.why.code) for s in replies] == [(".", "ack-fin-again")]
    bench.wait(60 * S - 1)
    assert bench.end.state is State.TIME_WAIT
    bench.wait(1)
    assert bench.end.state is State.CLOSED and bench.end.gone and bench.end.error is None


def test_a_bare_ack_does_not_restart_time_wait():
    bench = st.time_wait()
    bench.wait(30 * S)
    assert bench.give(2, 0, ack=2) == []
    assert bench.end.status().timers == (("time-wait", 60 * S),)


def test_msl_zero_ends_time_wait_at_once_after_its_ack():
    bench = st.fin_wait_2(config=replace(st.CONFIG, msl_ns=0))
    assert [s.letters for s in bench.give(1, FIN, ack=2)] == ["."]
    assert bench.end.gone and [s.letters for s in bench.give(1, FIN, ack=2)] == ["R"]
    bench = st.fin_wait_1(config=replace(st.CONFIG, msl_ns=0))
    assert [s.letters for s in bench.give(1, FIN, ack=2)] == ["."] and bench.end.gone


def test_changing_msl_in_time_wait():
    bench = st.time_wait()
    bench.wait(10 * S)
    bench.end.configure(replace(st.CONFIG, msl_ns=15 * S), bench.now)
    assert bench.end.status().timers == (("time-wait", 30 * S),)
    bench.end.configure(replace(st.CONFIG, msl_ns=0), bench.now)
    assert bench.end.gone


NOT_EXIST, CLOSING, EXISTS = "connection does not exist", "connection closing", "connection already exists"
_CLOSING_STATES = (State.FIN_WAIT_1, State.FIN_WAIT_2, State.CLOSING, State.LAST_ACK, State.TIME_WAIT)


@pytest.mark.parametrize("state", State)
def test_user_calls_in_every_state(state):  # RFC 9293 3.10.1 - 3.10.5 [9293-U-47]
    def outcome(call):
        bench = st.BUILD[state]()
        try:
            call(bench.end)
        except TcpError as error:
            return error.message
        return None

    closed, listening = state is State.CLOSED, state is State.LISTEN
    assert outcome(lambda e: e.open_active(st.PEER, 0)) == (None if closed or listening else EXISTS)
    assert outcome(lambda e: e.open_passive(0)) == (None if closed else EXISTS)
    assert outcome(lambda e: e.send(b"x", 0)) == (
        NOT_EXIST if closed else "remote socket unspecified" if listening else
        CLOSING if state in _CLOSING_STATES else None)
    assert outcome(lambda e: e.close(0)) == (NOT_EXIST if closed else CLOSING if state in _CLOSING_STATES else None)
    assert outcome(lambda e: e.abort(0)) == (NOT_EXIST if closed else None)
    after_fin = state in (State.CLOSE_WAIT, State.CLOSING, State.LAST_ACK, State.TIME_WAIT)
    assert outcome(lambda e: e.receive(1, 0)) == (NOT_EXIST if closed else CLOSING if after_fin else None)


@pytest.mark.parametrize("state", [s for s in State if s is not State.CLOSED])
def test_abort_sends_a_reset_where_the_peer_must_know(state):  # RFC 9293 3.10.5 [9293-U-35]
    bench = st.BUILD[state]()
    nxt = bench.end.status().snd_nxt
    bench.end.abort(0)
    loud = state in (State.SYN_RECEIVED, State.ESTABLISHED, State.FIN_WAIT_1, State.FIN_WAIT_2, State.CLOSE_WAIT)
    assert [(s.letters, s.seq) for s in bench.taken()] == ([("R", nxt)] if loud else [])
    assert bench.end.gone and bench.end.next_timeout() is None


@pytest.mark.parametrize("address", ["255.255.255.255", "224.0.0.1", "ff02::1", "0.0.0.0", "::", "nobody"])
def test_open_to_what_is_no_host_is_refused(address):  # RFC 9293 3.9.2.3 [MUST-46]
    bench = st.closed()
    with pytest.raises(TcpError, match="single host"):
        bench.end.open_active((address, 80), 0)
    assert bench.end.state is State.CLOSED and bench.taken() == []


@pytest.mark.parametrize("source", ["0.0.0.0", "224.0.0.1", "255.255.255.255", "::", "ff02::1"])
def test_syn_from_what_is_no_host_is_ignored(source):  # RFC 9293 3.9.2.3 [MUST-57, MUST-63]
    bench = st.listen()
    bench.end.segment_arrives(replace(bench_syn(bench), src=source), 0)
    bench.end.segment_arrives(replace(bench_syn(bench), dst="224.0.0.5"), 0)
    assert bench.taken() == [] and bench.end.state is State.LISTEN


def bench_syn(bench):
    return Segment(st.PEER[0], st.US[0], st.PEER[1], st.US[1], st.IRS, 0, SYN, 4000)


def test_listener_with_a_specified_remote():  # RFC 9293 3.10.1 [9293-U-46]
    bench = st.closed()
    bench.end.open_passive(0, remote=st.PEER)
    bench.end.segment_arrives(replace(bench_syn(bench), sport=81), 0)
    assert [s.letters for s in bench.taken()] == ["R."] and bench.end.state is State.LISTEN
    bench.end.segment_arrives(bench_syn(bench), 0)
    assert [s.letters for s in bench.taken()] == ["S."]


def test_send_in_listen_opens_actively_and_the_data_follows():  # RFC 9293 3.10.2 [9293-U-56]
    bench = st.closed()
    bench.end.open_passive(0, remote=st.PEER)
    assert bench.end.send(b"hello", 0) == 5
    assert [s.letters for s in bench.taken()] == ["S"] and bench.end.state is State.SYN_SENT
    assert [(s.letters, s.payload) for s in bench.give(0, SYN, ack=1)] == [("P.", b"hello")]


def test_text_and_fin_on_a_syn_ack():  # RFC 9293 3.10.7.3
    bench = st.syn_sent()
    bench.give(0, SYN | FIN, ack=1, text=b"hi")
    assert bench.end.state is State.CLOSE_WAIT and bench.end.receive(9, 0) == b"hi"


def test_syn_fin_to_a_listener_keeps_the_syn():  # RFC 9293 3.10.7.2
    bench = st.listen()
    assert [(s.letters, s.ack) for s in bench.give(0, SYN | FIN)] == [("S.", st.IRS + 1)]


def test_text_on_a_syn_is_taken_when_it_comes_again():  # [9293-U-08]
    bench = st.listen()
    assert [s.ack for s in bench.give(0, SYN, text=b"hello", options=Options(mss=100))] == [st.IRS + 1]
    bench.give(1, 0, ack=1, text=b"hello")
    assert bench.end.receive(9, 0) == b"hello"


def test_lost_third_ack_is_healed_by_the_first_data():
    pair = Pair(accident=lose(2))
    pair.b.open_passive(0)
    pair.a.open_active(pair.b.local, 0)
    pair.run(for_ns=200 * MS)
    assert (pair.a.state, pair.b.state) == (State.ESTABLISHED, State.SYN_RECEIVED)
    pair.a.send(b"hello", pair.now)
    pair.settle()
    assert pair.b.state is State.ESTABLISHED and pair.got["b"] == b"hello"


def test_lost_last_ack_is_answered_by_time_wait():
    pair = Pair(accident=lambda seg, n: [] if n == 6 else [0]).connect()
    pair.a.close(pair.now)
    pair.settle()
    pair.b.close(pair.now)
    pair.run(until=lambda: pair.b.gone)
    fins = [(t, s.rtx) for t, who, s in pair.log if who == "b" and s.flags & FIN]
    assert fins[1][0] - fins[0][0] == S and [n for _, n in fins] == [0, 1]
    assert pair.a.state is State.TIME_WAIT


def test_old_duplicate_syn_is_undone():  # RFC 9293 3.5 Figure 8 [9293-U-18]
    pair = Pair()
    pair.b.open_passive(0)
    old = Segment(pair.a.local[0], pair.b.local[0], pair.a.local[1], pair.b.local[1], 90, 0, SYN, 4000)
    pair.b.segment_arrives(old, 0)
    pair.a.open_active(pair.b.local, 0)
    pair.run(until=lambda: pair.a.state is State.ESTABLISHED and pair.b.state is State.ESTABLISHED)
    assert any(s.flags & RST for s in pair.sent("a"))


def test_half_open_is_discovered():  # RFC 9293 3.5.1 [9293-U-17]
    pair = Pair().connect()
    pair.a.tcb.__init__(PLAIN, pair.a.local)  # the host was restarted
    pair.b.send(b"anybody there?", pair.now)
    pair.settle()
    assert pair.b.gone and pair.b.error == "connection reset"


def test_unacceptable_segment_never_moves_a_synchronized_state():  # RFC 9293 3.5.2 [9293-U-15]
    for state in (s for s in State if s not in (State.CLOSED, State.LISTEN, State.SYN_SENT, State.SYN_RECEIVED)):
        for seq, flags, ack in ((9000, 0, 1), (9000, SYN, None), (9000, FIN, 1)):
            bench = st.BUILD[state]()
            view = bench.end.status()
            assert [(s.letters, s.seq, s.ack) for s in bench.give(seq, flags, ack=ack)] == \
                [(".", view.snd_nxt, view.rcv_nxt)]
            assert bench.end.state is state


def test_acks_carry_the_bit_after_the_first_syn():  # [9293-U-26]
    pair = Pair().connect()
    pair.a.send(b"x" * 300, pair.now)
    pair.a.close(pair.now)
    pair.settle()
    assert all(s.flags & ACK for _, _, s in pair.log[1:])


def test_the_user_timeout_option_is_passed_over():  # [5482-07]
    data = bytes((28, 4, 0x80, 5, 2, 4, 3, 232))
    options = options_from_bytes(data)
    assert options.mss == 1000 and options.unknown == ((28, bytes((0x80, 5))),)
    bench = st.listen(config=st.CONFIG)
    (reply,) = bench.give(0, SYN, options=options)
    assert reply.options == Options(mss=st.CONFIG.mss)
    bench.give(1, 0, ack=1, options=Options(unknown=options.unknown))
    assert bench.end.state is State.ESTABLISHED and bench.end.config.user_timeout_ns == st.CONFIG.user_timeout_ns


def test_the_ack_of_the_handshake_sets_the_send_window():  # [1122-02]
    bench = st.syn_received(config=st.CONFIG)
    tcb = bench.end.tcb
    ack = Arrival(tcb, bench.seg(1, 0, ack=1, wnd=777))
    assert ack_in_syn_received(tcb, ack) and tcb.state is State.ESTABLISHED
    assert (tcb.snd_wnd, tcb.snd_wl1, tcb.snd_wl2) == (777, st.IRS + 1, st.ISS + 1)
