"""The desk: answers, hints, the command line, filter, form, without a screen."""

from __future__ import annotations

import pytest

from tcplab.tui import pages
from tcplab.tui.desk import Desk
from tcplab.tui.editor import Editor, History
from tests.tui.fake import FakeSession, lesson, run, talked
from tests.tui.screens import Clock, drawn, run_out


def type_in(desk: Desk, text: str) -> None:
    for char in text:
        if not desk.key(char, char):
            raise AssertionError(f"{char!r} was not taken")


@pytest.fixture
def asked() -> Desk:
    desk = Desk(lesson(), clock=Clock())
    desk.act("next")
    return desk


def test_an_open_question_has_the_focus_and_digits_go_to_it(asked):
    assert asked.mode == "answer"
    type_in(asked, "4212")
    assert asked.answer.text == "4212" and "4212" in drawn(asked)
    assert asked.key("enter", None)
    assert asked.session.given[-1] == "answer 4212" and asked.view.guide.score == 3


def test_the_answer_box_takes_all_but_what_the_footer_offers(asked):
    for key in "hxq?: ":
        assert not asked.key(key, key)
    assert "h hint" in drawn(asked) and "x skip it" in drawn(asked) and "q leave" in drawn(asked)
    assert asked.key("n", "n") and asked.answer.text == "" and "A number is asked for" in drawn(asked)
    type_in(asked, "4what")
    assert asked.answer.text == "4" and "letters are no part of it" in drawn(asked)
    assert "h hint" not in drawn(asked).splitlines()[-1]
    assert asked.key("ctrl+u", None) and asked.answer.text == ""
    type_in(asked, "1s")
    assert asked.answer.text == "1s"
    assert asked.key("backspace", None) and asked.answer.text == "1"


def test_escape_leaves_the_answer_and_enter_comes_back(asked):
    assert asked.key("escape", None) and asked.mode == "keys"
    assert not asked.key("4", "4")
    asked.act("go")
    assert asked.mode == "answer"


def test_an_empty_answer_is_no_answer(asked):
    asked.key("enter", None)
    assert asked.view.guide.step_id == "which-ack" and "Type your answer first" in drawn(asked)


def test_choices_take_their_letters_only(asked):
    run(asked.session, "answer 4212", "client connect server 80")
    asked.refresh()
    assert asked.question.kind == "choice"
    assert asked.key("a", "a") and asked.key("b", "b") and asked.answer.text == "b"
    assert asked.key("s", "s") and asked.answer.text == "s" and asked.key("b", "b") and asked.answer.text == "b"
    asked.key("enter", None)
    assert asked.view.guide.steps[3].status == "done" and asked.message == "right"


def test_skipping_a_question_is_asked_twice(asked):
    asked.act("drop")
    assert asked.view.guide.step_id == "which-ack" and "once more" in asked.message
    asked.act("drop")
    assert asked.view.guide.step_id == "connect"


def test_hint_comes_on_the_guides_page(asked):
    asked.page = "log"
    asked.act("hint")
    assert asked.page == "guide" and "Hint 1" in drawn(asked)


def test_enter_does_the_tasks_commands_one_by_one_then_lets_time_run(asked):
    run(asked.session, "answer 4212")
    asked.refresh()
    asked.act("go")
    assert asked.session.given[-1] == "client connect server 80" and asked.pacer.running
    asked.pause()
    asked.act("go")
    assert asked.session.given[-1] == "client connect server 80" and asked.pacer.running


def test_time_stands_while_a_question_is_open(asked):
    asked.act("run")
    assert not asked.pacer.running and "stands still" in asked.message
    asked.act("connect")
    assert "stands still" in asked.message


def test_socket_keys_know_the_listening_port_and_the_chosen_host():
    desk = Desk(FakeSession())
    assert desk.key_for("client connect server 80") == "c" and desk.key_for("server listen 80") == "l"
    assert desk.key_for("client close") == "f" and desk.key_for("server close") == ""
    desk.session.listening = ((8080, 5, 0),)
    desk.refresh()
    assert desk.key_for("client connect server 8080") == "c"
    desk.act("other")
    assert desk.key_for("server close") == "f" and "server" in desk.message
    assert "server◂" in drawn(desk)


def test_errors_come_with_rfc_clause_and_place():
    desk = Desk(FakeSession())
    desk.act("send")
    assert desk.message == "connection does not exist [RFC 9293 3.10.2]"
    desk.give("clinet close")
    assert "column" not in desk.message and "client" in desk.message


def test_what_changed_last_is_marked():
    desk = Desk(FakeSession(), clock=Clock())
    desk.give("client connect server 80")
    run_out(desk, desk.pacer.clock)
    desk.act("send")
    assert "snd_nxt" in desk.changed[0] and "snd_nxt" not in desk.changed[1]


