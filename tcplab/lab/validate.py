"""From plain data to the model: pydantic's findings told with their place and a cure, those behind the first too."""

from __future__ import annotations

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from tcplab.notation.errors import NotationError, printable, suggest

from .mending import fill, give_kind, holder, move, replace, take_out
from .model import FORMAT, KINDS, LabModel
from .shape import Part, keys_of, part_at
from .yamltree import Path, Tree

#: How often a file is set right and looked at again.
_ROUNDS = 12


def validate(tree: Tree) -> LabModel | None:
    """The model of a lab file, or None; everything wrong is noted in the tree.

    A file with faults has a model as well, as far as it can be set right: what the rest of the file says can be
    checked with it.
    """
    data = tree.data
    if not isinstance(data, dict):
        tree.report((), "A lab is a mapping of keys.", "Begin with tcplab: 1.")
        return None
    version = data.get("tcplab")
    if isinstance(version, int) and not isinstance(version, bool) and version > FORMAT:
        tree.report(
            ("tcplab",), f"This lab is written in format {version}; this tcplab reads format {FORMAT}.",
            "Install a newer tcplab.",
        )  # fmt: skip
        return None
    if version is None:
        tree.report((), "The first key says the format.", f"Begin with tcplab: {FORMAT}.")
        fill(tree, ("tcplab",))
    return model_of(tree, LabModel)


def model_of(tree: Tree, root: Part) -> BaseModel | None:
    """The file as `root` has it; faults are noted in the tree, and set right there for the time being."""
    for _ in range(_ROUNDS):
        try:
            return root.model_validate(tree.data)
        except ValidationError as error:
            details = error.errors(include_url=False)
        moved: set[Path] = set()
        # A misspelt key first: it may be the one that is missing.
        for detail in sorted(details, key=lambda one: one["type"] != "extra_forbidden"):
            if not _tell(tree, root, detail, moved):
                return None
    return None


def _path(tree: Tree, loc: tuple) -> Path:
    """pydantic's location without what only the model knows: tags of unions, gathered directions."""
    path: Path = ()
    if loc[:1] == ("steps",) and loc[2:3] and loc[2] in KINDS:
        loc = (*loc[:2], *loc[3:])
    for part in loc:
        longer = (*path, part)
        if longer in tree.values or longer in tree.keys:
            path = longer
    return path


def _tell(tree: Tree, root: Part, detail: ErrorDetails, moved: set[Path]) -> bool:
    """Note one finding and set it right. Returns whether the file can be looked at again."""
    loc, kind = tuple(detail["loc"]), detail["type"]
    path = _path(tree, loc[:-1] if kind == "missing" else loc)
    if kind == "extra_forbidden":
        _unknown_key(tree, root, path, moved)
    elif kind == "missing":
        missing = (*path, loc[-1])
        if missing not in moved:
            if not (tree.cut and str(loc[-1]) in tree.lost):
                tree.report(path, f"{_name(root, path)} needs the key {loc[-1]!r}.", f"Add {loc[-1]}: to it.")
            fill(tree, missing)
    elif kind.startswith("union_tag"):
        _no_kind(tree, path, moved)
    elif not path:
        tree.report(path, *_explain(detail)[:2])
        return False
    elif loc[-1] == "[key]":
        tree.report(path, f"{printable(str(loc[-2]))!r} is not a name.", _pattern_cure(detail), key=True)
        take_out(tree, path)
    else:
        message, cure, offset = _explain(detail)
        if kind == "bool_type":
            tree.forget_warnings(path)  # quotes, advised where a text is wanted, would not help here
        if kind not in ("too_short", "too_long") or not tree.touched(path):
            tree.report(path, message, cure, offset=offset)
        if _is_there(tree, path):
            replace(tree, root, path)
    return True


def _is_there(tree: Tree, path: Path) -> bool:
    """Whether a value still stands there: two findings may be about one."""
    inside = holder(tree, path)
    return path not in tree.mended and (isinstance(inside, list) or path[-1] in inside)


_ROOTS = {"LabModel": "A lab", "OverlayModel": "An overlay", "CourseModel": "A course"}
_ENTRIES = {"steps": "A step", "hints": "A hint", "choices": "A choice", "checks": "A check", "labs": "An entry"}


def _name(root: Part, path: Path) -> str:
    if not path:
        return _ROOTS[root.__name__]
    return _ENTRIES.get(str(path[-2]), "This") if isinstance(path[-1], int) else f"{path[-1]}"


