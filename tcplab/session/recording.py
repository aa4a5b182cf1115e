"""Recordings: a header and one line per command, written as they happen (JSON Lines).

A line says where the session stood (`n` steps done, `t_ns` virtual time) when the command was given, so that a
player executes n steps, sets the clock, and applies it. `mark` lines carry only the position. Wall-clock time
stands in `at` and is never judged. Each line is flushed, so a killed session loses at most what was being typed.

The trailer holds two hashes: of what happened (`trace_sha256`) and of the lines themselves (`lines_sha256`, see
`Seal`). They tell damage and hasty changes; they are no signatures, for whoever can read this can make them anew.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, NamedTuple

try:
    import fcntl
except ImportError:  # not on Windows
    fcntl = None

FORMAT = "tcplab/recording/1"
#: Which rules of behaviour a recording was made under; raised when the same commands lead to other facts.
BEHAVIOUR = 1
#: No hand-in of a human being is longer; a longer one is refused before it is read.
MAX_BYTES = 64 * 1024 * 1024
MAX_LINE = 256 * 1024
FROM_TCPLAB = "hand in the file that tcplab wrote (tcplab open LAB --record FILE)"


class RecordingError(Exception):
    """A recording that cannot be used: `line` counts from 1 (0: the whole file), `cure` says what to do."""

    def __init__(self, message: str, line: int = 0, cure: str = "") -> None:
        super().__init__(message)
        self.message, self.line, self.cure = message, line, cure


class Line(NamedTuple):
    """One line of a recording: a command at its instant, or a mark (`cmd` None). `number` counts lines from 1."""

    t: int
    n: int
    cmd: str | None
    at: str
    number: int


class Seal:
    """The hash over the lines of a recording, the trailer without its `lines_sha256` being the last: SHA-256 of each
    line as JSON with sorted keys, no blanks and only ASCII, and LF. So other line ends or blanks do not matter."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()

    def add(self, line: dict) -> None:
        """Take in the next line."""
        text = json.dumps({key: value for key, value in line.items() if key != "lines_sha256"}, ensure_ascii=True,
                          sort_keys=True, separators=(",", ":"))
        self._hash.update(text.encode("ascii") + b"\n")

    def hexdigest(self) -> str:
        """The hash of the lines so far, in hexadecimal."""
        return self._hash.hexdigest()


@dataclass
class Recording:
    """A recording as read. `end` is (t, n, trace_sha256) of the trailer, None for a session cut short.

    `sealed` tells whether the trailer's `lines_sha256` fits the lines; None where there is none to fit.
    """

    header: dict
    lines: list[Line] = field(default_factory=list)
    end: tuple[int, int, str] | None = None
    whole_bytes: int = 0
    sealed: bool | None = None
    #: When the trailer was written, by the wall clock; without one, the last line.
    ended: str = ""

    @property
    def complete(self) -> bool:
        return self.end is not None

    @property
    def position(self) -> tuple[int, int]:
        """The last known position (t in ns, n)."""
        if self.end:
            return self.end[0], self.end[1]
        return (self.lines[-1].t, self.lines[-1].n) if self.lines else (0, 0)


class Recorder:
    """Writes a recording as the session goes. `clock` gives the wall-clock text for `at`."""

    def __init__(self, path: Path, header: dict, clock: Callable[[], str], append: bool = False) -> None:
        """Open `path` for writing. Raises RecordingError when that cannot be done, or when another session does it."""
        self.path, self._clock, self._last, self._seal = path, clock, (-1, -1), Seal()
        try:
            self._file = open(path, "ab", buffering=0)
            _lock(self._file, path)
            if not append:
                self._file.truncate(0)
        except OSError as error:
            raise RecordingError(f"cannot write {path}: {error.strerror}", 0, "give another --record FILE") from None
        if not append:
            self._put({"format": FORMAT, **header})

    def _put(self, line: dict) -> None:
        """Write a line as a whole or not at all: what is refused must not stand there half, nor come later."""
        data = (json.dumps(line, ensure_ascii=True, separators=(",", ":")) + "\n").encode("ascii")
        try:
            before = os.fstat(self._file.fileno()).st_size
            try:
                if self._file.write(data) != len(data):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            except OSError:
                with contextlib.suppress(OSError):
                    self._file.truncate(before)
                raise
        except OSError as error:
            raise RecordingError(f"cannot write {self.path}: {error.strerror}", 0, "make room on the disk") from None
        self._seal.add(line)

    def take_up(self, rows: list[bytes]) -> None:
        """The lines that stand in the file already: the seal goes over them too. They have been parsed before."""
        for row in rows:
            self._seal.add(json.loads(row))

    def command(self, t: int, n: int, text: str) -> None:
        """Write a command that is about to be applied at this position."""
        # What a command leads to may end at a position that was marked before it: mark again.
        self._last = (-1, -1)
        self._put({"t_ns": t, "n": n, "at": self._clock(), "cmd": text})

    def mark(self, t: int, n: int) -> None:
        """Note the position, unless the last line is a mark that says it already."""
        if self._last != (t, n):
            self._last = (t, n)
            self._put({"t_ns": t, "n": n, "at": self._clock(), "mark": True})

    def finish(self, t: int, n: int, trace_sha256: str) -> None:
        """Write the trailer and close. Raises RecordingError when there is no room for it; what stands there stays."""
        line = {"t_ns": t, "n": n, "at": self._clock(), "end": True, "trace_sha256": trace_sha256}
        try:
            self._seal.add(line)
            self._put(line | {"lines_sha256": self._seal.hexdigest()})
            with contextlib.suppress(OSError):
                os.fsync(self._file.fileno())
        finally:
            self._file.close()

    def abandon(self) -> None:
        """Close without a trailer, as after a dropped line."""
        self._file.close()


