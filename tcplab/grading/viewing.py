"""`tcplab view FILE --text|--json`: the connections of a captured file, without a screen."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tcplab.grading.clean import one_line
from tcplab.grading.exits import PASSED, UNREADABLE, say
from tcplab.lab.captures import advice, capture_file

if TYPE_CHECKING:
    from tcplab.capture.flows import Capture
    from tcplab.capture.lens import Lens

SCHEMA = "tcplab/capture/1"


def view(path: Path, as_json: bool, number: int | None = None) -> int:
    """Print the connections of a capture, or the segments of connection `number`. Returns the exit code."""
    from tcplab.capture.container import CaptureError
    from tcplab.capture.flows import load
    from tcplab.capture.told import capture_lines, segment_lines

    path = capture_file(str(path)) or path
    try:
        capture = load(path, _progress() if sys.stderr.isatty() else None)
    except CaptureError as error:
        say(one_line(f"{path}: {error}; {error.cure}"))
        return UNREADABLE
    except OSError as error:
        say(one_line(f"{path}: {error.strerror or error}; {advice(str(path))}"))
        return UNREADABLE
    try:
        if number is not None and number > len(capture.connections):
            say(f"there is no connection {number}: the capture has {len(capture.connections)}")
            return UNREADABLE
        if as_json:
            print(json.dumps(capture_facts(capture, number), ensure_ascii=True))
        else:
            lines = capture_lines(capture) if number is None else segment_lines(capture, number)
            print("\n".join(map(one_line, lines)))
    finally:
        capture.close()
    return PASSED


def _progress() -> Callable[[int, int, int], bool]:
    """Percent on stderr while a large file is read."""
    shown = [-1]

    def tell(done: int, total: int, packets: int) -> bool:
        percent = done * 100 // max(total, 1)
        if percent != shown[0]:
            shown[0] = percent
            sys.stderr.write(f"\r{percent:3}%  {packets:,} packets\x1b[K" if percent < 100 else "\r\x1b[K")
            sys.stderr.flush()
        return True

    return tell


def capture_facts(capture: Capture, number: int | None = None) -> dict:
    """The summary of a capture for programs. Times in ns, sizes in bytes, sequence numbers as on the wire."""
    from tcplab.capture.headers import link_name
    from tcplab.capture.lens import Lens

    chosen = capture.connections if number is None else [capture.connections[number - 1]]
    return {
        "schema": SCHEMA, "packets": capture.total, "segments": len(capture.columns),
        "links": [link_name(link) for link, _ in capture.links.most_common()],
        "left_out": dict(capture.odd.most_common()), "damage": capture.file.damage or None,
        "cautions": capture.cautions, "connections": [_facts(Lens(capture, conn)) for conn in chosen],
    }


def _facts(lens: Lens) -> dict:
    from tcplab.capture.lens import ENDS, counted

    conn = lens.conn
    ends = {name: {"address": conn.ends[side][0], "port": conn.ends[side][1], "iss": conn.iss[side],
                   "mss": conn.mss[side], "wscale": conn.shift[side], "bytes": conn.sent[side],
                   "state": lens.paths.states[side], "checksum_offload": conn.offloaded(side)}
            for side, name in enumerate(ENDS)}
    return {"n": conn.number, "opened": conn.opened, "segments": len(conn.packets), "first_ns": conn.first,
            "last_ns": conn.last, "handshake_rtt_ns": conn.reader.rtt, "ends": ends, "inferred": counted(conn),
            "states": [{"end": ENDS[step.side], "from": str(step.source), "to": str(step.target), "event": step.event,
                        "t_ns": step.t, "segment": lens.record(step.index).id} for step in lens.steps()]}
