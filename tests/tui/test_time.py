"""Time on the screen: jumps, seeking, runs as fast as possible that stay responsive, and a runaway that is stopped."""

from __future__ import annotations

import pytest

from tcplab.front import opening
from tcplab.session.session import Session
from tcplab.tui import pacer
from tcplab.tui.desk import Desk
from tests.tui.screens import Clock, app_for, run_out

CONNECTED = "server listen 80; client connect server 80; run until idle"


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("TCPLAB_HOME", str(tmp_path))
    monkeypatch.setattr(opening, "keep_progress", lambda session: None)


def connected(line: str = "") -> Session:
    session = Session.open("sandbox", seed=1)
    session.execute("client set profile modern; server set profile modern")
    session.execute(CONNECTED)
    for outcome in session.execute(line) if line else ():
        assert outcome.ok, outcome
    return session


def desk_of(session: Session) -> tuple[Desk, Clock]:
    clock = Clock()
    return Desk(session, clock=clock), clock


def press(desk: Desk, *keys: str) -> None:
    for key in keys:
        if not desk.key(key, key if len(key) == 1 else None):
            desk.act({"]": "jump_next", "[": "jump_back", "i": "seek", "escape": "escape"}[key])


@pytest.mark.parametrize("command", ["client send 10GB", "client app source 10GB"])
async def test_a_runaway_stops_at_esc_within_a_frame_and_its_bar_moves(command):
    app = app_for(connected())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        desk = app.screen.desk
        desk.pacer.speed = len(pacer.SPEEDS) - 1
        app.screen.give(command)
        bars = []
        for _ in range(4):
            app.screen.frame()
            line = next((row for row in app.screen.surface.text().splitlines() if "esc stops" in row), "")
            bars.append((desk.pacer.share(), line))
        assert desk.pacer.running and desk.busy
        shares = [share for share, _ in bars]
        assert shares == sorted(shares) and shares[-1] > shares[0]
        assert "%" in bars[-1][1] and "segments" in bars[-1][1] and bars[-1][1] != bars[-2][1]
        n = desk.session.timeline.n
        await pilot.press("escape")
        assert not desk.pacer.running and not desk.busy
        assert desk.session.timeline.n - n <= 2 * pacer.MOST_STEPS * 10
        assert "Time stands" in app.screen.surface.text()


def test_a_run_stops_after_so_many_steps_and_says_so(monkeypatch):
    monkeypatch.setattr(pacer, "MOST_RUN", 300)
    desk, clock = desk_of(connected())
    desk.pacer.speed = len(pacer.SPEEDS) - 1
    desk.give("client send 10GB")
    run_out(desk, clock)
    assert desk.pacer.why == "much" and "steps in one run" in desk.message and desk.session.next_at() is not None
    t = desk.view.t
    desk.act("run")
    run_out(desk, clock)
    assert desk.view.t > t and desk.pacer.why == "much"


def test_a_full_session_stops_every_run_and_says_how_to_go_on(monkeypatch):
    monkeypatch.setattr("tcplab.tui.desk.FULL", 4000)
    desk, clock = desk_of(connected())
    desk.pacer.speed = len(pacer.SPEEDS) - 1
    desk.give("client send 10GB")
    run_out(desk, clock)
    assert desk.pacer.why == "limit" and "A limit is reached" in desk.message
    desk.give("back 100")
    assert not desk.busy


def test_seek_takes_seconds_times_and_percent():
    desk, clock = desk_of(connected("client send 3kB; run until idle"))
    end = desk.view.t
    press(desk, "i", *"50%", "enter")
    assert desk.view.t == end // 2 and desk.mode == "keys"
    press(desk, "i", *"0.1", "enter")
    assert desk.view.t == 10**8
    press(desk, "i", *"2s", "enter")
    run_out(desk, clock)
    assert desk.view.t == 2 * 10**9
    press(desk, "i", *"soon", "enter")
    assert "soon" in desk.message and desk.view.t == 2 * 10**9
    press(desk, "i", "escape")
    assert desk.mode == "keys" and not desk.message


