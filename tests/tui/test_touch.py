"""A hand on the link and its segments: by key, by form, by command, on the real laboratory."""

from __future__ import annotations

import json

import pytest

from tcplab import Session
from tcplab.session.player import lab_of, play_recording
from tcplab.session.recording import read_recording
from tcplab.tui import keys
from tcplab.tui.desk import Desk
from tcplab.tui.draw.link_fields import BY_KEY, FIELDS, harmless
from tests.tui.screens import SIZES, Clock, app_for, drawn, run_out

OPENED = "server listen 80; client connect server 80; run until idle"


def bench(*lines: str, record=None) -> Desk:
    """A desk on a connection that stands, after `lines`."""
    session = Session.open("sandbox", seed=3, record=record)
    for line in (OPENED, *lines):
        assert all(outcome.ok for outcome in session.execute(line)), line
    return Desk(session, clock=Clock())


def holding(record=None) -> Desk:
    """Three segments #4, #5, #6 are held on their way to the server; the link's page lies open."""
    desk = bench("link hold on; client send 300", record=record)
    desk.act("page4")
    return desk


def press(desk: Desk, *pressed: str) -> None:
    """Keys as a terminal sends them: to what is being typed, to the page, else by the table."""
    for key in pressed:
        character = key if len(key) == 1 else " " if key == "space" else None
        if not desk.key(key, character):
            entry = next((e for e in keys.KEYS if not e.page and key in (e.cap, *e.key.split(","))), None)
            if entry is not None:
                desk.act(entry.id)


def typed(desk: Desk, text: str) -> None:
    press(desk, *text, "enter")


def ids(desk: Desk) -> list[int]:
    return [flight.record.id for flight in desk.pages["link"].flights()]


# -- every impairment in two keys -----------------------------------------------------------------------------------


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.key)
def test_every_impairment_comes_and_goes_with_two_keys(field):
    desk = bench()
    for index in range(2):
        if field.key == "distribution":
            desk.give("link delay 50ms jitter 5ms")
        if field.key == "limit":
            desk.give("link rate 1mbit")
        before = desk.view.link.directions[index]
        press(desk, "m", field.letter)
        after = desk.view.link.directions[index]
        assert getattr(after, field.key) != getattr(before, field.key) and desk.page == "link"
        assert f"link {field.write(before, field.on)}" in desk.message and field.gloss in desk.message
        assert drawn(desk)
        press(desk, "m", field.letter)
        back = desk.view.link.directions[index]
        assert harmless(back, field.key) or getattr(back, field.key) == getattr(before, field.key) \
            or field.key in ("limit", "distribution")


def test_two_keys_leave_the_same_recording_as_the_command(tmp_path):
    made = []
    for name in ("keys", "words"):
        path = tmp_path / f"{name}.jsonl"
        desk = bench(record=path)
        for field in FIELDS:
            ways = desk.view.link.directions
            line = f"link {field.write(ways[0], field.on)}"
            press(desk, "m", field.letter) if name == "keys" else desk.give(line)
        desk.session.close()
        made.append([(row.t, row.n, row.cmd) for row in read_recording(path).lines if row.cmd])
    assert made[0] == made[1] and len(made[0]) == len(OPENED.split(";")) - 1 + len(FIELDS)


def test_a_letter_acts_on_the_way_that_the_arrows_choose():
    desk = bench()
    press(desk, "4", "right", "right", "m", "l")
    assert [way.loss for way in desk.view.link.directions] == [0, 100_000]
    press(desk, "m", "left", "left", "o")
    assert [way.reorder for way in desk.view.link.directions] == [250_000, 250_000]


def test_a_letter_that_means_nothing_is_said_and_nothing_happens():
    desk = bench()
    count = desk.session.recorded
    press(desk, "m", "z")
    assert "has no 'z'" in desk.message and desk.mode == "keys" and desk.session.recorded == count
    press(desk, "m", "escape")
    assert desk.mode == "keys" and not desk.message
    press(desk, "m", "l", "m", "0")
    assert desk.view.link.directions[0].loss == 0


@pytest.mark.parametrize(("key", "value", "expected"), [
    ("delay", "120ms", 120_000_000), ("jitter", "7ms", 7_000_000), ("distribution", "pareto", "pareto"),
    ("loss", "3%", 30_000), ("gemodel", "5% 40% 90%", (50_000, 400_000, 900_000, 0)), ("every", "9", 9),
    ("reorder", "1%", 10_000), ("duplicate", "2%", 20_000), ("corrupt", "4%", 40_000), ("rate", "2mbit", 2_000_000),
    ("limit", "7", 7), ("ecn", "4", 4), ("mtu", "576", 576), ("up", None, False), ("unreachable", "net", "net"),
])
def test_every_field_of_the_form_sets_one_direction_or_both(key, value, expected):
    for moves, changed in (((), (True, True)), (("right",), (True, False)), (("right", "right"), (False, True))):
        desk = bench()
        before = [getattr(way, key) for way in desk.view.link.directions]
        press(desk, "4", *moves, *["down"] * (FIELDS.index(BY_KEY[key]) + 1), "enter")
        if value is not None:
            assert desk.mode == "form"
            typed(desk, value)
        after = [getattr(way, key) for way in desk.view.link.directions]
        assert after == [expected if yes else old for yes, old in zip(changed, before, strict=True)]


