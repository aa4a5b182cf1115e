"""A real terminal for tests: a program in a pty, its screen read by pyte, keys sent as a keyboard sends them.

Nothing sleeps blindly: whoever waits names what the screen has to show, and a deadline.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pyte

#: How to start the program under test, whichever Python runs the tests.
TCPLAB = (sys.executable, "-m", "tcplab")
REPO = Path(__file__).resolve().parents[2]

#: Seconds until a wait gives up: far above what is usual, for a machine that does much else.
PATIENCE = 30.0

KEYS = {
    "enter": "\r", "tab": "\t", "shift+tab": "\x1b[Z", "esc": "\x1b", "space": " ", "backspace": "\x7f",
    "up": "\x1b[A", "down": "\x1b[B", "right": "\x1b[C", "left": "\x1b[D", "home": "\x1b[H", "end": "\x1b[F",
    "pageup": "\x1b[5~", "pagedown": "\x1b[6~", "delete": "\x1b[3~", "f1": "\x1bOP", "f2": "\x1bOQ",
    "ctrl+c": "\x03", "ctrl+k": "\x0b", "ctrl+q": "\x11", "ctrl+u": "\x15", "ctrl+w": "\x17",
}  # fmt: skip

#: Private modes that a terminal is in before a program touches it: the cursor is shown, lines wrap.
FRESH_MODES = frozenset({7, 25})

_PRIVATE_MODE = re.compile(rb"\x1b\[\?([\d;]+)([hl])")
_KITTY = re.compile(rb"\x1b\[([<>])\d*u")
_HALF = re.compile(rb"\x1b(\[[<>=?]?[\d;:]*)?$")
_SGR = re.compile(rb"\x1b\[([\d;:]*)m")


class Gone(AssertionError):
    """The program ended, or the deadline passed, before the screen showed what was waited for."""


def environment(home: Path, **changes: str | None) -> dict[str, str]:
    """A bare environment with everything tcplab keeps under `home`. A change to None removes a variable."""
    env: dict[str, str | None] = {
        "PATH": os.environ.get("PATH", os.defpath), "HOME": str(home), "TCPLAB_HOME": str(home / "tcplab"),
        "TERM": "xterm-256color", "COLORTERM": "truecolor", "LC_ALL": "C.UTF-8", "PYTHONPATH": str(REPO),
        "PYTHONHASHSEED": "random", "TZ": "UTC", "TCPLAB_NO_TOUR": "1", **changes,
    }  # fmt: skip
    return {name: value for name, value in env.items() if value is not None}


class Terminal:
    """A program on a terminal of its own.

    `text` is the screen, `raw` every byte the program wrote, `modes` the private modes that are set now.
    """

    def __init__(
        self, argv: Sequence[str], env: Mapping[str, str], columns: int = 80, lines: int = 24, cwd: Path = REPO
    ) -> None:
        self.columns, self.lines = columns, lines
        self.screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self.screen)
        self.raw = bytearray()
        self.modes = set(FRESH_MODES)
        self.kitty = 0
        self._half = b""
        self._master, self._slave = os.openpty()
        self._set_size()
        self.modes_before = termios.tcgetattr(self._slave)
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            list(argv), stdin=self._slave, stdout=self._slave, stderr=self._slave, env=dict(env), cwd=cwd,
            start_new_session=True, preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )  # fmt: skip

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- what is shown ------------------------------------------------------------------------------------------

    @property
    def rows(self) -> list[str]:
        """The screen's rows, as they stand."""
        return list(self.screen.display)

    @property
    def text(self) -> str:
        """The screen with its line ends."""
        return "\n".join(row.rstrip() for row in self.rows)

    @property
    def words(self) -> str:
        """The screen with every run of blanks as one: text that was wrapped can be searched in it."""
        return " ".join(self.text.split())

    def colours(self) -> set[str]:
        """Every colour parameter that was sent: 30-37, 38;..., 39 is none, 40-47, 48;..., 90-107."""
        found: set[str] = set()
        for parameters in _SGR.findall(bytes(self.raw)):
            parts = parameters.decode().replace(":", ";").split(";")
            for part in parts:
                if part in ("38", "48"):
                    found.add(";".join(parts))
                    break
                if part.isdigit() and (30 <= int(part) <= 37 or 40 <= int(part) <= 47 or 90 <= int(part) <= 107):
                    found.add(part)
        return found

    @property
    def restored(self) -> list[str]:
        """What the program left behind: empty if the terminal is as it was found."""
        left = [f"private mode {mode} is still set" for mode in sorted(self.modes - FRESH_MODES)]
        left += [f"private mode {mode} is still reset" for mode in sorted(FRESH_MODES - self.modes)]
        if self.kitty:
            left.append("the keyboard protocol is still pushed")
        if termios.tcgetattr(self._slave) != self.modes_before:
            left.append("the line discipline is not as it was (stty)")
        return left

    # -- keys ---------------------------------------------------------------------------------------------------

    def press(self, *keys: str) -> None:
        """Press keys by their names in KEYS, or as the character itself."""
        for key in keys:
            self.type(KEYS.get(key, key))

    def type(self, text: str) -> None:
        """Type a text."""
        data = text.encode()
        while data:
            self.read(0)
            with contextlib.suppress(BlockingIOError):
                data = data[os.write(self._master, data) :]

    def resize(self, columns: int, lines: int) -> None:
        """Give the window another size; the program gets its SIGWINCH."""
        self.columns, self.lines = columns, lines
        self.screen.resize(lines, columns)
        self._set_size()

    # -- waiting ------------------------------------------------------------------------------------------------

    def wait_for(self, pattern: str, patience: float = PATIENCE) -> re.Match[str]:
        """Wait until the screen's `words` match a regular expression; returns the match."""
        return self.wait_until(lambda: re.search(pattern, self.words), f"the screen to match {pattern!r}", patience)

    def wait_until(self, condition: Callable[[], object], what: str, patience: float = PATIENCE):
        """Wait until a condition holds; returns what it returned. Raises Gone with the screen."""
        end = time.monotonic() + patience
        # Between the two marks of a synchronized update (mode 2026) a terminal shows the frame before.
        while 2026 in self.modes or not (value := condition()):
            left, alive = end - time.monotonic(), self.alive
            if not self.read(max(0.0, min(left, 0.05))) and (left <= 0 or not alive) and not condition():
                state = "in vain" if alive else f"but the program ended with {self.process.returncode}"
                raise Gone(f"waited for {what}, {state}; the screen:\n{self.text}")
        return value

    def quiet(self, seconds: float = 0.3, patience: float = PATIENCE) -> int:
        """Wait until nothing has been written for so long; returns the bytes that came before."""
        before, end = len(self.raw), time.monotonic() + patience
        while self.read(seconds):
            if time.monotonic() > end:
                raise Gone(f"the program never stops writing; the screen:\n{self.text}")
        return len(self.raw) - before

    def written_in(self, seconds: float) -> int:
        """How many bytes the program writes in the next `seconds`."""
        before, end = len(self.raw), time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.read(left)
        return len(self.raw) - before

    def read(self, patience: float) -> int:
        """Take what the program has written, waiting at most `patience` seconds; returns how many bytes."""
        if not select.select([self._master], [], [], patience)[0]:
            return 0
        try:
            data = os.read(self._master, 1 << 16)
        except OSError:
            return 0
        self.raw += data
        if b"\x1b[?2026$p" in data:
            os.write(self._master, b"\x1b[?2026;2$y")
        self._show(data)
        return len(data)

    def wait_exit(self, patience: float = PATIENCE) -> int:
        """Wait for the end of the program, reading what it says; returns its exit code (negative: the signal)."""
        self.wait_until(lambda: not self.alive, "the program to end", patience)
        while self.read(0):
            pass
        return self.process.returncode

    # -- the process --------------------------------------------------------------------------------------------

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def hang_up(self) -> None:
        """Drop the line: the terminal is gone from under the program."""
        os.close(self._slave)
        os.close(self._master)
        self._master = self._slave = -1

    def wait_gone(self, patience: float = PATIENCE) -> int:
        """Wait for the end of a program whose terminal is gone; returns its exit code."""
        return self.process.wait(patience)

    def cpu_seconds(self) -> float:
        """User and system time so far (Linux)."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def close(self) -> None:
        """End the program if it still runs, and give the terminal back."""
        if self.alive:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        for fd in (self._slave, self._master):
            if fd >= 0:
                os.close(fd)
        self._master = self._slave = -1

    # -- inside -------------------------------------------------------------------------------------------------

    def _set_size(self) -> None:
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", self.lines, self.columns, 0, 0))

    def _show(self, data: bytes) -> None:
        """Follow the modes and draw; an escape sequence cut in two by a read waits for its rest."""
        data = self._half + data
        cut = _HALF.search(data)
        whole, self._half = (data[: cut.start()], data[cut.start() :]) if cut else (data, b"")
        for match in _PRIVATE_MODE.finditer(whole):
            numbers = {int(number) for number in match[1].split(b";") if number}
            self.modes = self.modes | numbers if match[2] == b"h" else self.modes - numbers
        for match in _KITTY.finditer(whole):
            self.kitty = max(0, self.kitty + (1 if match[1] == b">" else -1))
        # pyte does not know the keyboard protocol and would draw its last letter.
        self._stream.feed(_KITTY.sub(b"", whole))
