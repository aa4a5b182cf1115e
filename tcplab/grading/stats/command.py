"""The commands `tcplab stats` and `tcplab similar`."""

from __future__ import annotations

import sys
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
    return _answer(lambda: write(alike.similar(read_results(names), at_least)), output)


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
