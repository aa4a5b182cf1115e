"""Linux beside us: this kernel's own goodput through our link, in real time, between two network namespaces.

A process of its own stands between two TUN devices and carries their packets by `net.link.Direction`: the same queue,
rate, delay and dice as in virtual time. It asks for real-time scheduling, so that a busy machine does not lengthen
the delay. Needs root, as `make interop` does.
"""

from __future__ import annotations

import os
import select
import socket
import threading
import time
from heapq import heappop, heappush
from ipaddress import ip_interface

from tcplab.live.tun import Tun, open_tun
from tcplab.net.impair import Settings, bound
from tcplab.net.link import Direction

from .netns import Namespace

SENDER, RECEIVER, PORT = "10.8.0.1", "10.8.0.2", 5000
PATIENCE = 120
#: Buffers that do not matter, and nothing learnt from the connection before.
_SYSCTL = {"net.ipv4.tcp_rmem": "4096 8000000 16000000", "net.ipv4.tcp_wmem": "4096 8000000 16000000",
           "net.ipv4.tcp_no_metrics_save": "1"}


def goodput(congestion: str, settings: Settings, seed: int, size: int) -> float:
    """Mbit/s of `size` bytes that this kernel sends to itself through a link of `settings` in each direction.

    Raises OSError where the kernel does not know `congestion`, TimeoutError when the transfer does not end.
    """
    with Namespace() as near, Namespace() as far:
        for space in (near, far):
            for name, value in _SYSCTL.items():
                space.sysctl(name, value)
        with far.entered():
            second = open_tun("link0", ip_interface(f"{RECEIVER}/24"))
            door = socket.create_server((RECEIVER, PORT))
        with near.entered():
            first = open_tun("link0", ip_interface(f"{SENDER}/24"))
            source = socket.socket()
        source.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, congestion.encode())
        source.settimeout(PATIENCE)
        link = os.fork()
        if not link:
            carry(first, second, settings, seed)
        try:
            return transfer(source, door, size)
        finally:
            os.kill(link, 9)
            os.waitpid(link, 0)
            for thing in (source, door, first, second):
                thing.close()


def transfer(source: socket.socket, door: socket.socket, size: int) -> float:
    """Mbit/s from the sender's ESTABLISHED until the receiver has read the last byte."""
    ended: list[float] = []

    def sink() -> None:
        connection, _ = door.accept()
        left = size
        while left > 0 and (data := connection.recv(1 << 16)):
            left -= len(data)
        ended.append(time.monotonic())
        connection.close()

    reader = threading.Thread(target=sink, daemon=True)
    reader.start()
    source.connect((RECEIVER, PORT))
    began = time.monotonic()
    source.sendall(bytes(size))
    reader.join(PATIENCE)
    if not ended:
        raise TimeoutError(f"{size} bytes had not arrived after {PATIENCE} s")
    return size * 8 / 1e6 / (ended[0] - began)


def carry(first: Tun, second: Tun, settings: Settings, seed: int) -> None:
    """Be the link between two devices until killed."""
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(10))
    except OSError:
        pass  # only less exact
    clock, tuns = time.monotonic_ns, (first, second)
    ways = (Direction("client", "server", 1, settings, seed), Direction("server", "client", 0, settings, seed))
    due: list[tuple[int, int, int, bytes]] = []
    count = 0
    while True:
        while due and due[0][0] <= clock():
            _, _, side, packet = heappop(due)
            tuns[1 - side].write(packet)
        patience = max(due[0][0] - clock(), 0) / 1e9 if due else None
        ready = select.select([tun.fd for tun in tuns], [], [], patience)[0]
        for side, tun in enumerate(tuns):
            while tun.fd in ready and (packet := tun.read()) is not None:
                if packet[0] >> 4 != 4:
                    continue  # the kernel's own IPv6 chatter
                way, now = ways[side], clock()
                way.offered += 1
                if settings.loss and way.dice.loses(way.offered, bound(settings.loss)):
                    continue
                times = way.transmit(len(packet), now)
                if times is not None:
                    count += 1
                    heappush(due, (times[1] + settings.delay, count, side, packet))
