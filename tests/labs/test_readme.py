"""labs/README.md and labs/LANGUAGE.md: what they teach works as it stands there, and the language is whole."""

from __future__ import annotations

import re
import shlex

import pytest
from click.testing import CliRunner

from tcplab.cli import cli
from tcplab.lab.compile import JUDGED
from tcplab.lab.loader import load_lab
from tcplab.notation.evaluate import _OPERATORS, FUNCTIONS
from tcplab.notation.expr import compile_expr
from tcplab.notation.fields import SegmentEnv
from tcplab.notation.glossary import known_names
from tcplab.notation.match import STATUSES, WORDS, parse_match
from tcplab.notation.units import SIZE_UNITS, TIME_UNITS
from tcplab.session.session import Session
from tests.support.readme import LANGUAGE, renewed

PAGE = (LANGUAGE.parent / "README.md").read_text("utf-8")
WORDING = LANGUAGE.read_text("utf-8")
HOSTS = ("client", "server")


def examples(heading: str) -> list[str]:
    part = WORDING.split(heading)[1].split("\n## ")[0]
    return [code for line in part.splitlines() if line.startswith("| `")
            for code in re.findall(r"`([^`]+)`", line.split(" | ")[0])]


def codes(beginning: str) -> set[str]:
    """What stands in backquotes in the paragraph that begins so."""
    return {word for code in re.findall(r"`([^`]+)`", WORDING.split(beginning)[1].split("\n\n")[0])
            for word in code.split()}


def test_the_lab_on_the_page_passes_lint_and_test(tmp_path):
    lab = tmp_path / "ack.yaml"
    lab.write_text(re.search(r"```yaml\n(.*?)```", PAGE, re.DOTALL)[1])
    done = CliRunner().invoke(cli, ["lab", "lint", str(lab)])
    assert done.output == "1 lab: no problems\n"
    done = CliRunner().invoke(cli, ["lab", "test", str(lab), "--seeds", "5"])
    assert done.exit_code == 0 and "✗" not in done.output, done.output


@pytest.mark.parametrize("text", examples("## MATCH"))
def test_matches_on_the_page_are_matches(text):
    parse_match(text, HOSTS, known_names(HOSTS))


@pytest.mark.parametrize("text", examples("## EXPR"))
def test_expressions_on_the_page_are_expressions(text):
    compile_expr(text, known_names(HOSTS))


def test_the_page_names_every_word_and_every_name_of_the_language():
    said = " ".join(examples("## MATCH")).split()
    assert set(WORDS) <= set(said) and set(STATUSES) <= set(said)
    assert renewed(WORDING) == WORDING, "run: python -m tests.support.readme"
    host, segment = examples("## Names of a connection"), examples("## Names of a segment")
    assert {f"{one}.{name}" for one in HOSTS for name in host} | {f"seg.{name}" for name in segment} | {"now"} == \
        known_names(HOSTS, (), True)
    assert {"now", "answer", "given", "seg.ack"} <= codes("**Names**") and {"answer", "given"} == set(JUDGED)
    written = {word for code in re.findall(r"`([^`\n]+)`", WORDING.split("## EXPR")[1]) for word in code.split()}
    assert set("+ - * / // % ** & == != < <= > >= and or not in if else".split()) <= written
    assert len(_OPERATORS) == 19  # those, `not in`, and the two signs; a new one has to be named on the page


def test_the_functions_and_units_on_the_page_are_those_that_there_are():
    calls = re.findall(r"`(\w+)\(", WORDING.split("**Functions**")[1].split("\n\n")[0])
    assert sorted(calls) == sorted([*FUNCTIONS, "when"])
    assert Session(load_lab("sandbox"), 1).evaluate(compile_expr("min(3, max(1, 2)) + abs(0 - 1) + len('ab')")) == 5
    units = codes("**Units**") - {"now", ">", "2s"}
    assert units == {*TIME_UNITS, *SIZE_UNITS, "%"}
    assert all(compile_expr(f"1{unit}") for unit in units)


def test_every_name_on_the_page_has_a_value():
    sandbox = Session(load_lab("sandbox"), 1)
    for line in ("server listen 80", "client connect server 80", "run until idle"):
        sandbox.execute(line)
    for name in examples("## Names of a connection"):
        sandbox.evaluate(compile_expr(f"client.{name}"))
    env = SegmentEnv(next(event.seg for event in sandbox.trace if event.seg), sandbox.env())
    for name in examples("## Names of a segment"):
        compile_expr(f"seg.{name}").eval(env)


def test_the_pages_can_be_printed_by_an_instructor_who_has_only_the_program():
    assert CliRunner().invoke(cli, ["lab", "guide"]).output == PAGE
    assert CliRunner().invoke(cli, ["lab", "guide", "--language"]).output == WORDING


def test_the_overlay_on_the_page_fits_its_lab(tmp_path):
    for name, code in zip(("ack", "checks"), re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL), strict=True):
        (tmp_path / f"{name}.yaml").write_text(code)
    done = CliRunner().invoke(cli, ["lab", "lint", str(tmp_path)])
    assert done.output == "1 lab, 1 overlay: no problems\n"
    out = str(tmp_path / "ack.zip")
    assert CliRunner().invoke(cli, ["lab", "pack", str(tmp_path / "ack.yaml"), "-o", out, "--staff",
                                    str(tmp_path / "checks.yaml")]).exit_code == 0


def test_commands_on_the_page_exist():
    shell = "\n".join(re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL))
    lines = [line.split("#")[0].strip() for line in shell.splitlines() if line.startswith("tcplab")]
    assert len(lines) >= 6
    for line in lines:
        words = shlex.split(line)[1:]
        group = words[:2] if words[0] == "lab" else words[:1]
        done = CliRunner().invoke(cli, [*group, "--help"])
        assert done.exit_code == 0, line
        assert all(option in done.output for option in words if option.startswith("--")), line
