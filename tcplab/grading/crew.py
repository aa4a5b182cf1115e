"""Worker processes that play submissions within limits: one that hangs or dies is replaced, and the batch goes on.

Not a ProcessPoolExecutor: that gives up all work when one process dies, and cannot kill the one that hangs.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from tcplab.grading.exits import DEFECT, LIMIT
from tcplab.grading.frames import receive, send
from tcplab.grading.judge import NO_MEMORY, NO_TIME, Job
from tcplab.grading.result import failed_result
from tcplab.lab.lesson import Lab
from tcplab.lab.loader import labs_dir

#: What a worker may take (bytes of address space): a session at its limit of events, and Python.
MEMORY = 3 * 1024**3
#: How much longer (seconds) than the job allows a worker may stay silent before it is killed.
_PATIENCE = 5
#: So much may wait for workers, beside the one hand-in that may be larger.
MOST_BYTES = 32 * 1024**2
#: A worker that cannot even begin (seconds).
_BIRTH = 120

#: The exit code of a worker whose memory is at an end; where the interpreter itself finds none, it aborts.
OUT_OF_MEMORY = 86

DIED = "the process that graded it died"


class Setup(NamedTuple):
    """What every worker needs to know before the first submission; plain data, so that it can travel."""

    lab: str
    text: str | None
    file: str
    sha256: str
    staff: dict | None
    memory: int

    @classmethod
    def of(cls, lab: Lab, staff: Path | None = None, memory: int = MEMORY) -> Setup:
        """The setup for a lab and a staff overlay. Raises OSError if a file has gone meanwhile."""
        shipped = Path(lab.file).parent == labs_dir()
        text = None if shipped else Path(lab.file).read_text(encoding="utf-8-sig")
        overlay = None if staff is None else {"text": staff.read_text(encoding="utf-8-sig"), "file": str(staff)}
        return cls(lab.id, text, lab.file, lab.logic_sha256, overlay, memory)


#: How a process without memory ends: by its own word, or given up by the interpreter.
_STARVED = {OUT_OF_MEMORY, -signal.SIGABRT, -signal.SIGSEGV}


class CrewError(Exception):
    """No worker can be had; the message says why."""


class Worker:
    """One process, started at the first submission and again after it was lost."""

    def __init__(self, setup: Setup, lab: Lab | None = None) -> None:
        self._setup, self._lab = setup, lab
        self._process: subprocess.Popen | None = None
        self._over = False

    def play(self, job: Job, data: bytes) -> tuple[int, bytes]:
        """The exit code and the result (JSON) of one submission. Raises CrewError when no process can be had."""
        if self._process is None:
            self._begin()
        late = threading.Event()
        answer = self._ask({"job": job._asdict()}, data, job.seconds + _PATIENCE, late)
        if answer is not None:
            words, payload = answer
            if words["last"]:
                self.stop()
            return words["code"], payload
        ended = self.stop()
        by_limit = late.is_set() or ended == -getattr(signal, "SIGXCPU", 0)
        if by_limit or ended in _STARVED:
            return LIMIT, self._failed("limit", NO_TIME if by_limit else NO_MEMORY, job)
        return DEFECT, self._failed("error", DIED, job)

    def stop(self) -> int:
        """End the process, if there is one; its exit code."""
        process, self._process = self._process, None
        if process is None:
            return 0
        for pipe in (process.stdin, process.stdout):
            try:
                pipe.close()
            except OSError:
                pass
        try:
            return process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()

    def abandon(self) -> None:
        """From another thread: nobody waits for the answer any more; a process that is being born ends too."""
        self._over = True
        process = self._process
        if process is not None and process.poll() is None:
            process.kill()

    def _begin(self) -> None:
        package = str(Path(__file__).resolve().parent.parent.parent)
        known = [part for part in os.environ.get("PYTHONPATH", "").split(os.pathsep) if part and part != package]
        env = os.environ | {"PYTHONPATH": os.pathsep.join([package, *known])}
        try:
            # -P: never import from the folder one stands in, where hand-ins may lie. A session of its own: ctrl+c at a
            # terminal is for the grader, which then ends its workers.
            self._process = subprocess.Popen([sys.executable, "-P", "-m", "tcplab.grading.worker"],
                                             stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env,
                                             start_new_session=True)
        except OSError as error:
            raise CrewError(f"no process can be started: {error.strerror}") from None
        if self._over:
            self.abandon()
        answer = self._ask(self._setup._asdict(), b"", _BIRTH, threading.Event())
        if answer is None or answer[0].get("ready") != self._setup.sha256:
            self.stop()
            raise CrewError("a worker process does not begin" if answer is None
                            else "a worker has another state of the lab: install the same tcplab everywhere")

    def _ask(self, words: dict, data: bytes, seconds: float, late: threading.Event) -> tuple[dict, bytes] | None:
        process = self._process

        def kill() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(seconds, kill)
        timer.daemon = True
        timer.start()
        try:
            send(process.stdin, words, data)
            return receive(process.stdout)
        except OSError:
            return None
        finally:
            timer.cancel()

    def _failed(self, status: str, message: str, job: Job) -> bytes:
        return json.dumps(failed_result(self._lab, self._setup.lab, status, message, job.seed, job.student)
                          | {"claims": None}).encode()


def work_through(setup: Setup, lab: Lab, jobs: int,
                 tasks: Iterable[tuple[Job, bytes]]) -> Generator[tuple[int, bytes], None, None]:
    """The outcomes of all tasks, in their order, by `jobs` processes; memory stays flat. Raises CrewError."""
    workers = threading.local()
    crew: list[Worker] = []

    def play(job: Job, data: bytes) -> tuple[int, bytes]:
        if not hasattr(workers, "mine"):
            workers.mine = Worker(setup, lab)
            crew.append(workers.mine)
        return workers.mine.play(job, data)

    from concurrent.futures import ThreadPoolExecutor

    pool = ThreadPoolExecutor(jobs)
    try:
        yield from in_order(lambda job, data: pool.submit(play, job, data).result, tasks, jobs * 4)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        for worker in crew:
            worker.abandon()
        pool.shutdown(wait=True)
        for worker in crew:
            worker.stop()


def in_order(begin: Callable[..., Callable[[], tuple[int, bytes]]], tasks: Iterable[tuple[Job, bytes]],
             most: int) -> Iterator[tuple[int, bytes]]:
    """Begin tasks, at most so many ahead, and yield what they come to in their order."""
    ahead: deque[tuple[Callable[[], tuple[int, bytes]], int]] = deque()
    size = 0
    for job, data in tasks:
        ahead.append((begin(job, data), len(data)))
        size += len(data)
        while ahead and (len(ahead) >= most or size > MOST_BYTES):
            result, length = ahead.popleft()
            size -= length
            yield result()
    while ahead:
        yield ahead.popleft()[0]()
