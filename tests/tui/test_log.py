"""The log's page: columns at every width, filter, pins, times, copying, and 100,000 rows."""

from __future__ import annotations

import pytest

from tcplab import Session
from tcplab.session.player import lab_of, play_recording
from tcplab.session.recording import read_recording
from tcplab.tui.desk import Desk
from tcplab.tui.draw.runs import plain, row_width
from tcplab.tui.draw.segment_line import log_line, note_words
from tcplab.tui.screens.bench import Bench
from tcplab.tui.terminal import probe
from tests.tui.screens import SIZES, Clock, app_for, drawn
from tests.tui.test_touch import press

TALK = ("server listen 80; client connect server 80; run until idle; link drop next client DATA; client send 1kB; "
        "run until idle")
HOSTS = ("client", "server")

#: The log's own keys: what `test_app` wants to see proven of each, proven below.
PROOFS = {"pin": "★", "next_pin": "★", "to_time": "0.25", "copy": "copied", "copy_all": "copied"}


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("TCPLAB_HOME", str(tmp_path))


def desk_of(*lines: str, record=None, lab: str = "sandbox") -> Desk:
    session = Session.open(lab, seed=1, record=record)
    for line in (TALK, *lines):
        assert all(outcome.ok for outcome in session.execute(line)), line
    desk = Desk(session, clock=Clock())
    press(desk, "2")
    return desk


@pytest.mark.parametrize("cells", [60, 80, 120, 160])
@pytest.mark.parametrize("profile", ["first-lessons", "modern"])
def test_a_row_fits_its_width_and_says_who_what_and_why(cells, profile):
    session = Session.open("sandbox", seed=1)
    session.execute(f"client set profile {profile}; server set profile {profile}; " + TALK)
    desk = Desk(session)
    for entry in desk.story.entries:
        row = log_line(entry, desk.story, False, HOSTS, cells, False)
        text = plain(row)
        assert row_width(row) == cells and f"#{entry.rec.id}" in text and f"[{entry.rec.segment.letters}]" in text
        if entry.notes and cells >= 80:
            assert text.rstrip("… ").endswith(("]", entry.notes[-1].text, entry.notes[-1].short)) or \
                entry.notes[0].short[:8] in text


def test_notes_give_way_by_their_ends_first():
    entry = next(e for e in desk_of().story.entries if len(e.notes) == 1 and e.notes[0].code == "dup-ack")
    assert plain(note_words(entry, 40)) == "dup ACK #1: says the same again"
    assert plain(note_words(entry, 15)) == "dup ACK #1"


@pytest.mark.parametrize("size", SIZES)
def test_the_page_is_drawn_at_every_size(size):
    desk = desk_of()
    text = drawn(desk, *size)
    assert "[.]" in text
    press(desk, "z", "g")
    assert "#1 " in drawn(desk, *size)


# -- filter -----------------------------------------------------------------------------------------------------


def filtered(desk: Desk, text: str) -> list[int]:
    press(desk, "/", *text, "enter")
    while desk.log.busy:
        desk.tick()
    return [entry.rec.id for entry in desk.log.rows]


def test_the_filter_is_a_match():
    desk = desk_of()
    everything = [e.rec for e in desk.story.entries]
    assert filtered(desk, "client DATA repeated") == [r.id for r in everything if r.repeated]
    press(desk, "escape")
    assert filtered(desk, "any where src == 'client' and len > 50") == [
        r.id for r in everything if r.src == "client" and len(r.segment.payload) > 50]
    press(desk, "escape")
    assert filtered(desk, "any lost") == [4]


def test_an_error_in_a_filter_points_at_its_place_and_keeps_what_was_typed():
    desk = desk_of()
    press(desk, "/", *"client DATE", "enter")
    assert desk.mode == "filter" and desk.line.text == "client DATE" and desk.line.cursor == 7
    assert "did you mean" in desk.message.lower() and "(column 8)" in desk.message
    press(desk, "escape")
    press(desk, "/", *"any where len >", "enter")
    assert desk.mode == "filter" and desk.line.cursor >= 10


def test_what_is_lost_after_it_was_tested_still_comes_through():
    desk = desk_of()
    press(desk, "/", *"any lost", "enter")
    desk.session.execute("link hold on; client send 100; link drop all")
    desk.refresh()
    assert [e.fate for e in desk.log.rows] == ["lost", "lost"]
    desk.session.execute("back 1")
    desk.refresh()
    assert len(desk.log.rows) == 1


