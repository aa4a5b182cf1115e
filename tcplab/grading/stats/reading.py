"""Graded results read back: JSON Lines as `tcplab grade --json` writes them, one result at a time."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from tcplab.grading.clean import cleaned
from tcplab.grading.exits import say
from tcplab.grading.result import SCHEMA

MOST_LINE = 16 * 1024**2


class ResultsError(Exception):
    """A file that holds no results; the message names file, line and cure."""


def read_results(names: list[str]) -> Iterator[dict]:
    """Every result in these files (- is standard input), every text in it made clean. Raises ResultsError.

    A line that was given before, to the last byte, is left out, and that is said: nobody is to be counted twice.
    """
    seen: set[bytes] = set()
    twice = 0
    for name in names:
        try:
            with sys.stdin.buffer if name == "-" else Path(name).open("rb") as file:
                number = 0
                while line := file.readline(MOST_LINE + 1):
                    number += 1
                    digest = hashlib.sha256(line.strip()).digest()
                    if digest in seen and b'"submission"' in line:
                        twice += 1
                    elif line.strip():
                        seen.add(digest)
                        yield _result(line, f"{name}:{number}")
        except OSError as error:
            raise ResultsError(f"{name}: it cannot be read: {error.strerror}") from None
    if twice:
        say(f"{twice:,} results were given twice and count once")


def _result(line: bytes, place: str) -> dict:
    cure = "give what `tcplab grade ... --json` wrote"
    if len(line) > MOST_LINE:
        raise ResultsError(f"{place}: this line is too long: {cure}")
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        raise ResultsError(f"{place}: this is not JSON: {cure}") from None
    if not isinstance(value, dict) or value.get("schema") != SCHEMA:
        raise ResultsError(f"{place}: this is not a result ({SCHEMA}): {cure}")
    if not _has_shape(value):
        raise ResultsError(f"{place}: this result lacks something or was altered: {cure}")
    return cleaned(value)


def _has_shape(value: dict) -> bool:
    """Whether what is used below is there, and of its kind."""
    steps, lab = value.get("steps"), value.get("lab")
    if not (isinstance(lab, dict) and isinstance(lab.get("id"), str) and isinstance(lab.get("title"), str)
            and isinstance(value.get("status"), str) and isinstance(steps, list)
            and all(_whole(value.get(key)) for key in ("score", "max_score"))):
        return False
    pace = value.get("pace") or {}
    seconds = pace.get("steps", {}) if isinstance(pace, dict) else None
    pauses = pace.get("pauses", []) if isinstance(pace, dict) else None
    return (isinstance(seconds, dict) and all(map(_whole, seconds.values())) and isinstance(pauses, list)
            and all(map(_whole, pauses)) and _are_places(pace, len(pauses)) and isinstance(value.get("words", {}), dict)
            and all(map(_is_step, steps)))


def _are_places(pace: dict, count: int) -> bool:
    """Whether each pause has its step; results of an older tcplab do not say."""
    places = pace.get("places", [""] * count)
    return isinstance(places, list) and len(places) == count and all(isinstance(one, str) for one in places)


def _is_step(step: object) -> bool:
    return (isinstance(step, dict)
            and all(isinstance(step.get(key), str) for key in ("id", "kind", "title", "status"))
            and all(_whole(step.get(key)) for key in ("score", "max_score", "hints_used"))
            and isinstance(step.get("wrong_as"), str | None) and isinstance(step.get("answer"), str | None))


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 53
