"""The link marks instead of dropping: `link ecn N`."""

from dataclasses import replace

from tcplab.net.trace import event_facts
from tcplab.tcp.config import PROFILES
from tcplab.tcp.ecn import CE, ECT_0
from tests.net.rig import inject, make, opened, run, segment

BULK = replace(PROFILES["rfc"], congestion="reno")


def transfer(on, seed=1, **link):
    net = opened(make(replace(BULK, ecn=on), rate=1_000_000, limit=25, seed=seed, **link))
    net.send_n("client", None, 300_000)
    run(net)
    assert net.host_view("server").newest.tcb.bytes_received == 300_000
    return net


def test_marks_take_the_place_of_losses():
    marked, lost = transfer(True, ecn=5), transfer(False, ecn=5)
    assert marked.counters["segments_marked"] > 0 and marked.counters["segments_lost"] == 0
    assert lost.counters["segments_marked"] == 0 and lost.counters["segments_lost"] > 0
    assert marked.counters["segments_retransmitted"] == 0


def test_without_a_threshold_or_a_rate_nothing_is_marked():
    assert transfer(True).counters["segments_marked"] == 0
    net = opened(make(replace(BULK, ecn=True), ecn=1))
    net.send_n("client", None, 50_000)
    run(net)
    assert net.counters["segments_marked"] == 0


def test_above_the_threshold_each_capable_segment_is_marked():
    net = make(rate=1_000_000, limit=10, ecn=2)
    capable = replace(segment(net), ecn=ECT_0)
    for _ in range(5):
        net.inject("client", capable)
    inject(net, 1)
    marked = [e for e in net.sink if e.kind == "marked"]
    # one is being sent, two wait: the fourth has two before it
    assert [e.seg.id for e in marked] == [4, 5]
    assert all(e.seg.segment.ecn == CE for e in marked)
    facts = event_facts(marked[0])
    assert facts["ecn"] == "CE" and "instead of dropped" in facts["why"]
    assert "ecn" not in event_facts(net.sink[-1])
    run(net)
    assert [e.seg.segment.ecn for e in net.sink if e.kind in ("delivered", "dropped")] == [2, 2, 2, 3, 3, 0]


def test_a_full_queue_still_drops_what_is_capable():
    net = make(rate=1_000_000, limit=2, ecn=1)
    for _ in range(5):
        net.inject("client", replace(segment(net), ecn=ECT_0))
    assert net.counters["segments_lost"] == 2


def test_the_threshold_shows_and_clear_ends_it():
    net = make()
    net.link_set("client", "ecn", 7)
    assert [way.ecn for way in net.link_view().directions] == [7, 0]
    net.link_clear()
    assert [way.ecn for way in net.link_view().directions] == [0, 0]
