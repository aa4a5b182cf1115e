"""Where a fresh-eyed learner stumbled: each block, and that it is out of the way."""

from __future__ import annotations

import sys
from pathlib import Path

from tcplab.front import opening
from tcplab.lab.loader import lab_ids
from tcplab.session.views import QuestionView
from tcplab.tui import app as app_module
from tcplab.tui.desk import Desk
from tcplab.tui.draw import summary
from tcplab.tui.draw.runs import plain_rows
from tests.labs.lessons import Lesson
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


def test_an_answer_cannot_hold_a_command():
    from tcplab.front.given import answer_command
    from tcplab.session.commands import parse_line

    context = FakeSession().context
    assert answer_command("4212") == "answer 4212"
    for text in ("5; hint", "5 # no", 'say "it"', "it's; so", "a\\b"):
        (command,) = parse_line(answer_command(text), context)
        assert command.verb == "answer" and command.values == (text,), text


def test_the_sandbox_is_wiped_only_when_asked_twice():
    desk = Desk(talked())
    desk.act("reset")
    desk.act("page2")
    desk.act("reset")
    assert desk.story.entries
    desk.act("reset")
    assert not desk.story.entries


def test_down_selects_in_the_log_too():
    desk = Desk(talked())
    desk.page = "log"
    desk.act("down")
    assert desk.log.entry.rec.id == 6


def test_zoom_says_how_to_leave_it():
    desk = Desk(talked())
    desk.page = "states"
    desk.act("zoom")
    desk.say("something was said")
    assert "z back to all" in drawn(desk) and "something was said" in drawn(desk)


def test_v_keeps_the_labs_variables_in_front_and_explains_no_flood():
    from tcplab.tui.draw.values import shown_keys

    assert shown_keys(frozenset({"time_wait_timer", "iss"}), True)[:2] == ("iss", "time_wait_timer")
    desk = Desk(lesson())
    run(desk.session, "next", "answer 4212", "client connect server 80")
    desk.refresh()
    before = desk.words.new
    desk.act("variables")
    assert desk.words.new == before


def test_words_that_were_new_are_gone_with_the_step():
    clock = Clock()
    desk = Desk(lesson(), clock=clock)
    run(desk.session, "next", "answer 4212", "client connect server 80")
    desk.refresh()
    assert desk.words.new
    run(desk.session, "answer b")
    desk.refresh()
    assert not desk.words.new


def test_no_hint_is_offered_where_there_is_none():
    desk = Desk(lesson())
    run(desk.session, "next", "answer 4212")
    desk.refresh()
    assert "h hint" not in drawn(desk)


def test_the_page_of_variables_spells_out_its_name():
    desk = Desk(talked())
    desk.page = "tcb"
    assert "Transmission Control Block" in drawn(desk)


async def test_ctrl_c_says_what_leaves():
    app = app_for(talked())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("ctrl+c")
        await pilot.pause()
        assert "q leaves" in app.screen.surface.text()


def test_values_of_a_connection_that_is_gone_are_called_the_last_ones():
    from tcplab.tui.draw.host_pane import PaneState, host_pane

    host = talked().view().hosts[0]
    conn = host.newest
    gone = host._replace(connections=(conn._replace(tcb=_gone(conn.tcb)),))
    rows = host_pane(gone, 0, 0, PaneState(), 24, 8)
    assert "last values" in plain_rows(rows)
    assert all(style == "faint" for row in rows[2:] for text, style in row[1:] if text.strip())


def _gone(tcb):
    return tcb._replace(gone=True, state="CLOSED")


