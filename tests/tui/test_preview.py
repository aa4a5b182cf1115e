"""The preview of a lab that is being written: read anew at each save, at the same place, errors with their place."""

from __future__ import annotations

import os

import pytest

from tcplab.front.preview import Preview
from tcplab.grading.starting import template
from tcplab.tui.draw.runs import plain_rows, row_width
from tcplab.tui.previewing import Faults, PreviewApp, problem_rows
from tcplab.tui.screens.bench import Bench


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.setenv("TCPLAB_HOME", str(tmp_path / "home"))
    path = tmp_path / "mine.yaml"
    path.write_text(template("mine"))
    return path


def save(path, *changes) -> None:
    """Save the file with changes, a second later than before."""
    text = path.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    later = path.stat().st_mtime_ns + 10**9
    path.write_text(text)
    os.utime(path, ns=(later, later))


def test_the_place_is_kept_when_the_file_is_saved(file):
    preview = Preview(file, 3)
    assert preview.read() and not preview.changed()
    preview.session.execute("next")
    preview.session.execute("answer 1")
    preview.session.execute("client send 20; run until idle")
    at = preview.session.now
    save(file, ("title: Sent twice", "title: Once more"), ("Send the bytes with", "Please send the bytes with"))
    assert preview.changed() and preview.read()
    assert preview.session.now == at and preview.session.lab.step("twice").title == "Once more"
    assert preview.session.view().guide.feedback


def test_a_save_with_errors_leaves_the_session_and_names_the_place(file):
    preview = Preview(file)
    preview.read()
    session = preview.session
    save(file, ("goal: server.bytes_received == n", "goal: server.bytes_recieved == n"))
    assert not preview.read() and preview.session is session
    for cells in (40, 76, 116):
        rows = problem_rows(preview.problems, cells)
        assert all(row_width(row) <= cells for row in rows)
    text = plain_rows(rows)
    assert "bytes_received" in text and f"line {preview.problems[0].line}, column" in text
    lines = text.splitlines()
    mark = next(i for i, line in enumerate(lines) if "▲" in line)
    assert lines[mark - 1][lines[mark].index("▲"):].startswith("bytes_recieved")


async def test_the_screen_follows_the_file_through_an_error_and_back(file):
    preview = Preview(file)
    preview.read()
    app = PreviewApp(preview)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert isinstance(app.screen, Bench)
        await pilot.press("n")
        save(file, ("about: server ACK", "abaut: server ACK"))
        app.glance()
        await pilot.pause()
        assert isinstance(app.screen, Faults) and "about" in app.screen.surface.text()
        await pilot.press("escape")
        await pilot.pause()
        assert "mine.yaml has an error in line" in app.screen.surface.text()
        save(file, ("abaut: server ACK", "about: server ACK"), ("What will come back?", "Which number?"))
        app.glance()
        await pilot.pause()
        assert isinstance(app.screen, Bench) and "Which number?" in app.screen.surface.text()
        assert app.session.guide.plan.id == "foretell"
        await pilot.press("escape", "q")
        await pilot.pause()
    assert app.return_code == 0 and not (file.parent / "home").exists()


async def test_a_file_that_is_broken_from_the_start_is_waited_for(file):
    save(file, ("tcplab: 1", "tcplab: one"))
    preview = Preview(file)
    assert not preview.read()
    app = PreviewApp(preview)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert isinstance(app.screen, Faults)
        save(file, ("tcplab: one", "tcplab: 1"))
        app.glance()
        await pilot.pause()
        assert isinstance(app.screen, Bench)