def test_a_far_seek_is_walked_in_slices():
    desk, clock = desk_of(connected("client app source 10GB"))
    press(desk, "i", *"2s", "enter")
    assert desk.pacer.running and desk.pacer.at_once
    desk.tick()
    desk.tick()
    assert desk.hurried and 0 < desk.view.t < 2 * 10**9
    desk.act("escape")
    assert not desk.pacer.running


def test_many_steps_at_once_are_walked_too():
    desk, _ = desk_of(connected("client app source 10GB"))
    n = desk.session.timeline.n
    desk.give("step 100000")
    assert desk.pacer.running and desk.session.timeline.n - n < 10
    desk.act("escape")
    desk.give("step 3")
    assert not desk.pacer.running


def test_jumps_lead_to_the_next_and_the_last_of_a_kind():
    desk, clock = desk_of(connected("link drop next server ACK; client send 100"))
    press(desk, "]", "l")
    run_out(desk, clock)
    assert desk.session.timeline.fresh[-1].kind == "lost"
    lost = desk.view.n
    press(desk, "]", "r")
    run_out(desk, clock)
    assert any(entry.rec.repeated for entry in desk.story.entries)
    press(desk, "[", "l")
    assert desk.view.n == lost
    press(desk, "]", "l")
    run_out(desk, clock)
    assert "No loss comes any more" in desk.message
    press(desk, "[", "[")
    assert desk.view.n == lost
    press(desk, "[", "q")
    assert desk.mode == "keys" and desk.view.n == lost


def test_no_jump_past_a_question():
    from tests.session.test_guide import PREDICT, do, open_lab

    desk, _ = desk_of(do(open_lab(PREDICT), "next", "client connect server 80"))
    desk.mode = "keys"
    for key in ("]", "[", "i"):
        press(desk, key)
        assert desk.mode == "answer" and "Time stands still" in desk.message
        desk.mode = "keys"


def test_the_collector_does_not_look_at_the_past_again_and_again(monkeypatch):
    """A whole look at 100,000 segments takes a second, in which the screen would stand."""
    import gc

    monkeypatch.setattr(pacer, "SETTLED", 500)
    monkeypatch.setattr(pacer, "MOST_STEPS", 10)
    desk, clock = desk_of(connected())
    desk.pacer.speed = len(pacer.SPEEDS) - 1
    gc.unfreeze()
    desk.give("client send 300kB")
    run_out(desk, clock)
    assert gc.get_freeze_count() > len(desk.session.trace) // 2
    gc.unfreeze()


@pytest.mark.parametrize("seed", range(3))
def test_whatever_is_done_with_time_the_recording_leads_to_the_same(seed, tmp_path):
    """Keys at random, time stopped anywhere: the recording is played again, also when it was cut short."""
    from random import Random

    from tcplab.session.player import play_recording
    from tcplab.session.recording import parse_recording

    dice, path = Random(seed), tmp_path / "r.jsonl"
    session = Session.open("sandbox", seed=seed, record=path)
    session.execute(CONNECTED)
    desk, clock = desk_of(session)
    moves = ["run", "step", "back", "wait", "faster", "slower", "escape", "]l", "]s", "[s", "[r", "drop", "send",
             "close", "i50%", "i2s", ":branch a", ":branch b", ":branch main", ":branch try1", ":link loss 20%",
             ":link clear"]
    for _ in range(60):
        move = moves[int(dice.random() * len(moves))]
        if move[0] in ":":
            desk.give(move[1:])
        elif move[0] == "i":
            press(desk, "i", *move[1:], "enter")
        elif move[0] in "[]":
            press(desk, *move)
        else:
            desk.act(move)
        for _ in range(int(dice.random() * 6)):
            clock.sleep(0.3)
            desk.tick()
    desk.leave()
    facts, now, names = session.trace_sha256(), session.now, session.branches.names
    again = play_recording(parse_recording(path.read_bytes()), session.lab)
    assert (again.trace_sha256(), again.now, again.branches.names) == (facts, now, names)
    session.close()
    assert play_recording(parse_recording(path.read_bytes()), session.lab).trace_sha256() == facts


def test_a_run_that_only_moves_the_clock_is_seen():
    desk, clock = desk_of(connected("client send 100"))
    for line, t in (("run 30ms", 180), ("seek 190ms", 190)):
        desk.give(line)
        run_out(desk, clock)
        assert desk.view.t == t * 10**6
