"""`e`: the segments as files beside the recording, as tcpdump's text and as pcapng."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from .draw.runs import plain
from .draw.segment_line import log_line

if TYPE_CHECKING:
    from .desk import Desk


def export(desk: Desk) -> tuple[str, str]:
    """Write the files; returns what to say about it and its style."""
    if not desk.story.entries:
        return "There is no segment to write yet.", "warn"
    path = desk.session.recording_path
    base = Path(path) if path is not None else Path.cwd() / f"tcplab-{desk.view.guide.lab_id}"
    written, text = [], base.with_suffix(".txt")
    lines = [
        plain(log_line(entry, desk.story, desk.relative, (desk.hosts[0], desk.hosts[1]), 120, False)).strip()
        for entry in desk.story.entries
    ]
    try:
        text.write_text("\n".join(lines) + "\n", encoding="utf-8")
        written.append(text)
        written += _capture(desk, base.with_suffix(".pcapng"))
    except OSError as error:
        return f"Cannot write {error.filename}: {error.strerror}.", "warn"
    names = " and ".join([str(written[0]), *(path.suffix for path in written[1:])])
    return f"{len(lines)} segments written to {names}", "good"


def _capture(desk: Desk, path: Path) -> list[Path]:
    """The pcapng: scapy is loaded for it, now and not before."""
    from tcplab.capture.pcapng import write_pcapng

    write_pcapng(path, desk.session.trace, desk.hosts)
    return [path]
