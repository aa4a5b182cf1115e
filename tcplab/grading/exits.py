"""Exit codes, and talk on stderr."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from tcplab.grading.clean import clean
from tcplab.lab.errors import LabError, LabNotFound

PASSED, BELOW, USAGE, INVALID_LAB, UNREADABLE, LIMIT, DEFECT = 0, 1, 2, 3, 4, 5, 70

#: A batch exits with the first of these that occurred.
_ORDER = (DEFECT, INVALID_LAB, LIMIT, UNREADABLE, BELOW, PASSED)


def batch_exit(codes: Iterable[int]) -> int:
    """The exit code of several submissions: the first present of 70, 3, 5, 4, 1, 0."""
    present = set(codes)
    return next((code for code in _ORDER if code in present), PASSED)


def refuse(error: LabError | LabNotFound) -> int:
    """Say why a lab cannot be had. Returns the exit code."""
    say(str(error))
    return USAGE if isinstance(error, LabNotFound) else INVALID_LAB


def say(message: str) -> None:
    """A remark for people, on stderr, without anything that could steer a terminal."""
    text = f"tcplab: {clean(message)}"
    try:
        print(text, file=sys.stderr)
    except UnicodeEncodeError:
        print(text.encode("ascii", "backslashreplace").decode(), file=sys.stderr)
