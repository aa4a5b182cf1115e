"""The commands `tcplab stats` and `tcplab similar`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from tcplab.grading.clean import one_line
from tcplab.grading.cohort import RosterError, read_roster
from tcplab.grading.exits import PASSED, UNREADABLE, USAGE, say
from tcplab.grading.stats import page, table
from tcplab.grading.stats import similar as alike
from tcplab.grading.stats.gather import gather
from tcplab.grading.stats.reading import ResultsError, read_results


def stats(names: list[str], form: str, output: Path | None, roster: Path | None = None) -> int:
    """`tcplab stats`; `form` is text, csv or html. Returns the exit code."""
    write = {"text": table.text, "csv": table.table, "html": page.page}[form]
    try:
        course = None if roster is None else read_roster(roster)
    except RosterError as error:
        say(one_line(str(error)))
        return USAGE
    return _answer(lambda: write(gather(read_results(names), course)), output)


def similar(names: list[str], form: str, output: Path | None, at_least: float) -> int:
    """`tcplab similar`; `form` is text or csv. Returns the exit code."""
    write = {"text": alike.text, "csv": alike.table}[form]
    refused: list[dict] = []

    def compared() -> Iterator[dict]:
        for result in read_results(names):
            if result["status"] == "graded":
                yield result
            else:
                refused.append(result)

    code = _answer(lambda: write(alike.similar(compared(), at_least)), output)
    if refused:
        _say_refused(refused)
    return code


def _say_refused(refused: list[dict]) -> None:
    """What could not be graded is not compared; of copies among it `grade` knows whose they are."""
    said = []
    for result in refused:
        copied = result.get("copied_from") or {}
        whose = copied.get("run_of") or copied.get("seed_of") or copied.get("header_student")
        if whose:
            said.append(f"{result.get('student') or result.get('submission')} (a copy of {whose}'s)")
    many = "1 refused hand-in was" if len(refused) == 1 else f"{len(refused):,} refused hand-ins were"
    more = f" and {len(said) - 20} more" if len(said) > 20 else ""
    say(one_line(f"{many} not compared" + (": " + ", ".join(said[:20]) + more if said else "")))


def _answer(make: object, output: Path | None) -> int:
    try:
        text = make()
    except ResultsError as error:
        say(one_line(str(error)))
        return UNREADABLE
    try:
        if output is None:
            sys.stdout.flush()
            if hasattr(sys.stdout, "buffer"):
                sys.stdout.buffer.write(text.encode("utf-8"))
                sys.stdout.buffer.flush()
            else:
                sys.stdout.write(text)
        else:
            output.write_text(text, encoding="utf-8", newline="\n")
    except BrokenPipeError:
        raise
    except OSError as error:
        say(f"{output}: it cannot be written: {error.strerror}")
        return USAGE
    return PASSED
