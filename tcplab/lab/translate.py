"""Labs in other languages: beside ``LAB.yaml`` a file ``LAB.de.yaml`` holds the texts of its steps, by the same ids.

A translation holds words only: what decides a result comes from the lab, so the hash of its logic stays the same, and
so do recordings and grades. Each part names by `of` the texts that it was made from, so that lint can tell which
translations are stale. A text that is missing, and a whole translation with errors, is shown in the original.
"""

from __future__ import annotations

import copy
import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tcplab.notation.errors import printable, suggest

from .errors import LabError, LabNotFound, Problem, in_order
from .lesson import STEP_KINDS, Lab

if TYPE_CHECKING:
    from .text import CheckerFor
    from .yamltree import Path as Place
    from .yamltree import Tree

#: The language that labs are written in.
ORIGINAL = "en"
_LANGUAGE = re.compile(r"[a-z]{2}")
_HEAD = ("title", "summary")
_chosen = ""


def prefer(language: str) -> None:
    """The language that the learner's settings name; "" or "auto" leaves it to the environment."""
    global _chosen
    _chosen = "" if language == "auto" else language


def language(env: Mapping[str, str] | None = None) -> str:
    """Two letters: TCPLAB_LANG, else the settings, else LC_ALL, LC_MESSAGES or LANG, else the original."""
    env = os.environ if env is None else env
    said = env.get("TCPLAB_LANG") or _chosen or env.get("LC_ALL") or env.get("LC_MESSAGES") or env.get("LANG") or ""
    found = re.match(r"([a-z]{2})(?:[_.@-]|$)", said)
    return found[1] if found else ORIGINAL


def file_for(lab: Path, lang: str) -> Path:
    """Where the translation of a lab file lies."""
    return lab.with_name(f"{lab.stem}.{lang}.yaml")


def original_of(path: Path) -> tuple[Path, str] | None:
    """The lab file and the language of a translation, None for any other file."""
    stem, _, lang = path.stem.rpartition(".")
    return (path.with_name(f"{stem}.yaml"), lang) if stem and _LANGUAGE.fullmatch(lang) else None


def translations(lab: Path) -> list[Path]:
    """The translations that lie beside a lab file, by name."""
    found = (path for path in lab.parent.glob(f"{lab.stem}.??.yaml") if original_of(path))
    return sorted(path for path in found if original_of(path)[0] == lab)


def translated(lab: Lab, lang: str | None = None) -> Lab:
    """The lab in that language (default: the learner's), the lab itself where there is none without errors."""
    lang = language() if lang is None else lang
    if not _LANGUAGE.fullmatch(lang) or lang == ORIGINAL or not lab.file:
        return lab
    path = file_for(Path(lab.file), lang)
    if not path.is_file():
        return lab
    try:
        found, _ = lint_translation(path)
    except LabNotFound:
        return lab
    return lab if found is None or found.logic_sha256 != lab.logic_sha256 else found._replace(warnings=lab.warnings)


def head_in(lab: Path, lang: str) -> dict[str, str]:
    """Title and summary of a lab file in that language, as far as there are any; for the list of labs."""
    from .loader import _plain

    if not _LANGUAGE.fullmatch(lang) or lang == ORIGINAL:
        return {}
    try:
        with file_for(lab, lang).open("rb") as file:
            head = re.split(rb"^steps\s*:", file.read(16 * 1024), maxsplit=1, flags=re.MULTILINE)[0]
        data = _plain(f"{lab.stem}.{lang}.head", head, str(lab))
    except (OSError, LabError):
        return {}
    return {key: data[key] for key in _HEAD if isinstance(data.get(key), str)} if isinstance(data, dict) else {}


