"""The home screen: chapters, prerequisites, resuming, resetting, the ways that were walked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tcplab.front import opening
from tcplab.lab.loader import list_labs
from tcplab.lab.progress import load_progress, record_progress
from tcplab.tui import app as app_module
from tcplab.tui.draw.home import Item, home_rows
from tcplab.tui.draw.runs import plain_rows, row_width
from tcplab.tui.screens.home import Home
from tcplab.tui.screens.your_ways import YourWays, ways_parts
from tests.tui.screens import SIZES


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("TCPLAB_HOME", str(tmp_path))


def course(done: int = 0) -> list[Item]:
    labs = []
    for number in range(1, 31):
        mark = "done" if number <= done else "open" if number == done + 1 else "later"
        labs.append(Item("lab", f"lab{number}", f"The lesson {number}", "About it.", 10, number, mark,
                         5 if number <= done else 0, 8 if number <= done else 0,
                         needs=((f"The lesson {number - 1}", number <= done + 1),) if number > 1 else (),
                         chapter=f"Chapter {(number + 4) // 5}"))
    return [*labs, Item("sandbox", "sandbox", "The sandbox")]


def text_of(items, picked, cells, lines, **more) -> str:
    rows = home_rows(items, picked, "", cells, lines - 3, **more)
    assert len(rows) == lines - 3 and all(row_width(row) == cells for row in rows)
    return plain_rows(rows)


@pytest.mark.parametrize(("cells", "lines"), SIZES)
def test_thirty_labs_are_scrolled_with_the_highlighted_one_in_sight(cells, lines):
    items = course(6)
    for picked in range(len(items)):
        text = text_of(items, picked, cells, lines)
        assert text.count("▸") == 1
        assert items[picked].title in next(line for line in text.splitlines() if "▸" in line)
        assert lines >= 48 or "┃" in text
    assert "Chapter 1" in text_of(items, 0, cells, lines)


def test_what_a_lab_builds_on_is_told_and_nothing_is_locked():
    items = course(2)
    text = text_of(items, 5, 160, 48)
    assert "It builds on" in text and "○ The lesson 5" in text
    assert "Nothing is locked" in text and "enter skips ahead to it" in text
    ready = text_of(items, 2, 80, 24)
    assert "✓ The lesson 2" in ready and "Nothing is locked" not in ready and "enter opens it" in ready


def test_totals_are_told_once_there_are_any():
    assert "enter opens the lab" in text_of(course(0), 0, 80, 24, walked=(0, 21))
    text = text_of(course(6), 0, 80, 24, walked=(5, 21))
    assert "6 of 30 labs · 30 points · 5 of 21 state changes · 4 h 00 min to go" in text
    assert "5 of 5" not in text and "1 of 5" in text_of(course(6), 6, 120, 48)


def test_the_course_has_chapters_and_needs_only_what_stands_before():
    entries = [entry for entry in list_labs() if entry.id != "sandbox"]
    chapters = list(dict.fromkeys(entry.chapter for entry in entries))
    assert "" not in chapters and 5 <= len(chapters) <= 9
    for place, entry in enumerate(entries):
        before = {other.id for other in entries[:place]}
        assert set(entry.needs) <= before, entry.id
        assert sum(other.chapter == entry.chapter for other in entries) > 1 or entry is entries[-1]
    runs = [entry.chapter for place, entry in enumerate(entries)
            if not place or entries[place - 1].chapter != entry.chapter]
    assert len(runs) == len(chapters)


async def press(pilot, *names) -> str:
    for name in names:
        await pilot.press(name)
        await pilot.pause()
    return pilot.app.screen.surface.text()


async def test_a_reset_is_asked_for_twice_and_the_half_way_recording_is_left_alone():
    session = opening.open_session("handshake", seed=4)
    session.execute("next; client connect server 80")
    opening.keep_progress(session)
    opening.end_recording(session)
    half = opening.unfinished("handshake")
    assert half is not None and ("CLOSED", "SYN-SENT") in load_progress().walked
    app = app_module.TcplabApp(None)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert isinstance(app.screen, Home) and app.screen.items[app.screen.picked].id == "handshake"
        assert "goes on where you stopped" in app.screen.surface.text()
        assert "x again forgets" in await press(pilot, "x")
        assert "x again" not in await press(pilot, "down", "up")
        await press(pilot, "x")
        assert load_progress().of("handshake").done
        text = await press(pilot, "x")
        assert "Its recordings are kept" in text and "goes on where you stopped" not in text
    assert half.exists() and opening.unfinished("handshake") is None
    assert load_progress().of("handshake").done == () and ("CLOSED", "SYN-SENT") in load_progress().walked


async def test_where_one_stopped_last_is_highlighted():
    record_progress("handshake", score=1, max_score=18, finished=True)
    session = opening.open_session("window", seed=4)
    first = session.guide.plan.id
    session.execute("next")
    path, n = session.recording_path, session.timeline.n
    opening.end_recording(session)  # which lets go of the file
    app = app_module.TcplabApp(None)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert app.screen.items[app.screen.picked].id == "window"
        text = await press(pilot, "enter")
        assert app.session is not None, text
        assert app.session.recording_path == path and app.session.timeline.n == n and app.session.guide.plan.id != first


async def test_the_ways_over_all_labs_are_shown_and_closed():
    record_progress("a", score=0, max_score=1, walked=[("CLOSED", "LISTEN"), ("no", "state")])
    app = app_module.TcplabApp(None)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        assert "1 of 21 state changes" in app.screen.surface.text()
        text = await press(pilot, "w")
        assert isinstance(app.screen, YourWays) and "1 of 21 state changes" in text and "passive open" in text
        await press(pilot, "escape")
        assert isinstance(app.screen, Home)


@pytest.mark.parametrize(("cells", "lines"), SIZES)
def test_the_picture_of_the_ways_fills_every_size(cells, lines):
    from tcplab.graph.fsm import drawn_edges

    for walked in ((), drawn_edges()[:7], drawn_edges()):
        parts = ways_parts(walked, cells, lines)
        assert sum(box.height for box, _ in parts) == lines
        for box, rows in parts:
            assert len(rows) == box.height and all(row_width(row) == cells for row in rows)
    assert "all there are" in plain_rows(parts[2][1])


def test_a_students_next_attempt_has_other_numbers():
    seeds = []
    for student in ("ada", "Ada"):
        session = opening.open_session("handshake", student=student)
        seeds.append((session.attempt, session.seed))
        session.execute("next; client connect server 80")
        opening.end_recording(session)
    assert [attempt for attempt, _ in seeds] == [1, 2] and seeds[0][1] != seeds[1][1]
    looked = opening.open_session("window", student="ada")
    opening.end_recording(looked)
    assert opening.open_session("window", student="ada").attempt == 1  # nothing was done in it


def test_attempts_recorded_into_a_folder_of_ones_own_count(tmp_path):
    attempts = []
    for name in ("a/tum-1.jsonl", "a/tum-2.jsonl", "b/tum-3.jsonl"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        session = opening.open_session("handshake", student="tum", record=tmp_path / name)
        session.execute("next; client connect server 80")
        opening.keep_progress(session)
        opening.end_recording(session)
        attempts.append(session.attempt)
    attempts.append(opening.open_session("handshake", student="TUM").attempt)
    attempts.append(opening.open_session("handshake", student="bob", record=tmp_path / "a/bob.jsonl").attempt)
    assert attempts == [1, 2, 3, 4, 1]


def test_names_and_time_stand_beside_a_lab():
    items = course(2)
    items[0] = replace(items[0], seconds=7 * 60 + 20)
    wide = text_of(items, 0, 160, 48)
    assert "lab1" in next(line for line in wide.splitlines() if "▸" in line) and "7 min spent" in wide
    small = text_of(items, 0, 80, 24)
    assert "tcplab open lab1" in small and "about 10 min, you spent 7 min" in small


async def test_the_help_names_marks_and_own_keys():
    app = app_module.TcplabApp(None)
    async with app.run_test(size=(80, 48)) as pilot:
        await pilot.pause()
        text = await press(pilot, "question_mark")
        assert "with points still to win" in text and "forget what you reached" in text
        await press(pilot, "escape", "w")
        assert "heavy arrow" in await press(pilot, "question_mark")
        await press(pilot, "escape", "escape")
        assert isinstance(app.screen, Home)


def test_pauses_are_no_work(tmp_path):
    from tcplab.front.survey import survey, told

    path = tmp_path / "r.jsonl"
    lines = ['{"lab":{"id":"data"},"seed":4}', *(f'{{"t_ns":0,"n":0,"at":"2026-01-01T{at}Z","cmd":"next"}}'
             for at in ("10:00:00", "10:05:00", "11:00:00", "11:00:30", "10:59:00"))]
    path.write_text("\n".join(lines) + "\n")
    standing = survey([path, tmp_path / "none"], {})["data"]
    assert standing == (path, 330) and survey([path], {"data": str(path)})["data"].stopped is None
    assert survey([path], {}, seed=5)["data"].stopped is None
    path.write_text("no recording")
    assert told(path) is None


@pytest.mark.parametrize(("cells", "lines"), SIZES)
@pytest.mark.parametrize("ascii", [False, True])
def test_steps_and_picture_find_room_beside_the_list_or_are_left_out(cells, lines, ascii):
    from tcplab.tui.draw.home_side import StepLine, Walked, side_rows

    steps = [StepLine(f"The title of step {number}", number % 3, number < 5) for number in range(1, 13)]
    walked = Walked((("CLOSED", "LISTEN"), ("LISTEN", "SYN-RECEIVED")), 21)
    text = text_of(course(3), 4, cells, lines, side=lambda wide, high: side_rows(steps, walked, wide, high, ascii))
    assert ("Its steps   4 of 12 done" in text) == (cells >= 100)
    assert ("State changes   2 of 21" in text) == (cells >= 160)
    if cells >= 160:
        assert "The title of step 12" in text and "ESTAB" in text and "1 point " in text and "2 points" in text
    for high in range(40):
        for wide in (30, 50, 85):
            rows = side_rows(steps, walked, wide, high, ascii)
            assert len(rows) <= high and all(row_width(row) <= wide for row in rows)


async def test_the_steps_of_a_lab_are_read_when_the_cursor_rests_on_it(monkeypatch):
    from tcplab.tui.screens import home as home_module

    monkeypatch.setattr(home_module, "REST", 1000)
    record_progress("handshake", score=2, max_score=16, done=["welcome"])
    app = app_module.TcplabApp(None)
    async with app.run_test(size=(160, 48)) as pilot:
        await pilot.pause()
        # The first picture does not wait for them.
        assert app.screen.items and not app.screen.steps
        app.screen.look()
        assert "Its steps   1 of 12 done" in app.screen.surface.text() and list(app.screen.steps) == ["handshake"]
        await pilot.press("down", "down")
        assert "Its steps" not in app.screen.surface.text() and list(app.screen.steps) == ["handshake"]
        app.screen.rest.stop()
        app.screen.look()
        assert "Its steps" in app.screen.surface.text() and list(app.screen.steps) == ["handshake", "data"]
        await pilot.press("end")
        await pilot.pause()
        assert "State changes" in app.screen.surface.text()


async def test_the_sandbox_is_gone_on_with_and_looking_leaves_nothing():
    app = app_module.TcplabApp(None)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        home = app.screen
        await press(pilot, "enter", "escape", "q")
        assert not opening.recordings(9), "a look is no session"
        home.picked = next(index for index, item in enumerate(home.items) if item.kind == "sandbox")
        await press(pilot, "enter", "escape", "l", "q")
        (kept,) = opening.recordings(9)
        text = await press(pilot)
        assert home.items[home.picked].id == "sandbox" and "q leave" in text and "goes on where you stopped" in text
        home.draw()
        await press(pilot, "enter")
        assert app.session.recording_path == kept[0] and app.session.view().hosts[1].listening
        await press(pilot, "escape", "q", "r")
        assert app.session.recording_path != kept[0] and not app.session.view().hosts[1].listening


async def test_home_returns_to_the_lab_just_left_by_whatever_way_it_was_opened():
    app = app_module.TcplabApp(None)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        home = app.screen
        app.open_next("resets")
        await press(pilot, "escape", "q")
        assert home.items[home.picked].id == "resets"
