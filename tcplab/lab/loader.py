"""Labs from files: by id or by path, with every fault of a file told at once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from tcplab.notation.errors import printable, suggest

from .checks import check
from .compile import Compiler
from .errors import LabError, LabNotFound, Problem
from .lesson import Lab
from .text import CommandChecker
from .validate import validate
from .yamltree import decode, read_tree

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


def labs_dir() -> Path:
    """Where the shipped labs lie: inside the package, or beside it in a checkout."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "labs"
    return inside if inside.is_dir() else package.parent / "labs"


def find_lab(name: str) -> Path:
    """The file of a lab given by id or by path. Raises LabNotFound."""
    if _ID.fullmatch(name):
        shipped = labs_dir() / f"{name}.yaml"
        if shipped.is_file() and name != "course":
            return shipped
    path = Path(name).expanduser() if "\0" not in name else Path()
    try:
        if path.is_file():
            return path
    except OSError:
        pass
    if "/" in name or name.endswith((".yaml", ".yml")):
        raise LabNotFound(f"There is no lab file {printable(name)!r}.")
    known = lab_ids()
    near = suggest(name, known) or f" There are {', '.join(known)}."
    raise LabNotFound(f"There is no lab {printable(name)!r}.{near}")


def load_lab(name: str, check_command: CommandChecker | None = None) -> Lab:
    """The lab of that id or path, checked as a whole.

    `check_command` is called with every command that the file names and raises NotationError for one that does not
    parse; without it commands are taken as they are. Raises LabNotFound, and LabError with every fault.
    """
    path = find_lab(name)
    lab, problems = lint_file(path, check_command)
    if lab is None:
        raise LabError([problem for problem in problems if problem.severity == "error"])
    return lab


def lint_file(path: Path, check_command: CommandChecker | None = None) -> tuple[Lab | None, Sequence[Problem]]:
    """The lab (None if it has errors) and all its errors and warnings. Raises LabNotFound if it cannot be read."""
    try:
        raw = path.read_bytes() if path.stat().st_size <= 4 * 1024 * 1024 else b" " * (1024 * 1024)
    except OSError as error:
        raise LabNotFound(f"{printable(str(path))!r} cannot be read: {error.strerror or error}.") from None
    try:
        text = decode(raw, str(path))
    except LabError as error:
        return None, error.problems
    return lint_text(text, str(path), check_command)


def lint_text(
    text: str, file: str, check_command: CommandChecker | None = None
) -> tuple[Lab | None, Sequence[Problem]]:
    """The same for a text in memory; `file` is what problems call it."""
    try:
        tree = read_tree(text, file)
        model = validate(tree)
        lab = None
        if model is not None:
            check(tree, model)
            lab = Compiler(tree, model, check_command).lab()
    except LabError as error:
        return None, error.problems
    if tree.errors:
        return None, (*tree.errors, *tree.warnings)
    assert lab is not None
    return replace(lab, warnings=tuple(tree.warnings)), tree.warnings


def read_lab(text: str, file: str = "<lab>", check_command: CommandChecker | None = None) -> Lab:
    """The lab in `text`. Raises LabError with every fault."""
    lab, problems = lint_text(text, file, check_command)
    if lab is None:
        raise LabError([problem for problem in problems if problem.severity == "error"])
    return lab


@dataclass(frozen=True, slots=True)
class LabEntry:
    """One lab of the course, as the home screen lists it; `number` is its place, `problem` why it cannot be opened."""

    id: str
    number: int
    title: str
    summary: str
    minutes: int
    needs: tuple[str, ...]
    path: str
    problem: str = ""


@lru_cache(maxsize=4)
def _course(directory: Path) -> tuple[tuple[str, tuple[str, ...] | None], ...]:
    """(id, needs or None) in the order of course.yaml; labs it does not list follow by name."""
    listed: dict[str, tuple[str, ...] | None] = {}
    try:
        tree = read_tree(decode((directory / "course.yaml").read_bytes(), "course.yaml"), "course.yaml")
    except (OSError, LabError):
        tree = None
    items = tree.data.get("labs", []) if tree is not None and isinstance(tree.data, dict) else []
    for item in items if isinstance(items, list) else []:
        lab_id = item.get("id") if isinstance(item, dict) else item
        needs = item.get("needs") if isinstance(item, dict) else None
        if isinstance(lab_id, str) and _ID.fullmatch(lab_id):
            listed[lab_id] = tuple(str(need) for need in needs) if isinstance(needs, list) else None
    present = sorted(path.stem for path in directory.glob("*.yaml") if path.stem != "course")
    return tuple((one, listed.get(one)) for one in (*listed, *(one for one in present if one not in listed))
                 if one in present)  # fmt: skip


def lab_ids(directory: Path | None = None) -> tuple[str, ...]:
    """The shipped labs in the order of the course."""
    return tuple(lab_id for lab_id, _ in _course(directory or labs_dir()))


def list_labs(directory: Path | None = None) -> list[LabEntry]:
    """What the home screen shows of each lab, read from the head of its file only."""
    directory = directory or labs_dir()
    return [
        _entry(directory / f"{lab_id}.yaml", lab_id, number, needs)
        for number, (lab_id, needs) in enumerate(_course(directory))
    ]


def _entry(path: Path, lab_id: str, number: int, needs: tuple[str, ...] | None) -> LabEntry:
    problem, data = "", {}
    try:
        with path.open("rb") as file:
            text = decode(file.read(16 * 1024), str(path))
        tree = read_tree(re.split(r"^(?:start|steps|solution)\s*:", text, maxsplit=1, flags=re.MULTILINE)[0], str(path))
        data = tree.data if isinstance(tree.data, dict) else {}
        problem = str(tree.errors[0]) if tree.errors else "" if data else "This file is not a lab."
    except OSError as error:
        problem = f"{path} cannot be read: {error.strerror}."
    except LabError as error:
        problem = str(error.problems[0])

    def text_of(key: str) -> str:
        return data[key] if isinstance(data.get(key), str) else ""

    own = data.get("needs")
    if needs is None:
        needs = tuple(need for need in own if isinstance(need, str)) if isinstance(own, list) else ()
    minutes = data.get("minutes")
    return LabEntry(
        lab_id, number, text_of("title") or lab_id, text_of("summary"), minutes if isinstance(minutes, int) else 0,
        needs, str(path), problem,
    )  # fmt: skip