def texts_of(step: dict) -> dict[str, object]:
    """The texts of a step as written: what a translation may hold of it, in the same shape."""
    texts: dict[str, object] = {key: step[key] for key in ("title", *STEP_KINDS, "after", "order", "match")
                                if key in step}
    if isinstance(step.get("hints"), list):
        texts["hints"] = [hint.get("text") if isinstance(hint, dict) else hint for hint in step["hints"]]
    if isinstance(step.get("choices"), list):
        texts["choices"] = [{key: one[key] for key in ("text", "why") if key in one} for one in step["choices"]]
    if step.get("wrong"):
        texts["wrong"] = step["wrong"]
    return texts


def mark_of(texts: object) -> str:
    """What `of` says: it changes with the texts, not with how their lines are broken. No YAML takes it for a number."""
    flat = " ".join(json.dumps(texts, ensure_ascii=True, sort_keys=True).replace("\\n", " ").split())
    return "t" + hashlib.sha256(flat.encode()).hexdigest()[:8]


#: What a translation leaves as it is: values, commands, code, addresses.
_FIXED = re.compile(r"\{\{.*?\}\}|\[\[.*?\]\]|`.*?`|https?://\S+", re.DOTALL)

_HOLE = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)


def _words(text: str) -> list[str]:
    """The words of a text that a language has of its own: terms in capitals are the same in all."""
    return re.findall(r"\b\w?[a-z]{2,}\b", _FIXED.sub(" ", text))


def _called(place: Place) -> str:
    """A text by its name: title, hint 2, choice 1 why."""
    names = {"hints": "hint", "choices": "choice"}
    words = [f"{names.get(str(part), part)}" if isinstance(part, str) else str(part + 1) for part in place]
    step, words = (words[1], words[2:]) if place[0] == "steps" else ("", words)
    said = f"The text {' '.join(words)!r}"
    return f"{said} of step {step!r}" if step else said


def head_of(data: dict) -> dict[str, object]:
    return {key: data[key] for key in _HEAD if key in data}


def lint_translation(path: Path, checker: CheckerFor | None = None) -> tuple[Lab | None, Sequence[Problem]]:
    """The lab in the language of that file (None with errors), and all faults of the translation.

    Raises LabNotFound when it, or the lab beside it, cannot be read.
    """
    from .loader import _bytes_of
    from .yamltree import decode, read_tree

    lab_path, lang = original_of(path)
    try:
        base = read_tree(decode(_bytes_of(lab_path), str(lab_path)), str(lab_path))
        over = read_tree(decode(_bytes_of(path), str(path)), str(path))
    except LabError as error:
        return None, error.problems
    if base.errors or not isinstance(base.data, dict) or not isinstance(base.data.get("steps"), list):
        return None, in_order([*over.told, *base.errors] if base.errors else
                              [Problem(str(lab_path), 1, 1, "This is no lab with steps.")])
    merged = _Merge(base, over, lang).tree()
    lab = _compiled(merged, checker)
    return (None if over.errors or merged.errors else lab), in_order([*over.told, *merged.errors])


def _compiled(tree: Tree, checker: CheckerFor | None) -> Lab | None:
    from .compile import Compiler
    from .logic import logic_sha256
    from .validate import validate

    model = validate(tree)
    return None if model is None else Compiler(tree, model, checker).lab(logic_sha256(model))


