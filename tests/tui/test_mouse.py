"""The mouse: every click does what a key does; off over SSH; nothing needs it."""

from __future__ import annotations

import pytest
from textual import events

from tcplab.tui import mouse, pages
from tcplab.tui.keys import KEYS
from tcplab.tui.panels import Panels
from tcplab.tui.terminal import probe
from tests.tui.screens import SIZES, app_for
from tests.tui.test_touch import bench, holding, press


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("TCPLAB_HOME", str(tmp_path))


def place(app, text: str, nth: int = 0) -> tuple[int, int]:
    """Where `text` stands on the screen."""
    found = [(line.index(text), y) for y, line in enumerate(app.screen.surface.text().splitlines()) if text in line]
    assert found, f"{text!r} is not on the screen:\n{app.screen.surface.text()}"
    return found[nth]


async def click(pilot, text: str, nth: int = 0, right: int = 0) -> str:
    x, y = place(pilot.app, text, nth)
    assert await pilot.click(offset=(x + right, y))
    await pilot.pause()
    return pilot.app.screen.surface.text()


async def test_tabs_rows_and_a_second_click():
    app = app_for(bench("client send 300; run until idle").session)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        for page in pages.PAGES:
            await click(pilot, page.word)
            assert app.bench.desk.page == page.id
        await click(pilot, "Log")
        text = await click(pilot, "#4 ", -1)
        assert app.bench.desk.log.entry.rec.id == 4 and "▸" in text
        text = await click(pilot, "#4 ", -1)
        assert app.screen is not app.bench and "#4" in text


async def test_the_ladder_selects_in_the_log():
    app = app_for(bench("client send 300; run until idle").session)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        await click(pilot, "#8 ACK")
        assert app.bench.desk.log.entry.rec.id == 8


async def test_footer_title_and_panes():
    app = app_for(bench().session)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        desk = app.bench.desk
        await click(pilot, "d send data")
        assert desk.session.view().hosts[0].newest.tcb.snd_nxt and desk.message == "client send 100"
        await click(pilot, "stopped" if not desk.pacer.running else "running")
        await click(pilot, "ESTABLISHED", 0, 66)
        assert desk.current == 1
        await click(pilot, "ESTABLISHED")
        assert desk.current == 0
        if desk.pacer.running:
            await click(pilot, "esc stop")
        await click(pilot, " › ")
        assert desk.mode == "command"
        await click(pilot, "esc leave")
        assert desk.mode == "keys"


async def test_a_state_says_how_to_get_there():
    app = app_for(bench().session)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("3", "z")
        await pilot.pause()
        text = await click(pilot, "TIME-WAIT")
        assert "The client gets from ESTABLISHED to TIME-WAIT by:" in text


async def test_the_link_and_its_segments():
    app = app_for(holding().session)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("4")
        await pilot.pause()
        page = app.bench.desk.pages["link"]
        await click(pilot, "#5    client")
        assert page.chosen() == 5
        await click(pilot, "#6 9")
        assert page.chosen() == 6
        await click(pilot, "#5 9")
        await click(pilot, "x lose it")
        assert [flight.record.id for flight in page.flights()] == [4, 6]
        await click(pilot, "loss  ", 0, 28)
        assert page.form.row is not None and page.form.seg is None and page.form.column == 1
        await click(pilot, "loss  ", 0, 28)
        assert app.bench.desk.mode == "form"
        await pilot.press(*"5%", "enter")
        assert [way.loss for way in app.bench.desk.view.link.directions] == [50_000, 0]
        await pilot.press("m")
        await pilot.pause()
        await click(pilot, "0 clear")
        assert app.bench.desk.view.link.directions[0].loss == 0


async def test_lines_of_the_hosts():
    app = app_for(bench().session)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(str(pages.number("hosts")))
        await pilot.pause()
        page = app.bench.desk.pages["hosts"]
        await click(pilot, "reading", 1)
        await click(pilot, "reading", 1)
        assert app.bench.desk.message == "server set reading off" and page.chosen().value == "off"


@pytest.mark.parametrize("page", pages.ORDER)
async def test_the_wheel_scrolls(page):
    app = app_for(bench("client send 3kB; run until idle").session)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(str(pages.number(page)))
        await pilot.pause()
        x, y = 20, 17
        for kind in (events.MouseScrollDown, events.MouseScrollUp) * 3:
            app.screen.post_message(kind(app.screen, x, y, 0, 0, 0, False, False, False, x, y))
            await pilot.pause()
        assert app.bench.desk.page == page and app.screen is app.bench
        if page == "log":
            assert app.bench.desk.log.picked is not None
        if page == "tcb":
            app.screen.post_message(events.MouseScrollDown(app.screen, x, y, 0, 0, 0, False, False, False, x, y))
            await pilot.pause()
            assert app.bench.desk.scroll["tcb"] == 3


@pytest.mark.parametrize("size", [SIZES[0], SIZES[3]])
def test_a_click_anywhere_is_survived(size):
    for zoomed in (False, True):
        for page in pages.ORDER:
            desk = bench("link hold on; client send 200")
            desk.act(f"page{pages.number(page)}")
            desk.zoomed = zoomed
            for mode in ((), ("m",), ("escape", "colon")):
                press(desk, *mode)
                for y in range(0, size[1], 4):
                    for x in range(0, size[0], 29):
                        panels = Panels(desk)
                        panels.arrange(*size)
                        mouse.click(panels, x, y, lambda key, character: None)
                        mouse.wheel(panels, x, y, 1)
                        desk.intent = ""


def test_every_cap_leads_back_to_its_key():
    for entry in KEYS:
        name, _ = mouse.key_of(entry.cap, entry.page)
        assert name in entry.key.split(",")


def test_the_mouse_is_off_over_ssh():
    near = {"LANG": "C.UTF-8", "TERM": "xterm-256color"}
    assert probe(near).mouse and not probe({**near, "SSH_CONNECTION": "1 2 3 4"}).mouse
