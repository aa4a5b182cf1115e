"""The parts of the README that are made from the program: `python -m tests.support.readme` writes them anew."""

from __future__ import annotations

import re
from pathlib import Path

from tcplab.tui.keys import markdown_table

README = Path(__file__).resolve().parents[2] / "README.md"
_KEYS = re.compile(r"(<!-- keys: [^>]*-->\n).*?(<!-- /keys -->)", re.DOTALL)


def renewed(text: str) -> str:
    """`text` with its table of keys as the program has it."""
    return _KEYS.sub(lambda mark: f"{mark[1]}{markdown_table()}\n{mark[2]}", text)


if __name__ == "__main__":
    README.write_text(renewed(README.read_text("utf-8")), "utf-8")
