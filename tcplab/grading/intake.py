"""What was handed in: files, folders and zip files of recordings and scripts, read without trusting any of them.

Nothing is ever unpacked to disk. In folders and zip files hand-ins are known by their suffix; links are not followed;
what is wrong becomes a hand-in with a problem, so that the batch goes on with that one marked.
"""

from __future__ import annotations

import errno
import io
import os
import stat
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from tcplab.grading.clean import one_line
from tcplab.grading.judge import MAX_SUBMISSION

#: Files of these kinds in a folder or a zip file are hand-ins; others (readme, metadata) are passed over.
HAND_INS = (".jsonl", ".ndjson", ".txt", ".tcplab")
#: A folder or an export of a platform, and one learner's own zip file in it.
MOST_FILES, MOST_FILES_WITHIN = 20_000, 200
#: Unpacked bytes of a zip file, all together, and of its table of contents (about 100 bytes a file).
MOST_BYTES, MOST_TABLE = 2 * 1024**3, 4 * 1024**2
#: Recordings shrink to a tenth; zip bombs to a thousandth.
MOST_SHRUNK = 400
_SIGNATURE = b"PK\x03\x04"


@dataclass(frozen=True, slots=True)
class Entry:
    """One hand-in: its `name` for people, its `path` below what was given (for --student-from), and its bytes, or a
    `problem`; `limit` says that the problem is a limit. `file` is where it lies, if it is a file of its own.
    `around` is what was taken off the path: the zip file in the folder that was given, or an export's own folder."""

    name: str
    path: str
    data: bytes = b""
    problem: str = ""
    limit: bool = False
    file: Path | None = None
    around: str = ""


