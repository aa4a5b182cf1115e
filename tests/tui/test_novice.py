"""What a learner who knew no TCP stumbled over on the screen: each block, and that it is out of the way."""

from __future__ import annotations

from pathlib import Path

import pytest

from tcplab.lab.loader import load_lab
from tcplab.session.player import play_recording
from tcplab.session.recording import Recorder, read_recording
from tcplab.session.session import Session
from tcplab.session.views import Feedback
from tcplab.tui.desk import Desk
from tcplab.tui.draw.guide_page import guide_page
from tcplab.tui.draw.home import Item, home_rows
from tcplab.tui.draw.runs import plain_rows, wrap
from tcplab.tui.draw.summary import summary_rows
from tests.tui.fake import lesson, run
from tests.tui.screens import Clock, drawn, run_out
from tests.tui.test_real_lessons import reference_lines


def played_to(lab_id: str, step: str, path: Path | None = None) -> Session:
    """A lab played as its reference pupil does, up to the question of a step."""
    lab = load_lab(lab_id)
    lines, session = reference_lines(lab), Session(lab, 3)
    if path is not None:
        session.record_to(Recorder(path, session.header(), lambda: ""))
    for line in lines:
        view = session.view().guide
        if view.step_id == step and view.question is not None:
            return session
        session.execute(line)
    raise AssertionError(f"{step} was not reached")

def held(clock: Clock) -> Desk:
    """A sandbox whose link holds, with data to send."""
    session = Session(load_lab("sandbox"), 3)
    session.execute("server listen 80; client connect server 80; run until idle; link hold on")
    return Desk(session, clock=clock)

def test_a_prediction_is_seen_to_come_true_before_its_path_is_left(tmp_path):
    clock, path = Clock(), tmp_path / "screen.jsonl"
    session, headless = played_to("sequence", "ledger", path), played_to("sequence", "ledger")
    desk, sent = Desk(session, clock=clock), len(session.trace)
    desk.give("answer 4711")
    assert desk.view.guide.phase == "pending" and desk.pacer.running
    assert "Watch the ladder" in drawn(desk) and "n goes on without it" in " ".join(drawn(desk).split())
    desk.act("go")  # enter out of habit does not leave it
    assert desk.pacer.running and desk.view.guide.phase == "pending"
    run_out(desk, clock)
    assert desk.view.guide.phase == "pending" and len(session.trace) > sent
    assert desk.view.guide.feedback[-1].good is False and "n goes on" in drawn(desk)
    desk.act("next")
    headless.execute("answer 4711; next")
    assert session.guide.facts() == headless.guide.facts() and session.now == headless.now
    again = play_recording(read_recording(path), session.lab)
    assert again.guide.facts() == headless.guide.facts() and again.now == session.now

def test_who_stops_the_run_is_offered_it_again():
    desk = Desk(played_to("sequence", "ledger"), clock=Clock())
    desk.give("answer 4711")
    desk.act("escape")
    shown = drawn(desk)
    assert "space shows how it really goes" in shown and shown.splitlines()[-1].lstrip().startswith("space")
    desk.act("run")
    assert desk.pacer.running

def test_what_is_new_comes_first_on_the_guides_page():
    guide = lesson().view().guide._replace(hints=("the old one", "the new one"), text="the task")
    said = [Feedback(step, True, "", f"learnt {step}", "", 1, 1) for step in ("one", "two")]
    text = plain_rows(guide_page(guide, 70, ("client", "server"), lambda c: "", (), True, said, 3))
    order = [text.index(words) for words in ("the new one", "the old one", "learnt one", "learnt two", "the task")]
    assert order == sorted(order)
    said.insert(0, Feedback("wrong", False, "why not", "", "", 0, 1))
    text = plain_rows(guide_page(guide, 70, ("client", "server"), lambda c: "", (), True, said, 3))
    assert text.index("the new one") < text.index("why not") < text.index("learnt two")

def test_the_frame_and_the_page_do_not_say_the_same_twice():
    session = played_to("sequence", "ledger")
    clock = Clock()
    desk = Desk(session, clock=clock)
    desk.give("answer 1")
    run_out(desk, clock)
    text = desk.view.guide.feedback[-1].text
    shown = " ".join(drawn(desk, 160, 48).split())
    assert desk.view.guide.phase == "pending" and text and shown.count(text[:30]) == 1

def test_the_ladder_comes_back_to_the_newest():
    session = Session(load_lab("sandbox"), 3)
    session.execute("server listen 80; client connect server 80; run until idle; client send 30000; run until idle")
    clock = Clock()
    desk = Desk(session, clock=clock)
    desk.act("page2")
    desk.act("first")
    assert "later · esc: newest" in drawn(desk)
    desk.give("client send 10; run until idle")
    run_out(desk, clock)
    assert "later · esc" not in drawn(desk)
    desk.act("first")
    assert "later · esc" in drawn(desk)
    desk.act("page1")
    assert "later · esc" not in drawn(desk) and desk.log.picked is None

