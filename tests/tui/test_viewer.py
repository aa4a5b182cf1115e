"""A captured file on the screen: loading, connections, the same pages over the past, at every size."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tcplab.capture.flows import load
from tcplab.tui.app import TcplabApp
from tcplab.tui.captured.desk import PastDesk
from tcplab.tui.captured.pages import ORDER, ORDERS, PAGES
from tcplab.tui.captured.panels import Panels, parts
from tcplab.tui.draw.runs import plain, plain_rows, row_width
from tcplab.tui.key import APP, LOOK, TIME
from tcplab.tui.keys import KEYS
from tcplab.tui.screens.inspector import Inspector
from tcplab.tui.screens.viewer import Viewer
from tcplab.tui.terminal import Terminal
from tcplab.tui.widgets.surface import joined
from tests.support.captures import pcap, session_capture
from tests.tui.screens import SIZES

COMMANDS = ["link loss 6%; server listen 80; client connect server 80; run until idle",
            "client send 5kB; run until idle",
            "client connect server 80; run until idle; client send 500; run until idle; client close; run until idle",
            "server close; run until idle; client connect server 81; run until idle"]


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("TCPLAB_HOME", str(tmp_path / "home"))


@pytest.fixture(scope="module")
def path(tmp_path_factory) -> Path:
    target = tmp_path_factory.mktemp("captures") / "wire.pcapng"
    session_capture(target, COMMANDS, seed=4)
    return target


def desk_on(path: Path, number: int | None = None, **terminal) -> PastDesk:
    return PastDesk(load(path), path.name, Terminal(**terminal), number)


def drawn(desk: PastDesk, cells: int = 80, lines: int = 24) -> str:
    for _ in range(50):
        found = parts(desk, cells, lines)
        if not desk.busy:
            break
        desk.tick()
    for box, rows in found:
        assert len(rows) == box.height and all(row_width(row) == box.width for row in rows), box
    assert sum(box.width * box.height for box, _ in found) <= cells * lines
    return plain_rows(joined(found))


@pytest.mark.parametrize("cells, lines", SIZES)
@pytest.mark.parametrize("page", ORDER)
@pytest.mark.parametrize("ascii", [False, True])
def test_every_page_fills_every_size(path, cells, lines, page, ascii):
    desk = desk_on(path, 2, ascii=ascii)
    desk.turn(page)
    text = drawn(desk, cells, lines)
    assert "wire.pcapng" in text and "A 10.0.0.1:49153" in text
    for zoomed in (True, False):
        desk.zoomed = zoomed
        drawn(desk, cells, lines)


def test_the_list_is_ordered_and_searched(path):
    desk = desk_on(path)
    assert desk.page == "conns" and "10.0.0.1:49152 > 10.0.0.2:80" in drawn(desk) and "✗ reset" in drawn(desk)
    page = desk.pages["conns"]
    seen = []
    for _ in ORDERS:
        seen.append([conn.number for conn in page.shown])
        page.next_order()
    assert seen[0] == seen[3] == [1, 2, 3] and seen[1][0] == 1 and all(sorted(s) == [1, 2, 3] for s in seen)
    page.search(":81")
    assert [conn.number for conn in page.shown] == [3]
    page.search("nowhere")
    assert "no connection fits" in drawn(desk) and not page.enter()


def test_the_cursor_shows_how_things_stood(path):
    desk = desk_on(path, 2)
    assert "SYN-SENT" in drawn(desk, 120, 36) and desk.lens.states(0) == ("SYN-SENT", "CLOSED")
    desk.pages["log"].last()
    assert desk.lens.states(desk.cursor) == ("TIME-WAIT", "CLOSED")
    desk.log.first()
    sights = []
    for _ in range(30):
        before = desk.cursor
        desk.jump(1)
        if desk.cursor == before:
            break
        sights.append(desk.cursor)
    steps = {step.index for step in desk.lens.steps()}
    assert set(sights) >= {index for index in steps if index > 0} and "noteworthy" in desk.message
    desk.jump(-1)
    assert desk.cursor == sights[-2]


def test_seek_and_filter(path):
    desk = desk_on(path, 1)
    desk._seek("1.2s")
    assert desk.now >= 1_200_000_000
    desk._seek("50%")
    middle = desk.now
    desk._seek("nonsense")
    assert desk.now == middle and "is no time" in desk.message
    desk._filter("A DATA repeated")
    while desk.log.busy:
        desk.tick()
    assert 0 < len(desk.log.rows) < 20 and all(entry.rec.src == "A" and entry.rec.repeated for entry in desk.log.rows)
    desk._filter("A DTA")
    assert desk.mode == "filter" and desk.message_style == "warn"


def test_offload_and_damage_are_told(tmp_path, path):
    data = path.read_bytes()
    (tmp_path / "cut.pcapng").write_bytes(data[: len(data) // 2 + 1])
    assert "cut short or damaged at byte" in drawn(desk_on(tmp_path / "cut.pcapng"))


def test_pins_and_copies(path, tmp_path):
    from tcplab.tui.copying import copy

    desk = desk_on(path, 2)
    page = desk.pages["log"]
    page.do_pin()
    page.move(4)
    page.do_pin()
    page.move(3)
    page.do_next_pin()
    assert desk.cursor == 0
    page.do_next_pin()
    assert desk.cursor == 4
    assert "1 row copied" in copy(desk, [desk.log.entry])[1]
    line = (tmp_path / "home" / "copied.txt").read_text()
    assert line.startswith("    0.150000  #") and "A > B" in line and "arrived" not in line


async def settled(pilot) -> str:
    """Wait for the thread that loads."""
    viewer = pilot.app.screen
    for _ in range(400):
        await pilot.pause()
        if viewer.desk is not None or viewer.problem:
            break
        time.sleep(0.01)
        viewer.frame()
    await pilot.pause()
    return viewer.surface.text()


def app_on(path: Path, number: int | None = None) -> TcplabApp:
    return TcplabApp(capture=(path, number))


async def test_keys_lead_through_a_capture(path):
    app = app_on(path)
    async with app.run_test(size=(80, 24)) as pilot:
        assert "10.0.0.1:49153" in await settled(pilot)
        await pilot.press("down", "enter")
        text = app.screen.surface.text()
        assert "#1 SYN" not in text and "connection 2 of 3" in text and "A→B [S]" in text
        for key, proof in (("3", "inferred"), ("4", "tcptrace"), ("right", "throughput"), ("i", " of 0."),
                           ("2", "A→B"), ("a", "as they are on the wire"), ("right_square_bracket", "▸"),
                           ("z", "A→B"), ("z", "handshake"), ("l", "all of it is past"), ("6", "has 4 pages"),
                           ("slash", "for example"), ("escape", "A→B")):
            await pilot.press(key)
            await pilot.pause()
            assert proof in app.screen.surface.text(), (key, app.screen.surface.text())
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(app.screen, Inspector) and "is inferred" in app.screen.surface.text()
        await pilot.press("tab")
        await pilot.pause()
        assert "0010  " in app.screen.surface.text() and "port of the sender" in app.screen.surface.text()
        await pilot.press("escape", "question_mark")
        await pilot.pause()
        assert "The log" in app.screen.surface.text()
        await pilot.press("escape", "escape", "slash", *"49152", "enter")
        await pilot.pause()
        assert "1/3" in app.screen.surface.text()
        await pilot.press("q")
    assert app.return_value == 0


async def test_every_key_of_the_table_does_something_harmless(path):
    app = app_on(path, 1)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        for key in KEYS:
            if key.id in ("quit", "palette"):
                continue
            await pilot.press(key.key.split(",")[0])
            await pilot.pause()
            if not isinstance(app.screen, Viewer):
                await pilot.press("escape")
            if isinstance(app.screen, Viewer) and app.screen.desk.mode != "keys":
                await pilot.press("escape")
        assert isinstance(app.screen, Viewer)


@pytest.mark.parametrize("data, words", [(b"plain text, nothing else", "neither pcap nor pcapng"), (b"", "empty"),
                                         (None, "No such file")])
async def test_what_cannot_be_read_is_said_on_the_screen(tmp_path, data, words):
    target = tmp_path / "x.pcap"
    if data is not None:
        target.write_bytes(data)
    app = app_on(target)
    async with app.run_test(size=(80, 24)) as pilot:
        assert words in " ".join((await settled(pilot)).split())
        await pilot.press("escape")
    assert app.return_value == 0


async def test_loading_shows_a_bar_and_esc_stops_it(tmp_path, monkeypatch):
    """The reader is held after its first report until `esc` was pressed."""
    import threading

    from tcplab.capture import flows

    go = threading.Event()
    (tmp_path / "big.pcap").write_bytes(pcap([(0, b"x" * 40)] * 9000))
    real = flows.load

    def slow(path, progress):
        def told(*numbers):
            more = progress(*numbers)
            go.wait(5)
            return more
        return real(path, told)

    monkeypatch.setattr(flows, "load", slow)
    app = app_on(tmp_path / "big.pcap")
    async with app.run_test(size=(80, 24)) as pilot:
        viewer = app.screen
        for _ in range(200):
            await pilot.pause()
            if viewer._done[2]:
                break
            time.sleep(0.01)
        viewer.frame()
        assert "2,000 packets" in viewer.surface.text() and "■" in viewer.surface.text()
        await pilot.press("escape")
        go.set()
        await settled_end(viewer, pilot)
    assert app.return_value == 0


async def settled_end(viewer: Viewer, pilot) -> None:
    viewer._loader.join(5)
    viewer.frame()
    await pilot.pause()


def test_what_is_no_capture_is_said_before_the_screen_starts(tmp_path, monkeypatch, capsys):
    from tcplab.tui import app as app_module

    monkeypatch.setattr(app_module.terminal, "check", lambda: "")
    (tmp_path / "x\x1b[31m.pcap").write_bytes(b"text")
    assert app_module.run_viewer(tmp_path / "x\x1b[31m.pcap") == 4
    said = capsys.readouterr().err
    assert "neither pcap nor pcapng" in said and "\x1b" not in said
    assert app_module.run_viewer(tmp_path) == 4 and app_module.run_viewer(tmp_path / "none") == 4
    monkeypatch.setattr(app_module.terminal, "check", lambda: "no terminal\nmore")
    assert app_module.run_viewer(tmp_path / "none") == 2 and "--text" in capsys.readouterr().err


def test_a_connection_that_is_not_there_is_said(path):
    desk = desk_on(path, 9)
    assert desk.page == "conns" and "There is no connection 9" in drawn(desk)


def test_a_state_of_a_capture_is_opened(path):
    desk = desk_on(path, 2)
    desk.turn("states")
    page = desk.pages["states"]
    page.move(1)
    assert page.picked in desk.lens.states(desk.cursor)
    desk.log.follow()
    page.picked = "ESTABLISHED"
    assert page.enter() and page.opened
    text = "\n".join(plain_rows([row]) for row in page.rows(90, 60))
    assert "Both sides know both first numbers" in text and "✓ from SYN-SENT" in text and " A at 0." in text
    assert page.enter() and desk.intent == "reading"
    title, rows = desk.reading
    assert title == "Why this way?" and "ESTABLISHED" in plain_rows(rows(80))
    assert page.escape() and page.escape() and not page.escape()


def test_help_lists_only_keys_that_act_here():
    from tcplab.tui.captured.pages import keys_here

    keys = keys_here(lambda key_id: hasattr(Viewer, "_do_" + key_id))
    ids = {key.id for key in keys}
    assert {"go", "seek", "filter", "page4", "up", "page_down", "pin", "to_time", "quit", "explain"} <= ids
    assert not ids & {"run", "step", "connect", "drop", "hold", "page5", "hint", "lose_it", "command"}
    words = {key.id: key.tip for key in keys}
    assert {key.group for key in keys} == {TIME, LOOK, APP}
    assert words["page4"] == PAGES[3].tip and "task" not in words["go"]


def test_ends_whose_name_is_a_letter_are_named_once(path):
    text = drawn(desk_on(path, 1), 160, 48)
    assert "━ A  ━ B  ━ both" in text


def test_what_may_be_trouble_is_never_cut_off(path):
    desk = desk_on(path)
    for cells in (60, 80, 100, 120):
        rows = [row for row in drawn(desk, cells, 24).split("\n") if "10.0.0.1:49" in row]
        assert any("↻" in row for row in rows) and any("✗" in row for row in rows)
        assert not any("…" in row[-12:] for row in rows), rows


def test_the_ladder_is_full_and_sets_the_cursor_off(path):
    desk = desk_on(path, 1)

    def ladder() -> list[str]:
        panels = Panels(desk, 80, 24)
        return [plain(row) for row in panels.rows("ladder", panels.plan["ladder"])]

    rows = ladder()
    assert rows[0].lstrip().startswith("0.000▸") and all("#" in row for row in rows)
    count = len(desk.story.entries)
    for place in [*range(1, count), *range(count - 1, -1, -1)]:
        desk.show(place)
        (marked,) = [row for row in ladder() if "▸│" in row]
        assert f"#{desk.log.entry.rec.id} " in marked
    desk.log.follow()
    assert desk.pages["log"].enter() and desk.intent == "inspect" and desk.log.picked == count - 1


def test_the_mouse_does_in_a_capture_what_keys_do(path):
    from tcplab.tui.captured import mouse

    desk, pressed = desk_on(path), []

    def click(words: str, row: int | None = None) -> None:
        rows = drawn(desk).split("\n")
        y = next(i for i, text in enumerate(rows) if words in text) if row is None else row
        mouse.click(Panels(desk, 80, 24), rows[y].index(words) + 1, y, lambda key, char: pressed.append(key))

    click("10.0.0.1:49153")
    assert desk.lens is None and desk.pages["conns"].picked == 1
    click("10.0.0.1:49153")
    assert desk.lens.conn.number == 2
    for word, page in (("States", "states"), ("Plots", "plots"), ("Conns", "conns"), ("Log", "log")):
        click(word)
        assert desk.page == page
    click("#", 4)
    assert desk.cursor == 2 and not desk.intent
    click("#", 4)
    assert desk.intent == "inspect"
    mouse.wheel(Panels(desk, 80, 24), 10, 4, 1)
    assert desk.cursor == 3
    mouse.wheel(Panels(desk, 80, 24), 10, 15, -1)
    assert desk.cursor == 0
    for words, key in (("? help", "question_mark"), ("] next sight", "right_square_bracket"), ("q leave", "q")):
        click(words, 23)
        assert pressed.pop() == key
    click("tab turns", 8)
    assert desk.page == "log" and not pressed


async def test_the_mouse_scrolls_and_leaves_what_is_read(path):
    app = app_on(path, 2)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        viewer = app.screen
        viewer._press("question_mark", "?")
        await pilot.pause()
        app.screen.wheel(5, 5, 1)
        assert "Signs on the ladder" in app.screen.surface.text() and app.screen.top == 3
        await pilot.click(offset=(2, 23))
        assert app.screen is viewer
        viewer._press("enter", None)
        await pilot.pause()
        app.screen.wheel(5, 5, 1)
        await pilot.click(offset=(3, 23))
        assert "taken apart" in app.screen.surface.text()
        await pilot.click(offset=(app.screen.surface.text().split("\n")[23].index("esc") + 1, 23))
        assert app.screen is viewer


def test_a_plot_of_what_no_capture_knows_says_so(path):
    desk = desk_on(path, 1)
    desk.turn("plots")
    assert desk.type("p", "p") and desk.mode == "plot" and desk.type("c", "c")
    text = drawn(desk)
    assert "cwnd and ssthresh" in text and "this is not in a capture" in text
    desk.pages["plots"].pick("s")
    assert "seq from ISS" in drawn(desk) and "this is not" not in drawn(desk)
