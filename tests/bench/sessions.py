"""What sessions cost: a step, going back, a trace, starting the program, grading."""

from __future__ import annotations

import gc
import os
import resource
import subprocess
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path

from tcplab.grading.judge import Job, grade_file
from tcplab.grading.pupils import Reference
from tcplab.lab.loader import load_lab, read_lab
from tcplab.session.build import student_seed
from tcplab.session.recording import Recorder
from tcplab.session.session import Session

from .bulk import bulk
from .table import MB, Row, best, process, timed

LAB = "handshake"


def long_session(segments: int) -> Session:
    """A session with so many segments behind it, each of them in its trace."""
    lab = read_lab("tcplab: 1\nid: bench\ntitle: Bench\nprofile: rfc\nlink: {delay: 20ms, rate: 10mbit, limit: 1000}\n")
    session = Session(lab, 1)
    session.execute("server listen 80; client connect server 80; run until idle")
    session.execute(f"client send {segments * 2 // 3 * 1460}; run until idle")
    return session


@cache
def longest() -> Session:
    """A hundred thousand of them, for all who need that; it takes a while."""
    session = long_session(100_000)
    gc.collect()
    gc.freeze()  # what is measured after it does not pay for its records
    return session


def measure_steps() -> list[Row]:
    session = longest()
    sent = session.timeline.world.counters["segments_sent"]
    backs, steps = [], []  # the worst of many places, at each the best of three
    for _ in range(8):
        back, step = best(3, lambda: timed(lambda: session.execute("back")),
                          lambda: timed(lambda: session.execute("step")))
        backs.append(back)
        steps.append(step)
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
    with tempfile.TemporaryDirectory() as fresh:
        env = {**os.environ, "TCPLAB_HOME": fresh}
        first = process(*run, "run", LAB, "--json", env=env)
        ours, listed, theirs = best(
            12, lambda: process(*run, "run", LAB, "--json", env=env), lambda: process(*run, "labs", env=env),
            lambda: process(sys.executable, "-c", "import click, pydantic, ruamel.yaml"))
    beside = f"click, pydantic, ruamel.yaml {theirs * 1e3:.0f} ms"
    return [
        Row(f"tcplab run {LAB} --json, whole process", f"{ours * 1e3:.0f} ms", beside, f"{ours / theirs:.2f}", "1.5",
            ours / theirs <= 1.5),
        Row("the same for the first time ever", f"{first * 1e3:.0f} ms", beside, f"{first / theirs:.2f}", "-", None),
        Row("tcplab labs, whole process", f"{listed * 1e3:.0f} ms", beside, f"{listed / theirs:.2f}", "-", None),
    ]


def measure_grading(count: int = 100) -> list[Row]:
    lab = load_lab(LAB)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "hand-in.jsonl")
        header = Session(lab, 1).header()
        reference = Reference(lab, 1).play(Recorder(path, header, lambda: ""))
        reference.close()
        code, result = grade_file(lab, path, Job())
        assert code == 0 and result["score"] == lab.max_score, (code, result)
        took, = best(3, lambda: timed(lambda: [grade_file(lab, path, Job()) for _ in range(count)]))
    return [Row(f"grading the {LAB} lab's solution, one process", f"{count / took:,.0f} recordings a second", "", "",
                "", None), *measure_batch()]


def measure_batch(few: int = 100, many: int = 1000) -> list[Row]:
    """`tcplab grade --jobs 2` over a folder, as long as two free processors would take; and how memory grows."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("few", "more"):
            Path(folder, name).mkdir()
        places = [Path(folder, "few" if number < few else "more", f"{number:04}.jsonl") for number in range(many)]
        with ProcessPoolExecutor(2) as pool:  # to make them takes twice as long as to grade them
            list(pool.map(hand_in, places, chunksize=50))
        small, _, least = graded(Path(folder, "few"))
        long, count, most = graded(Path(folder))
        assert count == many, count
    return [Row(f"grading {many:,} hand-ins of {LAB}, --jobs 2", f"{count / long:,.0f} recordings a second",
                f"for {few} {small:.1f} s", f"{long / small:.1f}", "at least 100 a second", count / long >= 100),
            Row("the same, peak memory of the grader", f"{most / 1e6:.0f} MB", f"for {few} {least / 1e6:.0f} MB",
                f"{most / least:.2f}", "1.1 (flat)", most / least <= 1.1)]


def hand_in(path: Path) -> None:
    """What a learner hands in who does as the solution does; the file's name is theirs."""
    lab = load_lab(LAB)
    seed = student_seed(lab.id, path.stem, 1)
    Reference(lab, seed).play(Recorder(path, {**Session(lab, seed).header(), "student": path.stem}, lambda: "")).close()


def graded(folder: Path) -> tuple[float, int, int]:
    """Seconds of processor time, halved for two jobs, full marks given, and the peak memory (bytes) of the grader."""
    # Linux hands the peak of getrusage down from the parent, which remembers a long past here; VmHWM is its own.
    code = ("import resource, sys; from pathlib import Path; from tcplab.cli import cli\n"
            "try: cli.main(sys.argv[1:])\n"
            "finally:\n"
            "    status = Path('/proc/self/status')\n"
            "    peaks = [line.split()[1] for line in status.read_text().splitlines() if line.startswith('VmHWM')] "
            "if status.exists() else []\n"
            "    print(*peaks or [resource.getrusage(resource.RUSAGE_SELF).ru_maxrss], file=sys.stderr)")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([sys.executable, "-c", code, "grade", LAB, str(folder), "--student-from", "name",
                           "--jobs", "2", "--report", "csv"], capture_output=True, text=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    took = (after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime) / 2
    return took, done.stdout.count(",true,0,1,"), int(done.stderr.split()[-1]) * 1024
