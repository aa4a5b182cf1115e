"""Progress: kept, merged, set aside when damaged, and never in the way."""

import json
import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from tcplab.lab.progress import LabProgress, home, load_progress, record_progress, recordings_dir


def test_the_best_stays_and_steps_add_up(tmp_path):
    assert load_progress(tmp_path).labs == {}
    record_progress("a", score=3, max_score=10, done=["one"], recording="r1", directory=tmp_path)
    record_progress("a", score=2, max_score=10, done=["two"], finished=True, directory=tmp_path)
    record_progress("b", score=1, max_score=1, directory=tmp_path)
    kept = load_progress(tmp_path)
    assert kept.of("a") == LabProgress(3, 10, ("one", "two"), True, "r1")
    assert kept.of("b").best == 1 and kept.of("c") == LabProgress()
    assert record_progress("a", score=4, max_score=12, directory=tmp_path).of("a").best == 4


def test_two_sessions_do_not_corrupt_each_other(tmp_path):
    def work(number):
        for step in range(5):
            record_progress(f"lab{number}", score=step, max_score=5, done=[f"s{step}"], directory=tmp_path)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    kept = load_progress(tmp_path)
    assert {lab: entry.best for lab, entry in kept.labs.items()} == {f"lab{n}": 4 for n in range(4)}
    assert all(len(entry.done) == 5 for entry in kept.labs.values())
    assert not list(tmp_path.glob("*.tmp"))


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"\xff\xfe", b"[]", b'{"format": "other", "labs": {}}', b"[" * 100_000,
            b'{"format": "tcplab/progress/1", "labs": {"a": {"best": "x"}}}'],
)  # fmt: skip
def test_a_damaged_file_is_set_aside(tmp_path, raw):
    (tmp_path / "progress.json").write_bytes(raw)
    kept = record_progress("a", score=1, max_score=1, directory=tmp_path)
    assert "damaged" in kept.note
    assert (tmp_path / "progress.damaged-1.json").read_bytes() == raw
    assert load_progress(tmp_path).of("a").best == 1 and load_progress(tmp_path).note == ""
    (tmp_path / "progress.json").write_bytes(b"x")
    assert "damaged-2" in load_progress(tmp_path).note


def test_a_home_that_cannot_be_written(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("not a directory")
    kept = record_progress("a", score=1, max_score=1, directory=blocked / "below")
    assert "not kept" in kept.note
    assert recordings_dir(blocked) is None
    assert load_progress(blocked).labs == {}


def test_where_it_is_kept(tmp_path, monkeypatch):
    monkeypatch.setenv("TCPLAB_HOME", str(tmp_path / "deep" / "home"))
    assert home() == tmp_path / "deep" / "home"
    record_progress("a", score=1, max_score=2)
    assert json.loads((home() / "progress.json").read_text())["labs"]["a"]["best"] == 1
    assert recordings_dir() == home() / "recordings"
    monkeypatch.delenv("TCPLAB_HOME")
    assert home().name == "tcplab" and os.path.isabs(home())
