"""What a check came to."""

from __future__ import annotations

from typing import NamedTuple

GOOD, WARN, BAD = "good", "warn", "bad"


class Finding(NamedTuple):
    """A line of the doctor: `state` is good, warn (works, but) or bad (does not work); `cure` says what to do."""

    check: str
    state: str
    said: str
    cure: str = ""
