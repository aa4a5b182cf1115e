"""Data both ways between our endpoint and the kernel, over our own link: intact at any loss, with either sender's
congestion control, and nothing wrong with a single packet."""

from __future__ import annotations

import asyncio
import time

import pytest

from tcplab.net.app import pattern
from tcplab.tcp.config import PROFILES, Config
from tcplab.tcp.congestion import REGISTRY
from tests.interop.conftest import FULL
from tests.interop.rig import FEATURES, KNOBS, MS, Bench, agreed, expected, judged, offering

MB = 1_000_000
LOSSES = {"no loss": 0, "1 % loss": 10_000, "5 % loss": 50_000}
#: Bytes each way by loss: a few seconds in the ordinary suite, all of it in `make interop`.
SIZES = dict.fromkeys(LOSSES, 20 * MB) if FULL else {"no loss": 2 * MB, "1 % loss": MB, "5 % loss": MB}
PATIENCE = 1800.0 if FULL else 60.0
PROFILE = "modern" if "modern" in PROFILES else "rfc"
OURS = [name for name in REGISTRY if name != "fixed"] if FULL else [PROFILES[PROFILE].congestion]


def link(loss: int) -> dict[str, int]:
    """1 ms each way; a lossy link also sends some segments ahead of others, and some twice."""
    return {"delay": MS} | ({"loss": loss, "reorder": 20_000, "duplicate": 5_000} if loss else {})


async def exchange(bench: Bench, sock, n: int, out: int, back: int) -> None:
    """`out` bytes from us to the kernel while `back` come from it, then an orderly end by the kernel, then by us."""
    data = memoryview(pattern_of(back))
    loop = bench.driver.loop

    async def kernel_sends() -> None:
        await loop.sock_sendall(sock, data)
        sock.shutdown(1)

    async with asyncio.timeout(PATIENCE):
        if out:
            bench.call("send_n", n, out)
        bench.call("close", n)
        sending = asyncio.ensure_future(kernel_sends())
        assert await bench.read_all(sock) == expected(out)
        await sending
        await bench.until(lambda: bench.heard(n) == expected(back) if bench.heard(n)[0] == back else False, PATIENCE)
        await bench.until(lambda: bench.state(n) in ("TIME-WAIT", "CLOSED"), PATIENCE)
    assert bench.tcb(n).error is None


def pattern_of(size: int) -> bytes:
    return b"".join(pattern(at, min(1 << 16, size - at)) for at in range(0, size, 1 << 16))


@pytest.fixture(params=["reno", "cubic"])
def theirs(request, namespace) -> str:
    """The kernel's congestion control."""
    if request.param not in namespace.sysctl("net.ipv4.tcp_available_congestion_control").split():
        pytest.skip(f"this kernel has no {request.param}")
    return request.param


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("ours", OURS)
@pytest.mark.parametrize("opener", ["lab", "kernel"] if FULL else ["kernel"])
async def test_data_is_intact_both_ways(namespace, theirs, ours, opener, loss, capture):
    size = SIZES[loss]
    config = offering(PROFILE, congestion=ours)
    began = time.monotonic()
    async with Bench(namespace, config, pcap=capture, congestion=theirs, **link(LOSSES[loss])) as bench:
        sock, n = await bench.opened(opener)
        assert theirs in (await bench.ss(n))[0]
        await exchange(bench, sock, n, size, size)
        counters, again = bench.world.counters, bench.tcb(n).segments_retransmitted
        took = time.monotonic() - began
        print(f"{size / MB:g} MB each way at {loss}, ours {ours}, theirs {theirs}: {took:.1f} s, "
              f"{counters['segments_sent']} segments, {counters['segments_lost']} lost, {again} sent again by us")


@pytest.mark.parametrize("way", ["out", "back"])
async def test_data_one_way(namespace, way, capture):
    """The whole of it one way, so that one side only sends and the other only acknowledges."""
    size = SIZES["no loss"]
    async with Bench(namespace, offering(PROFILE), pcap=capture, **link(0)) as bench:
        sock, n = await bench.opened("lab")
        await exchange(bench, sock, n, *((size, 0) if way == "out" else (0, size)))


async def test_over_ipv6(namespace, capture):
    async with Bench(namespace, offering(PROFILE), ip=6, pcap=capture, **link(LOSSES["1 % loss"])) as bench:
        sock, n = await bench.opened("kernel")
        await exchange(bench, sock, n, MB // 5, MB // 5)


async def test_damaged_packets_are_discarded_by_both(namespace, tmp_path):
    path = tmp_path / "damaged.pcap"
    async with Bench(namespace, offering(PROFILE), pcap=path, delay=MS, corrupt=20_000) as bench:
        sock, n = await bench.opened("kernel")
        await exchange(bench, sock, n, MB // 5, MB // 5)
        assert bench.world.counters["segments_corrupted"]
    assert not FULL or judged(path) != ""  # tshark, if it is here, does see what is wrong


async def test_small_segments_of_the_first_lessons(namespace, capture):
    config: Config = PROFILES["first-lessons"]
    async with Bench(namespace, config, pcap=capture, **link(LOSSES["1 % loss"])) as bench:
        sock, n = await bench.opened("lab")
        await exchange(bench, sock, n, 20_000, 20_000)


def one_off() -> list[tuple[str, object]]:
    """Every knob that the handshake negotiates or that changes what is sent, turned away from its default."""
    base = offering(PROFILE)
    knobs = ("nagle", "delack", *FEATURES, "limited_transmit", "prr", "frto", "hystart")
    return [(name, "off" if isinstance(getattr(base, name), str) else not getattr(base, name))
            for name in knobs if name in KNOBS]


@pytest.mark.parametrize(("knob", "value"), one_off(), ids=lambda value: str(value))
async def test_with_one_knob_turned(namespace, knob, value, capture):
    config = offering(PROFILE, **{knob: value})
    async with Bench(namespace, config, pcap=capture, **link(LOSSES["1 % loss"])) as bench:
        sock, n = await bench.opened("kernel")
        line, = await bench.ss(n)
        assert all(word in line for word in agreed(config)), line
        await exchange(bench, sock, n, MB // 10, MB // 10)
