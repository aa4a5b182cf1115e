"""The pytest plugin as staff use it: their own test file, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tcplab import testing
from tcplab.notation.errors import NotationError
from tests.support.hand_ins import TINY, recording, script, tiny

ROOT = Path(__file__).parents[2]
CHECKS = '''
def test_it_is_open(tcplab_hand_in):
    assert tcplab_hand_in.value("client.state == 'ESTABLISHED'")
    assert [seg.src for seg in tcplab_hand_in.saw("SYN-ACK")] == ["server"]

def test_full_marks(tcplab_hand_in):
    assert tcplab_hand_in.score == 10 and tcplab_hand_in.step("number")["passed"]

def test_a_play_of_ones_own(tcplab_play):
    played = tcplab_play("sandbox", "server listen 80; client connect server 80; run until idle", seed=3)
    assert played.value("server.state") == "ESTABLISHED" and len(played.saw("any")) == 3
'''


def pytest_on(folder: Path, *arguments: object) -> subprocess.CompletedProcess:
    (folder / "test_checks.py").write_text(CHECKS)
    return subprocess.run([sys.executable, "-m", "pytest", "-q", "-p", "tcplab.testing", "--rootdir", folder,
                           "-p", "no:cacheprovider", folder / "test_checks.py", *map(str, arguments)], text=True,
                          capture_output=True, cwd=folder,
                          env=os.environ | {"PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"})


def test_staff_check_hand_ins_in_a_test_file(tmp_path):
    (tmp_path / "tiny.yaml").write_text(TINY)
    (tmp_path / "ada.jsonl").write_bytes(recording(tmp_path, tiny(), "ada"))
    (tmp_path / "half.txt").write_bytes(script())
    (tmp_path / "bad.jsonl").write_bytes(b'{"format": "tcplab/recording/1"}\n')
    files = [part for name in ("ada.jsonl", "half.txt", "bad.jsonl") for part in
             ("--tcplab-submission", tmp_path / name)]
    done = pytest_on(tmp_path, "--tcplab-lab", tmp_path / "tiny.yaml", *files)
    assert "1 failed, 4 passed, 2 errors" in done.stdout, done.stdout
    assert "FAILED test_checks.py::test_full_marks[half.txt]" in done.stdout and "bad.jsonl, line 1" in done.stdout


def test_without_a_hand_in_a_check_says_what_is_missing(tmp_path):
    assert "--tcplab-lab LAB" in pytest_on(tmp_path).stdout


def test_the_plugin_is_announced_and_light():
    entry = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]["pytest11"]
    assert entry == {"tcplab": testing.__name__}
    code = "import sys, tcplab.testing; print([m for m in sys.modules if m.startswith('tcplab.')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "['tcplab.testing']"


def test_wrong_words_are_said(tmp_path):
    played = testing.play("sandbox", "server listen 80")
    with pytest.raises(NotationError, match="state"):
        played.value("client.stat")
    with pytest.raises(KeyError):
        played.step("none")
