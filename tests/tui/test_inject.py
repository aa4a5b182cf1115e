"""The inject editor: typical segments, fields and notation that say the same, errors with their place, no code run."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tcplab import Session
from tcplab.notation.scapyish import parse_segment
from tcplab.session.recording import read_recording
from tcplab.tcp.segment import Segment
from tcplab.tui.connections import Chosen
from tcplab.tui.crafting import FIELDS, Crafting, fields_of, notation
from tcplab.tui.draw.inject_form import inject_rows, more_rows
from tcplab.tui.draw.runs import plain, plain_rows, row_width
from tests.tui.screens import app_for
from tests.tui.test_touch import OPENED, bench


def crafting(*lines: str, source: int = 0) -> Crafting:
    desk = bench(*lines)
    return Crafting(desk.view.hosts, desk.chosen, source)


def to(c: Crafting, name: str) -> None:
    """The cursor to a field, or to the notation."""
    names = ["from", "preset", *(field for field, _ in FIELDS), "notation"]
    c.row = names.index(name)


def put(c: Crafting, name: str, text: str) -> None:
    to(c, name)
    c.key("end", None)
    c.key("ctrl+u", None)
    for char in text:
        assert c.key(char, char)


#: What RFC 9293 and RFC 5961 answer: preset -> (the server's state afterwards, does it send anything?).
ANSWERS = {
    "a blind RST": ("ESTABLISHED", True), "an exact RST": ("CLOSED", False),
    "a RST outside the window": ("ESTABLISHED", False), "a SYN in the window": ("ESTABLISHED", True),
    "an old duplicate": ("ESTABLISHED", True), "data outside the window": ("ESTABLISHED", True),
    "data that fits": ("ESTABLISHED", True), "data after a hole": ("ESTABLISHED", True),
    "an ACK of the future": ("ESTABLISHED", True), "a FIN": ("CLOSE-WAIT", True),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_each_typical_segment_meets_the_answer_that_its_clause_names(name):
    desk = bench("client send 50; run until idle")
    c = Crafting(desk.view.hosts, desk.chosen, 0)
    assert [preset.name for preset in c.presets] == list(ANSWERS)
    c.key("up", None)
    c.key("down", None)
    while c.chosen.name != name:
        assert c.key("right", None)
    before = desk.session.trace[-1].t
    (outcome,) = desk.session.execute(c.command())
    assert outcome.ok
    desk.session.execute("run 80ms")
    state, answers = ANSWERS[name]
    server = desk.session.view().hosts[1].newest.tcb
    sent = [e for e in desk.session.trace if e.kind == "sent" and e.host == "server" and e.t > before]
    assert (server.state, bool(sent)) == (state, answers)


def test_without_a_connection_there_are_presets_for_the_listener():
    session = Session.open("sandbox")
    session.execute("server listen 8080")
    c = Crafting(session.view().hosts, Chosen(), 0)
    assert c.chosen.name == "a SYN" and c.editors["dport"].text == "8080" and "no such connection" in c.victim
    assert session.execute(c.command())[0].ok
    session.execute("run 60ms")
    assert session.view().hosts[1].newest.tcb.state == "SYN-RECEIVED"


def test_fields_write_the_notation_and_the_notation_fills_the_fields():
    c = crafting()
    put(c, "flags", "FPU")
    put(c, "payload", r"it's \x41")
    assert "flags='FPU'" in c.text.text and c.segment.payload == b"it's A"
    put(c, "notation", "TCP(flags='SA', seq=7, dport=99)/b'hi'")
    assert c.editors["flags"].text == "SA" and c.editors["dport"].text == "99" and c.editors["payload"].text == "hi"
    assert c.editors["src"].text == "10.0.0.1" and c.segment.seq == 7


@pytest.mark.parametrize(("name", "text", "column", "words"), [
    ("seq", "99999999999", "seq=", "does not fit"), ("flags", "SX", "flags=", "not a set of control bits"),
    ("seq", "__import__('os')", "seq=", "only literals"), ("src", "10.0.0", "src=", "is not an IP address"),
    ("ack", "", "ack=", "not scapy's notation"), ("window", "70000", "window=", "does not fit"),
])
def test_what_is_wrong_is_pointed_at(name, text, column, words):
    c = crafting()
    put(c, name, text)
    assert c.command() == "" and c.segment is None and words in c.error.message
    assert abs(c.error.column - c.text.text.index(column)) <= len(column) + 2
    rows = inject_rows(c, 80)[2]
    shown = plain_rows(rows)
    assert "▲" in shown and words in shown.replace("\n   ", " ")
    mark = next(plain(row) for row in rows if "▲" in plain(row)).index("▲")
    line = plain(rows[[plain(row) for row in rows].index(next(plain(r) for r in rows if "▲" in plain(r))) - 1])
    assert line[mark:mark + 1] == c.text.text[c.error.column:c.error.column + 1]


@given(st.text(max_size=60))
@settings(max_examples=150, deadline=None)
def test_whatever_is_typed_is_read_or_refused_and_never_run(text):
    c = Crafting(HOSTS, Chosen(), 0)
    c.row = c.NOTATION
    c.text.set("")
    c.paste(text)
    assert (c.segment is None) == bool(c.error) or c.error is None
    rows, _, verdict = inject_rows(c, 60)
    assert all(row_width(row) <= 60 for row in (*rows, *verdict))
    assert not any(ord(char) < 32 for row in (*rows, *verdict) for char in plain(row))


HOSTS = Session.open("sandbox").view().hosts


@given(st.binary(max_size=40), st.integers(0, 255), st.integers(0, 2**32 - 1))
@settings(max_examples=100, deadline=None)
def test_a_segment_survives_fields_and_notation(payload, flags, seq):
    segment = Segment("10.0.0.1", "10.0.0.2", 1, 2, seq, 5, flags, 100, payload)
    text = notation(fields_of(segment))
    assert parse_segment(text, Segment("10.9.9.9", "10.9.9.8", 7, 7, 0, 0, 0, 0)) == segment


async def test_injecting_by_key_is_the_command(tmp_path, monkeypatch):
    """The editor leaves the same line in the recording as typing the command; escape sequences stay text."""
    monkeypatch.setenv("TCPLAB_HOME", str(tmp_path))
    desk = bench(record=tmp_path / "hand.jsonl")
    app = app_for(desk.session)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("I", "down", "down", "down", "down", "down", *r'"\x1b]0;x\x07')
        await pilot.pause()
        shown = app.screen.surface.text()
        assert "inject it" in shown and "\x1b" not in shown
        await pilot.press("enter")
        await pilot.pause()
        assert app.screen is app.bench
        assert "RST" in app.bench.surface.text()
    app.keep()
    line = [row.cmd for row in read_recording(tmp_path / "hand.jsonl").lines if getattr(row, "cmd", None)][-1]
    assert line.startswith("inject from client ") and r"\\x1b" in line
    sent = [e.seg for e in desk.session.trace if e.kind == "sent" and e.seg.injected]
    assert sent[0].segment.payload == b'"\x1b]0;x\x07'
    other = bench()
    assert other.session.execute(line)[0].ok
    assert [e.seg.segment for e in other.session.trace if e.kind == "sent" and e.seg.injected] == [sent[0].segment]


async def test_what_is_wrong_is_seen_in_the_smallest_window(tmp_path, monkeypatch):
    monkeypatch.setenv("TCPLAB_HOME", str(tmp_path))
    app = app_for(bench().session)
    async with app.run_test(size=(60, 20)) as pilot:
        for presses in (("I", "down", "down", *"9" * 11), ("down",) * 9):
            await pilot.press(*presses)
            await pilot.pause()
            text = app.screen.surface.text()
            assert "does not fit" in text and "▲" in text and "▸" in text


def test_typing_replaces_a_field_just_come_to_and_arrows_edit_it():
    desk = bench()
    crafting = Crafting(desk.view.hosts, desk.chosen)
    seq = crafting.editors["seq"]
    old = seq.text
    for key in ("down", "down", "left"):
        crafting.key(key, None)
    crafting.key("1", "1")
    assert len(seq.text) == len(old) + 1, "edited where the cursor stands"
    for key in ("up", "down", "7", "8"):
        crafting.key(key, key if key.isdigit() else None)
    assert seq.text == "78" and crafting.segment.seq == 78
    for key in ("up", "down", "backspace"):
        crafting.key(key, None)
    assert seq.text == ""


async def test_escape_sends_nothing_and_bad_text_is_not_sent(tmp_path, monkeypatch):
    monkeypatch.setenv("TCPLAB_HOME", str(tmp_path))
    session = bench().session
    count = session.recorded
    app = app_for(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("I", "down", *"xyz", "enter")
        await pilot.pause()
        assert app.screen is not app.bench and "mend it first" in app.screen.surface.text()
        await pilot.press("escape")
        await pilot.pause()
        assert app.screen is app.bench
    assert session.recorded == count


@pytest.mark.parametrize("cells", [60, 80, 120])
def test_it_fits(cells):
    c = crafting()
    for row in range(c.NOTATION + 1):
        c.row = row
        rows, at, verdict = inject_rows(c, cells)
        assert verdict and all(row_width(r) <= cells for r in (*rows, *verdict)) and "▸" in plain(rows[at])
    assert OPENED


@pytest.mark.parametrize("cells", [50, 80, 120])
def test_what_the_receiver_expects_is_said_in_full(cells):
    c = crafting()
    text = " ".join(plain_rows(inject_rows(c, cells)[0]).split())
    assert c.victim in text and "will send" in c.victim and c.chosen.rfc in text


@pytest.mark.parametrize("cells", [60, 120])
def test_a_large_window_shows_all_typical_segments_and_the_bytes(cells):
    from tcplab.tcp.wire import encode

    c = crafting()
    assert more_rows(c, cells, 3) == []
    rows = more_rows(c, cells, 40)
    text = plain_rows(rows)
    assert len(rows) <= 40 and all(row_width(row) <= cells for row in rows)
    assert all(preset.name in text for preset in c.presets)
    assert encode(c.segment)[-8:].hex(" ") in " ".join(text.split())
    c.text.set("IP(")
    c.key("down", None)
    put(c, "flags", "?")
    assert c.segment is None and "bytes" not in plain_rows(more_rows(c, cells, 40))
