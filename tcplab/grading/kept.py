"""A kiosk's folder as it lies on the disk: whose recordings are where, and what the journals say of them.

```
DIR/labs/ID.yaml                          the instructor's own labs, if there are any
DIR/learners/NAME/kiosk.journal           one JSON object a line: logins, attempts, steps, ends
DIR/learners/NAME/recordings/LAB.003.jsonl   attempt 3 of LAB
DIR/learners/NAME/exports/                what the learner took away
```

A header proves nothing: whoever can write a recording can write its header. A hand-in is supervised when the very
same bytes lie in the kiosk's folder, which learners reach through the kiosk only, and its journal names the file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from tcplab.grading.identity import is_folder_name

LEARNERS, LABS, RECORDINGS, EXPORTS, JOURNAL = "learners", "labs", "recordings", "exports", "kiosk.journal"
#: A journal of a whole semester is a hundredth of this; more is not read.
MOST_BYTES = 64 * 1024 * 1024
_NAME = re.compile(r"(?P<lab>[a-z0-9][a-z0-9-]{0,39})\.(?P<attempt>\d{3,9})\.jsonl")


class Kept(NamedTuple):
    """One recording in a kiosk's folder: its learner, lab and attempt, whether the journal names it, and whether it was
    handed in with `submit`."""

    path: Path
    student: str
    lab: str
    attempt: int
    journalled: bool
    submitted: bool = False


def recording_name(lab: str, attempt: int) -> str:
    """How the recording of an attempt is called: ``handshake.003.jsonl``."""
    return f"{lab}.{attempt:03}.jsonl"


def attempt_of(name: str) -> tuple[str, int] | None:
    """Lab and attempt of a recording by its name, None for any other name."""
    match = _NAME.fullmatch(name)
    return (match["lab"], int(match["attempt"])) if match else None


def ended(path: Path) -> bool:
    """Whether a recording has its trailer: it was handed in, or its lab finished. An unreadable one is not ended."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - 4096))
            return b'"end":true' in file.read().splitlines()[-1]
    except (OSError, IndexError):
        return False


def journal_lines(raw: bytes) -> list[dict]:
    """The lines of a journal that can be read; half a last line, and damage, are passed over."""
    lines = []
    for row in raw.split(b"\n"):
        try:
            line = json.loads(row) if row and len(row) < 8192 else None
        except (ValueError, RecursionError):
            continue
        if isinstance(line, dict) and isinstance(line.get("event"), str):
            lines.append(line)
    return lines


def read_journal(folder: Path) -> list[dict]:
    """What the journal in a learner's folder says, oldest first; nothing where there is none."""
    try:
        with (folder / JOURNAL).open("rb") as file:
            return journal_lines(file.read(MOST_BYTES))
    except OSError:
        return []


def folders(kiosk: Path) -> list[Path]:
    """The learners' folders, by name; links are not followed, and a folder whose name no kiosk would have given is
    nobody's. Raises OSError when they cannot be listed."""
    return sorted(path for path in (kiosk / LEARNERS).iterdir()
                  if is_folder_name(path.name) and path.is_dir() and not path.is_symlink())


def recordings(folder: Path) -> Iterator[Kept]:
    """A learner's recordings, by lab and attempt."""
    journal = read_journal(folder)
    named = {line.get("recording") for line in journal if line["event"] == "open"}
    submitted = {(line.get("lab"), line.get("attempt")) for line in journal if line["event"] == "submit"}
    found = []
    for path in (folder / RECORDINGS).glob("*.jsonl"):
        which = attempt_of(path.name)
        if which and path.is_file() and not path.is_symlink():
            found.append(Kept(path, folder.name, *which, path.name in named, which in submitted))
    yield from sorted(found, key=lambda kept: (kept.lab, kept.attempt))


@dataclass
class Kiosk:
    """The kiosk's folder, given by staff. A folder without ``learners`` is taken as one of recordings."""

    folder: Path
    _sizes: dict[int, list[Kept]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if (self.folder / LEARNERS).is_dir():
            found = [kept for folder in folders(self.folder) for kept in recordings(folder) if kept.journalled]
        else:
            found = [Kept(path, "", "", 0, True) for path in sorted(self.folder.rglob("*.jsonl"))
                     if path.is_file() and not path.is_symlink()]
        for kept in found:
            self._sizes.setdefault(kept.path.stat().st_size, []).append(kept)

    def find(self, data: bytes) -> Kept | None:
        """The kept recording that has these very bytes."""
        for kept in self._sizes.get(len(data), []) if data else []:
            try:
                if kept.path.read_bytes() == data:
                    return kept
            except OSError:
                continue
        return None

    def keeps(self, data: bytes) -> bool:
        """Whether these very bytes are among the kiosk's recordings."""
        return self.find(data) is not None

    def student(self, data: bytes) -> str | None:
        """In whose folder these very bytes lie; None where they do not, or the folder does not say."""
        kept = self.find(data)
        return kept.student or None if kept else None

    def of_lab(self, lab: str) -> list[str]:
        """The files of all attempts at a lab, by learner and attempt."""
        kept = [one for group in self._sizes.values() for one in group if one.lab == lab]
        return [str(one.path) for one in sorted(kept, key=lambda one: (one.student, one.attempt))]
