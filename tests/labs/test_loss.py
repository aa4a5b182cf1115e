"""The lesson on loss: its surprises happen as told, its feedback fits, its challenges ask for what they say."""

from __future__ import annotations

import pytest

from .lessons import Lesson

SECOND = 10**9
MS = 10**6


def repeats(lesson: Lesson) -> list[int]:
    """When the client sent text again, in ns after its first sending."""
    return [e.seg.sent_at - e.seg.first_at for e in lesson.session.trace if e.kind == "sent" and e.seg.repeated]


@pytest.mark.parametrize("seed", [7, 1234567890123])
def test_full_marks(seed):
    guide = Lesson("loss", seed).finish().session.guide
    assert guide.score == guide.max_score


def test_silence_then_one_two_four_seconds():
    lesson = Lesson("loss").to("who")
    start = lesson.session.now
    lesson.solve()
    lesson.do("link drop next 3 client DATA", "client send 100")
    assert lesson.here == "wait" and lesson.session.now == start
    assert lesson.session.execute("run 1s")[0].ok is False  # time stands still
    assert lesson.value("client.flight") == 100 and lesson.value("client.rto") == SECOND
    lesson.solve()
    lesson.do("run until idle")
    assert lesson.here == "double" and lesson.session.now == start + SECOND
    assert "rto" in lesson.session.lab.step("double").hide
    lesson.solve()
    lesson.do("run until idle")
    assert repeats(lesson) == [1 * SECOND, 3 * SECOND, 7 * SECOND]
    assert [e.seg.src for e in lesson.session.trace if e.kind == "sent" and e.t > start] == ["client"] * 3 + ["server"]
    assert lesson.value("server.bytes_received") == 100


def test_the_third_duplicate_ack_repairs_one_of_six_without_the_timer():
    lesson = Lesson("loss").to("watch")
    start, hole = lesson.session.now, lesson.value("client.snd_una") + 100
    lesson.do("client send 600", "run until client.segments_retransmitted == 1")
    assert lesson.value("client.dup_acks") == 3 and lesson.value("client.backoff") == 0
    assert repeats(lesson) == [140 * MS]
    lesson.do("run until idle")
    acks = [e.seg.segment.ack for e in lesson.session.trace
            if e.kind == "sent" and e.seg.src == "server" and e.t > start]  # fmt: skip
    assert acks == [hole] * 5 + [hole + 500]
    assert lesson.session.guide.progress["how"].status == "done"
    fired = [e for e in lesson.session.trace if e.kind == "timer" and e.get("op") == "fired"]
    assert lesson.here == "fourth" and fired == []


def test_two_duplicate_acks_leave_the_fourth_to_the_timer():
    lesson = Lesson("loss").to("fourth")
    lesson.solve()
    lesson.do("next")  # leaving the path lets a copy of it run on
    verdict = lesson.session.guide.progress["fourth"].verdict
    assert verdict.passed and verdict.expected == "1.13 s"


@pytest.mark.parametrize(("commands", "passes"), [
    (["link drop next client DATA", "client send 400", "run until idle"], True),
    (["client send 100", "link drop next client DATA", "client send 600", "run until idle"], True),
    (["link drop next client DATA", "client send 300", "run until idle"], False),  # two duplicates are too few
    (["link drop next client DATA", "client send 100", "run until idle"], False),
    (["link drop next 2 client DATA", "client send 600", "run until idle"], False),  # two lost
])
def test_the_challenge_without_the_timer(commands, passes):
    lesson = Lesson("loss").to("quick")
    lesson.do(*commands)
    assert (lesson.session.guide.progress["quick"].status == "done") is passes


@pytest.mark.parametrize(("commands", "passes"), [
    (["client send 300", "link drop next client DATA", "client send 100", "run until idle"], True),
    (["client send 400", "link drop next client DATA", "client send 300", "run until idle"], True),
    (["link drop next client DATA", "client send 100", "run until idle"], False),  # nothing else under way
    (["link drop next client DATA", "client send 400", "run until idle"], False),  # repaired by the third ACK
    (["client send 300", "link drop next 2 client DATA", "client send 100", "run until idle"], False),  # lost twice
    (["link drop next 4 server ACK", "client send 400", "run until idle"], False),  # the ACKs were lost
])
def test_the_challenge_for_the_timer_alone(commands, passes):
    lesson = Lesson("loss").to("slow")
    lesson.do(*commands)
    assert (lesson.session.guide.progress["slow"].status == "done") is passes


def test_a_learner_who_ordered_one_loss_too_few_can_go_back():
    lesson = Lesson("loss").to("silence")
    lesson.do("link drop next client DATA", "client send 100")
    lesson.solve()
    lesson.do("run until idle")
    assert lesson.here == "first-repeat"
    lesson.do("reset silence", "link drop next 3 client DATA", "client send 100", "run until idle")
    assert lesson.here == "double"