def test_leaving_the_filter_keeps_the_row():
    desk = desk_of()
    filtered(desk, "client DATA repeated")
    press(desk, "g")
    number = desk.log.entry.rec.id
    press(desk, "/", *["backspace"] * 40, "enter")
    assert desk.log.filter_text == "" and desk.log.entry.rec.id == number


# -- pins and times ---------------------------------------------------------------------------------------------


def test_pins_come_and_go_and_are_found_again():
    desk = desk_of()
    press(desk, "g", "down", "p", "down", "down", "p", "G", "P")
    assert desk.log.entry.rec.id == 2
    press(desk, "P")
    assert desk.log.entry.rec.id == 4 and drawn(desk).count("★") >= 1
    press(desk, "P", "p", "P")
    assert desk.log.entry.rec.id == 4
    press(desk, "p", "P")
    assert "no row that is shown has a pin" in desk.message.lower()


def test_the_recording_keeps_the_pins(tmp_path):
    path = tmp_path / "r.jsonl"
    desk = desk_of(record=path)
    press(desk, "g", "down", "p")
    desk.leave()
    desk.session.recorder.abandon()
    recording = read_recording(path)
    assert play_recording(recording, lab_of(recording)).pins == {(2, 50_000_000)}


def test_a_pin_belongs_to_its_segment_and_not_to_its_number():
    desk = desk_of()
    press(desk, "G", "p")
    number = max(n for n, _ in desk.session.pins)
    desk.session.execute("seek 1ms; run 500ms; client send 500; run until idle")
    desk.refresh()
    assert number in desk.story.by_id and "★" not in drawn(desk)
    assert not desk.session.execute("pin #999")[0].ok


@pytest.mark.parametrize(("typed", "number"), [("0.2", 14), ("200ms", 14), ("0.16s", 14), ("99", None), ("0", 1)])
def test_to_the_row_of_a_time(typed, number):
    desk = desk_of()
    press(desk, "at", *typed, "enter")
    assert desk.mode == "keys" and desk.log.entry.rec.id == (number or desk.story.entries[-1].rec.id)


def test_a_time_that_is_none_can_be_mended():
    desk = desk_of()
    press(desk, "at", *"soon", "enter")
    assert desk.mode == "at" and desk.line.text == "soon" and desk.message_style == "warn"
    press(desk, "escape")
    assert desk.mode == "keys"


# -- copying ----------------------------------------------------------------------------------------------------


async def test_a_row_or_all_of_them_are_copied_and_it_is_said_where(tmp_path, monkeypatch):
    desk = desk_of()
    app = app_for(desk.session)
    handed: list[str] = []
    monkeypatch.setattr(app, "copy_to_clipboard", handed.append)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        await pilot.press("2", "g", "y")
        await pilot.pause()
        assert isinstance(app.screen, Bench)
        (line,) = handed[0].splitlines()
        assert "client > server: Flags [S], seq" in line and "arrived at 0.050" in line
        assert (tmp_path / "copied.txt").read_text() == handed[0]
        assert "1 row copied to the terminal's clipboard" in app.bench.desk.message
        await pilot.press("Y")
        await pilot.pause()
        assert handed[1].count("\n") == len(desk.story.entries)


async def test_where_there_is_no_clipboard_or_no_folder_that_is_said(tmp_path, monkeypatch):
    app = app_for(desk_of().session, clipboard=False)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        await pilot.press("2", "Y")
        await pilot.pause()
        message = app.bench.desk.message
        assert str(tmp_path / "copied.txt") in message and "no clipboard" in message
        monkeypatch.setenv("TCPLAB_HOME", str(tmp_path / "copied.txt"))
        await pilot.press("Y")
        await pilot.pause()
        assert "Nothing was copied: cannot write" in app.bench.desk.message
    assert not probe({"TERM": "linux", "LANG": "C.UTF-8"}).clipboard and probe({"TERM": "xterm"}).clipboard


def test_what_is_copied_has_no_control_characters():
    from tcplab.tui.copying import text_of

    desk = desk_of(r'client send "\x1b[2J\x07boom"; run until idle')
    text = text_of(desk, desk.log.rows)
    assert all(char == "\n" or char.isprintable() for char in text)


def test_a_blank_parts_the_fate_from_the_options():
    session = Session.open("sandbox", seed=1)
    session.execute("client set profile modern; server set profile modern; server listen 80; "
                    "client connect server 80; run until idle; client send 100; run 1ms")
    desk = Desk(session)
    entry = desk.story.entries[-1]
    assert "on its way  [TS " in plain(log_line(entry, desk.story, False, HOSTS, 160, False))
