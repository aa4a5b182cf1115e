"""The pace of time, with a clock that only moves when told."""

from __future__ import annotations

from tcplab.tui.desk import Desk
from tcplab.tui.pacer import SPEEDS
from tests.tui.fake import DELAY, FakeSession, lesson
from tests.tui.screens import Clock, run_out


def begun() -> tuple[Desk, Clock]:
    clock = Clock()
    desk = Desk(FakeSession(), clock=clock)
    desk.give("client connect server 80")
    return desk, clock


def test_a_crossing_takes_a_second_and_a_half():
    desk, clock = begun()
    assert desk.pacer.running
    clock.sleep(0.4)
    desk.tick()
    assert 0 < desk.view.t < DELAY // 2
    for _ in range(10):
        clock.sleep(0.1)
        desk.tick()
    assert desk.view.t < DELAY
    clock.sleep(0.11)
    desk.tick()
    assert desk.view.t >= DELAY and desk.view.hosts[1].newest.tcb.state == "SYN-RECEIVED"


def test_time_stops_when_idle_and_then_nothing_runs():
    desk, clock = begun()
    run_out(desk, clock)
    assert desk.view.idle and not desk.busy and "Awaited" in desk.message
    assert 4.0 < clock.now / 1e9 < 5.5
    assert desk.tick() is False


def test_space_stops_and_goes_on_and_says_what_is_awaited():
    desk, clock = begun()
    clock.sleep(0.2)
    desk.tick()
    desk.act("run")
    assert not desk.pacer.running
    t = desk.view.t
    clock.sleep(5)
    assert desk.tick() is False and desk.view.t == t
    desk.act("run")
    assert desk.pacer.running
    run_out(desk, clock)
    desk.act("run")
    assert not desk.pacer.running and desk.message.startswith("Nothing is on its way. Awaited:")


def test_a_command_that_causes_nothing_lets_time_stand():
    desk = Desk(FakeSession(), clock=Clock())
    desk.give("link loss 5%")
    assert not desk.pacer.running and desk.view.link.directions[0].loss == 50_000


def test_speeds_from_slow_motion_to_at_once():
    desk, clock = begun()
    for _ in SPEEDS:
        desk.act("slower")
    clock.sleep(0.4)
    desk.tick()
    assert desk.view.t < DELAY // 20
    for _ in SPEEDS:
        desk.act("faster")
    assert desk.pacer.words == "at once"
    desk.tick()
    assert not desk.pacer.running and desk.view.idle


def test_time_stops_at_a_met_goal_and_at_a_question():
    clock = Clock()
    desk = Desk(lesson(), clock=clock)
    for command in ("next", "answer 4212"):
        desk.give(command)
        desk.refresh()
    desk.act("go")
    run_out(desk, clock)
    assert desk.question is not None and desk.mode == "answer"
    assert desk.view.hosts[1].newest.tcb.state == "ESTABLISHED"


def test_a_line_of_commands_waits_for_its_runs():
    clock = Clock()
    desk = Desk(FakeSession(), clock=clock)
    desk.give("client connect server 80; run until idle; client send 100; run until idle")
    assert desk.session.given == ["client connect server 80"]
    run_out(desk, clock)
    assert desk.session.given == ["client connect server 80", "client send 100"]
    assert desk.view.hosts[1].newest.tcb.rcv_nxt == 4312


def test_a_run_with_a_time_stops_there():
    clock = Clock()
    desk = Desk(FakeSession(), clock=clock)
    desk.session.execute("client connect server 80")
    desk.session.now = 0
    desk.give("run 2s")
    run_out(desk, clock)
    assert desk.session.state["client"] == "ESTABLISHED"


def test_position_is_noted_once_a_real_second_and_at_each_pause():
    desk, clock = begun()
    before = desk.session.marks
    for _ in range(21):
        clock.sleep(0.1)
        desk.tick()
    assert desk.session.marks - before == 2
    desk.act("run")
    assert desk.session.marks - before == 3
