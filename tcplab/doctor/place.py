"""Python, what it has compiled, the packages, and the folders."""

from __future__ import annotations

import errno
import importlib.metadata
import importlib.util
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tcplab import __version__
from tcplab.doctor.finding import BAD, GOOD, WARN, Finding

#: A lab needs about 20 kB; this much leaves room for a course with pictures.
ENOUGH = 20 * 1024 * 1024
PACKAGES = ("textual", "rich", "click", "pydantic", "ruamel.yaml", "simpleeval", "platformdirs", "networkx", "scapy",
            "plotext")


def python() -> Iterator[Finding]:
    """The interpreter and the packages, with their versions."""
    version = ".".join(map(str, sys.version_info[:3]))
    yield Finding("python", GOOD, f"Python {version}, tcplab {__version__}")
    missing, there = [], []
    for name in PACKAGES:
        try:
            there.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            missing.append(name)
    if missing:
        yield Finding("packages", BAD, f"missing: {', '.join(missing)}", "install tcplab again: pip install tcplab")
    else:
        yield Finding("packages", GOOD, ", ".join(there[:2]) + f" and {len(there) - 2} more")


def compiled() -> Iterator[Finding]:
    """Whether the .pyc files are there: without them, where they cannot be written, each start takes a second more."""
    for name in ("tcplab", "textual"):
        spec = importlib.util.find_spec(name)
        if spec is None or not spec.origin:
            continue
        folder = Path(spec.origin).parent
        sources = sorted(folder.rglob("*.py"))[:500]
        stale = [path for path in sources if not _is_compiled(path)]
        if len(stale) * 10 <= len(sources):
            yield Finding("compiled", GOOD, f"{name} is compiled")
        else:
            yield Finding("compiled", WARN, f"{name}: {len(stale)} of {len(sources)} files are not compiled, so every "
                          "start is slower", f"as the one who installed it: {sys.executable} -m compileall -q {folder}")


def _is_compiled(path: Path) -> bool:
    try:
        return os.path.exists(importlib.util.cache_from_source(str(path)))
    except NotImplementedError:
        return False


def folders() -> Iterator[Finding]:
    """Where recordings, progress and settings go: writable, with room, within the quota."""
    from tcplab.lab.progress import home

    folder = home()
    cure = "choose another folder: TCPLAB_HOME=DIR tcplab"
    try:
        (folder / "recordings").mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder / "recordings") as file:
            file.write(b"\0" * 64 * 1024)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            cure = "make room there; " + cure
        yield Finding("folder", BAD, f"{folder} cannot be written: {error.strerror}", cure)
        return
    free = shutil.disk_usage(folder).free
    if free < ENOUGH:
        yield Finding("folder", WARN, f"{folder} has only {free // 1024:,} kB free", "make room there")
    else:
        yield Finding("folder", GOOD, f"{folder} can be written, {free // 1024**2:,} MB free")


def settings() -> Iterator[Finding]:
    """What is wrong with the learner's own settings."""
    from tcplab.tui.config import load

    config = load()
    for problem in config.problems:
        yield Finding("settings", WARN, problem, f"mend it in {config.path}")
    if not config.problems:
        yield Finding("settings", GOOD, f"{config.path}" if config.path.exists() else "none of your own")


def labs() -> Iterator[Finding]:
    """Whether the shipped labs are there and can be read."""
    from tcplab.lab.loader import list_labs

    entries = list_labs()
    broken = [f"{entry.id}: {entry.problem}" for entry in entries if entry.problem]
    if not entries or broken:
        yield Finding("labs", BAD, broken[0] if broken else "no labs are there", "install tcplab again")
    else:
        yield Finding("labs", GOOD, f"{len(entries)} labs")
