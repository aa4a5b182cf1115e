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


@pytest.mark.parametrize("spacing, most", [(1, 2), (3, 4), (7, 64), (1000, 64)])
def test_every_step_back_is_the_past_as_it_was(spacing, most, monkeypatch):
    reference = played()
    past = {}
    monkeypatch.setattr(timeline, "SPACING", spacing)
    monkeypatch.setattr(timeline, "MOST", most)
    session = played()
    assert session.trace_sha256() == reference.trace_sha256()
    assert len(session.timeline.kept) <= most
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
    monkeypatch.setattr(timeline, "SPACING", 2)
    monkeypatch.setattr(timeline, "MOST", 8)
    places = [point.n for point in played().timeline.kept]
    gaps = [after - before for before, after in zip(places, places[1:], strict=False)]
    assert len(places) <= 8 and gaps == sorted(gaps, reverse=True) and gaps[-1] <= 4
