"""`lab new` and `lab pack`: a template that is right as it stands, and a bundle without the solution."""

from __future__ import annotations

import zipfile

import pytest
from click.testing import CliRunner

from tcplab.cli import cli
from tcplab.grading import starting
from tcplab.lab.loader import find_lab, lab_ids, lint_file, lint_text


def tcplab(*arguments):
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


@pytest.fixture
def lab(tmp_path):
    assert tcplab("lab", "new", tmp_path / "Meine Erste.yaml").exit_code == 0
    return tmp_path / "Meine Erste.yaml"


def test_the_template_passes_lint_and_test_as_it_stands(lab):
    assert lint_file(lab)[0].id == "meine-erste"
    assert tcplab("lab", "lint", lab).output == "1 lab: no problems\n"
    done = tcplab("lab", "test", lab, "--seeds", 3)
    assert done.exit_code == 0 and "✗" not in done.output
    assert tcplab("lab", "new", lab).exit_code == 2
    assert tcplab("lab", "new", "-").output == starting.template("my-lab")
    assert tcplab("lab", "new", lab.parent / "no" / "such.yaml").exit_code == 2


def test_learners_get_no_solution_and_are_graded_with_the_whole_lab(lab, tmp_path):
    overlay = tmp_path / "staff.yaml"
    overlay.write_text("staff: 1\nlab: meine-erste\nchecks: [{id: quick, expr: now < 10s, points: 2}]\n")
    done = tcplab("lab", "pack", lab, "-o", tmp_path / "out", "--staff", overlay)
    assert done.exit_code == 0, done.output
    bare = tmp_path / "out" / "learners" / "meine-erste.yaml"
    assert "solution" not in bare.read_text() and "link drop next" not in bare.read_text()
    assert (tmp_path / "out" / "staff" / "overlay.yaml").read_text() == overlay.read_text()
    assert not (tmp_path / "out" / "learners" / "overlay.yaml").exists()
    assert lint_file(bare)[0].logic_sha256 == lint_file(lab)[0].logic_sha256
    script = tmp_path / "script"
    script.write_text("next; answer 5; client send 20; run until idle")
    recording = tmp_path / "r.jsonl"
    assert tcplab("run", bare, "--script", script, "--record", recording, "--seed", 3).exit_code in (0, 1)
    graded = tcplab("grade", lab, recording, "--seed", 3)
    assert graded.exit_code == 1 and "forged" not in graded.output


def test_a_zip_for_learners_and_one_for_staff(lab, tmp_path):
    for turn in ("a", "b"):
        assert tcplab("lab", "pack", lab, "-o", tmp_path / f"{turn}.zip").exit_code == 0
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert sorted(archive.namelist()) == ["README.txt", "meine-erste.yaml"]
    with zipfile.ZipFile(tmp_path / "a-staff.zip") as archive:
        assert "solution:" in archive.read("meine-erste.yaml").decode()
    assert tcplab("lab", "pack", lab, "-o", tmp_path / "a.zip").exit_code == 2
    assert tcplab("lab", "pack", "no-such-lab", "-o", tmp_path / "c").exit_code == 2


def test_a_solution_that_cannot_be_taken_out_is_refused(lab, tmp_path):
    lab.write_text('{"tcplab": 1, "id": "x", "title": "X", "steps": [{"id": "a", "say": "b"}], '
                   '"solution": {"a": ["next"]}}')
    done = tcplab("lab", "pack", lab, "-o", tmp_path / "out")
    assert done.exit_code == 3 and not (tmp_path / "out").exists()


@pytest.mark.parametrize("lab_id", lab_ids())
def test_every_shipped_lab_can_be_packed(lab_id):
    from tcplab.grading.packing import learners

    path = find_lab(lab_id)
    whole, _ = lint_file(path)
    bare, _ = lint_text(learners(path, whole)[f"{lab_id}.yaml"], "bare")
    assert bare.logic_sha256 == whole.logic_sha256 and not any(step.solution for step in bare.steps)
