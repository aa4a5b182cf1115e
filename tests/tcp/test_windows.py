"""Windows, Nagle and silly windows: RFC 9293 sections 3.7.4, 3.8.6, 3.10.7.4."""

import random
from dataclasses import replace

import pytest

from tcplab.tcp import ACK, FIN, PSH, SYN
from tests.support import states as st
from tests.support.pair import MS, PLAIN, Pair, S

pytestmark = pytest.mark.usefixtures("both_ways")

NAGLING = replace(st.CONFIG, nagle=True)


def codes(segments):
    return [seg.why.code for seg in segments]


# -- the acceptability test ------------------------------------------------------------------------------------------

@pytest.mark.parametrize("seq, length, ok", [
    (0, 0, False), (1, 0, True), (4000, 0, True), (4001, 0, False), (5000, 0, False),
    (0, 1, False), (0, 2, True), (1, 1, True), (4000, 1, True), (4001, 1, False), (3999, 9, True)])
def test_four_cases_with_an_open_window(seq, length, ok):  # RFC 9293 3.4 [9293-U-06]
    bench = st.established()
    bench.give(seq, 0, ack=1, text=b"z" * length)
    dropped = [r.why.code for r in bench.end.take_reports() if r.kind == "dropped"]
    assert dropped == ([] if ok else ["drop-outside-window"])


@pytest.mark.parametrize("seq, length, ok", [(100, 0, False), (101, 0, True), (102, 0, False), (102, 1, False)])
def test_four_cases_with_a_closed_window(seq, length, ok):
    bench = st.established(config=replace(st.CONFIG, rcvbuf=100))
    bench.give(1, 0, ack=1, text=b"x" * 100)
    bench.mark()
    bench.give(seq, 0, ack=1, text=b"z" * length)
    dropped = [r.why.code for r in bench.end.take_reports() if r.kind == "dropped"]
    assert dropped == ([] if ok else ["drop-outside-window"])


def test_overlaps_are_trimmed_and_the_first_copy_counts():  # RFC 9293 3.10.7.4 [9293-U-21]
    bench = st.established()
    bench.give(1, 0, ack=1, text=b"a" * 100)
    bench.give(51, 0, ack=1, text=b"b" * 100)
    assert bench.end.receive(999, 0) == b"a" * 100 + b"b" * 50


def test_text_and_fin_beyond_the_right_edge_are_cut_off():
    bench = st.established(config=replace(st.CONFIG, rcvbuf=100))
    bench.give(51, FIN, ack=1, text=b"b" * 51)
    bench.give(1, 0, ack=1, text=b"a" * 50)
    assert bench.end.receive(999, 0) == b"a" * 50 + b"b" * 50 and not bench.end.status().fin_received


def test_segment_without_ack_is_dropped():  # [9293-U-25]
    bench = st.established()
    assert bench.give(1, 0, text=b"x") == [] and bench.end.readable == 0


def test_ack_of_what_was_never_sent():  # [9293-U-23]
    bench = st.established()
    assert codes(bench.give(1, 0, ack=2, text=b"x")) == ["ack-unsent"] and bench.end.readable == 0


def test_old_ack_with_new_text():  # [9293-U-24]
    bench = st.established()
    bench.end.send(b"x" * 200, 0)
    bench.give(1, 0, ack=201)
    bench.give(1, 0, ack=1, text=b"new")
    assert bench.end.receive(9, 0) == b"new" and bench.end.status().snd_una == st.ISS + 201


# -- the send window -------------------------------------------------------------------------------------------------

def test_window_of_the_syn_ack_is_used_at_once():  # trap 4 [1122-01]
    bench = st.established(wnd=250)
    bench.end.send(b"x" * 900, 0)
    assert [len(s.payload) for s in bench.taken()] == [100, 100]


def test_an_older_segment_does_not_overwrite_a_newer_window():  # [9293-U-22, 9293-U-52]
    bench = st.established()
    bench.end.send(b"x" * 200, 0)
    bench.give(1, 0, ack=201, wnd=3000)
    bench.give(1, 0, ack=101, wnd=50)
    assert bench.end.status().snd_wnd == 3000
    bench.give(1, 0, ack=201, wnd=3500)
    assert bench.end.status().snd_wnd == 3500


