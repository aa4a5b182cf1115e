"""The instructor's board: read from journals as they grow, told in rows, quiet when nobody moves."""

from __future__ import annotations

import asyncio
import json
import subprocess
import time
from pathlib import Path

import pytest

from tcplab.grading import kept
from tcplab.kiosk import board as boards
from tcplab.kiosk.board import Board, ordered
from tcplab.kiosk.board_rows import ago, columns, table
from tcplab.tui.draw.runs import plain_rows, row_width
from tcplab.tui.terminal import Terminal
from tcplab.tui.widgets.surface import Surface
from tests.e2e.terminal import TCPLAB

NOW = 1_800_000_000


def stamp(ago_s: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(NOW - ago_s))


def write(kiosk: Path, student: str, *lines: dict, at: int = 60) -> Path:
    folder = kiosk / kept.LEARNERS / student
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / kept.JOURNAL).open("a") as file:
        file.writelines(json.dumps({"at": stamp(at), **line}) + "\n" for line in lines)
    return folder


def step(at: int, **more: object) -> dict:
    return {"event": "step", "lab": "loss", "attempt": 1, "step": f"s{at}", "number": at, "of": 7,
            "phase": "open", "score": at, "max_score": 10, "hints": 0, "wrong": 0, **more}


OPEN = {"event": "open", "lab": "loss", "attempt": 1}


@pytest.fixture
def present(monkeypatch):
    """Who has logged in at this moment."""
    names: set[str] = set()
    monkeypatch.setattr(boards, "sits_there", lambda folder: folder.name in names)
    return names


def test_who_is_where_stuck_done_and_away(tmp_path, present):
    write(tmp_path, "ada", OPEN, step(3), at=30)
    write(tmp_path, "ben", OPEN, step(4), at=900)
    write(tmp_path, "cy", OPEN, step(5, wrong=3), at=30)
    write(tmp_path, "dot", OPEN, step(7, phase="finished", number=8), at=30)
    write(tmp_path, "eve", OPEN, step(2), at=900)
    present |= {"ada", "ben", "cy", "dot"}
    rows = {row.student: row for row in Board(tmp_path, 600).look(NOW)}
    assert {name: row.state for name, row in rows.items()} == \
        {"ada": "here", "ben": "stuck", "cy": "stuck", "dot": "done", "eve": "away"}
    assert rows["ada"][2:8] == ("loss", 1, 3, 7, "s3", 30) and rows["dot"].number == 7 and rows["dot"].finished == 1
    assert rows["ben"].why == "long here" and rows["cy"].why == "3 wrong answers"
    assert [row.student for row in ordered(list(rows.values()), "need")] == ["ben", "cy", "ada", "dot", "eve"]


def test_it_follows_a_journal_that_grows_and_one_that_is_another(tmp_path, present):
    board, present_ = Board(tmp_path), present
    assert board.look(NOW) == [] and board.problem == ""
    folder = write(tmp_path, "ada", OPEN, step(1))
    present_.add("ada")
    assert board.look(NOW)[0].number == 1
    with (folder / kept.JOURNAL).open("a") as file:
        half = json.dumps({"at": stamp(5), **step(2, score=6)})
        file.write(half[:20])
        file.flush()
        assert board.look(NOW)[0].number == 1
        file.write(half[20:] + "\n")
    row, = board.look(NOW)
    assert (row.number, row.since, row.best) == (2, 5, 6)
    (folder / kept.JOURNAL).unlink()
    write(tmp_path, "ada", OPEN, step(4))
    assert board.look(NOW)[0].number == 4


