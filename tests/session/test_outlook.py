"""A task that can no longer be met on the connections that there are is said to be so, at once and only then."""

from __future__ import annotations

import json

import pytest

from tcplab.lab.loader import read_lab
from tcplab.session import outlook
from tcplab.session.session import Session

OPEN = "client connect server 80; run until idle"


def lab(see: tuple[str, ...] = (), never: tuple[str, ...] = (), goal: str = "", start: str = "") -> Session:
    lines = ["tcplab: 1", "id: way", "title: A way", "profile: first-lessons", "hosts: {server: {listen: 80}}"]
    if start:
        lines += ["start:", *(f"  - {line}" for line in start.split("; "))]
    lines += ["steps:", "  - id: t", "    task: Do it.", "    points: 1"]
    lines += [f"    {key}: {json.dumps(value)}" for key, value in (("see", see), ("never", never), ("goal", goal))
              if value]
    return Session(read_lab("\n".join(lines)), 1)


def blocked(session: Session, commands: str) -> str:
    session.execute(commands)
    assert session.guide.phase == "open"
    return session.view().guide.blocked


@pytest.mark.parametrize("see", [["client ACK lost", "server SYN-ACK repeated"], ["client SYN lost"],
                                 ["SYN-ACK lost"], ["server SYN"]])
def test_what_is_sent_only_while_a_connection_opens_comes_no_more_when_it_is_open(see):
    session = lab(see)
    assert blocked(session, "client connect server 80; step") == ""
    assert "any more" in blocked(session, "run until idle")
    # It bars nothing: going back, or another connection, opens the way again.
    assert blocked(session, "back 1; back 1; back 1") == ""
    assert blocked(session, "run until idle") != ""
    assert blocked(session, "client connect server 80") == ""


def test_a_fin_or_text_comes_no_more_when_the_fin_is_acknowledged_or_the_connection_gone():
    session = lab(["client DATA", "server DATA"], start="client connect server 80; run until idle")
    assert "client is FIN-WAIT-2, so no data comes" in blocked(session, "client close; run until idle")
    session = lab(["server FIN"], start="client connect server 80; run until idle")
    assert "the server's connection is gone" in blocked(session, "client abort; run until idle")


def test_a_state_that_lies_behind_is_not_come_to_again():
    session = lab(goal="server.state == 'SYN-RECEIVED' and client.state == 'TIME-WAIT'")
    assert blocked(session, "client connect server 80; step") == ""
    assert "server is ESTABLISHED, and does not come to SYN-RECEIVED" in blocked(session, "run until idle")
    # What stood there when the step began may stay, or make room for another connection.
    held = lab(goal="client.state == 'ESTABLISHED' and now > 9s", start=OPEN)
    assert blocked(held, "client close; run until idle") == ""


def test_a_segment_in_flight_may_still_be_lost():
    session = lab(["server SYN-ACK lost"], goal="now > 99s")
    session.execute("link hold on; client connect server 80; link deliver #1")
    assert blocked(session, "step") == ""


def test_what_must_not_happen_is_told_in_words():
    session = lab(never=["client DATA repeated"], goal="now > 99s", start=OPEN)
    told = blocked(session, "link drop next client DATA; client send 5; run until idle")
    assert told == "the client sent data again, which must not happen in this step"
    session = lab(never=["SYN lost"], goal="now > 99s")
    assert "a SYN was lost, which" in blocked(session, "link drop next any; client connect server 80; step")


def test_time_stops_where_the_way_closes():
    session = lab(["client SYN lost"])
    before = session.lesson_mark()
    session.execute("client connect server 80; step")
    assert session.lesson_mark() == before
    session.execute("run until idle")
    assert session.lesson_mark() != before


def test_the_reference_solutions_are_never_told_to_give_up(monkeypatch):
    from tcplab.grading.pupils import Reference
    from tcplab.session.session import checked_lab

    told = []
    real = outlook.closed
    monkeypatch.setattr(outlook, "closed", lambda *args: told.append(real(*args)) or told[-1])
    for name in ("handshake-loss", "resets", "corners"):
        Reference(checked_lab(name), 3).play()
    assert told and not any(told)