class Intake:
    """Goes through what was given, in order; folders and zip files by name. `passed_over` are other files, by name
    for people, and as entries without bytes in `others`."""

    def __init__(self, given: list[str]) -> None:
        self._given = given
        self.others: list[Entry] = []
        self.many = len(given) > 1

    @property
    def passed_over(self) -> list[str]:
        """The files that are no hand-ins, by name for people."""
        return [entry.name for entry in self.others]

    def __iter__(self) -> Iterator[Entry]:
        for name in self._given:
            path = Path(name)
            shown = one_line(name, 300).rstrip("/") or "/"
            if "\0" in name:
                yield Entry(shown, shown, problem="a file name cannot hold a NUL")
            elif path.is_dir():
                self.many = True
                yield from self._folder(path, shown)
            else:
                yield from self._file(path, shown, path.name)

    def count(self) -> int | None:
        """About how many hand-ins there are, for a progress bar; None if that cannot be told quickly."""
        total = 0
        for name in self._given:
            path = Path(name) if "\0" not in name else Path()
            if path.is_dir():
                total += sum(_is_hand_in(each.relative_to(path).as_posix()) for each in _walk(path))
            elif path.suffix.lower() == ".zip":
                return None
            else:
                total += 1
        return total

    # -- folders ------------------------------------------------------------------------------------------------

    def _folder(self, folder: Path, shown: str) -> Iterator[Entry]:
        try:
            files = sorted(_walk(folder), key=lambda path: path.as_posix().encode("utf-8", "surrogateescape"))
        except OSError as error:
            yield Entry(shown, shown, problem=f"the folder cannot be read: {error.strerror}")
            return
        if len(files) > MOST_FILES:
            yield Entry(shown, shown, problem=f"it holds more than {MOST_FILES:,} files", limit=True)
            return
        found = False
        for path in files:
            below = one_line(path.relative_to(folder).as_posix(), 300)
            if _is_hand_in(below):
                found = True
                yield from self._file(path, f"{shown.rstrip('/')}/{below}", below, lone=False)
            else:
                self.others.append(Entry(f"{shown}/{below}", below))
        if not found:
            yield Entry(shown, shown, problem=_NONE)

    # -- files --------------------------------------------------------------------------------------------------

    def _file(self, path: Path, shown: str, below: str, lone: bool = True) -> Iterator[Entry]:
        """A file that was given (`lone`: a link to it is followed), or one that lies in a folder that was given."""
        zipped = False
        try:
            if zipped := _begins_a_zip(path, lone):
                self.many = True
                with open(path, "rb") as file:
                    yield from self._zip(file, shown, below, 0, "" if lone else below)
                return
            yield Entry(shown, below, data=_bytes_of(path, lone), file=path)
        except zipfile.BadZipFile as error:
            yield Entry(shown, below, problem=f"the zip file is broken: {one_line(str(error), 200)}")
        except _NotAFile as error:
            yield Entry(shown, below, problem=str(error))
        except OSError as error:
            what = "the zip file" if path.suffix == ".zip" and zipped else "it"
            yield Entry(shown, below, problem=f"{what} cannot be read: {error.strerror}")

    # -- zip files ----------------------------------------------------------------------------------------------

    def _zip(self, file: io.BufferedIOBase, shown: str, below: str, depth: int, lies: str = "") -> Iterator[Entry]:
        """A zip file. `lies` is where it lies in a folder that was given: in a folder of that, it is a learner's."""
        if depth > 1:
            yield Entry(shown, below, problem="a zip file in a zip file in a zip file is not read", limit=True)
            return
        if _table_size(file) > MOST_TABLE:
            yield Entry(shown, below, problem="the zip file lists far too many files", limit=True)
            return
        archive = _archive(file)
        with archive:
            members = [info for info in archive.infolist() if not info.filename.endswith("/")]
            owned = bool(depth) or "/" in lies
            most = MOST_FILES_WITHIN if owned else MOST_FILES
            problem = ""
            if len(members) > most:
                problem = f"the zip file holds {len(members):,} files; at most {most:,} are read"
            elif sum(info.file_size for info in members) > MOST_BYTES:
                problem = f"the zip file unpacks to more than {MOST_BYTES // 1024**2:,} MiB"
            if problem:
                yield Entry(shown, below, problem=problem, limit=True)
                return
            found = False
            top = "" if owned else _wrapping(members)
            around = lies if not owned and lies else top.rstrip("/")
            for info in sorted(members, key=lambda info: info.filename.encode("utf-8", "surrogateescape")):
                inner = one_line(info.filename, 300)
                # What lies around a zip says whose it is; what is written in it never takes another's place.
                place = f"{below}/{inner}" if owned else inner.removeprefix(top)
                if not _is_hand_in(inner):
                    self.others.append(Entry(f"{shown}:{inner}", place, around=around))
                    continue
                found = True
                for entry in self._member(archive, info, f"{shown}:{inner}", place, depth):
                    yield replace(entry, around=around)
            if not found:
                yield Entry(shown, below, problem=_NONE)

    def _member(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo, shown: str, below: str,
                depth: int) -> Iterator[Entry]:
        problem, limit = _fault_of(info)
        if problem:
            yield Entry(shown, below, problem=problem, limit=limit)
            return
        try:
            with archive.open(info) as file:
                data = file.read(MAX_SUBMISSION + 1)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
            yield Entry(shown, below, problem=f"it cannot be unpacked: {one_line(str(error), 200)}")
            return
        except Exception as error:  # noqa: BLE001 - zlib.error and its kin, which differ by method and version
            yield Entry(shown, below, problem=f"it cannot be unpacked: {type(error).__name__}")
            return
        if data[:4] != _SIGNATURE:
            yield Entry(shown, below, data=data)
            return
        try:
            yield from self._zip(io.BytesIO(data), shown, below, depth + 1)
        except zipfile.BadZipFile as error:
            yield Entry(shown, below, problem=f"the zip file is broken: {one_line(str(error), 200)}")


_NONE = f"there is no hand-in in it (a recording *.jsonl or a script *.txt; {', '.join(HAND_INS)} are read)"


class _NotAFile(Exception):
    """Something that must not be opened, or not followed."""


