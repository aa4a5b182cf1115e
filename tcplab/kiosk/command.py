"""`tcplab kiosk DIR`: what OpenSSH starts instead of a shell."""

from __future__ import annotations

import contextlib
import os
import pwd
import resource
import signal
import sys
import time
from pathlib import Path
from typing import NamedTuple

from tcplab.grading import kept
from tcplab.grading.identity import folded, folder_name
from tcplab.kiosk import errands
from tcplab.kiosk.environment import environment
from tcplab.kiosk.seat import Seat, SeatError
from tcplab.notation.errors import printable

#: No file of a learner's is larger: 64 MiB, as large as a recording may be.
MOST_BYTES = 64 * 1024 * 1024


class Options(NamedTuple):
    """The options of the command line: times in seconds."""

    student: str | None = None
    idle: float = 1800
    cpu: int = 600
    events: int = 60_000


def kiosk(folder: Path, options: Options) -> int:
    """Open the course for whoever has logged in, or do the errand they came for. Returns the exit code."""
    _shut()
    asked = os.environ.get("SSH_ORIGINAL_COMMAND", "")
    try:
        seat = _seat(folder, options.student)
        given = dict(os.environ)
        os.environ.clear()
        os.environ.update(environment(given, seat.folder))
        _limit(options.cpu)
        if asked.strip():
            if seat.folder.exists():  # an errand makes no folder: only who sits down stands on the board
                seat.make()
                os.chdir(seat.exports)
            _use_labs(seat)
            return errands.run(seat, asked)
        return _course(seat, options)
    except SeatError as error:
        return _say(str(error))


def _say(words: str) -> int:
    print(f"tcplab: {printable(words, 500)}", file=sys.stderr)
    return 2


def _shut() -> None:
    """Nothing stops the kiosk to show what is behind it; no file is for the world; no memory is left in a file."""
    for name in ("SIGTSTP", "SIGTTIN", "SIGTTOU", "SIGQUIT"):
        signal.signal(getattr(signal, name), signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.umask(0o027)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _limit(cpu: int) -> None:
    """Computing time, and the size of a file. A smaller limit that holds already stays."""
    for which, soft, hard in ((resource.RLIMIT_CPU, cpu, cpu + 30), (resource.RLIMIT_FSIZE, MOST_BYTES, MOST_BYTES)):
        with contextlib.suppress(OSError, ValueError):
            held = resource.getrlimit(which)
            least = [new if old == resource.RLIM_INFINITY else min(old, new)
                     for old, new in zip(held, (soft, hard), strict=True)]
            resource.setrlimit(which, (least[0], least[1]))


def _seat(folder: Path, student: str | None) -> Seat:
    """The learner's place. A `--student` is a name that the operator wrote: one that was written otherwise before
    (``Ada`` for ``ada``) is the learner who has a folder already."""
    written = student is not None
    if student is None:
        try:
            student = pwd.getpwuid(os.getuid()).pw_name
        except KeyError:
            student = f"uid-{os.getuid()}"
    try:
        name = folder_name(student)
        whole = folder.resolve()
        if not whole.is_dir():
            raise SeatError(f"the course's folder {folder} is not there. Tell your instructor.")
        if written and not (whole / kept.LEARNERS / name).exists():
            name = next((one.name for one in kept.folders(whole) if folded(one.name) == folded(name)), name)
    except FileNotFoundError:
        pass  # nobody has logged in yet
    except (OSError, ValueError) as error:
        raise SeatError(f"{error}. Tell your instructor.") from None
    return Seat(whole, name)


def _use_labs(seat: Seat) -> None:
    from tcplab.lab.loader import use_labs_of

    own = seat.kiosk / kept.LABS
    use_labs_of(own if own.is_dir() else None)


def _course(seat: Seat, options: Options) -> int:
    from tcplab.front import house
    from tcplab.kiosk import app
    from tcplab.kiosk.rules import KioskRules

    no_screen = app.refusal()
    if no_screen:
        print(f"tcplab: {no_screen}", file=sys.stderr)
        return 2
    took_over = seat.sit()
    try:
        os.chdir(seat.exports)
        cut_short = _cut_short(seat)
        seat.note("login", **{"from": printable(os.environ.get("SSH_CONNECTION", "").partition(" ")[0])},
                  took_over=took_over)
        _use_labs(seat)
        rules = KioskRules(seat, options.events)
        house.enter(rules)
        why, code = app.run(rules, options.idle, _go_on(cut_short))
        seat.try_note("end", why=why)
        app.farewell(why)
        return code
    except OSError as error:
        return _say(f"nothing can be kept here: {error.strerror}. Tell your instructor.")
    finally:
        seat.rise()


def _cut_short(seat: Seat) -> Path | None:
    """The attempt before which a login was ended by anything but the learner: they go on there at once."""
    attempt = None
    for line in seat.journal():
        if line["event"] in ("open", "resume"):
            attempt = line.get("lab"), line.get("attempt")
        elif line["event"] == "close" or (line["event"] == "end" and line.get("why") == "left"):
            attempt = None
    if attempt is None:
        return None
    return next((one.path for one in kept.recordings(seat.folder) if (one.lab, one.attempt) == attempt), None)


def _go_on(path: Path | None) -> object:
    """The session that was cut short; None where there is none, or it cannot be taken up: then home comes first."""
    from tcplab.front import opening
    from tcplab.session.recording import RecordingError, read_recording

    for patience in (0.3, 0.7, 0):  # a killed login lets go of its files one after another
        try:
            if path is None or read_recording(path).complete:
                return None
            return opening.resume_session(path)
        except (opening.OpeningError, RecordingError):
            time.sleep(patience)
    return None
