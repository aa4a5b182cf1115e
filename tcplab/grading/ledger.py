"""What a batch has come to so far, on disk: memory stays flat, and a batch that was stopped can go on.

A journal is JSON Lines: a head that says what was graded how, then one line for each submission that is done. Lines
are found again by what they are about (name, bytes and job), so files may have come or gone meanwhile.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tcplab.grading.judge import Job

FORMAT = "tcplab/journal/1"


class LedgerError(Exception):
    """A journal that cannot be used; the message says what to do."""


def key_of(name: str, job: Job, data: bytes) -> str:
    """What tells one piece of work from all others."""
    words = json.dumps([name, *job]).encode()
    return hashlib.sha256(words + b"\0" + data).hexdigest()


class Ledger:
    """The outcomes of a batch in order. `path` None keeps them in a temporary file."""

    def __init__(self, path: Path | None, head: dict) -> None:
        """Open or begin a journal. Raises LedgerError if it cannot be written or belongs to another batch."""
        self._places: list[tuple[int, int]] = []
        self._known: dict[str, tuple[int, int]] = {}
        self._head = json.dumps({"format": FORMAT, **head}, sort_keys=True).encode() + b"\n"
        try:
            self._file = tempfile.TemporaryFile() if path is None else open(path, "a+b")
            if path is not None:
                _lock(self._file, path)
            self._read(path)
        except OSError as error:
            raise LedgerError(f"the journal {path} cannot be written: {error.strerror}") from None
        self.recalled = 0

    def _read(self, path: Path | None) -> None:
        self._file.seek(0)
        first = self._file.readline()
        if first and first != self._head and first.endswith(b"\n"):
            raise LedgerError(f"the journal {path} is of another batch (lab, options or version of tcplab): "
                              "name another file, or remove it")
        end = len(first) if first == self._head else 0
        while end and (line := self._file.readline()).endswith(b"\n"):
            try:
                row = json.loads(line)
                self._known[row["key"]] = (end, len(line))
            except (ValueError, KeyError, TypeError):
                break
            end += len(line)
        self._file.truncate(end)
        self._end = end
        if not end:
            self._put(self._head)

    def _put(self, line: bytes) -> tuple[int, int]:
        place = (self._end, len(line))
        self._file.seek(self._end)
        self._file.write(line)
        self._file.flush()
        self._end += len(line)
        return place

    def knows(self, key: str) -> bool:
        """Whether this was done before."""
        return key in self._known

    def recall(self, key: str) -> int:
        """Take over what was done before; its exit code."""
        self._places.append(self._known[key])
        self.recalled += 1
        return self[len(self._places) - 1][0]

    def add(self, key: str, code: int, payload: bytes) -> None:
        """Write down an outcome; `payload` is the result as JSON."""
        line = b'{"key":"%s","code":%d,"result":%s}\n' % (key.encode(), code, payload)
        self._places.append(self._put(line))

    def __len__(self) -> int:
        return len(self._places)

    def __getitem__(self, index: int) -> tuple[int, dict]:
        offset, size = self._places[index]
        self._file.seek(offset)
        row = json.loads(self._file.read(size))
        return row["code"], row["result"]

    def __iter__(self) -> Iterator[tuple[int, dict]]:
        return (self[index] for index in range(len(self._places)))

    def close(self) -> None:
        """Close the file; a temporary one is gone."""
        self._file.close()


def _lock(file: object, path: Path) -> None:
    try:
        import fcntl
    except ImportError:  # not on Windows
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise LedgerError(f"another batch is writing the journal {path}") from None
    except OSError:
        pass  # a file system without locks: as if alone
