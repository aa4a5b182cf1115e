"""The States page: select a state, read how to get there, see which ways were walked and why."""

from __future__ import annotations

import pytest

from tcplab.session.session import Session
from tcplab.tcp.state import TRANSITIONS, State
from tcplab.tui.desk import Desk
from tcplab.tui.draw.runs import plain, plain_rows
from tcplab.tui.draw.state_card import MEANINGS, last_walks, ways_of
from tcplab.tui.draw.state_diagram import neighbour
from tcplab.tui.terminal import Terminal
from tests.tui.screens import SIZES, drawn


@pytest.fixture
def desk() -> Desk:
    session = Session.open("sandbox", 3)
    session.execute("server listen 80; client connect server 80; run until idle; client close; run until idle")
    found = Desk(session)
    found.act("page3")
    return found


def test_every_state_has_a_meaning_and_all_its_ways():
    assert set(MEANINGS) == set(State)
    rows = [row for state in State for row in ways_of(state)[1]]
    assert sorted(rows) == sorted(TRANSITIONS)


def test_the_arrows_reach_every_state_from_every_state():
    steps = [(0, 1), (0, -1), (1, 0), (-1, 0)]
    for start in State:
        seen, todo = {start}, [start]
        while todo:
            here = todo.pop()
            new = {neighbour(here, dx, dy) for dx, dy in steps} - seen
            seen |= new
            todo += new
        assert seen == set(State), start


@pytest.mark.parametrize("ascii", [False, True])
def test_a_selected_state_is_seen_without_colour(desk, ascii):
    desk.terminal = Terminal(ascii=ascii)
    desk.zoomed = True
    desk.act("down")
    left, right = ("><" if ascii else "▸◂")
    assert desk.pages["states"].picked == "FIN-WAIT-2"
    desk.act("right")
    text = drawn(desk, 80, 24)
    assert f"{left}" in text and f"{right}" in text and desk.pages["states"].picked != "FIN-WAIT-2"


def test_coverage_stands_in_a_free_corner(desk):
    assert "8 of" in drawn(desk, 80, 24)


def test_a_wide_window_tells_beside_the_diagram_what_it_means_to_stand_there(desk):
    desk.zoomed = True
    text = drawn(desk, 160, 48)
    assert "client stands here now" in text and "8 of" in text
    for state in desk.pages["states"].standing():
        assert MEANINGS[State(state)].split(".")[0][:40] in text
    assert "stands here now" not in drawn(desk, 120, 36)
    desk.pages["states"].hides = lambda: frozenset({"state"})
    assert "stands here now" not in drawn(desk, 160, 48)


def test_enter_opens_the_state_then_the_way(desk):
    desk.act("down")
    desk.act("go")
    text = "\n".join(plain(row) for row in desk.pages["states"].rows(80, 40))
    assert "Our FIN was acknowledged" in text and "client stands here now" in text
    assert "server CLOSE-WAIT → CLOSE / FIN → LAST-ACK" in text.replace("\n", " ")
    assert "▸ ✓ from FIN-WAIT-1" in text and "client at 0.250 s" in text and "1 of 1 walked" in text
    desk.act("go")
    assert desk.intent == "reading"
    title, rows = desk.reading
    why = plain_rows(rows(80))
    assert title == "Why this way?" and "covers our FIN" in why and "RFC 9293 3.10.7.4" in why
    assert "SND.UNA" in why and "before → after" in why
    desk.act("down")
    desk.act("go")
    assert "Nobody has gone this way yet" in plain_rows(desk.reading[1](80))
    desk.act("escape")
    assert desk.pages["states"].picked == "FIN-WAIT-2" and not desk.pages["states"].opened
    desk.act("escape")
    assert not desk.pages["states"].picked


def test_a_hidden_state_is_not_told(desk):
    desk.view = desk.view._replace(guide=desk.view.guide._replace(hide=frozenset({"state"})))
    page = desk.pages["states"]
    page.picked, page.opened = "FIN-WAIT-2", True
    text = "\n".join(plain(row) for row in page.rows(80, 40))
    assert "stands here" not in text and "✓" not in text and "0 of 1 walked" in text
    page.opened = False
    assert "of 21" not in plain_rows(page.rows(80, 24))


@pytest.mark.parametrize("size", SIZES)
def test_every_card_fits_every_size_and_keeps_its_cursor_in_sight(desk, size):
    page = desk.pages["states"]
    for state in State:
        page.picked, page.opened = str(state), True
        desk.act("first")
        for _ in page._ways():
            text = drawn(desk, *size)
            assert text.count("▸ ✓") + text.count("▸ ·") == 1, (state, page.cursor)
            desk.act("down")


def test_the_last_walk_counts(desk):
    walks = last_walks(desk.session.trace)
    assert walks["CLOSED", "SYN-SENT", "active OPEN"].host == "client"
    assert all(walk.event.kind == "state" for walk in walks.values())
