"""One entry a segment: fate, copies, reasons, and reading as the trace grows."""

from __future__ import annotations

import pytest

from tcplab.lab.loader import load_lab
from tcplab.session.session import Session
from tcplab.views.entries import Story

LOSSY = ("server listen 80; client connect server 80; run until idle; link delay 50ms; link loss 10%; "
         "link duplicate 5%; link reorder 5%; client send 20kB; run until idle")


def made(text: str, seed: int = 1) -> Session:
    session = Session(load_lab("sandbox"), seed)
    outcomes = session.execute(text)
    assert all(outcome.ok for outcome in outcomes), outcomes
    return session


def story_of(session: Session) -> Story:
    story = Story()
    story.read(session.trace)
    return story


@pytest.mark.parametrize("seed", range(3))
def test_read_at_once_or_piece_by_piece_is_the_same(seed):
    session = made(LOSSY, seed)
    whole, pieces = story_of(session), Story()
    for end in range(0, len(session.trace), 7):
        pieces.read(session.trace[:end])
    pieces.read(session.trace)
    assert whole.entries == pieces.entries and len(whole.entries) > 40


def test_each_segment_of_the_trace_has_one_entry_with_its_fate():
    session = made(LOSSY)
    entries = story_of(session).entries
    events = [e for e in session.trace if e.seg is not None]
    assert [entry.rec.id for entry in entries] == list(dict.fromkeys(e.seg.id for e in events))
    for fate in ("lost", "delivered"):
        assert {entry.rec.id for entry in entries if entry.fate == fate} == {e.seg.id for e in events if e.kind == fate}
    assert {entry.rec.id: entry.copy_of for entry in entries if entry.copy_of} == {
        e.seg.id: e.seg.copy_of for e in events if e.kind == "duplicated"}
    for entry in entries:
        about = [i for i, e in enumerate(session.trace) if e.seg is not None and e.seg.id == entry.rec.id]
        assert (entry.born, entry.met) == (about[0], about[-1])
        assert entry.over and entry.at is not None and entry.conn == 1 and entry.why is not None


def test_what_was_sent_again_says_which_rule_did_it():
    session = made("server listen 80; client connect server 80; run until idle; link drop next client DATA; "
                   "client send 100; run until idle")
    again = [entry for entry in story_of(session).entries if entry.mark == "rtx"]
    assert [entry.remark for entry in again] == ["↻ again: timer ran out"]


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
