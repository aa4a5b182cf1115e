"""One direction of the link, with segments by hand."""

import pytest

from tcplab.net.errors import NetError
from tcplab.notation.match import parse_match
from tcplab.tcp.wire import encode
from tests.net.rig import ANY, MS, SECOND, Fits, arrivals, inject, kinds, make, run, segment


def test_delay():
    net = make()
    inject(net, 2)
    assert net.next_at() == 50 * MS
    assert [(view.depart, view.arrive) for view in net.in_flight()] == [(0, 50 * MS)] * 2
    run(net)
    assert arrivals(net) == [1, 2] and net.now == 50 * MS


def test_directions_differ():
    net = make()
    net.link_set("server", "delay", 10 * MS)
    inject(net)
    inject(net, source="server")
    run(net)
    assert arrivals(net) == [2, 1]


def test_jitter_overtakes_and_never_arrives_before_it_left():
    net = make(delay=10 * MS, jitter=50 * MS)
    inject(net, 50)
    run(net)
    assert arrivals(net) != sorted(arrivals(net)) and sorted(arrivals(net)) == list(range(1, 51))
    assert all(event.t >= event.seg.sent_at for event in net.sink)


def test_loss_says_why_and_counts():
    net = make(loss=300_000)
    inject(net, 200)
    run(net)
    lost = [event for event in net.sink if event.kind == "lost"]
    assert 35 < len(lost) < 85 and lost[0].why.code == "net.lost.dice" and lost[0].why.args == ("30%",)
    assert net.counters["segments_lost"] == len(lost) and net.counters["segments_sent"] == 200


def test_each_kind_has_its_own_dice():
    plain, busy = make(loss=300_000), make(loss=300_000, duplicate=300_000, corrupt=300_000, reorder=100_000)
    for net in (plain, busy):
        inject(net, 100)
    offered = [event.seg.id for event in busy.sink if event.kind == "sent"]
    order = {segment_id: n for n, segment_id in enumerate(offered, 1)}
    assert [order[i] for _, i in kinds(busy, "lost")] == [i for _, i in kinds(plain, "lost")]


def test_reordered_segments_overtake():
    net = make(reorder=200_000)
    inject(net, 30)
    run(net)
    ahead = [i for _, i in kinds(net, "reordered")]
    assert ahead and arrivals(net)[:len(ahead)] == ahead
    assert net.counters["segments_reordered"] == len(ahead)


def test_a_duplicate_has_a_number_and_an_original():
    net = make(duplicate=1_000_000)
    inject(net, 2)
    run(net)
    twins = [event.seg for event in net.sink if event.kind == "duplicated"]
    assert [(twin.id, twin.copy_of) for twin in twins] == [(2, 1), (4, 3)]
    assert arrivals(net) == [1, 2, 3, 4]
    assert net.counters["segments_sent"] == 2 and net.counters["segments_duplicated"] == 2


def test_the_copy_of_a_lost_segment_survives():
    net = make(duplicate=1_000_000, loss=1_000_000)
    inject(net)
    run(net)
    assert kinds(net, "lost", "dropped") == [("lost", 1), ("dropped", 2)]


def test_corruption_flips_one_bit_of_the_real_bytes():
    net = make(corrupt=1_000_000)
    inject(net, 300, payload=b"hello", seq=77)
    run(net)
    for event in net.sink:
        if event.kind == "corrupted":
            right = encode(event.seg.segment, ident=event.seg.id)
            wrong = int.from_bytes(right, "big") ^ int.from_bytes(event.seg.wire, "big")
            assert wrong.bit_count() == 1
            assert event.seg.wire[event.get("byte")] ^ right[event.get("byte")] == 0x80 >> event.get("bit")
    reasons = {event.get("reason") for event in net.sink if event.kind == "dropped"}
    assert {"ip-checksum", "tcp-checksum", "length", "version"} <= reasons
    assert net.counters["segments_dropped"] == 300 and net.counters["segments_corrupted"] == 300


def test_uncovered_bits_of_ipv6_arrive_changed():
    """Hop limit, flow label and traffic class are in no checksum: the segment is taken."""
    net = make(corrupt=1_000_000, ip=6)
    inject(net, 300, flags=2)
    run(net)
    taken = [event.seg for event in net.sink if event.kind == "delivered" and event.seg.src == "client"]
    assert taken and all(record.wire is not None for record in taken)
    assert {event.get("reason") for event in net.sink if event.kind == "dropped"} >= {"tcp-checksum", "protocol"}