def _unknown_key(tree: Tree, root: Part, path: Path, moved: set[Path]) -> None:
    key = str(path[-1])
    part = part_at(root, tree.data, path[:-1]) or root
    known = keys_of(part)
    owners = [f"{kind} steps" for kind, other in KINDS.items() if part in KINDS.values() and key in keys_of(other)]
    near = "" if owners or key in KINDS else suggest(key, known).strip()
    if key in KINDS and part in KINDS.values():
        cure = "A step has one of say, task, ask."
    elif owners:
        cure = f"It belongs to {' and '.join(owners)}."
    else:
        cure = near or f"Known are {', '.join(known)}."
    if path[:-1] == ("link",) and isinstance(tree.data["link"][key], dict):  # type: ignore[index]
        cure = "Under link stand settings, or a host's name with settings."
    tree.report(path, f"Unknown key {printable(key)!r}.", cure, key=True)
    _take_for(tree, path, near, moved)


def _take_for(tree: Tree, path: Path, near: str, moved: set[Path]) -> None:
    """Read a key as the one that was probably meant, else leave it out."""
    meant = near.partition("'")[2].rpartition("'")[0]
    if meant and move(tree, path, meant):
        moved.add((*path[:-1], meant))
    else:
        take_out(tree, path)


def _no_kind(tree: Tree, path: Path, moved: set[Path]) -> None:
    step = holder(tree, path)[path[-1]]  # type: ignore[call-overload]
    if not isinstance(step, dict):
        tree.report(path, "A step is a mapping of keys.", "Write for example {id: hello, say: Read this.}")
        take_out(tree, path)
        return
    near = [(key, cure) for key in step for cure in [suggest(key, KINDS)] if cure]
    if near:
        key = (*path, near[0][0])
        tree.report(key, f"Unknown key {printable(near[0][0])!r}.", near[0][1].strip(), key=True)
        _take_for(tree, key, near[0][1], moved)
    else:
        tree.report(path, "A step has one of say, task, ask.", "Add say: to be read, task: to be done, or ask:.")
        give_kind(tree, path)


_PLAIN = {
    "string_type": "This has to be a text.",
    "int_type": "This has to be a whole number.",
    "bool_type": "This has to be true or false.",
    "list_type": "This has to be a list.",
    "dict_type": "This has to be a mapping of keys.",
    "model_type": "This has to be a mapping of keys.",
    "model_attributes_type": "This has to be a mapping of keys.",
    "string_too_short": "This is empty.",
}


_KEYS = "Write key: value, each in a line of its own."
_CURES = {
    "int_type": "Write digits only, without a unit.", "bool_type": "Write true or false, without quotes.",
    "list_type": "Write [one, two], or a line with - for each.", "string_too_short": "Write a text, or remove the key.",
    "dict_type": _KEYS, "model_type": _KEYS, "model_attributes_type": _KEYS,
}

_BOOLEANS = dict.fromkeys(("yes", "y", "on", "true"), "true") | dict.fromkeys(("no", "n", "off", "false"), "false")


def _pattern_cure(detail: ErrorDetails) -> str:
    pattern = str(detail.get("ctx", {}).get("pattern", ""))
    if "_" in pattern:
        return "Use small letters, digits and _, beginning with a letter, at most 24."
    return "Use small letters, digits and -, at most 40."


def _explain(detail: ErrorDetails) -> tuple[str, str, int]:
    """Message, cure and offset in the text for the kinds of fault that need no special place."""
    kind, value, context = detail["type"], detail["input"], detail.get("ctx", {})
    inner = context.get("error")
    if isinstance(inner, NotationError):
        return inner.message, inner.cure, inner.column
    cure = ""
    if kind == "string_type" and isinstance(value, (bool, int)):
        cure = "YAML takes it for something else: put it in quotes."
    elif kind == "string_type" and value is None:
        cure = "Nothing stands here."
    elif kind == "bool_type" and str(value).lower() in _BOOLEANS:
        cure = f"Write {_BOOLEANS[str(value).lower()]}, without quotes."
    elif kind == "string_type":
        cure = "A text with , : [ ] { } goes in quotes."
    if kind in _PLAIN:
        return _PLAIN[kind], cure or _CURES.get(kind, ""), 0
    if kind == "string_pattern_mismatch":
        return f"{printable(str(value))!r} is not a name of the right form.", _pattern_cure(detail), 0
    if kind == "literal_error":
        near = suggest(str(value), str(context.get("expected", "")).replace("'", "").replace(" or ", ", ").split(", "))
        return f"This has to be {context.get('expected')}.", near.strip(), 0
    if kind == "too_short":
        return f"This needs at least {context['min_length']} entries.", "", 0
    if kind == "too_long":
        return f"This has at most {context['max_length']} entries.", "", 0
    if kind == "string_too_long":
        return f"This text is longer than {context['max_length']} characters.", "", 0
    limits = {"greater_than_equal": ("ge", "at least"), "less_than_equal": ("le", "at most")}
    if kind in limits:
        key, words = limits[kind]
        return f"This number is {words} {context[key]}.", "", 0
    return printable(detail["msg"], 120) + ".", "", 0