def test_hostile_journals_and_names_harm_nothing(tmp_path, present):
    write(tmp_path, "x\x1b[2Jy", OPEN)  # no kiosk has made such a folder: it is nobody's
    write(tmp_path, "x", OPEN, step(3, step="\x1b]0;evil\x07", number="many", score=-5, of=10**30))
    folder = write(tmp_path, "bob", {"event": 7}, {"event": "step", "lab": [], "attempt": {}}, {"event": "open"})
    (folder / kept.JOURNAL).write_bytes(b"\xff\xfe\x00{[[[[\n" + b"[" * 9000 + b"\nnull\n")
    (tmp_path / kept.LEARNERS / "link").symlink_to("/etc")
    present |= {"bob", "x"}
    rows = Board(tmp_path).look(NOW)
    text = plain_rows(table(rows, 100))
    assert len(rows) == 2 and "\x1b" not in text and "\x07" not in text and "link" not in text


@pytest.mark.parametrize("cells", [60, 80, 120, 160])
def test_rows_fit_at_every_width(tmp_path, present, cells):
    for number in range(12):
        write(tmp_path, f"learner-with-a-long-name-{number}", OPEN, step(3, wrong=number), at=100 * number)
    present |= {f"learner-with-a-long-name-{number}" for number in range(9)}
    rows = Board(tmp_path).look(NOW)
    drawn = table(rows, cells)
    assert all(row_width(row) <= cells for row in drawn) and "stuck" in plain_rows(drawn)
    if cells >= 80:
        assert {"learner", "lab", "step", "points", "wrong"} <= {name for name, _ in columns(rows, cells)}
        assert {"hints", "labs"} <= {name for name, _ in columns(rows, cells)}
    assert "3/7" in plain_rows(drawn) and "3/10" in plain_rows(drawn)
    assert "wrong" in plain_rows(drawn[1:2])


def test_times_change_once_a_minute():
    assert [ago(0), ago(59), ago(60), ago(3600), ago(90_000)] == ["0 min", "0 min", "1 min", "1 h 00", "1 d"]


def test_a_table_and_json_for_scripts(tmp_path, present):
    write(tmp_path, "ada", OPEN, step(3))
    def ask(*more):
        return subprocess.run([*TCPLAB, "watch", str(tmp_path), *more], capture_output=True, text=True, check=False)
    done = ask("--once")
    assert done.returncode == 0 and "ada" in done.stdout and "3/7" in done.stdout and "1 away" in done.stdout
    learner, = json.loads(ask("--json").stdout)["learners"]
    assert (learner["student"], learner["state"], learner["lab"], learner["number"]) == ("ada", "away", "loss", 3)
    assert ask("--stuck", "soon", "--once").returncode == 2 and ask().returncode == 2
    gone = subprocess.run([*TCPLAB, "watch", str(tmp_path / "none"), "--once"], capture_output=True, text=True,
                          check=False)
    assert gone.returncode == 2 and "is not there" in gone.stderr


def test_the_screen_shows_who_moves_and_is_quiet_else(tmp_path, present, monkeypatch):
    from tcplab.kiosk.board_screen import WatchApp

    monkeypatch.setattr("tcplab.kiosk.board_screen.now", lambda: NOW)
    folder = write(tmp_path, "ada", OPEN, step(3))
    write(tmp_path, "ben", OPEN, step(4), at=10_000)
    present |= {"ada", "ben"}

    async def look() -> None:
        app = WatchApp(Board(tmp_path), terminal=Terminal())
        async with app.run_test(size=(100, 30)) as pilot:
            page = app.screen
            await pilot.pause()
            text = page.surface.text()
            assert "1 stuck" in text and text.index("ben") < text.index("ada") and "3/7" in text
            shown = []
            refresh = Surface.refresh
            monkeypatch.setattr(Surface, "refresh", lambda self, *a, **k: (shown.append(a), refresh(self, *a, **k))[1])
            page.look_again()
            assert page.surface.text() == text and not shown
            with (folder / kept.JOURNAL).open("a") as file:
                file.write(json.dumps({"at": stamp(1), **step(5)}) + "\n")
            page.look_again()
            assert "5/7" in page.surface.text() and shown
            await pilot.press("o", "down")
            text = page.surface.text()
            assert text.index("ada") < text.index("ben") and "by need" in text and "loss, attempt 1" in text
            await pilot.press("q")

    asyncio.run(look())