def test_a_wrong_address_is_dropped():
    net = make()
    stray = segment(net)
    stray.dst = "10.9.9.9"
    net.inject("client", stray)
    run(net)
    assert [event.get("reason") for event in net.sink if event.kind == "dropped"] == ["address"]


def test_rate_serialises_and_the_queue_drops_its_tail():
    """1000-byte packets at 8 Mbit/s take a millisecond each; one is on the line, two wait, the rest is lost."""
    net = make(rate=(8_000_000, 2))
    inject(net, 5, payload=bytes(960))
    assert [(view.depart, view.arrive) for view in net.in_flight()] == [
        (0, 51 * MS), (1 * MS, 52 * MS), (2 * MS, 53 * MS)]
    assert net.link_view().directions[0].queued == 2
    assert kinds(net, "lost") == [("lost", 4), ("lost", 5)]
    assert net.sink[-1].why.args == (2, 2)
    net.advance_clock(1 * MS)
    assert net.link_view().directions[0].queued == 1
    inject(net, 1, payload=bytes(960))
    assert net.in_flight()[-1].arrive == 54 * MS


def test_rate_rounds_up():
    net = make(rate=3_000_000_000)
    inject(net)
    assert net.next_at() == 50 * MS + 107  # 40 bytes = 320 bits at 3 Gbit/s: 106.7 ns


def test_down_loses_everything_but_what_is_under_way():
    net = make(duplicate=1_000_000)
    inject(net)
    net.link_down("client")
    inject(net)
    inject(net, source="server")
    run(net)
    assert kinds(net, "lost") == [("lost", 3)] and sorted(arrivals(net)) == [1, 2, 4, 5]
    net.link_up()
    inject(net)
    run(net)
    assert arrivals(net)[-1] == 7


def test_mtu():
    net = make(mtu=100)
    inject(net, payload=bytes(60))
    inject(net, payload=bytes(61))
    assert kinds(net, "lost") == [("lost", 2)] and net.sink[-1].why.args == (101, 100)


def test_clear_leaves_the_distance_only():
    net = make(loss=5, jitter=3, rate=7, mtu=100)
    net.link_rule("drop", 1, ANY)
    net.link_hold(True)
    net.link_clear()
    view = net.link_view()
    assert (view.directions[0].delay, view.directions[0].loss, view.directions[0].rate) == (50 * MS, 0, 0)
    assert not view.rules and not view.holding


# --- aimed rules ---------------------------------------------------------------------------------------------------


def test_drop_next_counts_down():
    net = make()
    net.link_rule("drop", 2, Fits(lambda rec: rec.src == "client", "client any"))
    inject(net, source="server")
    assert net.link_view().rules == ("drop next 2 client any",)
    inject(net)
    assert net.link_view().rules == ("drop next 1 client any",)
    inject(net, 2)
    assert kinds(net, "lost") == [("lost", 2), ("lost", 3)] and not net.link_view().rules


def test_rules_leave_the_dice_alone():
    plain, aimed = make(loss=300_000), make(loss=300_000)
    aimed.link_rule("drop", 3, Fits(lambda rec: rec.id in (2, 5, 6)))
    for net in (plain, aimed):
        inject(net, 60)
    lost = {i for _, i in kinds(plain, "lost")}
    assert {i for _, i in kinds(aimed, "lost")} == lost | {2, 5, 6}


def test_delay_dup_and_corrupt():
    net = make()
    net.link_rule("delay", 1, Fits(lambda rec: rec.id == 1), 30 * MS)
    net.link_rule("dup", 1, ANY)
    net.link_rule("corrupt", 1, ANY)
    inject(net, 4)
    run(net)
    assert kinds(net, "duplicated", "corrupted") == [("duplicated", 3), ("corrupted", 4)]
    assert arrivals(net) == [2, 3, 4, 5, 1] and net.now == 80 * MS


def test_the_first_rule_that_fits_acts_alone():
    net = make()
    net.link_rule("dup", 1, ANY)
    net.link_rule("drop", 1, ANY)
    inject(net)
    assert net.link_view().rules == ("drop next 1 any",) and kinds(net, "lost") == []


def test_the_environment_comes_from_the_factory():
    net, seen = make(), []
    net.env_factory = lambda network: ("env", network)

    class Curious(Fits):
        def test(self, rec, fate, env):
            seen.append(env)
            return False

    net.link_rule("drop", 1, Curious(None))
    inject(net)
    assert seen == [("env", net)]


