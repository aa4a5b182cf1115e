"""What may be asked without a screen: `ssh HOST status`, `submit [LAB]`, `recording [LAB]`. All else is refused."""

from __future__ import annotations

import hashlib
import json
import shlex
import sys
from pathlib import Path
from typing import Any, NamedTuple

from tcplab.front.opening import wall_clock
from tcplab.grading import kept
from tcplab.kiosk.seat import Seat, sits_there
from tcplab.notation.errors import printable

ERRANDS = "status [--json], submit [LAB], recording [LAB]"
MOST = 200


class Refused(Exception):
    """Something else was asked for, or it cannot be done; the message says what can."""


class Errand(NamedTuple):
    """A request understood: `verb`, and the lab ("": the one worked on last) or --json."""

    verb: str
    lab: str = ""
    as_json: bool = False


def errand(text: str) -> Errand:
    """Read what ssh was given as its command. Raises Refused for everything that is not on the list."""
    try:
        words = shlex.split(text[: MOST + 1]) if len(text) <= MOST else []
    except ValueError:
        words = []
    match words:
        case ["status"]:
            return Errand("status")
        case ["status", "--json"]:
            return Errand("status", as_json=True)
        case [("submit" | "recording") as verb]:
            return Errand(verb)
        case [("submit" | "recording") as verb, lab] if kept.attempt_of(f"{lab}.001.jsonl"):
            return Errand(verb, lab)
    raise Refused(f"{printable(text, 80)!r} cannot be asked for here. There are: {ERRANDS}. "
                  "Without a command (ssh -t) the course opens.")


def run(seat: Seat, text: str) -> int:
    """Do an errand; data on standard output, talk on standard error. Returns the exit code: 0, or 2 refused."""
    try:
        wanted = errand(text)
        {"status": _status, "submit": _submit, "recording": _recording}[wanted.verb](seat, wanted)
    except Refused as problem:
        print(f"tcplab: {problem}", file=sys.stderr)
        return 2
    return 0


def newest(seat: Seat, lab: str) -> kept.Kept:
    """The last attempt at a lab, or at whatever was begun or taken up last. Raises Refused when there is none."""
    found = {(one.lab, one.attempt): one for one in kept.recordings(seat.folder) if not lab or one.lab == lab}
    last = [(line.get("lab"), line.get("attempt")) for line in seat.journal() if line["event"] in ("open", "resume")]
    for which in reversed(last):
        if not lab and which in found:
            return found[which]
    if not found:
        raise Refused(f"you have not begun {lab or 'any lab'} here yet")
    return found[max(found)]


def standing(seat: Seat) -> list[dict[str, Any]]:
    """Where the learner stands in each lab they have begun: the last attempt, and the best points of all."""
    rows: dict[str, dict[str, Any]] = {}
    for line in seat.journal():
        lab, attempt = line.get("lab"), line.get("attempt")
        if not isinstance(lab, str) or not isinstance(attempt, int):
            continue
        row = rows.setdefault(lab, {"lab": lab, "attempt": 0, "step": "", "number": 0, "of": 0, "score": 0, "best": 0,
                                    "max_score": 0, "finished": False, "submitted": 0})
        if line["event"] == "open" and attempt > row["attempt"]:
            row |= {"attempt": attempt, "step": "", "number": 0, "score": 0, "finished": False}
        elif line["event"] == "step":
            row["best"] = max(row["best"], _whole(line.get("score")))
            if attempt == row["attempt"]:
                row |= {"step": printable(str(line.get("step", "")), 40), "number": _whole(line.get("number")),
                        "of": _whole(line.get("of")), "score": _whole(line.get("score")),
                        "max_score": _whole(line.get("max_score")), "finished": line.get("phase") == "finished"}
        elif line["event"] == "submit":
            row["submitted"] = attempt
    return list(rows.values())


def _whole(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _status(seat: Seat, wanted: Errand) -> None:
    rows, here = standing(seat), sits_there(seat.folder)
    if wanted.as_json:
        print(json.dumps({"learner": seat.student, "logged_in": here, "labs": rows}))
        return
    print(f"{seat.student}: {'logged in now' if here else 'not logged in'}")
    for row in rows:
        at = "finished" if row["finished"] else f"step {row['number']} of {row['of']}"
        more = f", best {row['best']}" if row["best"] > row["score"] else ""
        handed = f", attempt {row['submitted']} handed in" if row["submitted"] else ""
        print(f"  {printable(row['lab'], 40):<20} attempt {row['attempt']}: {at}, {row['score']} of "
              f"{row['max_score']} points{more}{handed}")
    if not rows:
        print("  nothing begun yet")


def _recording(seat: Seat, wanted: Errand) -> None:
    one = newest(seat, wanted.lab)
    data = _bytes(one.path)
    if seat.salt() is not None and not kept.ended(one.path):
        # Its header tells the seed: with that the same numbers could be tried at home, before going on here.
        raise Refused(f"{one.lab}, attempt {one.attempt} is not over. Hand it in first (ssh HOST submit {one.lab}); "
                      "then it can be taken home, and not be gone on with")
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
    print(f"tcplab: {one.lab}, attempt {one.attempt}, {len(data):,} bytes", file=sys.stderr)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Refused(f"{path.name} cannot be read: {error.strerror}. Tell your instructor.") from None


def _submit(seat: Seat, wanted: Errand) -> None:
    """Put the trailer under the attempt, as leaving a finished lab does; the journal keeps its hash and points."""
    from tcplab.lab.errors import LabError, LabNotFound
    from tcplab.session.player import LimitExceeded, lab_of, play_recording, resume
    from tcplab.session.recording import RecordingError, parse_recording

    one = newest(seat, wanted.lab)
    try:
        recording = parse_recording(_bytes(one.path))
        if recording.complete:
            session = play_recording(recording, lab_of(recording))
        else:
            session = resume(one.path, clock=wall_clock)
            session.close()
        guide = session.view().guide
        digest = hashlib.sha256(_bytes(one.path)).hexdigest()
        seat.note("submit", lab=one.lab, attempt=one.attempt, score=guide.score, max_score=guide.max_score,
                  sha256=digest)
    except RecordingError as error:
        what = f"{error}; tell your instructor".replace(str(one.path), one.path.name)
        if "another session" in str(error):
            what = ("a login of yours has it open: leave the lab with q first. After a lost line log in again "
                    "(ssh -t HOST), which takes it over, leave with q, and hand it in")
        raise Refused(f"{one.lab}, attempt {one.attempt} cannot be handed in: {what}") from None
    except (LabNotFound, LabError, LimitExceeded) as error:
        raise Refused(f"{one.lab}, attempt {one.attempt} cannot be handed in: {error}") from None
    except OSError as error:
        raise Refused(f"it cannot be written down: {error.strerror}. Tell your instructor.") from None
    print(f"{one.lab}, attempt {one.attempt}: handed in with {guide.score} of {guide.max_score} points")
