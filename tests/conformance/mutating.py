"""A pytest plugin (`-p tests.conformance.mutating`) that breaks one statement of the endpoint as it is imported.

TCPLAB_MUTANT says which: ``FILE:LINE:N`` is the N-th way to break the statement that begins at that line.
"""

from __future__ import annotations

import ast
import importlib.abc
import importlib.machinery
import os
import sys
from copy import deepcopy
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
_FLIPPED = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
            ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In}
_OTHER = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.FloorDiv: ast.Mult, ast.LShift: ast.Add,
          ast.RShift: ast.LShift, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd}


def statement(tree: ast.Module, line: int) -> tuple[list, int] | None:
    """The body that holds the outermost statement beginning at `line`, and its place in it."""
    for node in ast.walk(tree):
        for name in ("body", "orelse", "finalbody"):
            body = getattr(node, name, None)
            if isinstance(body, list):
                for place, part in enumerate(body):
                    if isinstance(part, ast.stmt) and part.lineno == line:
                        return body, place
    return None


def head(node: ast.stmt) -> list[ast.AST]:
    """The expressions of a statement that belong to it and not to its body."""
    if isinstance(node, (ast.If, ast.While)):
        return [node.test]
    if isinstance(node, ast.For):
        return [node.iter]
    if isinstance(node, ast.AnnAssign):  # not what the value may be, which nobody asks at run time
        return [] if node.value is None else [node.value]
    return [node]


def ways(node: ast.stmt) -> list[tuple[str, ast.stmt]]:
    """(what is done, the broken statement), the coarse ways first."""
    found: list[tuple[str, ast.stmt]] = []
    if isinstance(node, (ast.If, ast.While)):
        for said, value in (("never", False), ("always", True)):
            if not (isinstance(node, ast.While) and value):
                broken = deepcopy(node)
                broken.test = ast.Constant(value)
                found.append((f"the condition holds {said}", broken))
    elif isinstance(node, ast.Return) and node.value is not None:
        for value in (None, False, True, 0):
            broken = deepcopy(node)
            broken.value = ast.Constant(value)
            found.append((f"returns {value}", broken))
    elif isinstance(node, (ast.Expr, ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Raise)):
        found.append(("left out", ast.Pass()))
    if isinstance(node, (ast.Assign, ast.AugAssign, ast.AnnAssign)) and node.value is not None:
        broken = deepcopy(node)
        broken.value = ast.BinOp(node.value, ast.Add(), ast.Constant(1))
        found.append(("one more", broken))
        broken = deepcopy(broken)
        broken.value.op = ast.Sub()
        found.append(("one less", broken))
    return found + small_ways(node)


def small_ways(node: ast.stmt) -> list[tuple[str, ast.stmt]]:
    """One operator or constant of the statement's head changed."""
    found: list[tuple[str, ast.stmt]] = []
    count = sum(1 for top in head(node) for _ in ast.walk(top))
    for at in range(count):
        broken = deepcopy(node)
        part = [inner for top in head(broken) for inner in ast.walk(top)][at]
        said = _change(part)
        if said:
            found.append((said, broken))
    return found


def _change(part: ast.AST) -> str:
    """Change one node in place; "" if there is nothing to change."""
    if isinstance(part, ast.Compare):
        old = type(part.ops[0])
        if old in _FLIPPED:
            part.ops[0] = _FLIPPED[old]()
            return f"{old.__name__} becomes {_FLIPPED[old].__name__}"
    elif isinstance(part, ast.BoolOp):
        part.op = ast.Or() if isinstance(part.op, ast.And) else ast.And()
        return "and and or change places"
    elif isinstance(part, ast.BinOp) and type(part.op) in _OTHER:
        old = type(part.op)
        part.op = _OTHER[old]()
        return f"{old.__name__} becomes {_OTHER[old].__name__}"
    elif isinstance(part, ast.IfExp):
        part.body, part.orelse = part.orelse, part.body
        return "the two sides of an if change places"
    elif isinstance(part, ast.Constant) and isinstance(part.value, bool):
        part.value = not part.value
        return "a switch is turned round"
    elif isinstance(part, ast.Constant) and part.value is None:
        part.value = 1
        return "nothing becomes one"
    elif isinstance(part, ast.Constant) and isinstance(part.value, int):
        part.value += 1
        return "a number grows by one"
    elif isinstance(part, ast.UnaryOp) and isinstance(part.op, ast.Not):
        part.operand = ast.UnaryOp(ast.Not(), part.operand)
        return "a not goes"
    elif isinstance(part, ast.Call) and isinstance(part.func, ast.Name) and part.func.id in ("min", "max"):
        part.func.id = "max" if part.func.id == "min" else "min"
        return "min and max change places"
    return ""


def broken_tree(path: Path, line: int, n: int) -> tuple[ast.Module, str]:
    """The file with its mutation, and what was done."""
    tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
    body, place = statement(tree, line)
    said, body[place] = ways(body[place])[n]
    return ast.fix_missing_locations(tree), said


class _Loader(importlib.machinery.SourceFileLoader):
    """Loads the one file broken."""

    place = (0, 0)

    def get_code(self, fullname: str):
        tree, _ = broken_tree(Path(self.path), *self.place)
        return compile(tree, self.path, "exec")


class _Finder(importlib.abc.MetaPathFinder):
    def __init__(self, file: str, line: int, n: int) -> None:
        self.path = ROOT / file
        self.name = ".".join(Path(file).with_suffix("").parts)
        self.loader = _Loader(self.name, str(self.path))
        self.loader.place = (line, n)

    def find_spec(self, fullname, path=None, target=None):
        if fullname == self.name:
            return importlib.machinery.ModuleSpec(fullname, self.loader, origin=str(self.path))
        return None


if os.environ.get("TCPLAB_MUTANT"):
    _file, _line, _n = os.environ["TCPLAB_MUTANT"].rsplit(":", 2)
    sys.meta_path.insert(0, _Finder(_file, int(_line), int(_n)))
