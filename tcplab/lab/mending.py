"""Setting a faulty file right for the time being, so that one pass tells the faults behind the first as well.

A fault of form is told, then what stands there is taken out, renamed or filled in. Of such a place nothing more is told
(`Tree.mended`), nor of what refers to a name that went with it (`Tree.lost`): one cause, one message.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .shape import Part, is_needed, part_at
from .yamltree import Path, Tree

if TYPE_CHECKING:
    from collections.abc import Iterable

_TASK = ("goal", "see", "never")
_ASK = ("answer", "choices", "order", "match", "words", "about", "wrong", "unit", "within", "several")


def holder(tree: Tree, path: Path) -> dict | list:
    """What holds the value at `path`."""
    found: object = tree.data
    for part in path[:-1]:
        found = found[part] if isinstance(found, list) else found.get(part, {})  # type: ignore[attr-defined]
    return found  # type: ignore[return-value]


def move(tree: Tree, path: Path, key: str) -> bool:
    """Take a misspelt key for `key`, if that is not there yet."""
    inside = holder(tree, path)
    if not isinstance(inside, dict) or key in inside:
        return False
    # In its old place among the others: nothing depends on the order, but the eye does when faults are listed.
    items = [(key if name == path[-1] else name, value) for name, value in inside.items()]
    inside.clear()
    inside.update(items)
    new = (*path[:-1], key)
    for places in (tree.values, tree.keys):
        for old in [old for old in places if old[: len(path)] == path]:
            places[(*new, *old[len(path):])] = places[old]
    return True


def take_out(tree: Tree, path: Path) -> None:
    """Leave out a key or an entry that cannot be understood; one that must be there is filled in."""
    inside, last = holder(tree, path), path[-1]
    _lose(tree, path, inside[last])  # type: ignore[index]
    tree.mended.add(path)
    if isinstance(inside, list):
        inside[last] = _entry(path)  # type: ignore[index]
    else:
        inside.pop(last)


def replace(tree: Tree, root: Part, path: Path) -> None:
    """The same, but with something in its place where the model cannot be without it."""
    if isinstance(path[-1], str) and is_needed(part_at(root, tree.data, path[:-1]), path[-1]):
        _lose(tree, path, holder(tree, path)[path[-1]])  # type: ignore[call-overload]
        fill(tree, path)
    else:
        take_out(tree, path)


def fill(tree: Tree, path: Path) -> None:
    """Put something in the place of a key that is missing."""
    known = {"tcplab": 1, "staff": 1, "labs": [], "steps": {}}
    holder(tree, path)[path[-1]] = known.get(str(path[-1]), _word(path))  # type: ignore[index]
    tree.mended.add(path)


def give_kind(tree: Tree, path: Path) -> None:
    """A step that is neither say, task nor ask becomes what its other keys look like."""
    step = holder(tree, path)[path[-1]]  # type: ignore[call-overload]
    if not isinstance(step, dict):
        take_out(tree, path)
        return
    kind = "ask" if _has(step, _ASK) else "task" if _has(step, _TASK) or "points" in step else "say"
    step[kind] = "?"
    for key in (kind, *_TASK, *_ASK):
        if key == kind or key not in step:
            tree.mended.add((*path, key))


def _has(step: dict, keys: Iterable[str]) -> bool:
    return any(key in step for key in keys)


def _lose(tree: Tree, path: Path, value: object) -> None:
    """Remember the names that went: nobody is told that they are missing elsewhere."""
    if isinstance(value, str):
        tree.lost.add(value)
    if isinstance(value, dict) and isinstance(value.get("id"), str):
        tree.lost.add(value["id"])
    if isinstance(path[-1], str) and len(path) > 1:
        tree.lost.add(path[-1])


def _word(path: Path) -> str:
    """A word that no author writes, another one for each place."""
    return "-".join(["0", *(str(part) for part in path if isinstance(part, int)), "unnamed"])


def _entry(path: Path) -> object:
    """What stands for an entry of a list."""
    names = [part for part in path if isinstance(part, str)]
    if names[0] == "pick" or names[-1] == "listen":
        return 1
    if names[-1] == "choices":
        return {"text": _word(path)}
    if names[-1] == "steps":
        return {"id": _word(path), "say": "?"}
    return {"id": _word(path), "never": "RST"} if names[-1] == "checks" else _word(path)


