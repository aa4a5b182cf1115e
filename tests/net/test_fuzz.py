"""Whatever is asked, in whatever order: refused with NetError or done, and every segment comes to one end."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tcplab.net.errors import NetError
from tcplab.tcp.options import Options
from tcplab.tcp.segment import Segment
from tests.net.rig import ANY, MS, facts, make, opened

hosts = st.sampled_from(["client", "server"])
conns = st.sampled_from([None, None, 1, 2, 9])
ids = st.integers(1, 30)
ports = st.sampled_from([80, 80, 81, 49152, 49153])
numbers = st.sampled_from([0, 1, 0x7FFFFFFF, 0xFFFFFFFF]) | st.integers(0, 2**32 - 1)
addresses = st.sampled_from(["10.0.0.1", "10.0.0.2", "10.0.0.2", "255.255.255.255"])
segments = st.builds(Segment, addresses, addresses, ports, ports, numbers, numbers, st.integers(0, 255),
                     st.integers(0, 65535), st.binary(max_size=40),
                     st.sampled_from([Options(), Options(mss=0), Options(mss=9, wscale=255)]))


def call(name, *arguments):
    return st.tuples(st.just(name), st.tuples(*arguments))


calls = st.one_of(
    call("listen", hosts, ports, st.integers(1, 2)), call("connect", hosts, hosts, ports, st.none() | ports),
    call("connect", st.just("client"), st.just("server"), st.just(80)),
    call("send", hosts, conns, st.binary(max_size=300)), call("send_n", hosts, conns, st.integers(1, 9000)),
    call("recv", hosts, conns, st.none() | st.integers(1, 500)), call("close", hosts, conns),
    call("abort", hosts, conns), call("set_app", hosts, conns, st.sampled_from(["sink", "echo", "source", "none"]),
                                      st.integers(0, 2000)),
    call("set_option", hosts, conns, st.just("reading"), st.booleans()),
    call("set_option", hosts, conns, st.sampled_from(["mss", "rcvbuf", "sndbuf", "cwnd"]), st.integers(1, 5000)),
    call("set_option", hosts, conns, st.sampled_from(["nagle", "delack"]), st.booleans()),
    call("set_option", hosts, conns, st.just("msl"), st.integers(0, 10**10)),
    call("link_rule", st.sampled_from(["drop", "delay", "dup", "corrupt"]), st.integers(1, 3), st.just(ANY)),
    call("link_set", st.none() | hosts, st.sampled_from(["loss", "duplicate", "reorder", "corrupt"]),
         st.integers(0, 300_000)),
    call("link_set", st.none(), st.just("rate"), st.integers(0, 10**6), st.integers(1, 9)),
    call("link_set", st.none(), st.sampled_from(["mtu", "delay"]), st.integers(0, 2000)),
    call("link_hold", st.booleans()), call("link_clear"), call("link_down"), call("link_up"),
    call("link_drop", ids), call("link_deliver", ids), call("link_dup", ids), call("link_swap", ids, ids),
    call("link_delay", ids, st.integers(0, 100 * MS)), call("inject", hosts, segments),
    call("step"), call("step"), call("run", st.integers(1, 60)),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(calls, max_size=40), st.integers(0, 99), st.booleans())
def test_anything_goes(todo, seed, ready):
    net = opened(make(seed=seed)) if ready else make(seed=seed)
    twin = None
    for position, (name, arguments) in enumerate(todo):
        if position == len(todo) // 2:
            twin, before = net.copy(), len(net.sink)
            twin.sink = []
        for world in filter(None, (net, twin)):
            act(world, name, arguments)
    for world in filter(None, (net, twin)):
        world.link_clear()
        act(world, "run", (2000,))
    check(net)
    if twin is not None:
        assert facts(twin) == facts(net)[before:] and twin.host_view("client") == net.host_view("client")


def act(net, name, arguments):
    if name == "run":
        for _ in range(*arguments):
            if net.idle() or not net.step():
                break
        return
    try:
        getattr(net, name)(*arguments)
    except NetError as refusal:
        assert refusal.message


def check(net):
    ended = [event.seg.id for event in net.sink if event.kind in ("lost", "delivered", "dropped")]
    under_way = [view.record.id for view in net.in_flight()]
    assert sorted(ended + under_way) == list(range(1, net.next_id))
    for host in net.order:
        assert [conn.n for conn in host.connections] == list(range(1, len(host.connections) + 1))
        assert {conn.n for conn in host.live} == {conn.n for conn in host.table.values()}
        assert all(conn.last.gone for conn in host.connections if conn not in host.live)
