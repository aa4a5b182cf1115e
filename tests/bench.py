"""``python -m tests.bench`` (``make bench``): the budgets of the design, each measured beside something of its kind.

A figure in seconds says as much about the machine as about the program, so each is told as a ratio to a yardstick
taken in the same run, and of several rounds the best counts on both sides. Nothing here is a test: a busy machine
must not fail a build.
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import tempfile
import tracemalloc
from collections.abc import Callable
from heapq import heapify, heappop, heappush
from pathlib import Path
from random import Random
from time import perf_counter, process_time
from typing import NamedTuple

from tcplab.grading.judge import grade_file
from tcplab.grading.pupils import Reference
from tcplab.lab.loader import load_lab, read_lab
from tcplab.net.network import Network
from tcplab.net.trace import option_facts
from tcplab.session.recording import Recorder
from tcplab.session.session import Session
from tcplab.tcp.config import PROFILES

MS = 1_000_000
MB = 1_000_000
LAB = "handshake"


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


# --- yardsticks --------------------------------------------------------------------------------------------------


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


def process(*command: str) -> float:
    """Seconds on the clock for a whole process."""
    start = perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return perf_counter() - start


# --- bulk transfer -----------------------------------------------------------------------------------------------


def bulk(size: int) -> Network:
    """`size` bytes one way over 10 Mbit/s, 20 ms each way, MTU 1500; nobody listens, no trace is kept."""
    net = Network(link={"delay": 20 * MS, "rate": (10_000_000, 1000), "mtu": 1500}, configs=PROFILES["rfc"])
    net.listen("server", 80)
    net.connect("client", "server", 80)
    net.send_n("client", None, size)
    step = net.step
    while not net.idle() and step():
        pass
    received = net.host_view("server").newest.tcb.bytes_received
    assert received == size, received
    return net


def options_agreed() -> str:
    """What the two ends agreed upon, as the server's SYN-ACK says it."""
    net = Network(link={"mtu": 1500}, configs=PROFILES["rfc"])
    net.sink = []
    net.listen("server", 80)
    net.connect("client", "server", 80)
    net.step()
    reply = next(event.seg.segment for event in net.sink if event.seg is not None and event.seg.src == "server")
    return ", ".join(option_facts(reply.options))


def peak_memory(size: int) -> int:
    tracemalloc.start()
    bulk(size)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def measure_bulk() -> list[Row]:
    segments = bulk(10 * MB).counters["segments_sent"]
    ten, one, heap = best(5, lambda: timed(lambda: bulk(10 * MB)), lambda: timed(lambda: bulk(MB)), heap_operation)
    each = ten / segments
    small, large = peak_memory(MB), peak_memory(10 * MB)
    return [
        Row(f"bulk transfer, 10 MB in {segments:,} segments (*)", f"{each * 1e6:.1f} us a segment, {1 / each:,.0f}/s",
            f"heap push+pop {heap * 1e6:.2f} us", f"{each / heap:.0f}", "40, then 30", each / heap <= 40),
        Row("the same, time for 10 MB", f"{ten:.3f} s", f"for 1 MB {one:.3f} s", f"{ten / one:.1f}", "10.5",
            ten / one <= 10.5),
        Row("the same, peak memory for 10 MB", f"{large / 1e6:.2f} MB", f"for 1 MB {small / 1e6:.2f} MB",
            f"{large / small:.2f}", "1.1 (flat)", large / small <= 1.1),
    ]


# --- sessions ----------------------------------------------------------------------------------------------------


def long_session(segments: int) -> Session:
    """A session with so many segments behind it, each of them in its trace."""
    lab = read_lab("tcplab: 1\nid: bench\ntitle: Bench\nprofile: rfc\nlink: {delay: 20ms, rate: 10mbit, limit: 1000}\n")
    session = Session(lab, 1)
    session.execute("server listen 80; client connect server 80; run until idle")
    session.execute(f"client send {segments * 2 // 3 * 1460}; run until idle")
    return session


