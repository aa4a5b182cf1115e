"""The handshake lesson: its surprises really happen, and each typical wrong answer gets its own words."""

from __future__ import annotations

import pytest

from tests.labs.lessons import Lesson

SEEDS = (1, 7, 23)


def states(lesson: Lesson) -> tuple[str, str]:
    return lesson.value("client.state"), lesson.value("server.state")


@pytest.mark.parametrize("seed", SEEDS)
def test_time_stands_still_right_after_the_syn_left(seed):
    lesson = Lesson("handshake", seed).to("echo")
    assert (lesson.session.now, *states(lesson)) == (0, "SYN-SENT", "LISTEN")
    assert not lesson.session.execute("run until idle")[0].ok
    assert str(lesson.value("client.iss")) in lesson.session.view().guide.text
    assert len(lesson.session.view().in_flight) == 1


@pytest.mark.parametrize("seed", SEEDS)
def test_4211_is_answered_by_4212_and_the_server_counts_for_itself(seed):
    lesson = Lesson("handshake", seed).to("third")
    assert states(lesson) == ("SYN-SENT", "SYN-RECEIVED")
    x, y = lesson.value("client.iss"), lesson.value("server.iss")
    assert x not in (y, y - 1)
    assert lesson.sent() == [("client", "S", x, 0, 0), ("server", "S.", y, x + 1, 0)]
    assert f"*next, I expect {x + 1}*" in lesson.said["echo"].after
    assert str(y) in lesson.said["own"].after
    lesson.to("politeness")
    assert lesson.said["third"].good and f"ACK {y + 1}" in lesson.said["third"].after


@pytest.mark.parametrize("seed", SEEDS)
def test_both_sides_know_both_numbers_after_the_third_segment(seed):
    lesson = Lesson("handshake", seed).to("open")
    lesson.solve()
    assert states(lesson) == ("ESTABLISHED", "ESTABLISHED")
    assert lesson.value("client.irs == server.iss and server.irs == client.iss")
    x, y = lesson.value("client.iss"), lesson.value("server.iss")
    assert lesson.sent()[2:] == [("client", ".", x + 1, y + 1, 0)]


@pytest.mark.parametrize("seed", SEEDS)
def test_without_the_third_ack_the_two_disagree_and_the_first_data_heals_it(seed):
    lesson = Lesson("handshake", seed).to("heal")
    assert states(lesson) == ("ESTABLISHED", "SYN-RECEIVED")
    y = lesson.value("server.iss")
    lesson.to("first-data")
    lesson.do('client send "hello"', "run until idle")
    assert lesson.here == "twice" and states(lesson) == ("ESTABLISHED", "ESTABLISHED")
    assert lesson.value("server.bytes_received") == 5
    assert lesson.value("client.segments_retransmitted + server.segments_retransmitted") == 0
    who, flags, _, ack, length = lesson.sent()[3]
    assert (who, flags, ack, length) == ("client", "P.", y + 1, 5)
    assert f"ACK {y + 1}" in lesson.said["heal"].after


def test_without_data_the_step_says_why_it_cannot_be_met_and_begins_again():
    lesson = Lesson("handshake").to("first-data")
    lesson.do("run until idle")
    assert states(lesson) == ("ESTABLISHED", "ESTABLISHED")
    assert "the server sent a SYN-ACK again" in lesson.session.view().guide.blocked
    lesson.do("reset", 'client send "hello"', "run until idle")
    assert lesson.here == "twice"


@pytest.mark.parametrize("drop, met", [
    ("link drop next server SYN-ACK", True), ("link drop next client SYN", False), ("link drop next client ACK", False),
    ("link delay 600ms", True), ("link loss 0%", False),
])  # fmt: skip
def test_the_challenge_is_judged_by_what_happens(drop, met):
    lesson = Lesson("handshake").to("twice")
    lesson.do(drop, "client connect server 80", "run until idle")
    assert states(lesson) == ("ESTABLISHED", "ESTABLISHED")
    assert (lesson.session.guide.phase == "finished") == met
    lesson.do("reset") if not met else None
    assert lesson.session.guide.score == lesson.session.guide.max_score - (0 if met else 9)


def test_the_challenge_is_worth_half_and_full_marks_are_possible():
    lesson = Lesson("handshake").finish()
    guide = lesson.session.guide
    assert guide.score == guide.max_score
    assert 2 * sum(s.points for s in guide.plans if s.challenge) >= guide.max_score
    assert all("–" not in said.text + said.after for said in lesson.said.values())
