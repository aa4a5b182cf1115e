"""One submission, graded: a recording or a script is played again, and only what it does counts."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tcplab.grading.clean import clean
from tcplab.grading.exits import BELOW, DEFECT, LIMIT, PASSED, UNREADABLE
from tcplab.grading.identity import id_fault, same
from tcplab.grading.overlay import Overlay
from tcplab.grading.pace import Pace
from tcplab.grading.result import failed_result, percent_of, result_of
from tcplab.grading.salt import Salt, read_salt
from tcplab.lab.lesson import Lab
from tcplab.session.build import student_seed
from tcplab.session.labs import checked_lab
from tcplab.session.player import LimitExceeded, ScriptError, is_own, parse_script, play_recording, play_script
from tcplab.session.recording import Line, Recording, RecordingError, parse_recording
from tcplab.session.session import Session

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


class Job(NamedTuple):
    """How a submission is to be played: under `seed` or as `student` (neither: as its header says), what passes
    (`threshold`, percent; None: full marks), and after how many real `seconds` it is a runaway. `salt` is that of the
    kiosk (key and fingerprint), for recordings that say they were made under it."""

    seed: int | None = None
    student: str | None = None
    threshold: int | None = None
    seconds: float = WALL_SECONDS
    salt: tuple[str, str] | None = None


def grade(path: str | Path, lab: str | Path, seed: int | None = None, student: str | None = None,
          threshold: str | int | None = None, staff: str | Path | None = None, salt: str | Path | None = None) -> dict:
    """Grade one submission (a recording or a script) of `lab` (an id or a file): the result object of `--json`.

    `threshold` is in percent (``"60%"`` or 60; default: full marks), `staff` a staff overlay (hidden checks), `salt`
    the file of a kiosk's salt. Raises LabNotFound and LabError for lab and overlay, SaltError for the salt, ValueError
    for a `student` that can be no id and a `threshold` that is no percentage; what is wrong with the submission stands
    in the result. It is played in this process, within the virtual limits; `tcplab.grading.batch.grade_all` plays files
    of strangers in limited ones.
    """
    percent, model = percent_of(threshold), checked_lab(str(lab))
    if student is not None and (fault := id_fault(student)):
        raise ValueError(fault)
    overlay = None if staff is None else Overlay.read(Path(staff), model)
    key = None if salt is None else read_salt(Path(salt))
    job = Job(seed, student, percent, salt=key and (key.key, key.fingerprint))
    return grade_file(model, Path(path), job, overlay)[1]


def grade_file(lab: Lab, path: Path, job: Job, overlay: Overlay | None = None) -> tuple[int, dict]:
    """The exit code and the result of one submission. Never raises: a defect of ours is a result too."""
    try:
        with open(path, "rb") as file:
            data = file.read(MAX_SUBMISSION + 1)
    except OSError as error:
        return _invalid(lab, f"cannot be read: {error.strerror}", job.seed, job.student)
    return grade_data(lab, data, job, overlay)


def _out_of_memory(error: BaseException | None) -> bool:
    """Whether memory ran out: where it does, what is raised may be a consequence (SystemError, ImportError...)."""
    while error is not None:
        if isinstance(error, (MemoryError, SystemError)):
            return True
        error = error.__cause__ or error.__context__
    return False


def grade_data(lab: Lab, data: bytes, job: Job, overlay: Overlay | None = None) -> tuple[int, dict]:
    """The same for the bytes of a submission."""
    seed, student = job.seed, job.student
    claims: dict = {}
    try:
        if len(data) > MAX_SUBMISSION:
            raise RecordingError(f"the file is larger than {MAX_SUBMISSION} bytes", 0, "hand in a recording")
        if not data.strip():
            raise RecordingError("the file is empty", 0, "hand in a recording or a script")
        code, result = _grade_bytes(lab, data, job, overlay, claims)
    except RecordingError as error:
        place = f"line {error.line}: " if error.line else ""
        code, result = _invalid(lab, place + _sentence(error.message, error.cure), seed, student)
    except ScriptError as error:
        code, result = _invalid(lab, f"line {error.line}, column {error.column}: {error}", seed, student)
    except LimitExceeded as error:
        code, result = LIMIT, failed_result(lab, lab.id, "limit", str(error), seed, student)
    except Exception as error:  # noqa: BLE001 - the batch goes on, and the report says whose fault it is
        if _out_of_memory(error):
            code, result = LIMIT, failed_result(lab, lab.id, "limit", NO_MEMORY, seed, student)
        else:
            code, result = DEFECT, failed_result(
                lab, lab.id, "error", f"a defect of tcplab: {type(error).__name__}: {error}", seed, student)
    return code, result | {"claims": claims or None}


def _sentence(message: str, cure: str) -> str:
    """What is wrong and what to do about it, with one mark between them."""
    return f"{message.rstrip('.;')}; {cure}" if cure else message


NO_MEMORY = "it takes more memory than a submission may"
NO_TIME = "it takes more time than a submission may"


def _invalid(lab: Lab, message: str, seed: int | None, student: str | None) -> tuple[int, dict]:
    return UNREADABLE, failed_result(lab, lab.id, "invalid-submission", message, seed, student)


def _grade_bytes(lab: Lab, data: bytes, job: Job, overlay: Overlay | None, claims: dict) -> tuple[int, dict]:
    session, result = played(lab, data, job, overlay, claims)
    return LIMIT if session.limit_hit else PASSED if result["passed"] else BELOW, result


def played(lab: Lab, data: bytes, job: Job, overlay: Overlay | None = None,
           claims: dict | None = None) -> tuple[Session, dict]:
    """A submission played to its end: the session as it stands there, and its result. `claims` is filled with what
    the header says. Raises RecordingError, ScriptError, LimitExceeded."""
    pace: list[Pace] = []

    def begun(session: Session) -> Callable[[Line], None]:
        if overlay is not None:
            overlay.watch(session)
        pace.append(Pace(session))
        return pace[0]

    exact = sealed = None
    if data.lstrip()[:1] == b"{":
        recording = parse_recording(data)
        if claims is not None:
            claims |= claims_of(recording)
        session, source, complete = _play_recording(lab, recording, job, begun)
        exact, sealed = is_own(recording, session), recording.sealed
    else:
        session, source, complete = _play_script(lab, data, job, begun)
    status = "limit" if session.limit_hit else "graded"
    result = result_of(session, seed_source=source, complete=complete, status=status, threshold=job.threshold,
                       error="a limit was reached" if session.limit_hit else None)
    if overlay is not None:
        overlay.judge(session, result, job.threshold)
    result["exact"], result["sealed"], result["threshold"] = exact, sealed, job.threshold
    result["pace"] = pace[0].told() if exact is not None else pace[0].told() | {"odd": []}
    return session, result


def claims_of(recording: Recording) -> dict:
    """What a recording's header says of itself: believed by nobody, but it helps to name who copied from whom."""
    header = recording.header
    student = header.get("student")
    return {"student": None if student is None else clean(student, 200), "seed": header["seed"],
            "attempt": header.get("attempt", 1), "salt": salt_claimed(header), "behaviour": header["behaviour"],
            "lab_sha256": clean(header["lab"]["sha256"], 64),
            "trace_sha256": clean(recording.end[2], 64) if recording.end else None, "ended": clean(recording.ended, 40)}


