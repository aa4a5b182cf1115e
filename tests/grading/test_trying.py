"""What `lab test` tries at each step: wrong answers, hints in order, goals that are met without doing."""

from __future__ import annotations

import pytest

from tcplab.grading.starting import template
from tcplab.grading.trying import findings
from tcplab.lab.loader import load_lab, read_lab


def found(*changes) -> list[tuple[str, str, bool]]:
    text = template("mine")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return [tuple(finding) for finding in findings(read_lab(text))]


def test_the_template_and_a_lesson_leave_nothing_to_say():
    assert found() == [] and findings(load_lab("handshake")) == []


def test_a_goal_that_needs_no_doing_is_told():
    goal = "goal: server.bytes_received == n and client.snd_una == client.snd_nxt"
    said = found((goal, "goal: client.state == 'ESTABLISHED'"))
    assert ("send", "its goal is met without doing anything, when time runs", False) in said


@pytest.mark.parametrize(("change", "words", "fault"), [
    (("      client.snd_nxt: >-", "      client.snd_nxt + n: >-"), "is the right one under seed 1", False),
    (("      else: >-", "      client.snd_nxt - 1: >-"), "no word for answers that nobody foresaw", False),
])
def test_wrong_answers_that_are_not_right_are_told(change, words, fault):
    assert any(step == "foretell" and words in said and bad is fault for step, said, bad in found(change))


def test_a_wrong_choice_without_why_is_told():
    choice = ("    about: server ACK\n    answer: seg.ack\n",
              "    about: server ACK\n    choices: [{right: true, text: A}, {text: B}]\n")
    text = template("mine").replace(*choice)
    start, end = text.index("    # Typical wrong"), text.index("    hints:")
    text = (text[:start] + text[end:]).replace("foretell: [answer seg.ack]", "foretell: [answer right]")
    said = findings(read_lab(text.replace("{{answer}}", "so")))
    assert [(finding.step, finding.words) for finding in said] == [("foretell", "the wrong choice 'B' has no why")]
