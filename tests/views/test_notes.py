"""The expert's notes: each kind in a session made for it, and what they promise on any session."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tcplab.net.trace import Event, SegmentRecord
from tcplab.tcp.options import NO_OPTIONS, Options
from tcplab.tcp.segment import ACK, FIN, PSH, SYN, Segment
from tcplab.views.entries import Story
from tcplab.views.ranges import Ranges, without
from tests.support.stories import made, story_of

OPEN = "server listen 80; client connect server 80; run until idle; "


def notes(text: str, seed: int = 1) -> dict[int, list[str]]:
    """The codes of the notes on each segment."""
    return {e.rec.id: [n.code for n in e.notes] for e in story_of(made(text, seed)).entries if e.notes}


def codes(text: str, seed: int = 1) -> set[str]:
    return {code for found in notes(text, seed).values() for code in found}


def test_a_clean_transfer_has_nothing_to_remark():
    assert notes("server listen 80; client connect server 80; run until idle; client send 500; run until idle; "
                 "client close; server close; run until idle") == {}


def test_a_lost_segment_and_its_repair_by_the_third_duplicate():
    found = notes(OPEN + "link drop next client DATA; client send 1kB; run until idle")
    assert found[4] == ["lost"] and found[5] == ["early"]
    assert [found[n] for n in (14, 15, 16)] == [["dup-ack"]] * 3
    assert sum("rtx-fast" in codes_ for codes_ in found.values()) == 1 and "spurious" not in str(found)


def test_the_numbers_of_duplicate_acks_count_up():
    story = story_of(made(OPEN + "link drop next client DATA; client send 1kB; run until idle"))
    shorts = [n.short for e in story.entries for n in e.notes if n.code == "dup-ack"]
    assert shorts[:4] == ["dup ACK #1", "dup ACK #2", "dup ACK #3", "dup ACK #4"]


def test_a_time_out_whose_original_was_lost_was_needed():
    found = notes(OPEN + "link drop next client DATA; client send 100; run until idle")
    assert found == {4: ["lost"], 5: ["rtx-rto"]}


def test_a_lost_ack_makes_the_repetition_spurious():
    found = notes(OPEN + "link drop next server ACK; client send 100; run until idle")
    assert found[5] == ["lost"] and found[6][:2] == ["spurious", "rtx-rto"]


def test_an_original_that_comes_late_makes_the_repetition_spurious_in_the_end():
    text = OPEN + "link delay 5s; client send 100; run 1.5s"
    session = made(text)
    story = story_of(session)
    assert "spurious" not in str(story.entries[4].notes)  # not yet: the original has not arrived
    session.execute("run until idle")
    story.read(session.trace)
    assert [n.code for n in story.entries[4].notes][:1] == ["spurious"]


def test_windows_full_zero_and_updated_with_probes():
    found = notes(OPEN + "server set reading off; client send 6kB; seek 20s; server recv 3000; run until idle")
    flat = [code for one in found.values() for code in one]
    assert {"window-full", "zero-window", "probe", "probe-ack", "window-update"} <= set(flat)


def test_a_probe_that_nobody_could_take_is_not_spurious():
    found = notes(OPEN + "server set reading off; client send 6kB; seek 20s; server recv all; run until idle")
    assert all("spurious" not in one for one in found.values() if "probe" in one)


def test_keep_alive_and_its_answer():
    found = notes("client set keepalive 10s; " + OPEN + "client send 100; seek 25s")
    asked = [n for n, one in found.items() if "keep-alive" in one]
    assert asked and all(found[n + 1][0] == "keep-alive-ack" for n in asked)


def test_a_challenge_and_the_resets():
    seen = made(OPEN).view().hosts[1].newest.tcb
    blind = f"inject from client \"TCP(sport=49152, dport=80, flags='R', seq={seen.rcv_nxt + 10})\"; run until idle"
    assert {"injected", "challenge"} <= codes(OPEN + blind)
    assert "rst" in codes("client connect server 81; run until idle")
    assert "rst" in codes(OPEN + "client abort; run until idle")


def test_copies_and_reordering():
    found = notes(OPEN + "link dup next client DATA; client send 100; run until idle")
    assert found[5][0] == "copy" and "stale" in found[5] or "refused" in found[5]
    late = notes(OPEN + "link delay next client DATA; client send 300; run until idle")
    assert "out-of-order" in late[4]


def test_d_sack_reports_what_came_twice():
    text = ("client set sack on; server set sack on; " + OPEN
            + "client send 100; run until idle; link drop next server ACK; client send 100; run until idle")
    assert "d-sack" in codes(text)


@pytest.mark.parametrize("engine", ["rack", "sack"])
def test_every_repetition_names_its_rule(engine):
    text = (f"client set profile modern; server set profile modern; client set recovery {engine}; " + OPEN
            + "link loss 8%; client send 300kB; run until idle")
    again = [e for e in story_of(made(text, 3)).entries if e.rec.repeated and e.rec.copy_of is None]
    named = {note.code for e in again for note in e.notes}
    assert len(again) > 3 and named & {"rtx-fast", "rtx-sack", "rtx-rack", "rtx-tlp", "rtx-rto"}
    assert all(any(n.code.startswith("rtx-") or n.code == "probe" for n in e.notes) for e in again)


chance = st.integers(0, 15)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(1, 10_000), loss=chance, dup=chance, reorder=chance, corrupt=st.integers(0, 5),
       jitter=st.integers(0, 80), profile=st.sampled_from(["first-lessons", "rfc", "modern"]))
def test_spurious_just_when_the_bytes_came_in_segments_sent_before(seed, loss, dup, reorder, corrupt, jitter, profile):
    session = made(f"client set profile {profile}; server set profile {profile}; " + OPEN
                   + f"link delay 40ms jitter {jitter}ms; link loss {loss}%; link duplicate {dup}%; "
                   f"link reorder {reorder}%; link corrupt {corrupt}%; client send 8kB; server send 3kB; run 60s", seed)
    story = story_of(session)
    taken = by_brute_force(session.trace)
    for entry in story.entries:
        rec = entry.rec
        if not rec.repeated or rec.copy_of is not None or not rec.segment.length:
            continue
        mine = set(numbers(rec))
        before = set().union(*(one for number, (src, one) in taken.items() if number < rec.id and src == rec.src))
        assert (mine <= before) == any(n.code == "spurious" for n in entry.notes), rec


def numbers(rec: SegmentRecord) -> range:
    return range(rec.segment.seq, rec.segment.seq + rec.segment.length)


def by_brute_force(trace: list[Event]) -> dict[int, tuple[str, set[int]]]:
    """The numbers that each segment brought to a receiver that did not refuse it."""
    taken = {}
    for event in trace:
        if event.kind == "delivered" and event.conn:
            taken[event.seg.id] = (event.seg.src, set(numbers(event.seg)))
        elif event.kind == "refused":
            taken.pop(event.get("by"), None)
    return taken


# -- a capture: no reasons, only numbers ------------------------------------------------------------------------


def packet(number: int, src: str, seq: int, ack: int, flags: int, payload: bytes = b"", wnd: int = 1000,
           options: Options = NO_OPTIONS, repeated: bool = False) -> list[Event]:
    ends = ("10.0.0.1", "10.0.0.2", 5000, 80) if src == "a" else ("10.0.0.2", "10.0.0.1", 80, 5000)
    seg = Segment(ends[0], ends[1], ends[2], ends[3], seq, ack, flags, wnd, payload, options)
    rec = SegmentRecord(number, None, src, "b" if src == "a" else "a", seg, number, number, repeated)
    return [Event(number, "sent", src, 1, rec), Event(number, "delivered", rec.dst, 1, rec)]


def test_a_capture_without_reasons_is_judged_by_its_numbers():
    trace = [
        *packet(1, "a", 100, 0, SYN), *packet(2, "b", 900, 101, SYN | ACK), *packet(3, "a", 101, 901, ACK),
        *packet(4, "a", 101, 901, ACK | PSH, b"x" * 50), *packet(5, "b", 901, 151, ACK, wnd=950),
        *packet(6, "a", 101, 901, ACK | PSH, b"x" * 50, repeated=True), *packet(7, "a", 150, 901, ACK),
        *packet(8, "a", 151, 901, ACK | PSH, b"x" * 950), *packet(9, "b", 901, 1101, ACK, wnd=0),
        *packet(10, "a", 1101, 901, ACK | PSH, b"x"), *packet(11, "b", 901, 1101, ACK, wnd=500),
        *packet(12, "a", 1101, 901, ACK | FIN),
    ]
    story = Story()
    story.read(trace)
    found = {e.rec.id: [n.code for n in e.notes] for e in story.entries if e.notes}
    assert found == {6: ["spurious", "rtx", "stale"], 7: ["keep-alive"], 8: ["window-full"], 9: ["zero-window"],
                     10: ["probe"], 11: ["window-update"]}


# -- ranges -----------------------------------------------------------------------------------------------------

spans = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 12)).map(lambda p: (p[0], p[0] + p[1])), max_size=12)


@given(spans, st.tuples(st.integers(0, 60), st.integers(0, 20)))
def test_ranges_are_sets_of_numbers(added, asked):
    ranges, numbers_ = Ranges(), set()
    for left, right in added:
        ranges.add(left, right)
        numbers_ |= set(range(left, right))
    left, right = asked[0], sum(asked)
    missing = set(range(left, right)) - numbers_
    assert {n for a, b in ranges.missing(left, right) for n in range(a, b)} == missing
    assert ranges.lefts == sorted(ranges.lefts) and all(a < b for a, b in zip(ranges.lefts, ranges.rights, strict=True))
    assert all(b < a for b, a in zip(ranges.rights, ranges.lefts[1:], strict=False))
    assert ranges.upto(left) == next(n for n in range(left, 200) if n not in numbers_)
    rest = without([(0, 80)], left, right)
    assert {n for a, b in rest for n in range(a, b)} == set(range(80)) - set(range(left, right))
