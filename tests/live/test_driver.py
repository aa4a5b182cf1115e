"""The real-time driver without a kernel: two worlds, each the far end of the other, joined by a pair of sockets."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import replace
from datetime import datetime
from ipaddress import ip_address

import pytest

from tcplab.live.driver import Driver
from tcplab.live.show import Story
from tcplab.live.world import LAB, PEER, LiveWorld
from tcplab.tcp.config import Config

MS = 1_000_000
HERE, THERE = ip_address("10.9.0.1"), ip_address("10.9.0.2")
QUICK = replace(Config(), msl_ns=20 * MS, rto_min_ns=20 * MS, rto_initial_ns=50 * MS, delack_ns=5 * MS)


class Cable:
    """One end of a pair of sockets that keep packets apart."""

    def __init__(self, end: socket.socket) -> None:
        end.setblocking(False)
        self.end, self.fd = end, end.fileno()

    def read(self) -> bytes | None:
        try:
            return self.end.recv(65536)
        except BlockingIOError:
            return None

    def write(self, packet: bytes) -> bool:
        try:
            self.end.send(packet)
        except BlockingIOError:
            return False
        return True


class Two:
    """`a` and `b`, each with a driver; `link` are settings of a's link."""

    def __init__(self, closes: bool = True, **link: object) -> None:
        self.ends = [Cable(end) for end in socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)]
        one, other = self.ends
        self.a = LiveWorld(HERE, THERE, QUICK, one.write, link, secret=b"a", closes=closes)
        self.b = LiveWorld(THERE, HERE, QUICK, other.write, secret=b"b", closes=closes)

    async def __aenter__(self) -> Two:
        self.drivers = [Driver(world, end).__enter__() for world, end in zip((self.a, self.b), self.ends, strict=True)]
        return self

    async def __aexit__(self, *problem: object) -> None:
        for driver, end in zip(self.drivers, self.ends, strict=True):
            driver.__exit__()
            end.end.close()


def received(world: LiveWorld) -> int:
    return sum(conn.app.received for conn in world.order[0].connections)


@pytest.mark.parametrize("link", [{}, {"delay": MS, "loss": 50_000, "reorder": 50_000, "corrupt": 10_000}], ids=str)
async def test_a_transfer_in_real_time(link):
    async with Two(**link) as two:
        one, other = two.drivers
        other.call(two.b.listen, LAB, 7)
        two.a.set_app(LAB, None, "source", 100_000)
        n = one.call(two.a.connect, LAB, PEER, 7)
        conn = two.a.order[0].connections[n - 1]
        await one.until(lambda: conn.endpoint is None, 20)
        await other.until(lambda: not two.b.order[0].live, 20)
        assert received(two.b) == 100_000 and conn.status().error is None
        assert two.a.strangers == two.b.strangers == 0 or link


async def test_programs_close_when_the_peer_does_unless_told_otherwise():
    async with Two(closes=False) as two:
        one, other = two.drivers
        other.call(two.b.listen, LAB, 7)
        n = one.call(two.a.connect, LAB, PEER, 7)
        conn = two.a.order[0].connections[n - 1]
        await one.until(lambda: not conn.embryo, 20)
        one.call(two.a.close, LAB, n)
        await one.until(lambda: conn.endpoint.state == "FIN-WAIT-2", 20)
        await asyncio.sleep(0.05)
        assert two.b.order[0].live[0].endpoint.state == "CLOSE-WAIT"


async def test_a_page_for_whoever_asks():
    async with Two() as two:
        one, other = two.drivers
        two.b.serving = "page"
        other.call(two.b.listen, LAB, 80)
        heard = bytearray()
        two.a.reads = lambda conn, data: heard.extend(data)
        n = one.call(two.a.connect, LAB, PEER, 80)
        one.call(two.a.send, LAB, n, b"GET / HTTP/1.0\r\n\r\n")
        await one.until(lambda: not two.a.order[0].live, 20)
        head, _, body = bytes(heard).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.0 200 OK") and f"Content-Length: {len(body)}".encode() in head
        assert b"state    ESTABLISHED" in body and f"you      {HERE}:".encode() in body


async def test_waiting_ends_in_time():
    async with Two() as two:
        with pytest.raises(TimeoutError):
            await two.drivers[0].until(lambda: False, 0.01)
        assert two.drivers[0].waiters == []


async def test_a_defect_reaches_whoever_waits():
    async with Two() as two:
        one, other = two.drivers
        two.b.packet = lambda data: 1 // 0
        one.call(two.a.connect, LAB, PEER, 7)
        with pytest.raises(ZeroDivisionError):
            await other.until(lambda: False, 20)
        with pytest.raises(ZeroDivisionError):
            await other.until(lambda: False, 20)


def test_what_is_no_segment_for_us_is_counted_and_left_alone():
    world = LiveWorld(HERE, THERE, QUICK, lambda packet: True)
    for data in (b"", b"\x60" + bytes(47), bytes(range(60)), b"\x45" * 60):
        world.packet(data)
    assert world.strangers == 4 and world.next_at() is None


def test_a_device_that_takes_nothing_loses_it():
    world = LiveWorld(HERE, THERE, QUICK, lambda packet: False)
    world.connect(LAB, PEER, 7)
    world.run_to(world.now)
    assert world.counters["segments_dropped"] == 1 and world.counters["segments_delivered"] == 0


def test_the_mss_fits_the_device():
    assert LiveWorld(HERE, THERE, QUICK, bool, mtu=1280).order[0].config.mss == 1240
    six = LiveWorld(ip_address("fd09::1"), ip_address("fd09::2"), QUICK, bool)
    assert six.order[0].config.mss == 1440


def test_the_story_is_told_as_tcpdump_tells_it():
    world = LiveWorld(HERE, THERE, replace(QUICK, iss=1000), lambda packet: True, {"loss": 1_000_000})
    world.sink = []
    story = Story(world, datetime(2024, 5, 6, 7, 8, 9, 250), 0)
    world.connect(LAB, PEER, 7)
    world.run_to(60 * MS)
    lines = list(story.lines())
    assert lines[0].startswith("07:08:09.000250     connection 1: CLOSED -> SYN-SENT")
    assert lines[1].startswith("07:08:09.000250 IP 10.9.0.1.49152 > 10.9.0.2.7: Flags [S], seq 1000, win 65535")
    assert lines[2].endswith("    #1 from 10.9.0.1 lost: The link lost it by chance: loss 100%.")
    assert any("07:08:09.050250     connection 1: sent again" in line for line in lines)
    assert list(story.lines()) == [] and world.sink == []
