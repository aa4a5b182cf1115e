"""The real-time driver: asyncio feeds the world with packets and monotonic time, and wakes it when it wants to be.

The world's clock is `time.monotonic_ns`. What is due is done at the instant for which it was due, a little late by
the real clock; what arrives, arrives at the real instant.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Protocol

from tcplab.live.world import LiveWorld

SECOND = 1_000_000_000
#: Packets taken from the device before anything else of the program gets a turn.
BATCH = 64


class Device(Protocol):
    """Where packets come from: a file descriptor to wait on, and one packet a read (None: no more now)."""

    fd: int

    def read(self) -> bytes | None: ...


class Driver:
    """Runs `world` on the running asyncio loop while it is entered (``with Driver(...)``).

    `after`, if set, is called after every burst of activity, with the world at rest.
    """

    def __init__(self, world: LiveWorld, device: Device, after: Callable[[], None] | None = None) -> None:
        self.world, self.device, self.after = world, device, after
        self.loop = asyncio.get_running_loop()
        self.timer: asyncio.TimerHandle | None = None
        self.waiters: list[tuple[Callable[[], bool], asyncio.Future]] = []
        self.failure: BaseException | None = None

    def __enter__(self) -> Driver:
        self.world.now = time.monotonic_ns()
        self.loop.add_reader(self.device.fd, self._guarded, self._readable)
        return self

    def __exit__(self, *problem: object) -> None:
        self.loop.remove_reader(self.device.fd)
        if self.timer is not None:
            self.timer.cancel()

    def call(self, function: Callable, *arguments: object, **named: object):
        """A user call at this instant: ``driver.call(world.connect, LAB, PEER, 80)``. Raises what it raises."""
        self.world.run_to(time.monotonic_ns())
        try:
            return function(*arguments, **named)
        finally:
            self._rest()

    async def until(self, predicate: Callable[[], bool], timeout: float | None = None) -> None:
        """Wait until `predicate` holds, looked at after every activity. Raises TimeoutError after `timeout` s."""
        if self.failure is not None:
            raise self.failure
        if predicate():
            return
        future = self.loop.create_future()
        entry = (predicate, future)
        self.waiters.append(entry)
        try:
            await asyncio.wait_for(future, timeout)
        finally:
            if entry in self.waiters:
                self.waiters.remove(entry)

    # --- inside --------------------------------------------------------------------------------------------------

    def _guarded(self, function: Callable[[], None]) -> None:
        """A defect of ours ends the wait of whoever waits, instead of vanishing in the loop's log."""
        try:
            function()
        except Exception as problem:
            self.failure = problem
            self.__exit__()
            for _, future in self.waiters:
                if not future.done():
                    future.set_exception(problem)

    def _readable(self) -> None:
        world, read, clock = self.world, self.device.read, time.monotonic_ns
        for _ in range(BATCH):
            data = read()
            if data is None:
                break
            world.run_to(clock())
            world.packet(data)
        self._rest()

    def _due(self) -> None:
        self.timer = None
        self._rest()

    def _rest(self) -> None:
        """Do what is due, tell those who wait, and set the alarm for what comes next."""
        world = self.world
        world.run_to(time.monotonic_ns())
        if self.after is not None:
            self.after()
        for predicate, future in self.waiters:
            if not future.done() and predicate():
                future.set_result(None)
        at = world.next_at()
        if self.timer is not None:
            if at is not None and self.timer.when() == at / SECOND:
                return
            self.timer.cancel()
            self.timer = None
        if at is not None:
            self.timer = self.loop.call_at(at / SECOND, self._guarded, self._due)
