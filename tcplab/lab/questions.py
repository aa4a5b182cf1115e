"""The question of an `ask`: which kind it is, and everything it needs to be judged."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from tcplab.notation.errors import NotationError
from tcplab.notation.expr import Expr
from tcplab.notation.glossary import SEGMENT_FIELDS, VARIABLES
from tcplab.notation.units import SIZE_UNITS, TIME_UNITS, parse_percent, parse_size, parse_time, split_quantity

from .lesson import Choice, Question, Tolerance, WrongCase
from .text import Text

if TYPE_CHECKING:
    from .compile import Compiler
    from .model import AskModel
    from .yamltree import Path

FORMS = ("answer", "choices", "order", "match", "words")


def compile_question(compiler: Compiler, path: Path, model: AskModel, seg: bool) -> Question | None:
    """The compiled question; `seg` says that the segment it is about will be known when it is judged."""
    forms = [form for form in FORMS if getattr(model, form) is not None]
    if len(forms) != 1:
        if compiler.tree.touched(*((*path, form) for form in FORMS)):
            pass
        elif forms:
            message = f"A question has one form of answer, not {' and '.join(forms)}."
            compiler.tree.report((*path, forms[1]), message, "Ask two questions.", key=True)
        else:
            compiler.tree.report(path, "A question needs a form of answer.", f"Give one of {', '.join(FORMS)}.")
        return None
    form = forms[0]
    _check_companions(compiler, path, model, form)
    judged = compiler.names(seg, judged=True)
    values: dict[str, object] = {"prediction": model.about is not None}
    values["wrong"], values["otherwise"] = _wrong(compiler, path, model, judged, form)
    if form == "answer":
        values |= _number(compiler, path, model, seg)
    elif form == "choices":
        values |= _choices(compiler, path, model, judged)
    elif form == "order":
        items = [compiler.text((*path, "order", at), item) or Text("") for at, item in enumerate(model.order or ())]
        _distinct(compiler, path, "order", [item.source for item in items])
        values |= {"kind": "order", "items": tuple(items)}
    elif form == "match":
        _distinct(compiler, path, "match", list((model.match or {}).values()))
        values |= {"kind": "match", "pairs": tuple(
            (Text(left, (left,)), compiler.text((*path, "match", left), right) or Text(""))
            for left, right in (model.match or {}).items()
        )}  # fmt: skip
    else:
        values |= {"kind": "words"}
    return Question(**values)  # type: ignore[arg-type]


def _check_companions(compiler: Compiler, path: Path, model: AskModel, form: str) -> None:
    report = compiler.tree.report
    for key in ("unit", "within"):
        if form != "answer" and getattr(model, key) is not None:
            report((*path, key), f"{key} belongs to a question with answer.", "Remove it.", key=True)
    if form != "choices" and model.several:
        report((*path, "several"), "several belongs to a question with choices.", "Remove it.", key=True)
    if form == "words" and model.points:
        report((*path, "points"), "Free words are kept for the teacher and earn no points.", "Remove the points.")
    if form == "words" and model.about is not None:
        report((*path, "about"), "Free words cannot be judged, so they predict nothing.", "Remove about:.", key=True)


def _distinct(compiler: Compiler, path: Path, key: str, texts: list[str]) -> None:
    if len(set(texts)) != len(texts):
        compiler.tree.report((*path, key), "Two of these are the same.", "Make them differ.", key=True)


def _number(compiler: Compiler, path: Path, model: AskModel, seg: bool) -> dict[str, object]:
    answer = compiler.expr((*path, "answer"), str(model.answer), compiler.names(seg))
    unit = model.unit or ""
    if answer is not None:
        _check_answer(compiler, (*path, "answer"), answer, unit)
    within = Tolerance(ppm=100_000 if unit in TIME_UNITS else 0)
    if model.within is not None:
        try:
            within = _tolerance(model.within, unit)
        except NotationError as error:
            compiler.tree.report_notation((*path, "within"), error)
    return {"kind": "number", "answer": answer, "unit": unit, "within": within}


def _check_answer(compiler: Compiler, path: Path, answer: Expr, unit: str) -> None:
    """What a number's expression can be seen not to be."""
    kinds = [_kind(name) for name in answer.names]
    if "word" in kinds and len(kinds) == 1 or isinstance(answer.literal, str):
        compiler.tree.report(path, "The answer is a word, not a number.", "Ask with choices.")
    elif "time" in kinds and "/" not in answer.text and not unit:
        compiler.tree.report(path, "The answer is a time; say in which unit.", "Add unit: s.")


