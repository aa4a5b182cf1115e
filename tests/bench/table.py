"""Rows of the benchmark's table, and the yardsticks that they are measured beside."""

from __future__ import annotations

import gc
import os
import subprocess
from collections.abc import Callable, Mapping
from heapq import heapify, heappop, heappush
from random import Random
from time import process_time
from typing import NamedTuple

MS = 1_000_000
MB = 1_000_000


class Row(NamedTuple):
    """One line of the table. `met` is None where the design asks for something that cannot be measured yet."""

    what: str
    figure: str
    beside: str
    ratio: str
    mark: str
    met: bool | None


def best(rounds: int, *works: Callable[[], float]) -> list[float]:
    """The best of several rounds of each work; they take turns, so that all see the same weather."""
    lowest = [float("inf")] * len(works)
    for _ in range(rounds):
        for index, work in enumerate(works):
            lowest[index] = min(lowest[index], work())
    return lowest


def timed(work: Callable[[], object]) -> float:
    """Seconds of processor time: what others do on the machine counts little."""
    gc.collect()
    start = process_time()
    work()
    return process_time() - start


def heap_operation(count: int = 100_000) -> float:
    """Seconds for one push and pop of ``(t, n, fn, arg)`` with 100 pending, as a simulator does it: each event that is
    popped has another one follow after some delay."""
    dice = Random("heap")
    delays = [int(dice.random() * 50 * MS) for _ in range(1024)]
    heap = [(t, n, heapify, None) for n, t in enumerate(sorted(delays[:100]))]

    def work() -> None:
        for n in range(count):
            heappush(heap, (heappop(heap)[0] + delays[n & 1023], n, heapify, None))

    return timed(work) / count


def process(*command: str, env: Mapping[str, str] | None = None) -> float:
    """Seconds of processor time for a whole process, its start and its end included."""
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=env)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return used.ru_utime + used.ru_stime


HEAD = Row("what", "figure", "beside it, in the same run", "ratio", "mark", None)


def show(rows: list[Row]) -> str:
    cells = [[row.what, row.figure, row.beside, row.ratio, row.mark,
              "" if row.met is None else "met" if row.met else "NOT MET"] for row in rows]
    widths = [max(len(line[column]) for line in cells) for column in range(6)]
    return "\n".join("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip()
                     for line in cells)


def percentile(values: list[float], percent: int) -> float:
    """The value that so many percent of them do not exceed."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, len(ranked) * percent // 100)]
