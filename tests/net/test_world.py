"""The world repeats itself to the byte, and a copy lives its own life."""

import json
import pickle
import subprocess
import sys
from hashlib import sha256
from time import process_time

import pytest

from tcplab.net.errors import NetError
from tcplab.net.trace import event_facts
from tests.net.rig import ANY, Fits, facts, inject, knobs, make, opened, run, tcb

MESS = {"loss": 100_000, "jitter": 20_000_000, "reorder": 100_000, "duplicate": 50_000, "corrupt": 50_000,
        "rate": (1_000_000, 20)}


def busy(net):
    """Two connections, data both ways, on a bad link."""
    net.listen("server", 80)
    for _ in range(2):
        net.connect("client", "server", 80)
        net.send_n("client", None, 3000)
    run(net, 2)
    for n in (1, 2):
        if not tcb(net, "client", n).gone:
            net.send_n("client", n, 2000)
    return net


def digest(net) -> str:
    return sha256("\n".join(json.dumps(fact, sort_keys=True) for fact in facts(net)).encode()).hexdigest()


def test_the_same_seed_gives_the_same_facts():
    one, two, other = (busy(make(seed=seed, **MESS)) for seed in (5, 5, 6))
    for net in (one, two, other):
        run(net)
    assert digest(one) == digest(two) != digest(other)
    assert one.counters == two.counters


def test_neither_hash_seed_nor_sink_matters():
    script = ("from tests.net.test_world import *; net = busy(make(seed=5, **MESS)); run(net); print(digest(net))")
    runs = [subprocess.run([sys.executable, "-c", script], env={"PYTHONHASHSEED": seed, "PYTHONPATH": "."},
                           capture_output=True, text=True, check=True).stdout for seed in ("1", "2")]
    seen = busy(make(seed=5, **MESS))
    run(seen)
    assert runs[0] == runs[1] == digest(seen) + "\n"
    blind = make(seed=5, **MESS)
    blind.sink = None
    run(busy(blind))
    assert blind.counters == seen.counters and blind.host_view("client") == seen.host_view("client")


def test_a_copy_goes_on_like_the_original_and_neither_disturbs_the_other():
    net = busy(make(seed=5, **MESS))
    for _ in range(40):
        net.step()
    net.link_rule("drop", 2, ANY)
    net.link_hold(True)
    net.link_hold(False)
    twin, before = net.copy(), len(net.sink)
    third = twin.copy()
    assert twin.sink is None
    views = net.host_view("client"), net.host_view("server"), net.link_view(), net.in_flight(), dict(net.counters)
    twin.sink = []
    run(twin)
    assert views == (net.host_view("client"), net.host_view("server"), net.link_view(), net.in_flight(), net.counters)
    run(net)
    assert [event_facts(event) for event in net.sink[before:]] == [event_facts(event) for event in twin.sink]
    third.link_set(None, "loss", 1_000_000)
    third.set_option("client", None, "mss", 50)
    run(third)
    assert tcb(third, "server").bytes_received < tcb(net, "server").bytes_received
    assert tcb(twin, "server").bytes_received == tcb(net, "server").bytes_received


def test_a_copy_is_cheap():
    net = busy(make(seed=5, **MESS))
    best = min(_timed(net.copy) for _ in range(20))
    assert best < 0.005


def _timed(act) -> float:
    start = process_time()
    act()
    return process_time() - start


def test_a_network_can_be_pickled():
    net = busy(make(seed=5, **MESS))
    twin = pickle.loads(pickle.dumps(net.copy()))
    twin.sink, net.sink = [], []
    run(net)
    run(twin)
    assert digest(net) == digest(twin)


def test_at_one_instant_the_order_is_fixed_whatever_came_first():
    """Deliveries before timers; the first host before the second; lower numbers first."""
    orders = []
    for names in (("client", "server"), ("server", "client")):
        net = make()
        for name in names:
            inject(net, source=name)
        run(net)
        orders.append([(event.host, event.t) for event in net.sink if event.kind == "dropped"])
    assert orders[0] == orders[1] == [("client", 50_000_000), ("server", 50_000_000)]


def test_deliveries_come_before_timers():
    """The retransmission timer of the SYN and the late SYN,ACK are due at the same instant: no retransmission."""
    net = make(delay=500_000_000)
    opened(net)
    assert net.counters["segments_retransmitted"] == 0


def test_ids_count_from_one_without_gaps():
    net = busy(make(seed=5, **MESS))
    run(net)
    ids = [event.seg.id for event in net.sink if event.kind in ("sent", "duplicated")]
    assert ids == list(range(1, len(ids) + 1)) and net.next_id == len(ids) + 1


def test_every_segment_has_one_end():
    net = busy(make(seed=5, **MESS))
    run(net)
    ends = sorted(event.seg.id for event in net.sink if event.kind in ("lost", "delivered", "dropped"))
    assert ends == list(range(1, net.next_id))
    counted = net.counters
    assert counted["segments_sent"] + counted["segments_duplicated"] == \
        counted["segments_lost"] + counted["segments_delivered"] + counted["segments_dropped"]


def test_every_reason_can_be_told_and_every_fact_is_json():
    net = make(seed=5, every=50, gemodel=(10_000, 500_000), **MESS)
    net.link_rule("delay", 1, ANY)
    net.link_rule("corrupt", 1, Fits(lambda rec: rec.id > 4))
    busy(net)
    run(net)
    net.link_down()
    inject(net)
    for event in net.sink:
        told = event_facts(event)
        assert json.loads(json.dumps(told)) == told
        assert "why" not in event_facts(event, prose=False) and "why" in told


def test_the_facts_of_a_segment():
    net = opened(make())
    fact = next(fact for fact in facts(net) if fact["kind"] == "sent")
    assert fact == {"t_ns": 0, "kind": "sent", "id": 1, "copy_of": None, "from": "client", "to": "server",
                    "flags": "S", "seq": tcb(net, "client").iss, "ack": 0, "win": 4000, "win_scaled": 4000, "len": 0,
                    "options": {"mss": 100}, "conn": 1}


@pytest.mark.parametrize("arguments", [
    {"hosts": ("a", "a")}, {"hosts": ("a",)}, {"ip": 5}, {"loss": 2_000_000}, {"speed": 1},
])
def test_wrong_networks(arguments):
    with pytest.raises(NetError):
        make(**arguments)


def test_memory_stays_flat_without_a_trace():
    net = make(knobs(sndbuf=20_000, cwnd_fixed=4000))
    net.sink = None
    opened(net)
    net.send_n("client", None, 400_000)
    run(net)
    conn = net.host("client").connections[0]
    assert len(conn.first_sent) <= 1025 and not net.ways[0].flights and tcb(net, "server").bytes_received == 400_000
