"""The data lesson: numbers count bytes, ACKs are cumulative, and a hole makes the ACK stand and then jump."""

from __future__ import annotations

import pytest

from tests.labs.lessons import Lesson

SEEDS = (1, 7, 23)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_hundred_bytes_are_answered_by_a_number_a_hundred_higher(seed):
    lesson = Lesson("data", seed).to("ack")
    first = lesson.value("client.snd_nxt")
    lesson.to("third")
    assert lesson.sent()[-1][3] == first + 100
    assert f"ACK {first + 100}" in lesson.said["ack"].after


@pytest.mark.parametrize("seed", SEEDS)
def test_time_stands_still_with_three_segments_under_way(seed):
    lesson = Lesson("data", seed).to("lost-acks")
    una = lesson.value("client.snd_una")
    assert [line[2] - una for line in lesson.sent()[-3:]] == [0, 100, 200]
    assert len(lesson.session.view().in_flight) == 3
    assert not lesson.session.execute("run until idle")[0].ok


@pytest.mark.parametrize("seed", SEEDS)
def test_lost_acks_are_never_missed(seed):
    lesson = Lesson("data", seed).to("covered")
    una, count = lesson.value("client.snd_una"), len(lesson.sent())
    lesson.solve()
    acks = lesson.sent()[count:]
    assert [(who, ack - una) for who, _, _, ack, _ in acks] == [("server", 100), ("server", 200), ("server", 300)]
    lost = [e.seg.segment.ack - una for e in lesson.session.trace if e.kind == "lost"]
    assert lost == [100, 200]
    assert lesson.value("client.snd_una") == una + 300
    assert lesson.value("client.segments_retransmitted") == 0
    assert lesson.said["lost-acks"].good


@pytest.mark.parametrize("seed", SEEDS)
def test_the_ack_stands_then_jumps_by_300_after_a_second(seed):
    lesson = Lesson("data", seed).to("silence")
    una, count, began = lesson.value("client.snd_una"), len(lesson.sent()), lesson.session.now
    lesson.to("jump")
    assert [(who, ack - una) for who, _, _, ack, _ in lesson.sent()[count:]] == [("server", 0), ("server", 0)]
    assert lesson.value("client.dup_acks") == 2 and lesson.value("server.holes") == 1
    assert lesson.session.now - began == 100_000_000
    lesson.solve()
    lesson.solve()
    again, answer = lesson.sent()[count + 2:]
    assert (again[0], again[2] - una, again[4]) == ("client", 0, 100)
    assert (answer[0], answer[3] - una) == ("server", 300)
    rtx = [e.t for e in lesson.session.trace if e.kind == "sent" and e.seg.repeated]
    assert rtx == [began + 1_000_000_000]
    assert "jumped by 300" in lesson.said["jump"].after


CHALLENGES = [
    (("link drop next 4 server ACK", "client send 500"), True),
    (("client send 500",), False),
    (("link drop next 3 server ACK", "client send 500"), False),
    (("link drop next 5 server ACK", "client send 500"), False),
    (("link drop next client DATA", "client send 500"), False),
    (("client send 500", "link down from server", "run 49ms", "link up from server"), False),
]


@pytest.mark.parametrize("commands, met", CHALLENGES, ids=lambda value: str(value)[:50])
def test_the_challenge_is_judged_by_what_happens(commands, met):
    lesson = Lesson("data").to("one-ack")
    lesson.do(*commands, "run until idle")
    assert (lesson.session.guide.phase == "finished") == met
    if not met:
        lesson.do("reset")
        lesson.solve()
        assert lesson.session.guide.phase == "finished"


def test_a_challenge_lost_for_good_says_so():
    lesson = Lesson("data").to("one-ack")
    lesson.do("link drop next 5 server ACK", "client send 500", "run until idle")
    assert "the client sent data again" in lesson.session.view().guide.blocked


def test_the_challenge_is_worth_half_and_full_marks_are_possible():
    lesson = Lesson("data").finish()
    guide = lesson.session.guide
    assert guide.score == guide.max_score
    assert 2 * sum(s.points for s in guide.plans if s.challenge) >= guide.max_score
    assert all("–" not in said.text + said.after for said in lesson.said.values())