def measure_steps() -> list[Row]:
    session = long_session(100_000)
    sent = session.timeline.world.counters["segments_sent"]
    backs, steps = [], []
    for _ in range(15):
        backs.append(timed(lambda: session.execute("back")))
        steps.append(timed(lambda: session.execute("step")))
        session.execute("back 70")
    half = session.timeline.n // 2
    jump = timed(lambda: session.execute(f"back {half}"))
    name = f"with {sent:,} segments behind"
    return [
        Row(f"step, {name}", f"{max(steps) * 1e3:.1f} ms at worst", "", "", "100 ms", max(steps) < 0.1),
        Row(f"back, {name}", f"{max(backs) * 1e3:.1f} ms at worst", "", "", "100 ms", max(backs) < 0.1),
        Row(f"back {half:,} steps at once", f"{jump * 1e3:.0f} ms", "", "", "-", None),
    ]


def measure_trace() -> list[Row]:
    net, session = best(3, lambda: timed(lambda: bulk(3 * MB)), lambda: timed(lambda: long_session(3 * MB * 3 // 2920)))
    return [Row("a Session with its trace, 3 MB", f"{session:.3f} s", f"the bare network {net:.3f} s",
                f"{session / net:.1f}", "-", None)]


def measure_start() -> list[Row]:
    command = Path(sys.executable).parent / "tcplab"
    run = [str(command)] if command.exists() else [sys.executable, "-m", "tcplab"]
    ours, listed, theirs = best(
        12, lambda: process(*run, "run", LAB, "--json"), lambda: process(*run, "labs"),
        lambda: process(sys.executable, "-c", "import click, pydantic, ruamel.yaml"))
    with tempfile.TemporaryDirectory() as fresh:
        os.environ["TCPLAB_HOME"] = fresh
        first = process(*run, "run", LAB, "--json")
        del os.environ["TCPLAB_HOME"]
    beside = f"click, pydantic, ruamel.yaml {theirs * 1e3:.0f} ms"
    return [
        Row(f"tcplab run {LAB} --json, whole process", f"{ours * 1e3:.0f} ms", beside, f"{ours / theirs:.2f}", "1.5",
            ours / theirs <= 1.5),
        Row("the same for the first time ever", f"{first * 1e3:.0f} ms", beside, f"{first / theirs:.2f}", "-", None),
        Row("tcplab labs, whole process", f"{listed * 1e3:.0f} ms", beside, f"{listed / theirs:.2f}", "-", None),
    ]


def measure_grading(count: int = 200) -> list[Row]:
    lab = load_lab(LAB)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "hand-in.jsonl")
        header = Session(lab, 1).header()
        reference = Reference(lab, 1).play(Recorder(path, header, lambda: ""))
        reference.close()
        code, result = grade_file(lab, path, None, None, None)
        assert code == 0 and result["score"] == lab.max_score, (code, result)
        took, = best(3, lambda: timed(lambda: [grade_file(lab, path, None, None, None) for _ in range(count)]))
    return [Row(f"grading the {LAB} lab's solution, one process", f"{count / took:,.0f} recordings a second", "", "",
                "100 with --jobs 2", count / took >= 100)]


# --- the table ---------------------------------------------------------------------------------------------------

HEAD = Row("what", "figure", "beside it, in the same run", "ratio", "mark", None)
NOTES = """\
(*) Profile rfc, options {options}; the design counts 10,366 segments with SACK and timestamps.
    ns-3 in C++ carries 54,000 to 60,000 segments a second.
Not measured here yet: first paint, bytes written to the terminal, memory and idle CPU of the screen, the long log."""


def compiled() -> bool:
    """Are the .pyc files of the house in place? Without them a start takes several times as long."""
    from importlib.util import cache_from_source

    house = Path(sys.modules["tcplab"].__file__).parent
    return all(Path(cache_from_source(str(path))).exists() for path in house.glob("session/*.py"))


def show(rows: list[Row]) -> str:
    cells = [[row.what, row.figure, row.beside, row.ratio, row.mark,
              "" if row.met is None else "met" if row.met else "NOT MET"] for row in rows]
    widths = [max(len(line[column]) for line in cells) for column in range(6)]
    return "\n".join("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip()
                     for line in cells)


def main() -> None:
    """Measure everything and print the table; the exit code says nothing about the marks."""
    version = ".".join(map(str, sys.version_info[:3]))
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    print(f"Python {version}, {os.cpu_count()} processors{load}. One moment, this takes about a minute.", flush=True)
    rows = [HEAD]
    for measure in (measure_start, measure_bulk, measure_trace, measure_steps, measure_grading):
        rows += measure()
    print(show(rows))
    print(NOTES.format(options=options_agreed()))
    if not compiled():
        print("Some .pyc files are missing: start-up times are those of a first run.")


if __name__ == "__main__":
    main()
