"""`tcplab kiosk` from outside: what it says when it cannot open, and that every way in is under the same rules."""

from __future__ import annotations

import json
import os
import subprocess

import pytest

from tcplab.grading import kept
from tests.e2e.terminal import TCPLAB


def kiosk(folder, *more, asked=None, **env):
    given = os.environ | {"SSH_ORIGINAL_COMMAND": asked} if asked is not None else dict(os.environ)
    return subprocess.run([*TCPLAB, "kiosk", str(folder), *more], capture_output=True, text=True, check=False,
                          stdin=subprocess.DEVNULL, env=given | env)


@pytest.mark.parametrize(("more", "words"), [
    (("--student", " "), "student id cannot be empty"), (("--idle", "soon"), "is no time"),
    (("--idle", "0s"), "is no time"), (("--cpu", "-1s"), "is no time"), (("--events", "3"), "3"),
    ((), "not a terminal")])
def test_what_cannot_be_is_said_in_a_sentence(tmp_path, more, words):
    done = kiosk(tmp_path, *more)
    assert done.returncode == 2 and words in done.stderr and done.stdout == "" and "Traceback" not in done.stderr


def test_a_course_that_is_not_there(tmp_path):
    done = kiosk(tmp_path / "none\x1b[2J", asked="status")
    assert done.returncode == 2 and "is not there" in done.stderr and "\x1b" not in done.stderr
    (tmp_path / "file").write_text("")
    assert kiosk(tmp_path / "file", asked="status").returncode == 2


def test_a_name_that_is_no_folder_name_gets_a_folder_of_its_own_and_a_path_gets_none(tmp_path):
    course = tmp_path / "course"
    course.mkdir()
    for name in ("../../etc", "\x1b]0;x\x07"):
        done = kiosk(course, "--student", name, asked="status")
        assert done.returncode == 2 and "student id" in done.stderr and not list(course.iterdir())
    for name in ("2026/17", "-rf", "ü", "Ada", "ada"):  # the last is the learner who came as Ada
        done = kiosk(course, "--student", name, asked="status --json")
        assert done.returncode == 0, done.stderr
        folder = course / kept.LEARNERS / json.loads(done.stdout)["learner"]
        assert folder.is_dir() is (name == "ada")  # to ask makes no folder
        folder.mkdir(parents=True, exist_ok=True)
    assert {path.name for path in tmp_path.iterdir()} == {"course"}
    assert {path.name for path in course.iterdir()} == {kept.LEARNERS}
    assert len(list((course / kept.LEARNERS).iterdir())) == 4


def test_the_environment_of_the_caller_leads_nowhere(tmp_path):
    course, elsewhere = tmp_path / "course", tmp_path / "elsewhere"
    course.mkdir()
    done = kiosk(course, "--student", "ada", asked="status", TCPLAB_HOME=str(elsewhere), HOME=str(elsewhere),
                 XDG_CACHE_HOME=str(elsewhere), TEXTUAL_LOG=str(tmp_path / "log"))
    assert done.returncode == 0 and sorted(path.name for path in tmp_path.iterdir()) == ["course"]
