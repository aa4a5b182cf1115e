"""labs/README.md: what it teaches works as it stands there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from tcplab.cli import cli
from tcplab.notation.expr import compile_expr
from tcplab.notation.glossary import SEGMENT_FIELDS, known_names
from tcplab.notation.match import WORDS, parse_match

PAGE = (Path(__file__).resolve().parents[2] / "labs" / "README.md").read_text("utf-8")
HOSTS = ("client", "server")


def examples(heading: str) -> list[str]:
    part = PAGE.split(heading)[1].split("\n## ")[0]
    return [code for line in part.splitlines() if line.startswith("| `")
            for code in re.findall(r"`([^`]+)`", line.split(" | ")[0])]


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


def test_the_page_names_every_word_and_field():
    said = " ".join(examples("## MATCH")).split()
    assert set(WORDS) <= set(said) and {"lost", "repeated"} <= set(said)
    assert f"In `where`: `{' '.join(SEGMENT_FIELDS)}`" in PAGE


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
