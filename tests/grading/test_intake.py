"""Files, folders and zip files as strangers hand them in: nothing leaves its place, nothing stops a batch."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

from tcplab.grading import intake
from tcplab.grading.clean import clean, cleaned, one_line
from tcplab.grading.intake import Intake
from tests.support.hand_ins import HOSTILE, bomb, zipped


def entries(*paths: Path) -> list:
    return list(Intake([str(path) for path in paths]))


def test_a_folder_gives_its_hand_ins_in_order_and_passes_others_over(tmp_path):
    for name in ("b/2.jsonl", "a/1.txt", "a/.hidden.jsonl", "__MACOSX/x.jsonl", "readme.md", "submission_metadata.yml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    source = Intake([str(tmp_path)])
    assert [(entry.path, entry.data.decode()) for entry in source] == [("a/1.txt", "a/1.txt"), ("b/2.jsonl",
                                                                                              "b/2.jsonl")]
    assert len(source.passed_over) == 3 and source.count() == 2


def test_links_pipes_and_missing_files_are_marked_not_followed(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("do not read")
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.jsonl").symlink_to(secret)
    os.mkfifo(folder / "b.jsonl")
    (folder / "c.txt").write_text("fine")
    found = entries(folder, tmp_path / "none.jsonl")
    assert [entry.data for entry in found] == [b"", b"", b"fine", b""]
    assert "link" in found[0].problem and "not a file" in found[1].problem and "No such file" in found[3].problem


def test_an_empty_folder_and_a_nul_are_said(tmp_path):
    assert "no hand-in" in entries(tmp_path)[0].problem
    assert "NUL" in next(iter(Intake(["a\0b"]))).problem


def test_a_zip_of_zips_as_platforms_export_it(tmp_path):
    path = tmp_path / "export.zip"
    inner = zipped({"work/r.jsonl": b"{one}", "notes.md": b""})
    path.write_bytes(zipped({"Ada_1_assignsubmission_file_/mine.zip": inner, "Bob_2_assignsubmission_file_/s.txt": b"x",
                             "submission_metadata.yml": b""}))
    source = Intake([str(path)])
    found = list(source)
    assert [(entry.path, entry.data) for entry in found] == [
        ("Ada_1_assignsubmission_file_/mine.zip/work/r.jsonl", b"{one}"), ("Bob_2_assignsubmission_file_/s.txt", b"x")]
    assert len(source.passed_over) == 2


def test_the_folder_that_an_export_puts_around_all_is_taken_off(tmp_path):
    path = tmp_path / "export.zip"
    path.write_bytes(zipped({"a_1_export/submission_7/r.jsonl": b"7", "a_1_export/submission_8/r.jsonl": b"8",
                             "a_1_export/submission_metadata.yml": b""}))
    assert [entry.path for entry in entries(path)] == ["submission_7/r.jsonl", "submission_8/r.jsonl"]
    path.write_bytes(zipped({"ada/work/r.jsonl": b"7", "ada/work/s.jsonl": b"8"}))
    assert [entry.path for entry in entries(path)] == ["ada/work/r.jsonl", "ada/work/s.jsonl"]
    path.write_bytes(b"")
    assert "broken" in entries(path)[0].problem


@pytest.mark.parametrize(("name", "word", "limit"), [
    ("bomb.zip", "times its size", True), ("outside.zip", "leads out", False), ("link.zip", "link", False),
    ("many.zip", "10,000 files", True), ("nested.zip", "in a zip file in a zip", True),
    ("broken.zip", "broken", False)])
def test_zips_that_mean_harm_are_marked(tmp_path, name, word, limit):
    (tmp_path / name).write_bytes(HOSTILE[name])
    found = entries(tmp_path / name)
    assert found and all(word in entry.problem and entry.limit == limit and not entry.data for entry in found)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_bomb_in_a_students_zip_is_marked_and_its_neighbour_read(tmp_path):
    path = tmp_path / "export.zip"
    path.write_bytes(zipped({"a/evil.zip": bomb(), "b/good.jsonl": b"{}"}))
    assert [bool(entry.problem) for entry in entries(path)] == [True, False]


def test_what_cannot_be_unpacked_is_marked(tmp_path):
    path = tmp_path / "bad.zip"
    data = bytearray(zipped({"r.jsonl": b"hello hello hello hello", "s.jsonl": b"fine"}))
    data[data.index(b"r.jsonl") + 8] ^= 0xFF
    path.write_bytes(data)
    assert [bool(entry.problem) for entry in entries(path)] == [True, False]


def test_a_table_of_contents_is_measured_before_it_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(intake, "MOST_TABLE", 100)
    path = tmp_path / "a.zip"
    path.write_bytes(zipped({f"{n}.jsonl": b"{}" for n in range(9)}))
    monkeypatch.setattr(zipfile.ZipFile, "infolist", lambda self: pytest.fail("it was read"))
    assert "too many" in entries(path)[0].problem


def test_texts_are_made_harmless_everywhere():
    assert clean("a\x1b[2J\x00\u202eb\ud800\ufffe\n\tc") == "a?[2J??b??\n\tc"
    assert one_line("a\nb\tc\u2028d") == "a b c?d" and len(clean("x" * 9999)) == 2000
    assert cleaned({"k\x07": ["\x1b", 3, None]}) == {"k?": ["?", 3, None]}
