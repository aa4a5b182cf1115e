"""For those who write staff overlays: `tcplab staff lint` and `schema`."""

from __future__ import annotations

import json
from pathlib import Path

from tcplab.grading.exits import INVALID_LAB, PASSED, USAGE, say
from tcplab.lab.errors import LabError, LabNotFound, Problem
from tcplab.lab.overlay import lab_id_of, read_overlay
from tcplab.session.labs import checked_lab


def lint(names: list[str], lab: str | None, as_json: bool) -> int:
    """Every fault of these overlays. Returns 0, 3 when there are any, 2 for files or labs that are not there."""
    problems: list[Problem] = []
    for name in names:
        path = Path(name)
        if not path.is_file():
            say(f"there is no overlay file {name}")
            return USAGE
        try:
            wanted = lab or lab_id_of(path)
            read_overlay(path, checked_lab(wanted))
        except LabNotFound as error:
            say(f"{name}: {error} Name the lab's file with --lab FILE.")
            return USAGE
        except LabError as error:
            problems += error.problems
    if as_json:
        print(json.dumps([problem._asdict() for problem in problems], ensure_ascii=True))
    else:
        for problem in problems:
            print(problem)
        if not problems:
            print(f"{len(names)} overlay{'s' if len(names) > 1 else ''}: no problems")
    return INVALID_LAB if problems else PASSED


def schema() -> int:
    """Print the JSON Schema of overlays."""
    from tcplab.lab.overlay_model import overlay_schema

    print(json.dumps(overlay_schema(), indent=1))
    return PASSED
