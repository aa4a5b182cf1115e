"""The parts of the pages that are made from the program: `python -m tests.support.readme` writes them anew."""

from __future__ import annotations

import re
from pathlib import Path

from tcplab.notation.glossary import HOST_FACTS, SEGMENT_FIELDS, VARIABLES, Gloss
from tcplab.tui.keys import markdown_table

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
LANGUAGE = ROOT / "labs" / "LANGUAGE.md"
_KINDS = {"seq": "number", "time": "time", "bytes": "bytes", "count": "count", "flag": "yes or no", "word": "text"}


def names(glosses: dict[str, Gloss]) -> str:
    """A table of names in expressions."""
    rows = ["| name | RFC | what | value |", "|---|---|---|---|"]
    return "\n".join([*rows, *(f"| `{name}` | {one.rfc} | {one.text} | {_KINDS[one.kind]} |"
                               for name, one in glosses.items())])


def renewed(text: str) -> str:
    """`text` with its tables as the program has them."""
    for name, table in (("keys", markdown_table()), ("segment", names(SEGMENT_FIELDS)),
                        ("host", names(VARIABLES | HOST_FACTS))):
        place = re.compile(rf"(<!-- {name}: [^>]*-->\n).*?(<!-- /{name} -->)", re.DOTALL)
        text = place.sub(lambda mark, table=table: f"{mark[1]}{table}\n{mark[2]}", text)
    return text


if __name__ == "__main__":
    for page in (README, LANGUAGE):
        page.write_text(renewed(page.read_text("utf-8")), "utf-8")
