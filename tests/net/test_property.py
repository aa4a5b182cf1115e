"""Whatever the link does short of a permanent blackout: every byte arrives once, in order, and both ends close."""

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tcplab.net.app import pattern
from tcplab.tcp.config import Config
from tests.net.rig import LESSON, MS, SECOND, Tapped, make, run

chances = st.integers(0, 200_000)
links = st.fixed_dictionaries({
    "delay": st.tuples(st.integers(0, 200 * MS), st.integers(0, 60 * MS),
                       st.sampled_from(["uniform", "normal", "pareto"])),
    "loss": chances, "reorder": chances, "duplicate": chances, "corrupt": st.integers(0, 100_000),
    "rate": st.tuples(st.sampled_from([0, 500_000, 10_000_000]), st.integers(3, 50)),
    "gemodel": st.sampled_from([(0,), (20_000, 400_000)]),
})


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(links, st.integers(0, 2**32), st.sampled_from([4, 6]), st.booleans(), st.booleans(),
       st.integers(1, 6000), st.integers(0, 6000))
def test_every_byte_arrives_once_and_in_order_and_both_ends_close(link, seed, ip, lesson, simultaneous, up, down):
    # A bad link must not make them give up, nor TIME-WAIT end before the last ACK got through: other tests' business.
    config = replace(LESSON if lesson else Config(mss=536), r2=None, r2_syn=None, user_timeout_ns=None,
                     rto_max_ns=4 * SECOND, msl_ns=120 * SECOND)
    net = make(config, kind=Tapped, seed=seed, ip=ip, **link)
    if simultaneous:
        net.connect("client", "server", 5001, 5000)
        net.connect("server", "client", 5000, 5001)
    else:
        net.listen("server", 80)
        net.connect("client", "server", 80)
    net.send_n("client", 1, up)
    run(net)
    if down:
        net.send_n("server", 1, down)
    net.close("client", 1)
    net.close("server", 1)
    for _ in range(400_000):
        if not net.step():
            break
    for host, n in (("client", down), ("server", up)):
        conn = net.host_view(host).connections[0].tcb
        assert conn.gone and conn.state == "CLOSED" and conn.fin_acked
        assert conn.bytes_received == n and bytes(net.heard.get((host, 1), b"")) == pattern(0, n)
    assert net.next_at() is None
