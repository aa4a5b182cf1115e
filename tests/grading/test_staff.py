"""Staff overlays: what they judge and when, what is said of mistakes in them, and the schema for editors."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from tcplab.cli import cli
from tcplab.grading.judge import Job, grade_data
from tcplab.grading.overlay import Overlay
from tcplab.grading.reports.batch import rows
from tcplab.lab.errors import LabError
from tests.support.hand_ins import TINY, recording, script, tiny

HEAD = "staff: 1\nlab: tiny\n"


def graded(data: bytes, overlay: str, student: str | None = None) -> dict:
    lab = tiny()
    return grade_data(lab, data, Job(seed=None if student else 3, student=student),
                      Overlay.of(HEAD + overlay, "o.yaml", lab))[1]


def check(data: bytes, line: str) -> dict:
    return graded(data, f"checks:\n  - {{id: x, points: 2, {line}}}\n")["staff_checks"][0]


@pytest.mark.parametrize(("line", "passed", "got"), [
    ("see: [client SYN, server SYN-ACK]", True, "met"),
    ("see: [server SYN-ACK, client SYN]", False, "no client SYN"),
    ("never: [RST]", True, "met"),
    ("never: [server SYN-ACK]", False, "server SYN-ACK"),
    ("expr: client.state == 'ESTABLISHED'", True, "met"),
    ("expr: client.bytes_sent == 5", False, "false"),
    ("at: open, see: [client ACK]", True, "met"),
    ("at: open, never: [any], why: Too much.", False, "any"),
    ("at: words, never: [RST], why: A reset was seen.", False, "not judged: the step words was not finished"),
])
def test_a_check_is_judged_where_it_says(line, passed, got):
    row = check(b"server listen 80; client connect server 80; run until idle; answer 1", line)
    assert (row["passed"], row["got"], row["score"]) == (passed, got, 2 if passed else 0)
    assert row["why"] == ("Too much." if "at: open, never" in line else "")
    assert row["judged"] is (not got.startswith("not judged"))


def test_a_staff_check_is_told_in_a_sentence():
    judged = "see: [client SYN, client DATA], never: [RST], why: W"
    overlay = f"checks:\n  - {{id: a, at: open, {judged}}}\n  - {{id: b, at: words, {judged}}}\n"
    told = [row.story for row in rows(graded(b"server listen 80; client connect server 80; run until idle; answer 1",
                                             overlay))[-2:]]
    assert told == ["expected client SYN, then client DATA; no RST, got no client DATA\nW",
                    "not judged: the step words was not finished"]


def test_points_visibility_and_due_date_go_into_the_result(tmp_path):
    overlay = ("due: 2026-12-01T23:59+01:00\nvisibility: hidden\nsteps:\n  number: {points: 3}\n"
               "  open: {points: 8, visibility: visible}\n")
    result = graded(recording(tmp_path, tiny(), "ada"), overlay, "ada")
    assert (result["score"], result["max_score"], result["passed"]) == (11, 11, True)
    assert [step["visibility"] for step in result["steps"]] == ["visible", "hidden", "hidden"]
    assert result["due"] == "2026-12-01T23:59+01:00"
    assert graded(script(), overlay)["score"] == 8 and graded(b"{}", overlay)["score"] == 0


def test_a_step_without_points_may_get_some():
    assert graded(script(), "steps:\n  words: {points: 5}\n")["score"] == 9


def test_what_waits_for_a_date_needs_one(tmp_path):
    path = tmp_path / "o.yaml"
    (tmp_path / "tiny.yaml").write_text(TINY)
    waits = "checks:\n  - {id: x, never: [RST], visibility: after_due_date}\n"
    path.write_text(HEAD + waits)
    done = CliRunner().invoke(cli, ["staff", "lint", str(path)])
    assert done.exit_code == 0 and ":4:39: warning: There is no due:" in done.output
    path.write_text(HEAD + "due: 2026-12-01T23:59+01:00\n" + waits)
    assert "warning" not in CliRunner().invoke(cli, ["staff", "lint", str(path)]).output


@pytest.mark.parametrize(("text", "said"), [
    (HEAD + "chekcs: []", ":3:1: error: Unknown key 'chekcs'. Did you mean 'checks'?"),
    (HEAD + "steps:\n  opne: {points: 1}", ":4:3: error: The lab has no step 'opne'. Did you mean 'open'?"),
    (HEAD + "steps:\n  open: {pionts: 1}", ":4:10: error: Unknown key 'pionts'. Did you mean 'points'?"),
    (HEAD + "checks:\n  - {id: x, expr: client.stat == 1}", ":4:26: error: client has no 'stat'"),
    (HEAD + "checks:\n  - {id: x, see: [clint SYN]}", ":4:19: error: 'clint' is not a host"),
    (HEAD + "checks:\n  - {id: x}", "needs expr, see or never"),
    (HEAD + "checks:\n  - {id: open, never: [RST]}", "There is another 'open'"),
    (HEAD + "checks:\n  - {id: x, at: opne, never: [RST]}", ":4:17: error: The lab has no step"),
    (HEAD + "due: tomorrow", ":3:6: error: This is no instant with a zone."),
    (HEAD + "visibility: secret", ":3:13: error: This has to be"),
    ("staff: 1\nlab: other", ":2:6: error: This overlay is for the lab 'other'"),
    ("staff: 2\nlab: tiny", ":1:8: error: This has to be 1"),
    ("[1]", ":1:1: error: An overlay is a mapping"), ("a: [", "This is not YAML"), ("", "empty"),
    (HEAD + "checks:\n  - {id: x, expr: \"__import__('os')\"}", ":4:"),
])
def test_every_mistake_has_its_place(text, said):
    with pytest.raises(LabError) as found:
        Overlay.of(text, "o.yaml", tiny())
    assert said in str(found.value) and "o.yaml:" in str(found.value)


def test_lint_and_schema(tmp_path):
    (tmp_path / "tiny.yaml").write_text(TINY)
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text(HEAD + "checks:\n  - {id: x, never: [RST]}\n")
    bad.write_text(HEAD + "checks:\n  - {id: x, nevr: [RST]}\n")
    run, lab = CliRunner().invoke, ["--lab", str(tmp_path / "tiny.yaml")]
    assert run(cli, ["staff", "lint", str(good), *lab]).stdout == "1 overlay: no problems\n"
    result = run(cli, ["staff", "lint", str(good), str(bad), "--json", *lab])
    assert result.exit_code == 3 and json.loads(result.stdout)[0]["line"] == 4
    assert run(cli, ["staff", "lint", str(tmp_path / "none.yaml")]).exit_code == 2
    assert run(cli, ["staff", "lint", str(good)]).exit_code == 0  # `tiny` stands beside it
    assert run(cli, ["lab", "lint", str(bad)]).stdout == run(cli, ["staff", "lint", str(bad)]).stdout
    (tmp_path / "tiny.yaml").rename(tmp_path / "moved")
    assert run(cli, ["staff", "lint", str(good)]).exit_code == 2  # and is no shipped lab
    (tmp_path / "moved").rename(tmp_path / "tiny.yaml")
    schema = json.loads(run(cli, ["staff", "schema"]).stdout)
    assert set(schema["properties"]) == {"staff", "lab", "due", "visibility", "steps", "checks"}
    result = run(cli, ["grade", str(tmp_path / "tiny.yaml"), str(bad), "--staff", str(bad), "--json"])
    assert result.exit_code == 3 and "nevr" in json.loads(result.stdout)["error"]
