"""A short session inside tmux: keys go in through the multiplexer, and what its pane holds is what is seen."""

from __future__ import annotations

import os
import select
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.learner import Learner
from tests.e2e.terminal import TCPLAB, Terminal, environment

pytestmark = pytest.mark.skipif(not shutil.which("tmux"), reason="tmux is not installed")

Tmux = Callable[..., str]


@pytest.fixture
def tmux(home: Path) -> Iterator[Tmux]:
    """`tmux("capture-pane", "-p")` speaks to a server of its own, which ends with the test."""
    socket = home / "tmux"

    def run(*arguments: str) -> str:
        command = ["tmux", "-S", str(socket), *arguments]
        return subprocess.run(command, env=environment(home), capture_output=True, text=True, timeout=30).stdout

    yield run
    run("kill-server")


def attached(home: Path, *arguments: str) -> Terminal:
    """A terminal in which tmux runs tcplab, without a status line: all 24 rows are the lab's."""
    argv = ["tmux", "-u", "-S", str(home / "tmux"), "-f", "/dev/null", "new-session", "-x", "80", "-y", "24",
            "exec " + shlex.join([*TCPLAB, *arguments]), ";", "set", "-g", "status", "off"]  # fmt: skip
    return Terminal(argv, environment(home))


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="needs Linux")
def test_a_multiplexer_that_dies_leaves_no_process_and_loses_nothing(home, tmux):
    with attached(home, "open", "sandbox", "--seed", "1") as terminal:
        terminal.wait_for(r" 1 +Guide")
        terminal.type(":server listen 80; client connect server 80; step 3\r")
        terminal.wait_for("ESTABLISHED.*ESTABLISHED")
        clock = terminal.wait_for(r"stopped +(\S+) s")[1]
        watch = os.pidfd_open(int(tmux("display-message", "-p", "#{pane_pid}")))
        assert not select.select([watch], [], [], 0)[0]
        tmux("kill-server")
        assert select.select([watch], [], [], 10)[0], "tcplab outlived its terminal"
        os.close(watch)
    with Terminal([*TCPLAB, "resume"], environment(home)) as back:
        assert back.wait_for(r"stopped +(\S+) s")[1] == clock
        back.press("q")
        assert back.wait_exit() == 0 and back.restored == []


def test_a_lesson_begins_inside_tmux(home, tmux):
    with attached(home, "open", "handshake", "--seed", "1") as terminal:
        learner = Learner(terminal)
        learner.at_step(1, "read")
        tmux("send-keys", "n")
        learner.at_step(2, "do")
        tmux("send-keys", "Enter")
        learner.at_step(3, "prediction")
        iss = int(terminal.wait_for(r"The SYN says SEQ (\d+)")[1])
        tmux("send-keys", "-l", str(iss + 1))
        terminal.wait_for(rf"your answer › +{iss + 1}\b")
        tmux("send-keys", "Enter")
        learner.at_step(4, "prediction")
        learner.choose("From a number that the server chooses itself")
        learner.at_step(5, "do")
        terminal.quiet(0.2)
        pane = tmux("capture-pane", "-p").splitlines()
        assert [row.rstrip() for row in terminal.rows] == [row.rstrip() for row in pane]
        assert tmux("display-message", "-p", "#{alternate_on} #{pane_width}x#{pane_height}").strip() == "1 80x24"
        tmux("resize-window", "-x", "120", "-y", "36")
        terminal.wait_until(lambda: "3 States ━" in tmux("capture-pane", "-p"), "the diagram in a wide pane")
        terminal.press("q")
        assert terminal.wait_exit() == 0 and terminal.restored == []
