"""What was so just before and after an event: exact, on any path, and nothing of the session moves."""

from __future__ import annotations

import pytest

from tcplab.session import timeline
from tcplab.session.around import around, changes
from tests.support.stories import made


def views(session):
    return tuple(session.timeline.world.host_view(name) for name in session.timeline.world.hosts)


def walk(session, told):
    """Step to the end; note what stood before and after each step, by the events it brought."""
    while True:
        before, n, had = views(session), session.timeline.n, len(session.trace)
        if not session.advance_one():
            return
        told[had, len(session.trace)] = (n, before, views(session))


@pytest.mark.parametrize("seed", [1, 2])
def test_before_and_after_are_what_a_learner_would_have_seen(seed, monkeypatch):
    monkeypatch.setattr(timeline, "SPACING", 40)
    session = made("server listen 80; link loss 8%; link reorder 10%; link duplicate 5%; client connect server 80; "
                   "client send 3kB", seed)
    told: dict = {}
    walk(session, told)
    session.execute("server send 2kB")
    walk(session, told)
    session.execute("back 30")
    walk(session, {})
    session.execute("client close; server close")
    walk(session, told)
    state = (session.timeline.n, session.epoch, len(session.trace), session.now, session.trace_sha256())
    checked = 0
    for (first, end), (n, before, after) in list(told.items())[::3]:
        if end > first:
            found = around(session, end - 1)
            assert (found.n, found.first, found.end) == (n, first, end)
            assert found.t == session.trace[first].t and found.before == before and found.after == after
            checked += 1
    assert checked > 20
    assert state == (session.timeline.n, session.epoch, len(session.trace), session.now, session.trace_sha256())


def test_a_command_is_a_step_too():
    session = made("server listen 80; client connect server 80; run until idle; client send 100")
    index = max(i for i, e in enumerate(session.trace) if e.kind == "sent")
    before, after = around(session, index).tcbs("client", 1)
    changed = {c.name: (c.before, c.after) for c in changes(before, after)}
    assert changed["snd_nxt"] == (before.snd_nxt, before.snd_nxt + 100) and changed["flight"] == (0, 100)


def test_of_a_connection_that_begins_all_that_is_set_counts_as_changed():
    session = made("server listen 80; client connect server 80")
    index = next(i for i, e in enumerate(session.trace) if e.kind == "sent")
    before, after = around(session, index).tcbs("client", 1)
    names = [c.name for c in changes(before, after)]
    assert before is None and "state" in names and "iss" in names and "rcv_nxt" not in names


def test_what_was_before_the_lesson_has_no_answer():
    session = made("server listen 80")
    assert around(session, len(session.trace)) is None and around(session, -1) is None