def _lock(file: IO[str], path: Path) -> None:
    """One session writes a recording at a time; the lock goes with the file, also when the session is killed."""
    if fcntl is None:
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise RecordingError(f"another session is writing {path}", 0, "close that one first") from None
    except OSError:
        pass  # a file system without locks: as if alone


def read_recording(path: Path) -> Recording:
    """Read a recording from a file. Raises RecordingError naming the line and the cure."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise RecordingError(f"the file is larger than {MAX_BYTES} bytes", 0, "hand in a recording made by tcplab")
        data = path.read_bytes()
    except OSError as error:
        raise RecordingError(f"cannot read the file: {error.strerror}", 0, "check its name") from None
    return parse_recording(data)


def parse_recording(data: bytes) -> Recording:
    """Read a recording from its bytes. Half a last line is a session cut short; any other bad line is refused."""
    whole = data.rfind(b"\n") + 1
    rows = data[:whole].split(b"\n")[:-1]
    if not rows:
        raise RecordingError("this is not a recording: it has no whole line", 0,
                             FROM_TCPLAB)
    recording, seal = Recording(_header(rows[0]), whole_bytes=len(rows[0]) + 1), Seal()
    _add(seal, recording.header, 1)
    for number, row in enumerate(rows[1:], 2):
        if recording.end is not None:
            raise RecordingError("there are lines behind the end of the recording", number, "remove them")
        line = _object(row, number)
        _read_line(recording, line, number)
        recording.ended = str(line.get("at", "")) or recording.ended
        _add(seal, line, number)
        if recording.end is None:
            recording.whole_bytes += len(row) + 1
        elif "lines_sha256" in line:
            recording.sealed = line["lines_sha256"] == seal.hexdigest()
    return recording


def _add(seal: Seal, line: dict, number: int) -> None:
    try:
        seal.add(line)
    except (ValueError, RecursionError):
        raise RecordingError("this line is not JSON of ours", number, "hand in the file as tcplab wrote it") from None


def _object(row: bytes, number: int) -> dict:
    if len(row) > MAX_LINE:
        raise RecordingError("this line is too long", number, "hand in the file as tcplab wrote it")
    try:
        value = json.loads(row)
    except (ValueError, RecursionError):
        raise RecordingError("this line is not JSON", number, "hand in the file as tcplab wrote it") from None
    if not isinstance(value, dict):
        raise RecordingError("this line is not a JSON object", number, "hand in the file as tcplab wrote it")
    return value


def _header(row: bytes) -> dict:
    try:
        header = _object(row, 1)
    except RecordingError as error:
        raise RecordingError("this is not a recording: " + error.message, 1, error.cure) from None
    form = header.get("format")
    if form != FORMAT:
        newer = isinstance(form, str) and form.startswith("tcplab/recording/")
        raise RecordingError(f"the format {form!r} is not known here" if newer else "this is not a recording of tcplab",
                             1, "update tcplab" if newer else FROM_TCPLAB)
    lab = header.get("lab")
    good = isinstance(lab, dict) and isinstance(lab.get("id"), str) and isinstance(lab.get("sha256"), str)
    if not good or not _natural(header.get("seed")) or not _natural(header.get("behaviour")) \
            or not _natural(header.get("attempt", 1)) or not isinstance(header.get("student"), str | None):
        raise RecordingError("the header lacks lab, seed or behaviour", 1, "hand in the file as tcplab wrote it")
    return header


def _natural(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 64


def _read_line(recording: Recording, line: dict, number: int) -> None:
    t, n, at = line.get("t_ns"), line.get("n"), line.get("at", "")
    if not _natural(t) or not _natural(n):
        raise RecordingError("t_ns and n must be whole numbers", number, "hand in the file as tcplab wrote it")
    if line.get("end") is True and isinstance(line.get("trace_sha256"), str):
        recording.end = (t, n, line["trace_sha256"])
    elif line.get("mark") is True and "cmd" not in line:
        recording.lines.append(Line(t, n, None, str(at), number))
    elif isinstance(line.get("cmd"), str):
        recording.lines.append(Line(t, n, line["cmd"], str(at), number))
    else:
        raise RecordingError("this line is neither a command, a mark nor the end", number,
                             "hand in the file as tcplab wrote it")
