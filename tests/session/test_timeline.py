"""Checkpoints are never seen: with few or many, near or far, the past is the same."""

from __future__ import annotations

import pytest

from tcplab.lab.loader import read_lab
from tcplab.session import timeline
from tcplab.session.session import Session

LAB = read_lab("tcplab: 1\nid: bench\ntitle: Bench\nlink: {delay: 50ms, loss: 5%, reorder: 5%}\n")
SCRIPT = "server listen 80; client connect server 80; run until idle; client send 6kB; server send 2kB; run until idle"


def played() -> Session:
    session = Session(LAB, 5)
    assert all(outcome.ok for outcome in session.execute(SCRIPT))
    return session


@pytest.mark.parametrize("spacing, share", [(1, 1), (3, 2), (7, 12), (1000, 12)])
def test_every_step_back_is_the_past_as_it_was(spacing, share, monkeypatch):
    reference = played()
    past = {}
    monkeypatch.setattr(timeline, "SPACING", spacing)
    monkeypatch.setattr(timeline, "SHARE", share)
    session = played()
    assert session.trace_sha256() == reference.trace_sha256()
    end = session.timeline.n
    session.execute(f"back {end}")
    for n in range(0, end, 5):
        session.execute(f"step {n - session.timeline.n}" if n else "why")
        assert session.timeline.n == n
        past[n] = (session.now, len(session.trace), session.trace_sha256())
    for n in reversed(range(0, end, 5)):
        if n < session.timeline.n:
            session.execute(f"back {session.timeline.n - n}")
        assert (session.now, len(session.trace), session.trace_sha256()) == past[n]
    session.execute(f"step {end - session.timeline.n}")
    assert session.trace_sha256() == reference.trace_sha256()


def test_checkpoints_stay_few_and_near_ones_are_dense(monkeypatch):
    monkeypatch.setattr(timeline, "SPACING", 1)
    monkeypatch.setattr(timeline, "SHARE", 2)
    now = played().timeline
    places = [now.base.n, *(point.n for point in now.kept)]
    gaps = [after - before for before, after in zip(places, places[1:], strict=False)]
    assert len(places) < now.n // 2 and gaps[-1] == 1
    assert all(gap == 1 or gap * 2 <= now.n - after for gap, after in zip(gaps, places[1:], strict=True))


def test_going_back_often_moves_the_trace_and_keeps_it_whole():
    session, reference = played(), played()
    now, whole = session.timeline, tuple(reference.trace)
    session.execute("back 10")
    cut = now.ahead.events - now.ahead.since
    session.execute("back 10; back 20; step 3; back 1")
    assert cut < len(whole) and len(now.ahead.pieces) >= 1
    assert now.ahead.events == len(whole) and now.furthest().trace == whole
    session.execute("client send 1kB")
    assert session.branches.look("try1").events == whole
