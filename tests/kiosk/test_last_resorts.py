"""What must hold when things go wrong: quotas, files replaced under a running session, computing time, defects."""

from __future__ import annotations

import ast
import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import tcplab
from tcplab.front import opening
from tcplab.grading import kept
from tcplab.kiosk import errands
from tcplab.kiosk.preload import ROOMS
from tcplab.session.recording import parse_recording
from tests.e2e.terminal import TCPLAB, Terminal, environment

QUOTA = OSError(errno.EDQUOT, os.strerror(errno.EDQUOT))


class OverQuota:
    """A file that takes half of what is written, and then says that the quota is used up; `room` ends that."""

    def __init__(self, file) -> None:
        self.file, self.room = file, False

    def write(self, data: bytes) -> int:
        if self.room:
            return self.file.write(data)
        self.file.write(data[: len(data) // 2])
        raise QUOTA

    def __getattr__(self, name: str):
        return getattr(self.file, name)


def test_a_used_up_quota_refuses_the_command_and_loses_nothing(rules):
    session = rules.begin("handshake")
    path, before = session.recording_path, session.recording_path.read_bytes()
    session.recorder._file = file = OverQuota(session.recorder._file)
    outcome = session.execute("next")[0]
    assert not outcome.ok and os.strerror(errno.EDQUOT) in outcome.message and path.read_bytes() == before
    assert session.view().guide.step_number == 1
    file.room = True  # the operator has raised the quota: it goes on as if nothing had been
    assert session.execute("next")[0].ok and session.view().guide.step_number == 2
    session.close()
    assert parse_recording(path.read_bytes()).sealed is True
    rules.release()


def test_a_used_up_quota_is_said_when_an_attempt_begins_and_when_one_is_handed_in(rules, play, monkeypatch, capsys):
    path = play("handshake", "next")
    journal = (rules.seat.folder / kept.JOURNAL).read_bytes()
    whole = os.write

    def write(handle: int, data: bytes) -> int:
        whole(handle, data[: len(data) // 2])
        raise QUOTA

    monkeypatch.setattr("tcplab.kiosk.seat.os.write", write)
    with pytest.raises(opening.OpeningError, match="nothing can be kept here: .*quota.*Tell your instructor"):
        rules.begin("data")
    assert errands.run(rules.seat, "submit") == 2 and "quota" in capsys.readouterr().err
    rules.seat.try_note("step", lab="handshake")  # what only the board needs is left out
    monkeypatch.undo()
    assert (rules.seat.folder / kept.JOURNAL).read_bytes() == journal and path.exists()
    assert errands.run(rules.seat, "submit") == 0 and rules.begin("data").attempt == 1
    rules.release()


PRELOADED = """
import json, signal, sys, types
from tcplab.kiosk import app
from tcplab.kiosk.preload import preload
preload()
print(json.dumps([name for name in sys.modules]), flush=True)
one = app.KioskApp.__new__(app.KioskApp)
one.__dict__.update(_over=0, _running_on=types.SimpleNamespace(call_soon_threadsafe=lambda *words: print(words[1])))
signal.signal(signal.SIGXCPU, one._computed_too_much)
for _ in range(20):
    signal.raise_signal(signal.SIGXCPU)
print("still here")
"""


def test_all_of_ours_is_loaded_before_it_is_needed_and_a_hanging_screen_is_left_at_last():
    """An update replaces files under running sessions; and a screen that hangs ends when the kernel has said five times
    that its computing time is over, with the terminal as it was."""
    done = subprocess.run([sys.executable, "-c", PRELOADED], capture_output=True, check=False,
                          env=os.environ | {"PYTHONPATH": str(Path(tcplab.__file__).parents[1])})
    first, *rest = done.stdout.decode().splitlines()
    assert done.returncode == 5 and rest == ["cpu"] and b"\x1b[?1049l" in done.stderr and b"\x1b[?25h" in done.stderr
    loaded = set(json.loads(first))
    house = Path(tcplab.__file__).parent
    wanted = {f"tcplab.{'.'.join(path.relative_to(house).with_suffix('').parts)}".removesuffix(".__init__")
              for room in ROOMS for path in (house / room).rglob("*.py")}
    wanted |= {module for room in ROOMS for path in (house / room).rglob("*.py") for module in lazily(path)}
    assert wanted - loaded == set()
    assert not loaded & {"scapy", "networkx", "plotext"}  # these take memory: only who uses them loads them


def lazily(path: Path) -> set[str]:
    """Modules of ours that a file imports inside functions."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for inner in ast.walk(node):
                if isinstance(inner, ast.ImportFrom) and not inner.level and (inner.module or "").startswith("tcplab."):
                    found.add(inner.module)
    return found


@pytest.mark.parametrize(("error", "code", "words", "why"), [
    ("ZeroDivisionError('x')", 70, b"tcplab has failed. Everything up to the last command is kept", "crash"),
    ("ImportError('no module y')", 0, b"tcplab was updated meanwhile. Everything is kept", "updated")])
def test_a_defect_is_one_sentence_for_the_learner_and_a_line_in_the_journal(tmp_path, error, code, words, why):
    folder = tmp_path / kept.LEARNERS / "ada"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text("tour = false\n")
    fault = ("import sys; from tcplab.kiosk.rules import KioskRules\n"
             f"def begin(self, lab): raise {error}\n"
             f"KioskRules.begin = begin; sys.argv = ['tcplab', 'kiosk', {str(tmp_path)!r}, '--student', 'ada']\n"
             "from tcplab.__main__ import main; main()")
    with Terminal([TCPLAB[0], "-c", fault], environment(tmp_path)) as ada:
        ada.wait_for("three-way handshake")
        ada.press("enter")
        assert ada.wait_exit() == code and ada.restored == []
        left = ada.raw[ada.raw.rindex(b"\x1b[?1049l"):]
    assert words in left and b"Traceback" not in ada.raw and b"begin" not in left and error[:9].encode() not in left
    journal = kept.read_journal(folder)
    assert [line["event"] for line in journal] == ["login", "defect", "end"] and journal[-1]["why"] == why
    assert journal[1]["what"].startswith(error[:9])


@pytest.mark.parametrize("name", ["/etc/passwd", "../../etc/passwd", "amber-1.pcapng", "../captures/amber-1", "\x1b["])
def test_captures_go_by_name_only(rules, name):
    session = rules.begin("handshake")
    try:
        outcome = session.execute(f"capture {name}")[0]
        assert not outcome.ok and "\x1b" not in outcome.message
    finally:
        rules.release()