def test_a_value_that_does_not_fit_stays_to_be_mended():
    desk = bench()
    press(desk, "4", "down", "down", "enter")
    typed(desk, "5")
    assert desk.mode == "form" and desk.line.text == "5" and "percent" in desk.message
    assert "percent" in drawn(desk)
    typed(desk, "%")
    assert desk.mode == "keys" and desk.view.link.directions[1].loss == 50_000


# -- hold -----------------------------------------------------------------------------------------------------------


def test_hold_stops_the_link_and_says_how_to_go_on():
    desk = bench()
    press(desk, "H")
    assert desk.view.link.holding and desk.page == "link" and not desk.pacer.running
    press(desk, "d")
    text = drawn(desk)
    assert "HOLD" in text.splitlines()[1] and "H lets go" in text.splitlines()[1]
    assert "❚❚ HOLD  1 held" in text and "H lets all go on" in desk.message
    assert not desk.pacer.running, "timers would run while the learner looks"
    press(desk, "H")
    assert not desk.view.link.holding and desk.pacer.running
    run_out(desk, desk.pacer.clock)
    assert desk.view.hosts[1].newest.tcb.bytes_received == 100


@pytest.mark.parametrize(("pressed", "command"), [
    (("enter",), "link deliver #4"), (("x",), "link drop #4"), (("u",), "link dup #4"),
    (("l", *"2s", "enter"), "link delay #4 2s"), (("l", "enter"), "link delay #4 500ms"),
    (("c", "enter"), "link corrupt #4"), (("c", *"45", "enter"), "link corrupt #4 byte 45"),
    (("o", "down", "o"), "link swap #4 #5"),
    (("e", "enter", *"77", "enter"), "link edit #4 seq=77"),
    (("e", "down", "down", "enter", *"RA", "enter"), "link edit #4 flags=RA"),
    (("e", *["down"] * 11, "enter", *'say "hi"; ', "enter"), r'link edit #4 payload="say \"hi\";"'),
    (("e", *["down"] * 12, "enter", *"0xdead", "enter"), "link edit #4 chksum=0xdead"),
])
def test_keys_on_a_held_segment_are_commands(pressed, command, tmp_path):
    """Choosing a segment and pressing a key leaves the same recording as typing the command."""
    made = []
    for name in ("keys", "words"):
        path = tmp_path / f"{name}.jsonl"
        desk = holding(record=path)
        if name == "keys":
            press(desk, *pressed)
        else:
            press(desk, "colon")
            typed(desk, command)
        run_out(desk, desk.pacer.clock)
        facts = desk.session.trace_sha256()
        desk.leave()
        desk.session.close()
        recording = read_recording(path)
        assert play_recording(recording, lab_of(recording)).trace_sha256() == facts
        lines = [json.loads(line) for line in path.read_text().splitlines()]
        made.append([(line["t_ns"], line["n"], line["cmd"]) for line in lines if "cmd" in line])
    assert made[0] == made[1] and made[0][-1][2] == command


def test_the_neighbour_takes_the_place_of_a_segment_that_is_gone():
    desk = holding()
    press(desk, "down", "x")
    assert desk.pages["link"].chosen() == 6
    press(desk, "x")
    assert desk.pages["link"].chosen() == 4
    press(desk, "x")
    assert desk.pages["link"].chosen() is None
    assert drawn(desk)


def test_the_ladder_sets_off_the_chosen_segment():
    from tcplab.tui.scene import ladder_rows

    desk = holding()
    for number, pressed in ((4, ()), (5, ("down",))):
        press(desk, *pressed)
        set_off = "".join(text for row in ladder_rows(desk, 60, 9) for text, style in row if "on-pick" in style)
        assert f"#{number} " in set_off and f"#{9 - number} " not in set_off
    press(desk, "1")
    assert not any("on-pick" in style for row in ladder_rows(desk, 60, 9) for _, style in row)


def test_a_swap_can_be_thought_better_of():
    desk = holding()
    count = desk.session.recorded
    press(desk, "o", "o")
    assert "Nothing is swapped" in desk.message
    press(desk, "o", "escape")
    assert desk.pages["link"].form.partner is None and desk.pages["link"].chosen() == 4
    press(desk, "o", "G", "o")
    assert ids(desk) == [4, 5, 6] and desk.session.recorded == count


