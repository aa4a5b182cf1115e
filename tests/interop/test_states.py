"""Our states beside the kernel's: opening and closing by either side, half-closed, reset, refused, crossing."""

from __future__ import annotations

import asyncio
import socket
import struct

import pytest

from tcplab.live.world import LAB, PEER
from tcplab.tcp.config import PROFILES
from tests.interop.rig import MS, PATIENCE, Bench, agreed, offering

SIDES = ("lab", "kernel")


@pytest.fixture(params=SIDES)
def opener(request) -> str:
    return request.param


async def recv(bench: Bench, sock: socket.socket, size: int) -> bytes:
    data = b""
    async with asyncio.timeout(PATIENCE):
        while len(data) < size and (piece := await bench.driver.loop.sock_recv(sock, size)):
            data += piece
    return data


@pytest.mark.parametrize("profile", PROFILES)
async def test_both_agree_on_what_was_offered(namespace, opener, profile, capture):
    config = PROFILES[profile] if profile == "first-lessons" else offering(profile)
    async with Bench(namespace, config, pcap=capture) as bench:
        sock, n = await bench.opened(opener)
        await bench.states(n, "ESTABLISHED", "ESTAB")
        bench.call("send", n, b"hello")
        assert await recv(bench, sock, 5) == b"hello"
        sock.send(b"good day")
        await bench.until(lambda: bench.heard(n)[0] == 8)
        line, = await bench.ss(n)
        assert all(word in line for word in agreed(config)), line
        assert f"mss:{bench.tcb(n).smss}" in line or profile == "first-lessons", line


async def test_we_close_first(namespace, opener, capture):
    async with Bench(namespace, offering(), pcap=capture) as bench:
        sock, n = await bench.opened(opener)
        bench.call("close", n)
        await bench.states(n, "FIN-WAIT-2", "CLOSE-WAIT")
        assert await recv(bench, sock, 1) == b""
        sock.send(b"still talking")  # half-closed: the other direction goes on
        await bench.until(lambda: bench.heard(n)[0] == 13)
        sock.close()
        await bench.states(n, "TIME-WAIT", None)
        await bench.until(lambda: bench.tcb(n).gone)
        assert bench.tcb(n).error is None and bench.state(n) == "CLOSED"


async def test_the_kernel_closes_first(namespace, opener, capture):
    async with Bench(namespace, offering(), pcap=capture) as bench:
        sock, n = await bench.opened(opener)
        sock.shutdown(socket.SHUT_WR)
        await bench.states(n, "CLOSE-WAIT", "FIN-WAIT-2")
        bench.call("send", n, b"one more thing")
        assert await recv(bench, sock, 14) == b"one more thing"
        bench.call("close", n)
        await bench.until(lambda: bench.tcb(n).gone)
        assert bench.tcb(n).error is None
        await bench.states(n, "CLOSED", "TIME-WAIT")
        assert await recv(bench, sock, 1) == b""


async def test_both_close_at_once(namespace, opener, capture):
    async with Bench(namespace, offering(), pcap=capture, delay=100 * MS) as bench:
        sock, n = await bench.opened(opener)
        bench.call("close", n)
        sock.shutdown(socket.SHUT_WR)
        await bench.until(lambda: bench.state(n) == "CLOSING")
        await bench.until(lambda: bench.state(n) == "TIME-WAIT")
        await bench.states(n, "TIME-WAIT", "TIME-WAIT")


async def test_both_open_at_once(namespace, capture):  # RFC 9293 3.5 [MUST-10]
    async with Bench(namespace, offering(), pcap=capture, delay=100 * MS) as bench:
        sock = bench.socket()
        sock.bind((bench.there, 7001))
        opening = asyncio.ensure_future(bench.driver.loop.sock_connect(sock, (bench.here, 7000)))
        await asyncio.sleep(0)
        n = bench.call("connect", PEER, 7001, from_port=7000)
        await bench.until(lambda: bench.state(n) == "SYN-RECEIVED")
        await asyncio.wait_for(opening, PATIENCE)
        await bench.states(n, "ESTABLISHED", "ESTAB")
        sock.send(b"crossed")
        await bench.until(lambda: bench.heard(n)[0] == 7)


async def test_we_abort(namespace, opener, capture):
    async with Bench(namespace, offering(), pcap=capture) as bench:
        sock, n = await bench.opened(opener)
        bench.call("abort", n)
        with pytest.raises(ConnectionResetError):
            await recv(bench, sock, 1)
        await bench.states(n, "CLOSED", None)


