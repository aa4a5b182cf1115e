"""Student ids: one rule wherever one is given; which spellings mean the same learner; folders named by them."""

from __future__ import annotations

import json
import re

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from tcplab.cli import cli
from tcplab.grading.cohort import RosterError, read_roster
from tcplab.grading.identity import folder_name, id_fault, is_folder_name, same
from tcplab.grading.kept import folders
from tests.support.hand_ins import TINY, recording, tiny

PATHS = ["../../x", "..", "a/../b", "/etc/passwd", "..\\x", "./a", "~/x"]
HIDDEN = ["", "  ", "a\x1b[2Jb", "a\nb", "a\u202eb", "a\x00", "x" * 201]


@pytest.mark.parametrize("name", ["ada", "ada.lovelace", "ada@example.org", "a+b_c-d", "42"])
def test_a_plain_name_stays_as_it_is(name):
    assert folder_name(name) == name


@settings(max_examples=200, deadline=None)
@given(st.text(min_size=1, max_size=80))
def test_a_folder_is_named_safely_whatever_the_name(name):
    if id_fault(name):
        with pytest.raises(ValueError):
            folder_name(name)
        return
    assert re.fullmatch(r"[A-Za-z0-9_@+][A-Za-z0-9_.@+-]{0,47}", folder_name(name))
    assert is_folder_name(folder_name(name)) and same(folder_name(name), name)


@pytest.mark.parametrize("name", [".ssh", "a/b", "2026/17", "-rf", "Ann Müller", "ä", "ö", "x" * 100])
def test_hostile_names_are_changed_and_stay_different(name):
    safe = folder_name(name)
    assert safe != name and "/" not in safe and not safe.startswith((".", "-")) and safe.isascii()
    assert safe != folder_name(name + "x")


@pytest.mark.parametrize("name", PATHS + HIDDEN)
def test_paths_and_hidden_signs_are_no_ids_anywhere(tmp_path, name):
    """Not for `grade --student`, not in a roster, not in a kiosk, and no such folder is a learner on the board."""
    from tcplab.kiosk.command import Options, kiosk

    assert id_fault(name) and not is_folder_name(name)
    roster = tmp_path / "roster.csv"
    roster.write_bytes(f'student,name\n"{name}",Ann\n'.encode())
    with pytest.raises(RosterError, match=":[23]: this line has no proper student id"):
        read_roster(roster)
    lab = tmp_path / "tiny.yaml"
    lab.write_text(TINY)
    for words in (["grade", lab, lab, "--student", name], ["run", lab, "--student", name]):
        done = CliRunner().invoke(cli, [str(word) for word in words])
        assert done.exit_code == 2 and "student id" in done.stderr and "\x1b" not in done.stderr, words
    (tmp_path / "course").mkdir()
    before = sorted(tmp_path.rglob("*"))
    with pytest.MonkeyPatch.context() as patch:
        for restored in ("signal.signal", "os.umask", "resource.setrlimit"):
            patch.setattr(restored, lambda *_: None)
        assert kiosk(tmp_path / "course", Options(name)) == 2
    assert sorted(tmp_path.rglob("*")) == before


def test_only_folders_that_a_kiosk_can_have_made_are_learners(tmp_path):
    for name in ("ada", "lost+found", ".git", "a b", "Ann-M-ller-1a2b3c4d"):
        (tmp_path / "learners" / name).mkdir(parents=True)
    assert [path.name for path in folders(tmp_path)] == ["Ann-M-ller-1a2b3c4d", "ada"]


def test_the_roster_decides_who_it_is_and_the_seed_is_of_how_it_was_played(tmp_path):
    spelled = {"bob ": "Bob", "ANN": "ann", "Zoe\u0308": "zo\u00eb", "Ann  Lee": "ann lee",
               folder_name("Ann M\u00fcller"): "Ann M\u00fcller"}
    lab, roster, folder = tmp_path / "tiny.yaml", tmp_path / "roster.csv", tmp_path / "in"
    lab.write_text(TINY)
    folder.mkdir()
    for number, played in enumerate(spelled):
        (folder / f"{number}.jsonl").write_bytes(recording(tmp_path, tiny(), played))
    roster.write_text("student\n" + "".join(f"{listed}\n" for listed in spelled.values()))
    done = CliRunner().invoke(cli, ["grade", str(lab), str(folder), "--roster", str(roster), "--json"])
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(row["student"], row["passed"], row["counts"]) for row in rows] == [
        (listed, True, True) for listed in spelled.values()], done.stderr


def test_a_near_miss_is_a_question_for_staff_and_is_never_followed(tmp_path):
    lab, roster = tmp_path / "tiny.yaml", tmp_path / "roster.csv"
    lab.write_text(TINY)
    (tmp_path / "in" / "anm").mkdir(parents=True)
    (tmp_path / "in" / "anm" / "r.jsonl").write_bytes(recording(tmp_path, tiny(), "ann"))
    roster.write_text("student,email\nann,ann@u.edu\nbob,bob@u.edu\n")
    out = {form: tmp_path / form for form in ("csv", "markdown", "gradescope", "classroom50")}
    done = CliRunner().invoke(cli, ["grade", str(lab), str(tmp_path / "in"), "--roster", str(roster),
                                    "--student-from", "folder",
                                    *(f"--report={form}:{path}" for form, path in out.items())])
    assert "names nobody on the roster. Did you mean 'ann'?" in done.stderr
    said = {form: "Did you mean" in path.read_text() for form, path in out.items()}
    assert said == {"csv": True, "markdown": False, "gradescope": False, "classroom50": False}
    assert "ann,tiny,0" in out["csv"].read_text()
