"""A lab file that is being written: opened as learners see it, and read anew whenever it is saved.

What was done so far is done again in the new lab, as well as it fits, so that the author stays where they were.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tcplab.lab.errors import LabNotFound, Problem, in_order
from tcplab.lab.loader import lint_file
from tcplab.session.labs import command_checker
from tcplab.session.player import LimitExceeded, begin_problems, replay
from tcplab.session.recording import Line, Recording, RecordingError
from tcplab.session.session import Session


class Tape:
    """A recorder that keeps its lines in memory; see `tcplab.session.recording.Recorder`."""

    path = None

    def __init__(self) -> None:
        self.lines: list[Line] = []

    def command(self, t: int, n: int, text: str) -> None:
        self.lines.append(Line(t, n, text, "", len(self.lines) + 1))

    def mark(self, t: int, n: int) -> None:
        self.lines.append(Line(t, n, None, "", len(self.lines) + 1))

    def finish(self, t: int, n: int, _trace_sha256: str) -> None:
        self.mark(t, n)


class Preview:
    """One lab file under one seed. `problems` are those of the last look, `session` the newest one without errors."""

    def __init__(self, path: Path, seed: int = 1) -> None:
        self.path, self.seed = path, seed
        self.session: Session | None = None
        self.problems: Sequence[Problem] = ()
        self._tape = Tape()
        self._seen: tuple[int, int] | None = None

    def changed(self) -> bool:
        """Whether the file was saved since it was last read. A file that is missing just now is being saved."""
        now = self._stamp()
        return now is not None and now != self._seen

    def _stamp(self) -> tuple[int, int] | None:
        try:
            stat = self.path.stat()
        except OSError:
            return None
        return stat.st_mtime_ns, stat.st_size

    def read(self) -> bool:
        """Read the file. Returns whether there is a new session; if not, `problems` say why and the old one stands.

        Raises LabNotFound when it cannot be read at all.
        """
        self._seen = self._stamp()
        lab, problems = lint_file(self.path, command_checker)
        self.problems = problems
        if lab is None:
            return False
        begins = begin_problems(lab, self.path, self.seed)
        if begins:
            self.problems = in_order([*problems, *begins])
            return False
        self._go_back(Session(lab, self.seed))
        return True

    def _go_back(self, session: Session) -> None:
        """Do again what was done, and record it for the next time."""
        if self.session is not None:
            self.session.mark()
        lines, self._tape = self._tape.lines, Tape()
        session.record_to(self._tape)
        try:
            replay(session, Recording({}, lines), strict=False)
        except (RecordingError, LimitExceeded):
            pass  # what follows belongs to the lab as it was
        self.session = session


def source_line(problem: Problem) -> str:
    """The line of the file that a problem is about; empty when it cannot be read."""
    try:
        lines = Path(problem.file).read_text("utf-8", "replace").splitlines()
    except OSError:
        return ""
    return lines[problem.line - 1] if 0 < problem.line <= len(lines) else ""


__all__ = ["LabNotFound", "Preview", "source_line"]
