"""`tcplab lab record`: what was played on the bench, written out as a lab with steps, goals and solution.

Each burst of commands, with the time that passed after it, becomes a task; its goal is what had changed at its end. The
last step is a challenge: all of it once more, without named commands. Texts are for the author to improve.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tcplab.grading.exits import INVALID_LAB, UNREADABLE, USAGE, say
from tcplab.grading.linting import examine, solution_problems
from tcplab.grading.retelling import calmed, differences, facts_of, let_pass, seen
from tcplab.grading.starting import id_of, write_new
from tcplab.lab.errors import LabError, LabNotFound
from tcplab.lab.lesson import Lab
from tcplab.session.labs import checked_lab
from tcplab.session.player import (
    LimitExceeded,
    ScriptError,
    lab_of,
    parse_script,
    play_recording,
    play_script,
)
from tcplab.session.recording import RecordingError, parse_recording
from tcplab.session.session import Session

#: Keys of the lab that was played on which stay as they are.
_KEPT = ("profile", "ip", "link", "hosts")
#: Commands that only prepare; before anything else they belong to the beginning.
_PREPARING = ("listen", "app", "set")


@dataclass
class Burst:
    """Commands at one instant and the time that passed after them; `facts` are those after each line, `goal` what is
    other than before at its end."""

    lines: list[str] = field(default_factory=list)
    facts: list[dict[str, object]] = field(default_factory=list)
    goal: dict[str, object] = field(default_factory=dict)

    def cut(self) -> None:
        """Leave out what comes after the goal: it would begin the next step, which goes back to the start."""
        ends = (place for place, facts in enumerate(self.facts, 1)
                if all(facts[name] == value for name, value in self.goal.items()))
        self.lines = self.lines[:next(ends, len(self.lines))]


class Unwritable(Exception):
    """Why no lab can be made of it; `code` is the exit code."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


def played(source: str, text: bytes, lab_name: str | None, seed: int) -> Session:
    """The session of a recording or a script, at its end. Raises Unwritable."""
    try:
        if text.lstrip().startswith(b"{"):
            recording = parse_recording(text)
            lab = lab_of(recording, lab_name)
            _without_steps(lab)
            return play_recording(recording, lab)
        lab = checked_lab(lab_name or "sandbox")
        _without_steps(lab)
        session = Session(lab, seed)
        remarks = play_script(session, parse_script(text.decode("utf-8"), session))
    except LabNotFound as error:
        raise Unwritable(str(error), USAGE) from None
    except LabError as error:
        raise Unwritable(str(error), INVALID_LAB) from None
    except ScriptError as error:
        place = f"{source}:{error.line}:{error.column}"
        raise Unwritable(f"{place}: {error}", UNREADABLE) from None
    except (RecordingError, LimitExceeded, UnicodeDecodeError) as error:
        raise Unwritable(f"{source} cannot be played: {error}", UNREADABLE) from None
    if remarks:
        raise Unwritable(f"{source}: {remarks[0]}", UNREADABLE)
    return session


def _without_steps(lab: Lab) -> None:
    if lab.steps:
        raise Unwritable(f"{lab.id} has steps of its own; play on the sandbox, or on a lab file without steps", USAGE)


def bench_for(out: Path, name: str | None) -> Lab | int:
    """The lab to play on, before anything is played; an exit code when there is none, or `out` cannot be written."""
    try:
        lab = checked_lab(name or "sandbox")
        _without_steps(lab)
    except (LabNotFound, LabError, Unwritable) as error:
        say(str(error))
        return getattr(error, "code", INVALID_LAB if isinstance(error, LabError) else USAGE)
    if not out.parent.is_dir():
        say(f"there is no folder {out.parent}")
        return USAGE
    return lab


def bursts(session: Session) -> tuple[list[str], list[Burst]]:
    """What prepares (for `start:`), and the bursts of the path that the session is on."""
    again = Session(session.lab, session.seed)
    start, found, last = [], [], facts_of(again)
    waiting = Burst()
    stops = [(done.n, done.t, done.command) for done in session.timeline.done]
    for n, t, command in [*stops, (session.timeline.n, session.now, None)]:
        passed = let_pass(again, n, t)
        now = facts_of(again)
        if passed and (waiting.lines or found):
            target = waiting if waiting.lines else found[-1]
            target.lines += passed
            target.facts += [now] * len(passed)
        if waiting.lines and (passed or command is None):
            waiting.goal = {name: value for name, value in now.items() if value != last[name]}
            found.append(waiting)
            waiting, last = Burst(), now
        if command is None:
            break
        if not again.carry_out(command).ok:
            continue  # it was refused when it was played, and would be in the lab
        if not waiting.lines and not found and command.row.verb in _PREPARING:
            start.append(command.text)
        else:
            waiting.lines.append(command.text)
            waiting.facts.append(facts_of(again))
    return start, _joined(found)