@pytest.mark.parametrize("speed", [0, 4])
def test_time_stops_at_the_first_segment_that_the_link_holds(speed):
    clock = Clock()
    desk = held(clock)
    desk.pacer.change_speed(speed)
    before = desk.view.t
    desk.session.execute("client send 100")
    desk.refresh()
    desk.act("run")
    assert not desk.pacer.running and desk.view.t == before and "w runs to a timer" in desk.message

def test_a_segment_that_comes_to_be_held_stops_a_run_at_once():
    clock = Clock()
    session = Session(load_lab("sandbox"), 3)
    session.execute("server listen 80; client connect server 80; run until idle; client send 100; link hold on")
    desk = Desk(session, clock=clock)
    desk.pacer.change_speed(9)
    desk.act("run")
    run_out(desk, clock)
    assert desk.view.t < 10**9 and "held" in desk.message

def test_a_key_pressed_out_of_habit_is_no_answer():
    desk = Desk(lesson())
    run(desk.session, "next", "answer 4212", "client connect server 80")
    desk.refresh()
    assert desk.question.kind == "choice" and desk.key("n", "n")
    assert desk.answer.text == "" and "A letter of the list is asked for" in drawn(desk)


def test_a_question_that_hides_the_numbers_hides_them_everywhere():
    desk = Desk(played_to("sequence", "ledger"), clock=Clock())
    seq = next(e.rec.segment.seq for e in reversed(desk.story.entries) if e.rec.src == "server")
    end = str(seq + len(desk.story.entries[-2].rec.segment.payload))
    for page in ("page1", "page2", "page5", "page3"):
        desk.act(page)
        shown = drawn(desk, 120, 36)
        assert f":{end}" not in shown and f"seq {seq}" not in shown, page
    desk.act("page2")
    desk.act("last")
    desk.act("up")
    desk.act("go") if desk.mode == "keys" else desk.pages["log"].enter()
    assert desk.intent != "inspect"


def test_a_challenge_names_its_tools_and_says_when_it_has_come_to_nothing():
    clock = Clock()
    session = played_to("sequence", "ledger")
    session.execute("answer 1; next")
    desk = Desk(session, clock=clock)
    foot = drawn(desk).splitlines()[-1]
    assert all(words in foot for words in ("x lose next", "d send data", "f close", "o other host")), foot
    assert "c connect" not in foot, "what is not possible now comes last"
    desk.act("next")
    assert ":skip" in desk.message, "n says what leaves a step"
    desk.give("client send 3; client close; run until idle")
    run_out(desk, clock)
    assert desk.view.guide.phase == "open" and "r begins the step again" in desk.message


def test_a_lab_finished_without_all_points_has_no_tick():
    items = [Item("lab", name, name, mark="done", best=best, max_score=16) for name, best in (("A", 13), ("B", 16))]
    text = plain_rows(home_rows(items, 0, "", 80, 20))
    assert "◐ A" in text and "✓ B" in text and "3 points still to win" in " ".join(text.split())


def test_the_last_page_says_what_was_learnt_first_and_how_to_try_again():
    session = lesson()
    run(session, "next", "answer 1", "client connect server 80", "answer b", "client close")
    said = [Feedback("x", True, "", "the insight", "", 1, 1)]
    text = plain_rows(summary_rows(session.view().guide, said, Path("/x.jsonl"), 76))
    order = [text.index(words) for words in ("the insight", "not passed yet", "To try again", "To hand in")]
    assert order == sorted(order)


def test_no_row_begins_with_a_full_stop():
    for cells in range(12, 40):
        words = ("Let time run with ", "text"), ("run until idle", "key"), (". Count the segments.", "text")
        rows = wrap(words, cells)
        lines = plain_rows(rows).splitlines()
        assert not any(line.startswith(".") for line in lines), lines
        assert all(len(line) <= cells for line in lines)
        assert " ".join(plain_rows(rows).split()) == "Let time run with run until idle. Count the segments."


def test_a_key_that_does_nothing_does_not_stop_time_and_a_long_wait_names_the_speeds():
    clock = Clock()
    session = Session(load_lab("sandbox"), 3)
    session.execute("server listen 80; link down; client connect server 80")
    desk = Desk(session, clock=clock)
    desk.run()
    for act in ("next", "go"):
        desk.act(act)
        assert desk.pacer.running and "space stops it" in desk.message
    desk.give("client connect server 80 from 49152")  # refused: that socket is in use
    assert desk.pacer.running and desk.message_style == "warn"
    desk.message = ""
    while not desk.message and desk.pacer.running:
        clock.now += 10**8
        desk.tick()
    assert "+ lets time run faster" in desk.message
    desk.act("run")
    assert not desk.pacer.running