def test_new_words_are_explained_once():
    desk = Desk(lesson())
    run(desk.session, "next", "answer 4212")
    desk.refresh()
    run(desk.session, "client connect server 80")
    desk.refresh()
    assert "iss" in desk.words.new and "New on the screen" in drawn(desk, 80, 40)


def test_command_line_history_and_completion():
    desk = Desk(FakeSession(), clock=Clock())
    desk.act("command")
    type_in(desk, "cl")
    desk.key("tab", None)
    assert desk.line.text == "client "
    type_in(desk, "cl")
    desk.key("tab", None)
    assert desk.line.text == "client close "
    desk.key("enter", None)
    assert desk.mode == "keys" and "connection does not exist" in desk.message
    desk.act("command")
    desk.key("up", None)
    assert desk.line.text == "client close"
    desk.key("escape", None)
    assert desk.mode == "keys"


def test_look_commands_open_a_page_of_text():
    desk = Desk(talked())
    desk.give("why #2")
    assert desk.intent.startswith("text:#2 was sent because")


def test_filter_takes_a_match_and_says_where_it_is_wrong():
    desk = Desk(talked(loss=True))
    desk.act("filter")
    type_in(desk, "client DATA lost")
    desk.key("enter", None)
    assert [e.rec.id for e in desk.log.rows] == [5] and "1/6 filtered" in drawn(desk)
    desk.act("filter")
    desk.line.set("clint DATA")
    desk.key("enter", None)
    assert desk.mode == "filter" and "clint" in desk.message and desk.message[:30] in drawn(desk)
    desk.key("escape", None)
    desk.act("escape")
    assert len(desk.log.rows) == 6


def test_selection_in_the_log_moves_and_follows_again():
    desk = Desk(talked())
    desk.page = "log"
    desk.act("up")
    assert desk.log.entry.rec.id == 6
    desk.act("up")
    assert desk.log.entry.rec.id == 5 and "▸" in drawn(desk)
    desk.act("first")
    assert desk.log.entry.rec.id == 1
    desk.act("last")
    assert desk.log.entry is None


def test_form_edits_the_link_by_keyboard():
    desk = Desk(FakeSession())
    desk.act("page4")
    for key in ("down", "down", "right", "right", "go"):
        desk.act(key)
    assert desk.mode == "form"
    type_in(desk, "5%")
    desk.key("enter", None)
    assert desk.session.given == ["link loss 5% from server"]
    desk.act("escape")
    assert desk.pages["link"].form.row is None


def test_back_and_reset_reread_the_story():
    desk = Desk(talked())
    assert len(desk.story.entries) == 6
    desk.act("reset")
    assert desk.story.entries and "once more" in desk.message
    desk.act("reset")
    assert not desk.story.entries


def test_pages_turn_and_zoom():
    desk = Desk(FakeSession())
    seen = []
    for _ in pages.ORDER:
        desk.act("turn")
        seen.append(desk.page)
    assert seen == [*pages.ORDER[1:], "guide"] and len(seen) > 5
    desk.act("turn_back")
    assert desk.page == pages.ORDER[-1]
    desk.act("zoom")
    assert desk.zoomed and "each way" not in drawn(desk)
    desk.act("escape")
    assert not desk.zoomed


def test_editor_edits_like_a_line_editor():
    editor = Editor("hello world")
    for key in ("ctrl+w",):
        editor.key(key, None)
    assert editor.text == "hello "
    editor.key("home", None)
    editor.key("delete", None)
    editor.key("J", "J")
    assert editor.text == "Jello " and editor.cursor == 1
    editor.key("end", None)
    editor.key("backspace", None)
    editor.insert("\n!\x1b")
    assert editor.text == "Jello !"
    assert not editor.key("f5", None)
    history = History(["aa", "ab", "b"])
    assert history.older("a") == "ab" and history.older("a") == "aa" and history.newer("a") == "ab"
    assert history.newer("a") == "a"


def test_hundred_thousand_segments_scroll_and_filter_in_short_frames(monkeypatch):
    import time

    from tcplab.tui import log_view
    from tcplab.views.entries import Entry

    desk = Desk(talked())
    rec = desk.story.entries[0].rec
    desk.story.entries += [Entry(rec, "delivered", 1) for _ in range(100_000)]
    desk.page = "log"
    begun = time.process_time()
    drawn(desk)
    desk.act("up")
    drawn(desk)
    assert (time.process_time() - begun) / 2 < 0.2
    monkeypatch.setattr(log_view, "PATIENCE", 0)  # one piece a frame, however fast the machine is
    desk.log.set_filter("x", lambda entry: False)
    frames = 0
    while desk.log.busy:
        desk.log.pump()
        frames += 1
    assert frames > 10 and desk.log.rows == []


def test_the_clock_on_the_screen_goes_on_to_where_a_seek_ends():
    from tcplab.session.session import Session

    desk = Desk(Session.open("sandbox", 1))
    desk.give("server listen 80; client connect server 80; seek 20ms")
    assert desk.session.now == desk.view.t == 20_000_000
