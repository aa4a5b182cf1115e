"""The doctor: each illness is named with its cure, and nothing makes the doctor itself fall ill."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
from collections import namedtuple

import pytest

from tcplab.doctor import command, line, place
from tcplab.doctor.finding import BAD, GOOD, WARN, Finding
from tests.e2e.terminal import TCPLAB, Terminal, environment


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("TCPLAB_HOME", str(tmp_path / "home"))
    for name in ("NO_COLOR", "COLORTERM", "TMUX", "STY", "LC_ALL", "LC_CTYPE", "LANG"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "home"


def by_check(found):
    return {one.check: one for one in found}


@pytest.mark.parametrize(("env", "check", "state"), [
    ({"TERM": "xterm", "COLORTERM": ""}, "colours", WARN), ({"TERM": "xterm-256color"}, "colours", GOOD),
    ({"TERM": "vt100", "NO_COLOR": "1"}, "colours", GOOD), ({"TERM": "vt100", "COLORTERM": "24bit"}, "colours", GOOD)])
def test_colours(monkeypatch, env, check, state):
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    found = by_check(line.screen())[check]
    assert found.state == state and bool(found.cure) == (state != GOOD)


@pytest.mark.parametrize(("size", "state"), [((40, 10), BAD), ((70, 22), WARN), ((80, 24), GOOD)])
def test_size(monkeypatch, size, state):
    monkeypatch.setattr(line.shutil, "get_terminal_size", lambda fallback: size)
    assert by_check(line.screen())["size"].state == state


@pytest.mark.parametrize(("locale", "state"), [("C.UTF-8", GOOD), ("de_DE.ISO-8859-1", WARN), ("C", WARN)])
def test_locale(monkeypatch, locale, state):
    monkeypatch.setenv("LC_ALL", locale)
    assert next(line.words()).state == state


def test_tmux_that_keeps_esc(monkeypatch):
    monkeypatch.setenv("TMUX", "x")
    monkeypatch.setattr(line.subprocess, "run", lambda *a, **k: namedtuple("Done", "stdout")("500\n"))
    assert "set -sg escape-time 10" in next(line.multiplexer()).cure


def test_a_folder_that_cannot_be_written(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("TCPLAB_HOME", str(tmp_path / "file"))
    found = next(place.folders())
    assert found.state == BAD and "TCPLAB_HOME=DIR" in found.cure


def test_a_disk_without_room(monkeypatch, home):
    held = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, held[1]))
        assert next(place.folders()).state == BAD
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, held)
        signal.signal(signal.SIGXFSZ, handler)
    monkeypatch.setattr(place.shutil, "disk_usage", lambda folder: namedtuple("Usage", "free")(5000))
    assert next(place.folders()).state == WARN


def test_what_is_not_compiled_is_told_with_the_command(monkeypatch):
    monkeypatch.setattr(place, "_is_compiled", lambda path: False)
    assert "-m compileall -q" in next(place.compiled()).cure
    monkeypatch.setattr(place, "_is_compiled", lambda path: True)
    assert next(place.compiled()).state == GOOD


def test_settings_that_are_wrong(home):
    home.mkdir()
    (home / "config.toml").write_text("speed = 7\n")
    assert next(place.settings()).state == WARN


def test_a_check_that_breaks_says_so_and_the_others_go_on():
    def ill():
        raise RuntimeError("\x1b[2J")
        yield

    def well():
        yield Finding("well", GOOD, "fine")

    broken, fine = command.findings((ill, well))
    assert broken.state == WARN and "RuntimeError" in broken.said and "\x1b" not in broken.said
    assert fine == Finding("well", GOOD, "fine")


def test_without_a_terminal_it_says_so_and_exits_with_1():
    env = {name: value for name, value in os.environ.items() if name != "LC_ALL"}
    done = subprocess.run([*TCPLAB, "doctor", "--json"], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          env=env, check=False)
    told = json.loads(done.stdout)
    assert done.returncode == 1 and not told["usable"] and done.stderr == ""
    assert {"terminal", "colours", "locale", "speed", "folder", "python", "packages", "labs"} <= \
        {one["check"] for one in told["checks"]}


@pytest.mark.parametrize("answers", [True, False], ids=["answers", "silent"])
def test_on_a_terminal_it_measures_and_leaves_everything_as_it_was(tmp_path, answers):
    home = tmp_path / "learner"
    home.mkdir()
    with Terminal((*TCPLAB, "doctor"), environment(home), 100, 40) as terminal:
        if answers:
            terminal.wait_until(lambda: terminal.raw.count(b"\x1b[5n") == 1, "the first question")
            terminal.type("\x1b[0n")
            terminal.wait_until(lambda: terminal.raw.count(b"\x1b[5n") == 2, "the second question")
            terminal.type("\x1b[0n")
        assert terminal.wait_exit() == 0
        assert terminal.restored == [] and "tcplab can be used here." in terminal.text
        assert ("answers in" in terminal.text) == answers and ("no answer" in terminal.text) != answers
