"""The application under Pilot: every key of the table, every screen, every size. No test waits for the clock."""

from __future__ import annotations

import asyncio
import os
import signal
from types import SimpleNamespace

import pytest
from textual.geometry import Size

from tcplab.front import opening
from tcplab.tui import app as app_module
from tcplab.tui.keys import BY_ID, KEYS, markdown_table
from tcplab.tui.screens.bench import Bench
from tcplab.tui.screens.home import Home
from tcplab.tui.screens.palette import Palette
from tcplab.tui.screens.reader import Reader
from tcplab.tui.signals import Signals
from tests.tui import test_log, test_touch
from tests.tui.fake import FakeSession, lesson, run, talked
from tests.tui.screens import app_for


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("TCPLAB_HOME", str(tmp_path))
    monkeypatch.setattr(opening, "keep_progress", lambda session: None)


def shown(app) -> str:
    return app.screen.surface.text()


async def press(pilot, *keys: str) -> str:
    await pilot.press(*keys)
    await pilot.pause()
    return shown(pilot.app)


#: What each key must show or do on a bench where segments were exchanged: key id -> (keys to press, proof).
PROOFS = {
    "go": (("enter",), "running"),
    "hint": (("h",), "there is no hint here"),
    "next": (("n",), "first, or skip it"),
    "reset": (("r", "r"), "segments cross here"),
    "run": (("space",), "running"),
    "step": (("s",), "0.200 s"),
    "back": (("b",), "stopped"),
    "wait": (("w",), "running"),
    "seek": (("i",), "go to: 1.25s or 50%"),
    "jump_next": (("right_square_bracket",), "On to the next:"),
    "jump_back": (("left_square_bracket",), "Back to the last:"),
    "compare": (("B",), "There is one future so far"),
    "faster": (("plus",), "×2"),
    "slower": (("minus",), "×½"),
    "listen": (("l",), "server listen 80"),
    "connect": (("c",), "client connect server 80"),
    "send": (("d",), "client send 100"),
    "close": (("f",), "client close"),
    "other": (("o",), "server◂"),
    "drop": (("x",), "1 rule"),
    "turn": (("tab",), "C→S [S]"),
    "turn_back": (("shift+tab",), "calls on client"),
    "page1": (("2", "1"), "Nothing is asked here"),
    "page2": (("2",), "C→S [S]"),
    "page3": (("3",), "FIN-WAIT-2"),
    "page4": (("4",), "how long a crossing takes"),
    "page5": (("5",), "what it is"),
    "page6": (("6",), "may send now"),
    "page7": (("7",), "cwnd and ssthresh"),
    "page8": (("8",), "calls on client"),
    "plot_pick": (("7", "p", "g"), "throughput"),
    "plot_closer": (("7", "i"), "–0.17 of 0.17 s"),
    "plot_wider": (("7", "i", "i", "o"), "–0.17 of 0.17 s"),
    "plot_earlier": (("7", "i", "i", "comma"), "of 0.17 s"),
    "plot_later": (("7", "i", "i", "comma", "full_stop"), "–0.17 of 0.17 s"),
    "plot_whole": (("7", "i", "u"), "z larger  p which"),
    "up": (("2", "up"), "▸  0.170"),
    "down": (("4", "down"), "change it"),
    "left": (("4", "down", "right", "right", "left", "enter", "9", "m", "s", "enter"), "ways differ"),
    "right": (("4", "down", "right", "right", "enter", "9", "m", "s", "enter"), "ways differ"),
    "page_up": (("5", "pagedown", "pageup"), "variable"),
    "page_down": (("5", "pagedown", "pagedown"), "SSTHRESH"),
    "first": (("2", "g"), "▸  0.000"),
    "last": (("2", "g", "G"), "0.170"),
    "ladder": (("L", "up"), "leave the ladder"),
    "variables": (("v",), "All variables that fit are shown"),
    "numbers": (("a",), "#1 SYN seq 0"),
    "zoom": (("3", "z"), "what happens / what is sent"),
    "filter": (("slash",), "e.g. server ACK"),
    "escape": (("3", "z", "escape"), " 1 Guide "),
    "command": (("colon", "c", "l"), "› cl"),
    "explain": (("question_mark",), "What is this?"),
    "capture": (("V",), "This step names no capture"),
    "export": (("e",), "What do you want to take away?"),
    "palette": (("f2",), ""),
    "theme": (("t",), ""),
    "quit": (("q",), ""),
}


