"""The lesson on the window: its surprises happen as told, its feedback fits, its challenges ask for what they say."""

from __future__ import annotations

import pytest

from .lessons import Lesson

SECOND = 10**9
MS = 10**6


@pytest.mark.parametrize("seed", [1234567890123])
def test_full_marks(seed):
    guide = Lesson("window", seed).finish().session.guide
    assert guide.score == guide.max_score


def test_two_thousand_bytes_then_stillness():
    lesson = Lesson("window").to("stall")
    lesson.do("server set reading off", "client send 5000", "run until idle")
    assert lesson.value("client.bytes_sent") == 2000 == lesson.value("server.unread")
    assert lesson.value("client.snd_wnd") == 0 == lesson.value("server.rcv_wnd")
    assert lesson.value("client.unsent") == 3000 and lesson.value("client.flight") == 0
    assert lesson.session.idle() and not any(e.kind == "lost" for e in lesson.session.trace)
    windows = [e.seg.segment.wnd for e in lesson.session.trace if e.kind == "sent" and e.seg.src == "server"][1:]
    assert windows == list(range(1900, -1, -100))
    assert lesson.said["stall"].after.startswith("2000 bytes, then stillness")


def test_a_probe_rescues_after_a_lost_window_update():
    lesson = Lesson("window").to("lost-update")
    at, last = lesson.session.now, max(e.seg.id for e in lesson.session.trace if e.seg)
    assert [e.seg.segment.wnd for e in lesson.session.trace if e.kind == "lost"] == [2000]
    assert lesson.value("client.snd_wnd") == 0 and lesson.value("server.rcv_wnd") == 2000
    lesson.solve()
    lesson.do("run until idle")
    first, second = [e for e in lesson.session.trace if e.kind == "sent" and e.seg.id > last][:2]
    assert (first.seg.src, len(first.seg.segment.payload), first.t) == ("client", 1, at + SECOND)
    assert (second.seg.src, second.seg.segment.wnd) == ("server", 1999)  # 2,000 less the byte of the probe
    assert lesson.value("server.bytes_received") == 5000 and lesson.here == "baseline"


def test_only_the_window_makes_it_faster():
    lesson, took = Lesson("window"), {}
    for step in ("baseline", "measure", "measure-again"):
        lesson.to(step)
        begin = lesson.session.now
        lesson.do("client send 20000", "run until idle")
        took[step] = (lesson.session.now - begin) // MS
    assert took == {"baseline": 1003, "measure": 1001, "measure-again": 505}
    assert [lesson.said[step].after.split(":")[0].split(".")[0] for step in took] == [
        "It took 1003 ms", "1001 ms", "505 ms"]  # fmt: skip
    assert [lesson.session.guide.progress[step].verdict.passed for step in ("twice-rate", "twice-window")] == [True] * 2


@pytest.mark.parametrize(("commands", "passes"), [
    (["server set reading off", "client send 1300", "run until idle"], True),
    (["server set reading off", "client send 2000", "run until idle", "server recv 700", "run until idle"], True),
    (["server set rcvbuf 700", "client send 700", "run until idle"], False),  # another buffer
    (["client send 1300", "run until idle"], False),  # the program reads
    (["server set reading off", "client send 700", "run until idle"], False),  # 700 wait, 1,300 are free
])
def test_the_challenge_of_exactly_700(commands, passes):
    lesson = Lesson("window").to("exactly")
    lesson.do(*commands)
    assert (lesson.session.guide.progress["exactly"].status == "done") is passes


@pytest.mark.parametrize(("commands", "passes"), [
    (["server set rcvbuf 20000", "client send 20000", "run until idle"], True),
    (["server set rcvbuf 8kB", "client send 20000", "run until idle"], False),
    (["link rate 1gbit", "client send 20000", "run until idle"], False),
    (["link delay 1ms", "client send 20000", "run until idle"], False),
])
def test_the_challenge_of_a_third_of_the_time(commands, passes):
    lesson = Lesson("window").to("swift")
    lesson.do(*commands)
    assert (lesson.session.guide.progress["swift"].status == "done") is passes
