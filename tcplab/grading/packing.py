"""`tcplab lab pack`: what learners get of a lab, and what stays with staff, apart from each other.

The learners' file is the lab without its solution and its comments' secrets: nothing that a result does not need.
Answers to questions stay in it, because the laboratory judges on the learner's own machine; what must stay secret
belongs into a staff overlay. The hash of the logic is the same with and without the solution, so recordings made with
the learners' file are graded with the whole one.
"""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

from tcplab.grading.exits import INVALID_LAB, PASSED, USAGE, refuse, say
from tcplab.lab.errors import LabError, LabNotFound
from tcplab.lab.lesson import Lab
from tcplab.lab.loader import find_lab, lint_file, lint_text
from tcplab.lab.overlay import read_overlay
from tcplab.session.labs import command_checker

#: The same bytes each time: a zip without the hour of its making.
_EPOCH = (1980, 1, 1, 0, 0, 0)
_KEY = re.compile(r"[A-Za-z_][\w-]*\s*:")


def without_solution(text: str) -> str:
    """The text of a lab file without its key `solution` and without comment lines between its keys."""
    kept, inside = [], False
    for line in text.split("\n"):
        if _KEY.match(line):
            inside = line.startswith("solution")
        if line.startswith("#") or inside:
            continue
        kept.append(line)
    return "\n".join(kept).strip("\n") + "\n"


def learners(path: Path, lab: Lab) -> dict[str, str]:
    """The files for learners by name. Raises LabError when the lab without its solution is not the same lab."""
    text = without_solution(path.read_text("utf-8-sig"))
    bare, problems = lint_text(text, path.name)
    if bare is None or bare.logic_sha256 != lab.logic_sha256 or any(step.solution for step in bare.steps):
        raise LabError(problems)
    files = {f"{lab.id}.yaml": text, "README.txt": _READ_ME.format(id=lab.id, title=lab.title)}
    for other in sorted(path.parent.glob(f"{path.stem}.*.yaml")):
        if re.fullmatch(r"[a-z]{2}", other.name[len(path.stem) + 1 : -len(".yaml")]):
            files[f"{lab.id}{other.name[len(path.stem):]}"] = other.read_text("utf-8")
    return files


_READ_ME = """\
{title}

To open this lab:        tcplab open {id}.yaml --student YOUR-ID --record YOUR-ID.jsonl
To go on with it later:  tcplab resume YOUR-ID.jsonl --lab {id}.yaml
Put your own id in place of YOUR-ID, in small letters.
Hand in YOUR-ID.jsonl: it holds every command you gave, and the grader plays it again.
"""


def staff(path: Path, lab: Lab, overlay: Path | None) -> dict[str, str]:
    """The files for staff by name. Raises LabError for an overlay that does not fit the lab."""
    files = {f"{lab.id}.yaml": path.read_text("utf-8-sig")}
    words = f"tcplab grade {lab.id}.yaml HAND-INS --student-from name"
    if overlay is not None:
        read_overlay(overlay, lab)
        files["overlay.yaml"] = overlay.read_text("utf-8-sig")
        words += " --staff overlay.yaml"
    return files | {"README.txt": f"For staff only: the lab with its solution.\n\nTo grade:  {words}\n"}


def pack(name: str, out: Path, overlay: Path | None) -> int:
    """`tcplab lab pack`: OUT is a new folder, or a new .zip. Returns the exit code."""
    try:
        path = find_lab(name)
        lab, problems = lint_file(path, command_checker)
        if lab is None:
            raise LabError(problems)
        parts = {"learners": learners(path, lab), "staff": staff(path, lab, overlay)}
    except LabNotFound as error:
        return refuse(error)
    except LabError as error:
        say(str(error) or f"{name} cannot be packed: write its solution as the last key, not in one line with others")
        return INVALID_LAB
    except (OSError, UnicodeDecodeError) as error:
        say(f"{name} cannot be packed: {getattr(error, 'strerror', None) or error}")
        return USAGE
    try:
        places = _write_zips(out, parts) if out.suffix == ".zip" else _write_folders(out, parts)
    except FileExistsError as error:
        say(f"{error.filename} exists already; name another place with -o")
        return USAGE
    except OSError as error:
        say(f"{out} cannot be written: {error.strerror or error}")
        return USAGE
    for part, place in places.items():
        print(f"{part}: {place}")
    return PASSED


def _write_folders(out: Path, parts: dict[str, dict[str, str]]) -> dict[str, Path]:
    out.mkdir(parents=True)
    for part, files in parts.items():
        (out / part).mkdir()
        for name, text in files.items():
            (out / part / name).write_text(text, "utf-8")
    return {part: out / part for part in parts}


def _write_zips(out: Path, parts: dict[str, dict[str, str]]) -> dict[str, Path]:
    """Two archives, because one of them is given away: OUT for learners, and OUT-staff beside it."""
    places = {"learners": out, "staff": out.with_name(f"{out.stem}-staff.zip")}
    for place in places.values():
        if place.exists():
            raise FileExistsError(17, "exists", str(place))
    for part, place in places.items():
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in parts[part].items():
                archive.writestr(zipfile.ZipInfo(name, _EPOCH), text)
        with place.open("xb") as file:
            file.write(made.getvalue())
    return places