def _walk(folder: Path) -> Iterator[Path]:
    """All files below a folder, at most a few more than are allowed; links to folders are not followed."""
    count = 0
    for where, folders, files in os.walk(folder, followlinks=False):
        folders.sort()
        folders[:] = [name for name in folders if not name.startswith(".") and name != "__MACOSX"]
        for name in files:
            yield Path(where, name)
            count += 1
            if count > MOST_FILES:
                return


def _is_hand_in(below: str) -> bool:
    path = PurePosixPath(below.replace("\\", "/"))
    if any(part.startswith(".") and part != ".." or part == "__MACOSX" for part in path.parts):
        return False
    return path.suffix.lower() in (*HAND_INS, ".zip")


def _archive(file: io.BufferedIOBase) -> zipfile.ZipFile:
    """The zip file, its table of contents read. Raises BadZipFile, whatever is wrong with it."""
    try:
        return zipfile.ZipFile(file)
    except (zipfile.BadZipFile, OSError):
        raise
    except Exception as error:  # noqa: BLE001 - the reader trips over a broken table in a dozen ways
        raise zipfile.BadZipFile(f"its table of contents cannot be read: {type(error).__name__}") from None


def _wrapping(members: list[zipfile.ZipInfo]) -> str:
    """The one folder that an export has put around the learners' folders (`assignment_1_export/`), else nothing."""
    paths = [PurePosixPath(inner).parts for info in members if _is_hand_in(inner := one_line(info.filename, 300))]
    if paths and all(len(parts) > 2 and parts[0] == paths[0][0] for parts in paths) \
            and len({parts[1] for parts in paths}) > 1:
        return paths[0][0] + "/"
    return ""


def _fault_of(info: zipfile.ZipInfo) -> tuple[str, bool]:
    """What is wrong with a member before it is read, and whether that is a limit."""
    name = info.filename.replace("\\", "/")
    kind = stat.S_IFMT(info.external_attr >> 16)
    if name.startswith("/") or name[1:2] == ":" or ".." in name.split("/"):
        return "its name leads out of the zip file", False
    if kind and not stat.S_ISREG(kind):
        return "it is a link or a device, not a file", False
    if info.flag_bits & 1:
        return "it is encrypted", False
    if info.file_size > MAX_SUBMISSION:
        return f"it unpacks to more than {MAX_SUBMISSION // 1024**2} MiB", True
    if info.file_size > 1_000_000 and info.file_size > MOST_SHRUNK * max(1, info.compress_size):
        return f"it unpacks to {info.file_size // max(1, info.compress_size):,} times its size", True
    return "", False


def _open(path: Path, follow: bool) -> int:
    """A descriptor of a plain file. Raises _NotAFile for a link (unless `follow`), a pipe, a device."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    if not follow:
        flags |= getattr(os, "O_NOFOLLOW", 0)
    try:
        descriptor = os.open(path, flags)
    except OSError as error:
        if error.errno == errno.ELOOP and not follow:
            raise _NotAFile("it is a link; links are not followed") from None
        raise
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise _NotAFile("it is not a file")
    return descriptor


def _bytes_of(path: Path, follow: bool) -> bytes:
    with os.fdopen(_open(path, follow), "rb") as file:
        return file.read(MAX_SUBMISSION + 1)


def _begins_a_zip(path: Path, follow: bool) -> bool:
    with os.fdopen(_open(path, follow), "rb") as file:
        first = file.read(4)
    return first == _SIGNATURE or path.suffix.lower() == ".zip"


def _table_size(file: io.BufferedIOBase) -> int:
    """The size of the table of contents as the end of a zip file says it, before anybody reads it."""
    size = file.seek(0, 2)
    file.seek(max(0, size - 65_557))
    tail = file.read()
    file.seek(0)
    at = tail.rfind(b"PK\x05\x06")
    return int.from_bytes(tail[at + 12 : at + 16], "little") if at >= 0 else 0
