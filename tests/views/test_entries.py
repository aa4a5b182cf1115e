"""One entry a segment: fate, copies, reasons, and reading as the trace grows."""

from __future__ import annotations

from random import Random

import pytest

from tcplab.session import timeline
from tcplab.views import entries
from tcplab.views.entries import Story
from tests.support.stories import made, story_of

LOSSY = ("server listen 80; client connect server 80; run until idle; link delay 50ms; link loss 10%; "
         "link duplicate 5%; link reorder 5%; client send 20kB; run until idle")


@pytest.mark.parametrize("seed", range(3))
def test_read_at_once_or_piece_by_piece_is_the_same(seed):
    session, pieces = made("server listen 80; client connect server 80"), Story()
    session.execute("link loss 10%; link duplicate 5%; link reorder 5%; client send 10kB")
    while session.advance_one():
        pieces.read(session.trace)
    whole = story_of(session)
    assert whole.entries == pieces.entries and len(whole.entries) > 40
    slices = Story()
    while slices.read(session.trace, 50):
        pass
    assert slices.entries == whole.entries


@pytest.mark.parametrize("seed", range(4))
def test_however_time_went_the_entries_are_those_of_the_trace(seed, monkeypatch):
    """Back, forward, another future: a reader that goes back to its snapshots reads what a new one reads."""
    monkeypatch.setattr(entries, "SPACING", 40)
    monkeypatch.setattr(entries, "MOST", 6)
    monkeypatch.setattr(timeline, "SPACING", 25)
    session, story, dice = made(LOSSY, seed), Story(), Random(seed)
    for _ in range(25):
        story.read(session.trace)
        assert story.entries == story_of(session).entries
        assert story.iss == story_of(session).iss and story.armed == story_of(session).armed
        count = int(dice.random() * 120)
        session.execute(f"back {count}" if dice.random() < 0.5 else f"step {count}")
        if dice.random() < 0.2:
            session.execute("client send 2kB")


def test_each_segment_of_the_trace_has_one_entry_with_its_fate():
    session = made(LOSSY)
    told = story_of(session).entries
    events = [e for e in session.trace if e.seg is not None]
    assert [entry.rec.id for entry in told] == list(dict.fromkeys(e.seg.id for e in events))
    for fate in ("lost", "delivered"):
        assert {entry.rec.id for entry in told if entry.fate == fate} == {e.seg.id for e in events if e.kind == fate}
    assert {entry.rec.id: entry.copy_of for entry in told if entry.copy_of} == {
        e.seg.id: e.seg.copy_of for e in events if e.kind == "duplicated"}
    for entry in told:
        about = [i for i, e in enumerate(session.trace) if e.seg is not None and e.seg.id == entry.rec.id]
        assert (entry.born, entry.met) == (about[0], about[-1])
        assert entry.over and entry.at is not None and entry.conn == 1 and entry.why is not None


def test_what_was_sent_again_says_which_rule_did_it():
    session = made("server listen 80; client connect server 80; run until idle; link drop next client DATA; "
                   "client send 100; run until idle")
    again = [entry for entry in story_of(session).entries if entry.mark == "rtx"]
    assert [entry.remark for entry in again] == ["↻ RTO: the timer ran out"]


def test_going_back_begins_the_story_anew():
    session = made(LOSSY)
    story = story_of(session)
    before = len(story.entries)
    session.execute("back 50")
    story.read(session.trace)
    assert len(story.entries) < before and story.entries == story_of(session).entries


def test_a_damaged_packet_keeps_what_was_sent_and_what_became_of_it():
    session = made("server listen 80; client connect server 80; run until idle; link corrupt next client DATA; "
                   "client send 100; run until idle")
    (hurt,) = [entry for entry in story_of(session).entries if entry.last.wire is not None]
    assert hurt.rec.wire is None and hurt.remark_style == "lost" and hurt.rec.id == hurt.last.id
