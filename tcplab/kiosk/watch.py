"""`tcplab watch DIR`: the board on a screen, as a table, or as JSON."""

from __future__ import annotations

import json
import shutil
import sys
import time
from pathlib import Path

from tcplab.kiosk.board import Board, ordered
from tcplab.notation.errors import printable


def watch(folder: Path, once: bool, as_json: bool, stuck_after: float) -> int:
    """Show the board. Returns the exit code: 0, or 2 when there is no such folder or no screen."""
    board = Board(folder, int(stuck_after))
    rows = board.look(int(time.time()))
    if board.problem:
        print(f"tcplab: {printable(board.problem, 300)}", file=sys.stderr)
        return 2
    if as_json:
        print(json.dumps({"schema": "tcplab/board/1", "learners": [row._asdict() for row in rows]}))
        return 0
    if once:
        from tcplab.kiosk.board_rows import table
        from tcplab.tui.draw.runs import ascii_text, plain_rows

        cells = shutil.get_terminal_size((120, 24)).columns if sys.stdout.isatty() else 120
        text = plain_rows(table(ordered(rows, "need"), max(70, cells)))
        utf8 = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
        print(text if utf8 else ascii_text(text))
        return 0
    from tcplab.kiosk.board_screen import run

    return run(board)
