"""`tcplab lab lint`: every fault of labs, translations, staff overlays and course files, with its place and cure."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tcplab.grading.exits import INVALID_LAB, PASSED, refuse
from tcplab.grading.pupils import Reference, SolutionError
from tcplab.lab.errors import LabError, LabNotFound, Problem, in_order
from tcplab.lab.lesson import Lab
from tcplab.lab.loader import find_lab, lab_ids, labs_dir, lint_file
from tcplab.lab.overlay import lab_id_of, read_overlay
from tcplab.lab.places import Places
from tcplab.lab.translate import lint_translation, original_of, translations
from tcplab.session.labs import checked_lab, command_checker
from tcplab.session.player import begin_problems

#: On how many seeds lint proves that a lab's solution works and that nothing is asked after it was seen.
LINT_SEEDS = 20
_KINDS = ("lab", "course file", "overlay")
_STAFF = re.compile(r"^staff\s*:", re.MULTILINE)


def examine(name: str) -> tuple[Lab | None, list[Problem]]:
    """A lab file read as a whole: every fault of format, expressions, commands and beginning. Raises LabNotFound."""
    path = find_lab(name)
    if original_of(path) is not None:
        lab, problems = lint_translation(path, command_checker)
        return lab, list(problems)
    lab, problems = lint_file(path, command_checker)
    if lab is None:
        return None, list(problems)
    begins = begin_problems(lab, path)
    return (None if begins else lab), in_order([*problems, *begins])


def lint(names: list[str], as_json: bool) -> int:
    """`tcplab lab lint`. Returns 0 when there are no errors, else 3; 2 for a file that is not there."""
    problems: list[Problem] = []
    files: Counter[str] = Counter()
    try:
        for name in names:
            for one in files_of(name):
                problems += problems_of(one)
                files[_kind(Path(one))] += 1
    except LabNotFound as error:
        return refuse(error)
    what = ", ".join(f"{files[kind]} {kind}{'s' if files[kind] > 1 else ''}" for kind in _KINDS if files[kind])
    return tell(in_order(problems), what, as_json)


def tell(problems: list[Problem], what: str, as_json: bool) -> int:
    """Print problems; `what` has none when there are none. Returns 3 with errors, else 0."""
    if as_json:
        print(json.dumps([problem._asdict() for problem in problems], ensure_ascii=True))
    else:
        for problem in problems:
            print(problem)
        if not problems:
            print(f"{what}: no problems")
    return INVALID_LAB if any(problem.severity == "error" for problem in problems) else PASSED


def _kind(path: Path) -> str:
    return _KINDS[1] if path.name == "course.yaml" else _KINDS[2] if _STAFF.search(_text(path)) else _KINDS[0]


def files_of(name: str, labs_only: bool = False) -> Iterator[str]:
    """A folder is all that stands in it, or the labs alone; translations come with their labs. Raises LabNotFound."""
    folder = Path(name).expanduser() if "\0" not in name else Path(name.replace("\0", "?"))
    if not folder.is_dir():
        yield name
        return
    found = [file for file in sorted(folder.glob("*.yaml")) if original_of(file) is None
             and not (labs_only and _kind(file) != _KINDS[0])]
    if not found:
        raise LabNotFound(f"There is no lab in the folder {name!r}.")
    yield from map(str, found)


def problems_of(name: str) -> list[Problem]:
    """Every fault of one file of any kind, a lab's translations with it. Raises LabNotFound."""
    path = find_lab(name)
    if path.name == "course.yaml":
        from tcplab.lab.course import lint_course

        return list(lint_course(path))
    if _STAFF.search(_text(path)):
        return overlay_problems(path, None)
    lab, found = examine(name)
    if original_of(path) is not None:
        return found
    if lab is not None and path.resolve().parent != labs_dir().resolve() and lab.id in lab_ids(labs_dir()):
        words = f"A shipped lab is called {lab.id!r} too: a kiosk offers that one, and takes recordings for its own."
        found = [*found, Places(path).problem(("id",), words, "Choose another id.", "warning")]
    if lab is not None and lab.steps and not any(problem.severity == "error" for problem in found):
        found = [*found, *solution_problems(lab, path, seeds=LINT_SEEDS)]
    for translation in translations(path):
        # What is wrong with the lab itself was told there.
        found += [problem for problem in lint_translation(translation, command_checker)[1]
                  if problem.file == str(translation)]
    return in_order(found)


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(64 * 1024).decode("utf-8", "replace")
    except OSError:
        return ""


def overlay_problems(path: Path, lab: str | None) -> list[Problem]:
    """Every fault of a staff overlay, whose lab is a shipped one, stands beside it, or is named.

    Raises LabNotFound when the lab is not to be had.
    """
    try:
        return list(read_overlay(path, checked_lab(lab or _lab_of(path))).warnings)
    except LabError as error:
        return list(error.problems)
    except LabNotFound as error:
        raise LabNotFound(f"{path}: {error} Name the lab's file: tcplab staff lint --lab FILE.") from None


def _lab_of(overlay: Path) -> str:
    """The lab that an overlay is for: the file beside it, else the shipped one."""
    wanted = lab_id_of(overlay)
    beside = [file for file in overlay.parent.glob("*.yaml") if file.stem == wanted]
    return str(beside[0]) if beside else wanted


def solution_problems(lab: Lab, path: Path, seeds: int) -> list[Problem]:
    """What the reference solution shows: a step it does not meet, a prediction that was seen before it was asked."""
    places = Places(path)
    if not any(step.solution for step in lab.steps):
        return [places.problem(("steps",), "There is no solution.",
                               "Write one, so that `tcplab lab test` can prove the lab.", "warning", key=True)]
    found = []
    for seed in range(1, seeds + 1):
        pupil = Reference(lab, seed)
        try:
            pupil.play()
        except SolutionError as error:
            found.append(places.problem(places.solution(error.step), f"The solution fails at {error} (seed {seed}).",
                                        error.cure or "Mend the step or its solution."))
            break
        found += [places.problem(places.step(step), f"Step {step!r} asks about what has been seen before.",
                                 "Ask earlier, or about something else.") for step in pupil.spoiled]
    return in_order(found)
