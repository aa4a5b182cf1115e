"""Labs from files: by id or by path, with every fault of a file told at once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tcplab.notation.errors import printable, suggest

from . import cache
from .compile import Compiler
from .errors import LabError, LabNotFound, Problem
from .lesson import Lab
from .text import CheckerFor

if TYPE_CHECKING:
    from .model import LabModel

# YAML and pydantic are imported where a file is really read: they take longer than everything else at a start.

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


def labs_dir() -> Path:
    """Where the shipped labs lie: inside the package, or beside it in a checkout."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "labs"
    return inside if inside.is_dir() else package.parent / "labs"


_more: list[Path] = []


def use_labs_of(folder: Path | None) -> None:
    """Besides the shipped labs know those of one more folder by their ids, after the shipped ones; None: no longer."""
    _more[:] = [] if folder is None else [folder]


def find_lab(name: str) -> Path:
    """The file of a lab given by id or by path. Raises LabNotFound."""
    if _ID.fullmatch(name) and name != "course":
        for folder in (labs_dir(), *_more):
            known = folder / f"{name}.yaml"
            if known.is_file():
                return known
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


def load_lab(name: str, checker: CheckerFor | None = None) -> Lab:
    """The lab of that id or path, checked as a whole.

    `checker` makes what is called with every command that the file names; it raises NotationError for one that does
    not parse. Without it commands are taken as they are. Raises LabNotFound, and LabError with every fault.
    """
    path = find_lab(name)
    if checker is None and path.parent == labs_dir():
        return _shipped(path)
    lab, problems = lint_file(path, checker)
    if lab is None:
        raise LabError([problem for problem in problems if problem.severity == "error"])
    return lab


def _shipped(path: Path) -> Lab:
    """A shipped lab, from what was kept when it was last read, if anything was; its commands are taken as they are."""
    raw = _bytes_of(path)
    kept = cache.recall(f"{path.stem}.lab", raw)
    if kept is not None:
        try:
            lab = Compiler(cache.Settled(str(path)), cache.as_parts(kept["model"]), None).lab(kept["logic_sha256"])
            return lab._replace(warnings=tuple(Problem(str(path), *rest) for rest in kept["warnings"]))
        except Exception:  # noqa: BLE001 - whatever is wrong with it, the file itself is at hand
            pass
    from .yamltree import decode

    lab, model = _read(decode(raw, str(path)), str(path), None)
    cache.keep(f"{path.stem}.lab", raw, {"model": model.model_dump(mode="json"), "logic_sha256": lab.logic_sha256,
                                         "warnings": [problem[1:] for problem in lab.warnings]})
    return lab


def lint_file(path: Path, checker: CheckerFor | None = None) -> tuple[Lab | None, Sequence[Problem]]:
    """The lab (None if it has errors) and all its errors and warnings. Raises LabNotFound if it cannot be read."""
    from .yamltree import decode

    raw = _bytes_of(path)
    try:
        text = decode(raw, str(path))
    except LabError as error:
        return None, error.problems
    return lint_text(text, str(path), checker)


def _bytes_of(path: Path) -> bytes:
    """The bytes of a file, of a far too large one only so many that it is refused. Raises LabNotFound."""
    try:
        with path.open("rb") as file:
            return file.read(1024 * 1024)
    except OSError as error:
        raise LabNotFound(f"{printable(str(path))!r} cannot be read: {error.strerror or error}.") from None


def lint_text(
    text: str, file: str, checker: CheckerFor | None = None
) -> tuple[Lab | None, Sequence[Problem]]:
    """The same for a text in memory; `file` is what problems call it."""
    try:
        lab, _ = _read(text, file, checker)
    except LabError as error:
        return None, error.problems
    return lab, lab.warnings


def _read(text: str, file: str, checker: CheckerFor | None) -> tuple[Lab, LabModel]:
    """The lab and its model. Raises LabError with every fault, warnings last."""
    from .checks import check
    from .logic import logic_sha256
    from .salvage import salvage
    from .validate import validate

    tree = salvage(text, file)
    model = validate(tree)
    if model is not None:
        check(tree, model)
        lab = Compiler(tree, model, checker).lab(logic_sha256(model))
    if model is None or tree.errors:
        raise LabError(tree.errors if tree.cut else tree.told)
    return lab._replace(warnings=tuple(tree.warnings)), model


