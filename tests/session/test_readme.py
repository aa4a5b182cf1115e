"""The README tells the truth: its keys, its commands and its first lab are tried here."""

from __future__ import annotations

import re
import shlex

from click.testing import CliRunner

from tcplab.cli import cli
from tcplab.grading.authoring import trials
from tcplab.lab.loader import lab_ids, load_lab, read_lab
from tcplab.session.commands import parse_line
from tcplab.session.labs import context_of
from tcplab.session.session import Session
from tests.support.readme import README, renewed

TEXT = README.read_text("utf-8")


def test_the_keys_are_those_of_the_program():
    assert renewed(TEXT) == TEXT, "run: python -m tests.support.readme"


def test_the_lab_in_it_works():
    lab = read_lab(re.search(r"```yaml\n(.*?)```", TEXT, re.DOTALL)[1])
    assert not [fault for trial in trials(lab, 2) for fault in trial.faults]


def test_the_commands_in_it_parse():
    block = re.search(r"every command can be typed.*?```\n(.*?)```", TEXT, re.DOTALL)[1]
    context = context_of(load_lab("sandbox"))
    tried = 0
    for cell in re.split(r"\s{2,}|\n|, (?=link|step|back|seek|hint|skip|next|wait)", block):
        cell = re.sub(r"\[[^\]]*\]|\.\.\.", "", cell).strip()
        if not cell or "|" in cell or "EXPR" in cell:
            continue
        parse_line(cell, context)
        tried += 1
    assert tried > 12


def test_every_file_it_names_is_there():
    for path in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", TEXT):
        assert (README.parent / path).is_file(), path
    assert Session.open("sandbox").lab.id == "sandbox"


def test_the_drill_in_it_passes(tmp_path):
    script = tmp_path / "readme.drill"
    script.write_text(re.search(r"`tcplab drill FILE\.\.\.`.*?```\n(.*?)```", TEXT, re.DOTALL)[1])
    done = CliRunner().invoke(cli, ["drill", str(script)])
    assert done.exit_code == 0 and done.output == "1 of 1 cases passed\n"


def test_the_labs_in_it_are_those_of_the_course():
    listed = re.findall(r"^\| `([a-z-]+)` \| [^|]+ \| [^|]+ \|$", TEXT, re.MULTILINE)
    assert sorted(listed) == sorted(lab_ids())


def test_it_counts_the_rows_of_the_matrix():
    rows = {name: len((README.parent / f"tests/conformance/{name}.csv").read_text("utf-8").splitlines()) - 1
            for name in ("requirements", "state-machine")}
    assert f"{rows['requirements']} requirements and {rows['state-machine']} state transitions" in TEXT


def test_its_shell_lines_name_commands_and_options_that_exist():
    shell = "\n".join(re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL)).replace("\\\n", " ")
    tried = 0
    for line in shell.splitlines():
        for part in line.split("#")[0].split("|"):
            words = shlex.split(part)
            if not words or words[0] != "tcplab":
                continue
            group = words[1:3] if words[1] in ("lab", "live", "staff") else words[1:2]
            done = CliRunner().invoke(cli, [*group, "--help"])
            assert done.exit_code == 0, line
            missing = [word for word in words if word.startswith("--") and word.partition("=")[0] not in done.output]
            assert not missing, (line, missing)
            tried += 1
    assert tried > 12
