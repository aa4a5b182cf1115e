"""Golden traces: seeded sessions lead to the same facts, byte for byte, on every supported Python and forever."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tcplab.lab.loader import lab_ids, load_lab
from tests.golden.play import SEEDS, play, play_lab, read

ROOT = Path(__file__).resolve().parent.parent
GOLDEN = read()
VERSIONS = ("3.11", "3.12", "3.13")
HERE = f"{sys.version_info.major}.{sys.version_info.minor}"
REMEDY = "if behaviour was meant to change: python -m tests.golden.make"


@pytest.mark.parametrize("entry", GOLDEN["sessions"], ids=lambda entry: entry["name"])
def test_a_session_leads_where_it_always_led(entry):
    assert play(entry, GOLDEN["worlds"]) == entry["expected"], REMEDY


def test_the_golden_sessions_meet_every_accident():
    met = {name for entry in GOLDEN["sessions"] for name in entry["expected"]["counters"]}
    assert met >= {"segments_lost", "segments_duplicated", "segments_corrupted", "segments_reordered", "segments_held",
                   "segments_dropped", "segments_retransmitted", "segments_injected"}
    assert not any(entry["expected"]["refused"] for entry in GOLDEN["sessions"])


@pytest.mark.parametrize("lab_id", lab_ids())
def test_a_shipped_lab_is_solved_as_it_always_was(lab_id):
    pinned = GOLDEN["labs"].get(lab_id)
    if pinned is None or pinned["logic_sha256"] != load_lab(lab_id).logic_sha256:
        pytest.skip(f"the logic of the lab is new: pin it with python -m tests.golden.make {lab_id}")
    assert play_lab(lab_id) == pinned, REMEDY


def interpreter(version: str) -> str | None:
    """Another Python of this machine that has what the laboratory needs."""
    for candidate in (ROOT / f".venv-{version}/bin/python", shutil.which(f"python{version}")):
        if candidate and Path(candidate).exists() and played_by(str(candidate), "import click, pydantic, ruamel.yaml, "
                                                                "simpleeval, platformdirs").returncode == 0:
            return str(candidate)
    return None


def played_by(python: str, code: str, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run([python, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False,
                          env=os.environ | {"PYTHONPATH": str(ROOT)} | environment)


@pytest.fixture(scope="module")
def here() -> dict:
    """What the tests above hold for true; labs whose logic is new are played."""
    labs = {}
    for lab_id in lab_ids():
        seed, pinned = str(SEEDS[0]), GOLDEN["labs"].get(lab_id, {})
        known = pinned.get("logic_sha256") == load_lab(lab_id).logic_sha256
        labs[lab_id] = pinned | {"traces": {seed: pinned["traces"][seed]}} if known else play_lab(lab_id, SEEDS[:1])
    sessions = {entry["name"]: entry["expected"] for entry in GOLDEN["sessions"]}
    return json.loads(json.dumps({"sessions": sessions, "labs": labs}))


@pytest.mark.parametrize("version", [version for version in VERSIONS if version != HERE])
def test_another_python_sees_the_same(version, here):
    python = interpreter(version)
    if python is None:
        pytest.skip(f"no python{version} with the dependencies here: make test-versions runs everything on it")
    done = played_by(python, "import json, tests.golden.play as g; print(json.dumps(g.play_all(g.SEEDS[:1])))")
    assert done.returncode == 0, done.stderr[-2000:]
    assert json.loads(done.stdout) == here


def test_neither_hash_seed_nor_optimisation_nor_locale_matters(here):
    done = played_by(sys.executable, "import json, tests.golden.play as g; print(json.dumps(g.play_all(g.SEEDS[:1])))",
                     PYTHONHASHSEED="4211", PYTHONOPTIMIZE="2", LC_ALL="C", TZ="Asia/Kathmandu")
    assert done.returncode == 0, done.stderr[-2000:]
    assert json.loads(done.stdout) == here