def test_the_open_step_is_seen_without_scrolling():
    session = Session(load_lab("handshake"), 3)
    guide, wide = session.view().guide, ("client", "server")
    for number in range(1, len(guide.steps) + 1):
        guide = guide._replace(step_number=number, feedback=(), text="")
        for lines in (5, 9, 30):
            rows = plain_rows(guide_page(guide, 44, wide, lambda c: "", (), False, (), 3, "", lines))
            titles = [f"{at:>2} {step.title}"[:25] for at, step in enumerate(guide.steps, 1)]
            assert titles[number - 1] in "\n".join(rows.splitlines()[:lines]), (number, lines)
            assert all(rows.count(title) == 1 for title in titles)  # none is lost to who scrolls
            assert ("…" in rows) == ("The steps before" in rows) and (lines < 30 or "…" not in rows)


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (160, 48)])
def test_what_a_question_hides_stands_nowhere_on_the_screen(size):
    session = played_to("sequence", "ledger")
    desk = Desk(session)
    desk.mode = "keys"
    hidden = [str(host.newest.tcb.snd_nxt) for host in session.view().hosts]
    assert session.view().in_flight
    for page in desk.pages:
        desk.turn(page)
        for desk.relative in (False, True):
            assert not any(number in drawn(desk, *size) for number in hidden), page
    desk.act("ladder")
    desk.act("go")
    desk.give("why #10")
    assert not desk.intent and "hides the numbers" in desk.message and not any(n in drawn(desk) for n in hidden)
    desk.turn("log")
    for key in ("copy", "copy_all"):
        desk.message = ""
        desk.act(key)
        assert not desk.intent and "hides the numbers" in desk.message, key


def test_a_page_with_nothing_to_read_is_turned_with_the_one_before():
    desk = Desk(Session(load_lab("handshake-loss"), 3))
    assert desk.view.guide.step_number == 1
    desk.act("next")
    assert desk.view.guide.step_number == 2 and desk.question is not None


def test_a_page_that_waits_names_what_comes_next():
    desk = Desk(Session(load_lab("handshake-loss"), 3))
    desk.session.execute("next")
    desk.refresh()
    assert desk.view.guide.phase == "pending" and "Next: 2 · The first is lost" in drawn(desk)


def test_a_socket_key_is_offered_where_a_task_names_no_command():
    from tcplab.tui.footers import footer_keys

    session = played_to("teardown", "may-speak")
    session.execute("skip")
    desk = Desk(session)
    assert desk.view.guide.kind == "task" and not desk.view.guide.commands
    assert "send data" in [words for _, words in footer_keys(desk)][:4]


def test_the_guides_tab_says_that_something_new_stands_there():
    session = Session(load_lab("handshake"), 3)
    session.execute("next")
    desk = Desk(session)
    desk.act("page2")
    assert "Guide new" not in drawn(desk)
    desk.give("client connect server 80")
    assert "Guide new" in drawn(desk)
    desk.act("page1")
    drawn(desk)
    desk.act("page2")
    assert "Guide new" not in drawn(desk)


def test_a_limit_that_was_missed_is_said_with_what_it_took():
    lab, clock = load_lab("window"), Clock()
    session = Session(lab, 3)
    for line in reference_lines(lab):
        if "rcvbuf 10000" in line:
            break
        session.execute(line)
    assert session.view().guide.step_id == "swift"
    desk = Desk(session, clock=clock)
    desk.give("client send 20000; run until idle")
    run_out(desk, clock)
    assert desk.message.startswith("It took 1") and "350ms are allowed" in desk.message, desk.message


def test_the_last_page_names_the_step_of_each_insight_and_leaves_out_what_was_wrong():
    session = lesson()
    run(session, "next", "answer 1", "client connect server 80", "answer b", "client close")
    view = session.view().guide
    first, second = view.steps[0], view.steps[1]
    said = [Feedback(first.id, True, "", "the insight\n\nand more", "9293 3.4", 1, 1),
            Feedback(second.id, False, "why not", "unlearnt", "", 0, 1)]
    text = plain_rows(summary_rows(view, said, Path("/x.jsonl"), 76))
    assert first.title in text and "the insight" in text and "and more" not in text and "unlearnt" not in text


def test_a_lab_about_windows_says_them_in_its_ladder():
    clock = Clock()
    for lab_id, said in (("window", True), ("data", False)):
        shown = drawn(Desk(Session(load_lab(lab_id), 3), clock=clock), 80, 24)
        assert "#3 ACK" in shown and ("win 4000" in shown) is said, shown


def test_an_explanation_is_read_before_a_question_that_takes_its_room():
    session = Session(load_lab("handshake"), 3)
    desk = Desk(session)
    for act in ("next", "connect"):
        desk.act(act)
    shown = drawn(desk, 80, 24)
    assert "A message of TCP is called a segment" in shown and "asked, and not answered yet" in shown
    assert "your answer" not in shown and "n goes on" in shown
    assert desk.key("n", "n") and desk.answer.text == ""
    assert "your answer" in drawn(desk, 80, 24)
    # Who types an answer at once gets the question at once, and nothing typed is lost.
    desk = Desk(session)
    assert "your answer" in drawn(desk, 120, 36)  # a large window has room for both
    desk = Desk(session)
    drawn(desk, 80, 24)
    assert desk.key("4", "4") and desk.answer.text == "4" and "your answer" in drawn(desk, 80, 24)
