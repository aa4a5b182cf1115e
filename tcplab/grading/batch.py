"""Many submissions: graded one after the other, or by several processes, with the same results in the same order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from tcplab.grading.exits import DEFECT
from tcplab.grading.judge import grade_file
from tcplab.grading.result import failed_result
from tcplab.lab.lesson import Lab

#: So many submissions travel to a worker at once: enough to keep it busy, few enough to keep memory flat.
_CHUNK = 8


def grade_all(lab: Lab, paths: Sequence[Path], seed: int | None, student: str | None, threshold: int | None,
              jobs: int) -> Iterator[tuple[int, dict]]:
    """The exit code and result of each submission, in the order given, by `jobs` processes."""
    one = partial(grade_file, lab, seed=seed, student=student, threshold=threshold)
    if jobs < 2 or len(paths) < 2:
        yield from map(one, paths)
        return
    # Imported where they are needed: with sockets, logging and sub-processes behind them they cost a start 10 ms.
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context

    done = 0
    try:
        with ProcessPoolExecutor(min(jobs, len(paths)), get_context("spawn")) as pool:
            for outcome in pool.map(one, paths, chunksize=_CHUNK):
                done += 1
                yield outcome
    except BrokenProcessPool:
        # A worker was killed from outside (out of memory, an operator): say so for what it had not handed back.
        for _ in paths[done:]:
            yield DEFECT, failed_result(lab, lab.id, "error", "the process that graded it was killed", seed, student)
