"""What `lab test` tells of labs that are broken on purpose: each time what is amiss, and what to do."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from tcplab.cli import cli
from tcplab.grading.starting import template
from tcplab.grading.trying import findings
from tcplab.lab.loader import load_lab, read_lab

GOAL = "goal: server.bytes_received == n and client.snd_una == client.snd_nxt"
#: One question of every kind, a task and a challenge.
KINDS = """\
tcplab: 1
id: kinds
title: Every kind
profile: first-lessons
hosts: {server: {listen: 80, app: sink}}
start: [client connect server 80, run until idle]
steps:
  - id: several
    ask: Which?
    several: true
    choices:
      - {text: A, right: true, why: A is right.}
      - {text: B, right: true, why: B is right.}
      - {text: C, why: C is wrong.}
    points: 1
  - id: only
    ask: Which one, if there could be more?
    several: true
    choices: [{text: A, right: true, why: A is the one.}, {text: B, why: Not B.}, {text: C, why: Not C.}]
    points: 1
  - id: order
    ask: In which order?
    order: [first, second, third]
    wrong: {else: "Another order, you said {{now}}."}
    points: 1
  - id: match
    ask: What belongs together?
    match: {SYN: opens, FIN: closes, RST: ends}
    wrong: {else: Other pairs.}
    points: 1
  - id: late
    ask: How long?
    answer: 2 * 100ms
    unit: ms
    within: 5%
    wrong: {100ms: One way only., given > 1s: Not so long., given < answer: Longer., else: Shorter.}
    points: 1
  - id: size
    ask: How many kB?
    answer: 3kB
    unit: kB
    wrong: {given == answer // 3: One only., else: No.}
    points: 1
  - id: alone
    challenge: true
    task: Send.
    goal: server.bytes_received == 20
    hints: []
    points: 10
solution:
  several: [answer right]
  only: [answer right]
  order: [answer right]
  match: [answer right]
  late: [answer right]
  size: [answer right]
  alone: [client send 20, run until idle]
"""


def changed(text, *changes) -> str:
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def found(*changes, text=None) -> list[tuple[str, str, bool]]:
    lab = read_lab(changed(text or template("mine"), *changes))
    return [(one.step, one.words, one.fault) for one in findings(lab, 6).found if one.cure]


def test_the_template_and_a_lesson_leave_nothing_to_say():
    assert findings(read_lab(template("mine"))).found == [] and findings(load_lab("handshake")).found == []


def test_every_kind_of_question_hears_each_of_its_words():
    tried = findings(read_lab(KINDS))
    assert tried.found == []
    heard = {(told.step, told.said) for told in tried.told}
    assert {("several", "A is right."), ("several", "B is right."), ("several", "C is wrong."), ("only", "Not B."),
            ("only", "Not C."), ("match", "Other pairs."), ("late", "One way only."), ("late", "Not so long."),
            ("late", "Longer."), ("late", "Shorter."), ("size", "One only."), ("size", "No.")} <= heard
    assert any(step == "order" and said.startswith("Another order, you said 1") for step, said in heard)
    assert any(step == "only" and "A is the one." in said for step, said in heard)
    assert {told.answer for told in tried.told if told.step == "size"} == {"1000B", "31415000B"}


@pytest.mark.parametrize(("change", "step", "words", "fault"), [
    ([(GOAL, "goal: client.state == 'ESTABLISHED'")], "send", "its goal is met already when the step begins", False),
    ([("server 80, run until idle]", "server 80, run until idle, link drop next client DATA, client send 9]"),
      (GOAL, "goal: client.segments_retransmitted == 1")], "send", "its goal is met without doing anything", False),
    ([("      client.snd_nxt: >-", "      client.snd_nxt + n: >-")], "foretell", "it is the right answer", True),
    ([("      client.snd_nxt + n - 1: >-", "      client.snd_una: >-")], "foretell",
     "the word to 'client.snd_nxt' comes first", True),
    ([("      client.snd_nxt + n - 1: >-", "      given > 1 and given < 1: >-")],
     "foretell", "no answer meets it", True),
    ([("      client.snd_nxt + n - 1: >-", "      client.snd_nxt + (n if n != 35 else 1): >-"),
      ("pick: {n: [20, 30, 50]}", f"pick: {{n: {list(range(20, 60))}}}")],
     "foretell", "is the right one under 5 of 6 seeds", False),
    ([("      else: >-", "      client.snd_nxt - 1: >-")],
     "foretell", "(any other number, seed 1) hears nothing", False),
    ([("    hints:\n", "    hints:\n      - \"See {{server#2.iss}}.\"\n")], "foretell",
     "hint 1 shows –", True),
    ([("bytes have arrived, and", "bytes, {{server#2.iss}}, and")],
     "foretell", "hears – in the place of a value", True),
    ([("ACK {{answer}}: everything", "ACK {{answer}}, {{server#2.iss}}: everything")], "foretell",
     "the text after: shows – in the place of a value", True),
])  # fmt: skip
def test_what_an_author_has_overlooked_is_told(change, step, words, fault):
    assert any(step == one and words in said and bad is fault for one, said, bad in found(*change)), found(*change)


@pytest.mark.parametrize(("change", "step", "words"), [
    ([("why: C is wrong.", "right: false")], "several", "the wrong choice 'C' has no why"),
    ([("wrong: {else: Other pairs.}", "wrong: {}")], "match", "(other pairs, seed 1) hears nothing"),
    ([("wrong: {100ms:", "wrong: {205ms:")], "late", "nobody hears the word to '205ms': it is the right answer"),
    ([("given < answer: Longer., ", ""), ("given > 1s", "given < answer or given > answer")], "late",
     "nobody hears the word to 'else': no answer leads to it"),
])  # fmt: skip
def test_every_kind_of_question_is_looked_at(change, step, words):
    assert any(step == one and words in said for one, said, _ in found(*change, text=KINDS)), found(*change, text=KINDS)


@pytest.mark.parametrize(("change", "words"), [
    ([("send: ['client send {{n}}', run", "send: [run")], "goal is not met: server.bytes_received is 0"),
    ([(GOAL, "goal: server.bytes_received / 0 == n")], "cannot be computed: 'server.bytes_received / 0 == n' divides"),
    ([(GOAL, "goal: now >= 0s"),
      ("  - id: twice", "  - {id: more, ask: How many?, answer: 50, wrong: Count.}\n\n  - id: twice"),
      ("solution:", "solution:\n  more: [answer right]")],
     "goal is met already when the step begins; then a question is open, and `client send"),
    ([("20, run until idle]\n", "20]\n")], "'server ACK lost' of see: has not happened. Let the solution do more"),
    ([("link drop next server ACK, client", "link drop next client DATA, client")], "must not happen"),
    ([("client send 20, run", "client send 20, client#7 close, run")], "was refused"),
    ([("foretell: [answer seg.ack]", "foretell: [answer 7]")], "answers 7, which is wrong"),
    ([("foretell: [answer seg.ack]", "foretell: [hint]")], "gives no answer. Write `answer right`."),
    ([("about: server ACK", "about: server FIN")], "does not happen on the path on which it is asked. Mend about:"),
    ([("about: server ACK", "about: server SYN-ACK")],
     "happens before it is asked, at 50ms, and not again. Ask earlier"),
    ([("about: server ACK", "about: client.state == 'ESTABLISHED'"), ("answer: seg.ack", "answer: client.snd_nxt"),
      ("foretell: [answer seg.ack]", "foretell: [answer right]")],
     "step foretell asks about what has been seen. Ask earlier."),
    ([("goal: server.bytes_received == n and client.snd_una == client.snd_nxt\n",
       "goal: server.bytes_received == n and client.snd_una == client.snd_nxt\n    points: 9\n")],
     "Give no points for commands that a text names"),
    ([(GOAL, "goal: now >= 0s\n    points: 3")], "step send: its goal is met already when the step begins. Let goal:"),
])  # fmt: skip
def test_the_pupils_tell_what_to_do(tmp_path, change, words):
    lab = tmp_path / "mine.yaml"
    lab.write_text(changed(template("mine"), *change))
    done = CliRunner().invoke(cli, ["lab", "test", str(lab), "--seeds", "1"])
    assert done.exit_code == 1 and words in done.output, done.output
    if "honest" not in done.output and "already" not in done.output:
        linted = CliRunner().invoke(cli, ["lab", "lint", str(lab)])
        assert linted.exit_code == 3 and "mine.yaml:" in linted.output, linted.output  # lint proves the solution too


def test_what_fails_under_some_seeds_is_told_once_and_without_100_percent(tmp_path):
    lab = tmp_path / "mine.yaml"
    lab.write_text(changed(template("mine"), (GOAL, "goal: server.bytes_received == 20")))
    done = CliRunner().invoke(cli, ["lab", "test", str(lab), "--seeds", "6"])
    assert done.exit_code == 1 and "reference  comes to the end under some seeds only" in done.output
    assert done.output.count("its goal is not met") == 1 and "and 4 more: step send" in done.output, done.output


def test_all_that_was_tried_is_there_as_json_and_to_read(tmp_path):
    lab = tmp_path / "kinds.yaml"
    lab.write_text(KINDS)
    run = CliRunner().invoke
    told = json.loads(run(cli, ["lab", "test", str(lab), "--seeds", "1", "--json"]).output)[0]
    assert {one["step"] for one in told["answers"]} == {"several", "only", "order", "match", "late", "size"}
    shown = run(cli, ["lab", "test", str(lab), "--seeds", "1", "-v"]).output
    assert all(" ".join(one["said"].split()) in shown for one in told["answers"]) and "One way only." not in \
        run(cli, ["lab", "test", str(lab), "--seeds", "1"]).output
