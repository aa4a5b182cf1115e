"""What `enter` still has to give: read off the path, so that going back and taking up again cannot mislead it."""

from __future__ import annotations

from tcplab.lab.loader import load_lab
from tcplab.session.player import resume
from tcplab.session.recording import Recorder
from tcplab.session.session import Session
from tcplab.tui.desk import Desk
from tests.tui.screens import Clock, drawn, run_out

SEED = 3


def sending(tmp_path) -> tuple[Desk, Clock]:
    """The data lab at its first task that names commands, with time at full speed."""
    clock = Clock()
    session = Session(load_lab("data"), SEED)
    session.record_to(Recorder(tmp_path / "data.jsonl", session.header(), lambda: ""))
    desk = Desk(session, clock=clock)
    desk.pacer.change_speed(9)
    for _ in range(12):
        if len(desk.todo()) and desk.view.guide.kind == "task":
            return desk, clock
        desk.give("next" if desk.question is None else "skip")
        run_out(desk, clock)
    raise AssertionError("the data lab has no task that names a command")


def test_enter_gives_a_command_again_after_the_step_began_again(tmp_path):
    desk, clock = sending(tmp_path)
    first = desk.todo()[0]
    assert f"[✓] {first}" not in drawn(desk)
    desk.give(first)
    assert first not in desk.todo()
    desk.pause()
    assert f"[✓] {first}" in " ".join(drawn(desk, 120, 36).split()), "the task ticks it off"
    desk.act("reset")
    assert desk.todo()[0] == first and f"enter does: {first}" in drawn(desk)
    count = len(desk.session.timeline.done)
    desk.act("go")
    assert [done.command.text for done in desk.session.timeline.done[count:]] == [first]


def test_going_back_takes_a_command_back(tmp_path):
    desk, clock = sending(tmp_path)
    first = desk.todo()[0]
    desk.give(first)
    desk.pause()
    count = sum(done.command.text == first for done in desk.session.timeline.done)
    for _ in range(50):
        if sum(done.command.text == first for done in desk.session.timeline.done) < count:
            break
        desk.act("back")
    assert desk.todo()[0] == first


def test_a_session_taken_up_again_knows_what_was_given(tmp_path):
    desk, clock = sending(tmp_path)
    first = desk.todo()[0]
    desk.give(first)
    desk.pause()
    desk.leave()
    desk.session.recorder.abandon()
    again = Desk(resume(tmp_path / "data.jsonl"), clock=clock)
    assert again.view.guide.step_id == desk.view.guide.step_id
    assert first not in again.todo() and f"enter does: {first}" not in drawn(again)


def test_a_refused_command_was_not_given(tmp_path):
    desk, clock = sending(tmp_path)
    first = desk.todo()[0]
    desk.session.timeline.world.abort("client", None)
    desk.give(first)
    assert first in desk.todo()


def test_before_a_command_that_says_how_far_time_runs_it_does_not_run_by_itself():
    """Else the file of this lab would be there long before the keystroke that is to stand behind it."""
    session = Session(load_lab("bufferbloat"), 5)
    clock = Clock()
    desk = Desk(session, clock=clock)
    desk.pacer.change_speed(9)
    while desk.view.guide.step_id != "again":
        desk.give("skip" if desk.view.guide.kind != "say" and desk.view.guide.phase != "pending" else "next")
        desk.refresh()
    given = []
    if desk.view.guide.phase == "pending":
        desk.give("next")
        desk.refresh()
    while desk.todo():
        given.append(desk.todo()[0])
        desk.act("go")
        run_out(desk, clock)
        assert len(given) < 6, given
    assert desk.view.guide.phase == "pending" and len(given) == 5
    kept = session.timeline.path.kept
    assert kept["again"] > 0


def test_what_is_there_already_counts_as_run_to():
    desk = Desk(Session(load_lab("sandbox"), 5), clock=Clock())
    desk.give("run until now >= 0s")
    assert "run until now >= 0s" in desk.walked.texts(desk.view.n, desk.view.t)
    desk.walked.ended("run until idle", desk.view.n, desk.view.t, "idle")
    assert "run until idle" not in desk.walked.texts(desk.view.n, desk.view.t)
