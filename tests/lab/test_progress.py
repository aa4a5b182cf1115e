"""Progress: kept, merged, set aside when damaged, and never in the way."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tcplab.lab.progress import LabProgress, home, load_progress, record_progress, recordings_dir, reset_progress


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


def test_a_reset_forgets_the_lab_but_neither_ways_nor_other_labs(tmp_path):
    record_progress("a", score=3, max_score=10, done=["one"], finished=True, walked=[("CLOSED", "LISTEN")],
                    directory=tmp_path)
    record_progress("b", score=1, max_score=1, walked=[("CLOSED", "SYN-SENT"), ("CLOSED", "LISTEN")],
                    directory=tmp_path)
    kept = reset_progress("a", "half.jsonl", tmp_path)
    assert kept == load_progress(tmp_path) and kept.of("b").best == 1
    assert kept.of("a") == LabProgress(forgotten="half.jsonl")
    assert kept.walked == (("CLOSED", "LISTEN"), ("CLOSED", "SYN-SENT"))
    record_progress("a", score=1, max_score=10, directory=tmp_path)
    assert load_progress(tmp_path).of("a").forgotten == "half.jsonl"


WRITER = """
import sys
from pathlib import Path
from tcplab.lab.progress import record_progress
name, home = sys.argv[1], Path(sys.argv[2])
for step in range(1_000_000 if name == "endless" else 25):
    kept = record_progress(name, score=step, max_score=10**9, done=[f"s{step % 40}"], walked=[(name, str(step % 40))],
                           directory=home)
    assert not kept.note, kept.note
    print(step, flush=True)
"""


def writer(name, home):
    root = Path(__file__).resolve().parents[2]
    return subprocess.Popen([sys.executable, "-c", WRITER, name, str(home)], stdout=subprocess.PIPE, text=True,
                            env=os.environ | {"PYTHONPATH": str(root)})


def test_two_processes_write_at_once_and_one_is_killed_in_the_middle(tmp_path):
    """Nothing that was said to be kept is lost, whatever the others do and wherever kill -9 strikes."""
    doomed, one, two = (writer(name, tmp_path) for name in ("endless", "one", "two"))
    said = 0
    for line in doomed.stdout:
        said = int(line)
        if said >= 10:
            break
    doomed.kill()
    doomed.wait()
    said = max([said, *(int(line) for line in doomed.stdout.read().splitlines() if line.isdigit())])
    doomed.stdout.close()
    for other in (one, two):
        other.communicate()
        assert other.returncode == 0
    kept = load_progress(tmp_path)
    assert kept.note == "" and not list(tmp_path.glob("progress.damaged*"))
    assert kept.of("endless").best in (said, said + 1)
    assert kept.of("one").best == kept.of("two").best == 24
    assert {edge for edge in kept.walked if edge[0] == "one"} == {("one", str(step)) for step in range(25)}
