"""A capture in lines of text: the summary, and the segments of a connection, as `tcplab view --text` prints them."""

from __future__ import annotations

from pathlib import Path

from tcplab.notation.plural import many
from tcplab.notation.segline import seg_summary
from tcplab.notation.units import format_time

from .flows import Capture, Connection, described_links, load
from .lens import Lens, counted


def story(path: Path) -> str:
    """The summary of a capture and all its segments; for the small ones of the course. Raises OSError, CaptureError."""
    capture = load(path)
    try:
        lines = capture_lines(capture)
        for conn in capture.connections:
            lines += ["", *segment_lines(capture, conn.number)]
    finally:
        capture.close()
    return "\n".join(lines)


def capture_lines(capture: Capture) -> list[str]:
    """The summary of a capture for people."""
    segments = many(len(capture.columns), "TCP segment")
    lines = [f"{many(capture.total, 'packet')} ({described_links(capture)}), {segments}, "
             f"{many(len(capture.connections), 'connection')}"]
    lines += [f"! {caution}" for caution in capture.cautions]
    for conn in capture.connections:
        lines += _connection_lines(capture, conn)
    return lines


def _connection_lines(capture: Capture, conn: Connection) -> list[str]:
    lens = Lens(capture, conn)
    guess = "" if conn.opened else "   (its beginning was not captured)"
    span = format_time(max(conn.last - conn.first, 0), " ")
    states = " / ".join(lens.paths.states)
    lines = [f"{conn.number:>3}  {conn.name}   {many(len(conn.packets), 'segment')} in {span}{guess}",
             f"     A sent {many(conn.sent[0], 'byte')}, B {conn.sent[1]:,}; states A / B (inferred): {states}"]
    counts = counted(conn)
    if counts:
        lines.append("     inferred: " + ", ".join(_named(counts)))
    return lines


def _named(counts: dict[str, int]) -> list[str]:
    """Counts of notes in words, the keys of JSON with blanks for underscores."""
    return [f"{count:,} {key.replace('_', ' ')}" for key, count in counts.items()]


def segment_lines(capture: Capture, number: int) -> list[str]:
    """Every segment of one connection, as tcpdump prints it, with what was inferred."""
    lens = Lens(capture, capture.connections[number - 1])
    lines = [f"{lens.conn.name}   (A > B; what stands behind — is inferred)"]
    for place, entry in enumerate(lens.entries):
        rec = entry.rec
        words = "; ".join(note.text for note in entry.notes)
        said = lens.comment(place)
        lines.append(f"{rec.sent_at / 1e9:12.6f}  #{rec.id:<6} {rec.src} > {rec.dst}  [{rec.segment.letters}]  "
                     f"{seg_summary(rec.segment)}  win {rec.segment.wnd}" + (f"  — {words}" if words else "")
                     + (f"  ({said})" if said else ""))
    return lines + [""] + [f"{step.t / 1e9:12.6f}  {'AB'[step.side]}: {step.source} > {step.target}  ({step.event}, "
                           "inferred)" for step in lens.steps()]