class _Merge:
    """Lays the texts of `over` onto the lab in `base`; faults go to `over`."""

    def __init__(self, base: Tree, over: Tree, lang: str) -> None:
        self.base, self.over, self.lang = base, over, lang
        self.data = copy.deepcopy(base.data)
        self.moved: dict[Place, Place] = {}

    def tree(self) -> Tree:
        given = self.over.data
        if not isinstance(given, dict):
            self.over.report((), "A translation is a mapping of keys.", f"Begin with lang: {self.lang}.")
            return self.base
        self._frame(given)
        self._part((), head_of(self.data), {key: given[key] for key in (*_HEAD, "of") if key in given}, (), "The head")
        steps = given.get("steps") if isinstance(given.get("steps"), dict) else {}
        ids = [str(step.get("id")) if isinstance(step, dict) else "" for step in self.data["steps"]]
        for name in steps:
            if name not in ids:
                self.over.report(("steps", name), f"The lab has no step {printable(name)!r}.",
                                 suggest(name, ids).strip(), key=True)
        for index, step in enumerate(self.data["steps"]):
            if not isinstance(step, dict):
                continue
            name = ids[index]
            if not isinstance(steps.get(name), dict):
                place = ("steps", name) if name in steps else ("steps",)
                self.over.report(place, f"Step {name!r} is not translated.",
                                 f"Its texts are marked of: {mark_of(texts_of(step))}.", severity="warning")
                continue
            self._part(("steps", index), texts_of(step), steps[name], ("steps", name), f"Step {name!r}")
        return _merged(self.base, self.data, self.over, self.moved)

    def _frame(self, given: dict) -> None:
        known = ("lang", "lab", "of", *_HEAD, "steps")
        for key in given:
            if key not in known:
                self.over.report((key,), f"Unknown key {printable(key)!r}.", suggest(key, known).strip()
                                 or f"Known are {', '.join(known)}.", key=True)
        for key, wanted in (("lang", self.lang), ("lab", self.data.get("id"))):
            if given.get(key) != wanted:
                self.over.report((key,), f"This file needs {key}: {wanted}.")
        if not isinstance(given.get("steps", {}), dict):
            self.over.report(("steps",), "Here the steps stand under their ids.", "Write steps: {ID: {...}}.")

    def _part(self, at: Place, texts: dict, given: dict, place: Place, name: str) -> None:
        """One part with its own mark."""
        mark = mark_of(texts)
        if str(given.get("of", "")) != mark:
            said = "the original was changed since" if given.get("of") else "it does not say what it was made from"
            self.over.report((*place, "of") if "of" in given else place, f"{name} is stale: {said}.",
                             f"Compare it with the original, then write of: {mark}.", severity="warning")
        given = {key: one for key, one in given.items() if key != "of"}
        self.same: list[tuple[Place, str]] = []
        self.other = False
        self._lay(at, texts, given, place)
        # A single word, such as a technical term, may be the same in both languages, if the rest was translated.
        untouched = [where for where, text in self.same if not self.other or len(_words(text)) > 1]
        for where in untouched:
            self.over.report(where, f"{_called(where)} is still in the original language.", "Translate it.",
                             severity="warning")

    def _lay(self, at: Place, texts: object, given: object, place: Place) -> None:
        if at and at[-1] == "match" and isinstance(given, dict) and len(given) == len(texts):
            self._put(at, given, place)
            for text, (left, right) in zip(texts.values(), given.items(), strict=True):
                self._compare(str(text), str(right), (*place, left))
        elif isinstance(texts, dict) and isinstance(given, dict):
            self._mapping(at, texts, given, place)
        elif isinstance(texts, list) and isinstance(given, list) and len(texts) == len(given):
            for index, (text, one) in enumerate(zip(texts, given, strict=True)):
                self._lay((*at, index), text, one, (*place, index))
        elif isinstance(texts, (str, int)) and isinstance(given, (str, int)) and str(given).strip():
            self._put(at, given, place)
            self._compare(str(texts), str(given), place)
        else:
            wanted = f"{len(texts)} texts in their order" if isinstance(texts, (list, dict)) else "a text"
            self.over.report(place, f"Here the lab has {wanted}.")

    def _compare(self, text: str, given: str, place: Place) -> None:
        """Note whether anybody has translated this text, if there is a word in it, and whether its values are there."""
        wanted, found = (dict.fromkeys("".join(hole.split()) for hole in _HOLE.findall(one)) for one in (text, given))
        for hole in wanted:
            if hole not in found:
                self.over.report(place, f"{_called(place)} has lost {{{{{printable(hole)}}}}} of the original.",
                                 "Values are not translated: put it back.", severity="warning")
        for hole in found:
            if hole not in wanted:
                self.over.report(place, f"{_called(place)} has {{{{{printable(hole)}}}}}, which the original has not.",
                                 "Name the same values as the original.", severity="warning")
        if _words(text):
            same = text.split() == given.split()
            self.other = self.other or not same
            self.same += [(place, text)] if same else []

    def _mapping(self, at: Place, texts: dict, given: dict, place: Place) -> None:
        for key in given:
            if key not in texts:
                self.over.report((*place, key), f"The lab has no text {printable(key)!r} here.",
                                 suggest(key, list(texts)).strip(), key=True)
        for key, text in texts.items():
            if key in given:
                self._lay((*at, key), text, given[key], (*place, key))
            else:
                self.over.report(place, f"{_called((*place, key))} is missing.", "Learners see the original.",
                                 severity="warning")

    def _put(self, at: Place, value: object, place: Place) -> None:
        """Set one text in the lab's data, and remember where it comes from."""
        target = self.data
        for part in at[:-1]:
            target = target[part]
        last = at[-1]
        if isinstance(target[last], dict) and "text" in target[last] and "match" not in at:
            target, last, at = target[last], "text", (*at, "text")  # a hint with its cost
        target[last] = value
        self.moved[at] = place


