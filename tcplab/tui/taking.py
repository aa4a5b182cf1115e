"""`e`: what can be taken away, under which names, and what became of it. No widget, no drawing.

Names are made so that no file is ever overwritten. What cannot be written is said; everything else is written all the
same, and the session does not notice.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from .editor import Editor

if TYPE_CHECKING:
    from tcplab.export.files import Kind
    from tcplab.export.subject import Subject


#: A longer session is not drawn before it is asked for.
MOST_SHOWN = 5_000
#: What is said of a file that an open question keeps back.
HIDES = "The open question hides what this file tells: write it when the question is answered."
#: What a picture shows, where its lines cannot be shown here.
SHOWS = {
    "pcapng": "Every packet with its bytes, one interface for each host, times of the virtual clock. What the link did "
              "to a packet stands in its comment. Wireshark and tshark open it.",
    "svg": "The whole ladder, a line for each segment, with losses and what was sent again. A browser opens it.",
    "states": "The state diagram with what both hosts walked in this session. A browser opens it.",
    "plot": "Windows and bytes in flight, round trips and RTO, sequence numbers, throughput, one plot below another. A "
            "browser opens it.",
}


class Done(NamedTuple):
    """What became of one file: a sentence and its style."""

    words: str
    style: str


class Taking:
    """The form: `kinds` in rows, `marked` those to write, `picked` the row of the cursor (the last one is the name).

    `subject` is asked for when something is written; `base` is where the files go, without their endings. With a
    `pen` they go into that folder and nowhere else, whatever is typed. `withheld` says of a kind whether an open
    question hides what it would tell: it is neither shown nor written.
    """

    def __init__(self, kinds: tuple[Kind, ...], base: Path, subject: Callable[[], Subject],
                 pen: Path | None = None, withheld: Callable[[str], bool] = lambda _kind: False) -> None:
        self.kinds, self.subject, self.pen, self.withheld = kinds, subject, pen, withheld
        self.base = Editor(str(base) if pen is None else base.name)
        self.marked: set[str] = {kinds[0].id}
        self.picked = 0
        self.typing = False
        self._was = ""
        self.said: list[Done] = []
        self.written: dict[str, str] = {}  # by kind the name that was written last under this base
        self._previews: dict[str, list[str]] = {}
        self.folder: Path | None = None

    def move(self, by: int) -> None:
        """Up or down; below the kinds stands the name."""
        self.picked = max(0, min(self.picked + by, len(self.kinds)))

    def rename(self) -> None:
        """Type the name: the cursor goes there."""
        self.picked, self.typing, self._was = len(self.kinds), True, self.base.text

    def named(self, kept: bool) -> None:
        """The name is typed; unless it is `kept` it is again what it was."""
        self.typing = False
        if not kept:
            self.base.set(self._was)
        elif self.base.text != self._was:
            self.written, self.said = {}, []

    @property
    def on_name(self) -> bool:
        return self.picked == len(self.kinds)

    def toggle(self) -> None:
        """Mark the kind under the cursor, or not; on the name: type it."""
        if self.on_name:
            self.rename()
        else:
            self.marked ^= {self.kinds[self.picked].id}

    def mark_all(self) -> None:
        """Mark all kinds; or none when all are."""
        every = {kind.id for kind in self.kinds}
        self.marked = set() if self.marked == every else every

    def path(self) -> Path:
        """Where the files go, without their endings; ``~`` is the home folder."""
        if self.pen is not None:
            return self.pen / penned(self.base.text)
        text = os.path.expanduser(self.base.text.strip()) or "tcplab"
        return Path(text) / "tcplab" if text.endswith(os.sep) else Path(text)

    def target(self, kind: Kind) -> Path:
        """The name a file of that kind would get now: one that no file has."""
        from tcplab.export.files import free_name

        return free_name(self.path(), kind.id)

    @property
    def looked_at(self) -> Kind:
        """The kind under the cursor; on the name the first that is marked."""
        marked = [kind for kind in self.kinds if kind.id in self.marked]
        return (marked or self.kinds)[0] if self.on_name else self.kinds[self.picked]

    def preview(self) -> list[str]:
        """What a file of the kind looked at begins with, or what it shows."""
        from tcplab.export.files import render

        kind = self.looked_at.id
        if self.withheld(kind):
            return [HIDES]
        if kind not in self._previews:
            subject = self.subject()
            short = kind not in SHOWS and len(subject.entries) <= MOST_SHOWN
            words = SHOWS.get(kind, f"{len(subject.entries):,} segments, a line each.")
            self._previews[kind] = render(kind, subject).decode().splitlines()[:100] if short else [words]
        return self._previews[kind]

    def write(self) -> None:
        """Write what is marked, or what the cursor is on when nothing is."""
        from tcplab.export.files import render, write

        chosen = [kind for kind in self.kinds if kind.id in self.marked] or (
            [] if self.on_name else [self.kinds[self.picked]])
        self.said = []
        if not chosen:
            self.said.append(Done("Nothing is marked: space marks what the cursor is on.", "warn"))
            return
        subject = self.subject()
        for kind in chosen:
            if self.withheld(kind.id):
                self.said.append(Done(f"not written: {kind.words}. {HIDES}", "warn"))
                continue
            data = render(kind.id, subject)
            try:
                target = self.target(kind)
                write(target, data)
            except OSError as error:
                self.said.append(Done(f"Cannot write {error.filename or self.path()}: {error.strerror}. Choose another "
                                      "name or folder below; nothing is lost.", "warn"))
                continue
            self.written[kind.id] = target.name
            self.said.append(Done(f"written: {target.name}  ({len(data):,} bytes)", "good"))
            self.folder = target.parent.resolve()

    @property
    def summary(self) -> Done | None:
        """All of it in one sentence, for the message line of the screen below."""
        good = [done for done in self.said if done.style == "good"]
        bad = [done for done in self.said if done.style != "good"]
        if not self.said or (bad and not good):
            return bad[0] if bad else None
        more = f" and {len(good) - 1} more" if len(good) > 1 else ""
        where = f" in {self.folder}" + ("; not all could be written" if bad else "")
        return Done(good[0].words.split("  (")[0] + more + where, "good")


def penned(name: str) -> str:
    """A plain file name made of what was typed: letters, digits and ``-_.``, no folder, not hidden, at most 80 long."""
    plain = "".join(char if char.isascii() and (char.isalnum() or char in "-_.") else "-" for char in name.strip())
    return plain.lstrip(".-")[:80] or "tcplab"


def base_of(lab: str, recording: str | os.PathLike | None) -> Path:
    """Where a session's files go unless the learner says otherwise: into this folder, or beside the recording."""
    here = Path.cwd()
    if recording is None or os.access(here, os.W_OK):
        return here / f"tcplab-{lab}"
    return Path(recording).with_suffix("")
