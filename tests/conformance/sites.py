"""Where the endpoint obeys: the lines that carry the id of a requirement, and sites.csv for those that carry none.

A tag in a comment (``# [MUST-37]``, ``# RFC 6298 (5.3)``) belongs to the statement it stands behind or above; one in
the docstring of a function, to the whole function. sites.csv names a file, a function and a piece of the line.
"""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

from tests.support.requirements import HOME, ROOT, comments, coverage, ids_in, requirements, rows

ENDPOINT = ROOT / "tcplab" / "tcp"
KNOBS = "tcplab/tcp/config.py"
_RTO = re.compile(r"RFC 6298 \((\d\.\d)\)(?:, \((\d\.\d)\))?")


class Site(NamedTuple):
    """A statement that obeys `id`: a file of the house, and the first line of the statement."""

    id: str
    file: str
    line: int


def by_section() -> dict[str, list[str]]:
    """Section of RFC 6298 -> the ids of its rows."""
    found: dict[str, list[str]] = {}
    for row in requirements().values():
        if row.rfc == "6298":
            found.setdefault(row.section, []).append(row.id)
    return found


def ids_of(comment: str) -> list[str]:
    sections = [part for pair in _RTO.findall(comment) for part in pair if part]
    return ids_in(comment) + [id for section in sections for id in by_section().get(section, ())]


def simple(node: ast.stmt) -> bool:
    return not isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef))


def statement_at(tree: ast.Module, line: int, above: bool) -> ast.stmt | None:
    """The innermost statement that covers `line` with its own head, or the next one below when the comment is alone."""
    best = None
    for node in ast.walk(tree):
        if not isinstance(node, ast.stmt) or not simple(node):
            continue
        if above:
            if node.lineno > line and (best is None or node.lineno < best.lineno):
                best = node
        elif node.lineno <= line <= head_end(node) and (best is None or node.lineno >= best.lineno):
            best = node
    return best


def head_end(node: ast.stmt) -> int:
    """The last line of a statement without its body."""
    body = getattr(node, "body", None)
    return max(node.lineno, body[0].lineno - 1) if isinstance(body, list) and body else node.end_lineno


def tagged(path: Path) -> list[Site]:
    """The sites of one file, by its comments and docstrings."""
    source = path.read_text(encoding="utf-8")
    tree, lines, file = ast.parse(source), source.splitlines(), path.relative_to(ROOT).as_posix()
    found = []
    for line, text in comments(source):
        node = statement_at(tree, line, above=lines[line - 1].lstrip().startswith("#"))
        if node is not None:
            found += [Site(id, file, node.lineno) for id in ids_of(text)]
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            said = ids_of(ast.get_docstring(node) or "")
            found += [Site(id, file, part.lineno) for id in said for part in statements(node)]
    return found


def statements(function: ast.FunctionDef | ast.ClassDef) -> list[ast.stmt]:
    """Every statement of a function but its docstring, in order."""
    return [node for node in ast.walk(function) if isinstance(node, ast.stmt) and simple(node)
            and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))]


def listed() -> tuple[list[Site], list[str]]:
    """The sites of sites.csv, and its lines that fit nothing any more."""
    found, lost = [], []
    for row in rows("sites.csv"):
        at = _find(row["file"], row["function"], row["fragment"])
        found += [Site(id, row["file"], line) for id in row["ids"].split() for line in at]
        if not at:
            lost.append(f"{row['file']} {row['function']}: {row['fragment']}")
    return found, lost


def _find(file: str, function: str, fragment: str) -> list[int]:
    """The lines of `file` that hold `fragment`, in the function or class of that name; "" is the file's own level."""
    source = (ROOT / file).read_text(encoding="utf-8")
    lines, tree = source.splitlines(), ast.parse(source)
    for node in [tree] if not function else ast.walk(tree):
        if not function or (isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.name == function):
            among = [part for part in node.body if simple(part)] if not function else statements(node)
            return [part.lineno for part in among
                    if any(fragment in lines[n - 1] for n in range(part.lineno, head_end(part) + 1))]
    return []


@cache
def sites() -> dict[str, list[Site]]:
    """Id -> its sites, of every row that a test covers."""
    found: dict[str, list[Site]] = {}
    everything = [site for path in sorted(ENDPOINT.rglob("*.py")) for site in tagged(path)] + listed()[0]
    for site in dict.fromkeys(everything):
        if site.id in coverage():
            found.setdefault(site.id, []).append(site)
    return {id: obeying(each) for id, each in found.items()}


def obeying(each: list[Site]) -> list[Site]:
    """The default of a knob counts only where no line of code obeys: tests turn knobs, whatever they begin with."""
    return [site for site in each if site.file != KNOBS] or each


__all__ = ["HOME", "Site", "listed", "sites"]
