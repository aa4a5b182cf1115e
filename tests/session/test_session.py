"""A session: commands at their instants, time that runs, goes back and is recorded; all of it repeatable."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tcplab.lab.errors import LabNotFound
from tcplab.lab.loader import load_lab, read_lab
from tcplab.session.player import LimitExceeded, lab_of, play_recording, replay, resume
from tcplab.session.recording import Recording, RecordingError, parse_recording, read_recording
from tcplab.session.session import Session

SANDBOX = load_lab("sandbox")


def session(seed: int = 1) -> Session:
    return Session(SANDBOX, seed)


def play(s: Session, *lines: str) -> Session:
    for line in lines:
        for outcome in s.execute(line):
            assert outcome.ok, outcome
    return s


def states(s: Session) -> list[str]:
    return [h.newest.tcb.state if h.newest else "none" for h in s.view().hosts]


HANDSHAKE = "server listen 80; client connect server 80; run until idle"


def test_one_line_is_a_whole_handshake():
    s = play(session(), HANDSHAKE)
    assert states(s) == ["ESTABLISHED", "ESTABLISHED"]
    assert s.now == 150_000_000
    assert [e.seg.segment.letters for e in s.trace if e.kind == "sent"] == ["S", "S.", "."]


def test_a_run_says_why_it_ended():
    s = session()
    assert s.execute(HANDSHAKE)[-1].stopped == "idle"
    assert s.execute('client send "x"; run 20ms')[-1].stopped == "done"
    assert s.now == 170_000_000
    assert s.execute("run until server.bytes_received == 1")[-1].stopped == "done"
    assert s.execute("run 10s")[-1].stopped == "idle", "a run ends when idle"
    assert s.now < 1_000_000_000


def test_wait_goes_to_the_next_timer_and_through_time_wait():
    s = play(session(), HANDSHAKE, "client close; run until idle; server close; run until idle")
    assert states(s) == ["TIME-WAIT", "CLOSED"]
    play(s, "wait")
    assert states(s)[0] == "CLOSED" and s.now > 60_000_000_000


def test_a_silly_command_changes_nothing_and_says_what_to_do():
    s = session()
    before = s.trace_sha256()
    for line in ("clinet close", "server listen 99999", "run 2", "answer 5", "next", "hint", "reset nowhere", '"'):
        outcome, = s.execute(line)
        assert not outcome.ok and outcome.message
    assert s.trace_sha256() == before and s.timeline.n == 0


def test_what_cannot_be_done_now_is_an_event_with_its_clause():
    s = session()
    outcome, = s.execute('client send "x"')
    assert not outcome.ok and "connection does not exist" in outcome.message and "3.10.2" in outcome.clause
    assert s.trace[-1].kind == "error"


def test_back_undoes_and_forward_does_it_again():
    s = play(session(), HANDSHAKE, 'client send "hello"', "run until idle")
    facts, n = s.trace_sha256(), s.timeline.n
    play(s, "back 4")
    assert s.timeline.n == n - 4 and s.trace_sha256() != facts
    play(s, "run until idle")
    assert (s.timeline.n, s.trace_sha256()) == (n, facts)
    play(s, f"back {n}", f"step {n}")
    assert s.trace_sha256() == facts


def test_a_new_command_after_back_forks_the_future():
    s = play(session(), HANDSHAKE, "back 2", "client abort", "run until idle")
    assert s.timeline.undone == []
    assert states(s)[0] == "CLOSED"


def test_seek_goes_both_ways():
    s = play(session(), HANDSHAKE, "client send 1000; run until idle")
    facts, end = s.trace_sha256(), s.now
    play(s, "seek 60ms")
    assert s.now == 60_000_000 and states(s) == ["SYN-SENT", "SYN-RECEIVED"]
    play(s, f"seek {end}ns")
    assert (s.now, s.trace_sha256()) == (end, facts)


def test_reset_without_steps_is_the_beginning():
    s = play(session(), HANDSHAKE, "reset")
    assert (s.now, s.timeline.n, states(s)) == (0, 0, ["none", "none"])
    play(s, HANDSHAKE)


def test_settings_take_effect_or_are_refused():
    s = session()
    play(s, "client set mss 50; client set iss 4211; server set msl 1s; client set cwnd 200; client set sack off")
    play(s, HANDSHAKE)
    syn = next(e.seg.segment for e in s.trace if e.kind == "sent")
    assert (syn.seq, syn.options.mss) == (4211, 50)
    assert s.view().hosts[0].newest.tcb.cwnd == 200
    play(s, "client set recovery rack; client set prr on; client set frto on; client set limited-transmit off",
         "client set iw 3; client set sack on; client set timestamps off; client set wscale on",
         "client set profile modern")
    for line in ("client set sack maybe", "client set iw 11", "client set ecn yes", "client set mss x",
                 "client set nagle maybe", "client set msl 5",
                 "client set congestion bbr", "client set profile dream", "client set recovery tahoe"):
        outcome, = s.execute(line)
        assert not outcome.ok and outcome.message, line


@pytest.mark.parametrize("line, check", [
    ("set congestion cubic", ("congestion", "cubic")), ("set congestion tahoe", ("congestion", "tahoe")),
    ("set hystart on", ("hystart", True)), ("set fast-convergence off", ("fast_convergence", False)),
    ("set ecn on", ("ecn", True)), ("set rfc5961 off", ("rfc5961", False)), ("set rfc6191 on", ("rfc6191", True)),
    ("set challenge-limit 3", ("challenge_limit", 3)), ("set challenge-period 1s", ("challenge_ns", 10**9)),
    ("set keepalive on", ("keepalive_ns", 7200 * 10**9)), ("set keepalive 30s", ("keepalive_ns", 30 * 10**9)),
    ("set keepalive off", ("keepalive_ns", None)), ("set keepalive-interval 5s", ("keepalive_interval_ns", 5 * 10**9)),
    ("set keepalive-count 4", ("keepalive_count", 4)), ("set keepalive-garbage on", ("keepalive_garbage", True)),
    ("set pmtud on", ("pmtud", True)), ("set icmp-hard off", ("icmp_hard", False)),
    ("set syn-backlog 7", ("syn_backlog", 7)), ("set syn-backlog none", ("syn_backlog", None)),
    ("set syncookies on", ("syncookies", True)),
    ("set whole-segments on", ("whole_segments", True)), ("set reno-alpha-rises off", ("reno_alpha_rises", False)),
    ("set impatient off", ("impatient", False)), ("set renege on", ("renege", True)),
    ("set rst-echo on", ("rst_echo", True)), ("set abort-time-wait on", ("abort_time_wait", True)),
    ("set pmtu-retry 5min", ("pmtu_retry_ns", 300 * 10**9)), ("set pmtu-retry none", ("pmtu_retry_ns", None)),
    ("set profile modern", ("congestion", "cubic")),
])
def test_every_knob_can_be_turned(line, check):
    s = play(session(), f"client {line}")
    assert getattr(s.timeline.world.host("client").config, check[0]) == check[1]


@pytest.mark.parametrize("line", ["client set keepalive soon", "client set keepalive-count 1", "client set ecn maybe",
                                  "client set syn-backlog -1", "client set challenge-limit 0", "link ecn x",
                                  "link unreachable moon", "client set congestion bbr", 'client send urgent ""'])
def test_knobs_refuse_what_cannot_be(line):
    outcome, = play(session(), HANDSHAKE).execute(line)
    assert not outcome.ok and outcome.message


def test_urgent_marked_and_unreachable():
    s = play(session(), HANDSHAKE, "server set reading off", 'client send urgent "now"', "run until idle")
    assert s.view().hosts[1].newest.tcb.urgent_left == 3
    s = play(session(), "server listen 80; link unreachable port from client; client connect server 80; run until idle")
    assert s.view().hosts[0].newest.tcb.error == "destination unreachable (port)"
    play(s, "link unreachable off; link ecn 4 from server")
    assert [(way.unreachable, way.ecn) for way in s.view().link.directions] == [("", 0), ("", 4)]


def test_held_and_handmade_segments():
    s = play(session(), "server listen 80; link hold on; client connect server 80")
    assert s.execute("run 1s")[-1].stopped in ("done", "idle")
    play(s, "link edit #1 seq=7 flags=S", "link deliver #1", "link hold off")
    play(s, "step")
    assert s.view().hosts[1].newest.tcb.irs == 7
    s = play(session(), HANDSHAKE)
    rcv_nxt = s.view().hosts[1].newest.tcb.rcv_nxt
    play(s, f"inject from client \"TCP(flags='R', seq={rcv_nxt})\"", "run until idle")
    assert states(s)[1] == "CLOSED"


def test_aimed_rules_meet_their_segments():
    s = play(session(), "server listen 80; link drop next 2 server SYN-ACK; client connect server 80; run until idle")
    lost = [e.seg.id for e in s.trace if e.kind == "lost"]
    assert len(lost) == 2 and states(s) == ["ESTABLISHED", "ESTABLISHED"]
    assert s.now > 2_000_000_000


def test_the_view_is_frozen_and_cached():
    s = session()
    view = s.view()
    assert s.view() is view
    play(s, "server listen 80")
    assert s.view() is not view and view.hosts[1].listening == () and s.view().hosts[1].listening
    with pytest.raises(AttributeError):
        view.t = 3


def test_why_names_the_rule_and_its_clause():
    s = play(session(), HANDSHAKE)
    assert "RFC 9293" in s.why()
    text = s.why(2)
    assert "#2 sent" in text and "#2 delivered" in text
    assert "no segment #99" in s.why(99)


COMMANDS = st.sampled_from([
    "client send 700", "server send 300", "run 130ms", "step 3", "back 2", "back 9", "link loss 20%", "link clear",
    "run until idle", "client close", "server close", "seek 200ms", "link drop next DATA", "client connect server 80",
    "link reorder 30%", "link duplicate 30%", "link corrupt 20%", "server abort", "wait", "reset", "link rate 1mbit",
    "link delay 20ms jitter 20ms", "note \"x\"", "client app echo", "server listen 80", "client set reading off",
    "branch a", "branch b", "branch main", "branch try1", "branch try2", "back to loss", "back to state", "seek 50%",
    "run until loss", "run until server ACK",
])


@settings(max_examples=40, deadline=None)
@given(st.lists(COMMANDS, max_size=14), st.integers(0, 3))
def test_any_session_is_repeated_by_its_recording_and_resumed_at_every_line(tmp_path_factory, lines, seed):
    path = tmp_path_factory.mktemp("r") / "r.jsonl"
    s = Session.open(SANDBOX, seed, record=path)
    s.execute("server listen 80; client connect server 80; run until idle")
    for line in lines:
        s.execute(line)
    s.mark()
    facts = s.trace_sha256()
    cut = path.read_bytes()
    s.close()
    whole = parse_recording(path.read_bytes())
    assert whole.complete
    assert play_recording(whole, SANDBOX).trace_sha256() == facts
    half = parse_recording(cut + b'{"t_ns": 12')
    again = play_recording(half, SANDBOX)
    assert not half.complete and again.trace_sha256() == facts and again.now == s.now
    # Killed at any line: resumed there, the rest leads to the same facts.
    rows = cut.splitlines(keepends=True)
    rest = parse_recording(cut).lines
    for killed in range(1, len(rows)):
        resumed = play_recording(parse_recording(b"".join(rows[:killed])), SANDBOX)
        replay(resumed, Recording(half.header, rest[killed - 1 :]))
        assert resumed.trace_sha256() == facts, f"resumed after line {killed}"


@settings(max_examples=30, deadline=None)
@given(st.lists(COMMANDS, max_size=10), st.integers(1, 40))
def test_back_then_forward_equals_never_having_gone_back(lines, steps):
    s = play(session(), HANDSHAKE)
    for line in lines:
        if not line.startswith(("back", "reset", "seek", "branch")):
            s.execute(line)
    s.execute("run until idle")
    facts, n, now = s.trace_sha256(), s.timeline.n, s.now
    s.execute(f"back {steps}")
    s.execute(f"step {n - s.timeline.n}") if n > s.timeline.n else None
    assert (s.timeline.n, s.trace_sha256()) == (n, facts)
    assert s.now <= now


def forged(change) -> bytes:
    import tempfile
    from pathlib import Path

    path = Path(tempfile.mkdtemp()) / "r.jsonl"
    s = Session.open(SANDBOX, 5, record=path)
    play(s, HANDSHAKE, 'client send "hello"', "run until idle")
    s.close()
    rows = [json.loads(row) for row in path.read_bytes().splitlines()]
    change(rows)
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


@pytest.mark.parametrize("change, line", [
    (lambda rows: rows[4].update(n=3), 5),
    (lambda rows: rows[4].update(t_ns=1), 5),
    (lambda rows: rows[-1].update(trace_sha256="0" * 64), None),
    (lambda rows: rows[2].update(cmd="client conect server 80"), 3),
    (lambda rows: rows[2].update(cmd="run 5s"), 3),
    (lambda rows: rows[2].update(n=10**18), None),
    (lambda rows: rows.insert(3, {"t_ns": 0, "n": 2, "cmd": "answer 4"}), 4),
    (lambda rows: rows[3].update(n="5"), 4),
    (lambda rows: rows.append({"t_ns": 0, "n": 0, "mark": True}), None),
    (lambda rows: rows[0].update(seed=6), None),
    (lambda rows: rows.__delitem__(0), 1),
])
def test_a_forged_recording_is_refused_with_its_line(change, line):
    with pytest.raises((RecordingError, LimitExceeded)) as caught:
        play_recording(parse_recording(forged(change)), SANDBOX)
    if line is not None:
        assert caught.value.line == line


def test_the_unforged_one_is_accepted_and_belongs_to_its_seed():
    data = forged(lambda rows: None)
    assert states(play_recording(parse_recording(data), SANDBOX)) == ["ESTABLISHED", "ESTABLISHED"]
    with pytest.raises(RecordingError, match="seed 5"):
        play_recording(parse_recording(data), SANDBOX, seed=7)


@pytest.mark.parametrize("data", [b"", b"hello", b"\n", b"{}\n", b"[1]\n", b"\xff\xfe\n", b"{" * 5000 + b"\n",
                                  b'{"format":"tcplab/recording/9"}\n'])
def test_what_is_no_recording_is_refused(data):
    with pytest.raises(RecordingError):
        parse_recording(data)


def test_ground_for_two_sessions_of_different_seeds():
    one, two = play(session(1), HANDSHAKE), play(session(2), HANDSHAKE)
    assert one.view().hosts[0].newest.tcb.iss != two.view().hosts[0].newest.tcb.iss
    assert one.trace_sha256() != two.trace_sha256()


def test_a_lab_may_rename_its_hosts():
    lab = read_lab("tcplab: 1\nid: x\ntitle: X\nhosts: {alice: {}, bob: {listen: 80}}\n")
    s = Session(lab, 1)
    play(s, "alice connect bob 80; run until alice.state == 'ESTABLISHED'")
    assert not s.execute("client close")[0].ok


def test_a_killed_session_is_taken_up_where_it_stood(tmp_path):
    path = tmp_path / "r.jsonl"
    s = Session.open(SANDBOX, 5, record=path)
    play(s, "server listen 80; client connect server 80; run 60ms")
    with path.open("ab") as file:
        file.write(b'{"t_ns":1234')  # the kill came in the middle of a line
    s.recorder.abandon()
    again = resume(path, SANDBOX)
    assert (again.now, again.timeline.n, again.trace_sha256()) == (s.now, s.timeline.n, s.trace_sha256())
    play(again, "run until idle")
    again.close()
    closed = read_recording(path)
    assert closed.complete and play_recording(closed, SANDBOX).trace_sha256() == again.trace_sha256()
    once_more = resume(path, SANDBOX)
    play(once_more, "client close; run until idle")
    once_more.close()
    assert states(play_recording(read_recording(path), SANDBOX)) == ["FIN-WAIT-2", "CLOSE-WAIT"]


def test_one_session_writes_a_recording_at_a_time(tmp_path):
    path = tmp_path / "r.jsonl"
    s = Session.open(SANDBOX, 5, record=path)
    play(s, "server listen 80")
    with pytest.raises(RecordingError, match="another session"):
        resume(path, SANDBOX)
    s.close()
    assert resume(path, SANDBOX).timeline.n == 1


def test_a_recording_never_names_a_file(tmp_path):
    data = forged(lambda rows: rows[0]["lab"].update(id="../../etc/passwd"))
    with pytest.raises(LabNotFound, match="--lab"):
        lab_of(parse_recording(data))


def test_wait_passes_over_a_timer_that_is_stopped_before_its_time():
    s = play(session(), HANDSHAKE, "client close; run until idle; server close")
    play(s, "wait")
    assert states(s) == ["CLOSED", "CLOSED"], "the server's resend timer is stopped by the ACK: TIME-WAIT is what fires"


def test_the_screens_spelling_of_a_match_is_understood():
    s = play(session(), "server listen 80; link drop next server SYN,ACK; client connect server 80; run until idle")
    assert [e.seg.segment.letters for e in s.trace if e.kind == "lost"] == ["S."]
