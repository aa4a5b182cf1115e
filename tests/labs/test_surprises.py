"""The lessons on sequence numbers, losses and windows: their surprises happen as told, their challenges ask for what
they say and for nothing else."""

from __future__ import annotations

import pytest

from .lessons import Lesson

MS = 10**6


def drawn(lesson: Lesson) -> dict[str, int]:
    return dict(lesson.lab.drawn)


def retransmissions(lesson: Lesson, since: int = 0) -> list[int]:
    """When text was sent again, in ns after its first sending."""
    return [e.seg.sent_at - e.seg.first_at for e in lesson.session.trace
            if e.kind == "sent" and e.seg.repeated and e.t >= since]  # fmt: skip


@pytest.mark.parametrize("seed", [7, 8])
def test_a_lost_answer_makes_both_sides_repeat(seed):
    lesson = Lesson("handshake-loss", seed).to("both")
    lesson.solve()
    letters = [(e.seg.src, e.seg.segment.letters) for e in lesson.session.trace if e.kind == "sent" and e.seg.repeated]
    assert letters == [("client", "S"), ("server", "S.")]


@pytest.mark.parametrize("seed", [7, 8])
def test_a_bare_ack_uses_up_no_number(seed):
    lesson = Lesson("sequence", seed).to("relative")
    seqs = [(len(e.seg.segment.payload), e.seg.segment.seq) for e in lesson.session.trace
            if e.kind == "sent" and e.seg.src == "client"]  # fmt: skip
    (_, bare), (size, data) = seqs[-3:-1]
    assert bare == data and size == drawn(lesson)["b"]
    assert lesson.value("client.segments_retransmitted + server.segments_retransmitted") == 0


@pytest.mark.parametrize("seed", [7, 8])
def test_the_same_isn_twice_lets_old_bytes_in_and_the_clock_keeps_them_out(seed):
    lesson = Lesson("isn", seed).to("poison")
    assert lesson.value("client.bytes_sent") == 0
    lesson.solve()
    old = drawn(lesson)["old"]
    received = [e for e in lesson.session.trace if e.kind == "sent" and e.seg.src == "server"]
    assert received[-1].seg.segment.ack == (1001 + old) % 2**32
    lesson.to("reckon")
    assert lesson.said["harmless"].after.startswith("Nothing was taken: 0 bytes")


@pytest.mark.parametrize("seed", range(1, 8))
def test_a_mended_link_is_noticed_only_by_the_next_time_out(seed):
    lesson = Lesson("backoff", seed).to("silence")
    lesson.solve()
    tries = retransmissions(lesson)
    assert tries == [(2**n - 1) * 1000 * MS for n in range(1, len(tries) + 1)]
    assert tries[-2] < drawn(lesson)["out"] <= tries[-1]


@pytest.mark.parametrize("seed", range(1, 5))
def test_karn_measures_nothing_and_a_timestamp_does(seed):
    lesson = Lesson("rtt", seed).to("nothing")
    srtt = lesson.value("client.srtt")
    lesson.solve()
    assert lesson.value("client.srtt") == srtt and lesson.value("client.segments_retransmitted") == 1
    lesson.to("coax")
    lesson.solve()
    verdict = lesson.session.guide.progress["stamped"].verdict
    assert verdict.passed and f"{srtt * 11 / 8 / MS:g} ms" in verdict.after


def test_a_partial_ack_repairs_the_second_hole_and_a_lost_repeat_takes_the_timer():
    lesson = Lesson("fast-retransmit").to("partial")
    start = lesson.session.now
    lesson.solve()
    first, second = retransmissions(lesson, start)
    assert second - first == 2 * drawn(lesson)["d"] + 10 * MS
    lesson.to("timer")
    start = lesson.session.now
    lesson.solve()
    assert [after > 900 * MS for after in retransmissions(lesson, start)] == [False, True]


@pytest.mark.parametrize("seed", range(1, 6))
def test_one_late_segment_makes_many_repeats_and_rack_none(seed):
    lesson = Lesson("reordering", seed).to("cascade")
    lesson.solve()
    assert lesson.value("client.segments_retransmitted") == drawn(lesson)["n"] - 4
    assert not [e for e in lesson.session.trace if e.kind == "lost"]
    lesson.to("calm")
    lesson.solve()
    assert lesson.value("client.segments_retransmitted") == 0 and lesson.value("client.dup_acks") == 0


def test_sack_repairs_three_holes_in_one_round_trip():
    lesson = Lesson("sack").to("baseline")
    lesson.solve()
    slow = retransmissions(lesson)
    assert slow[-1] - slow[0] == 2 * (2 * drawn(lesson)["d"] + 10 * MS)
    lesson.to("see")
    start = lesson.session.now
    lesson.solve()
    quick = retransmissions(lesson, start)
    assert len(quick) == 3 and quick[-1] - quick[0] <= 20 * MS


def test_nagle_and_the_delayed_ack_wait_for_each_other():
    lesson = Lesson("silly-window").to("deadlock")
    start, d = lesson.session.now, drawn(lesson)["d"]
    lesson.solve()
    sent = [(e.seg.src, e.t - start) for e in lesson.session.trace if e.kind == "sent" and e.t > start]
    assert sent[:2] == [("server", d + 200 * MS), ("client", 2 * d + 200 * MS)]


