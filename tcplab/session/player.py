"""Playing what was written down: scripts, and recordings that are executed again step for step.

A player believes nothing but the commands and where they stood. A line that cannot have been given there is a
forgery or damage, and is refused with its line number.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tcplab.lab.errors import LabNotFound, Problem
from tcplab.lab.lesson import Lab
from tcplab.lab.loader import lab_ids, load_lab
from tcplab.lab.places import Places
from tcplab.net.errors import NetError
from tcplab.notation.errors import NotationError, printable
from tcplab.session.commands import Command, parse_line
from tcplab.session.labs import checked_lab
from tcplab.session.recording import BEHAVIOUR, Line, Recorder, Recording, RecordingError, read_recording
from tcplab.session.runs import MAX_STEPS, MAX_TIME
from tcplab.session.session import Session

AS_WRITTEN = "hand in the file as tcplab wrote it"


class ScriptError(Exception):
    """A script that does not parse: line and column count from 1."""

    def __init__(self, line: int, column: int, message: str, cure: str) -> None:
        super().__init__(str(NotationError(message, 0, cure)))
        self.line, self.column, self.message, self.cure = line, column, message, cure


class ScriptCommand(NamedTuple):
    """One parsed command of a script and the line (from 1) it stands on."""

    line: int
    command: Command


def begin_problems(lab: Lab, path: Path, seed: int = 1) -> list[Problem]:
    """Why the lab in that file cannot begin, each at its place: settings that cannot be, commands that are refused."""
    try:
        faults = Session(lab, seed).lab_faults
    except NetError as error:
        faults = [error.message]
    places = Places(path)
    return [places.problem(places.text(fault.split("`")[1]) if "`" in fault else ("hosts",),
                           f"The lab cannot begin: {fault}", "Mend start: or hosts:.") for fault in faults]


def parse_script(text: str, session: Session) -> list[ScriptCommand]:
    """Read a whole script before anything of it runs. Raises ScriptError for the first line that does not parse."""
    commands: list[ScriptCommand] = []
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        try:
            commands += [ScriptCommand(number, command) for command in parse_line(line, session.context)]
        except NotationError as error:
            raise ScriptError(number, error.column + 1, error.message, error.cure) from None
    return commands


def play_script(session: Session, commands: list[ScriptCommand]) -> list[str]:
    """Carry out a parsed script; what was refused comes back as remarks with the line. Stops at a limit."""
    remarks: list[str] = []
    for line, command in commands:
        outcome = session.carry_out(command)
        if not outcome.ok:
            remarks.append(f"line {line}: `{command.text}` was refused: {outcome.message}")
        if session.limit_hit:
            remarks.append(f"line {line}: a limit was reached")
            break
    return remarks


def lab_of(recording: Recording, lab: str | None = None) -> Lab:
    """The lab a recording was made in: the one named, else the shipped one of its header.

    A recording never names a file. Raises LabNotFound or LabError.
    """
    if lab is not None:
        return checked_lab(lab)
    lab_id = recording.header["lab"]["id"]
    if lab_id not in lab_ids():
        raise LabNotFound(f"The recording was made in {printable(lab_id)!r}, which is not a shipped lab. "
                          "Name the lab's file with --lab FILE.")
    return load_lab(lab_id)


class LimitExceeded(Exception):
    """A recording that goes beyond the virtual limits (seven days, ten million steps)."""


def play_recording(recording: Recording, lab: Lab, seed: int | None = None, student: str | None = None,
                   attempt: int | None = None, watch: Callable[[int], bool] | None = None,
                   begun: Callable[[Session], Callable[[Line], None]] | None = None) -> Session:
    """Play a recording into a new session, under the header's seed; `seed` is the one it has to be.

    Under its own lab logic and rules every line must be true. Under another state of the lab or another behaviour
    version the commands are played as well as they fit, and what they achieve counts. `watch` may stop a runaway.
    `begun` is shown the session before anything is played, and gives what is told each line before it is repeated.
    Raises RecordingError naming the line (a recording of another seed is somebody else's), or LimitExceeded.
    """
    header = recording.header
    if header["lab"]["id"] != lab.id:
        raise RecordingError(f"it was made in the lab {header['lab']['id']!r}, not in {lab.id!r}", 1,
                             "hand in a recording of this lab")
    if seed is not None and seed != header["seed"]:
        raise RecordingError(f"it was made under seed {header['seed']}, but this hand-in has to be under seed {seed}",
                             1, "hand in a recording of your own (tcplab open LAB --student ID)")
    session = Session(lab, header["seed"],
                      header.get("student") if student is None else student,
                      header.get("attempt", 1) if attempt is None else attempt)
    session.watch = watch
    replay(session, recording, is_own(recording, session), begun(session) if begun else None)
    return session


def is_own(recording: Recording, session: Session) -> bool:
    """Whether the recording was made under the seed, lab logic and behaviour version of `session`."""
    header = recording.header
    return (header["seed"], header["behaviour"], header["lab"]["sha256"]) == (
        session.seed, BEHAVIOUR, session.lab.logic_sha256)


def replay(session: Session, recording: Recording, strict: bool = True,
           tell: Callable[[Line], None] | None = None) -> None:
    """Execute every line at its instant, up to the end. Raises RecordingError or LimitExceeded.

    Not `strict` means that lines may not fit what happens; the hash of the lines has to be right all the same.
    `tell` is told each line when the session stands where the line was given.
    """
    lines = list(recording.lines)
    if recording.end:
        last = (lines[-1].number if lines else 1) + 1
        lines.append(Line(recording.end[0], recording.end[1], None, "", last))
    for line in lines:
        if line.n > MAX_STEPS or line.t > MAX_TIME:
            raise LimitExceeded(f"line {line.number}: a session may last seven days and ten million steps")
        _go_to(session, line, strict)
        if tell is not None:
            tell(line)
        if line.cmd is not None:
            _repeat(session, line, strict)
    if recording.end:
        session.guide.settle_predictions()
    if recording.sealed is False:
        raise RecordingError("the trailer's lines_sha256 does not fit the lines: the file was changed after it was "
                             "written", lines[-1].number, AS_WRITTEN)
    if strict and recording.end and recording.end[2] != session.trace_sha256():
        raise RecordingError("the trailer's trace_sha256 does not fit what the commands do", lines[-1].number,
                             AS_WRITTEN)


def _go_to(session: Session, line: Line, strict: bool) -> None:
    """Let time run to where the line says it stood."""
    timeline = session.timeline
    while timeline.n < line.n and (strict or (session.next_at() or 0) <= line.t) and session.advance_one():
        if session.runs_away():
            raise LimitExceeded(f"line {line.number}: this takes more time or memory than a session may")
    if timeline.now < line.t and (timeline.n == line.n or not strict):
        session.advance_clock(line.t)
    if strict and (timeline.n, timeline.now) != (line.n, line.t):
        raise RecordingError(
            f"the session cannot have stood at step {line.n}, {line.t} ns: it is at step {timeline.n}, "
            f"{timeline.now} ns", line.number, AS_WRITTEN)


def _repeat(session: Session, line: Line, strict: bool) -> None:
    try:
        commands = parse_line(line.cmd or "", session.context)
    except NotationError as error:
        raise RecordingError(f"column {error.column + 1} of the command: {error}", line.number, AS_WRITTEN) from None
    if len(commands) != 1 or commands[0].kind in ("time", "look"):
        raise RecordingError("a recording holds one command a line, and none that only lets time pass", line.number,
                             AS_WRITTEN)
    before = session.recorded
    outcome = session.carry_out(commands[0])
    if strict and not outcome.ok and session.recorded == before:
        raise RecordingError(f"`{line.cmd}` cannot have been given here: {outcome.message}", line.number, AS_WRITTEN)


def resume(path: Path, lab: Lab | None = None, clock: Callable[[], str] = lambda: "") -> Session:
    """Take up a recording where it stopped, and go on recording into it: a trailer or half a line is taken off first.

    `lab` None means the shipped lab of its header. Raises RecordingError (nothing is changed then), LimitExceeded,
    LabNotFound.
    """
    recording = read_recording(path)
    session = play_recording(recording, lab or lab_of(recording))
    recorder = Recorder(path, session.header(), clock, append=True)
    try:
        os.truncate(path, recording.whole_bytes)
        recorder.take_up(path.read_bytes().splitlines())
    except OSError as error:
        recorder.abandon()
        raise RecordingError(f"cannot write {path}: {error.strerror}", 0, "copy it to a folder of your own") from None
    session.record_to(recorder)
    return session