def test_every_key_has_a_proof_and_its_own_place():
    assert set(PROOFS) | set(test_touch.PROOFS) | set(test_log.PROOFS) == set(BY_ID)
    taken = [(entry.page, key) for entry in KEYS for key in entry.key.split(",")]
    assert len(taken) == len(set(taken))
    assert all(key.tip and key.words and key.id for key in KEYS)
    assert markdown_table().count("\n") == len(KEYS) + 1


def test_no_key_is_one_that_terminals_eat():
    eaten = {f"ctrl+{letter}" for letter in "himabsqzpj"} | {"f1"}
    for key in KEYS:
        ways = key.key.split(",")
        assert any(way not in eaten and not way.startswith(("alt+", "ctrl+")) for way in ways), key


@pytest.mark.parametrize("key_id", list(PROOFS))
async def test_every_key_does_what_the_table_says(key_id, tmp_path):
    keys, proof = PROOFS[key_id]
    session = talked()
    session.recording_path = tmp_path / "session.jsonl"
    if key_id in ("down", "left", "right"):
        session._link_delay = lambda command: session._nothing(command)
    app = app_for(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert isinstance(app.screen, Bench)
        text = await press(pilot, *keys) if key_id not in ("palette", "quit") else ""
        if key_id in ("left", "right"):
            src = "client" if key_id == "left" else "server"
            assert session.given[-1] == f"link delay 9ms from {src}"
        elif key_id == "page_down":
            assert "ssthresh" in text or "SRTT" in text
        elif key_id == "palette":
            await pilot.press(*keys)
            await pilot.pause()
            assert isinstance(app.screen, Palette)
        elif key_id == "theme":
            assert app.theme == "tcplab-light"
        elif key_id == "quit":
            await pilot.press("q")
            await pilot.pause()
            assert app.return_code == 0 and session.marks
        else:
            assert proof in text


async def test_the_task_is_answered_by_keyboard_alone():
    session = lesson()
    app = app_for(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert "Two hosts want to talk" in shown(app)
        text = await press(pilot, "enter")
        assert "your answer ›" in text and "enter answer" in text
        text = await press(pilot, "4", "2", "1", "2", "enter")
        assert "Let the client connect" in text and "✓ Right." in text
        bench = app.screen
        bench.desk.pacer.speed = 7
        await press(pilot, "enter")
        while bench.desk.busy:
            bench.frame()
        await pilot.pause()
        text = await press(pilot, "b", "enter")
        assert "Close the client with" in text
        await press(pilot, "f")
        while bench.desk.busy:
            bench.frame()
        await pilot.pause()
        assert "The lab is finished" in shown(app)
        text = await press(pilot, "enter")
        assert isinstance(app.screen, Reader) and "tcplab grade handshake" in text and "6 of 6" in text
        await press(pilot, "escape")
        assert isinstance(app.screen, Bench)


async def test_timers_rest_while_time_stands():
    app = app_for(FakeSession())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        bench = app.screen
        assert not bench.frames._active.is_set()
        await press(pilot, "c")
        assert bench.frames._active.is_set()
        await press(pilot, "space")
        assert not bench.frames._active.is_set()


async def test_any_size_and_back_without_harm():
    app = app_for(talked(loss=True))
    async with app.run_test(size=(80, 24)) as pilot:
        for size in ((20, 5), (60, 20), (1, 1), (160, 48), (59, 30), (200, 70), (120, 36), (5, 60), (80, 24)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            text = shown(app)
            if size in ((59, 30), (5, 60)) or size == (20, 5):
                assert "60x20" in text or "needs" in text or size[0] < 20
        assert "ESTABLISHED" in shown(app)


async def test_paste_goes_to_the_command_line():
    from textual import events

    app = app_for(FakeSession())
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "colon")
        app.screen.post_message(events.Paste("client connect server 80\n"))
        await pilot.pause()
        assert app.screen.desk.line.text == "client connect server 80 "


async def test_keys_can_be_given_other_places():
    app = app_for(talked())
    async with app.run_test(size=(80, 24)) as pilot:
        app.set_keymap({"zoom": "y"})
        await pilot.pause()
        await press(pilot, "y")
        assert app.screen.desk.zoomed


async def test_ascii_and_colourless_screens():
    app = app_for(talked(loss=True), ascii=True, mono=True)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        assert shown(app).isascii() and app.theme == "tcplab-mono"
        await press(pilot, "question_mark")
        assert shown(app).isascii()


async def test_home_highlights_a_lab_opens_it_and_comes_back(monkeypatch):
    opened = []

    def open_session(lab, seed=None, student=None, record=None):
        opened.append((lab, seed))
        return talked()

    monkeypatch.setattr(opening, "open_session", open_session)
    app = app_module.TcplabApp(None, seed=5)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert isinstance(app.screen, Home) and "▸" in shown(app)
        first = app.screen.items[app.screen.picked]
        assert first.kind == "lab"
        await press(pilot, "down", "up", "enter")
        assert opened == [(first.id, 5)] and isinstance(app.screen, Bench)
        await press(pilot, "q")
        assert isinstance(app.screen, Home)
        text = await press(pilot, "question_mark")
        assert "laboratory" in text
        await press(pilot, "escape", "t")
        assert app.theme == "tcplab-light"
        await press(pilot, "q")
        assert app.return_code == 0


async def test_home_says_why_a_lab_cannot_be_opened(monkeypatch):
    def refuse(*_args):
        raise opening.OpeningError("labs/x.yaml:3:1: unknown key", 3)

    monkeypatch.setattr(opening, "open_session", refuse)
    app = app_module.TcplabApp(None)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert "unknown key" in await press(pilot, "enter")


async def test_a_signal_keeps_the_session():
    session = talked()
    app = app_for(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        marks = session.marks
        app.signalled(143)
        await pilot.pause()
        assert session.marks > marks and app.return_code == 143


def test_run_app_refuses_what_is_no_terminal(monkeypatch, capsys):
    monkeypatch.setattr(app_module.terminal, "check", lambda: "tcplab: TERM=dumb: no")
    assert app_module.run_app() == 2
    assert "TERM=dumb" in capsys.readouterr().err


def test_run_app_names_an_unknown_lab(monkeypatch, capsys):
    monkeypatch.setattr(app_module.terminal, "check", lambda: "")
    assert app_module.run_app(lab="handshak") == 2
    assert "handshak" in capsys.readouterr().err


def test_the_finished_fake_lesson_is_complete():
    session = lesson()
    run(session, "next", "answer 4212", "client connect server 80", "answer b", "client close")
    assert session.view().guide.phase == "finished"


def test_keys_file_changes_keys_everywhere_or_nothing(tmp_path, monkeypatch):
    from tcplab.tui import keys

    saved = list(keys.KEYS)
    path = tmp_path / "keys.toml"
    try:
        assert keys.load_keymap(path) == ""
        for text, wrong in (
            ("zom = 'y'", "Did you mean 'zoom'"),
            ("zoom = 's'", "both"),
            ("zoom = 3", "name of a key"),
            ("zoom = 'nosuchkey'", "no key has the name 'nosuchkey'"),
            ("zoom = ']'", "both"),
            ("zoom = 'y,/'", "both"),
            ("zoom = ", "keys.toml"),
        ):
            path.write_text(text)
            assert wrong in keys.load_keymap(path)
            assert keys.changed_keys() == {} and keys.KEYS == saved
        path.write_text("zoom = 'y'")
        assert keys.load_keymap(path) == ""
        assert keys.BY_ID["zoom"].cap == "y" and keys.changed_keys() == {"zoom": "y"}
        path.write_text("zoom = 'F9'\nhint = ';'\nfilter = 'ctrl+Y'")
        assert keys.load_keymap(path) == ""
        assert keys.changed_keys() == {"zoom": "f9", "hint": "semicolon", "filter": "ctrl+y"}
        assert [keys.BY_ID[name].cap for name in ("zoom", "hint", "filter")] == ["F9", ";", "ctrl+y"]
    finally:
        keys.KEYS[:] = saved
        keys.BY_ID.update({key.id: key for key in saved})
        keys._changed.clear()


async def test_the_palette_finds_keys_and_commands():
    app = app_for(talked())
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        bench = app.screen
        text = await press(pilot, "f2")
        assert isinstance(app.screen, Palette) and "HOST listen PORT" in await press(pilot, *"listen")
        text = await press(pilot, *("backspace",) * 6, *"qqq", "down", "pagedown", "enter")
        assert app.screen is bench
        await press(pilot, "f2", *"zoom", "enter")
        assert bench.desk.zoomed
        await press(pilot, "f2", *"host listen", "enter")
        assert bench.desk.mode == "command" and bench.desk.line.text == "client listen "
        await press(pilot, "escape", "f2", *"link clear", "enter")
        assert bench.desk.session.given[-1] == "link clear"
        text = await press(pilot, "f2", "q", "Q", "X")
        assert "nothing is called so" in text
        await press(pilot, "escape")
        assert app.screen is bench


async def test_the_palette_is_ascii_where_the_screen_is():
    app = app_for(talked(), ascii=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        text = await press(pilot, "f2")
        assert "step" in text and text.isascii()


async def test_a_click_brings_a_page_to_the_front():
    app = app_for(talked())
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        box = app.screen.panels.boxes["log"]
        await pilot.click(offset=(box.x + 4, box.y + 2))
        await pilot.pause()
        assert app.screen.desk.page == "log"


async def test_only_rows_that_changed_are_repainted():
    from textual.geometry import Region

    from tcplab.tui.draw.layout import Box

    app = app_for(talked())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        surface, asked = app.screen.surface, []
        surface.refresh = lambda *regions, **_: asked.append(regions)
        rows = [[("time 0.100 s", "text")], [("ok", "good")], [("", "text")]]
        surface.show([(Box(0, 0, 80, 3), rows)], 80)
        assert asked == [()]
        surface.show([(Box(0, 0, 80, 3), [rows[0], [("ok", "lost")], rows[2]])], 80)
        assert asked[1:] == [(Region(0, 1, 80, 1),)]
        surface.show([(Box(0, 0, 80, 3), [rows[0], [("ok", "lost")], rows[2]])], 80)
        assert len(asked) == 2


def test_of_two_sizes_at_once_the_last_is_reported_last():
    sizes, reported = [Size(59, 19), Size(80, 24)], []

    class Window:
        def _get_terminal_size(self):
            size = sizes.pop(0)
            if sizes:
                os.kill(os.getpid(), signal.SIGWINCH)  # the window changes while its size is asked for
            return size

    app = SimpleNamespace(
        _driver=Window(), is_headless=False, post_message=lambda event: reported.append(event.size)
    )

    async def change() -> None:
        Signals(app).follow_window()
        os.kill(os.getpid(), signal.SIGWINCH)
        while len(reported) < 2:
            await asyncio.sleep(0)
        asyncio.get_running_loop().remove_signal_handler(signal.SIGWINCH)

    asyncio.run(asyncio.wait_for(change(), 5))
    assert reported == [Size(59, 19), Size(80, 24)]