def test_swapped_segments_arrive_in_their_new_order():
    desk = holding()
    press(desk, "o", "down", "down", "o")
    assert ids(desk) == [6, 5, 4]
    press(desk, "H")
    run_out(desk, desk.pacer.clock)
    order = [event.seg.id for event in desk.session.trace if event.kind == "delivered" and event.host == "server"]
    assert order[-3:] == [6, 5, 4]
    assert desk.view.hosts[1].newest.tcb.bytes_received == 300


def test_a_segment_still_moving_can_be_touched_too():
    desk = bench()
    desk.session.execute("client send 100")
    desk.refresh()
    press(desk, "4", "down", "up", "x")
    assert not desk.view.in_flight and any(event.kind == "lost" for event in desk.session.trace)


def test_delivering_lets_time_run_only_as_far_as_there_is_something_to_see():
    desk = holding()
    press(desk, "enter")
    run_out(desk, desk.pacer.clock)
    assert desk.view.t < 1_000_000_000 and "3 segments are held" in desk.message
    assert len(ids(desk)) == 3  # two segments and the ACK of the first


def test_after_a_segment_was_let_go_its_neighbour_is_chosen():
    desk = holding()
    press(desk, "down", "enter")
    run_out(desk, desk.pacer.clock)
    assert desk.pages["link"].chosen() == 6
    press(desk, "up", "enter")
    run_out(desk, desk.pacer.clock)
    assert desk.pages["link"].chosen() == 6


def test_the_list_of_what_is_held_is_left_by_esc_only():
    """A key too many must not make `x` mean the next segment of all; without colour a mark shows where one is."""
    desk = holding()
    assert desk.pages["link"].chosen() == 4 and "▸ #4" in drawn(desk)
    press(desk, *["down"] * 5)
    assert desk.pages["link"].chosen() == 6
    press(desk, "escape")
    assert desk.pages["link"].chosen() is None and "▸50ms" in drawn(desk)
    press(desk, "right")
    assert "50ms       ▸50ms" in drawn(desk)
    press(desk, "up")
    assert desk.pages["link"].chosen() == 6
    press(desk, "escape", "escape")
    assert desk.pages["link"].chosen() is None, "who leaves is not called back"


def test_hand_keys_mean_what_they_always_mean_where_no_segment_is_chosen():
    desk = bench()
    press(desk, "4", "l")
    assert desk.session.trace[-1].kind == "error"  # server listen 80, which listens already
    press(desk, "x")
    assert desk.view.link.rules


def test_a_segment_being_edited_that_arrives_closes_its_form():
    desk = holding()
    press(desk, "e")
    assert "Segment #4" in drawn(desk)
    desk.give("link drop #4")
    assert "Segment #4" not in drawn(desk)


@pytest.mark.parametrize("size", SIZES)
def test_everything_fits_at_every_size(size):
    desk = holding()
    for pressed in ((), ("down",), ("o",), ("e",), ("escape", "escape"), *[("down",)] * 20, ("m",)):
        press(desk, *pressed)
        text = drawn(desk, *size)
        if desk.pages["link"].form.row is not None:
            assert FIELDS[desk.pages["link"].form.row].label in text, "the cursor is seen"


#: What each key of this room does under Pilot: (keys, what must stand on the screen).
PROOFS = {
    "impair": (("m", "l"), "link loss 10%: chance that a segment is lost"),
    "hold": (("H",), "HOLD"),
    "inject": (("I",), "Inject a segment made by hand"),
    "seg_drop": (("H", "d", "x"), "0 held"),
    "seg_later": (("H", "d", "l"), "how much later?"),
    "seg_twice": (("H", "d", "u"), "copy of #4"),
    "seg_damage": (("H", "d", "c", "enter"), "damaged"),
    "seg_edit": (("H", "d", "e"), "Segment #4"),
    "seg_swap": (("H", "d", "o"), "to be swapped"),
}


@pytest.mark.parametrize("key_id", PROOFS)
async def test_keys_of_the_hand_under_pilot(key_id, tmp_path, monkeypatch):
    monkeypatch.setenv("TCPLAB_HOME", str(tmp_path))
    pressed, proof = PROOFS[key_id]
    app = app_for(bench().session)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*pressed)
        await pilot.pause()
        assert proof in app.screen.surface.text()


def test_a_typed_rule_is_confirmed_and_examples_fit_what_stands():
    desk = bench()
    assert "for example client send 100 · client close" in " ".join(drawn(desk, 120, 36).split())
    press(desk, "colon")
    typed(desk, "link drop next server ACK")
    assert desk.message == "✓ link drop next server ACK: it waits for the next segment that it fits."
    assert desk.view.link.rules
