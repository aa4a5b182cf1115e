"""The captures that are shipped with the course: small pcapng files that lessons ask about, known by name only."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from tcplab.notation.errors import suggest

from .loader import labs_dir

_NAME = re.compile(r"[a-z]+-[1-9]")


@cache
def capture_names() -> tuple[str, ...]:
    """The names of all shipped captures, sorted."""
    return tuple(sorted(file.stem for file in (labs_dir() / "captures").glob("*.pcapng")))


def capture_file(name: str) -> Path | None:
    """The file of a shipped capture; None for any other name. A path is never a name."""
    if not _NAME.fullmatch(name) or name not in capture_names():
        return None
    return labs_dir() / "captures" / f"{name}.pcapng"


def advice(name: str) -> str:
    """What to do about a capture that cannot be opened under `name`, a path or the name of a shipped one."""
    return f"name a pcap or pcapng file that you may read, or a capture of the course.{suggest(name, capture_names())}"
