"""Reports for platforms and people: one small writer a file, all over one batch of results.

A report that goes to a file is there from the start, saying that grading has not finished; the true one takes its
place in one stroke at the end. So a platform finds a valid file whatever happens in between.
"""

from __future__ import annotations

import os
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from tcplab.grading.identity import folder_name
from tcplab.grading.reports.batch import Batch

#: The formats, and whether their platform wants exit code 0 whenever grading ran.
FORMATS = {"json": False, "junit": False, "gradescope": True, "classroom50": True, "tap": False, "csv": False,
           "markdown": False}

#: Those that hold one hand-in only.
FOR_ONE = ("gradescope", "classroom50")


#: In the name of a report's file: one file for each learner.
STUDENT = "{student}"


class Wanted(NamedTuple):
    """One `--report FORMAT[:PATH]`; without a path it goes to standard output."""

    form: str
    path: Path | None

    @property
    def exit_zero(self) -> bool:
        """Whether the platform wants 0 whenever grading ran."""
        return FORMATS[self.form]

    @property
    def each(self) -> bool:
        """Whether each learner gets a file: ``{student}`` in its name stands for who it is."""
        return self.path is not None and STUDENT in self.path.name

    @property
    def streams(self) -> bool:
        """Whether what was written stays written: standard output, a pipe, a device."""
        return self.path is None or (self.path.exists() and not self.path.is_file())


class ReportError(Exception):
    """A report that cannot be written or is not known; the message says the cure."""


def wanted(words: list[str]) -> list[Wanted]:
    """The reports asked for. Raises ReportError."""
    found = []
    for word in words:
        form, colon, path = word.partition(":")
        if form not in FORMATS:
            raise ReportError(f"there is no report format {form!r}; there are {', '.join(FORMATS)}")
        if colon and not path:
            raise ReportError(f"--report {form}: needs a file name behind the colon")
        found.append(Wanted(form, Path(path) if path else None))
    if sum(one.path is None for one in found) > 1:
        raise ReportError("only one report can go to standard output: give the others a file, as in junit:report.xml")
    return found


def text_of(form: str, batch: Batch) -> str:
    """The report as a text that ends with a line end."""
    return import_module(f"tcplab.grading.reports.{form}").write(batch)


def deliver(report: Wanted, batch: Batch) -> None:
    """Write a report to its file, all of it or nothing, or to standard output. Raises ReportError."""
    data = text_of(report.form, batch).encode("utf-8", "replace")
    if report.path is None:
        sys.stdout.flush()
        binary = getattr(sys.stdout, "buffer", None)
        if binary is None:
            sys.stdout.write(data.decode("utf-8"))
        else:
            binary.write(data)
            binary.flush()
        return
    try:
        check_folders([report])
        if report.streams:
            report.path.write_bytes(data)  # nothing to take the place of
            return
        _replace(report.path, data)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise ReportError(f"the report {report.path} cannot be written: {error.strerror}") from None


def check_folders(wanted: list[Wanted]) -> None:
    """Whether every report has a folder to go to: before anything is written. Raises ReportError."""
    for report in wanted:
        if report.path is None:
            continue
        folder = report.path.parent
        if not folder.is_dir():
            fault = f"there is no folder {folder}; make it, or name another file"
        elif report.path.is_dir():
            fault = "it is a folder; name a file in it"
        elif not report.streams and not os.access(folder, os.W_OK):
            fault = f"you may not write in {folder}; name another file"
        else:
            continue
        raise ReportError(f"the report {report.path} cannot be written: {fault}")


def deliver_each(report: Wanted, batch: Batch) -> None:
    """A report of its own for every learner's hand-in that counts; what is nobody's has none. Raises ReportError."""
    for result in batch:
        if result.get("student") and result.get("counts", True):
            name = report.path.name.replace(STUDENT, folder_name(result["student"]))
            one = Batch(batch.lab, lambda result=result: [result], alone=batch.alone)
            deliver(Wanted(report.form, report.path.with_name(name)), one)


def _replace(path: Path, data: bytes) -> None:
    """Put a file in its place in one stroke, readable for those whom the umask allows."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(name, 0o666 & ~umask)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
