"""The matrix is whole: every applicable row is proven by a test, or left out with a reason."""

import ast
import re

import pytest

from tcplab.net.options import OPTIONS
from tests.support.requirements import ROOT, coverage, left_out, of_tests, requirements, rows


def test_every_applicable_row_is_covered_or_left_out_with_a_reason():
    known, covered, out = requirements(), coverage(), left_out()
    missing = [id for id, row in known.items() if row.applicable and id not in covered and id not in out]
    assert not missing, f"write a test with the id, or a line in left_out.csv: {missing}"
    later = [id for id, row in known.items() if row.applies.startswith("later") and id not in covered and id not in out]
    assert not later, f"what was put off is there, or left out with a reason: {later}"
    assert not [id for id in out if id in covered], "a row is proven or left out, not both"
    assert all(len(reason) > 10 for reason in out.values())


def test_no_id_is_unknown():
    known = requirements()
    assert not [id for id in coverage() if id not in known]
    assert not [id for id in left_out() if id not in known]


def test_both_tables_are_whole():
    assert len(rows("requirements.csv")) == 513 and len(rows("state-machine.csv")) == 333
    assert len(requirements()) == 513 + 333
    assert len(rows("left_out.csv")) == len(left_out())


@pytest.mark.parametrize("row", rows("choices.csv"), ids=lambda row: row["question"])
def test_a_choice_and_a_trap_name_the_code_and_what_proves_it(row):
    """choices.csv: where documents disagree, and where implementations go wrong; REPORT.md shows it."""
    for place in row["where"].split():
        file, _, function = place.partition(":")
        tree = ast.parse((ROOT / "tcplab" / "tcp" / file).read_text(encoding="utf-8"))
        assert function in [node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)], place
    assert not [id for id in row["ids"].split() if id not in coverage()]
    knobs = re.findall(r"`set ([a-z0-9-]+)", row["choice"])
    assert not [knob for knob in knobs if knob not in OPTIONS]
    assert row["ids"] or "the label" in row["choice"]


def test_marker_and_comment_and_parameter_all_count(tmp_path, monkeypatch):
    monkeypatch.setattr("tests.support.requirements.ROOT", tmp_path)
    path = tmp_path / "test_some.py"
    path.write_text('@pytest.mark.req("9293-MUST-12")\n'
                    '@pytest.mark.parametrize("x", [pytest.param(1, marks=pytest.mark.req("6298-11"))])\n'
                    'def test_one(x):  # RFC 5681 [5681-13, MUST-9], not 2026-01\n    assert x  # [SHLD-31]\n\n\n'
                    'def test_two():\n    """[9293-U-04] in a docstring is prose."""\n')
    assert of_tests(path) == {"test_some.py::test_one": ["9293-MUST-12", "6298-11", "9293-MUST-9", "5681-13",
                                                         "9293-SHLD-31"]}
