"""A hand on single segments: corrupt a byte, all at once; and listeners that go."""

import pytest

from tcplab.net.errors import NetError
from tcplab.tcp.wire import encode
from tests.net.rig import MS, make, opened, run, state, tcb


def held(**settings):
    net = opened(make(**settings))
    net.link_hold(True)
    net.send("client", None, b"a" * 300)
    return net, [view.record.id for view in net.in_flight()]


def test_a_chosen_byte_is_damaged_and_the_checksum_tells():
    net, (first, *_) = held()
    net.link_corrupt(first, 45)
    view = net.in_flight()[0]
    before = encode(view.record.segment, ident=first)
    assert [i for i, pair in enumerate(zip(before, view.record.wire, strict=True)) if pair[0] != pair[1]] == [45]
    net.link_all("deliver")
    run(net, 0)
    assert net.counters["segments_dropped"] == 1 and tcb(net, "server").bytes_received == 0
    net.link_hold(False)
    run(net)
    assert tcb(net, "server").bytes_received == 300


def test_a_byte_that_is_not_there_is_refused_with_what_is():
    net, (first, *_) = held()
    for byte in (140, 10_000):
        with pytest.raises(NetError, match="bytes 0 to 139"):
            net.link_corrupt(first, byte)
    with pytest.raises(NetError, match="#999 is not on the link"):
        net.link_corrupt(999)


def test_the_hand_rolls_dice_of_its_own():
    """Corrupting by hand leaves the chances of all else as they were, and is the same every time."""
    wires, fates = [], []
    for corrupted in (False, True, True):
        net, ids = held(loss=200_000)
        if corrupted:
            net.link_corrupt(ids[0])
            wires.append(net.in_flight()[0].record.wire)
        net.send("client", None, b"b" * 2000)
        net.link_hold(False)
        fates.append([event.seg.id for event in net.sink if event.kind == "lost" and event.t < 150 * MS])
    assert wires[0] == wires[1] and fates[0] == fates[1] == fates[2]


def test_swapped_segments_show_their_places():
    net, (first, second, third) = held()
    net.link_swap(first, third)
    assert [(v.record.id, v.place) for v in net.in_flight()] == [(first, third), (second, second), (third, first)]


def test_all_of_nothing_is_refused():
    net = opened(make())
    for op in ("deliver", "drop"):
        with pytest.raises(NetError, match="nothing is on the link"):
            net.link_all(op)


def test_a_listener_goes_and_its_connections_stay():
    net = opened(make())
    net.unlisten("server", 80)
    assert net.host_view("server").listening == () and state(net, "server") == "ESTABLISHED"
    with pytest.raises(NetError, match="listens on no port, not on port 80"):
        net.unlisten("server", 80)
    net.connect("client", "server", 80)
    run(net)
    assert state(net, "client") == "CLOSED"
