"""A pytest plugin for course staff: checks of one's own, in a test file, over a session that was played again.

    def test_the_server_was_healed(tcplab_hand_in):
        assert tcplab_hand_in.value("server.state == 'ESTABLISHED'")
        assert tcplab_hand_in.saw("client SYN repeated")

    pytest check_handshake.py --tcplab-lab handshake --tcplab-submission hand-in.jsonl --tcplab-student ada

`tcplab_play` plays whatever a test hands it. It comes with the installation: pytest finds it by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

if TYPE_CHECKING:
    from tcplab.net.trace import SegmentRecord
    from tcplab.session.session import Session

# The laboratory is imported when a test first asks for it: pytest loads this file wherever tcplab is installed.


class Played(NamedTuple):
    """A session that was played to its end, and its result (the object of `tcplab grade --json`)."""

    session: Session
    result: dict

    def value(self, expr: str) -> object:
        """The value of an EXPR at the end of the session, None while it is not known. Raises NotationError."""
        from tcplab.notation.expr import compile_expr

        return self.session.evaluate(compile_expr(expr, self.session.context.names))

    def saw(self, match: str) -> list[SegmentRecord]:
        """The segments that fit a MATCH, in order, on the path on which the session ended. Raises NotationError."""
        from tcplab.notation.match import parse_match

        meant = parse_match(match, self.session.lab.host_names, self.session.context.names)
        env = self.session.env()
        return [event.seg for event in self.session.trace
                if event.seg is not None and meant.test(event.seg, event.kind, env)]

    def step(self, step_id: str) -> dict:
        """A step of the result. Raises KeyError for one that the lab does not have."""
        return {step["id"]: step for step in self.result["steps"]}[step_id]

    @property
    def score(self) -> int:
        return self.result["score"]


def play(lab: str | Path, commands: str | Path | bytes = b"", seed: int | None = None, student: str | None = None,
         staff: str | Path | None = None) -> Played:
    """Play `commands` (a text of commands, or the Path or bytes of a script or recording) in `lab` (an id or a file).

    Raises LabError for the lab, RecordingError and ScriptError for what was handed in.
    """
    from tcplab.grading.judge import Job, played
    from tcplab.grading.overlay import Overlay
    from tcplab.session.labs import checked_lab

    data = commands.read_bytes() if isinstance(commands, Path) else \
        commands.encode() if isinstance(commands, str) else commands
    model = checked_lab(str(lab))
    overlay = None if staff is None else Overlay.read(Path(staff), model)
    return Played(*played(model, data, Job(seed, student), overlay))


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options that say what is to be checked."""
    group = parser.getgroup("tcplab", "checking hand-ins of tcplab")
    group.addoption("--tcplab-lab", metavar="LAB", help="The lab (an id or a file) of the hand-ins.")
    group.addoption("--tcplab-submission", metavar="FILE", action="append", default=[],
                    help="A recording or a script; given several times, every check runs on each.")
    group.addoption("--tcplab-student", metavar="ID", help="Play it under this student's seed.")
    group.addoption("--tcplab-staff", metavar="OVERLAY", help="Judge it by this staff overlay as well.")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One run of a check for each hand-in."""
    if "tcplab_hand_in" in metafunc.fixturenames:
        files = metafunc.config.getoption("tcplab_submission")
        metafunc.parametrize("tcplab_hand_in", files or [None], indirect=True,
                             ids=[Path(name).name for name in files] or ["none"])


@pytest.fixture
def tcplab_hand_in(request: pytest.FixtureRequest) -> Played:
    """The hand-in named by --tcplab-submission, played; one that cannot be played is an error of the check."""
    name, option = getattr(request, "param", None), request.config.getoption
    if name is None or option("tcplab_lab") is None:
        pytest.fail("say what to check: --tcplab-lab LAB --tcplab-submission FILE", pytrace=False)
    from tcplab.session.player import LimitExceeded, ScriptError
    from tcplab.session.recording import RecordingError

    try:
        return play(option("tcplab_lab"), Path(name), None, option("tcplab_student"), option("tcplab_staff"))
    except (RecordingError, ScriptError, LimitExceeded, OSError) as error:
        line = getattr(error, "line", 0)
        problem = f"{name}{f', line {line}' if line else ''}: {error}"
    pytest.fail(problem, pytrace=False)


@pytest.fixture
def tcplab_play() -> Callable[..., Played]:
    """`play`: call it with a lab and commands (a text, a Path or bytes), and perhaps seed, student, staff."""
    return play