def test_a_shrinking_window_is_survived():  # [MUST-34, SHLD-15, SHLD-16]
    bench = st.established()
    bench.end.send(b"x" * 2000, 0)
    assert len(bench.taken()) == 10
    assert bench.give(1, 0, ack=101, wnd=200) == []  # the usable window is negative
    assert [(s.seq, s.rtx) for s in bench.wait(S)] == [(st.ISS + 101, 1)]
    assert sum(len(s.payload) for s in bench.give(1, 0, ack=1001, wnd=4000)) == 1000


def test_a_window_above_0x8000_is_large():  # [MUST-1]
    bench = st.established(config=replace(st.CONFIG, cwnd_fixed=10**6), wnd=65535)
    bench.end.send(b"x" * 65535, 0)
    assert sum(len(s.payload) for s in bench.taken()) > 60000


# -- zero window -----------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("wnd, again", [(100, 100), (40, 40), (0, 1)])
def test_only_the_first_retransmission_passes_over_the_window(wnd, again):  # RFC 7323 2.4 [7323-12]
    bench = st.established()
    bench.end.send(b"x" * 100, 0)
    bench.taken()
    bench.give(1, 0, ack=1, wnd=wnd)  # shrunk behind our back, and the segment is lost
    sizes = []
    for _ in range(3):
        first, = bench.wait(bench.end.next_timeout() - bench.now)
        sizes.append((first.seq - st.ISS, len(first.payload)))
    assert sizes == [(1, 100), (1, again), (1, again)]
    bench.give(1, 0, ack=1 + again, wnd=4000)
    bench.wait(20 * S)
    bench.give(1, 0, ack=101, wnd=4000)
    assert bench.end.status().flight == 0


def test_a_fin_stays_behind_what_is_cut_off():  # [7323-12]
    bench = st.established(wnd=300)
    bench.end.tcb.queue.append(b"x" * 50, True)
    bench.end.close(0)
    assert bench.taken()[0].letters == "FP."
    bench.give(1, 0, ack=1, wnd=20)
    for _ in range(2):
        first, = bench.wait(bench.end.next_timeout() - bench.now)
    assert (len(first.payload), first.letters) == (20, ".")
    sent = bench.give(1, 0, ack=21, wnd=300)
    sent += bench.wait(5 * S)
    assert sent[0].seq == st.ISS + 21 and any(s.letters == "FP." and len(s.payload) == 30 for s in sent)


def stuck():
    bench = st.established(wnd=100)
    bench.end.send(b"x" * 300, 0)
    bench.taken()
    bench.give(1, 0, ack=101, wnd=0)
    return bench.mark()


