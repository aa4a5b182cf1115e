"""What reading a shipped lab file came to, kept between runs, so that opening a lab loads neither YAML nor pydantic.

One small JSON file for each lab file in the user's cache folder or beside the compiled program, true only for the very
bytes of the lab file and of the code that reads it. It never decides anything: where it is missing, damaged, of
another version, or cannot be written, the lab file is read instead. Replaced as a whole, so that several sessions may
write at once.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace

from tcplab import __version__

#: The keys of a lab whose value is a mapping of names, not a part with fields of its own.
NAMED = frozenset({"hosts", "directions", "solution", "keep", "wrong", "match", "pick"})
#: The files that decide what is kept here.
_READERS = ("cache.py", "checks.py", "loader.py", "logic.py", "mending.py", "model.py", "picks.py",
            "shape.py", "validate.py", "yamltree.py")


def folder() -> Path:
    """Where it is kept: in the folder that TCPLAB_HOME names, else where this system keeps what can be made anew."""
    chosen = os.environ.get("TCPLAB_HOME")
    if chosen:
        return Path(chosen).expanduser() / "cache"
    if sys.platform == "linux":
        # What platformdirs would say too, but importing it takes a twentieth of a whole headless run.
        base = os.environ.get("XDG_CACHE_HOME", "")
        return Path(base if base.startswith("/") else "~/.cache").expanduser() / "tcplab"
    import platformdirs

    return Path(platformdirs.user_cache_dir("tcplab", appauthor=False))


def beside() -> Path:
    """Where whoever set the program up has kept it for all (``python -m tcplab.lab``): among the compiled files."""
    return Path(__file__).parent / "__pycache__"


def recall(name: str, raw: bytes) -> object | None:
    """The value that was kept as `name` for a file of these bytes; None when there is none to rely on."""
    for place in (folder, beside):
        try:
            head, _, body = (place() / f"{name}.json").read_bytes().partition(b"\n")
            if head == _seal(raw, body):
                return json.loads(body)
        except (OSError, ValueError, RuntimeError):  # of which: no home, nested too deep
            continue
    return None


def keep(name: str, raw: bytes, value: object) -> None:
    """Keep `value`, which JSON can hold and which is not None; silently not, where nothing can be written."""
    body = json.dumps(value, ensure_ascii=True, separators=(",", ":")).encode()
    with contextlib.suppress(OSError, RuntimeError):
        place = folder()
        place.mkdir(parents=True, exist_ok=True)
        new = place / f"{name}.{os.getpid()}.tmp"
        try:
            new.write_bytes(_seal(raw, body) + b"\n" + body)
            os.replace(new, place / f"{name}.json")
        except OSError:
            new.unlink(missing_ok=True)


def _seal(raw: bytes, body: bytes) -> bytes:
    """What belongs together: the file, the code that read it, and what it came to."""
    digest = hashlib.sha256(_code())
    for part in (raw, body):
        digest.update(b"%d " % len(part) + part)
    return digest.hexdigest().encode()


@lru_cache(maxsize=1)
def _code() -> bytes:
    here = Path(__file__).parent
    sources = b"\0".join((here / name).read_bytes() for name in _READERS)
    return hashlib.sha256(__version__.encode() + b"\0" + sources).digest()


def as_parts(value: object, key: str = "") -> object:
    """Plain data with the fields of parts as attributes, as the model has them."""
    if isinstance(value, list):
        return [as_parts(item) for item in value]
    if not isinstance(value, dict):
        return value
    parts = {name: as_parts(item, "" if key in NAMED else name) for name, item in value.items()}
    return parts if key in NAMED else SimpleNamespace(**parts)


class Settled:
    """In the place of a file's tree where the file was found without fault before: any fault means it is not so."""

    values = frozenset()
    lost = ()

    def __init__(self, file: str) -> None:
        self.file = file

    def touched(self, *paths: object) -> bool:
        return False

    def report(self, path: object, message: str, *_: object, **__: object) -> None:
        raise ValueError(f"{self.file} was kept without fault, but: {message}")

    def report_notation(self, path: object, error: Exception, *_: object, **__: object) -> None:
        raise ValueError(f"{self.file} was kept without fault, but: {error}")
