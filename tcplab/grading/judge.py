"""One submission, graded: a recording or a script is played again, and only what it does counts."""

from __future__ import annotations

import time
from pathlib import Path

from tcplab.grading.exits import BELOW, DEFECT, LIMIT, PASSED, UNREADABLE
from tcplab.grading.result import failed_result, result_of
from tcplab.lab.lesson import Lab
from tcplab.session.build import student_seed
from tcplab.session.player import LimitExceeded, ScriptError, parse_script, play_recording, play_script
from tcplab.session.recording import Recording, RecordingError, parse_recording
from tcplab.session.session import Session, checked_lab

MAX_SUBMISSION = 64 * 1024 * 1024
#: These stop a runaway (a session keeps its events: five million are about two gigabytes); they never give a score.
WALL_SECONDS = 180
MAX_EVENTS_KEPT = 5_000_000


class Watch:
    """Tells a session when it runs away in real time: called now and then, True means stop."""

    def __init__(self, seconds: float = WALL_SECONDS) -> None:
        self._end = time.monotonic() + seconds

    def __call__(self, events: int) -> bool:
        return events > MAX_EVENTS_KEPT or time.monotonic() > self._end


def grade(path: str | Path, lab: str | Path, seed: int | None = None, student: str | None = None,
          threshold: int | None = None) -> dict:
    """Grade one submission (a recording or a script) of `lab` (an id or a file): the result object of `--json`.

    `threshold` is in percent (default: full marks). Raises LabNotFound and LabError for the lab; what is wrong with
    the submission stands in the result.
    """
    return grade_file(checked_lab(str(lab)), Path(path), seed, student, threshold)[1]


def grade_file(lab: Lab, path: Path, seed: int | None, student: str | None,
               threshold: int | None) -> tuple[int, dict]:
    """The exit code and the result of one submission. Never raises: a defect of ours is a result too."""
    try:
        with open(path, "rb") as file:
            data = file.read(MAX_SUBMISSION + 1)
        if len(data) > MAX_SUBMISSION:
            raise RecordingError(f"the file is larger than {MAX_SUBMISSION} bytes", 0, "hand in a recording")
        return _grade_bytes(lab, data, seed, student, threshold)
    except OSError as error:
        return _invalid(lab, f"cannot be read: {error.strerror}", seed, student)
    except RecordingError as error:
        place = f"line {error.line}: " if error.line else ""
        return _invalid(lab, f"{place}{error.message}" + (f"; {error.cure}" if error.cure else ""), seed, student)
    except ScriptError as error:
        return _invalid(lab, f"line {error.line}, column {error.column}: {error.message} {error.cure}".rstrip(),
                        seed, student)
    except LimitExceeded as error:
        return LIMIT, failed_result(lab, lab.id, "limit", str(error), seed, student)
    except Exception as error:  # noqa: BLE001 - the batch goes on, and the report says whose fault it is
        return DEFECT, failed_result(lab, lab.id, "error", f"a defect of tcplab: {type(error).__name__}: {error}",
                                     seed, student)


def _invalid(lab: Lab, message: str, seed: int | None, student: str | None) -> tuple[int, dict]:
    return UNREADABLE, failed_result(lab, lab.id, "invalid-submission", message, seed, student)


def _grade_bytes(lab: Lab, data: bytes, seed: int | None, student: str | None,
                 threshold: int | None) -> tuple[int, dict]:
    if data.lstrip()[:1] == b"{":
        session, source, complete = _play_recording(lab, parse_recording(data), seed, student)
    else:
        session, source, complete = _play_script(lab, data, seed, student)
    status = "limit" if session.limit_hit else "graded"
    result = result_of(session, seed_source=source, complete=complete, status=status, threshold=threshold,
                       error="a limit was reached" if session.limit_hit else None)
    return LIMIT if session.limit_hit else PASSED if result["passed"] else BELOW, result


def _play_recording(lab: Lab, recording: Recording, seed: int | None,
                    student: str | None) -> tuple[Session, str, bool]:
    source = "option"
    if student is not None:
        seed, source = student_seed(lab.id, student, recording.header.get("attempt", 1)), "student"
    elif seed is None:
        source = "header"
    return play_recording(recording, lab, seed, student, watch=Watch()), source, recording.complete


def _play_script(lab: Lab, data: bytes, seed: int | None, student: str | None) -> tuple[Session, str, bool]:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ScriptError(line, error.start - data.rfind(b"\n", 0, error.start), "this is not UTF-8 text",
                          "hand in a recording or a script") from None
    session = Session.open(lab, seed, student)
    session.watch = Watch()
    play_script(session, parse_script(text, session))
    source = "student" if student is not None else "option" if seed is not None else "default"
    return session, source, not session.limit_hit
