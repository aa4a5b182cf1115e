"""What is kept of a shipped lab never decides anything: it is the same as reading the file, or it is not used."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tcplab.lab import __main__ as prepare
from tcplab.lab import cache, loader
from tcplab.lab.loader import find_lab, lab_ids, lint_file, list_labs, load_lab


@pytest.fixture
def kept(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("TCPLAB_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(cache, "beside", lambda: tmp_path / "none")
    loader._course.cache_clear()
    return tmp_path / "home" / "cache"


def plain(value: object) -> object:
    """A lab down to texts and numbers; expressions and matches by what they say."""
    if isinstance(value, (tuple, list)):
        return [type(value).__name__, *map(plain, value)]
    if isinstance(value, frozenset):
        return sorted(value)
    if hasattr(value, "text"):
        return [type(value).__name__, value.text, plain(getattr(value, "names", None))]
    return value


@pytest.mark.parametrize("lab_id", lab_ids())
def test_a_kept_lab_is_the_lab(lab_id, kept, monkeypatch):
    whole, _ = lint_file(find_lab(lab_id))
    first = load_lab(lab_id)
    assert (kept / f"{lab_id}.lab.json").is_file()
    monkeypatch.setattr(loader, "_read", None)
    again = load_lab(lab_id)
    assert plain(first) == plain(again) == plain(whole)
    assert again.warnings == whole.warnings and again.logic_sha256 == whole.logic_sha256


def test_the_course_is_kept_too(kept):
    first = list_labs()
    loader._course.cache_clear()
    assert list_labs() == first and (kept / "course.json").is_file()


@pytest.mark.parametrize("damage", [
    lambda data: b"",
    lambda data: data[:-1],
    lambda data: data.replace(b"points", b"pionts", 1),
    lambda data: b"\xff" * 300,
    lambda data: b"[" * 100_000,
    lambda data: data.partition(b"\n")[0] + b"\n{}",
], ids=["empty", "cut", "altered", "noise", "deep", "swapped"])
def test_damage_is_not_believed(damage, kept):
    whole = plain(load_lab("teardown"))
    file = kept / "teardown.lab.json"
    good = file.read_bytes()
    file.write_bytes(damage(good))
    assert plain(load_lab("teardown")) == whole
    assert file.read_bytes() == good, "and it is mended"


def test_even_a_sealed_lie_of_the_wrong_shape_harms_nothing(kept):
    whole, raw = plain(load_lab("teardown")), find_lab("teardown").read_bytes()
    for lie in ({}, {"model": {"id": "x"}, "logic_sha256": "", "warnings": []}, [1]):
        cache.keep("teardown.lab", raw, lie)
        assert plain(load_lab("teardown")) == whole


def test_another_file_or_another_code_is_read_anew(kept, monkeypatch):
    cache.keep("x", b"file", {"a": 1})
    assert cache.recall("x", b"file") == {"a": 1}
    assert cache.recall("x", b"file2") is None
    monkeypatch.setattr(cache, "_code", lambda: b"other code")
    assert cache.recall("x", b"file") is None


def test_what_is_kept_beside_the_program_is_used_and_a_newer_file_read_anew(kept, tmp_path, monkeypatch):
    monkeypatch.setattr(prepare, "lab_ids", lambda: ("teardown",))
    assert prepare.main(tmp_path / "beside") == 0
    monkeypatch.setenv("TCPLAB_HOME", str(tmp_path / "fresh"))
    whole = plain(load_lab("teardown"))
    (tmp_path / "fresh" / "cache" / "teardown.lab.json").unlink()
    monkeypatch.setattr(cache, "beside", lambda: tmp_path / "beside")
    with monkeypatch.context() as patch:
        patch.setattr(loader, "_read", None)
        assert plain(load_lab("teardown")) == whole
    raw = find_lab("teardown").read_bytes()
    assert cache.recall("teardown.lab", raw) is not None and cache.recall("teardown.lab", raw + b"\n") is None


def test_where_nothing_can_be_written_nothing_is_kept(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("TCPLAB_HOME", str(tmp_path / "file"))
    assert load_lab("teardown").id == "teardown"
    (tmp_path / "cache" / "teardown.lab.json").mkdir(parents=True)
    monkeypatch.setenv("TCPLAB_HOME", str(tmp_path))
    assert load_lab("teardown").id == "teardown"
    assert not list((tmp_path / "cache").glob("*.tmp"))
    monkeypatch.setattr(prepare, "lab_ids", lambda: ())
    assert prepare.main(tmp_path / "file") == 1


def test_it_lies_where_the_system_keeps_such_files(monkeypatch):
    platformdirs = pytest.importorskip("platformdirs")
    monkeypatch.delenv("TCPLAB_HOME", raising=False)
    for chosen in ("/var/tmp/cache", "not/absolute", ""):
        monkeypatch.setenv("XDG_CACHE_HOME", chosen)
        assert cache.folder() == Path(platformdirs.user_cache_dir("tcplab", appauthor=False)), chosen


def test_many_may_write_at_once(kept):
    code = ("from tcplab.lab import cache; from tcplab.lab.loader import load_lab; cache.beside = cache.folder;"
            "print(load_lab('teardown').logic_sha256)")
    several = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=os.environ)
               for _ in range(3)]
    assert len({process.communicate()[0] for process in several}) == 1
    assert json.loads((kept / "teardown.lab.json").read_bytes().partition(b"\n")[2])["model"]["id"] == "teardown"


def test_a_kept_lab_needs_neither_yaml_nor_pydantic(kept):
    load_lab("teardown")
    code = ("import sys; from tcplab.session.session import Session; Session.open('teardown');"
            "print([m for m in ('pydantic', 'ruamel.yaml') if m in sys.modules])")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