def _joined(found: list[Burst]) -> list[Burst]:
    """A burst that changed nothing that can be told belongs to the one after it; at the end it is left out."""
    whole: list[Burst] = []
    joined = Burst()
    for burst in found:
        joined = Burst(joined.lines + burst.lines, joined.facts + burst.facts, burst.goal)
        if burst.goal:
            whole.append(joined)
            joined = Burst()
    if whole:
        whole[-1].cut()
    return whole


def lab_text(session: Session, lab_id: str) -> str:
    """The whole lab file. Raises Unwritable when nothing happened that a goal could name."""
    session = calmed(session)
    start, found = bursts(session)
    if not found:
        raise Unwritable("nothing was played that changed a state or brought bytes: connect, send, let time run", USAGE)
    return "\n".join(_lines(session, lab_id, start, found)) + "\n"


def _lines(session: Session, lab_id: str, start: list[str], found: list[Burst]) -> Iterator[str]:
    yield f"# Recorded on {session.lab.id} under seed {session.seed}. Improve the texts, ask questions, then:"
    yield "# tcplab lab preview FILE   tcplab lab lint FILE   tcplab lab test FILE      tcplab lab guide"
    yield from ("tcplab: 1", f"id: {lab_id}", f"title: {_quoted(lab_id.replace('-', ' ').capitalize())}",
                "summary: What happens here?", "minutes: 5")
    yield from _head(session.lab)
    if start:
        yield f"start: {_quoted(start)}"
    yield from ("", "steps:")
    solution = []
    for number, burst in enumerate(found, 1):
        marks = " then ".join(f"[[{line}]]" for line in burst.lines)
        yield from (f"  - id: step-{number}", "    task: |-", f"      {marks}",
                    f"    goal: {_quoted(_all_of(burst.goal))}",
                    '    after: "What has happened, and why?"', "")
        solution.append(f"  step-{number}: {_quoted(burst.lines)}")
    whole = Session(session.lab, session.seed)  # what was cut off is no part of the challenge
    for line in (*start, *(line for burst in found for line in burst.lines)):
        whole.execute(line)
    matches = seen(whole)
    yield from ("  - id: alone", "    title: On your own", "    challenge: true", "    from: start",
                '    task: "Do it once more, without being told how."')
    if matches:
        yield f"    see: {_quoted(matches)}"
    facts = {name: value for name, value in facts_of(whole).items() if value not in (0, None)}
    yield from (f"    goal: {_quoted(_all_of(facts))}", "    points: 6", "", "solution:", *solution,
                f"  alone: {_quoted([line for burst in found for line in burst.lines])}")


def _all_of(facts: dict[str, object]) -> str:
    return " and ".join(f"{name} == {value!r}" for name, value in facts.items())


def _quoted(value: object) -> str:
    """JSON is YAML too."""
    return json.dumps(value, ensure_ascii=False)


def _head(lab: Lab) -> Iterator[str]:
    """The keys of the lab that was played on which say what it is played with, as they are written."""
    inside = False
    for line in Path(lab.file).read_text("utf-8-sig").splitlines():
        if re.match(r"[A-Za-z_#]", line):
            inside = line.partition(":")[0].strip() in _KEPT
        if inside and line.strip():
            yield line


def record(out: Path, source: Path, lab_name: str | None, seed: int, keep: bool = False) -> int:
    """`tcplab lab record OUT --from FILE`. With `keep`, what was played is kept where no lab can be made of it.

    Returns the exit code.
    """
    try:
        text = source.read_bytes()
    except OSError as error:
        say(f"{source} cannot be read: {error.strerror or error}")
        return USAGE
    try:
        session = played(str(source), text, lab_name, seed)
        made = lab_text(session, id_of(out))
    except Unwritable as error:
        say(str(error))
        return _kept(out, text, error.code) if keep else error.code
    code = write_new(out, made, f"{out} is a lab now. Look at it: tcplab lab preview {out}. Improve its texts, then: "
                                f"tcplab lab test {out}")
    if code:
        return _kept(out, text, code) if keep else code
    lab, problems = examine(str(out))
    if lab is not None:
        problems = [*problems, *solution_problems(lab, out, seeds=3)]
    for problem in problems:
        say(str(problem))
    if lab is not None and not problems:
        for difference in differences(session, lab):
            say(f"{out}: {difference}")
    return INVALID_LAB if any(problem.severity == "error" for problem in problems) else 0


def _kept(out: Path, text: bytes, code: int) -> int:
    """Nothing that was played is lost: it goes beside the file, if any command was given. Returns `code`."""
    place = out.with_suffix(".jsonl")
    if b'"cmd"' in text:
        with contextlib.suppress(OSError), place.open("xb") as file:
            file.write(text)
            say(f"what you played is kept in {place}")
    return code
