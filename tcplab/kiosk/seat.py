"""One learner's folder in a kiosk: made, checked, written to; and the journal in it.

Whoever holds the lock of the folder sits there. The kernel says who that is, so no file can say it wrongly after a
crash; a new login asks the old one to leave, waits for the lock, and takes the place.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import signal
import stat
import struct
import sys
import time
from pathlib import Path

from tcplab.front.opening import wall_clock
from tcplab.grading import kept
from tcplab.grading.salt import SALT, Salt, SaltError, read_salt

#: Told to the one who sits there when a new login comes.
TAKEN_OVER = signal.SIGUSR1
#: Seconds that the old login gets to end by itself, and after that it is killed.
PATIENCE_S = 4.0
#: Bytes that must be free before anybody is let in: a session writes about 20 kB.
LEAST_FREE = 256 * 1024
LOCK = "kiosk.lock"


class SeatError(Exception):
    """Why a learner cannot sit down; the message is for them and names whom to ask."""


class Seat:
    """The folder of one learner. `sit` before anything is written."""

    def __init__(self, kiosk: Path, student: str) -> None:
        self.kiosk, self.student = kiosk, student
        self.folder = kiosk / kept.LEARNERS / student
        self._lock = -1

    @property
    def recordings(self) -> Path:
        return self.folder / kept.RECORDINGS

    @property
    def exports(self) -> Path:
        return self.folder / kept.EXPORTS

    def make(self) -> None:
        """Make the folder and what is in it. Raises SeatError when it cannot be, or is not the learner's own."""
        try:
            self.folder.parent.mkdir(mode=0o755, exist_ok=True)
            for path in (self.folder, self.recordings, self.exports):
                path.mkdir(mode=0o750, exist_ok=True)
                found = os.lstat(path)
                if not stat.S_ISDIR(found.st_mode):
                    raise SeatError(f"{path} is not a folder. Tell your instructor.")
                if os.geteuid() not in (0, found.st_uid):
                    raise SeatError(f"{path} belongs to another user of this machine. Tell your instructor.")
            room = os.statvfs(self.folder)
        except OSError as error:
            raise SeatError(self._words(error)) from None
        if room.f_bavail * room.f_frsize < LEAST_FREE:
            raise SeatError(f"the disk under {self.folder} is full: nothing you do could be kept. "
                            "Tell your instructor.")

    def salt(self) -> Salt | None:
        """The salt under which this learner's seeds are drawn, None in a kiosk that has none. Raises SeatError for one
        that cannot be used: without it the numbers would be others, and no secret."""
        course = self.kiosk / SALT
        try:
            own = read_salt(self.folder / SALT)
            if own is not None:
                if not own.own:
                    raise SaltError(f"{self.folder / SALT} is not a learner's salt")
                return own
            return read_salt(course)
        except SaltError as error:
            raise SeatError(f"{error}. Tell your instructor: tcplab kiosk {self.kiosk} --init mends it.") from None

    def _words(self, error: OSError) -> str:
        return f"cannot write in {error.filename or self.folder}: {error.strerror}. Tell your instructor."

    # -- who sits there -----------------------------------------------------------------------------------------

    def sit(self) -> bool:
        """Take the place; an older login is ended. Returns whether there was one. Raises SeatError."""
        self.make()
        try:
            self._lock = os.open(self.folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o640)
        except OSError as error:
            raise SeatError(self._words(error)) from None
        begun, asked = time.monotonic(), 0
        while not self._locked():
            waited = time.monotonic() - begun
            if waited > 2 * PATIENCE_S:
                raise SeatError("another login of yours does not end. Try again in a minute, or tell your instructor.")
            harder = waited > PATIENCE_S
            asked = max(asked, self._ask(signal.SIGKILL if harder else TAKEN_OVER)) if asked <= harder else asked
            time.sleep(0.05)
        return asked > 0

    def _locked(self) -> bool:
        try:
            fcntl.lockf(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in (errno.EACCES, errno.EAGAIN):
                return False
            raise SeatError(self._words(error)) from None
        return True

    def _ask(self, number: int) -> int:
        """Send a signal to whoever holds the lock at this moment; returns 1 for an asked, 2 for a killed one."""
        pid = holder(self._lock)
        if pid <= 0:
            return 0
        try:
            if hasattr(os, "pidfd_open"):
                handle = os.pidfd_open(pid)
                try:
                    # Between the question and the answer the process may have ended and its number be another's now.
                    if holder(self._lock) == pid:
                        signal.pidfd_send_signal(handle, number)
                finally:
                    os.close(handle)
            else:
                os.kill(pid, number)
        except ProcessLookupError:
            return 0
        except PermissionError:
            raise SeatError("this place is taken by another user of this machine. Tell your instructor.") from None
        return 2 if number == signal.SIGKILL else 1

    def rise(self) -> None:
        """Give the place back."""
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    # -- the journal --------------------------------------------------------------------------------------------

    def note(self, event: str, **what: object) -> None:
        """Write a line into the journal, whole or not at all. Raises OSError."""
        line = json.dumps({"at": wall_clock(), "event": event, **what}, ensure_ascii=True, separators=(",", ":"))
        data = line.encode("ascii") + b"\n"
        handle = os.open(self.folder / kept.JOURNAL, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o640)
        try:
            size = os.fstat(handle).st_size
            if size and os.pread(handle, 1, size - 1) != b"\n":
                data = b"\n" + data  # a line that a full disk cut off stays by itself
            try:
                if os.write(handle, data) != len(data):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self.folder / kept.JOURNAL))
            except OSError:
                with contextlib.suppress(OSError):
                    os.ftruncate(handle, size)
                raise
        finally:
            os.close(handle)

    def try_note(self, event: str, **what: object) -> None:
        """The same for lines that only the board needs: on a full disk they are left out."""
        with contextlib.suppress(OSError):
            self.note(event, **what)

    def journal(self) -> list[dict]:
        """What the journal says, oldest first."""
        return kept.read_journal(self.folder)

    def next_attempt(self, lab: str) -> int:
        """The number of the next attempt at a lab: above all in the journal and all that lie in the folder."""
        journalled = (line.get("attempt") for line in self.journal()
                      if line["event"] == "open" and line.get("lab") == lab)
        there = (one.attempt for one in kept.recordings(self.folder) if one.lab == lab)
        return 1 + max((n for n in (*journalled, *there) if isinstance(n, int)), default=0)


#: struct flock: Linux on 64 bits, and the BSDs with macOS.
_FLOCK, _PID = ("hhqqi4x", 4) if sys.platform == "linux" else ("qqihh", 2)


def holder(handle: int) -> int:
    """Which process holds the lock of an open file, as the kernel says; 0 if nobody does, or it cannot be told."""
    fields = (fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0) if sys.platform == "linux" else (0, 0, 0, fcntl.F_WRLCK, os.SEEK_SET)
    try:
        answer = struct.unpack(_FLOCK, fcntl.fcntl(handle, fcntl.F_GETLK, struct.pack(_FLOCK, *fields)))
    except (OSError, struct.error):
        return 0
    kind = answer[0] if sys.platform == "linux" else answer[3]
    return 0 if kind == fcntl.F_UNLCK else answer[_PID]


def sits_there(folder: Path) -> bool:
    """Whether a login of that learner is there now. Not to be asked by a process that sits there itself."""
    try:
        handle = os.open(folder / LOCK, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        return holder(handle) != 0
    finally:
        os.close(handle)
