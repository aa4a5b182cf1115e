"""`tcplab export RECORDING`: a session played again and written as text, capture, Mermaid or pictures."""

from __future__ import annotations

import sys
from pathlib import Path

from tcplab.grading.clean import one_line
from tcplab.grading.exits import PASSED, USAGE, say
from tcplab.grading.headless import played
from tcplab.grading.text import LOOSE
from tcplab.session.player import is_own


def export(path: Path, lab_name: str | None, wanted: list[tuple[str, str]], relative: bool = False) -> int:
    """Write each (kind, file) of `wanted`; ``-`` is standard output. Returns the exit code."""
    found = played(path, lab_name)
    if isinstance(found, int):
        return found
    recording, session = found
    if not is_own(recording, session):
        say(one_line(f"{path}: {LOOSE} (--lab FILE names the lab's own file)"))
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
