"""Congestion controls by the numbers they are given: Tahoe, CUBIC (RFC 9438), HyStart++ (RFC 9406), the registry."""

from copy import deepcopy
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as some

from tcplab.tcp import PROFILES, Config
from tcplab.tcp.config import CONGESTION_NAMES
from tcplab.tcp.congestion import REGISTRY, Cubic, HyStart, Reno, Tahoe
from tcplab.tcp.congestion.cubic import cube_root
from tcplab.tcp.congestion.hystart import rtt_thresh
from tcplab.tcp.ecn import CE, ECT_0
from tcplab.tcp.icmp import TOO_BIG, IcmpError
from tests.support import states as st
from tests.support.pair import PLAIN, Pair, dice, lose

MS, S = 10**6, 10**9
DEFAULT = Config()
MSS = 1000


def cubic(cwnd=100, w_max=0, config=DEFAULT, ssthresh=2):
    """CUBIC in congestion avoidance; windows in segments."""
    cc = Cubic()
    cc.established(config, MSS, False)
    cc.cwnd, cc.ssthresh, cc.w_max, cc.cwnd_prior = cwnd * MSS, ssthresh * MSS, w_max * MSS, w_max * MSS
    return cc


def one_ack(cc, now, rtt=100 * MS, acked=MSS, flight=None, una=0, nxt=1):
    cc.clock(now, rtt, rtt, una, nxt)
    cc.ack(acked, cc.cwnd if flight is None else flight)


def test_the_registry_names_what_the_config_takes():
    assert set(REGISTRY) == set(CONGESTION_NAMES)
    for name, cls in REGISTRY.items():
        assert cls.name == name
        twin = deepcopy(cls())
        assert twin.cwnd == 0 and twin.shown_ssthresh is None


@given(some.integers(0, 10**40))
def test_cube_root(n):
    x = cube_root(n)
    assert x**3 <= n < (x + 1) ** 3


# -- CUBIC -----------------------------------------------------------------------------------------------------------

def test_k_and_the_curve():  # RFC 9438 4.2 [9438-01, 9438-02]
    cc = cubic(cwnd=70, w_max=100)
    one_ack(cc, 5 * S)
    assert abs(cc.k - 4_217_163) < 10  # cbrt(30 / 0.4) s
    assert abs(cc.w_cubic(0) - 70 * MSS) <= 1 and cc.w_cubic(cc.k) == 100 * MSS
    assert cc.w_cubic(cc.k + 10**6) == 100 * MSS + 2 * MSS // 5


def test_the_target_is_at_most_half_as_much_again():  # [9438-04]
    cc = cubic(cwnd=100, w_max=100)
    one_ack(cc, S)
    cc.now, cc.epoch = 1000 * S, S
    before = cc.cwnd
    one_ack(cc, 1000 * S, acked=before)
    assert cc.cwnd <= before * 3 // 2
    cc = cubic(cwnd=100, w_max=100)
    cc.epoch, cc.k, cc.now = 0, 10**7, S  # far below the curve's origin: nothing shrinks
    one_ack(cc, S)
    assert cc.cwnd >= 100 * MSS


def test_growth_is_the_distance_to_the_target():  # [9438-06]
    cc = cubic(cwnd=700, w_max=1000)  # far from Reno's region
    one_ack(cc, S)
    now, grown = 2 * S, 0
    t = (now - S) // 1000
    expected = (max(cc.w_cubic(t + 100_000), cc.cwnd) - cc.cwnd) * MSS // cc.cwnd
    before = cc.cwnd
    one_ack(cc, now)
    grown = cc.cwnd - before
    assert cc.w_cubic(t) > cc.w_est // 1024 and abs(grown - expected) <= 1 and grown > 0
    assert cc.grew(before) == "cwnd-cubic-concave" and cc.phase.endswith("concave")
    cc.cwnd = 1001 * MSS
    cc.epoch -= 20 * S
    one_ack(cc, now + 100 * MS)
    assert cc.grew(cc.cwnd) == "cwnd-cubic-convex" and cc.phase.endswith("convex")


