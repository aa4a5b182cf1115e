"""Parameters drawn from the seed: in start, do, texts, solutions, answers and expressions, the same for one seed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcplab.grading.authoring import trials
from tcplab.grading.pupils import Reference
from tcplab.lab import read_lab
from tcplab.lab.picks import drawn, fill
from tcplab.lab.schema import json_schema
from tcplab.notation.errors import NotationError
from tcplab.notation.values import Duration
from tcplab.session.labs import command_checker
from tcplab.session.session import Session
from tests.lab.samples import faults

PICKED = """\
tcplab: 1
id: picked
title: Drawn numbers
profile: first-lessons
pick: {n: [2, 3, 4], wait: [20ms, 30ms, 45ms], size: [300, 1kB]}
hosts: {server: {listen: 80, app: sink}}
start: ["link delay {{wait}}", client connect server 80, run until idle]
steps:
  - id: many
    do: ["client send {{n * 100}}"]
    ask: The client sends {{n}} segments. How many bytes?
    answer: n * 100
    wrong: {n: That counts segments., else: "It is {{answer}}."}
    points: 1
  - id: more
    task: "Send {{size}} more with [[client send {{size}}]], then [[run until idle]]."
    goal: server.bytes_received == n * 100 + size
    see: [client DATA where len <= size]
    after: "It took {{wait * 2}} and more."
  - id: last
    challenge: true
    task: Send {{n}} bytes more.
    keep: {sum: n * 100 + size + n}
    goal: server.bytes_received == sum
    points: 1
solution:
  many: ["answer {{n * 100}}"]
  more: ["client send {{size}}", run until idle]
  last: ["client send {{n}}", run until idle]
"""


def picked(seed: int) -> dict[str, object]:
    return dict(drawn(read_lab(PICKED), seed).drawn)


def test_one_seed_draws_the_same_and_seeds_differ():
    assert picked(7) == picked(7)
    seen = [picked(seed) for seed in range(60)]
    assert {one["n"] for one in seen} == {2, 3, 4}
    assert {one["wait"] for one in seen} == {20_000_000, 30_000_000, 45_000_000}
    assert all(isinstance(one["wait"], Duration) for one in seen)
    assert {one["size"] for one in seen} == {300, 1000}
    assert len({tuple(one.values()) for one in seen}) == 18  # drawn one by one, not together


def test_one_pick_more_leaves_the_others_alone():
    more = read_lab(PICKED.replace("pick: {", "pick: {a: [1, 2], "))
    for seed in range(10):
        assert dict(drawn(more, seed).drawn).items() >= picked(seed).items()


@pytest.mark.parametrize("seed", range(1, 8))
def test_the_values_stand_everywhere(seed):
    values = picked(seed)
    session = Session(read_lab(PICKED, checker=command_checker), seed)
    assert session.lab_faults == []
    assert session.now == values["wait"] * 3  # three crossings
    session.execute("next")
    assert session.view().guide.text == f"The client sends {values['n']} segments. How many bytes?"
    assert session.execute(f"answer {values['n']}")[0].ok
    assert session.view().guide.feedback[0].text == "That counts segments."
    assert session.view().guide.commands == (f"client send {values['size']}", "run until idle")
    assert f"[[client send {values['size']}]]" in session.view().guide.text
    session.execute(f"client send {values['size']}; run until idle")
    assert session.view().guide.step_id == "last"
    assert session.view().guide.feedback[-1].after == f"It took {values['wait'] * 2 // 10**6} ms and more."
    assert session.execute("run until client.bytes_sent == n")[0].ok  # a learner may name them, too


def test_pupils_play_it():
    outcome = {trial.pupil: trial for trial in trials(read_lab(PICKED), 5)}
    assert outcome["reference"].faults == [] and outcome["blank"].faults == []
    pupil = Reference(read_lab(PICKED), 3)
    assert "{{" not in str([step.solution for step in pupil.lab.steps])


def test_a_lab_is_drawn_once():
    lab = drawn(read_lab(PICKED), 1)
    assert drawn(lab, 2) is lab
    plain = read_lab(PICKED.split("pick:")[0] + "steps: []\n")
    assert drawn(plain, 1) is plain


@pytest.mark.parametrize("old, new, words", [
    ("[2, 3, 4]", "[2]", "at least 2"),
    ("[2, 3, 4]", "[2, soon]", "soon"),
    ("[2, 3, 4]", "[2, 0.5]", "whole numbers"),
    ("[2, 3, 4]", "[2, 'client']", "client"),
    ("{n: [", "{now: [2, 3], n: [", "has a meaning already"),
    ("client send {{size}}]]", "client send {{sise}}]]", "sise"),
    ("client send {{size}}]]", "client send {{client.iss}}]]", "client.iss"),
    ("link delay {{wait}}", "link delay {{n}}", "unit"),
    ("link delay {{wait}}", "link delay {{wait", "not closed"),
    ("answer {{n * 100}}", "answer {{m}}", "m"),
    ("keep: {sum:", "keep: {n:", "kept already"),
    ("task: Send {{n}} bytes", "task: Send {{k}} bytes", "k"),
])  # fmt: skip
def test_faults_are_told_with_their_place(old, new, words):
    assert old in PICKED
    text = PICKED.replace(old, new, 1)
    found = faults(text, command_checker)
    line = text[: text.index(new)].count("\n") + 1
    assert any(words in told and (at, column > 1) == (line, True) for at, column, told in found), found


def test_the_values_decide_so_they_count_in_the_hash():
    one, other = read_lab(PICKED), read_lab(PICKED.replace("[2, 3, 4]", "[2, 3, 5]"))
    assert one.logic_sha256 != other.logic_sha256


def test_the_schema_knows_pick():
    pick = json_schema()["properties"]["pick"]
    lists, = pick["patternProperties"].values()
    assert lists["minItems"] == 2 and lists["items"]["type"] == ["string", "integer"]


@given(st.integers(0, 10**9), st.integers(1, 10**12))
def test_filling_types_what_the_parser_reads(n, ns):
    assert fill("client send {{n}}", {"n": n}) == f"client send {n}"
    from tcplab.notation.units import parse_time

    assert parse_time(fill("{{t}}", {"t": Duration(ns)})) == ns


def test_a_command_may_not_read_the_run():
    with pytest.raises(NotationError) as caught:
        fill("client send {{client.smss}}", {"n": 2})
    assert caught.value.column >= len("client send {{")


def test_a_parameter_that_nothing_uses_is_told():
    lab = read_lab(PICKED.replace("pick: {", "pick: {spare: [1, 2], "))
    assert [(p.line, p.message) for p in lab.warnings if p.severity == "warning"] == [(5, "Nothing uses 'spare'.")]
    assert read_lab(PICKED).warnings == ()


def test_a_prediction_that_comes_true_only_on_another_path_is_a_fault_of_the_lab():
    strayed = PICKED.replace("  - id: more", """\
  - id: never-here
    ask: How many will it be?
    about: client.bytes_sent == 77
    answer: client.bytes_sent
  - id: elsewhere
    from: start
    task: Send 77.
    goal: server.bytes_received == 77
  - id: again
    from: start
    do: ["client send {{n * 100}}"]
    task: Wait.
    goal: server.bytes_received == n * 100
  - id: more""").replace("solution:\n", """\
solution:
  never-here: [answer right]
  elsewhere: [client send 77, run until idle]
  again: [run until idle]
""")
    reference = next(trial for trial in trials(read_lab(strayed), 1) if trial.pupil == "reference")
    assert "never-here: what it asks about does not happen on the path" in reference.faults[0]
