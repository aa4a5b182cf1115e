"""ECN: RFC 3168 and RFC 8311."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from tcplab.tcp import ACK, CWR, ECE, FIN, SYN, Options, Segment, State
from tcplab.tcp.ecn import CE, ECT_0, NOT_ECT
from tests.support import states as st
from tests.support.pair import MS, PLAIN, Pair, dice

S = 10**9
ON = replace(st.CONFIG, ecn=True, congestion="reno", rcvbuf=65535)


def give(bench, seq, flags=0, ack=1, text=b"", ecn=0):
    segment = replace(bench.seg(seq, flags, ack, text, wnd=65535), ecn=ecn)
    bench.end.segment_arrives(segment, bench.now)
    return bench.taken()


def established(config=ON, answer=ECE, **kw):
    bench = st.syn_sent(config=config, **kw)
    bench.give(0, SYN | answer, ack=1, options=Options(mss=100), wnd=65535)
    return bench.mark()


def letters(segments):
    return [s.letters for s in segments]


# -- negotiation -----------------------------------------------------------------------------------------------------

def test_the_syn_asks_with_both_bits_and_without_ect():  # [3168-01, 3168-05, 8311-03, SHLD-8]
    bench = st.closed(config=ON)
    bench.end.open_active(st.PEER, 0)
    syn, = bench.taken()
    assert syn.letters == "SEW" and syn.ecn == NOT_ECT


@pytest.mark.parametrize("answer, on", [(ECE, True), (0, False), (ECE | CWR, False), (CWR, False)])
def test_only_ece_alone_agrees(answer, on):  # [3168-01, 3168-03, 3168-04, 3168-08]
    bench = established(answer=answer)
    assert bench.end.state is State.ESTABLISHED and bench.end.status().ecn is on
    bench.end.send(b"x" * 100, 0)
    assert [s.ecn for s in bench.taken()] == [ECT_0 if on else NOT_ECT]


@pytest.mark.parametrize("bits, config, reply", [
    (ECE | CWR, ON, "S.E"), (0, ON, "S."), (ECE, ON, "S."), (CWR, ON, "S."), (ECE | CWR, st.CONFIG, "S.")])
def test_the_answer_to_a_syn(bits, config, reply):  # [3168-02, 3168-05, 3168-08]
    bench = st.listen(config=config)
    sent = bench.give(0, SYN | bits, options=Options(mss=100))
    assert letters(sent) == [reply] and sent[0].ecn == NOT_ECT
    bench.give(1, 0, ack=1)
    assert bench.end.status().ecn is (reply == "S.E")


def test_switched_off_nothing_is_set():  # [3168-08]
    bench = established(config=st.CONFIG, answer=ECE)
    assert not bench.end.status().ecn
    bench.end.send(b"x", 0)
    assert (bench.taken()[0].ecn, letters(give(bench, 1, text=b"y", ecn=CE))) == (0, ["."])


def test_silence_makes_the_syn_plain_and_plain_it_stays():  # [3168-09, 3168-03]
    bench = st.closed(config=ON)
    bench.end.open_active(st.PEER, 0)
    sent = bench.taken() + bench.wait(8 * S)
    assert letters(sent) == ["SEW", "SEW", "S", "S"]
    bench.give(0, SYN | ECE, ack=1, options=Options(mss=100))
    assert not bench.end.status().ecn


def test_a_plain_syn_after_an_ecn_syn_ends_it():  # [3168-04]
    bench = st.listen(config=ON)
    bench.give(0, SYN | ECE | CWR, options=Options(mss=100))
    bench.give(0, SYN, options=Options(mss=100))
    bench.give(1, 0, ack=1)
    assert bench.end.state is State.ESTABLISHED and not bench.end.status().ecn


def test_simultaneous_open_agrees():
    pair = Pair(replace(PLAIN, ecn=True))
    pair.a.open_active(pair.b.local, 0)
    pair.b.open_active(pair.a.local, 0)
    pair.settle()
    assert pair.a.status().ecn and pair.b.status().ecn and pair.a.state is State.ESTABLISHED


# -- the sender ------------------------------------------------------------------------------------------------------

def outstanding(segments=8, cwnd=None, config=ON):
    bench = established(config=config)
    bench.end.tcb.cc.cwnd = cwnd or segments * 100
    bench.end.send(b"x" * (100 * 40), 0)
    bench.mark()
    return bench


def test_an_echo_halves_once_a_window():  # [3168-10, 3168-11, 3168-13, 3168-14]
    bench = outstanding(8)
    sent = [s for n in range(1, 9) for s in give(bench, 1, ECE, ack=1 + 100 * n)]
    view = bench.end.status()
    assert view.cwnd == view.ssthresh == 400
    assert [s.letters for s in sent] == [".W"] + ["."] * (len(sent) - 1) and len(sent) > 2
    assert all(s.ecn == ECT_0 for s in sent)
    sent = give(bench, 1, ECE, ack=901)  # the next window
    assert bench.end.status().cwnd == 200
    reports = [r.why.code for r in bench.end.take_reports() if r.kind == "cwnd"]
    assert reports == ["cwnd-ecn", "cwnd-ecn"]


def test_an_echo_on_a_duplicate_ack_counts_too():
    bench = outstanding(8)
    give(bench, 1, ECE, ack=1)
    assert bench.end.status().cwnd == 400


@pytest.mark.parametrize("cause", ["dupacks", "timeout"])
def test_cwr_follows_every_reduction_on_new_text_only(cause):  # [3168-13, 3168-14, 3168-19, 8311-03]
    bench = outstanding(8)
    if cause == "dupacks":
        again = [s for _ in range(3) for s in give(bench, 1, ack=1)]
    else:
        again = bench.wait(2 * S)
    assert [(s.seq - st.ISS, s.letters, s.ecn) for s in again] == [(1, ".", NOT_ECT)]
    give(bench, 1, ack=801)
    sent = give(bench, 1, ack=801) or bench.end.take_segments()
    new = [s for s in bench.end.tcb.queue.sent]
    assert new and bench.end.tcb.ecn.told == bench.end.tcb.cc.cuts == 1
    sent = give(bench, 1, ack=901)
    assert all(s.letters == "." for s in sent)


def test_no_second_reduction_for_a_mark_in_a_repaired_window():  # [3168-10]
    bench = outstanding(8)
    for _ in range(3):
        give(bench, 1, ack=1)
    threshold = bench.end.status().ssthresh
    give(bench, 1, ECE, ack=801)
    assert bench.end.status().ssthresh == threshold


@pytest.mark.parametrize("engine", ["newreno", "sack", "rack", "tahoe"])
def test_no_second_reduction_for_a_loss_in_a_marked_window(engine):  # RFC 3168 6.1.2 [3168-10]
    change = {"congestion": "tahoe"} if engine == "tahoe" else {"recovery": engine}
    bench = st.syn_sent(config=replace(ON, sack=True, **change))
    bench.give(0, SYN | ECE, ack=1, options=Options(mss=100, sack_permitted=engine in ("sack", "rack")), wnd=65535)
    bench.end.tcb.cc.cwnd = 800
    bench.end.send(b"x" * 4000, 0)
    bench.mark()
    bench.now = 100 * MS
    give(bench, 1, ECE, ack=101)  # a mark, and 101 is lost
    assert bench.end.status().ssthresh == 400 and bench.end.tcb.cc.cuts == 1
    for right in (301, 401, 501):
        reported = Options(sack=((st.ISS + 201, st.ISS + right),)) if engine in ("sack", "rack") else Options()
        bench.end.segment_arrives(replace(bench.seg(1, 0, 101, wnd=65535), options=reported), bench.now)
    again = [s.seq - st.ISS for s in bench.taken() if s.rtx]
    view = bench.end.status()
    assert again[0] == 101 and view.ssthresh == 400 and bench.end.tcb.cc.cuts == 1
    bench.wait(3 * S)
    assert bench.end.status().backoff and bench.end.status().ssthresh == 400 and bench.end.status().cwnd == 100
    give(bench, 1, ack=801)
    bench.end.tcb.cc.cwnd = 800
    bench.end.send(b"", bench.now)
    assert bench.end.tcb.snd_una < bench.end.tcb.snd_nxt
    bench.wait(10 * S)  # another window: it counts again
    assert bench.end.status().ssthresh < 400


def test_cwr_once_for_each_reduction_to_the_end():  # [3168-06]
    lost = dice("cwr", 0.02)

    def accident(seg: Segment, n: int):
        if seg.ecn == ECT_0 and n % 50 == 0:
            seg.ecn = CE
        return lost(seg, n)

    pair = Pair(replace(PLAIN, ecn=True, congestion="reno", rcvbuf=65535, sndbuf=65535), accident=accident).connect()
    for _ in range(8):
        pair.a.send(b"x" * 20_000, pair.now)
        pair.settle()
    sent = [seg for seg in pair.sent("a") if seg.payload]
    cwr = [seg for seg in sent if seg.flags & CWR]
    cuts = pair.a.tcb.cc.cuts
    assert len(sent) > 1600 and cuts > 10 and all(seg.ecn == ECT_0 and not seg.rtx for seg in cwr)
    # Reductions with no new text between them share one CWR; none is made up.
    assert cuts // 2 <= len(cwr) <= cuts and pair.a.tcb.ecn.told == cuts
    last = [seg for seg in sent if not seg.rtx][-1]
    assert last.ecn == ECT_0  # for the whole life of the connection


def test_at_one_segment_the_timer_paces():  # [3168-12, 9438-11]
    bench = outstanding(1, cwnd=100)
    assert give(bench, 1, ECE, ack=101) == []
    assert "ecn-held" in [r.why.code for r in bench.end.take_reports() if r.kind == "timer"]
    assert bench.wait(S - 1) == []
    sent = bench.wait(1)
    assert [(s.seq - st.ISS, s.rtx) for s in sent] == [(101, 0)]


def test_the_pacing_never_gets_stuck():
    bench = outstanding(1, cwnd=100)
    give(bench, 1, ECE, ack=101)
    bench.end.configure(replace(ON, ecn=False), 0)
    assert bench.wait(10 * S)


def test_a_constant_window_heeds_nothing():
    bench = outstanding(8, config=replace(ON, congestion="fixed"))
    give(bench, 1, ECE, ack=101)
    assert bench.end.status().cwnd == 800 and not bench.end.tcb.cc.echo


def test_cubic_takes_seven_tenths():  # [9438-09]
    bench = outstanding(10, config=replace(ON, congestion="cubic"))
    give(bench, 1, ECE, ack=1)
    assert bench.end.status().cwnd == 700


# -- the receiver ----------------------------------------------------------------------------------------------------

def test_a_mark_is_echoed_until_cwr():  # [3168-15, 3168-07, 3168-18]
    bench = established()
    sent = give(bench, 1, text=b"a", ecn=CE)
    for n in range(2, 22):
        sent += give(bench, n, text=b"a", ecn=ECT_0)
    assert letters(sent) == [".E"] * 21 and {s.ecn for s in sent} == {NOT_ECT}
    assert bench.end.status().ecn_echo
    assert letters(give(bench, 22, CWR, text=b"a", ecn=ECT_0)) == ["."]
    assert letters(give(bench, 23, text=b"a", ecn=ECT_0)) == ["."]


def test_a_mark_on_the_cwr_segment_goes_on():  # [3168-17]
    bench = established()
    give(bench, 1, text=b"a", ecn=CE)
    assert letters(give(bench, 2, CWR, text=b"a", ecn=CE)) == [".E"]


def test_a_delayed_ack_tells_of_any_mark():  # [3168-16]
    bench = established(config=replace(ON, delack=True))
    assert give(bench, 1, text=b"a", ecn=CE) == []
    assert letters(give(bench, 2, text=b"a", ecn=ECT_0)) == [".E"]


def test_marks_outside_the_window_are_nothing():  # [3168-20]
    bench = established()
    give(bench, 1, text=b"abc")
    assert letters(give(bench, 1, text=b"abc", ecn=CE)) == ["."]
    assert letters(give(bench, 70000, text=b"abc", ecn=CE)) == ["."]


def test_marks_on_pure_acks_are_nothing():
    bench = established()
    give(bench, 1, ecn=CE)
    assert not bench.end.status().ecn_echo


def test_probes_are_bare_but_their_mark_counts():  # [3168-21, 8311-03]
    bench = established()
    bench.give(1, 0, ack=1, wnd=0)
    bench.end.send(b"xyz", 0)
    probe, = bench.wait(S)
    assert (len(probe.payload), probe.ecn, probe.letters) == (1, NOT_ECT, ".")
    closed = established(config=replace(ON, rcvbuf=100))
    give(closed, 1, text=b"x" * 100)
    assert letters(give(closed, 101, text=b"p", ecn=CE)) == [".E"]


def test_a_fin_without_text_and_time_wait():  # [3168-18, 3168-22]
    bench = established()
    give(bench, 1, text=b"a", ecn=CE)
    bench.end.close(0)
    fin, = bench.taken()
    assert (fin.letters, fin.ecn) == ("F.E", NOT_ECT)
    give(bench, 2, ack=2)
    give(bench, 2, FIN, ack=2)
    assert bench.end.state is State.TIME_WAIT and not bench.end.status().ecn


@settings(max_examples=60, deadline=None)
@given(some.integers(0, 999), some.sampled_from(["reno", "cubic", "tahoe"]), some.integers(0, 60))
def test_marks_and_losses_never_hurt_the_data(seed, name, share):
    data, lost = bytes(range(256)) * 40, dice(str(seed), 0.03, 0.03, 20 * MS)

    def accident(seg: Segment, n: int):
        if seg.ecn == ECT_0 and (n * 7919 + seed) % 100 < share:
            seg.ecn = CE
        assert not (seg.ecn and (not seg.payload or seg.rtx or seg.flags & SYN))
        assert not (seg.flags & CWR and seg.rtx and not seg.flags & SYN)
        return lost(seg, n)

    pair = Pair(replace(PLAIN, ecn=True, congestion=name, rcvbuf=65535), accident=accident).connect()
    pair.a.send(data, pair.now)
    pair.run(until=lambda: len(pair.got["b"]) == len(data))
    assert bytes(pair.got["b"]) == data
    pair.a.close(pair.now)
    pair.b.close(pair.now)
    pair.run()
    assert pair.a.gone and pair.b.gone


def test_without_the_ack_bit_nothing_is_dressed():
    bench = established()
    give(bench, 1, text=b"a", ecn=CE)
    bench.end.abort(0)
    rst, = bench.taken()
    assert rst.letters == "R" and not rst.flags & (ACK | ECE)
