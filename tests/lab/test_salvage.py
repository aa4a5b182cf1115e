"""Files that are not YAML everywhere: what is left is checked too, and nobody is told of mere consequences."""

from __future__ import annotations

import re

import pytest

from tcplab.grading.starting import template
from tcplab.lab.loader import find_lab, lab_ids, lint_text
from tcplab.session.labs import command_checker

from .samples import place

#: Lines that are no YAML at the place of a step's second key.
FAULTS = ("    title: one: two\n", "    bad: [1, 2\n", "    bad: 'x\n", "\tbad: 1\n", "    bad: @x\n", "   odd: 1\n",
          '    bad: "x\n')


def told(text: str) -> list[tuple[int, int, str]]:
    return [(one.line, one.column, one.message) for one in lint_text(text, "x.yaml", command_checker)[1]]


@pytest.mark.parametrize("fault", FAULTS)
def test_one_line_that_is_no_yaml_is_one_message_wherever_it_stands(fault):
    for lab_id in lab_ids()[1 + FAULTS.index(fault)::14]:
        text = find_lab(lab_id).read_text("utf-8")
        for begins in list(re.finditer(r"(?m)^  - id: .*\n", text))[::5]:
            broken = text[: begins.end()] + fault + text[begins.end():]
            found = told(broken)
            line = broken.count("\n", 0, begins.end()) + 1
            assert len(found) == 1 and "YAML" in found[0][2] and line <= found[0][0] <= line + 2, (lab_id, found)


def test_what_stands_beside_it_is_checked_in_the_same_pass():
    text = template("mine")
    for old, new in (("    title: What will come back?", "    title: What: will come back?"),
                     ("    title: Sent twice", "    title: 'Sent twice"),
                     ("goal: server.bytes_received == n", "goal: server.bytes_recieved == n"),
                     ("[[run until idle]]", "[[run untill idle]]"), ("minutes: 5", "minutes: five")):
        assert old in text
        text = text.replace(old, new, 1)
    assert [(line, column) for line, column, _ in told(text)] == [place(text, needle) for needle in (
        "five", ": will", "untill", "bytes_recieved", "'Sent twice")], told(text)


def test_where_everything_hangs_on_it_only_the_fault_itself_is_told():
    for old, new in (("pick: {n: [20, 30, 50]}", "pick: {n: [20"), ("hosts: {", "hosts: {{"), ("steps:", "steps: [")):
        found = told(template("mine").replace(old, new, 1))
        assert found and all("YAML" in words for _, _, words in found), found
    many = "tcplab: 1\nid: x\ntitle: T\nsteps:\n" + "  - id: a: b\n" * 50
    assert 1 <= len(told(many)) <= 10


def test_quotes_that_are_not_closed_are_told_where_they_open():
    text = template("mine").replace("title: Welcome", "title: 'Welcome", 1)
    assert told(text)[0][:2] == place(text, "'Welcome")
