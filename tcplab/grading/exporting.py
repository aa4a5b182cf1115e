"""`tcplab export RECORDING`: a session played again and written as text, capture, Mermaid or pictures."""

from __future__ import annotations

import sys
from pathlib import Path

from tcplab.grading.clean import one_line
from tcplab.grading.exits import INVALID_LAB, LIMIT, PASSED, UNREADABLE, USAGE, say
from tcplab.grading.text import LOOSE
from tcplab.lab.errors import LabError, LabNotFound
from tcplab.session.player import LimitExceeded, is_own, lab_of, play_recording
from tcplab.session.recording import RecordingError, read_recording
from tcplab.session.session import Session


def export(path: Path, lab_name: str | None, wanted: list[tuple[str, str]], relative: bool = False) -> int:
    """Write each (kind, file) of `wanted`; ``-`` is standard output. Returns the exit code."""
    session = _played(path, lab_name)
    if isinstance(session, int):
        return session
    from tcplab.export.files import render, write
    from tcplab.export.subject import of_session

    subject = of_session(session, relative)
    code = PASSED
    for kind, target in wanted:
        data = render(kind, subject)
        try:
            if target == "-":
                sys.stdout.buffer.write(data)
                sys.stdout.buffer.flush()
            else:
                write(target, data)
        except BrokenPipeError:
            raise
        except OSError as error:
            say(one_line(f"cannot write {target}: {error.strerror}; name a file in a folder that you may write"))
            code = USAGE
            continue
        if target != "-":
            say(one_line(f"{kind} written to {target}"))
    return code


def _played(path: Path, lab_name: str | None) -> Session | int:
    """The session of a recording; an exit code when it cannot be had (the reason is on stderr)."""
    try:
        recording = read_recording(path)
        session = play_recording(recording, lab_of(recording, lab_name))
        if not is_own(recording, session):
            say(one_line(f"{path}: {LOOSE} (--lab FILE names the lab's own file)"))
        return session
    except RecordingError as error:
        place = f"{path}:{error.line}" if error.line else f"{path}"
        say(one_line(f"{place}: {error}" + (f" ({error.cure})" if error.cure else "")))
        return UNREADABLE
    except LimitExceeded as error:
        say(one_line(f"{path}: {error}"))
        return LIMIT
    except LabNotFound as error:
        say(str(error))
        return USAGE
    except LabError as error:
        say(str(error))
        return INVALID_LAB
