"""The lesson on closing: its surprises happen as told, its feedback fits, its challenge asks for what it says."""

from __future__ import annotations

import pytest

from .lessons import Lesson

SECOND = 10**9
MS = 10**6


@pytest.mark.parametrize("seed", [7, 1234567890123])
def test_full_marks(seed):
    guide = Lesson("teardown", seed).finish().session.guide
    assert guide.score == guide.max_score


def test_the_server_talks_after_the_clients_fin():
    lesson = Lesson("teardown").to("half")
    number = lesson.value("client.snd_nxt")
    lesson.do("client close", "run until idle")
    assert lesson.session.guide.progress["fin-number"].verdict.expected == str(number + 1)
    lesson.solve()
    assert lesson.here == "late" and lesson.value("server.state") == "CLOSE-WAIT"
    lesson.do('server send "late words"', "run until idle")
    assert lesson.value("client.bytes_received") == 10 and lesson.value("client.state") == "FIN-WAIT-2"
    assert lesson.session.guide.progress["may-speak"].status == "done"


def test_time_wait_answers_and_begins_anew():
    lesson = Lesson("teardown").to("lost-ack")
    begin = lesson.session.now
    lesson.do("server close", "run until idle")
    assert lesson.here == "restart" and lesson.session.now == begin + 1050 * MS
    assert lesson.value("client.state") == "TIME-WAIT" and lesson.value("client.timer") == 60 * SECOND
    assert "entered it 1000 ms ago" in lesson.session.view().guide.text
    lesson.solve()
    lesson.do("run until idle")
    assert lesson.value("server.gone") and lesson.value("client.state") == "TIME-WAIT"
    lesson.do("wait")
    assert lesson.here == "no-wait" and lesson.session.now == begin + 61050 * MS
    assert lesson.session.guide.progress["restart"].verdict.expected == "60 s"


def test_without_time_wait_a_rst_answers():
    lesson = Lesson("teardown").to("see-it")
    lesson.do("server close", "run until server.state == 'LAST-ACK' and client.gone")
    assert lesson.value("client.state") == "CLOSED"
    lesson.do("run until idle")
    assert lesson.here == "why" and lesson.session.trace[-1].seg.segment.letters == "R"
    assert lesson.session.guide.progress["no-wait"].status == "done"


@pytest.mark.parametrize(("commands", "passes"), [
    (["server close", "run until idle", "client close", "run until idle"], True),
    (["server close", "run 60ms", "client close", "run until idle"], True),
    (["client close", "run until idle", "server close", "run until idle"], False),
    (["server close", "client close", "run until idle"], False),  # both wait
    (["server close", "run until idle", "client abort", "run until idle"], False),
])
def test_the_challenge(commands, passes):
    lesson = Lesson("teardown").to("who-waits")
    lesson.do(*commands)
    assert (lesson.session.guide.progress["who-waits"].status == "done") is passes
