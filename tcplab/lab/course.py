"""``course.yaml``: the order of the labs in a folder, what each builds upon, and its chapters; checked for authors.

`loader` reads it leniently, so that a learner's home screen opens whatever stands there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from tcplab.notation.errors import printable, suggest

from .errors import LabError, Problem
from .loader import _bytes_of, lab_ids, labs_dir
from .model import BeforeValidator, Field, Id, Line, OrPlain, Part
from .shape import plain_schema
from .validate import model_of
from .yamltree import Tree, decode, read_tree

_OTHER = re.compile(rb"^staff[ \t]*:", re.MULTILINE)


class EntryModel(Part):
    """One lab of the course."""

    id: Id
    needs: list[Id] | None = Field(None, description="The labs to do before; without it the lab's own `needs`.")
    chapter: Line | None = Field(None, description="A heading that begins here.")


Entry = Annotated[
    EntryModel, BeforeValidator(lambda value: {"id": value} if isinstance(value, str) else value), OrPlain("string")
]


class CourseModel(Part):
    """The whole file."""

    labs: list[Entry] = Field(description="The labs in their order: ids, or mappings with id, needs and chapter.")


def course_schema() -> dict[str, object]:
    """The JSON Schema of course files, for editors."""
    return plain_schema(CourseModel, "The order of a course of tcplab")


def lint_course(path: Path) -> Sequence[Problem]:
    """Every fault of a course file, in its order. Raises LabNotFound when it cannot be read."""
    try:
        tree = read_tree(decode(_bytes_of(path), str(path)), str(path))
    except LabError as error:
        return error.problems
    if not isinstance(tree.data, dict):
        tree.report((), "A course is a mapping of keys.", "Write labs: and below it the ids in their order.")
        return tree.told
    model = model_of(tree, CourseModel)
    if model is not None:
        _check(tree, path.parent, model)
    return tree.told


def _check(tree: Tree, folder: Path, model: CourseModel) -> None:
    here = [file.stem for file in sorted(folder.glob("*.yaml")) if _is_lab(file)]
    shipped = lab_ids(labs_dir())
    listed: dict[str, int] = {}
    meant = ""
    for index, entry in enumerate(model.labs):
        place = ("labs", index, "id") if ("labs", index, "id") in tree.values else ("labs", index)
        if entry.id in listed:
            tree.report(place, f"{entry.id!r} stands in line {tree.locate(('labs', listed[entry.id]))[0]} already.",
                        "Remove one of them.")
        elif entry.id not in here:
            near = suggest(entry.id, here).strip() or f"Write the lab to {printable(entry.id)}.yaml beside this file."
            tree.report(place, f"There is no lab {printable(entry.id)!r} in this folder.", near)
            meant += near
        listed.setdefault(entry.id, index)
    for index, entry in enumerate(model.labs):
        for at, need in enumerate(entry.needs or ()):
            place = ("labs", index, "needs", at)
            if need not in listed and need not in shipped and need not in tree.lost:
                tree.report(place, f"There is no lab {printable(need)!r} in this course.",
                            suggest(need, (*listed, *shipped)).strip() or "Name one that stands before it.")
            elif listed.get(need, -1) >= index:
                tree.report(place, f"{need!r} does not come before {entry.id!r}.", "Put it further up, or remove it.")
    for name in here:
        if name not in listed and name not in tree.lost and repr(name) not in meant:
            tree.report(("labs",), f"The lab {printable(name)!r} is not listed: it comes last.", "Give it its place.",
                        key=True, severity="warning")


def _is_lab(file: Path) -> bool:
    """Whether a file of the folder is a lab: no translation, no overlay, not the course itself."""
    try:
        return "." not in file.stem and file.stem != "course" and not _OTHER.search(file.read_bytes()[:4096])
    except OSError:
        return False
