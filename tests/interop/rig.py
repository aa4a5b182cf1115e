"""The bench of these tests: our host on a TUN device, the kernel's sockets beside it in one namespace, one loop.

    async with Bench(namespace, config) as bench:
        theirs, n = await bench.kernel_connects()
        await bench.states(n, "ESTABLISHED", "ESTAB")
"""

from __future__ import annotations

import asyncio
import shutil
import socket
import struct
import subprocess
import time
from collections.abc import Mapping
from dataclasses import fields, replace
from hashlib import sha256
from ipaddress import ip_interface
from itertools import count
from pathlib import Path

from tcplab.live.driver import Driver
from tcplab.live.tun import Tun, open_tun
from tcplab.live.world import LAB, PEER, LiveWorld
from tcplab.net.app import pattern
from tcplab.net.host import Connection
from tcplab.tcp.config import PROFILES, Config
from tests.interop.netns import Namespace

MS = 1_000_000
PATIENCE = 20.0
#: Knobs that offer an option or a feature in the handshake, and how `ss -ti` shows that the kernel has agreed.
FEATURES = {"sack": "sack", "timestamps": "ts", "wscale": "wscale:", "ecn": "ecn"}
KNOBS = {field.name for field in fields(Config)}
ADDRESSES = {4: ("10.9.0.2/24", "10.9.0.1/24"), 6: ("fd09::2/64", "fd09::1/64")}


def offering(profile: str = "rfc", **changes: object) -> Config:
    """`profile` with every feature switched on that this endpoint knows, a short MSL, and room for real transfers."""
    config = PROFILES[profile]
    on = {name: _ON.get(type(getattr(config, name)), True) for name in FEATURES if name in KNOBS}
    buffers = 1 << 20 if "wscale" in KNOBS else 65535
    quick = {"msl_ns": 500 * MS, "rto_min_ns": 200 * MS, "rcvbuf": buffers, "sndbuf": 1 << 20}
    return replace(config, **on | quick | changes)


#: Each bench has ports of its own: the kernel remembers the connections of the one before.
_bases = count(0, 10)
_ON = {bool: True, str: "on"}


def agreed(config: Config) -> list[str]:
    """What `ss -ti` has to show of a connection with `config`."""
    return [word for name, word in FEATURES.items() if name in KNOBS and getattr(config, name) not in (False, "off")]


