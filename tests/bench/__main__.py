"""``python -m tests.bench`` (``make bench``): the budgets of the design, each measured beside something of its kind.

A figure in seconds says as much about the machine as about the program, so each is told as a ratio to a yardstick
taken in the same run, and of several rounds the best counts on both sides. Nothing here is a test: a busy machine
must not fail a build.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from time import perf_counter

from . import bulk, crowd, keys, screen, sessions
from .table import HEAD, show

MEASURES = (sessions.measure_start, bulk.measure_bulk, bulk.measure_growth, sessions.measure_trace,
            screen.measure_log, sessions.measure_steps, sessions.measure_grading, screen.measure_first_paint,
            screen.measure_memory, screen.measure_traffic, keys.measure_keys, crowd.measure_crowd)
NOTES = """\
(*) Profile rfc, options {options}; the design counts 10,366 segments with SACK and timestamps.
    ns-3 in C++ carries 54,000 to 60,000 segments a second."""


def compiled() -> bool:
    """Are the .pyc files of the house in place? Without them a start takes several times as long."""
    from importlib.util import cache_from_source

    house = Path(sys.modules["tcplab"].__file__).parent
    return all(Path(cache_from_source(str(path))).exists() for path in house.glob("session/*.py"))


def main() -> None:
    """Measure everything and print the table; the exit code says nothing about the marks."""
    version = ".".join(map(str, sys.version_info[:3]))
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    print(f"Python {version}, {os.cpu_count()} processors{load}. This takes about three minutes.", flush=True)
    rows, begun = [HEAD], perf_counter()
    for measure in MEASURES:
        rows += measure()
        print(".", end="", flush=True)
    print(f" {perf_counter() - begun:.0f} s")
    print(show(rows))
    print(NOTES.format(options=bulk.options_agreed()))
    if not compiled():
        print("Some .pyc files are missing: start-up times are those of a first run.")


if __name__ == "__main__":
    main()
