"""From plain data to the model: pydantic's findings told with their place and a cure."""

from __future__ import annotations

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from tcplab.notation.errors import NotationError, printable, suggest

from .model import FORMAT, KINDS, ChoiceModel, Direction, HintModel, Host, LabModel, Link
from .yamltree import Path, Tree


def validate(tree: Tree) -> LabModel | None:
    """The model of the file, or None; everything wrong is noted in the tree."""
    data = tree.data
    if not isinstance(data, dict):
        tree.report((), "A lab is a mapping of keys.", "Begin with tcplab: 1.")
        return None
    if not _format_is_known(tree, data):
        return None
    try:
        return LabModel.model_validate(data)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            _tell(tree, detail)
        return None


def _format_is_known(tree: Tree, data: dict) -> bool:
    version = data.get("tcplab")
    if isinstance(version, int) and not isinstance(version, bool) and version > FORMAT:
        tree.report(
            ("tcplab",), f"This lab is written in format {version}; this tcplab reads format {FORMAT}.",
            "Install a newer tcplab.",
        )  # fmt: skip
        return False
    if version is None:
        tree.report((), "The first key says the format.", f"Begin with tcplab: {FORMAT}.")
        return False
    return True


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


def _model_at(tree: Tree, path: Path) -> type[BaseModel]:
    """Which part of the model a mapping at `path` is."""
    if not path:
        return LabModel
    if path[0] == "steps":
        if len(path) >= 4 and path[2] in ("hints", "choices"):
            return HintModel if path[2] == "hints" else ChoiceModel
        step = tree.data["steps"][path[1]]  # type: ignore[index]
        return KINDS[next((kind for kind in KINDS if kind in step), "task")]
    if path[0] == "link":
        return Link if len(path) == 1 else Direction
    return Host if path[0] == "hosts" else LabModel


def _keys(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items() if name != "directions"]


def _tell(tree: Tree, detail: ErrorDetails) -> None:
    loc, kind = tuple(detail["loc"]), detail["type"]
    path = _path(tree, loc)
    if kind == "extra_forbidden":
        _unknown_key(tree, path)
    elif kind == "missing":
        tree.report(path, f"{_name(path)} needs the key {loc[-1]!r}.")
    elif kind.startswith("union_tag"):
        _no_kind(tree, path)
    elif loc and loc[-1] == "[key]":
        tree.report(path, f"{printable(str(loc[-2]))!r} is not a name.", _pattern_cure(detail), key=True)
    else:
        message, cure, offset = _explain(detail)
        tree.report(path, message, cure, offset=offset)


def _name(path: Path) -> str:
    if not path:
        return "A lab"
    if isinstance(path[-1], int):
        return {"steps": "A step", "hints": "A hint", "choices": "A choice"}.get(str(path[-2]), "This")
    return f"{path[-1]}"


def _unknown_key(tree: Tree, path: Path) -> None:
    key = str(path[-1])
    model = _model_at(tree, path[:-1])
    known = _keys(model)
    owners = [f"{kind} steps" for kind, other in KINDS.items() if model in KINDS.values() and key in _keys(other)]
    if key in KINDS:
        cure = "A step has one of say, task, ask."
    elif owners:
        cure = f"It belongs to {' and '.join(owners)}."
    else:
        cure = suggest(key, known).strip() or f"Known are {', '.join(known)}."
    if path[:-1] == ("link",) and isinstance(tree.data["link"][key], dict):  # type: ignore[index]
        cure = "Under link stand settings, or a host's name with settings."
    tree.report(path, f"Unknown key {printable(key)!r}.", cure, key=True)


def _no_kind(tree: Tree, path: Path) -> None:
    step: object = tree.data
    for part in path:
        step = step[part]  # type: ignore[index]
    if not isinstance(step, dict):
        tree.report(path, "A step is a mapping of keys.", "Write for example {id: hello, say: Read this.}")
        return
    near = [(key, cure) for key in step for cure in [suggest(key, KINDS)] if cure]
    if near:
        tree.report((*path, near[0][0]), f"Unknown key {printable(near[0][0])!r}.", near[0][1].strip(), key=True)
    else:
        tree.report(path, "A step has one of say, task, ask.")


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


def _pattern_cure(detail: ErrorDetails) -> str:
    pattern = str(detail.get("ctx", {}).get("pattern", ""))
    if "-" in pattern.partition("]{")[0].partition("][")[2]:
        return "Use small letters, digits and -, at most 40."
    return "Use small letters, digits and _, beginning with a letter, at most 24."


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
    elif kind == "string_type":
        cure = "A text with , : [ ] { } goes in quotes."
    if kind in _PLAIN:
        return _PLAIN[kind], cure, 0
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
