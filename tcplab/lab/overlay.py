"""Staff overlays: what a lab is judged by besides what its learners can read. YAML, one file a lab, strict.

    staff: 1
    lab: handshake
    due: 2026-12-01T23:59+01:00
    steps:
      echo: {points: 5, visibility: after_due_date}
    checks:
      - {id: healed, at: first-data, see: [client DATA], never: [RST], points: 4, visibility: hidden}
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tcplab.notation.errors import NotationError, printable, suggest
from tcplab.notation.expr import Expr, compile_expr
from tcplab.notation.glossary import known_names
from tcplab.notation.match import Match, parse_match

from .errors import LabError, Problem
from .lesson import Lab

if TYPE_CHECKING:
    from .yamltree import Tree

# YAML and pydantic are imported where a file is really read, as in `loader`.

#: When a learner may see a check; the words are Gradescope's.
VISIBILITIES = ("visible", "hidden", "after_due_date", "after_published")


class StaffCheck(NamedTuple):
    """One check of staff. `at` is the step at whose end it is judged ("" for the end of the session).

    `see` has to happen in that order, `never` must not, `expr` must be true; `why` is said when it fails.
    """

    id: str
    title: str
    at: str
    expr: Expr | None
    see: tuple[Match, ...]
    never: tuple[Match, ...]
    points: int
    visibility: str
    why: str


class StaffOverlay(NamedTuple):
    """A checked overlay. `points` and `visibility` are by step id; `due` is ISO 8601 with its zone, or ""."""

    lab_id: str
    due: str
    points: dict[str, int]
    visibility: dict[str, str]
    checks: tuple[StaffCheck, ...]
    warnings: tuple[Problem, ...] = ()


def read_overlay(path: Path, lab: Lab) -> StaffOverlay:
    """The overlay in a file, checked against its lab. Raises LabError with every fault and its place."""
    try:
        with path.open("rb") as file:
            raw = file.read(1024 * 1024)
    except OSError as error:
        raise LabError([Problem(str(path), 1, 1, f"It cannot be read: {error.strerror}.")]) from None
    from .yamltree import decode

    return overlay_of(decode(raw, str(path)), str(path), lab)


def overlay_of(text: str, file: str, lab: Lab) -> StaffOverlay:
    """The same for a text in memory; `file` is what problems call it."""
    from .overlay_model import OverlayModel
    from .validate import model_of
    from .yamltree import read_tree

    tree = read_tree(text, file)
    if not isinstance(tree.data, dict):
        raise LabError([Problem(file, 1, 1, "An overlay is a mapping of keys.", "Begin with staff: 1.")])
    model = model_of(tree, OverlayModel)
    if model is None:
        raise LabError(tree.told)
    found = _compiled(tree, model, lab)
    if tree.errors:
        raise LabError(tree.told)
    if not model.due:
        _never_due(tree, model)
    return found._replace(warnings=tuple(tree.warnings))


def _never_due(tree: Tree, model: object) -> None:
    """Warn of what is to be shown after a date that is not given."""
    waiting = [("visibility",)] if model.visibility == "after_due_date" else []
    waiting += [("steps", name, "visibility") for name, step in model.steps.items()
                if step.visibility == "after_due_date"]
    waiting += [("checks", index, "visibility") for index, check in enumerate(model.checks)
                if check.visibility == "after_due_date"]
    for path in waiting:
        tree.report(path, "There is no due:, so tcplab never shows this; Gradescope goes by a date of its own.",
                    "Write for example due: 2026-12-01T23:59+01:00.", severity="warning")


def _compiled(tree: Tree, model: object, lab: Lab) -> StaffOverlay:
    steps = [step.id for step in lab.steps]
    other = model.lab != lab.id  # then its steps are not those of this lab, which is no fault of theirs
    if other:
        tree.report(("lab",), f"This overlay is for the lab {model.lab!r}, not for {lab.id!r}.", "Name the other one.")
    for name in model.steps:
        if name not in steps and not other:
            tree.report(("steps", name), f"The lab has no step {printable(name)!r}.", suggest(name, steps).strip(),
                        key=True)
    checks, seen = [], set(steps)
    for index, check in enumerate(model.checks):
        path = ("checks", index)
        if check.id in seen:
            tree.report((*path, "id"), f"There is another {check.id!r}, a step or a check.", "Choose another id.")
        seen.add(check.id)
        if check.at is not None and check.at not in steps and not other:
            tree.report((*path, "at"), f"The lab has no step {check.at!r}.", suggest(check.at, steps).strip())
        judged = ((*path, key) for key in ("expr", "see", "never"))
        if check.expr is None and not check.see and not check.never and not tree.touched(*judged):
            tree.report(path, "A check needs expr, see or never.", "Say what has to be so.")
        checks.append(_check(tree, path, check, lab, model.visibility))
    return StaffOverlay(
        lab.id, model.due or "", {name: step.points for name, step in model.steps.items() if step.points is not None},
        {step: getattr(model.steps.get(step), "visibility", None) or model.visibility for step in steps}, tuple(checks))


def _check(tree: Tree, path: tuple, check: object, lab: Lab, visibility: str) -> StaffCheck:
    kept = tuple(name for step in lab.steps for name, _ in step.keep)
    names = known_names(lab.host_names, kept)

    def matches(key: str) -> tuple[Match, ...]:
        found = []
        for index, text in enumerate(getattr(check, key)):
            place = (*path, key, index) if (*path, key, index) in tree.values else (*path, key)
            try:
                found.append(parse_match(text, lab.host_names, names))
            except NotationError as error:
                tree.report_notation(place, error)
        return tuple(found)

    expr = None
    if check.expr is not None:
        try:
            expr = compile_expr(check.expr, names)
            if expr.whens:
                tree.report((*path, "expr"), "when belongs into a lab's keep.", "Keep it there, and name it here.")
        except NotationError as error:
            tree.report_notation((*path, "expr"), error)
    return StaffCheck(check.id, check.title or check.id.replace("-", " ").capitalize(), check.at or "", expr,
                      matches("see"), matches("never"), check.points, check.visibility or visibility, check.why or "")


def lab_id_of(path: Path) -> str:
    """The lab that an overlay says it is for. Raises LabError when it says none."""
    from .yamltree import decode, read_tree

    with path.open("rb") as file:
        tree = read_tree(decode(file.read(1024 * 1024), str(path)), str(path))
    found = tree.data.get("lab") if isinstance(tree.data, dict) else None
    if not isinstance(found, str):
        raise LabError([Problem(str(path), 1, 1, "An overlay says which lab it is for.", "Write for example lab: x.")])
    return found
