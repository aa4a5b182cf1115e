"""What a kiosk lets in: variables by a list."""

from __future__ import annotations

from pathlib import Path

import pytest

from tcplab.kiosk.environment import environment


def test_only_what_is_on_the_list_comes_in():
    given_ = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "de_DE.UTF-8", "LC_ALL": "C.UTF-8",
              "TZ": "Europe/Berlin", "SSH_CONNECTION": "10.0.0.1 5000 10.0.0.2 22", "EDITOR": "vi", "PAGER": "less",
              "LD_PRELOAD": "/tmp/x.so", "TEXTUAL_LOG": "/tmp/log", "TCPLAB_HOME": "/etc", "PATH": "/tmp",
              "PYTHONSTARTUP": "/tmp/x.py", "SSH_ORIGINAL_COMMAND": "sh", "HOME": "/root", "LC_": "x"}
    got = environment(given_, Path("/k/learners/ada"))
    assert got == {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "de_DE.UTF-8", "LC_ALL": "C.UTF-8",
                   "TZ": "Europe/Berlin", "SSH_CONNECTION": "10.0.0.1 5000 10.0.0.2 22", "PATH": "/usr/bin:/bin",
                   "HOME": "/k/learners/ada", "TCPLAB_HOME": "/k/learners/ada"}


@pytest.mark.parametrize(("name", "value"), [
    ("TZ", ":/etc/passwd"), ("TZ", "/etc/shadow"), ("TZ", "../../etc/x"), ("TZ", "Europe/../../x"),
    ("LC_ALL", "/tmp/locale"), ("LANG", "../x"), ("TERM", "x\x1b[31m"), ("TERM", "../../tmp/evil"), ("TERM", ""),
    ("SSH_CONNECTION", "1\n2"), ("LC_ALL", "x" * 65)])
def test_a_value_that_is_no_plain_name_stays_outside(name, value):
    assert name not in environment({name: value}, Path("/k"))
