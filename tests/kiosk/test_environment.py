"""What a kiosk lets in: variables by a list, names that are folders and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tcplab.kiosk.environment import environment, learner_name


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


@pytest.mark.parametrize("name", ["ada", "ada.lovelace", "ada@example.org", "a+b_c-d", "42"])
def test_a_plain_name_stays_as_it_is(name):
    assert learner_name(name) == name


@settings(max_examples=200, deadline=None)
@given(st.text(min_size=1, max_size=80))
def test_a_folder_is_named_safely_whatever_the_name(name):
    if not name.strip():
        with pytest.raises(ValueError):
            learner_name(name)
        return
    assert re.fullmatch(r"[A-Za-z0-9_@+][A-Za-z0-9_.@+-]{0,47}", learner_name(name))


@pytest.mark.parametrize("name", ["../../etc", "..", ".ssh", "a/b", "-rf", "a\x1b[2Jb", "a\nb", "ä", "ö", "x" * 300])
def test_hostile_names_are_changed_and_stay_different(name):
    safe = learner_name(name)
    assert safe != name and "/" not in safe and not safe.startswith((".", "-")) and safe.isascii()
    assert safe != learner_name(name + "x")
