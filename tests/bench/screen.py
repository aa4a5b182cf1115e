"""What the screen costs: its first painting, bytes on the line, memory, an idle processor, a long log."""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, process_time

from tcplab.tui.desk import Desk
from tcplab.tui.panels import Panels
from tcplab.tui.typing_keys import set_filter
from tcplab.tui.widgets.surface import joined
from tests.e2e.terminal import Terminal, environment

from .keys import LEAN, TALK
from .line import BENCH_MARK, MINIMAL, MINIMAL_MARK, SANDBOX, Line, first_paint
from .sessions import longest
from .table import Row, percentile

LINUX = sys.platform == "linux"
ON_LINUX = "(measured on Linux only)"

#: Traffic: a crossing of 50 ms takes 1.5 s on the screen, so 85 kbit/s are five segments a second, half of them ACKs.
TRAFFIC = ":link rate 85kbit limit 1000 from client; client app source 1MB; run until idle\r"


def measure_first_paint() -> list[Row]:
    """The bench on a pty beside the smallest application of Textual, both painted for the first time.

    In processor time; on the clock neither waits for anything, so that a free machine takes as long.
    """
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        first, _ = first_paint(SANDBOX, BENCH_MARK, home)  # now the labs are read and kept, if they are not
        ours = least = clock = float("inf")
        for _ in range(10):
            used, took = first_paint(SANDBOX, BENCH_MARK, home)
            ours, clock = min(ours, used), min(clock, took)
            least = min(least, first_paint(MINIMAL, MINIMAL_MARK)[0])
    beside = f"a minimal Textual app {least * 1e3:.0f} ms"
    return [Row("first paint of the bench", f"{ours * 1e3:.0f} ms (on the clock {clock * 1e3:.0f})", beside,
                f"{ours / least:.2f}", "1.4", ours / least <= 1.4),
            Row("the same for the first time ever", f"{first * 1e3:.0f} ms", beside, f"{first / least:.2f}", "-", None)]


def measure_memory() -> list[Row]:
    """Resident memory and idle processor time of one learner's screen."""
    if not LINUX:
        return [Row("memory of one learner's screen", ON_LINUX, "", "", "+25 MB", None),
                Row("processor time of an idle screen", ON_LINUX, "", "", "0", None)]
    with tempfile.TemporaryDirectory() as folder, Line(MINIMAL) as yardstick:
        yardstick.until(MINIMAL_MARK)
        yardstick.quiet()
        least = yardstick.memory()
        with Line(SANDBOX, Path(folder)) as line:
            line.until(BENCH_MARK)
            line.quiet()
            first = line.memory()
        with Line(SANDBOX, Path(folder)) as line:
            line.until(BENCH_MARK)
            line.type(TALK)
            line.until(b"ESTABLISHED")
            line.quiet()
            ours, busy, began = line.memory(), line.cpu(), perf_counter()
            line.clear()
            line.quiet(4.0)
            idle, seconds, silent = line.cpu() - busy, perf_counter() - began, len(line.since)
            for key in "12345678":
                line.type(key)
                line.quiet(0.2)
            toured = line.memory()
    beside = f"a minimal Textual app {least / 1e6:.0f} MB"

    def memory(what: str, size: int) -> Row:
        more = size - least
        return Row(what, f"{size / 1e6:.0f} MB", beside, f"+{more / 1e6:.0f} MB", "+25 MB", more <= 25e6)

    return [
        memory("memory of one learner's screen", ours),
        memory("the same after all eight pages", toured),
        memory("the same at the very first start", first),
        Row("processor time of an idle screen", f"{idle * 1e3:.0f} ms in {seconds:.0f} s", "", "", "0", idle < 0.015),
        Row("bytes written by an idle screen", f"{silent} B in {seconds:.0f} s", "", "", "0", silent == 0),
    ]


def clock(terminal: Terminal) -> int:
    """The instant in the title bar (ms of virtual time)."""
    shown = re.search(r"(\d+)\.(\d{3}) s", terminal.rows[0])
    return int(shown[1] + shown[2]) if shown else -1


def measure_traffic() -> list[Row]:
    """What goes over the line at 80x24 with traffic on the screen, lean and not."""
    return [traffic_row("traffic, five segments a second, at 80x24"),
            traffic_row("the same over SSH (five frames a second)", **LEAN)]


def traffic_row(what: str, **changes: str) -> Row:
    """Bytes a second by the clock on the screen: a busy machine shows fewer frames of the same traffic."""
    with tempfile.TemporaryDirectory() as folder, Terminal(SANDBOX, environment(Path(folder), **changes)) as terminal:
        terminal.wait_for(r" 1 +Guide")
        terminal.type(":server listen 80; client connect server 80; step 3\r")
        terminal.wait_for("ESTABLISHED.*ESTABLISHED")
        terminal.type(TRAFFIC)
        terminal.wait_for("running")
        begun = clock(terminal)
        terminal.wait_until(lambda: clock(terminal) >= begun + 60, "the first crossings")
        begun, before = clock(terminal), len(terminal.raw)
        terminal.wait_until(lambda: clock(terminal) >= begun + 130, "four seconds of traffic")
        rate = (len(terminal.raw) - before) * 1000 * 50 / ((clock(terminal) - begun) * 1500)
    return Row(what, f"{rate / 1e3:.1f} kB/s", "", "", "10 kB/s", rate <= 10_000)


def measure_log() -> list[Row]:
    """Frames of the whole screen at 160x48 with a log of 100,000 rows: one row more, scrolling, filtering.

    In processor time, from the key to the rows of the screen; a frame in which the plots still read the past counts.
    """
    session = longest()
    desk = Desk(session)
    panels, count = Panels(desk), len(desk.log.rows)
    desk.turn("log")

    def frame(act: Callable[[], object]) -> float:
        def work() -> None:
            act()
            desk.refresh()
            desk.tick()
            joined((box, panels.rows(name)) for name, box in panels.arrange(160, 48).items())

        begun = process_time()
        work()
        return process_time() - begun

    frame(int)
    append = [frame(lambda: session.execute("step" if session.next_at() is not None else "client send 100; step"))
              for _ in range(40)]
    scroll = [frame(lambda key=key: desk.act(key)) for _ in range(10)
              for key in ("page_up", "page_up", "up", "down", "first", "page_down", "last")]
    slices = [frame(lambda: set_filter(desk, "any where len > 500 and src == 'client'"))]
    while desk.log.busy:
        slices.append(frame(int))
    return [time_row(f"a frame with {count:,} rows in the log: append", append), time_row("the same: scroll", scroll),
            time_row(f"the same: filter (all of it in {sum(slices):.1f} s)", slices)]


def time_row(what: str, times: list[float]) -> Row:
    most = percentile(times, 95)
    return Row(what, f"{most * 1e3:.0f} ms (95 %), {max(times) * 1e3:.0f} at worst", "", "", "50 ms", most < 0.05)
