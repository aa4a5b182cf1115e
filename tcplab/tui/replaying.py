"""A recording as a page to read: its score, its commands, the segments that crossed the link."""

from __future__ import annotations

from pathlib import Path

from tcplab.front.opening import OpeningError

from .draw.runs import plain
from .draw.segment_line import log_line


def replay_text(path: Path) -> str:
    """A recording played from its start, as the segments that crossed the link. Raises OpeningError."""
    from tcplab.lab.errors import LabError, LabNotFound
    from tcplab.session.player import LimitExceeded, lab_of, play_recording
    from tcplab.session.recording import RecordingError, read_recording
    from tcplab.views.entries import Story


    try:
        recording = read_recording(path)
        session = play_recording(recording, lab_of(recording))
    except (LabError, LabNotFound, RecordingError, LimitExceeded) as error:
        raise OpeningError(f"{path}: {error}", 4) from None
    story = Story()
    story.read(session.trace)
    view = session.view()
    hosts = (view.hosts[0].name, view.hosts[1].name)
    lines = [plain(log_line(entry, story, False, hosts, 100, False)).rstrip() for entry in story.entries]
    commands = [f"{line.t / 1e9:8.3f}  {line.cmd}" for line in recording.lines if line.cmd]
    score = f"Score {view.guide.score} of {view.guide.max_score}\n\n" if view.guide.max_score else ""
    return (
        f"# {view.guide.lab_title}\n\n{score}# Commands\n```\n"
        + "\n".join(commands)
        + "\n```\n# Segments\n```\n"
        + "\n".join(lines)
        + "\n```"
    )
