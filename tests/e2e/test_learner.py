"""A learner in a real terminal, from launch to full marks; what they recorded; what a kill leaves."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.learner import Learner
from tests.e2e.terminal import TCPLAB, Terminal, environment

#: The clock in the title bar.
CLOCK = r"(\d+\.\d{3}) s"


def tcplab(home: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run a headless command."""
    return subprocess.run(
        [*TCPLAB, *map(str, arguments)], env=environment(home), cwd=home, capture_output=True, text=True, timeout=60
    )


def records(path: str | Path) -> list[dict]:
    """The lines of a recording."""
    return [json.loads(line) for line in Path(path).read_text().splitlines()]


def newest_recording(home: Path) -> Path:
    return max((home / "tcplab" / "recordings").glob("*.jsonl"), key=lambda path: path.stat().st_mtime_ns)


def test_a_learner_plays_the_handshake_from_launch_to_full_marks(launch, home):
    terminal = launch()
    learner = Learner(terminal)
    learner.open_first_lab()
    page = learner.play_handshake()
    assert page.score == page.max_score > 0
    assert page.recording.startswith(str(home)) and Path(page.recording).is_file()
    assert "tcplab grade handshake " in page.grading
    terminal.press("q")
    terminal.wait_for(rf"✓ 1 · The three-way handshake +{page.score}/{page.max_score}")
    terminal.press("q")
    assert terminal.wait_exit() == 0 and terminal.restored == []

    # The command of the last page, typed into a shell as it stands there, comes to the same score.
    shell = page.grading + " --json"
    graded = subprocess.run(["sh", "-c", shell], env=environment(home), capture_output=True, text=True)
    result = json.loads(graded.stdout)
    assert graded.returncode == 0, graded.stderr
    assert (result["score"], result["max_score"], result["passed"]) == (page.score, page.max_score, True)
    assert result["complete"] and result["status"] == "graded"
    same_words_same_bytes(home, page.recording, learner.typed, graded.stdout)


def same_words_same_bytes(home: Path, recording: str, typed: list[str], graded: str) -> None:
    """What the learner typed, as a script under the same seed, gives the same result to the last byte."""
    header, *lines = records(recording)
    timeless = [words for words in typed if not words.startswith("run ")]
    assert [line["cmd"] for line in lines if "cmd" in line] == timeless
    script = home / "script.txt"
    script.write_text("\n".join(typed) + "\n")
    played = tcplab(home, "run", "handshake", "--script", script, "--seed", header["seed"], "--json")
    assert (played.returncode, played.stderr) == (0, "")
    again = tcplab(home, "grade", "handshake", recording, "--seed", header["seed"], "--json")
    assert again.stdout == played.stdout
    assert json.loads(played.stdout)["trace_sha256"] == lines[-1]["trace_sha256"]
    # Without --seed the grader takes the header's and says so; nothing else differs.
    differing = {key for key, value in json.loads(graded).items() if value != json.loads(played.stdout)[key]}
    assert differing == {"seed_source"}


def halfway(terminal: Terminal) -> str:
    """Play until a segment is in mid-link, and let time stand there; returns the clock."""
    terminal.wait_for("step 1 · read")
    terminal.press("n")
    terminal.wait_for("step 2 · do")
    terminal.press("c")
    terminal.wait_for("step 3 · go on")  # the explanation has the page for itself until the learner goes on
    terminal.press("n")
    iss = int(terminal.wait_for(r"The SYN says SEQ (\d+)")[1])
    terminal.type(f"{iss + 1}\r")
    if terminal.wait_for(r"step 4 · (prediction|go on)")[1] == "go on":
        terminal.press("n")
    letter = terminal.wait_for(r"step 4 .*\b([a-h]) From a number that the server")[1]
    terminal.press(letter, "enter")
    terminal.wait_for("step 5 · do")
    terminal.press("space")
    terminal.wait_for(r"running +0\.0[1-9]\d s")
    terminal.press("space")
    return terminal.wait_for("stopped +" + CLOCK)[1]