async def test_the_kernel_aborts(namespace, opener, capture):
    async with Bench(namespace, offering(), pcap=capture) as bench:
        sock, n = await bench.opened(opener)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        sock.close()
        await bench.until(lambda: bench.tcb(n).gone)
        assert bench.tcb(n).error == "connection reset"
        await bench.states(n, "CLOSED", None)


async def test_nobody_listens(namespace, capture):
    async with Bench(namespace, offering(), pcap=capture) as bench:
        with pytest.raises(ConnectionRefusedError):
            await bench.driver.loop.sock_connect(bench.socket(), (bench.here, 9))
        n = bench.call("connect", PEER, 9)
        await bench.until(lambda: bench.tcb(n).gone)
        assert bench.tcb(n).error == "connection refused"


@pytest.mark.parametrize("when", ["from the beginning", "once it stands"])
async def test_a_kernel_that_does_not_read_stops_us_and_starts_us_again(namespace, capture, when):
    """A buffer made small once the connection stands makes the kernel take back what it had promised."""
    size = 400_000
    async with Bench(namespace, offering(sndbuf=size), pcap=capture) as bench:
        small = {socket.SO_RCVBUF: 20_000}
        sock, n = await bench.kernel_connects(small if when == "from the beginning" else {})
        sock.setsockopt(socket.SOL_SOCKET, *next(iter(small.items())))
        bench.call("send_n", n, size)
        await bench.until(lambda: bench.tcb(n).snd_wnd == 0)
        await asyncio.sleep(0.3)
        assert {"persist", "rtx"} & {name for name, _ in bench.tcb(n).timers}
        assert len(await recv(bench, sock, size)) == size
        await bench.until(lambda: bench.tcb(n).snd_una == bench.tcb(n).snd_nxt)


async def test_when_we_do_not_read_the_kernel_stops_and_starts_again(namespace, capture):
    size = 300_000
    async with Bench(namespace, offering(rcvbuf=20_000), pcap=capture) as bench:
        bench.call("set_option", None, "reading", False)
        sock, n = await bench.kernel_connects()
        sending = asyncio.ensure_future(bench.driver.loop.sock_sendall(sock, bytes(size)))
        await bench.until(lambda: bench.tcb(n).rcv_wnd == 0)
        assert bench.tcb(n).unread == 20_000
        bench.call("set_option", n, "reading", True)
        await asyncio.wait_for(sending, PATIENCE)
        await bench.until(lambda: bench.heard(n)[0] == size)


async def test_urgent_data_stays_in_its_place(namespace, capture):  # RFC 6093: treat it as in line
    async with Bench(namespace, offering(), pcap=capture) as bench:
        sock, n = await bench.kernel_connects()
        sock.send(b"abc")
        sock.send(b"!", socket.MSG_OOB)
        sock.send(b"def")
        await bench.until(lambda: bench.heard(n)[0] == 7)


async def test_the_kernels_keepalive_is_answered(namespace, full, capture):
    async with Bench(namespace, offering(), pcap=capture) as bench:
        sock, n = await bench.kernel_connects()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for option in (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT):
            sock.setsockopt(socket.IPPROTO_TCP, option, 1)
        await asyncio.sleep(4)
        await bench.states(n, "ESTABLISHED", "ESTAB")


async def test_a_handshake_survives_any_lost_segment(namespace, opener):
    """Each segment of the handshake is lost once; first data heals the last one."""
    config = offering(rto_initial_ns=200 * MS)
    for lost in range(1, 4):
        async with Bench(namespace, config) as bench:
            way = bench.world.ways[(lost % 2 == 0) ^ (opener == "kernel")]
            other = bench.world.ways[0] if way is bench.world.ways[1] else bench.world.ways[1]
            assert {way.src, other.src} == {LAB, PEER}
            bench.world.link_rule("drop", 1, Nth(way.src, 2 if lost == 3 else 1))
            sock, n = await bench.opened(opener)
            sock.send(b"x")
            await bench.until(lambda n=n, bench=bench: bench.heard(n)[0] == 1)
            await bench.states(n, "ESTABLISHED", "ESTAB")


class Nth:
    """A match: the n-th segment of a host."""

    status, text = None, "the n-th"

    def __init__(self, host: str, n: int) -> None:
        self.host, self.left = host, n

    def test(self, record, fate, env) -> bool:
        self.left -= record.src == self.host
        return record.src == self.host and self.left == 0