def _kind(name: str) -> str:
    if name == "now":
        return "time"
    field = name.rpartition(".")[2]
    gloss = SEGMENT_FIELDS.get(field) if name.startswith("seg.") else VARIABLES.get(field)
    return gloss.kind if gloss and "." in name else ""


def _tolerance(text: str, unit: str) -> Tolerance:
    if text.strip().endswith("%"):
        return Tolerance(ppm=parse_percent(text))
    top, bottom, given = split_quantity(text)
    if unit in TIME_UNITS:
        return Tolerance(amount=parse_time(text if given else f"{text.strip()}{unit}"))
    if unit in SIZE_UNITS:
        return Tolerance(amount=parse_size(text if given else f"{text.strip()}{unit}"))
    if given or top % bottom:
        raise NotationError("This is a whole number or a percentage.", 0, "Write for example 10%.")
    return Tolerance(amount=int(Fraction(top, bottom)))


def _choices(compiler: Compiler, path: Path, model: AskModel, judged: frozenset[str]) -> dict[str, object]:
    choices = []
    for at, choice in enumerate(model.choices or ()):
        place = (*path, "choices", at)
        text = compiler.text((*place, "text"), choice.text) or Text("")
        if choice.why and choice.right and not model.several:
            compiler.tree.report((*place, "why"), "why says why a choice is wrong.", "Use after.", key=True)
        choices.append(Choice(text, choice.right, compiler.text((*place, "why"), choice.why, judged)))
    right = sum(choice.right for choice in choices)
    if (right != 1 and not model.several or not right) and not compiler.tree.touched((*path, "choices")):
        cure = "Mark it with right: true." if not right else "Say several: true if more than one is right."
        compiler.tree.report((*path, "choices"), f"One choice is right, not {right}.", cure, key=True)
    _distinct(compiler, path, "choices", [choice.text.source for choice in choices])
    return {"kind": "several" if model.several else "choice", "choices": tuple(choices)}


def _wrong(
    compiler: Compiler, path: Path, model: AskModel, judged: frozenset[str], form: str
) -> tuple[tuple[WrongCase, ...], Text | None]:
    cases, otherwise = [], None
    for key, text in model.wrong.items():
        place: Path = (*path, "wrong", key)
        compiled = compiler.text(place if place in compiler.tree.values else (*path, "wrong"), text, judged) or Text("")
        if key == "else":
            otherwise = compiled
            continue
        if form != "answer":
            compiler.tree.report(place, "Only else stands here; a wrong choice has its own why.", "Move it there.",
                                 key=True)
            continue
        expr = compiler.expr(place, _literal(key, model.unit or ""), judged, key=True)
        if expr is not None:
            _check_or(compiler, place, expr)
            late = any(name.startswith("seg.") or name in ("given", "answer") for name in expr.names)
            cases.append(WrongCase(expr, compiled, late))
    return tuple(cases), otherwise


def _check_or(compiler: Compiler, place: Path, expr: Expr) -> None:
    """Warn of ``100 or given == 101``: an `or` gives its first side that counts as true, so its value is always 100."""
    sides = expr.alternatives
    taken = next((side for side, is_value in sides[:-1] if is_value), None)
    if taken is None:
        return
    meant = " or ".join(f"given == {side}" if is_value else side for side, is_value in sides)
    compiler.tree.report(place, f"{taken!r} is a value, not a condition: `or` always gives it, and what follows is "
                         "never heard.", f"Write {meant}, or two keys.", key=True, severity="warning")


def _literal(key: str, unit: str) -> str:
    """A bare number beside a question with a unit is meant in that unit."""
    bare = key.strip().replace(".", "", 1).isdigit()
    return f"{key.strip()}{unit}" if bare and (unit in TIME_UNITS or unit in SIZE_UNITS) else key
