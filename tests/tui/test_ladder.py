"""The ladder as an instrument: its own cursor, what arrives out of its turn, the signs of segments."""

from __future__ import annotations

import re

import pytest

from tcplab.session.session import Session
from tcplab.tui.desk import Desk
from tcplab.tui.draw.ladder import LadderState
from tcplab.tui.draw.ladder_rows import row_lines
from tcplab.tui.draw.runs import plain
from tcplab.tui.panels import Panels
from tcplab.tui.screens.bench import Bench
from tcplab.tui.terminal import Terminal
from tests.tui.screens import Clock, app_for, drawn

OPENED = "server listen 80; client connect server 80; run until idle; "
#: Three sent while the link holds; the first one is let go seconds later, when it was sent again already.
HELD = OPENED + "link hold on; client send 100; client send 100; wait; wait; link deliver #4; run 100ms; "


def desk_after(commands: str, ascii: bool = False) -> Desk:
    session = Session.open("sandbox", 3)
    assert all(outcome.ok for outcome in session.execute(commands))
    return Desk(session, Terminal(ascii=ascii), Clock())


def ladder_rows(desk: Desk, cells: int = 80, lines: int = 24) -> list[str]:
    panels = Panels(desk)
    panels.arrange(cells, lines)
    return [plain(row) for row in panels.rows("ladder")]


def numbers(rows: list[str]) -> list[int]:
    """The numbers of the segments of each row, where there is one."""
    return [int(match[1]) for row in rows if (match := re.search(r"#(\d+)", row))]


def press(desk: Desk, *keys: str) -> None:
    for key in keys:
        desk.act(key)


def test_the_ladder_may_have_the_arrows_on_every_page():
    desk = desk_after(HELD)
    panels = Panels(desk)
    press(desk, "ladder")
    for page in desk.pages:
        desk.page = page
        desk.say("a message")
        panels.arrange(80, 24)
        assert panels.rows("command") and panels.rows("ladder")


# -- the cursor -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ascii", [False, True])
@pytest.mark.parametrize("cells,lines", [(80, 24), (120, 36), (160, 48)])
def test_the_chosen_segment_is_always_in_sight_and_marked(cells, lines, ascii):
    desk = desk_after(OPENED + "link delay 50ms jitter 30ms; client send 1500; run until idle", ascii)
    ladder_rows(desk, cells, lines)
    press(desk, "ladder")
    count = len(desk.story.entries)
    for number in [*range(count, 0, -1), *range(2, count + 1)]:
        if desk.ladder.picked != number:
            press(desk, "up" if number < desk.ladder.picked else "down")
        assert desk.ladder.picked == number
        marked = [row for row in ladder_rows(desk, cells, lines) if any(sign in row for sign in "▸◂>")
                  and f"#{number} " in row]
        assert marked, (number, cells, ascii)
    assert "later" not in "".join(ladder_rows(desk, cells, lines)[-1:])


def test_a_key_moves_the_rows_by_no_more_than_it_must():
    desk = desk_after(OPENED + "client send 2500; run until idle")
    press(desk, "ladder")
    before = ladder_rows(desk)
    press(desk, "up", "up", "up")
    assert numbers(ladder_rows(desk)) == numbers(before)
    press(desk, "up", "up", "up", "up")
    after = ladder_rows(desk)
    assert "▾ 2 later · G: newest" in after[-1] and numbers(after)[1:] == numbers(before)[:5]


def test_enter_opens_the_segment_and_escape_gives_the_keys_back():
    desk = desk_after(OPENED + "client send 300; run until idle")
    press(desk, "page6", "ladder", "up", "up", "go")
    assert desk.intent == f"inspect:{len(desk.story.entries) - 2}"
    assert "enter why?" in drawn(desk) and "leave the ladder" in drawn(desk)
    press(desk, "escape")
    assert not desk.ladder.focused and desk.page == "seq"
    press(desk, "ladder", "first")
    assert desk.ladder.picked == 1 and "[S] seq" in drawn(desk)
    press(desk, "last")
    assert desk.ladder.picked is None and "later" not in drawn(desk)
    press(desk, "up", "page2")
    assert not desk.ladder.focused


def test_a_bare_ack_says_its_sequence_number_where_it_is_chosen():
    desk = desk_after(OPENED)
    assert "ACK 8515 ─" in drawn(desk) and "[.]" not in drawn(desk)
    press(desk, "ladder")
    assert "#3 ACK seq 9083 ack 8515" in drawn(desk) and "client→server [.] seq 9083 ack 8515 win 4000" in drawn(desk)


def test_an_empty_ladder_takes_no_keys_and_going_back_takes_the_choice_away():
    desk = desk_after("server listen 80")
    press(desk, "ladder")
    assert not desk.ladder.focused and "empty" in desk.message
    desk = desk_after(OPENED)
    press(desk, "ladder")
    desk.give("seek 10ms")
    assert desk.ladder.entry is None and drawn(desk)
    press(desk, "up")
    assert desk.ladder.picked == 1


def test_on_the_links_page_the_hand_follows_the_ladder():
    desk = desk_after(OPENED + "link hold on; client send 300")
    press(desk, "page4", "ladder", "up")
    assert desk.pages["link"].chosen() == 5 and desk.key("x", "x")
    assert desk.story.by_id[5].fate == "lost" and not desk.ladder.focused
    press(desk, "ladder", "first")
    assert desk.pages["link"].chosen() is None
    press(desk, "zoom")
    assert not desk.ladder.focused and desk.zoomed


