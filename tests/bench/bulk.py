"""What a segment costs, without a screen and without a session: the design's bulk transfers."""

from __future__ import annotations

import tracemalloc

from tcplab.net.network import Network
from tcplab.net.trace import option_facts
from tcplab.tcp.config import PROFILES

from .table import MB, MS, Row, best, heap_operation, timed

LINK = {"delay": 20 * MS, "rate": (10_000_000, 1000), "mtu": 1500}


def bulk(size: int, loss: int = 0, trace: bool = False) -> Network:
    """`size` bytes one way over 10 Mbit/s, 20 ms each way, MTU 1500, each way losing `loss` of a million segments.

    Without `trace` nobody listens and no trace is kept.
    """
    net = opened(1)
    if loss:
        net.link_set(None, "loss", loss)
    if trace:
        net.sink = []
    net.send_n("client", None, size)
    finish(net)
    received = net.host_view("server").newest.tcb.bytes_received
    assert received == size, received
    return net


def opened(connections: int) -> Network:
    """So many connections, established and idle."""
    net = Network(link=LINK, configs=PROFILES["rfc"])
    net.listen("server", 80, max(connections, 5))
    for _ in range(connections):
        net.connect("client", "server", 80)
        finish(net)
    return net


def finish(net: Network) -> None:
    step = net.step
    while not net.idle() and step():
        pass


def many(connections: int, each: int = 20_000) -> Network:
    """`each` bytes over every one of `connections` connections, one after the other, 20 ms apart, all open."""
    net = opened(connections)
    for number in range(1, connections + 1):
        net.send_n("client", number, each)
        until = net.now + 20 * MS
        while (at := net.next_at()) is not None and at <= until:
            net.step()
        net.advance_clock(until)
    finish(net)
    views = net.host_view("server").connections
    assert all(view.tcb.bytes_received == each for view in views) and len(views) == connections
    return net


def options_agreed() -> str:
    """What the two ends agreed upon, as the server's SYN-ACK says it."""
    net = Network(link={"mtu": 1500}, configs=PROFILES["rfc"])
    net.sink = []
    net.listen("server", 80)
    net.connect("client", "server", 80)
    net.step()
    reply = next(event.seg.segment for event in net.sink if event.seg is not None and event.seg.src == "server")
    return ", ".join(option_facts(reply.options))


def peak_memory(size: int) -> int:
    tracemalloc.start()
    bulk(size)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def measure_bulk() -> list[Row]:
    """A segment beside an operation of the event queue, in fair weather and foul, with a trace and without."""
    clean = bulk(10 * MB).counters["segments_sent"]
    foul = bulk(10 * MB, loss=10_000).counters["segments_sent"]
    ten, one, lossy, traced, heap = best(
        6, lambda: timed(lambda: bulk(10 * MB)), lambda: timed(lambda: bulk(MB)),
        lambda: timed(lambda: bulk(10 * MB, loss=10_000)), lambda: timed(lambda: bulk(10 * MB, trace=True)),
        heap_operation)
    beside = f"heap push+pop {heap * 1e6:.2f} us"

    def cost(what: str, took: float, segments: int, mark: str) -> Row:
        each = took / segments
        met = each / heap <= 40 if mark != "-" else None
        return Row(what, f"{each * 1e6:.1f} us a segment, {1 / each:,.0f}/s", beside, f"{each / heap:.0f}", mark, met)

    return [
        cost(f"bulk transfer, 10 MB in {clean:,} segments (*)", ten, clean, "40, then 30"),
        cost(f"the same at 1 % loss, {foul:,} segments", lossy, foul, "40, then 30"),
        cost("the same without loss, with a trace kept", traced, clean, "-"),
        Row("time for 10 MB", f"{ten:.3f} s", f"for 1 MB {one:.3f} s", f"{ten / one:.1f}", "10.5", ten / one <= 10.5),
    ]


def measure_growth() -> list[Row]:
    """Ten times the work: at most ten and a half times the time, and memory flat."""
    hundred, ten, = best(3, lambda: timed(lambda: bulk(100 * MB)), lambda: timed(lambda: bulk(10 * MB)))
    small, large = peak_memory(MB), peak_memory(10 * MB)
    crowd, few = best(3, lambda: timed(lambda: many(1000)), lambda: timed(lambda: many(100)))
    beside, alone = best(3, lambda: moved(1000), lambda: moved(0))
    return [
        Row("time for 100 MB", f"{hundred:.2f} s", f"for 10 MB {ten:.3f} s", f"{hundred / ten:.1f}", "10.5",
            hundred / ten <= 10.5),
        Row("peak memory for 10 MB", f"{large / 1e6:.2f} MB", f"for 1 MB {small / 1e6:.2f} MB",
            f"{large / small:.2f}", "1.1 (flat)", large / small <= 1.1),
        Row("1,000 open connections, 20 kB over each", f"{crowd:.2f} s", f"100 of them {few:.3f} s",
            f"{crowd / few:.1f}", "10.5", crowd / few <= 10.5),
        Row("1 MB beside 1,000 idle connections", f"{beside:.3f} s", f"alone {alone:.3f} s",
            f"{beside / alone:.2f}", "1.05 (an idle one costs nothing)", beside / alone <= 1.05),
    ]


def moved(idle: int) -> float:
    """Seconds for 1 MB over one connection, while `idle` others stand open; opening them does not count."""
    net = opened(idle + 1)
    net.send_n("client", None, MB)
    return timed(lambda: finish(net))
