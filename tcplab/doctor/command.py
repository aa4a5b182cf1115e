"""All checks, one after another, as lines or as JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator

from tcplab.doctor import line, place
from tcplab.doctor.finding import BAD, WARN, Finding
from tcplab.notation.errors import printable

CHECKS: tuple[Callable[[], Iterator[Finding]], ...] = (
    line.screen, line.words, line.multiplexer, line.speed, place.folders, place.settings, place.labs, place.python,
    place.compiled)
_MARKS = {"good": "ok  ", "warn": "warn", "bad": "BAD "}


def findings(checks: tuple[Callable[[], Iterator[Finding]], ...] = CHECKS) -> list[Finding]:
    """What every check says; a check that breaks says so, and the others go on."""
    found: list[Finding] = []
    for check in checks:
        try:
            found += check()
        except Exception as error:  # noqa: BLE001 - a doctor does not fall ill with the patient
            found.append(Finding(check.__name__, WARN, f"could not be checked: {type(error).__name__}: {error}",
                                 "tell whoever looks after this machine"))
    return [Finding(one.check, one.state, printable(one.said, 300), printable(one.cure, 300)) for one in found]


def doctor(as_json: bool) -> int:
    """Print what was found. Returns 0 when tcplab can be used here, else 1."""
    found = findings()
    usable = all(one.state != BAD for one in found)
    if as_json:
        print(json.dumps({"schema": "tcplab/doctor/1", "usable": usable, "checks": [one._asdict() for one in found]}))
        return 0 if usable else 1
    lines = []
    for one in found:
        lines.append(f"{_MARKS[one.state]}  {one.check:<9} {one.said}")
        if one.cure:
            lines.append(f"{'':16}-> {one.cure}")
    warned = sum(one.state == WARN for one in found)
    lines.append("")
    better = f" {warned} thing{'s' * (warned != 1)} could be better." if warned else ""
    lines.append(f"tcplab can be used here.{better}" if usable else
                 "tcplab cannot be used here before what is marked BAD is mended.")
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")
    print("\n".join(lines))
    return 0 if usable else 1
