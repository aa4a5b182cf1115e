"""Rows of the log as text: to the terminal's clipboard where it takes that, and always to a file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tcplab.export.text import fate, seconds
from tcplab.lab.progress import home
from tcplab.notation.errors import printable
from tcplab.notation.segline import relative_bases, tcpdump_line
from tcplab.views.entries import Entry

if TYPE_CHECKING:
    from .desk import Desk

#: What is handed to a terminal at most, in bytes: many cut what is longer, and a slow line needs seconds for it.
CLIPBOARD = 32_000


def text_of(desk: Desk, entries: Sequence[Entry]) -> str:
    """One line a segment as tcpdump prints it, with its fate and the notes; without control characters."""
    bases = relative_bases(e.rec for e in desk.story.entries) if desk.relative else None
    lines = (f"{seconds(e.rec.sent_at)}  #{e.rec.id:<5} {tcpdump_line(e.rec, relative=bases)}{fate(e, desk.captured)}"
             for e in entries)
    return "".join(printable(line, 2000) + "\n" for line in lines)


def copy(desk: Desk, entries: Sequence[Entry]) -> tuple[str, str, str]:
    """Write the rows to a file. Returns what to hand to the terminal ('' for nothing), what to say, and its style."""
    if not entries:
        return "", "There is no row to copy.", "warn"
    text, path = text_of(desk, entries), home() / "copied.txt"
    rows = "1 row" if len(entries) == 1 else f"{len(entries):,} rows"
    fits = desk.terminal.clipboard and len(text.encode()) <= CLIPBOARD
    problem = _write(path, text)
    if problem and not fits:
        return "", f"Nothing was copied: {problem}", "warn"
    if not fits:
        why = "too long for the terminal's clipboard" if desk.terminal.clipboard else "this terminal has no clipboard"
        return "", f"{rows} copied to {path} ({why})", "good"
    where = f"but to no file: {problem}" if problem else f"and to {path}"
    return text, f"{rows} copied to the terminal's clipboard, if it takes OSC 52, {where}", "good"


def _write(path: Path, text: str) -> str:
    """Replace the file; returns what went wrong."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        return f"cannot write {path}: {error.strerror or error}"
    return ""


def copy_rows(screen: Any, rest: str) -> None:
    """Copy the selected row of the log of `screen` when `rest` is ``row``, else all that are shown, and say so."""
    log = screen.desk.log
    clip, message, style = copy(screen.desk, [log.entry] if rest == "row" and log.entry else log.rows)
    if clip:
        screen.app.copy_to_clipboard(clip)
    screen.desk.say(message, style)
    screen.draw()
