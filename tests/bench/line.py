"""A program on a terminal of its own, as lean as a line to it: bytes in, bytes out, no picture of the screen.

The yardstick of everything on the screen is the smallest application of Textual: one word, nothing else.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import monotonic, perf_counter

from tests.e2e.terminal import TCPLAB, environment

#: The smallest application of Textual.
MINIMAL = (sys.executable, "-c",
           "from textual.app import App\nfrom textual.widgets import Static\n"
           "class Least(App):\n    def compose(self):\n        yield Static('yardstick')\nLeast().run()")
SANDBOX = (*TCPLAB, "open", "sandbox", "--seed", "1")
#: What the first painting of each shows.
MINIMAL_MARK, BENCH_MARK = b"yardstick", b"Guide"

#: The end of a synchronized update: a frame stands on the screen.
PAINTED = b"\x1b[?2026l"
PATIENCE = 60.0


class Line:
    """One end of a pseudo terminal of 80x24; at the other end a program. `since` is what it wrote since `clear`."""

    def __init__(self, argv: Sequence[str], home: Path | None = None, **changes: str | None) -> None:
        """Start it, with a learner's home of its own, or with `home`; `changes` are made to the environment."""
        self._folder = tempfile.TemporaryDirectory()
        self.fd, slave = os.openpty()
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        env: Mapping[str, str] = environment(home or Path(self._folder.name), **changes)
        self.since = bytearray()
        self.begun = perf_counter()
        self.process = subprocess.Popen(list(argv), stdin=slave, stdout=slave, stderr=slave, env=env,
                                        start_new_session=True, close_fds=True)
        os.close(slave)

    def __enter__(self) -> Line:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def take(self) -> bytes:
        """What the program has written by now; b'' when it has gone."""
        try:
            data = os.read(self.fd, 1 << 16)
        except OSError:
            return b""
        if b"\x1b[?2026$p" in data:
            os.write(self.fd, b"\x1b[?2026;2$y")
        self.since += data
        return data

    def read(self, patience: float) -> bytes:
        """Wait for output, so many seconds at most."""
        return self.take() if select.select([self.fd], [], [], patience)[0] else b""

    def until(self, mark: bytes) -> float:
        """Wait until the program has written `mark`; returns the seconds since it was started."""
        end = monotonic() + PATIENCE
        while mark not in self.since:
            self.read(0.5)
            if monotonic() > end or self.process.poll() is not None:
                raise RuntimeError(f"no {mark!r} came: {bytes(self.since[-2000:])!r}")
        return perf_counter() - self.begun

    def quiet(self, seconds: float = 0.4) -> None:
        """Wait until nothing has been written for so long."""
        while self.read(seconds):
            pass

    def clear(self) -> None:
        self.since.clear()

    def type(self, text: str) -> None:
        os.write(self.fd, text.encode())

    def memory(self) -> int:
        """Resident memory in bytes (Linux)."""
        return int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def cpu(self) -> float:
        """Seconds of processor time so far (Linux): of all threads that live; in hundredths where the kernel tells no
        more."""
        place = Path(f"/proc/{self.process.pid}")
        tasks = list(place.glob("task/*/schedstat"))
        if tasks:
            return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9
        fields = (place / "stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def close(self) -> None:
        """End the program."""
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        os.close(self.fd)
        self._folder.cleanup()


def first_paint(argv: Sequence[str], mark: bytes, home: Path | None = None) -> tuple[float, float]:
    """Seconds from the start of a program until it has painted `mark`: of processor time (Linux), and on the clock."""
    with Line(argv, home) as line:
        took = line.until(mark)
        return (line.cpu() if sys.platform == "linux" else took), took
