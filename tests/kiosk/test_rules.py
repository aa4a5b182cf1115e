"""Sessions under the kiosk's rules: own seed, own folder, own labs, limits; and what the grader makes of the folder."""

from __future__ import annotations

import json

import pytest

from tcplab.front import opening
from tcplab.grading.kept import Kiosk
from tcplab.kiosk import errands
from tcplab.lab.loader import labs_dir, list_labs, use_labs_of
from tcplab.session.build import student_seed
from tests.e2e.terminal import TCPLAB

LAB = "tcplab: 1\nid: mine\ntitle: A lab of this course\nsteps:\n  - {id: go, say: Look.}\n"


def test_every_attempt_has_its_own_numbers_and_says_where_it_was_made(rules, play):
    for attempt in (1, 2):
        header = json.loads(play("handshake").read_text().splitlines()[0])
        assert header["seed"] == student_seed("handshake", "ada", attempt)
        assert header["kiosk"] == {"learner": "ada", "attempt": attempt}


def test_whoever_opens_a_session_is_under_the_rules(rules):
    session = opening.open_session("handshake", seed=7, student="bob")
    assert session.seed == student_seed("handshake", "ada", 1)
    assert session.recording_path.parent == rules.seat.recordings
    assert session.watch(rules.most_events + 1) and not session.watch(rules.most_events)
    session.recorder.abandon()


@pytest.mark.parametrize("lab", ["/etc/passwd", "../mine", "mine", "course", "x\x1b[2J", ""])
def test_no_lab_from_elsewhere(rules, lab):
    with pytest.raises(opening.OpeningError):
        rules.begin(lab)
    assert not any(rules.seat.recordings.iterdir())


def test_no_recording_from_elsewhere(rules, play, tmp_path):
    path = play("handshake")
    other = tmp_path / path.name
    other.write_bytes(path.read_bytes())
    (rules.seat.recordings / "handshake.009.jsonl").symlink_to(other)
    for wrong in (other, "/etc/passwd", rules.seat.recordings / ".." / path.name,
                  rules.seat.recordings / "handshake.009.jsonl"):
        with pytest.raises(opening.OpeningError):
            opening.resume_session(wrong)
    assert opening.resume_session(path).seed == student_seed("handshake", "ada", 1)


def test_the_labs_of_the_course_stand_beside_the_shipped_ones(rules, play, tmp_path):
    labs = tmp_path / "labs"
    labs.mkdir()
    (labs / "mine.yaml").write_text(LAB)
    (labs / "handshake.yaml").write_text(LAB)  # a shipped id stays the shipped lab
    use_labs_of(labs)
    entries = {entry.id: entry for entry in list_labs()}
    assert entries["mine"].title == "A lab of this course" and len(list(entries)) == len(list_labs())
    assert entries["handshake"].path.startswith(str(labs_dir()))
    path = play("mine", "next")
    assert opening.resume_session(path).lab.id == "mine"


def test_the_journal_says_where_the_learner_stands(rules, play):
    play("handshake", "next")
    events = [line["event"] for line in rules.seat.journal()]
    assert events == ["open", "step", "step", "close"]
    row, = errands.standing(rules.seat)
    assert (row["lab"], row["attempt"], row["number"], row["max_score"]) == ("handshake", 1, 2, 16)


@pytest.mark.parametrize("text", ["cat /etc/passwd", "sh", "scp -t .", "/usr/lib/openssh/sftp-server", "status; sh",
                                  "submit ../x", "recording /etc/passwd", "recording a b", "status\nsh", "'",
                                  "submit " + "x" * 500, "recording $(id)", "\x1b[2J"])
def test_everything_else_is_refused_with_a_sentence(rules, text, capsys):
    assert errands.run(rules.seat, text) == 2
    said = capsys.readouterr()
    assert said.out == "" and "cannot be asked for here" in said.err and "\x1b" not in said.err


def test_status_submit_and_recording(rules, play, capsysbinary):
    assert errands.run(rules.seat, "submit") == 2 and errands.run(rules.seat, "status") == 0
    path = play("handshake", "next")
    play("data")
    capsysbinary.readouterr()
    assert errands.run(rules.seat, "submit handshake") == 0
    assert b"handshake, attempt 1: handed in with 0 of 16 points" in capsysbinary.readouterr().out
    assert b'"end":true' in path.read_bytes()
    before = path.read_bytes()
    assert errands.run(rules.seat, "submit handshake") == 0 and path.read_bytes() == before
    capsysbinary.readouterr()
    assert errands.run(rules.seat, "recording handshake") == 0 and capsysbinary.readouterr().out == before
    assert errands.run(rules.seat, "recording") == 0 and b'"id":"data"' in capsysbinary.readouterr().out
    assert errands.run(rules.seat, "recording loss") == 2


def test_a_running_session_is_not_handed_in_from_under_it(rules, capsys):
    session = rules.begin("handshake")
    assert errands.run(rules.seat, "submit") == 2
    said = capsys.readouterr().err
    assert "leave the lab with q first" in said and str(rules.seat.folder) not in said
    session.recorder.abandon()


def test_the_grader_trusts_what_the_kiosk_kept_and_its_journal_names(rules, play, tmp_path):
    import subprocess

    play("handshake", close=True)
    path = play("handshake", "next", close=True)
    stray = rules.seat.recordings / "handshake.007.jsonl"
    stray.write_bytes(path.read_bytes().replace(b'"attempt":2', b'"attempt":7'))
    kiosk = Kiosk(tmp_path)
    assert kiosk.student(path.read_bytes()) == "ada" and not kiosk.keeps(stray.read_bytes())
    done = subprocess.run([*TCPLAB, "grade", "handshake", "--kiosk", str(tmp_path), "--json", "--exit-zero"],
                          capture_output=True, text=True, check=False)
    first, second = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, done.stderr
    assert first["supervised"] and second["supervised"] and first["student"] == second["student"] == "ada"
    assert (first["attempt"], second["attempt"]) == (1, 2) and second["counts"] and not first["counts"]
    assert first["status"] == second["status"] == "graded"
    stray.unlink()
    assert errands.run(rules.seat, "submit handshake") == 0
    play("handshake")  # begun after the one that was handed in, and left
    done = subprocess.run([*TCPLAB, "grade", "handshake", "--kiosk", str(tmp_path), "--json", "--exit-zero"],
                          capture_output=True, text=True, check=False)
    assert [(row["attempt"], row["counts"]) for row in map(json.loads, done.stdout.splitlines())] == [
        (1, False), (2, True), (3, False)]
    none = subprocess.run([*TCPLAB, "grade", "loss", "--kiosk", str(tmp_path)], capture_output=True, text=True,
                          check=False)
    assert none.returncode == 2 and "nobody has begun loss there yet" in none.stderr
