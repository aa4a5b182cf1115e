"""Which test proves which requirement: read from the sources, so that one look needs no test run.

A test carries ids in three ways: `@pytest.mark.req("9293-MUST-12")`, a tag in a comment of its own, such as
``# [MUST-12, 6298-11]`` (MUST-n, SHLD-n, MAY-n, REC-n are those of RFC 9293), or, in a drill script, ``# req: ID``.
"""

from __future__ import annotations

import ast
import csv
import io
import re
import tokenize
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent.parent
HOME = ROOT / "tests" / "conformance"
DRILLS = HOME / "drills"
DRILL_TEST = "tests/conformance/test_drills.py::test_drill"
GRID_TEST = "tests/conformance/test_state_machine.py::test_row"

#: Tests that need more than Python, and skip without it: they prove nothing on their own.
ELSEWHERE = ("interop",)

_LABEL = re.compile(r"(?<![\w-])(?:9293-)?(MUST|SHLD|MAY|REC)-(\d{1,2})(?![\w-])")
_NUMBERED = re.compile(r"(?<![\w-])(\d{4}-(?:U-)?\d{2})(?![\w-])")


class Requirement(NamedTuple):
    """A row of requirements.csv or, with an id such as T001, of state-machine.csv."""

    id: str
    level: str
    rfc: str
    section: str
    statement: str
    applies: str

    @property
    def applicable(self) -> bool:
        """Whether the laboratory must meet it: neither n-a nor left for later."""
        return self.applies.startswith(("yes", "partial"))


def rows(name: str) -> list[dict[str, str]]:
    with (HOME / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def requirements() -> dict[str, Requirement]:
    """Every row of both tables by its id."""
    found = {row["id"]: Requirement(row["id"], row["level"], row["rfc"], row["section"], row["statement"],
                                    row["applies"]) for row in rows("requirements.csv")}
    for row in rows("state-machine.csv"):
        statement = f"{row['from_state']}, {row['event']} ({row['condition']}): {row['action']} -> {row['to_state']}"
        found[row["id"]] = Requirement(row["id"], row["variant"], "9293", row["rfc_section"], statement, "yes")
    return found


@cache
def left_out() -> dict[str, str]:
    """Id -> reason, of left_out.csv."""
    return {row["id"]: row["reason"] for row in rows("left_out.csv")}


def ids_in(text: str) -> list[str]:
    """The ids of requirements that a comment names, in order; numbers that are none are passed over."""
    known = requirements()
    found = [f"9293-{label}-{number}" for label, number in _LABEL.findall(text)]
    found += [number for number in _NUMBERED.findall(text) if number in known]
    return found


def comments(source: str) -> list[tuple[int, str]]:
    """(line, text) of every comment and docstring-like string of `source`."""
    return [(token.start[0], token.string) for token in tokenize.generate_tokens(io.StringIO(source).readline)
            if token.type == tokenize.COMMENT]


def _marked(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    """The ids in `pytest.mark.req(...)` of a function's decorators, those inside parameter lists too."""
    return [arg.value for decorator in function.decorator_list for node in ast.walk(decorator)
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("req", "pytest.mark.req")
            for arg in node.args if isinstance(arg, ast.Constant)]


def of_tests(path: Path) -> dict[str, list[str]]:
    """Node id -> ids, of the test functions of one file."""
    source = path.read_text(encoding="utf-8")
    said = comments(source)
    found = {}
    for node in ast.parse(source).body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name.startswith("test"):
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            ids = _marked(node)
            for line, text in said:
                if first <= line <= node.end_lineno:
                    ids += ids_in(text)
            if ids:
                found[f"{path.relative_to(ROOT).as_posix()}::{node.name}"] = list(dict.fromkeys(ids))
    return found


def of_drills() -> dict[str, list[str]]:
    """Node id -> ids, of every case of every shipped drill script."""
    from tcplab.drill import read_script
    return {f"{DRILL_TEST}[{path.stem}: {case.name}]": list(case.reqs) for path in sorted(DRILLS.glob("*.drill"))
            for case in read_script(path.read_text(encoding="utf-8"), path.name).cases if case.reqs}


@cache
def coverage() -> dict[str, list[str]]:
    """Id -> the node ids of the tests that prove it."""
    found: dict[str, list[str]] = {}
    paths = [path for path in sorted((ROOT / "tests").rglob("test_*.py")) if path.parent.name not in ELSEWHERE]
    sources = [of_tests(path) for path in paths] + [of_drills()]
    for source in sources:
        for node, ids in source.items():
            for each in ids:
                found.setdefault(each, []).append(node)
    from tests.conformance.grid import covered_rows
    for each in covered_rows():
        found.setdefault(each, []).append(f"{GRID_TEST}[{each}]")
    return found
