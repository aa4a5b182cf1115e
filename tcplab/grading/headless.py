"""The headless face: run, grade, replay and list, with their exit codes. stdout is data, stderr is talk."""

from __future__ import annotations

import errno
import json
import os
import sys
from datetime import UTC
from pathlib import Path

from tcplab.grading.clean import one_line
from tcplab.grading.exits import BELOW, INVALID_LAB, LIMIT, PASSED, UNREADABLE, USAGE, refuse, say
from tcplab.grading.judge import MAX_SUBMISSION, Watch
from tcplab.grading.result import failed_result, result_of
from tcplab.grading.text import result_text
from tcplab.lab.captures import capture_file
from tcplab.lab.errors import LabError, LabNotFound
from tcplab.lab.lesson import Lab
from tcplab.lab.loader import list_labs as shipped_labs
from tcplab.lab.loader import load_lab
from tcplab.lab.translate import language
from tcplab.net.trace import event_facts
from tcplab.session.explain import event_line
from tcplab.session.labs import checked_lab
from tcplab.session.player import LimitExceeded, ScriptError, is_own, lab_of, parse_script, play_recording, play_script
from tcplab.session.recording import Recording, RecordingError, read_recording
from tcplab.session.session import Session


def open_lab(name: str) -> Lab | int:
    """The lab of that id or path; an exit code when it cannot be had (the reason is on stderr)."""
    try:
        return checked_lab(name)
    except (LabNotFound, LabError) as error:
        return refuse(error)


def run(name: str, script: str | None, seed: int | None, student: str | None, record: Path | None, as_json: bool,
        pcap: Path | None, trace: Path | None) -> int:
    """`tcplab run`: play a script (or nothing) in virtual time and report. Returns the exit code."""
    lab = open_lab(name)
    if isinstance(lab, int):
        if as_json and lab == INVALID_LAB:
            print_json(failed_result(None, name, "invalid-lab", "the lab file is not valid", seed, student))
        return lab
    try:
        text = _read_script(script)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or _reason(error)
        return _unreadable(lab, as_json, seed, student, f"cannot read the script {script}: {reason}")
    source = "student" if student is not None else "option" if seed is not None else "default"
    session = Session.open(lab, seed, student, clock=wall_clock)
    try:
        commands = parse_script(text, session)
    except ScriptError as error:
        place = f"{script}:{error.line}:{error.column}"
        return _unreadable(lab, as_json, session.seed, student, f"{place}: {error}")
    try:
        if record is not None:
            session = Session.open(lab, seed, student, record=record, clock=wall_clock)
        session.watch = Watch()
        session.tell_capture = _tell_capture
        for remark in play_script(session, commands):
            say(remark)
        status = "limit" if session.limit_hit else "graded"
        result = result_of(session, seed_source=source, complete=not session.limit_hit, status=status,
                           error="a limit was reached" if session.limit_hit else None)
        session.close()
        _write_extras(session, pcap, trace)
    except (OSError, RecordingError) as error:
        say(_reason(error))
        return USAGE
    print_json(result) if as_json else print(result_text(result))
    return LIMIT if session.limit_hit else PASSED if result["passed"] else BELOW


def _tell_capture(name: str) -> str:
    """A shipped capture as text, on stderr: stdout is for the result."""
    from tcplab.capture.told import story

    say(story(capture_file(name)))
    return ""


def _unreadable(lab: Lab, as_json: bool, seed: int | None, student: str | None, message: str) -> int:
    say(message)
    if as_json:
        print_json(failed_result(lab, lab.id, "invalid-submission", message, seed, student))
    return UNREADABLE


def _reason(error: Exception) -> str:
    if isinstance(error, OSError):
        return f"{error.filename or ''}: {error.strerror}".lstrip(": ")
    if isinstance(error, UnicodeDecodeError):
        return "it is not UTF-8 text"
    cure = getattr(error, "cure", "")
    return f"{error}" + (f" ({cure})" if cure else "")


def _read_script(script: str | None) -> str:
    if script is None:
        return ""
    with sys.stdin.buffer if script == "-" else open(script, "rb") as file:
        data = file.read(MAX_SUBMISSION + 1)
    if len(data) > MAX_SUBMISSION:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
    return data.decode("utf-8")


def _write_extras(session: Session, pcap: Path | None, trace: Path | None) -> None:
    if trace is not None:
        with open(trace, "w", encoding="utf-8", newline="\n") as file:
            for event in session.trace:
                file.write(json.dumps(event_facts(event), ensure_ascii=True) + "\n")
    if pcap is not None:
        from tcplab.capture.pcapng import write_pcapng

        write_pcapng(pcap, session.trace, [host.name for host in session.view().hosts])


def played(path: Path, lab_name: str | None) -> tuple[Recording, Session] | int:
    """A recording and its session, played again; an exit code when it cannot be had (the reason is on stderr)."""
    try:
        recording = read_recording(path)
        return recording, play_recording(recording, lab_of(recording, lab_name))
    except RecordingError as error:
        say(one_line(f"{path}{f':{error.line}' if error.line else ''}: {_reason(error)}"))
        return UNREADABLE
    except LimitExceeded as error:
        say(one_line(f"{path}: {error}"))
        return LIMIT
    except (LabNotFound, LabError) as error:
        return refuse(error)


def replay(path: Path, lab_name: str | None) -> int:
    """`tcplab replay`: play a recording again and print a line for each event. Returns the exit code."""
    found = played(path, lab_name)
    if isinstance(found, int):
        return found
    recording, session = found
    for event in session.trace:
        if event.seg is not None or event.kind in ("state", "call", "error", "rtx", "gone"):
            print(one_line(event_line(event)))
    result = result_of(session, seed_source="header", complete=recording.complete)
    result |= {"exact": is_own(recording, session), "sealed": recording.sealed}
    print(result_text(result))
    return PASSED


def list_labs(as_json: bool) -> int:
    """`tcplab labs`: the shipped labs in the order of the course."""
    entries = shipped_labs()
    labs = [load_lab(entry.id) for entry in entries]
    if as_json:
        print(json.dumps([{"id": lab.id, "title": lab.title, "summary": lab.summary, "minutes": lab.minutes,
                           "points": sum(step.points for step in lab.steps), "needs": list(entry.needs),
                           "chapter": entry.chapter, "sha256": lab.logic_sha256}
                          for lab, entry in zip(labs, entries, strict=True)], ensure_ascii=True))
        return PASSED
    titles = {entry.id: entry.title for entry in shipped_labs(lang=language())}
    for lab in labs:
        points = sum(step.points for step in lab.steps)
        print(f"{lab.id:<15} {titles.get(lab.id, lab.title):<40} {lab.minutes or '–':>3} min {points:>3} points")
    return PASSED


def print_json(result: dict) -> None:
    """One result as one line of ASCII JSON."""
    print(json.dumps(result, ensure_ascii=True))


def wall_clock() -> str:
    """The time of day for a recording's `at`, which nobody judges."""
    from datetime import datetime

    return datetime.now(UTC).isoformat(timespec="seconds")
