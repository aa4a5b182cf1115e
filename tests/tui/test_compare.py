"""Two futures side by side: read in slices, the same axes, the first difference, and the way to the other one."""

from __future__ import annotations

import pytest

from tcplab.front import compare, opening
from tcplab.front.compare import VIEWS, Comparison
from tcplab.session.session import Session
from tcplab.tui.draw.futures import comparison_rows
from tcplab.tui.draw.runs import ascii_text, plain, plain_rows, row_width
from tcplab.tui.screens.bench import Bench
from tcplab.tui.screens.compare import Compare
from tests.tui.screens import SIZES, app_for

HOSTS = ("client", "server")


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("TCPLAB_HOME", str(tmp_path))
    monkeypatch.setattr(opening, "keep_progress", lambda session: None)


def two_futures(more: str = "") -> Session:
    """One run that loses a segment and repairs it, one that does not."""
    session = Session.open("sandbox", seed=1)
    lines = ("client set congestion reno; server listen 80; client connect server 80; run until idle",
             "link drop next client DATA where seq > client.iss + 500; client send 3kB; run until idle",
             "back to loss; back; link clear; run until idle; server close; run until idle", more)
    for line in lines:
        for outcome in session.execute(line) if line else ():
            assert outcome.ok, outcome
    return session


def compared(session: Session) -> Comparison:
    found = Comparison(session, HOSTS)
    while not found.read():
        pass
    return found


@pytest.mark.parametrize("cells, lines", SIZES)
def test_every_view_fills_every_size(cells, lines):
    found = compared(two_futures())
    for index, name in enumerate(VIEWS):
        found.view = index
        for ascii in (False, True):
            rows = comparison_rows(found, cells, lines - 2, False, ascii)
            assert len(rows) == lines - 2 and all(row_width(row) == cells for row in rows), name
            if ascii:
                assert all(ascii_text(plain(row)).isascii() for row in rows)
        text = plain_rows(rows)
        assert "main" in text and "try1" in text


def test_ladders_begin_shortly_before_they_part_and_scroll_together():
    found = compared(two_futures())
    text = plain_rows(comparison_rows(found, 80, 22))
    assert "#13" in text and "✗" in text and "The link is made perfect" in text and "#1 " not in text
    left, right = next(line.split(" │ ", 2)[0:1] + [line[41:]] for line in text.splitlines() if "#13" in line)
    assert "✗" not in left and "✗" in right
    found.scroll(-1000)
    assert "#1 SYN" in plain_rows(comparison_rows(found, 80, 22))
    found.scroll(10**6)
    assert "nothing more was sent" in plain_rows(comparison_rows(found, 80, 22))


def test_what_both_share_is_pale():
    found = compared(two_futures())
    rows = comparison_rows(found, 80, 22)
    shared = next(row for row in rows if "#11" in plain(row))
    parted = next(row for row in rows if "#13" in plain(row))
    assert {style for text, style in shared if "#11" in text} == {"faint"}
    assert all(style != "faint" for text, style in parted if "#13" in text)


def test_plots_share_their_axes():
    found = compared(two_futures())
    for name in VIEWS[1:-1]:
        one, other = found.plots(name, 80)
        assert (one.x0, one.x1, one.y0, one.y1) == (other.x0, other.x1, other.y0, other.y1), name


def test_figures_tell_what_differs():
    found = compared(two_futures())
    found.view = len(VIEWS) - 1
    text = plain_rows(comparison_rows(found, 120, 30))
    lost = next(line for line in text.splitlines() if "lost on the link" in line)
    assert lost.count("≠") == 2 and lost.split("│")[0].split()[-1] == "0" and lost.split()[-1] == "1"
    taken = next(line for line in text.splitlines() if "server: bytes in order" in line)
    assert "≠" not in taken and taken.count("3 kB") == 2


def test_a_beginning_of_the_other_does_not_part():
    session = two_futures("branch later; client close; run until idle")
    found = compared(session)
    found.choose(found.names.index("main") - found.chosen)
    while not found.read():
        pass
    assert found.there.name == "main"
    assert found.difference(found.there) == "nothing more so far" and "CLOSE" in found.difference(found.here)


def test_a_long_run_is_read_in_slices(monkeypatch):
    monkeypatch.setattr(compare, "SLICE", 50)
    found = Comparison(two_futures(), HOSTS)
    found.view = 1
    found.read()
    assert 0 < found.share < 1000 and "reading" in plain_rows(comparison_rows(found, 80, 22))
    reads = 1
    while not found.read():
        reads += 1
    assert found.share == 1000 and reads > 3


async def test_b_compares_and_enter_goes_to_the_other_future():
    session = two_futures("branch extra; client close; run until idle")
    there = session.branches
    app = app_for(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("B")
        await pilot.pause()
        assert isinstance(app.screen, Compare)
        seen = set()
        for _ in VIEWS:
            seen.add(app.screen.surface.text())
            await pilot.press("tab")
            await pilot.pause()
        assert len(seen) == len(VIEWS)
        first = app.screen.found.there.name
        await pilot.press("right", "down", "pagedown", "g")
        await pilot.pause()
        name = app.screen.found.there.name
        assert name != first and f"go to {name}" in app.screen.surface.text()
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(app.screen, Bench) and there.name == name and "extra" in there.names
        text = app.screen.surface.text()
        assert f"this is {name}" in text and f"{name}  ×1" in text.splitlines()[0]
        await pilot.press("B", "escape")
        await pilot.pause()
        assert isinstance(app.screen, Bench) and there.name == name


async def test_a_question_lets_one_compare_but_not_leave():
    from tests.session.test_guide import PREDICT, do, open_lab

    session = do(open_lab(PREDICT), "branch other", "branch main", "next", "client connect server 80")
    app = app_for(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("escape", "B", "enter")
        await pilot.pause()
        assert session.branches.name == "main" and session.question_open()
        assert "time stands still" in app.screen.surface.text()