async def test_the_last_page_stays_when_help_is_asked_for():
    session = lesson()
    run(session, "next", "answer 4212", "client connect server 80", "answer b", "client close")
    app = app_for(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("enter", "question_mark")
        await pilot.pause()
        assert "The last page" in app.screen.surface.text() and "↓ ↑ move" in app.screen.surface.text()


def test_a_long_message_is_shown_whole():
    words = "this message is far too long for a single row of the screen " * 3 + "and here stands its cure"
    for cells, lines in ((60, 20), (80, 24), (120, 36), (160, 48)):
        for zoomed in (False, True):
            desk = Desk(talked())
            desk.zoomed = zoomed
            desk.say(words, "warn")
            assert "stands its cure" in " ".join(drawn(desk, cells, lines).split())


def footer_of(desk: Desk) -> str:
    return drawn(desk).splitlines()[-1]


def test_the_other_host_is_offered_when_the_task_needs_it():
    assert "o other host" in footer_of(Desk(FakeSession()))
    lesson_half = Lesson("teardown").to("half")
    desk = Desk(lesson_half.session)
    assert "enter do it" in footer_of(desk) and "o other host" not in footer_of(desk)  # it names the chosen one
    desk.act("other")
    assert "o other host" in footer_of(desk) and "h hint" in footer_of(desk)
    lesson_half.to("late")  # no command is named: both hosts can act
    desk = Desk(lesson_half.session)
    assert "o other host" in footer_of(desk) and "h hint" in footer_of(desk)


def test_a_completion_does_not_look_typed():
    from tcplab.tui.draw.frame import command_line

    row = command_line("client se", 9, "nd 100", 80)
    assert ("nd 100", "faint italic on-bar") in row and (" ", "reverse bright on-bar") in row
    assert not any("n" in text and "bright" in style for text, style in row[2:])


def test_the_next_lab_is_the_one_that_follows_on_the_course():
    labs = lab_ids()
    assert [opening.next_lab(lab)[0] for lab in labs[1:-1]] == list(labs[2:])
    assert opening.next_lab(labs[-1]) is None and opening.next_lab("of-my-own") is None


async def last_page(pilot, lab: str) -> str:
    """Finish a shipped lab on an app and open its last page; its text."""
    app = pilot.app
    await pilot.pause()
    app.open_bench(Lesson(lab).finish().session)
    await pilot.pause()
    await pilot.press("enter")
    await pilot.pause()
    return app.screen.surface.text()


async def test_the_last_page_leads_to_the_next_lab_and_after_the_last_one_home(tmp_path, monkeypatch):
    monkeypatch.setenv("TCPLAB_HOME", str(tmp_path))
    app = app_module.TcplabApp(None)
    async with app.run_test(size=(80, 24)) as pilot:
        text = await last_page(pilot, "handshake")
        assert "enter opens the next lab" in text and "enter next lab" in text.splitlines()[-1]
        await pilot.press("enter")
        await pilot.pause()
        assert app.session.lab.id == lab_ids()[2] and app.screen is app.bench
        assert sum(isinstance(screen, type(app.bench)) for screen in app.screen_stack) == 1
        await pilot.press("q")
        await pilot.pause()
        text = await last_page(pilot, lab_ids()[-1])
        assert "goes home" in text and "enter home" in text.splitlines()[-1]
        await pilot.press("enter")
        await pilot.pause()
        assert app.screen.kind == "home" and app.session is None


async def test_a_lab_opened_by_name_goes_on_to_the_next_one_too(tmp_path, monkeypatch):
    monkeypatch.setenv("TCPLAB_HOME", str(tmp_path))
    app = app_module.TcplabApp(Lesson("window").finish().session)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("enter")
        await pilot.pause()
        await pilot.press("enter")
        await pilot.pause()
        assert app.session.lab.id == opening.next_lab("window")[0] and app.screen is app.bench


def test_a_number_of_ten_digits_leaves_its_name_whole_at_80_columns():
    text = drawn(Desk(Lesson("isn").to("next").session))
    assert "SND.NXT 4294967" in text and "RCV.NXT 4294967" in text
    assert max(len(line) for line in text.splitlines()) <= 80


def test_a_long_word_leaves_room_for_its_label_in_a_narrow_pane():
    from tcplab.tui.draw.host_pane import PaneState, host_pane

    host = talked().view().hosts[0]
    conn = host.newest
    slow = host._replace(connections=(conn._replace(tcb=conn.tcb._replace(phase="congestion avoidance")),))
    state = PaneState(show=frozenset({"phase"}))
    assert "phase     avoidance" in plain_rows(host_pane(slow, 0, 0, state, 20, 8))
    assert "congestion avoidance" in plain_rows(host_pane(slow, 0, 0, state, 40, 8))
