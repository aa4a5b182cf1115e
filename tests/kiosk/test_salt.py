"""The kiosk's salt: numbers that cannot be had at home before, and what operator, learner and grader see."""

from __future__ import annotations

import json
import os
import stat
import subprocess

import pytest

import tcplab as api
from tcplab.front import opening
from tcplab.grading.salt import SALT, SaltError, course_salt, give_learner, make_course_salt, read_salt
from tcplab.kiosk import errands
from tcplab.kiosk.prepare import prepare
from tcplab.kiosk.rules import KioskRules
from tcplab.kiosk.seat import SeatError
from tcplab.session.build import salted_seed, student_seed
from tests.e2e.terminal import TCPLAB

KEY = "0123456789abcdef" * 4


def test_a_seed_under_a_salt_is_this_and_needs_it():
    salt = course_salt(KEY)
    assert salt.seed("handshake", "ada", 1) == 772523075781861572  # a contract: kept attempts are graded by it
    assert salt.of("ada").seed("handshake", "ada", 1) == salt.seed("handshake", "ada", 1)
    seeds = {salt.seed("handshake", student, attempt) for student in ("ada", "bob") for attempt in range(1, 50)}
    seeds |= {student_seed("handshake", student, attempt) for student in ("ada", "bob") for attempt in range(1, 50)}
    assert len(seeds) == 196 and max(seeds) < 1 << 63
    assert salted_seed("handshake", "ada", 1, b"other") not in seeds


def test_init_makes_the_folders_and_a_salt_that_only_its_owner_reads(tmp_path, capsys):
    folder = tmp_path / "srv"
    assert prepare(folder) == 0 and "keep a copy" in capsys.readouterr().out
    made = (folder / SALT).read_bytes()
    assert stat.S_IMODE((folder / SALT).stat().st_mode) == 0o400 and (folder / "labs").is_dir()
    assert prepare(folder) == 0 and (folder / SALT).read_bytes() == made  # attempts are graded by it: never anew
    (folder / SALT).chmod(0o440)  # staff may read it
    assert read_salt(folder / SALT) == course_salt(made.split()[-1].decode())
    for mode in (0o444, 0o460, 0o402):
        (folder / SALT).chmod(mode)
        assert prepare(folder) == 2 and "no secret: chmod 400" in capsys.readouterr().err


def test_a_salt_that_is_damaged_or_a_link_is_not_used(tmp_path):
    whole = make_course_salt(tmp_path).line()
    (tmp_path / SALT).unlink()
    (tmp_path / SALT).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SaltError, match="it is a link"):
        read_salt(tmp_path / SALT)
    (tmp_path / SALT).unlink()
    os.mkfifo(tmp_path / "pipe")
    for place in (tmp_path, tmp_path / "pipe"):
        with pytest.raises(SaltError, match="damaged"):
            read_salt(place)
    for bad in (b"", whole[:-5], whole.replace(b"course", b"coarse"), whole[:22] + b"00000000" + whole[30:]):
        (tmp_path / SALT).write_bytes(bad)
        (tmp_path / SALT).chmod(0o600)
        with pytest.raises(SaltError, match="damaged"):
            read_salt(tmp_path / SALT)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files to others")
def test_a_learner_with_a_unix_user_gets_a_salt_of_their_own(tmp_path, capsys):
    for name, owner in (("ada", 4711), ("bob", 4712)):
        (tmp_path / "learners" / name).mkdir(parents=True)
        os.chown(tmp_path / "learners" / name, owner, -1)
    assert prepare(tmp_path) == 0 and "2 learners got one, 0 had one" in capsys.readouterr().out
    salt, own = read_salt(tmp_path / SALT), read_salt(tmp_path / "learners" / "ada" / SALT)
    assert own == salt.of("ada") != salt.of("bob") and own.key != salt.key
    assert (tmp_path / "learners" / "ada" / SALT).stat().st_uid == 4711
    (tmp_path / "learners" / "eve").mkdir()
    (tmp_path / "learners" / "eve" / SALT).symlink_to("/etc/tcplab-never")
    assert not give_learner(tmp_path / "learners" / "eve", salt) and not os.path.exists("/etc/tcplab-never")
    os.chown(tmp_path / "learners", 4713, -1)  # one Unix user for all: the salt is that user's
    assert prepare(tmp_path) == 0 and "belongs to user 4713 now" in capsys.readouterr().out
    assert (tmp_path / SALT).stat().st_uid == 4713 and read_salt(tmp_path / SALT) == salt


