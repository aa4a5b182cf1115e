"""The captures of the course: made anew they are the same bytes, and what the lab says about them stands in them."""

from __future__ import annotations

import asyncio
import json

import pytest

from tcplab.capture.flows import load
from tcplab.capture.lens import Lens
from tcplab.cli import cli
from tcplab.lab.captures import advice, capture_file, capture_names
from tcplab.lab.picks import drawn
from tcplab.session.session import Session
from tcplab.tcp.segment import SYN
from tcplab.tui.screens.bench import Bench
from tcplab.tui.screens.viewer import Viewer
from tests.plain.pupil import Talked
from tests.support.illnesses import CAPTURES, write
from tests.tui.screens import app_for

from .lessons import Lesson, lab_of

LAB = "diagnose"
MS = 10**6


@pytest.mark.parametrize("name", CAPTURES)
def test_made_anew_it_is_the_same(name, tmp_path):
    assert write(name, tmp_path).read_bytes() == capture_file(name).read_bytes()


def test_names_are_all_there_is():
    assert capture_names() == tuple(sorted(CAPTURES))
    strangers = ("", "../captures/amber-1", "amber-9", "/etc/passwd", "amber-1\n")
    assert [capture_file(name) for name in strangers] == [None] * 5
    assert "Did you mean 'amber-" in advice("amber-9") and "mean" not in advice("/etc/passwd")


def segments(name: str) -> list[tuple[int, str, int, int, int, int]]:
    """(time in ns, end, SEQ, ACK, bytes, window) of all segments but the SYNs. No comments give it away."""
    capture = load(capture_file(name))
    try:
        (conn,) = capture.connections
        assert not capture.comments and not capture.cautions
        records = [Lens(capture, conn).record(place) for place in range(len(conn.packets))]
    finally:
        capture.close()
    return [(r.sent_at, r.src, r.segment.seq, r.segment.ack, len(r.segment.payload), r.segment.wnd)
            for r in records if not r.segment.flags & SYN]


def read_off(name: str) -> dict[str, object]:
    """What the lab asks about a capture, found without the lab."""
    found = segments(name)
    data = [s for s in found if s[1] == "A" and s[4]]
    again = [s for i, s in enumerate(data) if any(s[2] == other[2] for other in data[:i])]
    kind = name.partition("-")[0]
    if kind == "amber":
        (room,) = {s[5] for s in found if s[1] == "B"}
        first = next(s for s in data if s[2] == again[0][2])
        return {"room": room, "again": again[0][2], "silence": again[0][0] - first[0]}
    if kind == "birch":
        shut = next(s for s in found if s[1] == "B" and s[5] == 0)
        opened = next(s for s in found if s[1] == "B" and s[5] and s[0] > shut[0])
        return {"closed": opened[0] - shut[0], "probes": sum(s[4] == 1 for s in data)}
    if kind == "cedar":
        (stuck,) = {s[2] for s in again}
        tries = [s[0] for s in data if s[2] == stuck]
        assert any(tries[0] < s[0] < tries[-1] and s[1] == "B" for s in found), "B is seen to be alive"
        assert max(s[3] for s in found if s[1] == "B") == stuck
        return {"stuck": stuck, "patience": tries[-1] - tries[-2]}
    (repeated,) = again
    covering = next(s for s in found if s[1] == "B" and s[3] > repeated[2])
    assert sum(s[1] == "B" and s[3] == repeated[2] and s[0] <= repeated[0] for s in found) >= 4, "three duplicates"
    return {"jump": covering[0] - repeated[0]}


@pytest.mark.parametrize("seed", [1, 2, 3, 5, 8, 13])
def test_the_lab_asks_for_what_stands_in_the_captures(seed):
    lab = drawn(lab_of(LAB), seed)
    env = Session(lab_of(LAB), seed).env()
    picks = dict(lab.drawn)
    truths = {}
    for letter, kind in zip("abcd", ("amber", "birch", "cedar", "dune"), strict=True):
        truths |= read_off(f"{kind}-{picks[letter]}")
    assert {step: int(lab.step(step).question.answer.eval(env)) for step in truths} == truths
    shown = [text for step in lab.steps for text in step.text.commands]
    assert set(shown) == {f"{kind}-{picks[letter]}".join(("capture ", "")) for letter, kind in
                          zip("abcd", ("amber", "birch", "cedar", "dune"), strict=True)}


def test_every_variant_is_drawn():
    picked = [dict(drawn(lab_of(LAB), seed).drawn) for seed in range(40)]
    assert all({one[letter] for one in picked} == {1, 2, 3} for letter in "abcd")


def test_looking_is_allowed_while_a_question_is_open_and_changes_nothing(tmp_path):
    lesson = Lesson(LAB).to("room")
    before = lesson.session.recorded, lesson.session.version
    outcome, = lesson.session.execute("capture amber-1")
    assert outcome.ok and "amber-1" in outcome.message and lesson.session.recorded == before[0]
    assert lesson.session.question_open()
    outcome, = lesson.session.execute("capture /etc/passwd")
    assert not outcome.ok and "amber-1" in outcome.message
    assert lesson.session.complete("capture am") == ["amber-1", "amber-2", "amber-3"]


def test_the_dialogue_tells_it_in_lines():
    talked = Talked(Session(lab_of(LAB), 1))
    talked.hear("next")
    told = talked.hear("2")
    assert "Doing: capture amber-" in told and "A > B" in told and "more" in told
    talked.hear("next")
    assert "DATA" in talked.hear("capture amber-1", "more")


def test_a_script_tells_it_beside_the_result(tmp_path, capsys):
    (tmp_path / "s").write_text("capture birch-1\n")
    with pytest.raises(SystemExit):
        cli.main(["run", LAB, "--script", str(tmp_path / "s"), "--json"])
    got = capsys.readouterr()
    assert json.loads(got.out)["lab"]["id"] == LAB and "window probe" in got.err
    with pytest.raises(SystemExit) as end:
        cli.main(["view", "birch-1", "--text"])
    assert end.value.code == 0 and "10.0.0.1" in capsys.readouterr().out


async def test_on_the_screen_it_lies_over_the_bench():
    app = app_for(Session(lab_of(LAB), 1))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter", "enter")
        for _ in range(100):
            if isinstance(app.screen, Viewer) and app.screen.desk is not None:
                break
            await asyncio.sleep(0.02)
        assert isinstance(app.screen, Viewer) and app.screen.desk.lens is not None
        await pilot.press("q")
        assert isinstance(app.screen, Bench) and app.screen.desk.view.guide.step_id == "amber"
        await pilot.press("enter")
        assert app.screen.desk.question is not None
        await pilot.press("V")
        assert isinstance(app.screen, Viewer)
        await pilot.press("escape", "escape")
