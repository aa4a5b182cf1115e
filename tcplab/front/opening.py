"""Opening sessions for a learner: where a recording goes, which seed a session gets, how one is taken up again."""

from __future__ import annotations

import contextlib
import random
import shlex
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tcplab.front import house, survey

#: So many recordings are looked at, the newest first, to number a student's attempts.
MOST_RECORDINGS = 1_000


class OpeningError(Exception):
    """Why a session cannot be opened; `code` is the exit code of the command line that asked for it."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


def wall_clock() -> str:
    """The wall clock as a recording notes it; never judged."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def open_session(lab: str, seed: int | None = None, student: str | None = None, record: Path | None = None) -> Any:
    """A new session of a lab, recorded. Without seed and student it gets a seed of its own, shown on the screen.

    A student's attempts are numbered by what lies in the data folder and beside `record`, so that the next one has
    other numbers. Raises OpeningError.
    """
    from tcplab.lab.errors import LabError, LabNotFound
    from tcplab.lab.translate import translated
    from tcplab.session.labs import checked_lab
    from tcplab.session.recording import RecordingError
    from tcplab.session.session import Session

    if (rules := house.rules()) is not None:
        return rules.begin(lab)
    if seed is None and student is None:
        seed = random.SystemRandom().randrange(1, 1 << 31)
    if record is not None and record.exists() and record.stat().st_size:
        cure = f"`tcplab resume {record}` goes on with it; or name another file"
        raise OpeningError(f"{record} exists already: {cure}", 2)
    path = record or _new_recording(lab)
    try:
        model = translated(checked_lab(lab))
        attempt = 1 if student is None else _next_attempt(model.id, student, record)
        return Session.open(model, seed, student, attempt, path, wall_clock)
    except LabNotFound as error:
        raise OpeningError(str(error), 2) from None
    except LabError as error:
        raise OpeningError(str(error), 3) from None
    except RecordingError as error:
        raise OpeningError(str(error), 2) from None


def _next_attempt(lab: str, student: str, record: Path | None) -> int:
    """One more than the attempts at a lab that a student has begun with a command, as far as this computer knows them:
    by the data folder, the folder of `record`, and the recording last made of that lab."""
    from tcplab.lab.progress import load_progress

    known = [path for path, _, _ in recordings(MOST_RECORDINGS)]
    if record is not None:
        known += [path for _, path in _newest(record.parent, MOST_RECORDINGS)]
    if (kept := load_progress().labs.get(lab)) is not None and Path(kept.recording).is_file():
        known.append(Path(kept.recording))
    last = 0
    for path in known:
        one = survey.told(path)
        if one is None or one.lab != lab or not one.begun or not isinstance(one.attempt, int):
            continue
        same = str(one.student).casefold().split() == student.casefold().split()
        if same and 0 < one.attempt < MOST_RECORDINGS:
            last = max(last, one.attempt)
    return last + 1


def _new_recording(lab: str) -> Path | None:
    """A file of its own for this session, None when nothing can be written."""
    from tcplab.lab.progress import recordings_dir

    folder = recordings_dir()
    if folder is None:
        return None
    name = "".join(c if c.isalnum() or c in "-_" else "-" for c in Path(lab).stem)[:40] or "lab"
    stamp = datetime.now().strftime("%Y%m%d-%H%M%S")
    for number in range(1, 1000):
        path = folder / f"{name}-{stamp}{'' if number == 1 else f'-{number}'}.jsonl"
        if not path.exists():
            return path
    return None


def recordings(limit: int = 8) -> list[tuple[Path, str, float]]:
    """The newest recordings as (path, lab id, when changed)."""
    from tcplab.lab.progress import recordings_dir

    folder = recordings_dir()
    if folder is None:
        return []
    return [(path, one.lab if (one := survey.told(path)) else "?", when) for when, path in _newest(folder, limit)]


def _newest(folder: Path, limit: int) -> list[tuple[float, Path]]:
    """The recordings in a folder that were written last, and when; none where the folder cannot be read."""
    try:
        return sorted(((path.stat().st_mtime, path) for path in folder.glob("*.jsonl") if path.is_file()),
                      reverse=True)[:limit]
    except OSError:
        return []


def unfinished(lab: str, seed: int | None = None, student: str | None = None) -> Path | None:
    """The newest recording of a lab, if it was begun and not ended: where a learner goes on. None to begin anew.

    With a seed or a student only a recording made under it is meant.
    """
    standing = standings(seed, student).get(lab)
    return standing.stopped if standing is not None else None


def standings(seed: int | None = None, student: str | None = None) -> dict[str, survey.Standing]:
    """Every lab that the learner has recordings of: where it was left, and how long they worked at it."""
    from tcplab.lab.progress import load_progress

    forgotten = {lab: kept.forgotten for lab, kept in load_progress().labs.items()}
    return survey.survey((path for path, _, _ in recordings(MOST_RECORDINGS)), forgotten, seed, student)