def test_the_reno_friendly_region():  # alpha 9/17 until cwnd_prior, then 1 [9438-07, 9438-08]
    cc = cubic(cwnd=7, w_max=10)
    cc.cwnd_prior = 10 * MSS
    now, sizes = S, []
    for _ in range(12):
        for _ in range(cc.cwnd // MSS):  # one round trip of 10 ms
            one_ack(cc, now, rtt=10 * MS)
        now += 10 * MS
        sizes.append(cc.cwnd)
    assert cc.friendly and cc.phase.endswith("Reno-friendly")
    early, late = sizes[2] - sizes[1], sizes[-1] - sizes[-2]
    assert 400 < early < 560 and 800 < late < 1010


def test_time_without_use_does_not_count():  # [9438-05, 9438-18]
    busy, idle = cubic(cwnd=700, w_max=1000), cubic(cwnd=700, w_max=1000)
    for cc in (busy, idle):
        one_ack(cc, S)
        one_ack(cc, S + 100 * MS, una=5, nxt=5)  # everything is acknowledged
    one_ack(busy, S + 200 * MS)
    one_ack(idle, 61 * S + 200 * MS)
    assert abs(busy.cwnd - idle.cwnd) <= 1
    limited, before = cubic(cwnd=700, w_max=1000), 0
    one_ack(limited, S)
    before = limited.cwnd
    for n in range(600):
        one_ack(limited, S + n * 100 * MS, flight=10 * MSS)
    assert limited.cwnd == before
    one_ack(limited, 61 * S)
    assert limited.cwnd - before < 2 * MSS


def test_beta_and_fast_convergence():  # [9438-03, 9438-09, 9438-12]
    cc = cubic(cwnd=100)
    cc.third_duplicate(100 * MSS)
    assert (cc.ssthresh, cc.cwnd, cc.w_max) == (70 * MSS, 73 * MSS, 100 * MSS)
    cc.cwnd = 80 * MSS
    cc.third_duplicate(80 * MSS)
    assert cc.w_max == 68 * MSS
    cc.w_max, cc.cwnd = 100 * MSS, 120 * MSS
    cc.third_duplicate(120 * MSS)
    assert cc.w_max == 120 * MSS
    plain = cubic(cwnd=80, w_max=100, config=Config(fast_convergence=False))
    plain.third_duplicate(80 * MSS)
    assert plain.w_max == 80 * MSS


def test_it_is_the_flight_that_shrinks_not_cwnd():  # [9438-10]
    cc = cubic(cwnd=100)
    cc.third_duplicate(10 * MSS)
    assert cc.ssthresh == 7 * MSS


def test_ece_goes_down_to_one_segment():  # [9438-09, 9438-11]
    cc = cubic(cwnd=1)
    cc.ecn_echo(MSS)
    assert (cc.cwnd, cc.ssthresh) == (MSS, 2 * MSS)


def test_after_a_timeout_the_stage_begins_anew():  # [9438-13, 9438-14]
    cc = cubic(cwnd=100, w_max=100)
    cc.timeout(100 * MSS, True)
    assert (cc.cwnd, cc.ssthresh, cc.phase) == (MSS, 70 * MSS, "slow start")
    cc.cwnd = 70 * MSS
    one_ack(cc, 9 * S)
    assert (cc.k, cc.w_max, cc.epoch) == (0, 70 * MSS, 9 * S)
    assert cc.w_est >= 70 * MSS * 1024


# -- in whole segments ------------------------------------------------------------------------------------------------

WHOLE = Config(whole_segments=True, reno_alpha_rises=False)


def whole(cls, cwnd, config=WHOLE):
    cc = cls()
    cc.established(config, MSS, False)
    cc.cwnd, cc.ssthresh = cwnd * MSS, 2 * MSS
    return cc


@pytest.mark.parametrize("cls, left", [(Reno, {2: 2, 3: 2, 5: 2, 7: 3, 8: 4, 9: 4}),
                                       (Cubic, {2: 2, 3: 2, 4: 2, 5: 3, 6: 4, 8: 5, 9: 6, 10: 7})])
def test_what_a_loss_leaves_is_rounded_down_to_whole_segments(cls, left):
    for cwnd, after in left.items():
        cc = whole(cls, cwnd)
        cc.third_duplicate(cwnd * MSS + 5 * MSS)  # it is cwnd that counts
        assert cc.ssthresh == after * MSS and cc.loss_code.endswith("-whole")
    cc = whole(cls, 9)
    cc.timeout(9 * MSS, True)
    assert (cc.cwnd, cc.ssthresh) == (MSS, left[9] * MSS)


def test_fast_convergence_in_whole_segments():
    cc = whole(Cubic, 10)
    cc.w_max = 11 * MSS
    cc.third_duplicate(10 * MSS)
    assert cc.w_max == 8 * MSS  # 8.5


def grown(cc, acks, each=MSS, start=S, rtt=20 * MS):
    """The ACKs (counted from 1) with which cwnd grew; a round trip for every cwnd of them."""
    seen, now, left = [], start, cc.cwnd
    for n in range(1, acks + 1):
        before = cc.cwnd
        one_ack(cc, now, rtt=rtt, acked=each)
        assert (cc.cwnd - before) % MSS == 0
        if cc.cwnd > before:
            seen.append(n)
        left -= each
        if left <= 0:
            now, left = now + rtt, cc.cwnd
    return seen


def test_cubic_waits_for_a_whole_segment_of_reno():
    cc = whole(Cubic, 4)
    cc.w_max = cc.cwnd_prior = 4 * MSS  # at the target: only Reno's estimate moves it
    first, second = grown(cc, 25)
    # 17 / 9 * 4 = 7 segments make W_est one ahead, and it is looked at no more than each 32nd of a second
    assert 8 <= first <= 12 and second >= first + 7
    assert cc.friendly or cc.cwnd == 6 * MSS
    never = whole(Cubic, 4, replace(WHOLE, reno_alpha_rises=True))
    never.w_max = never.cwnd_prior = 4 * MSS
    assert len(grown(never, 25)) > 2  # alpha is 1 from cwnd_prior on


def test_alpha_can_stay_where_windows_are_bytes():  # RFC 9438 4.3: to raise it is a SHOULD
    rises, stays = cubic(cwnd=10, w_max=10), cubic(cwnd=10, w_max=10, config=Config(reno_alpha_rises=False))
    for cc in (rises, stays):
        for n in range(100):
            one_ack(cc, S + n * MS, rtt=10 * MS)
    assert rises.w_est > stays.w_est


def test_a_window_not_yet_known_grows_by_a_twentieth_at_least():
    cc = whole(Cubic, 40)
    cc.slow_start_over()
    assert cc.searching and grown(cc, 45)[:2] == [20, 40]
    cc.third_duplicate(cc.cwnd)
    assert not cc.searching
    cc.timeout(cc.cwnd, True)
    assert cc.searching


def test_slow_start_counts_all_and_stops_at_ssthresh():
    cc = whole(Reno, 4)
    cc.ssthresh = 7 * MSS
    cc.ack(2 * MSS, 4 * MSS)
    assert cc.cwnd == 6 * MSS
    cc.ack(2 * MSS, 6 * MSS)
    assert cc.cwnd == 7 * MSS and cc.grew(6 * MSS) == "cwnd-slow-start-whole"


def test_hystart_sleeps_below_sixteen_segments():
    for cwnd, heard in ((10, False), (16, True)):
        cc = Cubic()
        cc.established(replace(WHOLE, hystart=True, iw=10), MSS, 0)
        cc.cwnd = cwnd * MSS
        cc.clock(0, 20 * MS, 20 * MS, 1, 9)
        assert (cc.hystart.samples == 1) is heard


def test_a_window_below_a_segment_is_one():
    cc = whole(Cubic, 4)
    cc.reconfigured(WHOLE, 9000)
    for n in range(40):
        one_ack(cc, S + n * 20 * MS, acked=9000)
    assert cc.cwnd > 9000


def test_modern_counts_segments_and_rfc_bytes():
    assert PROFILES["modern"].whole_segments and not PROFILES["modern"].reno_alpha_rises
    assert not PROFILES["rfc"].whole_segments and PROFILES["rfc"].reno_alpha_rises


# -- HyStart++ -------------------------------------------------------------------------------------------------------

def rounds(cc, rtts, acks=10):
    """Feed rounds of `acks` ACKs with these round trips (ms); returns what was said."""
    said, nxt = [], 0
    for rtt in rtts:
        una, nxt = nxt, nxt + acks
        for n in range(acks):
            cc.clock(0, rtt * MS, rtt * MS, una + n + (n == 0 and una > 0), nxt)
            cc.ack(MSS, cc.cwnd)
            if cc.said:
                said.append(cc.said[0])
                cc.said = None
    return said


def hystart(cls=Reno):
    cc = cls()
    cc.established(Config(hystart=True), MSS, False)
    cc.cwnd = 10 * MSS
    return cc


def test_thresholds():  # RFC 9406 4.2
    assert [rtt_thresh(ms * MS) // MS for ms in (1, 32, 80, 128, 1000)] == [4, 4, 10, 16, 16]


@pytest.mark.parametrize("second, said", [(113, ["hystart-css"]), (112, [])])
def test_a_rise_leads_to_conservative_slow_start(second, said):  # [9406-02]
    assert rounds(hystart(), [100, second]) == said


def test_less_than_eight_samples_prove_nothing():  # [9406-02]
    assert rounds(hystart(), [100, 200], acks=7) == []


def test_css_grows_by_a_quarter_and_ends_after_five_rounds():  # [9406-03]
    cc = hystart()
    assert rounds(cc, [100, 150]) == ["hystart-css"]
    assert cc.phase == "conservative slow start" and cc.grew(cc.cwnd) == "cwnd-css"
    before = cc.cwnd
    cc.ack(MSS, cc.cwnd)
    assert cc.cwnd - before == MSS // 4
    hyst = cc.hystart
    for n in range(5):
        assert not hyst.over
        hyst._round_ends(n)
    assert hyst.over


def test_after_css_comes_congestion_avoidance_at_this_size():  # [9406-03, 9438-17]
    for cls in (Reno, Cubic):
        cc = hystart(cls)
        said = rounds(cc, [100] + [150] * 7)
        assert said == ["hystart-css", "hystart-done"] and cc.ssthresh < cc.cwnd + MSS
        assert cc.hystart is None and cc.phase.startswith("congestion avoidance")
        if cls is Cubic:
            assert cc.k == 0 and cc.timed and not cc.anew


def test_a_fall_resumes_slow_start():  # [9406-03]
    cc = hystart()
    assert rounds(cc, [100, 150, 100]) == ["hystart-css", "hystart-resume"]
    assert cc.phase == "slow start"


def test_only_the_first_slow_start_has_it():  # [9406-01]
    for stroke in ("third_duplicate", "ecn_echo"):
        cc = hystart()
        getattr(cc, stroke)(10 * MSS)
        assert cc.hystart is None and not cc.timed
    cc = hystart()
    cc.timeout(10 * MSS, True)
    cc.reconfigured(Config(hystart=True), MSS)
    assert cc.hystart is None


# -- hybrid slow start -----------------------------------------------------------------------------------------------

def hybrid(segments=20, cls=Cubic):
    cc = cls()
    cc.established(replace(WHOLE, hybrid_start=True), MSS, 0)
    cc.cwnd = segments * MSS
    return cc


def train(cc, spacing, count, rtt=20 * MS, start=S):
    """`count` ACKs of one window, `spacing` ns apart; returns what was said and after how long."""
    for n in range(count):
        cc.clock(start + n * spacing, rtt, rtt, n + 1, 1000)
        if cc.said:
            return cc.said[0], n * spacing
    return None


def test_a_train_of_acks_as_long_as_half_a_round_trip_ends_slow_start():
    cc = hybrid()
    assert train(cc, MS, 40) == ("hybrid-train", 11 * MS)  # more than half of 20 ms and the 1 ms allowed
    assert cc.ssthresh == cc.cwnd == 20 * MSS and cc.hybrid is None
    cc.said = None
    assert train(cc, MS, 40) is None  # once only


def test_acks_that_come_far_apart_are_no_train():
    assert train(hybrid(), 2 * MS + 1, 8) is None
    assert train(hybrid(15), MS, 40) is None  # below sixteen segments nothing is looked at


def test_a_round_trip_above_the_least_ends_slow_start():
    cc = hybrid()
    assert train(cc, 3 * MS, 3) is None
    for n in range(9):
        cc.clock(2 * S + n * 3 * MS, 20 * MS, 25 * MS, 1001 + n, 2000)
    assert cc.said[0] == "hybrid-delay" and cc.ssthresh == cc.cwnd


def test_a_loss_ends_the_search():
    cc = hybrid()
    cc.third_duplicate(20 * MSS)
    assert cc.hybrid is None


def test_modern_ends_slow_start_as_linux_does():
    assert PROFILES["modern"].hybrid_start and not PROFILES["modern"].hystart
    assert train(hybrid(cls=Reno), MS, 40) is None  # CUBIC only


@settings(max_examples=200)
@given(some.lists(some.tuples(some.sampled_from([5, 100, 104, 116, 150]), some.integers(1, 20)), max_size=40))
def test_hystart_never_lets_an_ack_open_more_than_slow_start(course):
    cc, una = HyStart(), 0
    for rtt, acks in course:
        nxt = una + acks
        while una < nxt:
            una += 1
            cc.acked(rtt * MS, una, nxt)
            assert 0 < cc.growth(MSS, MSS) <= MSS


# -- in a connection -------------------------------------------------------------------------------------------------

def test_tahoe_begins_again_at_one_segment():  # [5681 3.1]
    bench = st.established(config=replace(st.CONFIG, congestion="tahoe", rcvbuf=65535), wnd=65535)
    bench.end.tcb.cc.cwnd = 800
    bench.end.send(b"x" * 800, 0)
    bench.mark()
    for _ in range(2):
        assert bench.give(1, 0, ack=1, wnd=65535) == []
    sent = bench.give(1, 0, ack=1, wnd=65535)
    assert [s.seq - st.ISS for s in sent] == [1]
    view = bench.end.status()
    assert (view.cwnd, view.ssthresh, view.recovering, view.congestion) == (100, 400, False, "tahoe")
    sent = bench.give(1, 0, ack=101, wnd=65535)  # slow start goes over everything again
    assert [(s.seq - st.ISS, s.rtx) for s in sent] == [(101, 1), (201, 1)]
    assert "cwnd-tahoe" in [r.why.code for r in bench.end.take_reports() if r.kind == "cwnd"]


@pytest.mark.parametrize("name", ["tahoe", "reno", "cubic", "fixed"])
@pytest.mark.parametrize("hyst", [False, True])
def test_every_control_brings_everything_home(name, hyst):
    data = bytes(range(256)) * 400
    for seed in range(3):
        pair = Pair(replace(PLAIN, congestion=name, hystart=hyst, sndbuf=200_000, rcvbuf=65535),
                    accident=dice(f"{name}{seed}", 0.05, 0.05, 30 * MS)).connect()
        pair.a.send(data, pair.now)
        got = pair.got["b"]
        pair.run(until=lambda got=got: len(got) == len(data))
        assert bytes(got) == data


@pytest.mark.parametrize("engine", ["reno", "newreno", "sack", "rack"])
@pytest.mark.parametrize("name", ["tahoe", "reno", "cubic"])
@pytest.mark.parametrize("seed", range(3))
def test_every_control_works_with_every_engine(engine, name, seed):
    """With ECN marks, HyStart++, and a path that becomes narrower in mid-transfer."""
    config = replace(PROFILES["modern"], congestion=name, recovery=engine, ecn=True, mss=1000, secret=b"x")
    data, lost = bytes(range(256)) * 1500, dice(f"{engine}{name}{seed}", 0.03, 0.03, 15 * MS)

    def accident(seg, n):
        if seg.ecn == ECT_0 and n % 23 == seed:
            seg.ecn = CE
        return lost(seg, n)

    pair = Pair(config, accident=accident).connect()
    pair.a.send(data, pair.now)
    pair.run(for_ns=400 * MS)
    pair.a.icmp(IcmpError(TOO_BIG, pair.a.status().snd_una, "", 600), pair.now)
    got = pair.got["b"]
    pair.run(until=lambda: len(got) == len(data))
    assert bytes(got) == data and pair.a.status().smss == 548
    pair.a.close(pair.now)
    pair.b.close(pair.now)
    pair.run(for_ns=600 * S)
    assert pair.a.gone and pair.b.gone


def test_controls_can_be_changed_while_data_flows():
    pair = Pair(replace(PLAIN, congestion="cubic", hystart=True, sndbuf=200_000, rcvbuf=65535),
                accident=lose(20, 50, 51)).connect()
    pair.a.send(b"z" * 60_000, pair.now)
    for name in ("tahoe", "fixed", "cubic", "reno"):
        pair.run(for_ns=300 * MS)
        pair.a.configure(replace(pair.a.config, congestion=name), pair.now)
        assert pair.a.status().congestion == name
    pair.run(until=lambda: len(pair.got["b"]) == 60_000)


@settings(max_examples=150, deadline=None)
@given(some.sampled_from([Reno, Cubic, Tahoe]), some.booleans(), some.lists(some.tuples(
    some.sampled_from(["ack", "dup", "partial", "full", "rto", "ece", "idle", "mss"]), some.integers(1, 30)),
    max_size=60))
@example(Cubic, False, [("dup", 1), ("ack", 5), ("full", 1), ("ack", 2)])
@example(Cubic, False, [("dup", 1), ("rto", 1), ("ack", 5), ("full", 1), ("ack", 2)])
def test_the_window_stays_between_one_segment_and_what_acks_allow(cls, hyst, course):
    cc, now, recovering = cls(), 0, False
    cc.established(Config(hystart=hyst), MSS, False)
    for what, n in course:
        now += n * 10 * MS
        flight, before = min(n * MSS, cc.cwnd), cc.cwnd
        if what == "ack" and recovering:
            continue  # until a recovery is over, an endpoint tells of partial and full ACKs
        if what == "ack":
            if cc.timed:
                cc.clock(now, 100 * MS, n * MS, n, n + 1)
            cc.ack(min(n * MSS, flight), flight)
            assert before <= cc.cwnd <= max(before + n * MSS, before * 3 // 2)
        elif what == "mss":
            cc.reconfigured(Config(hystart=hyst), MSS)
        elif what == "idle":
            cc.idle(MSS)
        elif what == "rto":
            cc.timeout(flight, n % 2 == 0)
            recovering = False
        elif what == "ece":
            cc.ecn_echo(flight)
            assert cc.cwnd <= before or before < MSS
        else:
            if what != "dup" and not recovering:
                cc.third_duplicate(flight)  # an endpoint ends only a recovery that has begun
            recovering = what != "full"
            hook, number = {"dup": (cc.third_duplicate, flight), "partial": (cc.partial_ack, n * 100),
                            "full": (cc.full_ack, flight)}[what]
            hook(number)
        assert cc.cwnd >= MSS and cc.ssthresh >= MSS
        assert cc.phase
