"""For those who write staff overlays: `tcplab staff lint`."""

from __future__ import annotations

from pathlib import Path

from tcplab.grading.exits import USAGE, refuse, say
from tcplab.grading.linting import overlay_problems, tell
from tcplab.lab.errors import LabNotFound, Problem, in_order


def lint(names: list[str], lab: str | None, as_json: bool) -> int:
    """Every fault of these overlays. Returns 0, 3 when there are any, 2 for files or labs that are not there."""
    problems: list[Problem] = []
    for name in names:
        path = Path(name)
        if not path.is_file():
            say(f"there is no overlay file {name}")
            return USAGE
        try:
            problems += overlay_problems(path, lab)
        except LabNotFound as error:
            return refuse(error)
    return tell(in_order(problems), f"{len(names)} overlay{'s' if len(names) > 1 else ''}", as_json)
