"""Times by the wall clock: those in what was handed in, and this moment."""

from __future__ import annotations

import os
from datetime import UTC, datetime

#: A time of a recording is written in twenty signs; more than this is none.
_LONGEST = 40


def moment(text: str) -> float | None:
    """A time of day on the wall as seconds since 1970; None for anything else. Without a zone it is UTC."""
    if not text or len(text) > _LONGEST:
        return None
    try:
        at = datetime.fromisoformat(text)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError, OSError):
        return None


def now() -> datetime:
    """This moment, or the one that SOURCE_DATE_EPOCH names (for reports that must come out alike)."""
    fixed = os.environ.get("SOURCE_DATE_EPOCH", "")
    if fixed.isascii() and fixed.isdigit() and len(fixed) < 12:
        return datetime.fromtimestamp(int(fixed), UTC)
    return datetime.now(UTC)
