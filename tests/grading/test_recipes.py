"""Every recipe of the grading page, tried as it stands there (only its folders are moved)."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tcplab.lab.loader import load_lab
from tests.grading.test_reports import classroom50_shape, gradescope_shape, junit_shape
from tests.support.hand_ins import recording

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "tcplab" / "docs" / "grading.md").read_text(encoding="utf-8")
RECIPES = dict(re.findall(r"<!-- recipe: ([\w-]+) -->\n```\w+\n(.*?)```\n", PAGE, re.DOTALL))


@pytest.fixture(scope="module")
def hand_in(tmp_path_factory) -> bytes:
    return recording(tmp_path_factory.mktemp("made"), load_lab("handshake"), "ada")


@pytest.fixture
def place(tmp_path, hand_in) -> Path:
    """A folder with the hand-in, and a `tcplab` on the PATH."""
    (tmp_path / "hand-in.jsonl").write_bytes(hand_in)
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "tcplab"
    program.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m tcplab "$@"\n')
    program.chmod(0o755)
    return tmp_path


def shell(place: Path, text: str, **env: str) -> subprocess.CompletedProcess:
    path = f"{place / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    return subprocess.run(["sh", "-e", "-c", text], cwd=place, capture_output=True, text=True,
                          env={"PATH": path, "PYTHONPATH": str(ROOT)} | env)


def test_the_shell_loop(place, hand_in):
    (place / "hand-ins").mkdir()
    (place / "hand-ins" / "ada.jsonl").write_bytes(hand_in)
    (place / "hand-ins" / "bob.jsonl").write_bytes(hand_in)
    done = shell(place, RECIPES["shell"])
    assert done.stdout.splitlines()[-1] == "bob: look at it (exit code 4)", done
    assert json.loads((place / "marks" / "ada.json").read_text())["passed"] is True
    assert json.loads((place / "marks" / "bob.json").read_text())["status"] == "invalid-submission"


def test_a_class_in_three_commands(place, hand_in):
    """The first block of the page, and its second way to write a report for each."""
    for name in ("ada", "bob"):
        (place / "hand-ins" / name).mkdir(parents=True)
        (place / "hand-ins" / name / "handshake.jsonl").write_bytes(hand_in)
    (place / "course.csv").write_text("student,name\nada,Ada\nbob,Bob\ncarol,Carol\n")
    (place / "out").mkdir()
    block = re.search(r"```sh\n(tcplab grade .*?)```", PAGE, re.DOTALL)[1]
    each = re.search(r"`(--report gradescope:out/\S+)`", PAGE)[1]
    done = shell(place, block.replace("--jobs 2", f"--jobs 2 {each} --exit-zero"))
    assert done.returncode == 0 and "no two learners" in done.stdout, done.stderr
    assert [line.split(",")[2] for line in (place / "marks.csv").read_text().splitlines()[1:]] == ["16", "0", "0"]
    assert "<p>carol</p>" in (place / "class.html").read_text()
    gradescope_shape(json.loads((place / "out" / "bob.json").read_text()))
    assert sorted(path.name for path in (place / "out").iterdir()) == ["ada.json", "bob.json"]


def test_gradescope(place, hand_in):
    (place / "submission").mkdir()
    (place / "results").mkdir()
    (place / "submission" / "handshake-1.jsonl").write_bytes(hand_in)
    (place / "submission" / "notes.md").write_text("hello")
    (place / "submission_metadata.json").write_text(json.dumps({"users": [{"email": "ada", "id": 1, "name": "Ada"}]}))
    done = shell(place, RECIPES["gradescope"].replace("/autograder", str(place)))
    assert done.returncode == 0, done.stderr
    value = json.loads((place / "results" / "results.json").read_text())
    gradescope_shape(value)
    assert value["score"] == sum(test["max_score"] for test in value["tests"]) > 0


def test_github_actions(place):
    from ruamel.yaml import YAML

    workflow = YAML(typ="safe").load(RECIPES["actions"])
    steps = [step["run"] for step in workflow["jobs"]["grade"]["steps"] if "run" in step]
    assert steps.pop(0) == "pip install tcplab"
    for step in steps:
        done = shell(place, step, GITHUB_ACTOR="ada", GITHUB_STEP_SUMMARY=str(place / "step.md"))
        assert done.returncode == 0, done.stderr
    assert "| ada |" in (place / "step.md").read_text()
    junit_shape((place / "report.xml").read_text())


def test_classroom50(place):
    tests = json.loads(RECIPES["classroom50-tests"])
    assert tests["schema"] == "classroom50/tests/v1" and all(len(test["name"].encode()) <= 100
                                                             for test in tests["tests"])
    assert shell(place, tests["tests"][0]["run"], USERNAME="ada").returncode == 0
    assert shell(place, tests["tests"][1]["run"], USERNAME="bob").returncode == 4
    (place / "autograder.py").write_text(RECIPES["classroom50"])
    done = shell(place, f"{sys.executable} autograder.py", USERNAME="ada", CLASSROOM="c", ASSIGNMENT="a")
    assert done.returncode == 0, done.stderr
    value = json.loads((place / "result.json").read_text())
    classroom50_shape(value)
    assert value["score"] == value["max-score"] > 0 and value["owner"] == "ada"
    assert (place / "release-body.md").is_file()


def test_pytest_and_python(place):
    (place / "check_handshake.py").write_text(RECIPES["pytest"])
    words = re.search(r"^`(pytest check_handshake.py .*)`$", PAGE, re.MULTILINE)[1]
    done = shell(place, f"{sys.executable} -m {words} -p tcplab.testing -q", PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")
    assert done.returncode == 0 and "2 passed" in done.stdout, done.stdout + done.stderr
    (place / "use.py").write_text(RECIPES["python"])
    done = shell(place, f"{sys.executable} use.py")
    assert done.stdout.startswith("graded ") and "SYN-SENT" in done.stdout, done.stderr


def test_the_overlay(place):
    (place / "overlay.yaml").write_text(RECIPES["overlay"])
    done = shell(place, "tcplab staff lint overlay.yaml")
    assert done.stdout == "1 overlay: no problems\n", done.stderr
    done = shell(place, "tcplab grade handshake hand-in.jsonl --student ada --staff overlay.yaml --json")
    assert [check["passed"] for check in json.loads(done.stdout)["staff_checks"]] == [True, True]