def test_rules_speak_the_notation():
    net = make()
    hosts = ("client", "server")
    net.link_rule("drop", 2, parse_match("client DATA where seg.len > 2", hosts))
    for payload in (b"ab", b"abc", b"", b"abcd", b"abcde"):
        inject(net, payload=payload)
    assert kinds(net, "lost") == [("lost", 2), ("lost", 4)]
    with pytest.raises(NetError, match="leave out 'lost'"):
        net.link_rule("drop", 1, parse_match("DATA lost", hosts))


def test_a_rule_that_makes_no_sense_is_let_go():
    net = make()
    net.link_rule("drop", 1, parse_match("any where seg.len / 0 > 1", ("client", "server")))
    inject(net, 2)
    run(net)
    assert arrivals(net) == [1, 2] and not net.link_view().rules
    assert [event.kind for event in net.sink].count("error") == 1


@pytest.mark.parametrize("arguments", [("eat", 1, ANY), ("drop", 0, ANY), ("drop", True, ANY), ("delay", 1, ANY, -1)])
def test_wrong_rules(arguments):
    with pytest.raises(NetError):
        make().link_rule(*arguments)


# --- hold and hand -------------------------------------------------------------------------------------------------


def test_hold_stops_segments_also_those_under_way():
    net = make()
    inject(net)
    net.link_hold(True)
    inject(net)
    assert kinds(net, "held") == [("held", 1), ("held", 2)] and net.next_at() is None and net.idle()
    assert [view.arrive for view in net.in_flight()] == [None, None]
    net.link_deliver(2)
    assert not net.idle() and net.next_at() == 0
    net.step()
    assert arrivals(net) == [2]
    net.link_hold(False)
    assert net.next_at() == 25 * MS
    run(net)
    assert arrivals(net) == [2, 1]


def test_hand_on_held_segments():
    net = make()
    net.link_hold(True)
    inject(net, 4)
    net.link_drop(1)
    net.link_dup(2)
    net.link_delay(3, 5 * MS)
    net.link_swap(2, 4)
    net.link_hold(False)
    run(net)
    assert kinds(net, "lost") == [("lost", 1)] and arrivals(net) == [3, 4, 2, 5]


def test_hand_on_segments_under_way():
    net = make()
    inject(net, 5)
    net.link_delay(1, 20 * MS)
    net.link_deliver(5)
    net.link_drop(3)
    net.link_swap(2, 4)
    run(net)
    assert arrivals(net) == [5, 4, 2, 1] and net.now == 70 * MS


def test_delayed_and_brought_back_arrives_once():
    net = make()
    inject(net)
    net.link_delay(1, 20 * MS)
    net.link_deliver(1)
    net.link_delay(1, 50 * MS)
    run(net, 1)
    assert arrivals(net) == [1]


def test_edit_recomputes_or_breaks_the_checksum():
    net = make()
    net.link_hold(True)
    inject(net, 2)
    net.link_edit(1, seq=5)
    net.link_edit(2, seq=6, chksum=1)
    net.link_hold(False)
    run(net)
    dropped = [(event.seg.segment.seq, event.get("reason")) for event in net.sink if event.kind == "dropped"]
    assert dropped == [(5, "rst"), (6, "tcp-checksum")]


def test_edit_does_not_reach_into_the_past():
    net = make()
    net.link_hold(True)
    inject(net)
    sent = next(event.seg for event in net.sink if event.kind == "sent")
    net.link_edit(1, seq=99)
    assert sent.segment.seq == 0 and net.in_flight()[0].record.segment.seq == 99


@pytest.mark.parametrize("act", [
    lambda net: net.link_drop(9), lambda net: net.link_swap(1, 1), lambda net: net.link_swap(1, 2),
    lambda net: net.link_edit(1, sek=1), lambda net: net.link_edit(1, seq=1 << 32), lambda net: net.link_delay(1, -1),
    lambda net: net.link_edit(1, chksum=1 << 16), lambda net: net.link_edit(1, payload=None),
    lambda net: net.link_set("nobody", "loss", 1), lambda net: net.inject("client", segment(net, seq=-1)),
])
def test_what_cannot_be_done_says_so(act):
    net = make()
    inject(net)
    inject(net, source="server")
    with pytest.raises(NetError):
        act(net)
    run(net)
    assert sorted(arrivals(net)) == [1, 2]


def test_long_blackout_needs_no_time():
    net = make(delay=3600 * SECOND)
    inject(net)
    assert run(net) == 1 and net.now == 3600 * SECOND
