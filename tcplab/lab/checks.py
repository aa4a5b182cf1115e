"""What a lab's parts have to be to each other: names that refer, marks that exist, challenges that challenge."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tcplab.notation.errors import printable, suggest

from .compile import host_names
from .model import AskModel, LabModel, StepModel, TaskModel
from .text import compile_text
from .yamltree import Path, Tree

#: Words that a host may not be called, because commands and expressions use them.
RESERVED = frozenset(
    "link run wait step back seek answer hint skip next reset why note help inject mark start from to now seg when "
    "where any lost repeated min max abs len and or not in if else is all on off true false none right given".split()
)


def check(tree: Tree, model: LabModel) -> None:
    """Note every fault of meaning in the tree."""
    _check_hosts(tree, model)
    _check_steps(tree, model)
    _check_order(tree, model)
    _check_solution(tree, model)
    _check_points(tree, model)
    _check_picks(tree, model)


def _check_hosts(tree: Tree, model: LabModel) -> None:
    names = host_names(model)
    if len(names) != 2 and not tree.touched(("hosts",)):
        tree.report(("hosts",), f"A lab has two hosts; here are {len(names)}.", "List both.", key=True)
    for name in model.hosts:
        if name in RESERVED or name.upper() in ("SYN", "ACK", "DATA", "FIN", "RST"):
            tree.report(("hosts", name), f"{name!r} is a word of commands.", "Call the host otherwise.", key=True)
    for name in model.link.directions if model.link else ():
        if name not in names:
            cure = suggest(name, names).strip() or f"The hosts are {' and '.join(names)}."
            tree.report(("link", name), f"{printable(name)!r} is not a host of this lab.", cure, key=True)


def _check_steps(tree: Tree, model: LabModel) -> None:
    seen: dict[str, int] = {}
    for index, step in enumerate(model.steps):
        path: Path = ("steps", index)
        if step.id in seen:
            tree.report((*path, "id"), f"Step {seen[step.id] + 1} is called {step.id!r} too.", "Give it another id.")
        seen.setdefault(step.id, index)
        ends = (*path, "goal"), (*path, "see")
        if isinstance(step, TaskModel) and step.goal is None and not step.see and not tree.touched(*ends):
            tree.report(path, f"Task {step.id!r} can never be done.", "Give it a goal or see.")
        if step.challenge:
            _check_challenge(tree, path, step)
        if isinstance(step, AskModel):
            _check_choices(tree, path, step)
        total = sum(hint.cost for hint in step.hints)
        if total > step.points and not tree.touched((*path, "points"), (*path, "hints")):
            tree.report(
                (*path, "hints"), f"The hints cost {total}, the step earns {step.points}.", key=True, severity="warning"
            )


def _check_challenge(tree: Tree, path: Path, step: StepModel) -> None:
    if step.hints:
        tree.report((*path, "hints"), "A challenge has no hints.", "Move them to an earlier step.", key=True)
    for key, source in _texts(step):
        text, _ = compile_text(source)
        if text.commands:
            tree.report((*path, key), "A challenge names no commands.", "Say what is wanted, not how.",
                        offset=source.find("[["))
    if not isinstance(step, (TaskModel, AskModel)):
        tree.report((*path, "challenge"), "A challenge is a task or a question.", "Remove challenge: here.", key=True)


def _check_choices(tree: Tree, path: Path, step: AskModel) -> None:
    """A wrong choice says what was mixed up, by itself or by the word for all of them."""
    for at, choice in enumerate(step.choices or () if "else" not in step.wrong else ()):
        place = (*path, "choices", at)
        if not choice.right and choice.why is None and not tree.touched(place):
            tree.report(place, f"The wrong choice {printable(choice.text, 40)!r} has no why.",
                        "Add why: to it, and say what was mixed up.", severity="warning")


def _texts(step: StepModel) -> Iterator[tuple[str, str]]:
    for key in ("task", "ask"):
        if getattr(step, key, None):
            yield key, getattr(step, key)


def _check_order(tree: Tree, model: LabModel) -> None:
    """Marks and kept names: each once, and used only after they exist."""
    marks: list[str] = []
    kept: set[str] = set(model.pick)
    for index, step in enumerate(model.steps):
        path: Path = ("steps", index)
        if step.from_ not in (None, "start", *tree.lost) and step.from_ not in marks:
            cure = suggest(step.from_, ("start", *marks)).strip()
            if not cure and marks:
                cure = f"Known here are start, {', '.join(marks)}."
            tree.report((*path, "from"), f"There is no mark {printable(step.from_)!r} before this step.", cure)
        if step.mark is not None:
            if step.mark in marks or step.mark == "start":
                tree.report((*path, "mark"), f"The mark {step.mark!r} was set already.", "Choose another name.")
            marks.append(step.mark)
        for name in step.keep:
            if name in kept:
                tree.report((*path, "keep", name), f"{name!r} is kept already.", "Choose another name.", key=True)
            kept.add(name)


def _check_solution(tree: Tree, model: LabModel) -> None:
    ids = [step.id for step in model.steps]
    meant = ""
    for key in model.solution:
        if key not in ids and key not in tree.lost:
            near = suggest(key, ids).strip() or f"The steps are {', '.join(ids)}."
            meant += near
            tree.report(("solution", key), f"There is no step {printable(key)!r}.", near, key=True)
    for index, step in enumerate(model.steps):
        told = repr(step.id) in meant or tree.touched(("solution", step.id))
        if isinstance(step, (TaskModel, AskModel)) and step.id not in model.solution and not told:
            tree.report(
                ("steps", index, "id"), f"Step {step.id!r} has no solution.", "Give it one under solution.",
                severity="warning",
            )  # fmt: skip


def _check_picks(tree: Tree, model: LabModel) -> None:
    """A parameter that nothing uses was forgotten, or is spelt otherwise where it is meant."""
    if not model.pick:
        return
    rest = model.model_dump_json(exclude={"pick"}, exclude_defaults=True, by_alias=True)
    for name in model.pick:
        if not re.search(rf"(?<![\w.]){name}(?!\w)", rest):
            tree.report(("pick", name), f"Nothing uses {name!r}.", f"Write {{{{{name}}}}} in a text or command.",
                        key=True, severity="warning")  # fmt: skip


#: A lab with fewer points is a sketch or a single exercise: no advice on how to share them out.
_WHOLE_LESSON = 10


def _check_points(tree: Tree, model: LabModel) -> None:
    total = sum(step.points for step in model.steps)
    challenge = sum(step.points for step in model.steps if step.challenge)
    faulty = any(tree.touched(("steps", at, key)) for at in range(len(model.steps)) for key in ("points", "challenge"))
    if not faulty and total >= _WHOLE_LESSON and 2 * challenge < total:
        tree.report(
            ("steps",), f"Challenges earn {challenge} of {total} points; half or more is good.",
            "Let the points say what was understood, not what was typed.", key=True, severity="warning",
        )  # fmt: skip
