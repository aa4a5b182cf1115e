"""The shipped lessons on the desk with the real session: the screen's recording is worth what the grader says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tcplab.grading.pupils import Reference
from tcplab.lab.loader import load_lab
from tcplab.session.player import play_recording
from tcplab.session.recording import Recorder, read_recording
from tcplab.session.session import Session
from tcplab.tui.desk import Desk
from tcplab.tui.screens.bench import Bench
from tests.tui.screens import Clock, app_for, drawn

SEED = 3


def reference_lines(lab) -> list[str]:
    """What the reference pupil types, line by line."""
    pupil = Reference(lab, SEED)
    pupil.play()
    lines: list[str] = []
    plain = Session.execute

    def listening(self: Session, text: str):
        outcomes = plain(self, text)
        lines.append(text)
        return outcomes

    Session.execute = listening
    try:
        pupil._pass(None, rehearse=False)
    finally:
        Session.execute = plain
    return _grouped(lines)


def _grouped(lines: list[str]) -> list[str]:
    """Commands for hosts and link that are given at one instant stand on one line, with the run that follows."""
    grouped: list[str] = []
    open_line = False
    for line in lines:
        word = line.split()[0]
        world = word in ("client", "server", "link", "inject")
        if open_line and (world or word in ("run", "wait", "step")):
            grouped[-1] += "; " + line
        else:
            grouped.append(line)
        open_line = world
    return grouped


def rest(desk: Desk, clock: Clock) -> None:
    """Frames until time stands; goes on after a goal as a learner does with space."""
    for _ in range(3000):
        if not desk.busy:
            if desk.pacer.why != "goal" or desk.question is not None or desk.session.idle():
                return
            desk.act("run")
        clock.sleep(0.2)
        desk.tick()
    raise AssertionError("time did not come to rest")


@pytest.mark.parametrize("lab_id", ["handshake", "data", "loss", "window", "teardown"])
def test_a_lesson_played_on_the_screen_is_graded_in_full(lab_id, tmp_path):
    lab = load_lab(lab_id)
    clock = Clock()
    session = Session(lab, SEED)
    path = tmp_path / "screen.jsonl"
    session.record_to(Recorder(path, session.header(), lambda: ""))
    desk = Desk(session, clock=clock)
    desk.pacer.change_speed(9)
    for line in reference_lines(lab):
        assert "the whole text is on" not in drawn(desk)  # at 80x24 the frame holds every step's text
        desk.give(line)
        desk.refresh()
        rest(desk, clock)
    drawn(desk, 120, 36)
    assert desk.view.guide.phase == "finished"
    assert desk.view.guide.score == desk.view.guide.max_score
    session.close()
    graded = play_recording(read_recording(Path(path)), lab)
    assert graded.view().guide.score == lab.max_score
    assert graded.trace_sha256() == session.trace_sha256()


async def test_the_teardown_begins_with_a_question_that_has_the_focus(monkeypatch, tmp_path):
    monkeypatch.setenv("TCPLAB_HOME", str(tmp_path))
    app = app_for(Session(load_lab("teardown"), SEED))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert isinstance(app.screen, Bench)
        while app.screen.desk.question is None:
            await pilot.press("n")
        await pilot.pause()
        text = app.screen.surface.text()
        assert "your answer ›" in text and "ESTABLISHED" in text and app.screen.desk.mode == "answer"
        step = app.screen.desk.view.guide.step_number
        await pilot.press("1", "enter")
        await pilot.pause()
        assert app.screen.desk.view.guide.step_number == step + 1
        await pilot.press("space", "colon", "h", "e", "l", "p", "enter")
        await pilot.pause()
        assert "passive OPEN" in app.screen.surface.text()


async def test_step_and_back_on_the_screen(monkeypatch, tmp_path):
    monkeypatch.setenv("TCPLAB_HOME", str(tmp_path))
    app = app_for(Session(load_lab("sandbox"), SEED))
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        await pilot.press("l", "c", "space")
        desk = app.screen.desk
        for _ in range(3):
            await pilot.press("s")
        assert [host.newest.tcb.state for host in desk.view.hosts] == ["ESTABLISHED", "ESTABLISHED"]
        await pilot.press("b")
        assert desk.view.hosts[1].newest.tcb.state == "SYN-RECEIVED"
        assert "SYN-RCVD" in app.screen.surface.text()
        await pilot.press("s", "d", "space", "x", "f", "w", "w")
        await pilot.pause()
        assert "FIN" in app.screen.surface.text()
