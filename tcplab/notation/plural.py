"""One thing, many things: what a number does to the words behind it."""

from __future__ import annotations

import re

#: A sentence with a hole for a number was written for many; these are its words when the number is one.
_ONE_THING = re.compile(
    r"(?<![\d.,:#-])1 ((?:new |half-open |sequence |duplicate )?)"
    r"(byte|number|segment|retransmission|connection|ACK|maximum segment lifetime)s\b"
    r"( (?:are|were|wait|begin|lie|leave|do|fit)\b(?! [Nn]agle))?"
)
_ONE_DOES = {"are": "is", "were": "was", "wait": "waits", "begin": "begins", "lie": "lies", "leave": "leaves",
             "do": "does", "fit": "fits"}  # fmt: skip


def _one(found: re.Match[str]) -> str:
    verb = found[3] or ""
    return f"1 {found[1]}{found[2]}" + (f" {_ONE_DOES[verb.strip()]}" if verb else "")


def singular(text: str) -> str:
    """`text` with its plurals put right where the number before them is one: ``1 bytes are`` is ``1 byte is``."""
    return _ONE_THING.sub(_one, text)


def many(count: object, thing: str, form: str = ",") -> str:
    """``1 byte``, ``2,000 bytes``; `form` is how the number is written, ``2000 bytes`` without one."""
    return f"{count:{form}} {thing}{'' if count == 1 else 's'}"
