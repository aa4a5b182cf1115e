"""The receiver's SACK blocks (RFC 2018, RFC 2883) and the sender's scoreboard. Trap 9 of the specification."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tcplab.tcp import ACK, FIN, SYN, Config, Options, State
from tcplab.tcp.scoreboard import Scoreboard
from tests.support import states as st
from tests.support.options import BASE, MS, blocks, flight, mine, opened, sacked, with_sack
from tests.support.pair import Pair, dice, lose

pytestmark = pytest.mark.usefixtures("both_ways")

X = b"x" * 500


def receiver(**kw):
    return with_sack(replace(BASE, mss=500), **{"mss": 500, **kw})


def blocks_of(bench, *arrivals):
    """What the answer to each arrival (first number, text) reports."""
    return [(bench.give(seq, 0, ack=1, text=text) or [None])[-1] for seq, text in arrivals]


def test_permitted_in_syns_only_and_only_when_asked():  # [2018-01, 2018-03]
    bench = st.Bench(config=BASE)
    bench.end.open_active(st.PEER, 0)
    assert bench.taken()[0].options.sack_permitted
    for permitted in (True, False):
        bench = st.listen(config=BASE)
        reply, = bench.give(0, SYN, options=Options(mss=100, sack_permitted=permitted))
        assert reply.options.sack_permitted is permitted
    bench = opened(BASE)  # the peer did not permit it
    bench.give(1, 0, ack=1, options=Options(sack_permitted=True))
    assert mine(bench.give(501, 0, ack=1, text=X)) == [()]


@pytest.mark.parametrize("stamped, room", [(False, 4), (True, 3)])
def test_four_blocks_or_three_beside_timestamps(stamped, room):  # [2018-02, 2018-07]
    ts = (5, 0) if stamped else None
    bench = with_sack(replace(BASE, mss=500, timestamps=stamped), mss=500, ts=ts)
    for n in range(1, 6):
        reply, = bench.give(1 + 1000 * n, 0, ack=1, text=X, options=Options(ts=ts))
    assert mine([reply]) == [tuple((1 + 1000 * n, 501 + 1000 * n) for n in range(5, 5 - room, -1))]


def test_the_cases_of_rfc_2018_section_7():  # [2018-04, 2018-06, 2018-08, 2018-09, 2018-18]
    bench = receiver()  # case 2: the first of eight is lost, seven arrive
    for n in range(1, 8):
        reply, = bench.give(1 + 500 * n, 0, ack=1, text=X)
        assert reply.ack == st.IRS + 1 and mine([reply]) == [((501, 501 + 500 * n),)]
    bench = receiver()  # case 3: the 2nd, 4th, 6th and 8th are lost
    told = [mine(bench.give(1 + 500 * n, 0, ack=1, text=X))[0] for n in (0, 2, 4, 6)]
    assert told == [(), ((1001, 1501),), ((2001, 2501), (1001, 1501)), ((3001, 3501), (2001, 2501), (1001, 1501))]
    # the 4th arrives
    assert mine(bench.give(1501, 0, ack=1, text=X)) == [((1001, 2501), (3001, 3501))]
    reply, = bench.give(501, 0, ack=1, text=X)  # and the 2nd
    assert reply.ack == st.IRS + 2501 and mine([reply]) == [((3001, 3501),)]


def test_data_carries_blocks_too_and_stays_within_the_mss():  # [2018-05], [9293 MUST-16]
    bench = receiver(cwnd=10_000)
    bench.give(501, 0, ack=1, text=X)
    bench.end.send(b"y" * 2000, 0)
    for seg in bench.taken():
        assert mine([seg]) == [((501, 1001),)] and len(seg.payload) + 12 <= 500


def test_a_fin_above_a_hole_is_in_the_block():
    bench = receiver()
    assert mine(bench.give(501, FIN, ack=1, text=X))[0] == ((501, 1002),)
    reply = bench.give(1, 0, ack=1, text=X)[-1]
    assert bench.end.state is State.CLOSE_WAIT and mine([reply]) == [()]


# -- D-SACK: the examples of RFC 2883 section 4 ----------------------------------------------------------------------

def test_a_duplicate_below_the_ack_is_reported_first_and_once():  # examples 1 and 2 [2883-01, 2883-02, 2883-05]
    bench = receiver()
    for seq in (1, 501):
        bench.give(seq, 0, ack=1, text=X)
    reply, = bench.give(501, 0, ack=1, text=X)
    assert reply.ack == st.IRS + 1001 and mine([reply]) == [((501, 1001),)]
    assert mine(bench.give(1001, 0, ack=1, text=X)) == [()]
    bench.give(2001, 0, ack=1, text=X)
    assert mine(bench.give(1, 0, ack=1, text=X)) == [((1, 501), (2001, 2501))]


def test_a_receiver_that_goes_back_on_its_word():  # RFC 2018 8 [2018-16, 2018-17]
    bench = with_sack(replace(BASE, mss=500, renege=True), mss=500)
    told = mine(blocks_of(bench, *((seq, b"x" * 100) for seq in (101, 301, 501))))
    assert told == [((101, 201),), ((301, 401),), ((501, 601),)]  # the newest and nothing else
    assert bench.end.status().holes == ((st.IRS + 501, st.IRS + 601),)
    bench.give(1, 0, ack=1, text=b"x" * 500, wnd=60_000)
    assert bench.end.readable == 600  # what was thrown away had to come again
    codes = [r.why.code for r in bench.end.take_reports() if r.kind == "dropped"]
    assert codes == ["reneged", "reneged"]


@pytest.mark.parametrize("engine", ["newreno", "sack", "rack"])
def test_a_sender_outlives_a_reneging_receiver(engine):  # RFC 2018 8
    config = replace(Config(), recovery=engine, secret=b"x", rcvbuf=60_000, sndbuf=60_000)
    pair = Pair(config, replace(config, renege=True), accident=dice(f"renege {engine}", loss=0.05)).connect()
    data = bytes(range(256)) * 400
    for at in range(0, len(data), 20_000):
        pair.a.send(data[at:at + 20_000], pair.now)
        pair.run(until=lambda at=at: len(pair.got["b"]) == len(data[:at + 20_000]))
    assert bytes(pair.got["b"]) == data


def test_a_duplicate_inside_a_larger_range():  # example 3 [2883-03]
    bench = receiver()
    for seq in (1001, 501):
        bench.give(seq, 0, ack=1, text=X)
    assert mine(bench.give(1001, 0, ack=1, text=X)) == [((1001, 1501), (501, 1501))]


def test_partial_duplicates_report_the_first_part():  # examples 4 to 6 [2883-04]
    bench = receiver()
    bench.give(1, 0, ack=1, text=X)
    reply, = bench.give(251, 0, ack=1, text=X)  # half of it is old
    assert reply.ack == st.IRS + 751 and mine([reply]) == [((251, 501),)]
    bench = receiver()
    for seq in (501, 1501):
        bench.give(seq, 0, ack=1, text=X)
    assert mine(bench.give(501, 0, ack=1, text=X * 3))[0][:2] == ((501, 1001), (501, 2001))
    bench = receiver()
    for seq in (501, 1501):
        bench.give(seq, 0, ack=1, text=X)
    reply, = bench.give(1, 0, ack=1, text=X * 4)  # fills both holes; what was held is the duplicate
    assert reply.ack == st.IRS + 2001 and mine([reply]) == [((501, 1001),)]


def test_the_sender_knows_a_duplicate_by_the_ack_field():  # [2883-06, 2883-07]
    bench = flight(with_sack(), 10)
    bench.give(1, 0, ack=301)
    bench.give(1, 0, ack=101, options=blocks((201, 301)))  # late: SND.UNA has passed it, the ACK field has not
    assert bench.end.status().sacked == 0
    bench.give(1, 0, ack=301, options=blocks((201, 301)))
    assert bench.end.status().sacked == 0 and bench.end.status().dup_acks == 0
    bench.give(1, 0, ack=301, options=blocks((601, 701), (501, 801)))
    assert bench.end.status().sacked == 300


# -- the scoreboard --------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("pairs", [((901, 1101),), ((1101, 1201),), ((301, 201),), ((201, 201),), ((5001, 9001),),
                                   ((2**31, 2**31 + 100),)])
def test_blocks_that_cannot_be_change_nothing(pairs):  # [2018-19]
    bench = flight(with_sack(), 10)
    sacked(bench, 1, *pairs)
    assert bench.end.status().sacked == 0 and bench.end.status().flight == 1000


def test_marks_are_kept_text_too_and_a_timeout_forgets_the_marks():  # [2018-10..14, 6675-03]
    bench = flight(with_sack(), 10)
    sacked(bench, 1, (101, 1001))
    assert bench.end.status().sacked == 900 and len(bench.end.tcb.queue.text) == 1000
    bench.wait(bench.end.next_timeout() - bench.now)
    assert bench.end.status().sacked == 0
    sent, ack = [], 101  # the peer has thrown everything away: all of it comes again
    for _ in range(12):
        sent += [seg.seq - st.ISS for seg in bench.give(1, 0, ack=ack)]
        ack = min(ack + 100, 1001)
    assert sorted(set(sent)) == list(range(101, 1001, 100))


def test_a_timeout_resends_the_front_even_if_it_was_reported():  # [2018-12]
    bench = flight(with_sack(), 2)
    sacked(bench, 1, (1, 101))
    first, = bench.wait(bench.end.next_timeout() - bench.now)[:1]
    assert first.seq == st.ISS + 1


def test_one_report_starts_nothing():  # [2018-15]
    bench = flight(with_sack(), 10)
    cwnd = bench.end.status().cwnd
    assert sacked(bench, 1, (101, 201)) == [] and bench.end.status().cwnd == cwnd


ranges = some.lists(some.tuples(some.integers(0, 60), some.integers(1, 12)), max_size=12)


@given(ranges, some.integers(0, 80))
def test_the_scoreboard_is_a_set_of_octets(adds, una):
    board, model = Scoreboard(), set()
    for left, size in adds:
        new, low, high = board.add(left, left + size)
        fresh = set(range(left, left + size)) - model
        model |= fresh
        assert new == len(fresh) and set(range(low, high)) <= model
        assert low - 1 not in model and high not in model
    assert board.total == len(model) and board.ranges == sorted(board.ranges)
    for left in range(0, 75, 5):
        assert board.within(left, left + 7) == len(model & set(range(left, left + 7)))
        assert board.covers(left, left + 3) == (set(range(left, left + 3)) <= model)
    gone = board.advance(una)
    assert gone == len([n for n in model if n < una]) and board.total == len(model) - gone


@given(some.lists(some.integers(1, 30), min_size=1, max_size=60))
def test_what_is_held_is_reported_most_recent_first(order):  # [2018-06, 2018-08]
    bench = receiver()
    have = set()
    for n in order:
        reply = bench.give(1 + 20 * n, 0, ack=1, text=b"z" * 20)[-1]
        found = mine([reply])[0]
        twice = n in have
        have.add(n)
        first = found[1] if twice else found[0]
        assert first[0] <= 1 + 20 * n < first[1]
        assert not twice or found[0] == (1 + 20 * n, 21 + 20 * n)
        octets = {octet for m in have for octet in range(1 + 20 * m, 21 + 20 * m)}
        assert all(set(range(*block)) <= octets for block in found)


@pytest.mark.parametrize("engine", ["sack", "rack"])
def test_only_what_was_lost_is_sent_again(engine):  # [2018-10]
    config = replace(Config(), recovery=engine, secret=b"x", iw=10, congestion="fixed", nagle=False)
    pair = Pair(config, accident=lose(3, 7)).connect()
    pair.a.send(b"x" * 14480, pair.now)
    pair.run(until=lambda: len(pair.got["b"]) == 14480)
    assert pair.a.status().segments_retransmitted == 2 and pair.now < 600 * MS
    assert all(seg.flags & ACK for _, name, seg in pair.log if name == "b")