@pytest.fixture
def salted(seat, rules, tmp_path):
    """The kiosk with a salt: the same place, the rules of a new login."""
    make_course_salt(tmp_path)
    rules.salt = seat.salt()
    return read_salt(tmp_path / SALT)


def grade(tmp_path, *words: object) -> list[dict]:
    done = subprocess.run([*TCPLAB, "grade", "handshake", *map(str, words), "--json", "--exit-zero"],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_an_attempt_under_a_salt_has_other_numbers_says_so_and_is_graded(salted, rules, play, tmp_path):
    path = play("handshake", "next", close=True)
    header = json.loads(path.read_text().splitlines()[0])
    assert header["seed"] == salted.seed("handshake", "ada", 1) != student_seed("handshake", "ada", 1)
    assert header["kiosk"] == {"learner": "ada", "attempt": 1, "salt": salted.fingerprint}
    home = tmp_path / "home.jsonl"
    home.write_bytes(path.read_bytes().replace(b'"seed":%d' % header["seed"], b'"seed":%d' % student_seed(
        "handshake", "ada", 1)).replace(b',"salt":"%s"' % salted.fingerprint.encode(), b""))
    row, = grade(tmp_path, "--kiosk", tmp_path)
    assert row["status"] == "graded" and row["salted"] and row["supervised"] and row["remarks"] == []
    here = tmp_path / SALT
    assert api.grade(path, "handshake", student="ada", salt=here)["status"] == "graded"
    row = api.grade(path, "handshake", student="ada")
    assert row["status"] == "invalid-submission" and "made under the salt of a kiosk" in row["error"]
    forged = tmp_path / "forged.jsonl"
    forged.write_bytes(path.read_bytes().replace(b'"attempt":1', b'"attempt":2'))
    row = api.grade(forged, "handshake", student="ada", salt=here)
    assert "not that of this student's attempt 2" in row["error"]
    assert str(salted.seed("handshake", "ada", 2)) not in json.dumps(row)  # a report must not tell what is to come
    with pytest.raises(ValueError, match="this is a path"):
        api.grade(path, "handshake", student="../x")
    home.write_bytes(b"\n".join(home.read_bytes().splitlines()[:1]) + b"\n")
    row, = grade(tmp_path, home, "--kiosk", tmp_path, "--student", "ada")
    assert row["status"] == "graded" and not row["salted"] and not row["supervised"]
    assert any("could be had at home" in words for words in row["remarks"])


def test_the_seed_is_not_shown_nor_taken_home_before_the_attempt_is_over(salted, rules, play, capsysbinary):
    from tcplab.tui.draw.frame import title_bar

    session = rules.begin("handshake")
    view = session.view()
    bar = title_bar(view.guide, view.t, "stopped", "x1", view.seed, 160)
    assert view.seed is None and not any("seed" in text for text, _ in bar)
    path = session.recording_path
    rules.release()
    assert opening.resume_session(path).veiled
    rules.release()
    assert errands.run(rules.seat, "recording") == 2
    said = capsysbinary.readouterr()
    assert said.out == b"" and b"Hand it in first (ssh HOST submit handshake)" in said.err
    assert errands.run(rules.seat, "submit") == 0 and errands.run(rules.seat, "recording") == 0
    assert capsysbinary.readouterr().out.endswith(path.read_bytes())
    with pytest.raises(opening.OpeningError, match="handed in. Begin another one"):
        opening.resume_session(path)


def test_a_salt_that_cannot_be_used_keeps_learners_out(seat, tmp_path):
    make_course_salt(tmp_path)
    (tmp_path / SALT).chmod(0o644)
    with pytest.raises(SeatError, match="Tell your instructor: tcplab kiosk .* --init"):
        KioskRules(seat)
    (tmp_path / SALT).unlink()
    assert KioskRules(seat).salt is None
