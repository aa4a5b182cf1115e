"""`tcplab live serve` and `tcplab live connect`: our host on a TUN device, until it is done or interrupted.

stdout is data (what a pipe receives), stderr is talk.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime

from tcplab.live.driver import SECOND, Driver
from tcplab.live.settings import Settings, SettingsError
from tcplab.live.show import Story
from tcplab.live.tun import Tun, TunError, open_tun
from tcplab.live.world import LAB, PEER, LiveWorld
from tcplab.net.errors import NetError
from tcplab.net.host import Connection
from tcplab.tcp.config import Config

#: How much of standard input may wait to be sent.
_AHEAD = 1 << 20
#: How long a closed connection stays to answer a FIN that comes again, where TIME-WAIT would take longer.
_LINGER = 2 * SECOND
_BACKLOG = 128


def serve(wanted: Settings, port: int) -> int:
    """Listen on `port` until interrupted. Returns the exit code: 0, or 2 when there is no device to be had."""
    return _run(wanted, lambda driver: _serve(driver, wanted, port))


def connect(wanted: Settings, port: int) -> int:
    """Connect to `port` of the machine; returns 0 after an orderly end, 1 when the connection died, 2 without TUN."""
    return _run(wanted, lambda driver: _connect(driver, wanted, port))


def _run(wanted: Settings, body: Callable) -> int:
    try:
        tun = open_tun(wanted.tun, wanted.peer)
    except TunError as problem:
        return _refuse(problem)
    try:
        return asyncio.run(_live(wanted, tun, body))
    except (NetError, SettingsError) as problem:
        return _refuse(problem)
    except KeyboardInterrupt:
        return 130
    finally:
        tun.close()


def _refuse(problem: Exception) -> int:
    print(f"Error: {problem}", file=sys.stderr)
    return 2


def make_world(wanted: Settings, tun: Tun) -> LiveWorld:
    """The world as it was asked for, with packets going out through `tun`. Raises NetError."""
    world = LiveWorld(wanted.address.ip, wanted.far, Config(), tun.write, wanted.link, wanted.seed, os.urandom(16),
                      tun.mtu)
    for name, value in wanted.knobs:
        world.set_option(LAB, None, name, value)
    return world


async def _live(wanted: Settings, tun: Tun, body: Callable) -> int:
    world = make_world(wanted, tun)
    story = None
    if wanted.verbose:
        world.sink = []
        story = Story(world, datetime.now(), time.monotonic_ns())

    def tell() -> None:
        for line in story.lines():
            print(line, file=sys.stderr, flush=True)

    print(f"{wanted.address.ip} is up on {tun.name}; this machine is {wanted.peer.ip}", file=sys.stderr, flush=True)
    with Driver(world, tun, tell if story else None) as driver:
        task = asyncio.ensure_future(body(driver))
        for name in ("SIGINT", "SIGTERM"):
            driver.loop.add_signal_handler(getattr(signal, name), task.cancel)
        try:
            return await task
        except asyncio.CancelledError:
            _hang_up(driver)
            return 0


def _hang_up(driver: Driver) -> None:
    """Interrupted: whoever is still connected is told by a RST."""
    for conn in list(driver.world.order[0].live):
        driver.call(driver.world.abort, LAB, conn.n)


async def _serve(driver: Driver, wanted: Settings, port: int) -> int:
    world = driver.world
    kind = wanted.app
    if kind == "pipe":
        raise SettingsError("a server cannot be a pipe; choose echo, sink, source SIZE or page")
    world.serving = kind
    world.set_app(LAB, None, "sink" if kind == "page" else kind, wanted.amount)
    driver.call(world.listen, LAB, port, _BACKLOG)
    print(f"listening on port {port}; ctrl+c ends it", file=sys.stderr, flush=True)
    await driver.until(lambda: False)
    return 0


async def _connect(driver: Driver, wanted: Settings, port: int) -> int:
    world = driver.world
    if wanted.app == "page":
        raise SettingsError("only a server has a page; choose pipe, echo, sink or source SIZE")
    pipe = wanted.app == "pipe"
    world.set_app(LAB, None, "sink" if pipe else wanted.app, wanted.amount)
    if pipe:
        world.closes = False
        world.reads = _to_stdout
    n = driver.call(world.connect, LAB, PEER, port)
    conn = world.order[0].connections[n - 1]
    await driver.until(lambda: conn.endpoint is None or not conn.embryo)
    if pipe and conn.endpoint is not None:
        threading.Thread(target=_from_stdin, args=(driver, conn), daemon=True).start()
    await driver.until(lambda: conn.endpoint is None or conn.endpoint.state == "TIME-WAIT")
    if conn.endpoint is not None:
        try:
            await driver.until(lambda: conn.endpoint is None, _LINGER / SECOND)
        except TimeoutError:
            pass
    error = conn.status().error
    if error:
        print(f"Error: {error}", file=sys.stderr)
    return 1 if error else 0


def _to_stdout(conn: Connection, data: bytes) -> None:
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def _from_stdin(driver: Driver, conn: Connection) -> None:
    """In a thread of its own: what standard input holds is sent, its end closes our half."""
    loop = driver.loop
    try:
        while True:
            data = os.read(sys.stdin.fileno(), 65536)
            asyncio.run_coroutine_threadsafe(_feed(driver, conn, data), loop).result()
            if not data:
                return
    except (RuntimeError, OSError, NetError):
        return  # the connection or the program is over


async def _feed(driver: Driver, conn: Connection, data: bytes) -> None:
    world = driver.world
    await driver.until(lambda: conn.endpoint is None or conn.app.queued < _AHEAD)
    if conn.endpoint is None or conn.app.closing or conn.app.closed:
        raise OSError("the connection is over")
    if data:
        driver.call(world.send, LAB, conn.n, data)
    else:
        driver.call(world.close, LAB, conn.n)