def test_a_line_without_scale_is_mostly_empty():
    lesson = Lesson("wscale").to("measure")
    start = lesson.session.now
    lesson.solve()
    slow = lesson.session.now - start
    assert lesson.value("client.snd_wnd") <= 65535 < lesson.value("server.rcvbuf")
    lesson.to("again")
    start = lesson.session.now
    lesson.solve()
    assert (lesson.session.now - start) * 2 < slow and lesson.value("client.snd_wnd") > 65535


#: (lab, challenge, commands, whether they meet it); values of `pick` as in the lab's own solution.
ATTEMPTS = [
    ("handshake-loss", "all", ["link drop next client SYN", "client connect server 80"], False),
    ("handshake-loss", "all", ["link drop next server SYN-ACK", "link drop next client ACK",
                               "link drop next client SYN", "client connect server 80"], True),
    ("sequence", "account", ["client send {total}", "client close"], False),
    ("sequence", "account", ["client send {total_2}"], False),
    ("sequence", "account", ["client send 100", "run until idle", "client send {total_102}", "client close"], True),
    ("isn", "zero", ["client connect server 80", "run until idle", "client send {m}", "run until idle",
                     "client close"], False),
    ("backoff", "for-nothing", ["link down", "client send {m}"], False),
    ("backoff", "for-nothing", ["client send {m}", "run 40ms", "link down from server"], True),
    ("backoff", "for-nothing", ["client send {m}", "run until idle", "client abort"], False),
    ("rtt", "coax", ["link delay 3s", "client send 50"], False),
    ("fast-retransmit", "spare", ["client send 1000"], False),
    ("fast-retransmit", "spare", ["link drop next client DATA", "link drop next 3 server ACK", "client send 1000"],
     False),
    ("reordering", "exactly", ["client send 1000"], False),
    ("reordering", "exactly", ["link drop next 2 client DATA", "client send 1000"], False),
    ("reordering", "exactly", ["link delay 600ms", "client send 300"], False),
    ("sack", "quick", ["link drop next client DATA where seq == client.iss + 101",
                       "link drop next client DATA where seq == client.iss + 301",
                       "link drop next client DATA where seq == client.iss + 501", "client send 1000"], False),
    ("silly-window", "order", ["client send {m}", "client send {rest}"], False),
    ("silly-window", "order", ["link delay 1ms", "client send {m}", "client send {rest}"], False),
    ("wscale", "fit", ["client send 500kB"], False),
    ("wscale", "fit", ["client set wscale on", "client connect server 80", "run until idle", "client send 500kB"],
     False),
    ("slow-start", "floor", ["client send 60kB; run until client.cwnd == 8000; link drop next client DATA"], False),
    ("bufferbloat", "quick", ["server set rcvbuf 6000", "client connect server 80", "run until idle",
                              "client send 300kB"], True),
    ("old-duplicates", "other-side", ["client connect server 80", "run until idle", "link dup next server DATA",
                                      "server send 4", "run until idle", "client close", "run 1s", "server close"],
     False),
    ("corners", "straight", ["client connect server 80", "run until idle", "client send {n}", "run until idle",
                             "client close", "run until idle", "server close"], False),
    ("dead-peers", "watchman", ["client set keepalive 10s; client set keepalive-count 2; link down", "wait", "wait"],
     False),
    ("path-mtu", "clamp", ["client send {n}", "run 8s", "client abort"], False),
    ("attacks", "exact", ["inject from client \"TCP(sport={mine}, dport=80, flags='R', seq=7007)\""], False),
    ("attacks", "impostor", ["client connect server 80", "run until idle", "client send 4", "run until idle",
                             "client abort"], False),
    ("attacks", "impostor", ["inject from client \"TCP(sport=2000, dport=80, flags='S', seq=1)\"", "run until idle",
                             "inject from client \"TCP(sport=2000, dport=80, flags='A', seq=2, ack=1)/'evil'\""],
     False),
]  # fmt: skip


@pytest.mark.parametrize(("lab_id", "step", "commands", "met"), ATTEMPTS, ids=lambda value: str(value)[:40])
def test_challenges_are_judged_by_what_happens(lab_id, step, commands, met):
    lesson = Lesson(lab_id).to(step)
    values = drawn(lesson)
    values |= {"total_2": values.get("total", 0) - 2, "total_102": values.get("total", 0) - 102}
    lesson.do(*(command.format(**values) for command in commands), "run until idle")
    assert (lesson.session.guide.progress[step].status == "done") is met


@pytest.mark.parametrize("seed", [1, 5, 7])
def test_what_stands_before_the_keystroke_says_how_late_it_comes(seed):
    lesson = Lesson("bufferbloat", seed).to("key")
    assert lesson.value("under") == lesson.value("client#1.flight") > 50_000
    foretold = lesson.value("under") * 8 * MS // drawn(lesson)["r"] + 20 * MS
    lesson.do("skip", "client#2 send 1", "run until server#2.bytes_received > 0")
    assert abs(lesson.value("now - t1") - foretold) < foretold * 15 // 100
