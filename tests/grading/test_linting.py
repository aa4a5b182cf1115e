"""`lab lint` of everything that an author writes: course files, overlays, folders; the same as text and as JSON."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from tcplab.cli import cli
from tcplab.grading.linting import problems_of
from tcplab.grading.starting import template
from tcplab.lab.loader import labs_dir


def tcplab(*arguments):
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


@pytest.fixture
def folder(tmp_path):
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text(template(name))
    (tmp_path / "course.yaml").write_text("labs: [a, {id: b, needs: [a, handshake], chapter: More}]\n")
    (tmp_path / "staff.yaml").write_text("staff: 1\nlab: a\nchecks: [{id: x, never: RST}]\n")
    return tmp_path


def test_a_folder_is_all_that_stands_in_it(folder):
    assert tcplab("lab", "lint", folder).output == "2 labs, 1 course file, 1 overlay: no problems\n"
    done = tcplab("lab", "test", folder, "--seeds", "1")
    assert done.exit_code == 0 and [line[:2] for line in done.output.splitlines() if line[0] != " "] == ["a:", "b:"]
    assert problems_of(str(labs_dir() / "course.yaml")) == []
    (folder / "staff.yaml").write_text(
        "staff: 1\nlab: a\nvisiblity: hidden\nchecks: [{id: x, expr: clint.gone, at: twic}]\n")
    (folder / "b.yaml").write_text(template("b").replace("client.snd_nxt + n - 1", "client.snd_nx"))
    assert tcplab("lab", "translate", folder / "a.yaml", "fr").exit_code == 0
    done = tcplab("lab", "lint", folder)
    problems = json.loads(tcplab("lab", "lint", folder, "--json").output)
    assert done.exit_code == 3
    assert done.output.splitlines() == [
        f"{one['file']}:{one['line']}:{one['column']}: {one['severity']}: {one['message']} {one['cure']}".rstrip()
        for one in problems]
    by_file = [one["file"].rsplit("/", 1)[1] for one in problems]
    assert by_file == ["a.fr.yaml"] * by_file.count("a.fr.yaml") + ["b.yaml"] + ["staff.yaml"] * 3
    assert [(one["line"], one["column"]) for one in problems[-3:]] == [(3, 1), (4, 24), (4, 40)]


@pytest.mark.parametrize(("course", "column", "words"), [
    ("labs: [a, {id: b, neds: [a]}]", 19, "Did you mean 'needs'"),
    ("labs: [a, bb]", 11, "Did you mean 'b'"),
    ("labs: [{id: a, needs: [b]}, b]", 24, "'b' does not come before 'a'"),
    ("labs: [a, b, a]", 14, "line 1 already"),
    ("labs: [a, {id: b, needs: [handshak]}]", 27, "Did you mean 'handshake'"),
    ("labs: [a]", 1, "'b' is not listed"),
    ("labs: [a, {id: b, chapter: 5}]", 28, "text"),
    ("lab: [a, b]", 1, "Did you mean 'labs'"),
    ("labs: [a, 5, b]", 11, "mapping"),
    ("[a, b]", 1, "mapping"), ("labs: [a", 9, "YAML"), ("", 1, "empty"),
])  # fmt: skip
def test_a_course_file_is_told_what_is_wrong_with_it(folder, course, column, words):
    (folder / "course.yaml").write_text(course)
    found = problems_of(str(folder / "course.yaml"))
    assert [(one.line, one.column) for one in found] == [(1, column)] and words in str(found[0])


def test_the_places_of_what_only_playing_shows(folder):
    lab = folder / "a.yaml"
    lab.write_text(template("a").replace("start: [client connect server 80,", "start: [client send 5,"))
    assert [(one.line, one.column) for one in problems_of(str(lab)) if "cannot begin" in one.message] == [(20, 9)]
    lab.write_text(template("a").replace("['client send {{n}}', run until idle]", "[run until idle]"))
    found = problems_of(str(lab))
    assert [lab.read_text().splitlines()[one.line - 1].split(":")[0] for one in found] == ["  send"]


def test_a_lab_called_as_a_shipped_one_is_told(folder):
    lab = folder / "a.yaml"
    lab.write_text(template("a").replace("id: a\n", "id: handshake\n"))
    found = problems_of(str(lab))
    assert [one.severity for one in found] == ["warning"] and "A shipped lab is called 'handshake'" in found[0].message
    assert problems_of("handshake") == []


@pytest.mark.parametrize(("pick", "words"), [
    ("", ["'n' is not known here."]), ("pick: {n: [20, x]}", ["'x' is not known here."]),
    ("pick: {n: []}", ["This needs at least 2 entries."]), ("pick: {N: [1, 2]}", ["'N' is not a name."]),
    ("pick: [1, 2]", ["This has to be a mapping of keys."]),
])  # fmt: skip
def test_a_pick_that_is_missing_or_faulty_is_one_fault(folder, pick, words):
    lab = folder / "a.yaml"
    lab.write_text(template("a").replace("pick: {n: [20, 30, 50]}", pick))
    assert [one.message for one in problems_of(str(lab)) if one.severity == "error"] == words


def test_files_that_are_not_there(tmp_path):
    for name in ("no.yaml", tmp_path, "no-such-lab", "a\0b"):
        assert tcplab("lab", "lint", name).exit_code == 2


def test_the_shipped_folder_named_from_where_it_lies_is_clean(monkeypatch):
    monkeypatch.chdir(labs_dir().parent)
    done = CliRunner().invoke(cli, ["lab", "lint", "labs/handshake.yaml"])
    assert done.exit_code == 0 and "warning" not in done.output
