"""Bad input at the screen: huge pastes, escape sequences in payloads, a window of 20x5 in the middle of everything."""

from __future__ import annotations

import time

import pytest
from textual import events

from tcplab import Session
from tcplab.tui import pages
from tcplab.tui.editor import MAX_LENGTH
from tests.tui.screens import app_for, drawn
from tests.tui.test_touch import bench

#: A title, a clipboard write, a reset, C1 controls, a bidirectional override, and a bell.
NASTY = r"\x1b]0;owned\x07\x1b]52;c;QUJD\x07\x1bc\x9b31m\xe2\x80\xae\x00\r\n"
LINES = "client abort; link down\n" * 10_000

#: How to get into each mode of the bench: keys, and the attribute that holds what is typed there ('' for none).
MODES = {
    "keys": ((), ""), "command": (("colon",), "line"), "filter": (("slash",), "line"),
    "form": (("4", "down", "enter"), "line"), "impair": (("m",), ""), "seek": (("i",), "line"),
    "jump": (("]",), ""), "segment": (("H", "d", "down", "e", "enter"), "line"),
    "option": ((str(pages.number("hosts")), "down", "down", "enter"), "line"),
}


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("TCPLAB_HOME", str(tmp_path))


def clean(text: str) -> bool:
    return all(char == "\n" or (char >= " " and not "\x7f" <= char < "\xa0" and char != "\u202e") for char in text)


@pytest.mark.parametrize("mode", MODES)
async def test_ten_thousand_pasted_lines_are_one_line_that_waits(mode):
    pressed, holder = MODES[mode]
    app = app_for(bench().session)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*pressed)
        await pilot.pause()
        desk = app.bench.desk
        recorded, epoch = desk.session.recorded, desk.session.epoch
        begun = time.process_time()
        app.screen.post_message(events.Paste(LINES))
        await pilot.pause()
        assert time.process_time() - begun < 1
        assert desk.session.recorded == recorded and desk.session.epoch == epoch, "nothing was carried out"
        assert desk.view.link.directions[0].up and desk.view.hosts[0].newest.tcb.state == "ESTABLISHED"
        if holder:
            text = getattr(desk, holder).text
            assert len(text) == MAX_LENGTH and "\n" not in text and "first 2000 characters" in desk.message
        else:
            assert "press : first" in desk.message
        assert clean(app.screen.surface.text())
        await pilot.press("escape", "escape", "escape")
        await pilot.pause()
        assert desk.mode == "keys" and desk.session.recorded == recorded


async def test_ten_thousand_pasted_lines_are_no_answer_and_no_segment():
    app = app_for(Session.open("handshake"))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("n", "n", "c")
        while app.bench.desk.question is None:
            app.bench.frame()
            await pilot.pause()
        step = app.bench.desk.view.guide.step_id
        app.screen.post_message(events.Paste(LINES))
        await pilot.pause()
        assert app.bench.desk.view.guide.step_id == step and len(app.bench.desk.answer.text) == MAX_LENGTH
    app = app_for(bench().session)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("I", "down")
        app.screen.post_message(events.Paste(LINES))
        await pilot.pause()
        assert "mend it first" in app.screen.surface.text() and app.screen.crafting.command() == ""


async def test_escape_sequences_in_payloads_stay_text_everywhere(tmp_path):
    app = app_for(bench("link hold on", f'client send "{NASTY}"').session)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        for page in pages.ORDER:
            await pilot.press(str(pages.number(page)), "z")
            await pilot.pause()
            assert clean(app.screen.surface.text()), page
            await pilot.press("z")
        await pilot.press("4", "g", "e", *["down"] * 11)
        await pilot.pause()
        text = app.screen.surface.text()
        assert r"\x1b]0;owned\x07" in text and clean(text)
        await pilot.press("escape", "H", "2", "g", "enter")
        await pilot.pause()
        for _ in range(3):
            await pilot.press("pagedown")
            await pilot.pause()
            assert clean(app.screen.surface.text())
        await pilot.press("escape")
        for line in (f'client send "{NASTY}"', "why #4"):
            app.bench.give(line)
            await pilot.pause()
            assert clean(app.screen.surface.text())


@pytest.mark.parametrize("mode", [*MODES, "inject", "palette", "help"])
async def test_a_window_of_20_by_5_loses_nothing(mode):
    pressed, holder = MODES.get(mode, (({"inject": "I", "palette": "f2", "help": "question_mark"}[mode],)
                                       if mode not in MODES else (), ""))
    app = app_for(bench().session)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*pressed)
        if holder:
            await pilot.press("5", "7")
        await pilot.pause()
        before, count = app.screen.surface.text(), app.bench.desk.session.recorded
        for size in ((20, 5), (1, 1), (160, 48), (20, 5), (80, 24)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            assert clean(app.screen.surface.text())
        assert app.screen.surface.text() == before
        assert app.bench.desk.session.recorded == count
        if holder:
            assert getattr(app.bench.desk, holder).text.endswith("57")


@pytest.mark.parametrize("line", [
    'client send "\\x1b[31m', "client \x1b]0;x\x07", 'inject from client "\x1b"', "link edit #1 seq=\x1b[2J",
    "inject from client \"TCP(flags='\x9b')\"", "client connect \x1b[2J 80", "client set nagle \x07",
])
def test_a_refusal_quotes_nothing_that_a_terminal_obeys(line):
    desk = bench()
    desk.give(line)
    assert desk.message_style == "warn" and desk.message and clean(drawn(desk))
