"""Other futures: kept whole, taken up again, never a way around a question; and jumps to what is worth seeing."""

from __future__ import annotations

import pytest

from tcplab.session.branches import MOST, MOST_TRIES, parting
from tcplab.session.player import play_recording
from tcplab.session.recording import parse_recording
from tests.session.test_guide import CONNECTED, PREDICT, do, open_lab, status
from tests.session.test_session import HANDSHAKE, SANDBOX, Session, play, session


def lossy() -> Session:
    """A session with a connection, one lost segment and its repair."""
    return play(session(), HANDSHAKE, "link drop next client DATA; client send 300; run until idle")


def test_a_branch_keeps_the_path_and_comes_back_to_its_end():
    s = lossy()
    facts, t, n = s.trace_sha256(), s.now, s.timeline.n
    play(s, "back to loss", "branch calm", "link clear; client send 100; run until idle")
    other = s.trace_sha256()
    assert other != facts and s.branches.name == "calm" and s.branches.names == ("main",)
    assert s.branches.look("main").parted is not None
    play(s, "branch main")
    assert (s.trace_sha256(), s.now, s.timeline.n) == (facts, t, n)
    play(s, "branch calm")
    assert s.trace_sha256() == other
    play(s, "back 3; run until idle")
    assert s.trace_sha256() == other


def test_a_branch_from_the_present_shares_all_that_was():
    s = play(lossy(), "branch after")
    main = s.branches.look("main")
    assert main.parted is None and list(main.events) == s.trace
    play(s, "client close; run until idle; branch main; client send 10; run until idle")
    assert s.branches.look("after").parted == main.t


def test_what_a_new_command_leaves_behind_is_kept_as_a_try():
    s = lossy()
    facts = s.trace_sha256()
    play(s, "back to loss; link clear")
    assert s.branches.names == ("try1",)
    play(s, "run until idle; branch try1")
    assert s.trace_sha256() == facts and s.branches.name == "try1" and s.branches.names == ("main",)
    play(s, "reset")
    assert "try2" in s.branches.names and s.now == 0


def test_only_the_newest_tries_are_kept_and_names_have_an_end():
    s = play(session(), HANDSHAKE)
    for _ in range(MOST_TRIES + 3):
        play(s, "client send 10; run until idle; back 4; client send 20")
    tries = [name for name in s.branches.names if name.startswith("try")]
    assert len(tries) == MOST_TRIES and tries[-1] == f"try{MOST_TRIES + 3}"
    for number in range(MOST - MOST_TRIES):
        play(s, f"branch b{number}")
    outcome, = s.execute("branch more")
    assert not outcome.ok and "kept already" in outcome.message
    assert "kept already" not in s.execute(f"branch {tries[-1]}")[0].message


@pytest.mark.parametrize("line, words", [
    ("branch main", "this is main"), ("branch try9", "no future is called try9"), ("branch 7up", "cannot be a name"),
    ("branch \x1b[2J", "cannot be a name"), ("branch", "is missing"),
    ("seek 200h", "h"), ("seek 20160min", "seven days"),
    ("back to nothing", "loss"),
])
def test_what_cannot_be_is_refused_and_changes_nothing(line, words):
    s = play(session(), HANDSHAKE)
    before = s.recorded, s.now, s.branches.names
    outcome, = s.execute(line)
    assert not outcome.ok and words in outcome.message and "\x1b" not in outcome.message
    assert (s.recorded, s.now, s.branches.names) == before


def test_the_list_says_where_each_future_leads():
    s = play(lossy(), "back to loss; branch calm; run until idle")
    text = s.execute("branches")[0].message
    assert text.splitlines()[0].startswith("calm  this one") and "main  " in text and "segments sent" in text


def test_an_open_question_stops_branching_and_answers_stay_answered():
    s = do(open_lab(PREDICT), "next", "client connect server 80")
    outcome, = s.execute("branch other")
    assert not outcome.ok and "time stands still" in outcome.message
    do(s, "answer 1", "branch other", "run until idle")
    assert status(s)["guess"] == "wrong"
    do(s, "branch main")
    assert status(s)["guess"] == "wrong" and not s.question_open()


