"""A segment under the glass: what is said of it is what was so; its bytes; its keys."""

from __future__ import annotations

import pytest

from tcplab.front import opening
from tcplab.tui.draw.inspector import before_after, why_rows
from tcplab.tui.draw.packet import dump_rows, field_rows, flat, meaning_rows
from tcplab.tui.draw.runs import plain, plain_rows, row_width
from tcplab.tui.inspection import Inspection
from tcplab.tui.screens.bench import Bench
from tcplab.tui.screens.inspector import Inspector
from tests.support.stories import made, story_of
from tests.tui.screens import app_for

HOSTS = ("client", "server")
TALK = ("server listen 80; client connect server 80; run until idle; link drop next client DATA; client send 1kB; "
        "run until idle")


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("TCPLAB_HOME", str(tmp_path))
    monkeypatch.setattr(opening, "keep_progress", lambda session: None)


def look(session, number: int) -> Inspection:
    story = story_of(session)
    return Inspection(story.by_id[number], story, session.trace, session)


def text_of(session, number: int, cells: int = 100, hidden: frozenset[str] = frozenset()) -> str:
    rows = why_rows(look(session, number), False, HOSTS, hidden, cells)
    assert all(row_width(row) <= cells for row in rows)
    return plain_rows(rows)


@pytest.mark.parametrize("cells", [57, 79, 120])
def test_the_why_of_a_fast_retransmission(cells):
    session = made(TALK)
    again = next(e.seg.id for e in session.trace if e.seg is not None and e.seg.repeated)
    text = " ".join(text_of(session, again, cells).split())
    assert "fast retransmit: third dup ACK [RFC 5681 3.2]" in text
    assert "The third duplicate ACK says that" in text and "is sent again without waiting for the timer" in text
    assert "client's variables, before → after sending" in text and "DupAcks 2 → 3" in text
    assert "server's variables, before → after its arrival" in text and "holes 1 → 0" in text
    assert "It answers with #" in text


def test_before_and_after_are_the_values_of_the_endpoint():
    session = made(TALK)
    syn = look(session, 1)
    lines = {name: (was, now) for name, was, now, _ in before_after(*syn.sending.tcbs("client", 1), False,
                                                                      frozenset(), 0)}
    tcb = session.view().hosts[0].newest.tcb
    assert lines["ISS"] == ("–", str(tcb.iss)) and lines["SND.NXT"] == ("–", str(tcb.iss + 1))
    hidden = before_after(*syn.sending.tcbs("client", 1), False, frozenset({"ISS"}), 0)
    assert "ISS" not in [name for name, *_ in hidden]


def test_segments_sent_by_one_step_say_so():
    session = made(TALK)
    assert "The same step sent #5 to #13." in text_of(session, 4)


def test_the_lost_and_the_discarded_are_explained():
    session = made(TALK)
    assert "the link lost it" in text_of(session, 4) and "A rule told the link to drop it" in text_of(session, 4)
    hurt = made("server listen 80; link corrupt next any; client connect server 80; run until idle")
    assert "server discarded it" in text_of(hurt, 1)


def test_fields_bytes_and_meaning_belong_together():
    packet = look(made(TALK), 1).packet
    for cursor, (_, field) in enumerate(flat(packet)):
        rows, at = field_rows(packet, cursor, 60, True)
        assert plain(rows[at]).startswith("▸") and field.name[:13] in plain(rows[at])
        lit = "".join(text for row in dump_rows(packet, cursor, 75, 9) for text, style in row if "on-key" in style)
        assert lit.startswith(packet.data[field.start:field.end].hex(" ")[:2])
        assert field.meaning[:20] in " ".join(plain_rows(meaning_rows(packet, cursor, 79)).split())
    assert "✓ right" in plain_rows(field_rows(packet, 0, 60, True)[0])


def test_a_damaged_packet_shows_its_damage():
    session = made("server listen 80; client connect server 80; run until idle; link corrupt next client DATA; "
                   "client send 1kB; run until idle")
    number = next(e.seg.id for e in session.trace if e.kind == "corrupted")
    packet = look(session, number).packet
    rows = plain_rows(field_rows(packet, 0, 100, True)[0])
    assert "✗ WRONG" in rows and "The receiver discards it" in rows


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 36), (160, 48)])
async def test_the_inspector_opens_turns_and_goes_to_neighbours(size):
    app = app_for(made(TALK))
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        await pilot.press("2", "g", "enter")
        await pilot.pause()
        assert isinstance(app.screen, Inspector)
        text = app.screen.surface.text()
        assert "Segment #1" in text and "client → server" in text and "sent it" in text
        await pilot.press("tab")
        await pilot.pause()
        text = app.screen.surface.text()
        assert "chksum" in text or size[1] == 20
        assert "▸" in text and "1b" in text
        await pilot.press("down", "right")
        await pilot.pause()
        assert "Segment #2" in app.screen.surface.text()
        await pilot.press("left", "left")
        await pilot.pause()
        assert "This is the first one." in app.screen.surface.text()
        await pilot.press("right", "escape")
        await pilot.pause()
        assert isinstance(app.screen, Bench) and app.bench.desk.log.entry.rec.id == 2


async def test_from_a_segment_to_its_moment():
    app = app_for(made(TALK))
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        await pilot.press("2", "g", "down", "enter", "s")
        await pilot.pause()
        assert isinstance(app.screen, Bench) and app.bench.desk.view.t == 50_000_000
        assert app.bench.desk.story.entries[-1].rec.id == 2
        await pilot.press("g", "down", "enter", "r")
        await pilot.pause()
        assert "It has not arrived" in app.screen.surface.text()


@pytest.mark.parametrize("cells", [30, 42, 60, 90])
def test_no_value_of_a_variable_is_cut_off(cells):
    session = made("client set profile rfc; server set profile rfc; link rate 5mbit; link delay 30ms; " + TALK.replace(
        "1kB; run until idle", "60kB; run until client DATA repeated"))
    again = next(e.seg.id for e in session.trace if e.seg is not None and e.seg.repeated)
    opened = look(session, again)
    rows = why_rows(opened, False, HOSTS, frozenset(), cells)
    assert all(row_width(row) <= cells for row in rows), plain_rows(rows)
    text = " ".join(plain_rows(rows).split())
    lines = before_after(*opened.sending.tcbs("client", 1), False, frozenset(), opened.sending.t)
    assert len(lines) > 4
    for name, was, now, _ in lines:
        assert f"{name} {was} → {now}" in text, (name, text)
