"""`tcplab drill`: play scripts, tell the story of what failed. stdout is data, stderr is talk.

Exit codes as for grading: 0 everything passed, 1 something failed, 4 a script cannot be read or understood.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tcplab.notation.errors import printable
from tcplab.notation.units import decimal

from .errors import DrillError
from .model import Script
from .play import Outcome, play_case
from .read import read_script, with_numbers

PASSED, FAILED, UNREADABLE = 0, 1, 4
MAX_SIZE = 4_000_000


def drill(paths: list[str], as_json: bool = False, verbose: bool = False, iss: int | None = None,
          peer_iss: int | None = None) -> int:
    """Play every case of every script; returns the exit code."""
    worst, results, passed, total = PASSED, [], 0, 0
    for path in paths:
        try:
            script = load(path)
        except DrillError as error:
            worst = UNREADABLE
            results.append({"file": path, "line": error.line, "column": error.column, "passed": False,
                            "error": error.message, "cure": error.cure})
            print(f"tcplab: {_clean(str(error))}", file=sys.stderr)
            continue
        for case in script.cases:
            outcome = play_case(with_numbers(case, iss, peer_iss))
            total, passed = total + 1, passed + outcome.passed
            worst = max(worst, PASSED if outcome.passed else FAILED)
            results.append(facts(script, outcome))
            if not as_json and (verbose or not outcome.passed):
                print(_clean(story(script, outcome)))
    if as_json:
        print(json.dumps(results, indent=1))
    else:
        print(f"{passed} of {total} cases passed")
    return worst


def load(path: str) -> Script:
    """The script in the file `path` (- is standard input). Raises DrillError."""
    try:
        data = sys.stdin.buffer.read(MAX_SIZE + 1) if path == "-" else Path(path).read_bytes()
        if len(data) > MAX_SIZE:
            raise DrillError(path, 1, 1, "The file is too large for a script.")
        return read_script(data.decode("utf-8"), path)
    except OSError as error:
        raise DrillError(path, 1, 1, f"The file cannot be read: {error.strerror or error}.") from None
    except UnicodeDecodeError as error:
        line = data[:error.start].count(b"\n") + 1
        raise DrillError(path, line, 1, "The file is not UTF-8 text.") from None


def name_of(script: Script, outcome: Outcome) -> str:
    return f"{script.path}: {outcome.case.name}" if outcome.case.name else script.path


def story(script: Script, outcome: Outcome) -> str:
    """The numbered story of a case; a failure ends it with expected and got, their file and line."""
    failure = outcome.failure
    lines = [f"{name_of(script, outcome)}: {'passed' if failure is None else 'FAILED'}"]
    for n, told in enumerate(outcome.story, 1):
        lines.append(f"  {n:3}  line {told.line:<4} {_s(told.at):>11}  {told.text}")
    if failure is not None:
        n = len(outcome.story) + 1
        lines.append(f"  {n:3}  {script.path}:{failure.line}  at {_s(failure.at)} s")
        lines.append(f"       expected   {failure.expected}")
        lines.append(f"       got        {failure.got}")
        lines += [f"       {remark}" for remark in failure.remarks]
    return "\n".join(lines)


def facts(script: Script, outcome: Outcome) -> dict:
    """An outcome as JSON."""
    failure, case = outcome.failure, outcome.case
    found = {"file": script.path, "case": case.name, "line": case.line, "requirements": list(case.reqs),
             "passed": outcome.passed, "steps": len(outcome.story)}
    if failure is not None:
        found |= {"failed_line": failure.line, "at_ns": failure.at, "expected": failure.expected, "got": failure.got,
                  "remarks": list(failure.remarks)}
    return found


def _s(ns: int) -> str:
    return decimal(ns, 1_000_000_000)


def _clean(text: str) -> str:
    return "\n".join(printable(line, 400) for line in text.split("\n"))