def read_lab(text: str, file: str = "<lab>", checker: CheckerFor | None = None) -> Lab:
    """The lab in `text`. Raises LabError with every fault."""
    lab, problems = lint_text(text, file, checker)
    if lab is None:
        raise LabError([problem for problem in problems if problem.severity == "error"])
    return lab


class LabEntry(NamedTuple):
    """One lab of the course, as the home screen lists it; `number` is its place, `problem` why it cannot be opened.

    `chapter` is the heading under which it stands: in course.yaml, else that of the lab before it.
    """

    id: str
    number: int
    title: str
    summary: str
    minutes: int
    needs: tuple[str, ...]
    path: str
    problem: str = ""
    chapter: str = ""


@lru_cache(maxsize=4)
def _course(directory: Path) -> tuple[tuple[str, tuple[str, ...] | None, str], ...]:
    """(id, needs or None, chapter) in the order of course.yaml; labs it does not list follow by name."""
    listed: dict[str, tuple[tuple[str, ...] | None, str]] = {}
    chapter = ""
    for item in _items(directory / "course.yaml"):
        lab_id = item.get("id") if isinstance(item, dict) else item
        needs = item.get("needs") if isinstance(item, dict) else None
        if isinstance(lab_id, str) and _ID.fullmatch(lab_id):
            said = item.get("chapter") if isinstance(item, dict) else None
            chapter = said if isinstance(said, str) else chapter
            listed[lab_id] = tuple(str(need) for need in needs) if isinstance(needs, list) else None, chapter
    stems = (path.stem for path in directory.glob("*.yaml"))
    present = sorted(stem for stem in stems if _ID.fullmatch(stem) and stem != "course")  # LAB.de is a translation
    found = (*(one for one in listed if one in present), *(one for one in present if one not in listed))
    return tuple((one, *listed.get(one, (None, chapter))) for one in found)


def _items(path: Path) -> list:
    """The list in course.yaml; empty when it cannot be read."""
    try:
        data = _plain("course", path.read_bytes(), str(path))
    except (OSError, LabError):
        return []
    items = data.get("labs") if isinstance(data, dict) else None
    return items if isinstance(items, list) else []


def _plain(name: str, raw: bytes, file: str) -> object:
    """The plain data of a piece of YAML, kept as `name`. Raises LabError."""
    kept = cache.recall(name, raw)
    if kept is None:
        from .yamltree import decode, read_tree

        tree = read_tree(decode(raw, file), file)
        if tree.errors:
            raise LabError(tree.errors)
        kept = tree.data
        cache.keep(name, raw, kept)
    return kept


def lab_ids(directory: Path | None = None) -> tuple[str, ...]:
    """The shipped labs in the order of the course, then those of the folder that `use_labs_of` named."""
    folders = (directory,) if directory else (labs_dir(), *_more)
    return tuple(dict.fromkeys(lab_id for folder in folders for lab_id, _, _ in _course(folder)))


def list_labs(directory: Path | None = None, lang: str = "") -> list[LabEntry]:
    """What the home screen shows of each lab, read from the head of its file only; in `lang` if it has that."""
    from .translate import head_in

    places: dict[str, tuple[Path, tuple[str, ...] | None, str]] = {}
    for folder in (directory,) if directory else (labs_dir(), *_more):
        for lab_id, needs, chapter in _course(folder):
            places.setdefault(lab_id, (folder / f"{lab_id}.yaml", needs, chapter))
    return [
        _entry(path, lab_id, number, needs)._replace(chapter=chapter, **head_in(path, lang))
        for number, (lab_id, (path, needs, chapter)) in enumerate(places.items())
    ]


def _entry(path: Path, lab_id: str, number: int, needs: tuple[str, ...] | None) -> LabEntry:
    problem, data = "", None
    try:
        with path.open("rb") as file:
            raw = file.read(16 * 1024)
        head = re.split(rb"^(?:start|steps|solution)\s*:", raw, maxsplit=1, flags=re.MULTILINE)[0]
        data = _plain(f"{lab_id}.head", head, str(path))
        problem = "" if isinstance(data, dict) else "This file is not a lab."
    except OSError as error:
        problem = f"{path} cannot be read: {error.strerror}."
    except LabError as error:
        problem = str(error.problems[0])
    data = data if isinstance(data, dict) else {}

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
