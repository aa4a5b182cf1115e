"""Every report as its platform defines it, also over hand-ins that mean harm and over nothing at all."""

from __future__ import annotations

import csv
import io
import json
import re
from xml.etree import ElementTree

import pytest

from tcplab.grading import reports
from tcplab.grading.judge import Job, grade_data
from tcplab.grading.overlay import Overlay
from tcplab.grading.reports.batch import Batch
from tests.support.hand_ins import recording, script, tiny

OVERLAY = """\
staff: 1
lab: tiny
due: 2999-01-01T00:00+00:00
steps:
  number: {points: 3, visibility: after_due_date}
checks:
  - {id: quiet, title: No reset, never: [RST], points: 2, visibility: hidden}
  - {id: syn, see: [client SYN, server SYN-ACK], points: 1, at: open}
"""
EVIL = "<b>=cmd()|'\x1b[31m\u202e\x00\ud800</testcase>]]>\"&# ok 1\\\n1..9 `x` |"


def graded(tmp_path, data=None, overlay=None, **extra) -> dict:
    lab = tiny()
    staff = Overlay.of(overlay, "staff.yaml", lab) if overlay else None
    data = recording(tmp_path, lab) if data is None else data
    code, result = grade_data(lab, data, Job(), staff)
    return result | {"submission": "a.jsonl", "attempt": 1, "supervised": False, "counts": True,
                     "copied_from": None} | extra


def batch(*results: dict, **more) -> Batch:
    return Batch({"id": "tiny", "title": "Tiny", "max_score": 10}, lambda: results, **more)


@pytest.fixture
def evil(tmp_path) -> dict:
    return graded(tmp_path, script("1", "<b>=cmd()|</testcase>]]>& 1..9 `x` |"), student=EVIL, submission=EVIL,
                  error=EVIL)


def gradescope_shape(value: dict) -> None:
    assert set(value) <= {"score", "execution_time", "output", "output_format", "test_output_format",
                          "test_name_format", "visibility", "stdout_visibility", "extra_data", "tests", "leaderboard"}
    assert isinstance(value["score"], int | float) and isinstance(value["tests"], list)
    assert value["output_format"] in ("text", "html", "simple_format", "md", "ansi")
    for test in value["tests"]:
        assert set(test) <= {"score", "max_score", "status", "name", "name_format", "number", "output", "output_format",
                             "tags", "visibility", "extra_data"}
        assert test["status"] in ("passed", "failed") and isinstance(test["tags"], list)
        assert test["visibility"] in ("hidden", "after_due_date", "after_published", "visible")
        assert isinstance(test["number"], str) and "\r" not in test["output"]
    for row in value.get("leaderboard", []):
        assert set(row) == {"name", "value", "order"}