def test_probes_back_off():  # RFC 9293 3.8.6.1 [MUST-36, SHLD-29, SHLD-30]
    bench, times = stuck(), []
    for _ in range(9):
        bench.wait(bench.end.next_timeout() - bench.now - 1)
        (probe,) = bench.wait(1)
        times.append(bench.now // S)
        assert (probe.seq, len(probe.payload), probe.why.code) == (st.ISS + 101, 1, "probe")
        assert probe.rtx == len(times) - 1
        assert bench.give(1, 0, ack=101, wnd=0) == []
    assert times == [1, 3, 7, 15, 31, 63, 123, 183, 243]
    assert bench.end.status().snd_nxt == st.ISS + 101


def test_an_answered_probe_never_ends_the_connection():  # [MUST-37]
    bench = stuck()
    while bench.now < 24 * 3600 * S:
        bench.wait(61 * S)
        bench.give(1, 0, ack=101, wnd=0)
    assert not bench.end.gone


def test_unanswered_probes_do_end_it():
    bench = stuck()
    bench.wait(400 * S)
    assert bench.end.gone and "user timeout" in bench.end.error


def test_a_probe_that_is_taken_in_counts_as_sent():
    bench = stuck()
    bench.wait(S)
    sent = bench.give(1, 0, ack=102, wnd=500)
    assert (sent[0].seq, sum(len(s.payload) for s in sent)) == (st.ISS + 102, 199)
    assert bench.end.status().bytes_sent == 300


def test_the_window_update_after_a_refused_probe():
    bench = stuck()
    bench.wait(S)
    sent = bench.give(1, 0, ack=101, wnd=500)
    assert [(s.seq, len(s.payload), s.rtx) for s in sent] == [(st.ISS + 101, 100, 0), (st.ISS + 201, 100, 0)]
    assert bench.end.status().timers[0][0] == "rtx"


def test_the_receiver_answers_probes_with_a_closed_window():  # [9293-U-37]
    bench = st.established(config=replace(st.CONFIG, rcvbuf=100))
    bench.give(1, 0, ack=1, text=b"x" * 100)
    (answer,) = bench.give(101, 0, ack=1, text=b"y")
    assert (answer.ack, answer.wnd, answer.why.code) == (st.IRS + 101, 0, "ack-window-closed")


def test_a_lost_window_update_does_not_deadlock():  # trap 5 [1122-10]
    pair = Pair(replace(PLAIN, rcvbuf=2000), reading=False).connect()
    pair.a.send(b"x" * 5000, pair.now)
    pair.settle()
    assert pair.b.readable == 2000 and pair.a.probing and not pair.a.keeps_busy
    pair.accident = lambda seg, n: []
    pair.reading["b"] = True
    pair.pump()
    assert pair.sent("b")[-1].why.code == "ack-window-update"
    pair.accident = lambda seg, n: [0]
    pair.settle()
    pair.run(until=lambda: len(pair.got["b"]) == 5000)


def test_crossing_probes_reopen_both_sides():  # [9293-U-50]
    pair = Pair(replace(PLAIN, rcvbuf=300), reading=False).connect()
    for end in (pair.a, pair.b):
        end.send(b"x" * 1000, pair.now)
    pair.run(for_ns=20 * S)
    assert pair.a.readable == pair.b.readable == 300
    pair.reading = {"a": True, "b": True}
    pair.run(for_ns=200 * S)
    assert len(pair.got["a"]) == len(pair.got["b"]) == 1000


def test_probes_that_were_taken_in_on_both_sides_while_every_ack_was_lost():  # [9293-U-50]
    pair = Pair(replace(PLAIN, rcvbuf=100), reading=False).connect()
    for end in (pair.a, pair.b):
        end.send(b"x" * 300, pair.now)
    pair.settle()
    assert pair.a.probing and pair.b.probing
    for end, name in ((pair.a, "a"), (pair.b, "b")):
        pair.got[name] += end.receive(1000, pair.now)
    pair.accident = lambda seg, n: [0] if seg.why.code == "probe" else []
    pair.run(for_ns=4 * S)
    assert pair.a.status().rcv_nxt != pair.b.status().snd_nxt  # both octets are in, and nobody knows
    pair.accident = lambda seg, n: [0]
    before = len(pair.log)
    pair.reading = {"a": True, "b": True}
    pair.run(for_ns=100 * S)
    assert len(pair.got["a"]) == len(pair.got["b"]) == 300 and len(pair.log) - before < 60


def test_two_full_windows_do_not_answer_each_other_for_ever():  # [1337-04]
    config = replace(PLAIN, rcvbuf=500, rto_initial_ns=5 * S, rto_min_ns=5 * S)
    pair = Pair(config, accident=lambda seg, n: [] if seg.payload and n < 12 and not seg.rtx else [0]).connect()
    pair.a.send(b"x" * 500, pair.now)
    pair.b.send(b"y" * 500, pair.now)
    pair.run(for_ns=200 * MS)
    for end, peer in ((pair.a, pair.b), (pair.b, pair.a)):  # a bare ACK from each, at the other's right edge
        view = end.status()
        end.segment_arrives(replace_seq(pair, view, peer), pair.now)
    pair.run(for_ns=4 * S)
    assert len(pair.log) < 25
    pair.settle()
    assert (pair.got["a"], pair.got["b"]) == (b"y" * 500, b"x" * 500)


def replace_seq(pair, view, peer):
    from tcplab.tcp import ACK, Segment
    return Segment(*view.remote[:1], view.local[0], view.remote[1], view.local[1], peer.status().snd_nxt,
                   peer.status().rcv_nxt, ACK, 500)


def test_a_bare_ack_at_the_right_edge_still_counts():
    bench = st.established()
    bench.end.send(b"x" * 300, 0)
    bench.taken()
    assert codes(bench.give(4001, 0, ack=101)) == ["ack-unacceptable"]  # answered as the table says, once
    assert bench.end.status().snd_una == st.ISS + 101
    assert bench.give(4001, 0, ack=301) == [] and bench.end.status().snd_una == st.ISS + 301


def test_a_fin_behind_a_closed_window_goes_out_as_the_probe():
    bench = st.established(wnd=100)
    bench.end.send(b"x" * 100, 0)
    bench.end.close(0)
    bench.taken()
    bench.give(1, 0, ack=101, wnd=0)
    assert [s.letters for s in bench.wait(S)] == ["F."]
    bench.give(1, 0, ack=102, wnd=0)
    assert bench.end.status().fin_acked


@pytest.mark.parametrize("seed", range(12))
def test_a_window_that_comes_and_goes_loses_nothing(seed):  # [MUST-34, SHLD-15, SHLD-16, SHLD-17]
    """A peer that breaks SHLD-14: its ACKs are rewritten to offer less than before, at times nothing."""
    dice_ = random.Random(f"shrink{seed}")

    def accident(seg, n):
        if seg.sport == 80 and seg.flags & ACK and not seg.flags & SYN:
            seg.wnd = min(seg.wnd, dice_.choice([0, 1, 50, 99, 100, 350, 4000]))
        return [0]

    pair = Pair(replace(PLAIN, rto_min_ns=200_000_000), accident=accident).connect()
    pair.a.send(bytes(range(250)) * 12, pair.now)
    pair.run(until=lambda: len(pair.got["b"]) == 3000, limit=20_000)
    assert bytes(pair.got["b"]) == bytes(range(250)) * 12


def test_window_closed_over_outstanding_text():  # [MUST-35, SHLD-17]
    bench = st.established()
    bench.end.send(b"x" * 300, 0)
    bench.taken()
    for _ in range(20):
        bench.give(1, 0, ack=1, wnd=0)
        bench.wait(70 * S)
    assert not bench.end.gone
    sent = bench.give(1, 0, ack=1, wnd=4000)
    sent += bench.wait(60 * S)
    assert sent[0].seq == st.ISS + 1 and sent[0].rtx > 1


def test_an_idle_connection_with_a_closed_window_lives_on():
    bench = st.established()
    bench.give(1, 0, ack=1, wnd=0)
    bench.wait(24 * 3600 * S)
    assert not bench.end.gone and bench.end.next_timeout() is None


# -- silly windows and Nagle -----------------------------------------------------------------------------------------

def test_the_receiver_opens_the_window_in_worthwhile_steps():  # RFC 9293 3.8.6.2.2 [MUST-39, 9293-U-39]
    bench = st.established(config=replace(st.CONFIG, rcvbuf=1000))
    for n in range(10):
        bench.give(1 + 100 * n, 0, ack=1, text=b"x" * 100)
    assert bench.end.status().rcv_wnd == 0
    sizes = []
    for n in range(1, 201):
        bench.end.receive(1, 0)
        sizes += [(n, s.wnd) for s in bench.taken()]
    assert sizes == [(100, 100)]  # the next segment's ACK would open the rest


def test_reading_at_once_keeps_the_window_and_makes_no_extra_ack():
    bench = st.established()
    for n in range(20):
        bench.end.segment_arrives(bench.seg(1 + 100 * n, 0, ack=1, text=b"x" * 100), 0)
        bench.end.receive(100, 0)
        assert [s.wnd for s in bench.taken()] == [4000]


def test_reading_after_the_ack_left_makes_no_flood_of_updates():
    bench, acks = st.established(), 0
    for n in range(20):
        acks += len(bench.give(1 + 100 * n, 0, ack=1, text=b"x" * 100))
        bench.end.receive(100, 0)
        acks += len(bench.taken())
    assert acks == 20


def test_the_sender_waits_for_a_better_window():  # RFC 9293 3.8.6.2.1 [MUST-38, 9293-U-38]
    bench = st.established(wnd=400)
    bench.end.send(b"x" * 900, 0)
    bench.taken()
    assert bench.give(1, 0, ack=401, wnd=10) == []
    assert bench.wait(500 * MS - 1) == []
    assert [len(s.payload) for s in bench.wait(1)] == [10]  # the override timer
    bench.give(1, 0, ack=411, wnd=0)
    assert [len(s.payload) for s in bench.give(1, 0, ack=411, wnd=100)] == [100]


def test_half_of_the_largest_window_is_enough():
    bench = st.established(wnd=60, mss=100)
    bench.end.send(b"x" * 200, 0)
    assert [len(s.payload) for s in bench.taken()] == [60]


def test_nagle():  # RFC 9293 3.7.4 [SHLD-7, MUST-17, MUST-60]
    bench = st.established(config=NAGLING)
    for _ in range(10):
        bench.end.send(b"k", 0)
    assert [len(s.payload) for s in bench.taken()] == [1]
    assert bench.end.waiting().code == "wait-nagle"
    assert [len(s.payload) for s in bench.give(1, 0, ack=2)] == [9]
    bench.end.send(b"x" * 150, 0)
    assert [len(s.payload) for s in bench.taken()] == [100]  # full segments do not wait
    bench.end.configure(st.CONFIG, 0)
    assert [len(s.payload) for s in bench.taken()] == [50]
    bench = st.established()
    for _ in range(10):
        bench.end.send(b"k", 0)
    assert len(bench.taken()) == 10


def test_minshalls_nagle():  # RFC 9293 A.3
    """The short end of a large write leaves at once; a second short segment waits for the first."""
    bench = st.established(config=replace(NAGLING, minshall=True))
    bench.end.send(b"x" * 250, 0)
    assert [len(s.payload) for s in bench.taken()] == [100, 100, 50]
    bench.end.send(b"k", 0)
    assert bench.taken() == [] and bench.end.waiting().code == "wait-nagle"
    bench.end.send(b"x" * 99, 0)
    assert [len(s.payload) for s in bench.taken()] == [100]  # full segments do not wait
    bench.end.send(b"k", 0)
    assert bench.taken() == []
    assert [len(s.payload) for s in bench.give(1, 0, ack=251)] == [1]  # the short one arrived; a full one is still out


def test_push():  # RFC 9293 3.9.1.2 [MUST-61, SHLD-27, SHLD-28, MAY-15, MAY-16]
    bench = st.established()
    bench.end.send(b"x" * 300, 0)
    assert [bool(s.flags & PSH) for s in bench.taken()] == [False, False, True]
    bench = st.established(wnd=0, mss=1000, config=replace(st.CONFIG, mss=1000))
    for _ in range(5):
        bench.end.send(b"y" * 100, 0)
    assert [(len(s.payload), s.letters) for s in bench.give(1, 0, ack=1, wnd=4000)] == [(500, "P.")]
    bench = st.established(wnd=0)
    bench.end.send(b"y" * 100, 0, push=True)
    bench.end.send(b"y" * 100, 0, push=False)
    bench.end.send(b"y" * 100, 0, push=False)
    assert [s.letters for s in bench.give(1, 0, ack=1, wnd=4000)] == ["P.", ".", "P."]


def test_the_peer_mss_limits_us():  # [MUST-14, MUST-16]
    bench = st.established(mss=70)
    bench.end.send(b"x" * 150, 0)
    assert [len(s.payload) for s in bench.taken()] == [70, 70, 10]


def test_send_buffer():  # RFC 9293 3.10.2
    bench = st.established(config=replace(st.CONFIG, sndbuf=250))
    assert bench.end.send(b"x" * 900, 0) == 250 and bench.end.send(b"x", 0) == 0 and bench.end.writable == 0
    bench.give(1, 0, ack=101)
    assert bench.end.writable == 100
