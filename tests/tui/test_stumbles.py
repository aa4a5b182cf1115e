"""Where a fresh-eyed learner stumbled: each block, and that it is out of the way."""

from __future__ import annotations

import sys
from pathlib import Path

from tcplab.session.views import QuestionView
from tcplab.tui import app as app_module
from tcplab.tui import opening
from tcplab.tui.desk import Desk
from tcplab.tui.draw import summary
from tcplab.tui.draw.runs import plain_rows
from tests.tui.fake import FakeSession, lesson, run, talked
from tests.tui.screens import Clock, app_for, drawn


async def test_a_lab_left_half_way_goes_on_where_it_stopped(tmp_path, monkeypatch):
    monkeypatch.setenv("TCPLAB_HOME", str(tmp_path))
    session = opening.open_session("handshake", 5)
    session.execute("next")
    session.mark()
    session.recorder.abandon()
    assert opening.unfinished("handshake") == session.recording_path
    assert opening.unfinished("handshake", seed=6) is None and opening.unfinished("data") is None
    app = app_module.TcplabApp(None)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        text = app.screen.surface.text()
        assert "goes on where you stopped" in text and "r starts anew" in text
        await pilot.press("enter")
        await pilot.pause()
        assert app.session.seed == 5 and app.bench.desk.view.guide.step_number == 2
        await pilot.press("q", "r")
        await pilot.pause()
        assert app.bench.desk.view.guide.step_number == 1


def test_the_grading_command_names_a_program_that_can_be_started(tmp_path, monkeypatch):
    monkeypatch.setattr(opening.shutil, "which", lambda name: None)
    program = tmp_path / "bin" / "tcplab"
    program.parent.mkdir()
    program.touch()
    monkeypatch.setattr(sys, "argv", [str(program)])
    assert opening.program() == str(program)
    monkeypatch.setattr(sys, "argv", ["/x/tcplab/__main__.py"])
    assert opening.program() == f"{sys.executable} -m tcplab"
    monkeypatch.setattr(opening.shutil, "which", lambda name: "/usr/bin/tcplab")
    assert opening.program() == "tcplab"


def test_a_lab_of_ones_own_is_named_by_its_file(tmp_path):
    session = FakeSession()
    assert opening.lab_words(session, "x") == "x"
    session.lab = type("Lab", (), {"file": str(tmp_path / "my lab.yaml")})
    assert opening.lab_words(session, "x") == f"'{tmp_path.resolve()}/my lab.yaml'"


def test_the_last_page_says_what_passing_means_and_where_points_were_lost():
    session = lesson()
    run(session, "next", "answer 1", "client connect server 80", "answer b", "client close")
    text = plain_rows(summary.summary_rows(session.view().guide, [], Path("/x.jsonl"), 76, "/v/tcplab grade y"))
    assert "not passed yet: the grader wants all 6 points" in text and "step 2" in text
    assert text.index("step 2") < text.index("To hand in") and "/v/tcplab grade y /x.jsonl" in text


def test_every_question_says_that_it_has_one_try_and_how_several_are_named():
    desk = Desk(lesson())
    run(desk.session, "next", "answer 4212", "client connect server 80")
    desk.refresh()
    assert "one try" in drawn(desk)
    assert not desk.question.prediction
    from tcplab.tui.draw.task import TaskState, _answer_line

    row = _answer_line(QuestionView("several", "", (), False), TaskState(), 76)
    assert "e.g. a c" in plain_rows([row])
