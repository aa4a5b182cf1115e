"""`tcplab lab record` on the bench: what an instructor plays by key and by command becomes a lab without a fault."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from tcplab.cli import cli
from tcplab.grading import linting, writing
from tcplab.grading.authoring import trials
from tcplab.session.labs import checked_lab
from tcplab.session.session import Session
from tcplab.tui import taping
from tcplab.tui.pacer import SPEEDS
from tcplab.tui.taping import TapeApp


@pytest.fixture
def tape(tmp_path, monkeypatch):
    monkeypatch.setenv("TCPLAB_HOME", str(tmp_path / "home"))
    return tmp_path / "played.jsonl"


async def play(tape, keys) -> None:
    """Press keys on the bench, each when time has run out; a word with a blank is typed as a command."""
    session = Session.open(checked_lab("sandbox"), 1, record=tape)
    app = TapeApp(session, "mine.yaml")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert "becomes mine.yaml" in " ".join(app.screen.surface.text().split())
        app.bench.desk.pacer.speed = len(SPEEDS) - 1  # at once
        for key in keys:
            await pilot.press(*(["colon", *("space" if char == " " else char for char in key), "enter"]
                                if " " in key else [key]))
            while app.bench.desk.pacer.running:
                app.bench.desk.pacer.tick()
        await pilot.press("q")
        await pilot.pause()
    assert app.return_code == 0 and not (tape.parent / "home" / "progress.json").exists()


async def test_what_is_played_by_key_and_command_becomes_a_lab(tape, tmp_path, capsys):
    await play(tape, ["l", "c", "d", "l", "x", "server send 9", "f"])
    out = tmp_path / "mine.yaml"
    assert writing.record(out, tape, None, 1, keep=True) == 0, capsys.readouterr()
    assert capsys.readouterr().err.count("\n") == 1  # no problem is told
    lab, _ = linting.examine(str(out))
    assert lab.start == ("server listen 80",)
    assert [step.solution for step in lab.steps[:-1]] == [
        ("client connect server 80", "run until idle"), ("client send 100", "run until idle"),
        ("link drop next any", "server send 9", "run until idle"), ("client close", "run until idle")]
    assert [match.text for match in lab.step("alone").see][2:4] == ["server DATA lost", "server DATA repeated"]
    assert [fault for trial in trials(lab, 1) for fault in trial.faults] == []
    assert not (tmp_path / "mine.jsonl").exists()


async def test_nothing_that_was_played_is_lost_when_no_lab_can_be_made_of_it(tape, tmp_path, capsys):
    await play(tape, ["l", "f"])
    out = tmp_path / "mine.yaml"
    assert writing.record(out, tape, None, 1, keep=True) == 2 and not out.exists()
    said = capsys.readouterr().err
    assert "nothing was played" in said and "mine.jsonl" in said and (tmp_path / "mine.jsonl").read_bytes() == \
        tape.read_bytes()


def test_the_command_opens_the_bench_and_writes_the_file(tmp_path, monkeypatch):
    def played(lab, seed, place, file):
        session = Session.open(lab, seed, record=place)
        for line in ("server listen 80", "client connect server 80", "run until idle"):
            session.execute(line)
        session.close()
        return 0

    monkeypatch.setattr(taping, "run_tape", played)
    out, steps = tmp_path / "mine.yaml", tmp_path / "steps.yaml"
    assert CliRunner().invoke(cli, ["lab", "record", str(out)]).exit_code == 0 and "step-1" in out.read_text()
    assert CliRunner().invoke(cli, ["lab", "record", str(out)]).exit_code == 2  # it is there already
    for words in (["--lab", "handshake"], ["--lab", "no-such"]):
        assert CliRunner().invoke(cli, ["lab", "record", str(steps), *words]).exit_code == 2
    assert CliRunner().invoke(cli, ["lab", "record", str(tmp_path / "no" / "x.yaml")]).exit_code == 2
    assert not steps.exists()
