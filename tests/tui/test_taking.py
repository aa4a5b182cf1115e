"""`e` on the bench and on a capture: what is written, where, and what happens when it cannot be."""

from __future__ import annotations

from pathlib import Path

import pytest

from tcplab.export.files import KINDS
from tcplab.export.subject import of_session
from tcplab.session.session import Session
from tcplab.tui.app import TcplabApp
from tcplab.tui.draw.runs import plain_rows, row_width
from tcplab.tui.draw.taking import taking_rows
from tcplab.tui.screens.bench import Bench
from tcplab.tui.screens.takeaway import TakeAway
from tcplab.tui.taking import Taking, base_of
from tests.support.captures import session_capture
from tests.tui.screens import SIZES, app_for
from tests.tui.test_novice import played_to
from tests.tui.test_viewer import app_on, settled

OPEN = "server listen 80; client connect server 80; run until idle"


@pytest.fixture
def session() -> Session:
    session = Session.open("sandbox", 3)
    session.execute(OPEN)
    return session


def form_in(folder: Path, session: Session) -> Taking:
    return Taking(KINDS, folder / "lab", lambda: of_session(session))


@pytest.mark.parametrize("cells, lines", SIZES)
def test_the_form_fits(session, tmp_path, cells, lines):
    form = form_in(tmp_path / ("deep/" * 20), session)
    form.typing = True
    for form.picked in range(len(KINDS) + 1):
        assert all(row_width(row) <= cells for row in taking_rows(form, cells))


def test_what_an_open_question_hides_is_neither_shown_nor_written(tmp_path):
    session = played_to("sequence", "ledger")
    number = str(session.view().hosts[0].newest.tcb.snd_nxt)
    form = Taking(KINDS, tmp_path / "lab", lambda: of_session(session), withheld=session.view().guide.withholds)
    form.mark_all()
    for form.picked in range(len(KINDS)):
        assert number not in " ".join(form.preview())
    form.write()
    # The states are not what this question hides.
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lab-states.svg", "lab.dot"]
    assert sum("question" in done.words for done in form.said) == len(KINDS) - 2
    session.execute("answer 1")
    assert not any(session.view().guide.withholds(kind.id) for kind in KINDS)


def test_names_are_free_and_marks_count(session, tmp_path):
    form = form_in(tmp_path, session)
    form.write()
    assert [path.name for path in tmp_path.iterdir()] == ["lab.txt"] and "written: lab.txt" in form.said[0].words
    form.mark_all()
    form.write()
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == sorted(["lab.txt", "lab-2.txt", "lab.pcapng", "lab-ladder.svg", "lab-states.svg", "lab-plots.svg",
                            "lab.mmd", "lab.dot"])
    assert form.summary.words.startswith("written: lab-2.txt and 6 more in")
    form.marked.clear()
    form.picked = 5
    form.write()
    assert (tmp_path / "lab-2.mmd").exists()
    assert "✓ lab-2.mmd" in plain_rows(taking_rows(form, 80)), "its row names the file that is there"


async def test_the_name_is_typed_taken_written_and_known_again(session, tmp_path):
    """enter takes the name, enter again writes; esc brings the old name back; `e` later knows the new one."""
    app = app_for(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("e", "n", "ctrl+u", *str(tmp_path / "mine"), "enter", "enter", "n", "x", "escape")
        await pilot.pause()
        form = app.screen.form
        assert (tmp_path / "mine.txt").exists() and not form.typing and form.base.text == str(tmp_path / "mine")
        assert "✓ mine.txt" in plain_rows(taking_rows(form, 80))
        await pilot.press("escape", "e")
        assert app.screen.form.base.text == str(tmp_path / "mine")


async def test_page_down_leaves_out_no_row_of_the_guide(session):
    app = app_for(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("5")
        page = app.screen.desk.pages["tcb"]
        await pilot.press("pagedown")
        assert app.screen.desk.scroll["tcb"] == page._room - 1 < 10


def test_what_cannot_be_written_is_said_and_the_rest_is_written(session, tmp_path):
    form = form_in(tmp_path / "missing", session)
    form.mark_all()
    form.write()
    assert len(form.said) == len(KINDS) and all("No such file or directory" in done.words for done in form.said)
    assert form.summary.style == "warn"
    form.base.set(str(tmp_path / "ok"))
    form.write()
    assert all(done.style == "good" for done in form.said)


def test_files_go_where_one_is(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert base_of("loss", None) == base_of("loss", "/elsewhere/r.jsonl") == tmp_path / "tcplab-loss"


async def test_the_form_on_the_bench(session, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    app = app_for(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("e")
        await pilot.pause()
        assert isinstance(app.screen, TakeAway)
        await pilot.press("down", "down", "space", "enter")
        await pilot.pause()
        assert sorted(path.name for path in tmp_path.iterdir()) == ["tcplab-sandbox-ladder.svg", "tcplab-sandbox.txt"]
        assert "written: tcplab-sandbox.txt" in app.screen.surface.text()
        await pilot.press("question_mark")
        await pilot.pause()
        assert "opens in Wireshark" in app.screen.surface.text()
        await pilot.press("escape")
        await pilot.press("n", "ctrl+u", *"/nowhere/x", "enter", "up", "enter")
        await pilot.pause()
        assert "Cannot write /nowhere/x" in app.screen.surface.text()
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(app.screen, Bench) and "Cannot write" in app.screen.surface.text()
        assert session.now == app.bench.desk.view.t


async def test_a_captured_connection_can_be_taken_away(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    session_capture(tmp_path / "w.pcapng", [OPEN, "link drop next client DATA", "client send 300; run until idle"])
    app: TcplabApp = app_on(tmp_path / "w.pcapng")
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await pilot.press("e", "a", "enter")
        await pilot.pause()
        assert (tmp_path / "w-1-states.svg").read_text().count("ESTABLISHED") == 1
        lines = (tmp_path / "w-1.txt").read_text()
        assert "again" in lines and "States (inferred)" in lines and "arrived" not in lines
        assert "inferred" in (tmp_path / "w-1-ladder.svg").read_text()
        assert "SYN-SENT (inferred)" in (tmp_path / "w-1.mmd").read_text()
        assert "tcptrace" in (tmp_path / "w-1-plots.svg").read_text() and not (tmp_path / "w-1.pcapng").exists()


def test_a_large_window_shows_what_the_file_will_hold(session, tmp_path):
    form = form_in(tmp_path, session)
    assert "client > server" not in plain_rows(taking_rows(form, 78, 12))
    assert "client > server: Flags [S]" in plain_rows(taking_rows(form, 118, 46))
    for form.picked in range(len(KINDS) + 1):
        rows = taking_rows(form, 118, 46)
        assert len(rows) <= 46 and all(row_width(row) <= 118 for row in rows)
        assert form.target(form.looked_at).name in plain_rows(rows[len(KINDS) + 4 :])