def classroom50_shape(value: dict) -> None:
    required = {"schema", "classroom", "assignment", "assignment_type", "owner", "submission", "commit", "release",
                "review", "datetime", "score", "max-score", "tests"}
    assert required <= set(value) <= required | {"graded_at", "submitted_by"}
    assert value["schema"] == "classroom50/result/v1" and value["assignment_type"] in ("individual", "group")
    assert re.match("submit/", value["submission"])
    assert all(isinstance(value[key], str) and value[key] for key in required - {"score", "max-score", "tests"})
    assert all(test["test-name"] for test in value["tests"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", value["datetime"])
    for part in (value, *value["tests"]):
        assert type(part["score"]) is int and type(part["max-score"]) is int and 0 <= part["score"] <= part["max-score"]
    for test in value["tests"]:
        assert {"test-name", "passed", "score", "max-score"} <= set(test) and type(test["passed"]) is bool


def junit_shape(text: str) -> ElementTree.Element:
    root = ElementTree.fromstring(text)
    assert root.tag == "testsuites"
    for suite in root:
        assert suite.tag == "testsuite"
        assert {"name", "tests", "failures", "errors", "skipped", "time", "timestamp", "hostname"} == set(suite.attrib)
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", suite.get("timestamp"))
        cases = suite.findall("testcase")
        for key, tag in (("failures", "failure"), ("errors", "error")):
            assert int(suite.get(key)) == sum(case.find(tag) is not None for case in cases)
        assert int(suite.get("tests")) == len(cases) and all({"name", "classname", "time"} == set(c.attrib)
                                                             for c in cases)
        assert [child.tag for child in suite] == ["properties"] + ["testcase"] * len(cases)
    return root


def tap_shape(text: str) -> list[str]:
    """A small reader of TAP 14: plan, numbered test lines, YAML blocks of two blanks, subtests of four."""
    lines = text.splitlines()
    assert lines[0] == "TAP version 14"
    plan = int(re.fullmatch(r"1\.\.(\d+)(?: # SKIP .*)?", lines[1])[1])
    tests = [line for line in lines[2:] if re.match(r"(not )?ok \d+ - ", line)]
    assert [int(re.search(r"\d+", test)[0]) for test in tests] == list(range(1, plan + 1))
    for line in lines[2:]:
        assert line in tests or line.startswith(("  ", "# Subtest: ", "Bail out! ")), line
        assert not re.search(r"(?<!\\)#", line) or line.lstrip().startswith(("# Subtest", "1..", "message:",
                                                                           "got:", "expected:")), line
    return tests


def test_json_is_the_results_line_by_line(tmp_path, evil):
    one = graded(tmp_path)
    text = reports.text_of("json", batch(one, evil))
    assert text.isascii() and [json.loads(line)["score"] for line in text.splitlines()] == [10, 4]


def test_gradescope(tmp_path, evil):
    value = json.loads(reports.text_of("gradescope", batch(graded(tmp_path, overlay=OVERLAY))))
    gradescope_shape(value)
    assert value["score"] == 4 + 3 + 2 + 1 == sum(test["score"] for test in value["tests"])
    assert {test["name"]: test["visibility"] for test in value["tests"]} == {
        "Open": "visible", "Number": "after_due_date", "Words": "visible", "No reset": "hidden", "Syn": "visible"}
    assert value["extra_data"]["tcplab"]["supervised"] is False
    gradescope_shape(json.loads(reports.text_of("gradescope", batch(evil))))
    failed = json.loads(reports.text_of("gradescope", batch(graded(tmp_path, script("1")))))["tests"][1]
    assert failed["status"] == "failed" and "got 1" in failed["output"]


def test_a_report_of_one_takes_what_counts_and_says_when_there_are_two(tmp_path):
    first, second = graded(tmp_path, script("1"), counts=False), graded(tmp_path)
    assert json.loads(reports.text_of("gradescope", batch(first, second)))["score"] == 10
    value = json.loads(reports.text_of("gradescope", batch(second, second)))
    gradescope_shape(value)
    assert value["score"] == 0 and "2 hand-ins" in value["output"]


def test_classroom50(tmp_path, evil, monkeypatch):
    for name, word in {"CLASSROOM": "c", "ASSIGNMENT": "a", "SUBMISSION_TAG": "submit/7", "USERNAME": "ada",
                       "COMMIT_URL": "u", "RELEASE_URL": "r", "REVIEW_URL": "v", "ASSIGNMENT_TYPE": "group"}.items():
        monkeypatch.setenv(name, word)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    value = json.loads(reports.text_of("classroom50", batch(graded(tmp_path, overlay=OVERLAY))))
    classroom50_shape(value)
    assert value["owner"] == "ada" and value["datetime"] == "1970-01-01T00:00:00Z"
    assert [test["test-name"] for test in value["tests"]] == ["Open", "Words", "Syn", "about the hand-in"]
    # A total that held the points of what is not shown would tell them.
    assert value["score"] == sum(test["score"] for test in value["tests"]) == 5
    assert value["max-score"] == sum(test["max-score"] for test in value["tests"])
    assert "2 more checks are not shown" in value["tests"][-1]["message"]
    page = reports.text_of("markdown", batch(graded(tmp_path, overlay=OVERLAY)))
    assert f"| 5 | {value['max-score']} | – |" in page and "2 more checks are not shown" in page
    classroom50_shape(json.loads(reports.text_of("classroom50", batch(evil))))


def test_junit_is_read_back_by_another(tmp_path, evil):
    junitparser = pytest.importorskip("junitparser")
    bad = graded(tmp_path, b"{}")
    text = reports.text_of("junit", batch(graded(tmp_path, overlay=OVERLAY), graded(tmp_path, script("1")), evil, bad))
    root = junit_shape(text)
    assert int(root.get("errors")) == 1 and int(root.get("failures")) == 2
    suites = list(junitparser.JUnitXml.fromstring(text.encode()))
    assert [suite.tests for suite in suites] == [5, 3, 3, 1] and "Tiny" not in suites[0].name
    score = {prop.name: prop.value for prop in suites[0].properties()}["tcplab.score"]
    assert score == "10"


def test_tap(tmp_path, evil):
    assert tap_shape(reports.text_of("tap", batch(graded(tmp_path, script("1")))))[1].startswith("not ok 2 - number")
    tests = tap_shape(reports.text_of("tap", batch(graded(tmp_path), evil, graded(tmp_path, b"{}"))))
    assert [test.startswith("ok") for test in tests] == [True, False, False]
    assert "\nBail out! " in reports.text_of("tap", batch(error="no \\ lab #1"))


def test_csv_has_a_line_for_everybody(tmp_path, evil):
    text = reports.text_of("csv", batch(graded(tmp_path), evil, missing={"dave": "nothing was handed in"}))
    table = list(csv.DictReader(io.StringIO(text)))
    assert [(row["score"], row["passed"]) for row in table] == [("10", "true"), ("4", "false"), ("0", "false")]
    assert table[2]["student"] == "dave" and table[2]["replay"] == "missing" and len(text.splitlines()) == 4
    formula = reports.text_of("csv", batch(graded(tmp_path) | {"student": "=1+1"}))
    assert "'=1+1" in formula


def test_markdown_of_a_class_has_one_total(tmp_path):
    hidden, refused = graded(tmp_path, overlay=OVERLAY), graded(tmp_path, b"{}", overlay=OVERLAY)
    hidden["student"], refused["student"], missing = "ada", "bob", {"eve": "nothing"}
    of = hidden["max_score"]
    assert of > 5
    refused["max_score"] = of
    for klass in (False, True):
        page = Batch({"id": "t", "title": "T", "max_score": of}, lambda: [hidden, refused], missing, klass=klass)
        lines = reports.text_of("markdown", page).splitlines()[4:]
        rows = [re.findall(r"(?<=\| )[^|]*(?= \|)", line) for line in lines]
        assert {row[2] for row in rows} == {str(of if klass else 5)}, rows
        assert (rows[0][3] == "–") is not klass


def test_markdown_stays_a_table_and_hides_what_is_hidden(tmp_path, evil):
    text = reports.text_of("markdown", batch(graded(tmp_path, overlay=OVERLAY)))
    assert "| Open | 4/4 | ✓ |" in text and "No reset" not in text and "2 more checks" in text
    text = reports.text_of("markdown", batch(evil, missing={"dave": "nothing was handed in"}))
    assert "\\<b\\>" in text and "| <b>" not in text and "dave" in text
    assert all(len(re.findall(r"(?<!\\)\|", line)) in (0, 4, 6) for line in text.splitlines())
    others = [evil | {"student": student, "counts": False} for student in ("ada", None)]
    text = reports.text_of("markdown", batch(*others))
    assert "does not count: another hand-in of this student does" in text and "counts for nobody" in text


@pytest.mark.parametrize("form", reports.FORMATS)
def test_every_format_has_no_control_characters_and_survives_errors(form, evil, tmp_path):
    for one in (batch(evil), batch(graded(tmp_path, b"\x1b[2J")), batch(error=EVIL), batch()):
        text = reports.text_of(form, one)
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e\ud800]", text), form
        text.encode("utf-8")
        if form == "junit":
            junit_shape(text)
        elif form in ("gradescope", "classroom50"):
            {"gradescope": gradescope_shape, "classroom50": classroom50_shape}[form](json.loads(text))


def test_a_file_is_replaced_in_one_stroke(tmp_path):
    path = tmp_path / "new" / "out.json"
    report, = reports.wanted([f"gradescope:{path}"])
    with pytest.raises(reports.ReportError, match="there is no folder"):
        reports.deliver(report, batch(error="not yet"))
    assert not path.parent.exists()
    path.parent.mkdir()
    reports.deliver(report, batch(error="not yet"))
    assert json.loads(path.read_text())["output"] == "not yet"
    reports.deliver(report, batch(graded(tmp_path)))
    assert json.loads(path.read_text())["score"] == 10 and [p.name for p in path.parent.iterdir()] == ["out.json"]


@pytest.mark.parametrize(("words", "cure"), [
    (["jsno"], "there are json"), (["csv:"], "file name"), (["csv", "tap"], "only one")])
def test_what_is_no_report_is_said(words, cure):
    with pytest.raises(reports.ReportError, match=cure):
        reports.wanted(words)
