"""What a learner has done, kept between sessions in one small file.

Two sessions may write at once: each change is read, merged and replaced as a whole under a lock. A file that cannot
be read is set aside, never lost; where nothing can be written the laboratory works without progress.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import platformdirs

_FORMAT = "tcplab/progress/1"
_MAX_BYTES = 4 * 1024 * 1024
_PATIENCE_S = 2.0


@dataclass(frozen=True, slots=True)
class LabProgress:
    """One lab: `best` of `max_score` points, the ids of steps done in the best or newest session, its recording.

    `forgotten` is the recording that was half-way when the learner began the lab anew: it is no longer gone on with.
    """

    best: int = 0
    max_score: int = 0
    done: tuple[str, ...] = ()
    finished: bool = False
    recording: str = ""
    forgotten: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """All labs by id. `note` says what went wrong with the file, for the screen to tell; else it is empty.

    `toured`: the tour of the screen was shown, or declined. `walked`: the edges of the state diagram that this learner
    has walked in any lab, as (from, to), in the order in which they came.
    """

    labs: dict[str, LabProgress] = field(default_factory=dict)
    note: str = ""
    toured: bool = False
    walked: tuple[tuple[str, str], ...] = ()

    def of(self, lab_id: str) -> LabProgress:
        return self.labs.get(lab_id, LabProgress())


def home() -> Path:
    """Where a learner's files are kept; TCPLAB_HOME overrides."""
    chosen = os.environ.get("TCPLAB_HOME")
    return Path(chosen).expanduser() if chosen else Path(platformdirs.user_data_dir("tcplab", appauthor=False))


def recordings_dir(directory: Path | None = None) -> Path | None:
    """Where recordings go by default, made if need be; None when nothing can be written there."""
    path = (directory or home()) / "recordings"
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return path if os.access(path, os.W_OK) else None


def load_progress(directory: Path | None = None) -> Progress:
    """What is kept. Never raises: a damaged file is renamed and named in `note`."""
    path = (directory or home()) / "progress.json"
    try:
        with path.open("rb") as file:
            raw = file.read(_MAX_BYTES + 1)
    except FileNotFoundError:
        return Progress()
    except OSError as error:
        return Progress(note=f"Progress cannot be read: {error.strerror or error}.")
    try:
        return _parse(raw)
    except (ValueError, TypeError, RecursionError):
        return Progress(note=_set_aside(path))


def _parse(raw: bytes) -> Progress:
    data = json.loads(raw.decode("utf-8")) if len(raw) <= _MAX_BYTES else None
    if not isinstance(data, dict) or data.get("format") != _FORMAT or not isinstance(data.get("labs"), dict):
        raise ValueError("not a progress file")
    labs = {str(lab_id): _entry(entry) for lab_id, entry in data["labs"].items()}
    return Progress(labs, toured=data.get("toured") is True, walked=_edges(data.get("walked", [])))


def _edges(data: object) -> tuple[tuple[str, str], ...]:
    if not isinstance(data, list) or not all(isinstance(edge, list) and len(edge) == 2 for edge in data):
        raise TypeError("no list of edges")
    return tuple(dict.fromkeys((str(source), str(target)) for source, target in data))


def _entry(entry: object) -> LabProgress:
    if not isinstance(entry, dict):
        raise TypeError("not an entry")
    best, top, done = entry.get("best", 0), entry.get("max_score", 0), entry.get("done", [])
    if not isinstance(best, int) or not isinstance(top, int) or not isinstance(done, list):
        raise TypeError("not an entry")
    return LabProgress(
        best, top, tuple(str(step) for step in done), entry.get("finished") is True, str(entry.get("recording", "")),
        str(entry.get("forgotten", "")),
    )


def _set_aside(path: Path) -> str:
    for number in range(1, 1000):
        aside = path.with_name(f"progress.damaged-{number}.json")
        if aside.exists():
            continue
        try:
            os.rename(path, aside)
        except OSError:
            return "Progress is damaged and cannot be set aside."
        return f"Progress was damaged; it is kept as {aside.name} and begins anew."
    return "Progress is damaged."


def record_progress(
    lab_id: str, *, score: int, max_score: int, done: Sequence[str] = (), finished: bool = False,
    recording: str = "", walked: Iterable[tuple[str, str]] = (), directory: Path | None = None,
) -> Progress:  # fmt: skip
    """Merge one session's outcome: the best score stays, done steps and walked edges add up.

    Never raises; see `Progress.note`.
    """
    def merge(kept: Progress) -> Progress:
        entry = _merged(kept.of(lab_id), score, max_score, done, finished, recording)
        edges = tuple(dict.fromkeys((*kept.walked, *walked)))
        return replace(kept, labs=kept.labs | {lab_id: entry}, walked=edges)

    return _change(merge, directory)


def reset_progress(lab_id: str, recording: str = "", directory: Path | None = None) -> Progress:
    """Forget what was reached in a lab, and that `recording` of it was half-way. No recording is removed.

    Edges stay walked. Never raises; see `Progress.note`.
    """
    def merge(kept: Progress) -> Progress:
        return replace(kept, labs=kept.labs | {lab_id: LabProgress(forgotten=recording)})

    return _change(merge, directory)


def record_tour(directory: Path | None = None) -> Progress:
    """The learner has seen the tour, or did not want it. Never raises; see `Progress.note`."""
    return _change(lambda kept: replace(kept, toured=True), directory)


def _change(merge: Callable[[Progress], Progress], directory: Path | None) -> Progress:
    """Read, merge and replace the file as a whole, under the lock."""
    base = directory or home()
    try:
        base.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        return replace(load_progress(directory), note=f"Progress is not kept: {error.strerror or error}.")
    with _locked(base / "progress.lock"):
        progress = merge(load_progress(directory))
        try:
            _write(base / "progress.json", progress)
        except OSError as error:
            progress = replace(progress, note=f"Progress is not kept: {error.strerror or error}.")
    return progress


def _merged(
    old: LabProgress, score: int, max_score: int, done: Sequence[str], finished: bool, recording: str
) -> LabProgress:
    # A lab that was changed has another maximum: then only the new result means anything.
    best = max(old.best, score) if old.max_score == max_score else score
    steps = dict.fromkeys((*old.done, *done))
    return LabProgress(best, max_score, tuple(steps), old.finished or finished, recording or old.recording,
                       old.forgotten)


def _write(path: Path, progress: Progress) -> None:
    data = {"format": _FORMAT, "labs": {lab_id: asdict(entry) for lab_id, entry in sorted(progress.labs.items())}}
    if progress.toured:
        data["toured"] = True
    if progress.walked:
        data["walked"] = progress.walked
    handle, name = tempfile.mkstemp(prefix="progress-", suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(data, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold the lock file, or go on without it: on a file system that knows no locks, replacing is still atomic."""
    try:
        handle = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    except OSError:
        yield
        return
    try:
        _take(handle)
        yield
    finally:
        os.close(handle)  # which also gives the lock back, as does the end of a killed process


def _take(handle: int) -> None:
    try:
        import fcntl
    except ImportError:
        return
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > deadline:
                return
            time.sleep(0.01)
        except OSError:
            return
