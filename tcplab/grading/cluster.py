"""Grading on a Dask cluster (extra `tcplab[cluster]`): the same results in the same order as on one machine.

Each Dask worker keeps limited processes of its own, as `crew` does here; submissions travel as bytes, the lab and the
overlay as text, so that no machine needs to see another's files.
"""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterable

from tcplab.grading.crew import CrewError, Setup, Worker, in_order
from tcplab.grading.judge import Job

_mine = threading.local()


def play_there(setup: tuple, job: tuple, data: bytes) -> tuple[int, bytes]:
    """Run on a Dask worker: play one submission in this thread's own process."""
    if getattr(_mine, "setup", None) != setup:
        if hasattr(_mine, "worker"):
            _mine.worker.stop()
        _mine.setup, _mine.worker = setup, Worker(Setup(*setup))
    return _mine.worker.play(Job(*job), data)


def work_through(setup: Setup, address: str,
                 tasks: Iterable[tuple[Job, bytes]]) -> Generator[tuple[int, bytes], None, None]:
    """The outcomes of all tasks in their order. Raises CrewError when there is no Dask or no cluster."""
    try:
        from distributed import Client
    except ImportError:
        raise CrewError("--scheduler needs Dask: pip install 'tcplab[cluster]'") from None
    try:
        client = Client(address, timeout="20s", set_as_default=False)
    except (OSError, ValueError) as error:
        raise CrewError(f"there is no Dask scheduler at {address}: {error or type(error).__name__}") from None
    with client:
        hands = sum(client.nthreads().values())
        if not hands:
            raise CrewError(f"the Dask scheduler at {address} has no workers")

        def begin(job: Job, data: bytes):
            return client.submit(play_there, tuple(setup), tuple(job), data, pure=False, retries=1).result

        try:
            yield from in_order(begin, tasks, hands * 4)
        except Exception as error:  # noqa: BLE001 - Dask has a dozen, and its workers hand on those of others
            raise CrewError(f"the cluster gave up: {type(error).__name__}: {error}") from None