def _merged(base: Tree, data: object, over: Tree, moved: dict[Place, Place]) -> Tree:
    """A tree of the lab with other texts, which tells their faults in the translation."""
    from .yamltree import Tree

    class Merged(Tree):
        """See `_merged`."""

        def report(self, path: Place, message: str, cure: str = "", **more: object) -> None:
            if path in moved:
                over.report(moved[path], message, cure, **more)
            else:
                super().report(path, message, cure, **more)

    tree = Merged("", base.file)
    tree.lines, tree.values, tree.keys, tree.data = base.lines, base.values, base.keys, data
    return tree


def skeleton(lab_path: Path, lang: str) -> str:
    """A translation to begin with: all texts of the lab in the original, with their marks. Raises LabError."""
    from .loader import _bytes_of
    from .yamltree import decode, read_tree

    tree = read_tree(decode(_bytes_of(lab_path), str(lab_path)), str(lab_path))
    if tree.errors or not isinstance(tree.data, dict):
        raise LabError(tree.errors or [Problem(str(lab_path), 1, 1, "A lab is a mapping of keys.")])
    head = head_of(tree.data)
    lines = [f"# The texts of {lab_path.name}, to be written in the language {lang!r}. {{{{...}}}} and [[...]] stay.",
             f"lang: {lang}", f"lab: {tree.data.get('id')}", f"of: {mark_of(head)}", *_written(head, 0), "steps:"]
    for step in tree.data.get("steps", ()):
        texts = texts_of(step)
        lines += ["", f"  {step['id']}:", f"    of: {mark_of(texts)}", *_written(texts, 4)]
    return "\n".join(lines) + "\n"


def _written(value: dict, indent: int) -> Iterator[str]:
    """A mapping of texts as YAML."""
    pad = " " * indent
    for key, one in value.items():
        name = key if re.fullmatch(r"[A-Za-z_][\w-]*", key) else json.dumps(key, ensure_ascii=False)
        if isinstance(one, dict):
            yield f"{pad}{name}:"
            yield from _written(one, indent + 2)
        elif isinstance(one, list):
            yield f"{pad}{name}:"
            for item in one:
                if isinstance(item, dict):
                    first, *rest = _written(item, indent + 4)
                    yield f"{pad}  - {first.lstrip()}"
                    yield from rest
                else:
                    yield f"{pad}  - {_scalar(str(item), indent + 4)}"
        else:
            yield f"{pad}{name}: {_scalar(str(one), indent + 2)}"


def _scalar(text: str, indent: int) -> str:
    if "\n" not in text and len(text) + indent < 90:
        return json.dumps(text, ensure_ascii=False)
    import textwrap

    lines = text.strip("\n").split("\n")
    if len(lines) == 1:
        lines = textwrap.wrap(text, 112 - indent, break_long_words=False, break_on_hyphens=False)
    return "|-\n" + "\n".join(" " * indent + line if line else "" for line in lines)
