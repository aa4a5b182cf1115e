"""What people install: the source distribution makes a wheel, the wheel a working tcplab with the labs inside."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import click
import pytest

from tests.test_architecture import GUESTS

ROOT = Path(__file__).resolve().parent.parent
PIP = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
SOURCE = ("tcplab", "labs", "pyproject.toml", "README.md", "LICENSE")


def call(*command: object, **options) -> subprocess.CompletedProcess:
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, **options)


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> tuple[Path, Path]:
    """A source distribution, and the wheel made from it, as `pip install`, `pipx` and `uvx` make it."""
    tmp = tmp_path_factory.mktemp("build")
    got = call(*PIP, "install", "--target", tmp / "backend", "hatchling")
    if got.returncode:
        pytest.skip("no package registry is in reach to fetch the build backend from")
    source = tmp / "source"
    source.mkdir()
    for name in SOURCE:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
        elif (ROOT / name).is_file():
            shutil.copy(ROOT / name, source)
    env = os.environ | {"PYTHONPATH": str(tmp / "backend")}
    made = call(sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", tmp / "dist", cwd=source, env=env)
    assert made.returncode == 0, made.stderr
    sdist, = (tmp / "dist").glob("*.tar.gz")
    made = call(*PIP, "wheel", "--no-deps", "--no-build-isolation", "-w", tmp / "dist", sdist, env=env)
    assert made.returncode == 0, made.stderr
    wheel, = (tmp / "dist").glob("*.whl")
    return sdist, wheel


@pytest.fixture(scope="module")
def installed(built, tmp_path_factory) -> Path:
    """The folder of programs of a fresh environment with the wheel in it. What it depends on is borrowed from here."""
    home = tmp_path_factory.mktemp("fresh")
    assert call(sys.executable, "-m", "venv", "--without-pip", home).returncode == 0
    programs = home / ("Scripts" if os.name == "nt" else "bin")
    done = call(*PIP, "--python", programs / "python", "install", "--no-deps", built[1])
    assert done.returncode == 0, done.stderr
    place = call(programs / "python", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").stdout.strip()
    # A path in a .pth file lends the packages; .pth files over there (the editable install) are not followed.
    Path(place, "borrowed.pth").write_text(str(Path(click.__file__).parents[1]) + "\n")
    return programs


def test_the_wheel_holds_everything_and_nothing_else(built):
    names = set(zipfile.ZipFile(built[1]).namelist())
    source = {path.relative_to(ROOT).as_posix() for path in (ROOT / "tcplab").rglob("*")
              if path.is_file() and "__pycache__" not in path.parts}
    labs = {f"tcplab/{path.relative_to(ROOT).as_posix()}" for path in (ROOT / "labs").rglob("*") if path.is_file()}
    assert "tcplab/labs/captures/amber-1.pcapng" in labs
    assert {name for name in names if ".dist-info/" not in name} == source | labs


def test_a_fresh_install_works_from_anywhere(installed, tmp_path):
    env = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    env["TCPLAB_HOME"] = str(tmp_path / "home")
    where = call(installed / "python", "-c", "import tcplab; print(tcplab.__file__)", cwd=tmp_path, env=env).stdout
    assert str(installed.parent) in where
    listed = call(installed / "tcplab", "labs", cwd=tmp_path, env=env)
    assert listed.returncode == 0 and "teardown" in listed.stdout, listed.stderr
    ran = call(installed / "tcplab", "run", "teardown", "--json", cwd=tmp_path, env=env)
    again = call(installed / "python", "-m", "tcplab", "run", "teardown", "--json", cwd=tmp_path, env=env)
    here = call(sys.executable, "-m", "tcplab", "run", "teardown", "--json", cwd=ROOT)
    assert ran.returncode == 1 and json.loads(ran.stdout)["score"] == 0
    assert ran.stdout == again.stdout == here.stdout


def test_what_is_imported_is_declared():
    """Names of packages as they are imported; rich comes with textual, pydantic_core with pydantic, and pytest is there
    whenever it loads our plugin. Dask is an extra."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = project["dependencies"] + project["optional-dependencies"]["cluster"]
    names = {requirement.partition(">")[0].partition(".")[0] for requirement in declared}
    assert {guest for guests in GUESTS.values() for guest in guests} - {"rich", "pydantic_core", "pytest"} == names