def test_a_prediction_is_judged_by_the_path_on_which_it_was_made():
    s = do(open_lab(PREDICT), "next", "back 0")
    do(s, "branch idle", "client connect server 80")
    iss = s.view().hosts[0].newest.tcb.iss
    do(s, f"answer {iss + 1}", "branch main")
    assert status(s)["guess"] == "done" and s.view().guide.score == 4


def test_reset_brings_back_the_whole_past_of_the_step():
    """Also from before the step began, and from another path: trace, commands and world belong together."""
    text = CONNECTED + """
steps:
  - {id: one, task: Send., goal: server.bytes_received >= 100}
  - {id: two, task: Send more., goal: server.bytes_received >= 900}
"""
    s = do(open_lab(text), "client send 100; run until idle; reset")
    facts, n, commands = s.trace_sha256(), s.timeline.n, len(s.timeline.done)
    for away in ("back 5", "back 5; client abort", "branch x; client send 50; run until idle",
                 "client send 50; run until idle; back 3"):
        do(s, away, "reset")
        assert (s.trace_sha256(), s.timeline.n, len(s.timeline.done)) == (facts, n, commands), away
    do(s, "back 6; run until server.bytes_received >= 100")
    assert s.trace_sha256() == facts


def test_recordings_with_branches_replay_to_the_same_hash(tmp_path):
    path = tmp_path / "r.jsonl"
    s = Session.open(SANDBOX, 3, record=path)
    play(s, HANDSHAKE, "link loss 30%; client send 3kB; run until idle", "back to loss; branch calm",
         "link clear; run until idle; seek 40%; branch main; client close; run until idle; branch calm; wait")
    facts, names = s.trace_sha256(), s.branches.names
    s.close()
    again = play_recording(parse_recording(path.read_bytes()), SANDBOX)
    assert again.trace_sha256() == facts and again.branches.names == names


def test_runs_end_at_what_is_worth_seeing_and_go_back_to_it():
    s = play(session(), HANDSHAKE, "link drop next server ACK; client send 100")
    assert s.execute("run until loss")[0].stopped == "done" and s.timeline.fresh[-1].kind == "lost"
    assert s.execute("run until retransmission")[0].stopped == "done"
    again = s.now, s.timeline.n
    assert s.execute("run until state")[0].stopped == "idle"
    play(s, "back to retransmission")
    assert (s.now, s.timeline.n) == again
    play(s, "back to loss")
    assert any(event.kind == "lost" for event in s.timeline.fresh)
    assert "no loss before" in s.execute("back to loss")[0].message
    seen = []
    while not (message := s.execute("back to state")[0].message):
        seen.append(sum(event.kind == "state" for event in s.trace))
    assert seen == sorted(seen, reverse=True) and len(set(seen)) == len(seen) > 3 and "no change of state" in message


def test_a_run_ends_at_a_segment_that_fits():
    s = play(session(), "server listen 80; client connect server 80")
    assert s.execute("run until server SYN-ACK")[0].stopped == "done" and s.now == 10**7 * 5
    assert s.execute("run until any where seg.id == 3")[0].stopped == "done"
    assert s.execute("run until client DATA")[0].stopped == "idle"
    outcome, = s.execute("run until srver ACK")
    assert not outcome.ok and "srver" in outcome.message


def test_seek_takes_a_part_of_the_time_that_is_known():
    s = lossy()
    end = s.now
    play(s, "seek 50%")
    assert s.now == end // 2
    play(s, "seek 0%; seek 100%")
    assert s.now == end


def test_parting_compares_facts_not_objects():
    one, other = lossy(), lossy()
    assert parting(one.trace, other.trace) == len(one.trace)
    play(other, "back 4; client abort")
    assert 0 < parting(one.trace, other.trace) < len(one.trace)