@pytest.mark.parametrize("end", ["SIGKILL", "hang-up"])
def test_a_session_that_was_cut_off_comes_back_at_the_same_instant(launch, home, end):
    terminal = launch("open", "handshake", "--seed", 7)
    clock = halfway(terminal)
    assert 0 < float(clock) < 0.05
    # The bench up to the line of messages; the title says how fast time runs, which is not part of a session.
    before = terminal.rows[1:17]
    if end == "SIGKILL":
        terminal.signal(signal.SIGKILL)
        assert terminal.wait_exit() == -signal.SIGKILL
    else:
        terminal.hang_up()
        # Nobody is left to read the exit code; Python's own 120 says that stdout could not be flushed.
        assert terminal.wait_gone() in (129, 120)
    assert "end" not in records(newest_recording(home))[-1]

    back = launch("resume")
    assert back.wait_for("stopped +" + CLOCK)[1] == clock
    back.quiet(0.2)
    assert back.rows[1:17] == before
    back.press("space")
    if back.wait_for(r"step 6 · (prediction|go on)")[1] == "go on":
        back.press("n")
    back.wait_for("step 6 · prediction")
    # In the answer box letters are letters; outside it they are keys.
    back.press("esc")
    back.wait_for("enter to type it")
    back.press("q")
    assert back.wait_exit() == 0 and back.restored == []


def test_a_session_killed_while_time_runs_comes_back_at_its_last_mark(launch, home):
    terminal = launch("open", "sandbox", "--seed", 7)
    terminal.wait_for("sandbox")
    terminal.press("l", "c")
    # One mark each real second while time runs.
    terminal.wait_until(lambda: terminal.read(0.05) and "mark" in records(newest_recording(home))[-1], "a mark")
    terminal.wait_for("running")
    terminal.signal(signal.SIGKILL)
    terminal.wait_exit()
    mark = records(newest_recording(home))[-1]
    back = launch("resume")
    shown = back.wait_for("stopped +" + CLOCK)[1]
    whole, rest = divmod(mark["t_ns"] // 10**6, 1000)
    assert shown == f"{whole}.{rest:03}" and mark["t_ns"] > 0


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_signals_end_a_session_as_q_does(launch, home, number, code):
    terminal = launch("open", "handshake", "--seed", 1)
    terminal.wait_for("step 1 · read")
    terminal.press("n")
    terminal.wait_for("step 2 · do")
    terminal.signal(number)
    assert terminal.wait_exit() == code
    assert terminal.restored == []
    assert re.search(r"Traceback|Error", terminal.raw.decode(errors="replace")) is None
    assert [line["cmd"] for line in records(newest_recording(home)) if "cmd" in line] == ["next"]
    assert (home / "tcplab" / "progress.json").is_file()


@pytest.mark.parametrize("debug", [None, "1"])
def test_a_defect_of_ours_gives_the_terminal_back_and_says_so_shortly(home, debug):
    broken = ("import sys; from tcplab.tui import acts; from tcplab.__main__ import main\n"
              "def do_variables(desk): raise RuntimeError('a secret of \\x1b[2Jthe house')\n"
              "acts.do_variables = do_variables; sys.argv = ['tcplab', 'open', 'handshake', '--seed', '1']; main()")
    with Terminal([sys.executable, "-c", broken], environment(home, TCPLAB_DEBUG=debug), cwd=home) as terminal:
        terminal.wait_for("step 1 · read")
        terminal.press("n")
        terminal.wait_for("step 2 · do")
        terminal.press("v")
        assert terminal.wait_exit() == (70 if debug is None else 1) and terminal.restored == []
        assert b"\x1b[2Jthe house" not in terminal.raw or debug is not None
        assert (b"Traceback" in terminal.raw) is (debug is not None)
        assert b"tcplab resume" in terminal.raw
    assert [line["cmd"] for line in records(newest_recording(home)) if "cmd" in line] == ["next"]
