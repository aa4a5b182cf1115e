"""What a terminal can do, and what is said to one that cannot."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest

from tcplab.tui.terminal import Terminal, is_utf8, probe, refusal
from tcplab.tui.theme import DARK, LIGHT, style

GOOD = {"TERM": "xterm-256color", "LANG": "C.UTF-8"}


def test_a_terminal_is_accepted_and_anything_else_told_what_to_do():
    assert refusal(GOOD, True, True) == ""
    for env, stdin, stderr, words in (
        ({"TERM": "dumb"}, True, True, "TERM=dumb"),
        ({}, True, True, "TERM is not set"),
        (GOOD, False, True, "standard input"),
        (GOOD, True, False, "standard error"),
    ):
        said = refusal(env, stdin, stderr)
        assert words in said and "tcplab run" in said


@pytest.mark.parametrize(
    "env,yes",
    [
        ({"LANG": "C.UTF-8"}, True),
        ({"LC_ALL": "de_DE.ISO-8859-1", "LANG": "C.UTF-8"}, False),
        ({"LANG": "C"}, False),
        ({"LC_CTYPE": "en_US.utf8"}, True),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, False),
        ({"LANG": "xx.nonsense"}, False),
        ({"LC_ALL": "", "LANG": "C.UTF-8"}, True),
    ],
)
def test_locale_decides_about_box_drawing(env, yes):
    assert is_utf8(env) is yes


def test_probe_reads_colour_mouse_and_line():
    assert replace(probe(GOOD), erases=False) == Terminal()
    far = probe({**GOOD, "SSH_CONNECTION": "1 2 3 4"})
    assert far.fps == 5 and not far.mouse and far.remote
    assert probe({**GOOD, "SSH_CONNECTION": "1", "TCPLAB_MOUSE": "1"}).mouse
    assert probe({**GOOD, "NO_COLOR": "1"}).mono and probe({"LANG": "C"}).ascii


@pytest.mark.parametrize(("term", "erases"), [("xterm-256color", True), ("screen-256color", False), ("none", False)])
def test_terminfo_says_whether_an_erased_cell_takes_the_background(term, erases):
    code = "import sys; from tcplab.tui.terminal import probe; print(probe({'TERM': sys.argv[1]}).erases)"
    said = subprocess.run([sys.executable, "-c", code, term], capture_output=True, text=True, check=True).stdout
    assert said.strip() == str(erases)


def test_colours_are_exact_entries_of_the_256_palette():
    steps = (0, 95, 135, 175, 215, 255)
    cube = {f"#{r:02x}{g:02x}{b:02x}" for r in steps for g in steps for b in steps}
    greys = {f"#{v:02x}{v:02x}{v:02x}" for v in range(8, 239, 10)}
    for palette in (DARK, LIGHT):
        assert set(palette.values()) <= cube | greys
    assert int(DARK["dim"][1:3], 16) >= 0x80 and int(DARK["faint"][1:3], 16) >= 0x80


def test_without_colour_there_is_no_colour_but_weight():
    for words in ("client bold", "lost", "ink on-client", "text on-pick", "dim on-bar"):
        made = style("tcplab-mono", words)
        assert made.color is None and made.bgcolor is None
    assert style("tcplab-mono", "ink on-client").reverse and style("tcplab-mono", "lost").bold
    assert style("tcplab-dark", "no-such-word").color.name == DARK["text"]
