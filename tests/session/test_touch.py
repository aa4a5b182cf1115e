"""New words for the link and for programs: said, obeyed, recorded, played again."""

from __future__ import annotations

import pytest

from tcplab import Session
from tcplab.session.player import lab_of, play_recording
from tcplab.session.recording import read_recording

OPENED = "server listen 80; client connect server 80; run until idle"


def done(session: Session, line: str) -> None:
    outcomes = session.execute(line)
    assert all(outcome.ok for outcome in outcomes), outcomes


def way(session: Session, index: int = 0):
    return session.view().link.directions[index]


def test_bursts_and_every_nth_and_their_end():
    session = Session.open("sandbox")
    done(session, "link loss gemodel 5% 50% from client; link loss every 7; link loss 2%")
    assert way(session).gemodel == (50_000, 500_000, 1_000_000, 0) and way(session, 1).gemodel == ()
    assert way(session, 1).every == 7 and way(session).loss == 20_000
    done(session, "link loss gemodel 5% 50% 80% 1%")
    assert way(session, 1).gemodel == (50_000, 500_000, 800_000, 10_000)
    done(session, "link loss gemodel off; link loss every 0")
    assert way(session).gemodel == () and way(session).every == 0 and way(session).loss == 20_000


def test_distribution_and_limit_stand_by_themselves():
    session = Session.open("sandbox")
    done(session, "link delay 50ms jitter 5ms distribution pareto from server; link limit 3 from server")
    assert way(session, 1).distribution == "pareto" and way(session, 1).limit == 3
    assert way(session).distribution == "uniform" and way(session).limit != 3
    assert not session.execute("link delay 5ms distribution gamma")[0].ok


@pytest.mark.parametrize("line", [
    f"{OPENED}; link hold on; client send 500; link corrupt #4; link corrupt #5 byte 30; link deliver all; "
    "run until idle; link hold off; run until idle",
    f"{OPENED}; link hold on; client send 500; link swap #4 #6; link drop #5; link dup #7; link delay #8 2s; "
    "link edit #4 seq=1 flags=R; link deliver all; run until idle",
    "server app respond; client app request 100 answer 2kB times 4; link loss gemodel 10% 40%; link loss every 9; "
    + OPENED,
    f"{OPENED}; server unlisten 80; client connect server 80; run until idle",
    f"{OPENED}; client app sink; client#1 send 300; run until idle; client#1 close; run until idle",
])
def test_recorded_and_played_again_alike(line, tmp_path):
    path = tmp_path / "hand.jsonl"
    session = Session.open("sandbox", seed=7, record=path)
    done(session, line)
    facts = session.trace_sha256()
    session.close()
    recording = read_recording(path)
    again = play_recording(recording, lab_of(recording))
    assert again.trace_sha256() == facts
