"""From the model to the checked lab: expressions, matches and texts are compiled, every fault noted at its place."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import TYPE_CHECKING

from tcplab.notation.errors import NotationError, suggest
from tcplab.notation.expr import Expr, compile_expr
from tcplab.notation.glossary import SEGMENT_FIELDS, known_names, showable, variable_key
from tcplab.notation.match import Match, parse_condition, parse_match

from .lesson import STEP_KINDS, Hint, Lab, Step
from .picks import Pick, fill, has_holes, pick_value, samples
from .questions import compile_question
from .text import CheckerFor, CommandChecker, Scope, Text, compile_text
from .worlds import compile_hosts, compile_link

if TYPE_CHECKING:
    from .cache import Settled
    from .model import LabModel, StepModel, TaskModel
    from .yamltree import Path, Tree

#: Names that exist only where an answer is judged: the truth, and what was answered.
JUDGED = ("answer", "given")
_UNKNOWN = re.compile(r"'([a-z][a-z0-9_]*)' is not known here\.")
_KEEP = "Write keep: {t: when(...)}, and t here."


class Compiler:
    """One pass over the model, or what was kept of it. `names` grows as steps keep values; faults go to the tree."""

    def __init__(self, tree: Tree | Settled, model: LabModel, checker: CheckerFor | None) -> None:
        self.tree = tree
        self.model = model
        self.hosts = host_names(model)
        self.missing: set[str] = set()
        self.kept: list[str] = [*model.pick, *sorted(tree.lost)]
        self.check_command: CommandChecker | None = checker and checker(Scope(
            self.hosts, tuple(step.id for step in model.steps),
            (*self.kept, *(name for step in model.steps for name in step.keep))))
        self.picks: tuple[Pick, ...] = tuple(
            (name, tuple(pick_value(text) for text in texts)) for name, texts in model.pick.items()
        )

    def names(self, seg: bool = False, judged: bool = False) -> frozenset[str]:
        """The names an expression may use at this point of the lab."""
        return known_names(self.hosts, (*self.kept, *(JUDGED if judged else ())), seg)

    def fault(self, path: Path, error: NotationError, offset: int = 0, key: bool = False) -> None:
        """Note what does not parse. A name that nothing draws or keeps is one fault, however often it is used; none
        at all where a faulty `pick:` may be the cause."""
        name = _UNKNOWN.fullmatch(error.message)
        if name and (name[1] in self.missing or self.tree.touched(("pick",))):
            return
        if name and not error.cure:
            self.missing.add(name[1])
            error = NotationError(error.message, error.column, "Draw it with pick:, or keep it in a step before.")
        self.tree.report_notation(path, error, offset, key)

    def expr(
        self, path: Path, text: str, names: Collection[str], *, key: bool = False, when: bool = False
    ) -> Expr | None:
        """The compiled expression, or None with its fault noted; `key` says that it stands in a key's place."""
        try:
            expr = compile_expr(text, names)
        except NotationError as error:
            self.fault(path, error, key=key)
            return None
        if expr.whens and not when:
            self.tree.report(path, "when belongs into keep.", _KEEP, key=key)
            return None
        return expr

    def match(self, path: Path, text: str) -> Match | None:
        try:
            return parse_match(text, self.hosts, self.names())
        except NotationError as error:
            self.fault(path, error)
            return None

    def condition(self, path: Path, text: str | None) -> Match | Expr | None:
        if text is None:
            return None
        try:
            found = parse_condition(text, self.hosts, self.names())
        except NotationError as error:
            self.fault(path, error)
            return None
        if isinstance(found, Expr) and found.whens:
            self.tree.report(path, "when belongs into keep.", _KEEP)
        return found

    def text(self, path: Path, source: str | None, names: Collection[str] | None = None) -> Text | None:
        if source is None:
            return None
        text, faults = compile_text(source.strip("\n"), self.names() if names is None else names, self.check_filled)
        lead = len(source) - len(source.lstrip("\n"))
        for fault in faults:
            self.fault(path, fault, lead)
        return text

    def commands(self, path: Path, lines: list[str], answers: bool = False) -> tuple[str, ...]:
        for index, line in enumerate(lines):
            place = (*path, index) if (*path, index) in self.tree.values else path
            word, _, rest = line.strip().partition(" ")
            if answers and word == "answer":
                self.answer(place, line, rest)
                continue
            try:
                self.check_filled(line)
            except NotationError as error:
                self.fault(place, error)
        return tuple(line.strip() for line in lines)

    def check_filled(self, command: str) -> None:
        """Check a command with every value that the seed may put into it. Raises NotationError."""
        if not has_holes(command):
            if self.check_command is not None:
                self.check_command(command)
            return
        for values in samples(self.picks):
            filled = fill(command, values)
            try:
                if self.check_command is not None:
                    self.check_command(filled)
            except NotationError as error:
                # Behind the first hole columns of the filled command mean nothing in the file.
                column = min(error.column, command.index("{{"))
                raise NotationError(error.message, column, error.cure) from None

    def answer(self, path: Path, line: str, value: str) -> None:
        """In a solution, ``answer right``, ``answer EXPR`` or what a learner would type."""
        if has_holes(value):
            self._check_fillable(path, line)
        elif not value.strip():
            self.tree.report(path, "answer needs a value.", "Write answer right.")
        elif "." in value and " " not in value.strip() and not value.strip()[0].isdigit():
            try:
                compile_expr(value, self.names(seg=True))
            except NotationError as error:
                self.fault(path, error, line.index(value))

    def _check_fillable(self, path: Path, line: str) -> None:
        try:
            for values in samples(self.picks):
                fill(line, values)
        except NotationError as error:
            self.fault(path, error)

    def shown(self, path: Path, names: list[str] | None) -> frozenset[str]:
        known = set(showable())
        for index, name in enumerate(names or []):
            if variable_key(name) not in known:
                near = suggest(variable_key(name), showable()).strip()
                self.tree.report((*path, index), f"There is nothing called {name!r} to show or hide.", near)
        return frozenset(variable_key(name) for name in names or [])

    def lab(self, logic_sha256: str) -> Lab:
        """The lab, whose logic has that hash; of use only if the tree holds no errors afterwards."""
        model = self.model
        for name in model.pick:
            self._free(("pick", name), name)
        steps = tuple(self.step(index, step) for index, step in enumerate(model.steps))
        return Lab(
            id=model.id, title=model.title, summary=model.summary or "", minutes=model.minutes or 0,
            needs=tuple(model.needs), profile=model.profile, ip=model.ip,
            show=None if model.show is None else self.shown(("show",), model.show),
            hide=self.shown(("hide",), model.hide), hosts=compile_hosts(self.hosts, model),
            link=compile_link(self.hosts, model), start=self.commands(("start",), model.start), steps=steps,
            file=self.tree.file, logic_sha256=logic_sha256, picks=self.picks,
        )  # fmt: skip

    def step(self, index: int, model: StepModel) -> Step:
        path: Path = ("steps", index)
        kind = next(kind for kind in STEP_KINDS if hasattr(model, kind))
        values: dict[str, object] = {"text": self.text((*path, kind), getattr(model, kind))}
        values["do"] = self.commands((*path, "do"), model.do)
        hints = tuple(
            Hint(self._hint_text((*path, "hints", at), hint.text), hint.cost) for at, hint in enumerate(model.hints)
        )
        after_names = self.names()
        if kind == "ask":
            about = self.condition((*path, "about"), model.about)
            # A match that does not parse is a fault of its own, told already.
            seg = model.about is not None and not isinstance(about, Expr)
            values |= {"about": about, "question": compile_question(self, path, model, seg)}
            after_names = self.names(seg, judged=True)
        keep = self.keep(path, model)
        if kind == "task":
            values |= self.task(path, model)
        after_names |= frozenset(model.keep)
        return Step(
            id=model.id, number=index + 1, kind=kind, title=model.title or title_of(model.id), hints=hints, keep=keep,
            after=self.text((*path, "after"), model.after, after_names), rfc=model.rfc or "", points=model.points,
            challenge=model.challenge, skippable=model.skippable, mark=model.mark, from_=model.from_,
            show=self.shown((*path, "show"), model.show), hide=self.shown((*path, "hide"), model.hide),
            solution=self.commands(("solution", model.id), self.model.solution.get(model.id, []), answers=True),
            **values,
        )  # fmt: skip

    def _hint_text(self, path: Path, source: str) -> Text:
        longer = (*path, "text")
        return self.text(longer if longer in self.tree.values else path, source) or Text("")

    def keep(self, path: Path, model: StepModel) -> tuple[tuple[str, Expr], ...]:
        kept = []
        for name, text in model.keep.items():
            where = (*path, "keep", name)
            self._free(where, name)
            expr = self.expr(where, text, self.names(), when=True)
            if expr is not None:
                kept.append((name, expr))
            self.kept.append(name)
        return tuple(kept)

    def _free(self, path: Path, name: str) -> None:
        """Note it as a fault if `name`, a kept or drawn one, means something else in expressions."""
        if name in (*JUDGED, "now", "seg", "when", *SEGMENT_FIELDS) or name in self.hosts:
            self.tree.report(path, f"{name!r} has a meaning already.", "Choose another name.", key=True)

    def task(self, path: Path, model: TaskModel) -> dict[str, object]:
        def matches(key: str) -> tuple[Match, ...]:
            found = []
            for index, text in enumerate(getattr(model, key)):
                place = (*path, key, index)
                found.append(self.match(place if place in self.tree.values else (*path, key), text))
            return tuple(match for match in found if match is not None)

        goal = None if model.goal is None else self.expr((*path, "goal"), model.goal, self.names())
        return {"goal": goal, "see": matches("see"), "never": matches("never")}


def host_names(model: LabModel) -> tuple[str, ...]:
    """The hosts in order: client and server unless the file names others, then as it lists them."""
    if set(model.hosts) <= {"client", "server"}:
        return ("client", "server")
    return tuple(model.hosts)


def title_of(step_id: str) -> str:
    """A step's title when it gives none: ``second-fin`` -> ``Second fin``."""
    words = step_id.replace("-", " ")
    return words[:1].upper() + words[1:]