def _play_recording(lab: Lab, recording: Recording, job: Job, begun: Callable) -> tuple[Session, str, bool]:
    seed, source = job.seed, "option"
    if job.student is not None:
        claimed, spelled = recording.header.get("student"), job.student
        if claimed is not None and same(claimed, spelled):
            spelled = claimed  # the seed was drawn by how it was spelled there
        seed, source = _seed_of(lab.id, spelled, recording, job.salt), "student"
    elif seed is None:
        source = "header"
    session = play_recording(recording, lab, seed, job.student, watch=Watch(job.seconds), begun=begun)
    return session, source, recording.complete


def salt_claimed(header: dict) -> str | None:
    """The fingerprint of the salt under which a recording says it was made in a kiosk; None for none."""
    kiosk = header.get("kiosk")
    said = kiosk.get("salt") if isinstance(kiosk, dict) else None
    return clean(said, 16) if isinstance(said, str) else None


def _seed_of(lab_id: str, student: str, recording: Recording, salt: tuple[str, str] | None) -> int:
    """The seed that a student's recording has to have. Raises RecordingError where it takes a salt that is not here,
    or was made under another seed: a report may reach learners, so it must not name one that is still secret.

    Who says "no salt" gets the numbers that anybody can have at home, and the report says so.
    """
    said, attempt = salt_claimed(recording.header), recording.header.get("attempt", 1)
    if said is None:
        return student_seed(lab_id, student, attempt)
    if salt is None or salt[1] != said:
        raise RecordingError("it was made under the salt of a kiosk" + ("" if salt is None else " that is another one"),
                             1, "grade with --kiosk DIR, or with --salt FILE, a copy of its kiosk.salt")
    seed = Salt(*salt).seed(lab_id, student, attempt)
    if seed != recording.header["seed"]:
        raise RecordingError(f"its seed is not that of this student's attempt {attempt} in the kiosk", 1,
                             "hand in what `ssh HOST recording` gave you")
    return seed


def _play_script(lab: Lab, data: bytes, job: Job, begun: Callable) -> tuple[Session, str, bool]:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ScriptError(line, error.start - data.rfind(b"\n", 0, error.start), "this is not UTF-8 text",
                          "hand in a recording or a script") from None
    session = Session.open(lab, job.seed, job.student)
    session.watch = Watch(job.seconds)
    begun(session)
    play_script(session, parse_script(text, session))
    source = "student" if job.student is not None else "option" if job.seed is not None else "default"
    return session, source, not session.limit_hit