def test_a_question_is_answered_as_before_when_the_ladder_is_left():
    from tests.tui.test_novice import played_to

    desk = Desk(played_to("handshake", "echo"), Terminal(), Clock())
    assert desk.mode == "answer" and desk.key("L", "L") and not desk.ladder.focused
    assert desk.ladder.take() and desk.mode == "keys"
    press(desk, "escape", "go")
    assert desk.mode == "answer" and not desk.ladder.focused


def test_a_new_step_gives_the_keys_back_to_the_page():
    from tests.tui.fake import lesson

    desk = Desk(lesson(), Terminal(), Clock())
    desk.ladder.focused = True
    desk._new_step()
    assert not desk.ladder.focused


async def test_the_mouse_chooses_and_opens_on_the_ladder():
    app = app_for(desk_after(OPENED + "client send 300; run until idle").session)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert isinstance(app.screen, Bench)
        ladder = app.bench.panels.boxes["ladder"]
        await pilot.click(offset=(ladder.x + 14, ladder.y + 2))
        chosen = app.bench.desk.ladder.picked
        assert chosen and app.bench.desk.ladder.focused
        app.bench.wheel(ladder.x + 2, ladder.y, 1)
        assert app.bench.desk.ladder.picked == chosen + 1
        app.bench.desk.ladder.move(-1)
        await pilot.click(offset=(ladder.x + 14, ladder.y + 2))
        await pilot.pause()
        assert app.screen is not app.bench


# -- out of its turn ------------------------------------------------------------------------------------------------


def test_a_held_segment_that_is_let_go_late_leaves_at_one_row_and_arrives_at_another():
    desk = desk_after(HELD)
    rows = ladder_rows(desk)
    (left,) = [row for row in rows if "#4 9083:9183" in row]
    (came,) = [row for row in rows if "#4 left 0.150" in row]
    assert left.startswith(" 0.150") and "▾3.150" in left and "▶" not in left
    assert came.startswith(" 3.150") and "▶" in came and rows.index(left) < rows.index(came)
    desk.session.execute("back 3")
    desk.refresh()
    assert "#4 left" not in "".join(ladder_rows(desk)) and not desk.story.late(0)
    desk.session.execute("step 3")
    desk.refresh()
    assert "#4 left 0.150" in "".join(ladder_rows(desk))


@pytest.mark.parametrize("cells,lines", [(120, 36), (160, 48)])
def test_the_long_slope_of_a_held_segment_ends_at_its_arrival(cells, lines):
    rows = ladder_rows(desk_after(HELD), cells, lines)
    (came,) = [row for row in rows if "#4 left 0.150" in row]
    assert "▶" in came and "3.150" in came
    (left,) = [row for row in rows if "#4 9083:9183" in row]
    assert "▶" not in left[: left.rindex("│") - 1]


def test_what_is_overtaken_stands_where_it_arrived():
    desk = desk_after(OPENED + "link hold on; client send 300; link deliver #5; link deliver #6; "
                      "run 40ms; link deliver #4; run 60ms")
    late = [entry.rec.id for entry in desk.story.late(0)]
    assert late == [4]
    state = LadderState(("client", "server"), desk.view.t)
    lines = row_lines(desk.story.entries, desk.story, state, 40)
    assert [line.what for line in lines if line.entry.rec.id == 4] == ["leave", "reach"]
    assert [line.t for line in lines] == sorted(line.t for line in lines)


def test_in_order_nothing_is_late():
    desk = desk_after(OPENED + "link rate 500kbit limit 100; client set cwnd 20000; server set rcvbuf 20000; "
                      "client send 5000; run until idle; link delay 400ms; client send 500; run until idle")
    assert not desk.story.late(0)


# -- signs ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("commands,sign", [
    ("inject from client \"TCP(sport=49152, dport=80, flags='R', seq=1)\"", "✚#4 RST seq 1 inj"),
    ("link duplicate 100% from client; client send 10", "=#5 9083:9093 copy of #4"),
    ("link corrupt 100% from client; client send 10; run 60ms", "≠#4"),
    ("link hold on; client send 10; link edit #4 seq=9090", "≠#4"),
    ("link drop next client DATA; client send 10; wait", "↻#5"),
])
def test_signs_before_the_number_tell_what_the_numbers_do_not(commands, sign):
    text = "\n".join(ladder_rows(desk_after(OPENED + commands)))
    assert sign in text, text
    plain_text = "\n".join(ladder_rows(desk_after(OPENED + commands, True)))
    assert plain_text.isascii() and "?" not in plain_text


def test_the_help_explains_the_signs_and_the_second_number():
    from tcplab.tui.draw.help import help_rows

    desk = desk_after(OPENED)
    press(desk, "ladder")
    text = " ".join("\n".join(plain(row) for row in help_rows(desk.ladder.front, desk.hosts, 80)).split())
    assert "✚ inj" in text and "copy of" in text and "4978:5038" in text and "The ladder" in text


# -- while time runs ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("size", "most"), [((80, 24), 0), ((120, 36), 1)])
def test_rows_scroll_one_at_a_time_while_time_runs(size, most):
    desk = desk_after(OPENED + "client set cwnd 2000; server set rcvbuf 2000")
    desk.give("client send 3000")
    tops = []
    for _ in range(60):
        desk.pacer.clock.sleep(0.1)
        desk.tick()
        tops.append((numbers(ladder_rows(desk, *size))[0], len(desk.story.entries)))
    assert desk.pacer.running
    for (top, count), (after, then) in zip(tops, tops[1:], strict=False):
        assert after - top <= max(then - count, most)
