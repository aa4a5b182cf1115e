"""The tour: six cards on the real screen, once for each learner, in nobody's way."""

from __future__ import annotations

import pytest

from tcplab.front import opening
from tcplab.lab.progress import load_progress, record_progress
from tcplab.tui.app import TcplabApp
from tcplab.tui.draw.layout import Box
from tcplab.tui.draw.runs import plain, row_width
from tcplab.tui.terminal import Terminal
from tcplab.tui.tour import CARDS, Tour, card_rows, over
from tests.support.stories import made
from tests.tui.screens import SIZES, app_for


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("TCPLAB_HOME", str(tmp_path))
    monkeypatch.setattr(opening, "keep_progress", lambda session: None)


def touring(size=(80, 24), **terminal):
    app = TcplabApp(made("server listen 80"), Terminal(**terminal), tour=True)
    return app, app.run_test(size=size)


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.title)
def test_a_card_says_little_and_fits(card):
    rows = card_rows(card, 1, 58)
    assert all(row_width(row) == 58 for row in rows) and len(rows) <= 9
    assert card.text.count(".") <= 4


@pytest.mark.parametrize("size", SIZES)
async def test_the_tour_goes_from_card_to_card_and_is_kept(size):
    app, run = touring(size)
    async with run as pilot:
        await pilot.pause()
        for number, card in enumerate(CARDS, 1):
            text = app.screen.surface.text()
            assert card.title in text and f"{number} of {len(CARDS)}" in text, number
            assert all(len(line) <= size[0] for line in text.splitlines())
            await pilot.press(card.key or "space")
            await pilot.pause()
        assert "of 6" not in app.screen.surface.text() and load_progress().toured
        assert app.bench.desk.page == "log" and not app.bench.desk.zoomed


async def test_a_key_that_it_does_not_ask_for_ends_it_and_acts():
    app, run = touring()
    async with run as pilot:
        await pilot.pause()
        await pilot.press("colon", "h", "e")
        await pilot.pause()
        assert app.bench.tour is None and app.bench.desk.line.text == "he" and load_progress().toured


async def test_it_can_be_left_and_is_found_again():
    app, run = touring()
    async with run as pilot:
        await pilot.pause()
        await pilot.press("escape")
        await pilot.pause()
        text = app.screen.surface.text()
        assert "1 of 6" not in text and "? then T shows the tour again" in text
        await pilot.press("question_mark")
        await pilot.pause()
        assert "T the tour" in app.screen.surface.text()
        await pilot.press("T")
        await pilot.pause()
        assert "1 of 6" in app.screen.surface.text()
        assert any(choice.title == "the tour" for choice in app.choices())


async def test_it_is_drawn_in_ascii_too():
    app, run = touring(ascii=True)
    async with run as pilot:
        await pilot.pause()
        assert app.screen.surface.text().isascii() and "1 of 6" in app.screen.surface.text()


def test_what_is_pointed_at_stays_bright():
    rows = [[("left side ", "client"), ("right side", "server")] for _ in range(20)]
    seen = over(rows, {"task": Box(10, 0, 10, 2)}, Tour(), 60, 20)
    assert seen[0][0] == ("left side ", "rule") and ("right side", "server") in seen[0]
    assert plain(seen[0]).startswith("left side right side")


def test_progress_keeps_that_the_tour_was_seen(tmp_path):
    from tcplab.lab.progress import record_tour

    assert not load_progress().toured
    record_tour()
    record_progress("handshake", score=1, max_score=2)
    assert load_progress().toured and load_progress().of("handshake").best == 1


async def test_the_last_card_offers_z_only_where_it_has_something_to_bring_back():
    app = app_for(made("server listen 80"))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        app.screen.begin_tour()
        for keys, offered in ((["space"] * 5, False), (["left", "z"], True)):
            for key in keys:
                await pilot.press(key)
            await pilot.pause()
            text = app.screen.surface.text()
            assert "6 of 6" in text and ("z tries it" in text) == offered
        await pilot.press("space")
        await pilot.pause()
        assert not app.screen.desk.zoomed