class Tap:
    """A TUN device that keeps what passes it, as a pcap file of raw IP packets."""

    def __init__(self, tun: Tun, path: Path | None) -> None:
        self.tun, self.fd, self.mtu = tun, tun.fd, tun.mtu
        self.file = None if path is None else path.open("ab")
        if self.file is not None and not self.file.tell():
            self.file.write(struct.pack("=IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 101))  # LINKTYPE_RAW

    def read(self) -> bytes | None:
        packet = self.tun.read()
        if packet is not None and self.file is not None:
            self._keep(packet)
        return packet

    def write(self, packet: bytes) -> bool:
        if self.file is not None:
            self._keep(packet)
        return self.tun.write(packet)

    def _keep(self, packet: bytes) -> None:
        seconds, ns = divmod(time.time_ns(), 1_000_000_000)
        self.file.write(struct.pack("=IIII", seconds, ns // 1000, len(packet), len(packet)) + packet)

    def close(self) -> None:
        self.tun.close()
        if self.file is not None:
            self.file.close()


class Bench:
    """Our host and the kernel; `link` are settings of `net`'s link, both ways. Our connections are named by number.

    `congestion` is the kernel's congestion control, set for each socket: the namespace's default may only be one that
    the machine allows to everybody. Raises OSError for one that the kernel does not have.
    """

    def __init__(self, namespace: Namespace, config: Config, *, ip: int = 4, seed: int = 1, pcap: Path | None = None,
                 congestion: str = "", **link: object) -> None:
        self.namespace, self.ip, self.congestion = namespace, ip, congestion
        here, there = map(ip_interface, ADDRESSES[ip])
        self.here, self.there = str(here.ip), str(there.ip)
        with namespace.entered():
            self.tap = Tap(open_tun("lab", there), pcap)
        self.config = config
        self.world = LiveWorld(here.ip, there.ip, config, self.tap.write, link, seed, b"interop", self.tap.mtu, False)
        self.base = next(_bases)
        self.world.order[0].next_port = 49152 + self.base
        self.sockets: list[socket.socket] = []
        self.hashes: dict[int, object] = {}
        self.world.reads = self._read

    async def __aenter__(self) -> Bench:
        async with asyncio.timeout(PATIENCE):  # an IPv6 address is tentative at first, and then not used as a source
            while self.ip == 6 and "tentative" in self.namespace.run("ip", "-6", "addr", "show", "dev", "lab"):
                await asyncio.sleep(0.01)
        self.driver = Driver(self.world, self.tap)
        self.driver.__enter__()
        return self

    async def __aexit__(self, *problem: object) -> None:
        self.driver.__exit__()
        for sock in self.sockets:
            sock.close()
        self.tap.close()
        if self.driver.failure is not None:
            raise self.driver.failure  # whoever waited for the kernel only saw time pass

    # --- our side ------------------------------------------------------------------------------------------------

    def _read(self, conn: Connection, data: bytes) -> None:
        self.hashes.setdefault(conn.n, sha256()).update(data)

    def call(self, name: str, *arguments: object, **named: object):
        """A user call at our host: ``bench.call("close", n)``."""
        return self.driver.call(getattr(self.world, name), LAB, *arguments, **named)

    def tcb(self, n: int):
        return self.world.host_view(LAB).connections[n - 1].tcb

    def state(self, n: int) -> str:
        """Our state; CLOSED once the TCB is gone."""
        connections = self.world.order[0].connections
        return connections[n - 1].status().state if len(connections) >= n else ""

    async def until(self, predicate, patience: float = PATIENCE) -> None:
        await self.driver.until(predicate, patience)

    # --- the kernel's side ---------------------------------------------------------------------------------------

    def socket(self) -> socket.socket:
        with self.namespace.entered():
            sock = socket.socket(socket.AF_INET if self.ip == 4 else socket.AF_INET6, socket.SOCK_STREAM)
        sock.setblocking(False)
        self.sockets.append(sock)
        if self.congestion:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, self.congestion.encode())
        return sock

    async def kernel_connects(self, options: Mapping[int, int] | None = None) -> tuple[socket.socket, int]:
        """The kernel's connected socket, with socket `options` set before, and the number of our connection."""
        port = 2000 + self.base
        if port not in self.world.order[0].listeners:
            self.call("listen", port)
        n = len(self.world.order[0].connections) + 1
        sock = self.socket()
        for name, value in (options or {}).items():
            sock.setsockopt(socket.SOL_SOCKET, name, value)
        await asyncio.wait_for(self.driver.loop.sock_connect(sock, (self.here, port)), PATIENCE)
        await self.until(lambda: self.state(n) == "ESTABLISHED")
        return sock, n

    async def lab_connects(self) -> tuple[socket.socket, int]:
        """The same the other way round: our host opens actively."""
        port = 2000 + self.base
        listener = self.socket()
        listener.bind((self.there, port))
        listener.listen()
        n = self.call("connect", PEER, port)
        sock, _ = await asyncio.wait_for(self.driver.loop.sock_accept(listener), PATIENCE)
        sock.setblocking(False)
        self.sockets.append(sock)
        listener.close()
        await self.until(lambda: self.state(n) == "ESTABLISHED")
        return sock, n

    async def opened(self, opener: str) -> tuple[socket.socket, int]:
        return await (self.lab_connects() if opener == "lab" else self.kernel_connects())

    async def ss(self, n: int) -> list[str]:
        """What `ss` shows of the kernel's side of our connection `n`: one line, or none."""
        (_, ours), (_, theirs) = self.tcb(n).local, self.tcb(n).remote
        argv = self.namespace.command("ss", "-HOtinao", f"sport = {theirs} and dport = {ours}")
        done = await asyncio.to_thread(subprocess.run, argv, capture_output=True, text=True, check=True)
        return [line for line in done.stdout.splitlines() if line.strip()]

    async def states(self, n: int, ours: str, theirs: str | None) -> None:
        """Wait until our side is in `ours` and the kernel's in `theirs` (as ss spells it; None: no socket left)."""
        seen = ""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            lines = await self.ss(n)
            seen = lines[0].split()[0] if lines else None
            if self.state(n) == ours and seen == theirs:
                return
            await asyncio.sleep(0.02)
        raise AssertionError(f"ours {self.state(n)}, theirs {seen}; wanted {ours} and {theirs}\n{self.tcb(n)}")

    async def read_all(self, sock: socket.socket) -> tuple[int, str]:
        """Everything up to the end: how much, and its hash."""
        total, digest = 0, sha256()
        while data := await self.driver.loop.sock_recv(sock, 1 << 18):
            total += len(data)
            digest.update(data)
        return total, digest.hexdigest()

    def heard(self, n: int) -> tuple[int, str]:
        """What our program has read, and its hash."""
        connections = self.world.order[0].connections
        return connections[n - 1].app.received, self.hashes.get(n, sha256()).hexdigest()


def expected(size: int) -> tuple[int, str]:
    """Length and hash of `size` bytes of the pattern that our programs send."""
    digest, at = sha256(), 0
    while at < size:
        digest.update(pattern(at, min(1 << 16, size - at)))
        at += 1 << 16
    return size, digest.hexdigest()


def judged(path: Path) -> str | None:
    """tshark's complaints about a capture: malformed packets and wrong checksums. None without tshark.

    Once in 65536 segments Linux writes the checksum 0xFFFF for 0, its other form in ones' complement (RFC 1624), which
    tshark remarks on; ours never does.
    """
    if shutil.which("tshark") is None:
        return None
    argv = ["tshark", "-n", "-r", str(path), "-o", "ip.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE",
            "-Y", "_ws.malformed || ip.checksum.status == 0 || "
                  f"(tcp.checksum.status == 0 && !(tcp.checksum == 0xffff && ip.src == {ADDRESSES[4][1][:-3]}))"]
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout
