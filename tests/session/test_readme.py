"""The README tells the truth: its keys, its commands and its first lab are tried here."""

from __future__ import annotations

import re

from tcplab.grading.authoring import trials
from tcplab.lab.loader import load_lab, read_lab
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