def resume_session(which: str | Path, lab: str | None = None) -> Any:
    """Take up a recording where it stopped (``latest``: the newest one) and go on recording into it.

    Raises OpeningError.
    """
    from tcplab.lab.errors import LabError, LabNotFound
    from tcplab.lab.translate import translated
    from tcplab.session.player import LimitExceeded, lab_of, resume
    from tcplab.session.recording import RecordingError, read_recording

    path = Path(which)
    if str(which) == "latest":
        newest = recordings(1)
        if not newest:
            raise OpeningError("there is no recording to go on with yet: open a lab first", 2)
        path = newest[0][0]
    rules = house.rules()
    if rules is not None:
        path = rules.own(path)
    try:
        session = resume(path, translated(lab_of(read_recording(path), lab)), wall_clock)
    except LabNotFound as error:
        raise OpeningError(str(error), 2) from None
    except LabError as error:
        raise OpeningError(str(error), 3) from None
    except (RecordingError, LimitExceeded) as error:
        place = f":{error.line}" if getattr(error, "line", 0) else ""
        raise OpeningError(f"{path}{place}: {error}", 4) from None
    if rules is not None:
        rules.taken_up(session)
    return session


def program() -> str:
    """How a shell starts tcplab here: by its name if that is on the PATH, else as this process was started."""
    if shutil.which("tcplab"):
        return "tcplab"
    called = Path(sys.argv[0])
    if called.name == "tcplab" and called.exists():
        return shlex.quote(sys.argv[0])
    return f"{shlex.quote(sys.executable)} -m tcplab"


def lab_words(session: Any, lab_id: str) -> str:
    """The lab as a command line names it: a shipped one by its id, any other by its file."""
    from tcplab.lab.loader import labs_dir

    file = getattr(getattr(session, "lab", None), "file", "")
    if not file or Path(file).resolve().parent == labs_dir().resolve():
        return lab_id
    return shlex.quote(str(Path(file).resolve()))


def next_lab(lab_id: str) -> tuple[str, str] | None:
    """Id and title of the lab that follows a shipped one on the course; None after the last, or for any other lab."""
    from tcplab.lab.loader import list_labs
    from tcplab.lab.translate import language

    course = [entry for entry in list_labs(lang=language()) if entry.id != "sandbox"]
    places = [place for place, entry in enumerate(course) if entry.id == lab_id]
    after = course[places[0] + 1 :] if places else []
    return next(((entry.id, entry.title) for entry in after if not entry.problem), None)


def go_on_or_open(lab_id: str, seed: int | None = None, student: str | None = None) -> Any:
    """The session of a shipped lab that was left half-way, else a new one. Raises OpeningError."""
    stopped = unfinished(lab_id, seed, student)
    return resume_session(stopped) if stopped else open_session(lab_id, seed, student)


def words_met(opened: str) -> frozenset[str]:
    """The variables that the labs show which the learner has finished, but for the one `opened` now."""
    from tcplab.lab.errors import LabError, LabNotFound
    from tcplab.lab.loader import load_lab
    from tcplab.lab.progress import load_progress

    found: set[str] = set()
    for lab_id, kept in load_progress().labs.items():
        if kept.finished and lab_id != opened:
            try:
                lab = load_lab(lab_id)
            except (LabError, LabNotFound):
                continue  # a lab that is there no more
            found.update(lab.show or (), *(step.show for step in lab.steps))
    return frozenset(found)


def keep_progress(session: Any) -> None:
    """Write the score into the learner's progress."""
    from tcplab.lab.progress import record_progress

    guide = session.view().guide
    done = tuple(step.id for step in guide.steps if step.status == "done")
    record_progress(
        guide.lab_id,
        score=guide.score,
        max_score=guide.max_score,
        done=done,
        finished=bool(guide.step_total) and guide.phase == "finished",
        recording=str(session.recording_path.absolute()) if session.recording_path and session.recorded else "",
        walked=tuple(session.guide.walked) if hasattr(session, "guide") else (),
    )


def end_recording(session: Any) -> str:
    """A finished lab gets its trailer; any other recording is let go of at once, so that it can be gone on with.

    Where nothing was done but looked, no recording is left, if it is one of those made without being asked for.

    Returns what went wrong: on a full disk the trailer is missing, and nothing else.
    """
    from tcplab.session.recording import RecordingError

    if session.view().guide.phase != "finished":
        session.mark()
        if session.recorder is not None:
            path = session.recording_path
            session.recorder.abandon()
            session.recorder = None
            if house.rules() is None:
                _forget_unused(path)
        return ""
    try:
        session.close()
    except RecordingError as error:
        return str(error)
    return ""


def _forget_unused(path: Path | None) -> None:
    """Remove a recording of the learner's folder in which no command stands."""
    from tcplab.lab.progress import recordings_dir

    if path is not None and path.parent == recordings_dir() and (one := survey.told(path)) and not one.begun:
        with contextlib.suppress(OSError):
            path.unlink()
