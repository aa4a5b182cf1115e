"""The kinds of files there are, their names, and how one is written: whole, or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from .subject import Subject


class Kind(NamedTuple):
    """One kind of file: its id (the option's name), words for people, and how its file name ends."""

    id: str
    words: str
    ending: str


#: In the order in which they are offered.
KINDS = (
    Kind("text", "segments as text, with their fates", ".txt"),
    Kind("pcapng", "all packets, for Wireshark", ".pcapng"),
    Kind("svg", "the ladder, as a picture", "-ladder.svg"),
    Kind("states", "the state diagram, as a picture", "-states.svg"),
    Kind("plot", "all plots, as a picture", "-plots.svg"),
    Kind("mermaid", "a Mermaid diagram, for Markdown", ".mmd"),
    Kind("dot", "the states walked, for Graphviz", ".dot"),
)
BY_ID = {kind.id: kind for kind in KINDS}


def render(kind: str, subject: Subject) -> bytes:
    """The bytes of a file of that kind. Raises KeyError for a kind that does not exist."""
    if kind == "pcapng":
        return _capture(subject)
    return _writer(kind)(subject).encode("utf-8")


def _writer(kind: str) -> Callable[[Subject], str]:
    """Each writer is loaded when it is asked for."""
    if kind == "text":
        from .text import text as writer
    elif kind == "mermaid":
        from .mermaid import mermaid as writer
    elif kind == "svg":
        from .ladder import ladder_svg as writer
    elif kind == "plot":
        from .plots import plots_svg as writer
    elif kind == "states":
        from .states import states_svg as writer
    elif kind == "dot":
        return _dot
    else:
        raise KeyError(kind)
    return writer


def _dot(subject: Subject) -> str:
    from tcplab.graph.fsm import to_dot

    return to_dot(subject.steps)


def _capture(subject: Subject) -> bytes:
    from tcplab.capture.pcapng import write_pcapng

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "capture.pcapng"
        write_pcapng(path, subject.trace, subject.hosts)
        return path.read_bytes()


def write(path: str | os.PathLike, data: bytes) -> None:
    """Write `data` to `path`; a file that stood there stays whole until then. Raises OSError naming `path`."""
    path = Path(path)
    if path.exists() and not path.is_file():
        # A pipe or device cannot be replaced.
        with open(path, "wb") as file:
            file.write(data)
        return
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from None
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        # What mkstemp makes only its owner may read; a picture is made to be handed on.
        os.chmod(name, (path.stat().st_mode & 0o777) if path.exists() else 0o666 & ~_umask())
        os.replace(name, path)
    except OSError as error:
        os.unlink(name)
        raise OSError(error.errno, error.strerror, str(path)) from None


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def free_name(base: Path, kind: str) -> Path:
    """A name beside `base` that no file has yet: ``lab.txt``, ``lab-2.txt``, ..."""
    ending = BY_ID[kind].ending
    stem = base.parent / base.name
    path, number = Path(f"{stem}{ending}"), 1
    while path.exists():
        number += 1
        path = Path(f"{stem}-{number}{ending}")
    return path
