"""Options that several commands share."""

from __future__ import annotations

import os
from pathlib import Path

import click

#: A file to be written, and one that has to be there.
FILE = click.Path(dir_okay=False, path_type=Path)
THERE = click.Path(exists=True, dir_okay=False, path_type=Path)

EXIT_CODES = """\b
Exit codes:  0 passed   1 below the threshold   2 wrong usage, unknown lab
             3 lab invalid   4 submission or script unreadable, or forged
             5 limit exceeded   70 a defect of tcplab"""


def student_id(_context, _option, value: str | None) -> str | None:
    """Refuse what can be no student id: a path, control characters, nothing at all."""
    if value is not None:
        from tcplab.grading.identity import id_fault

        if fault := id_fault(value):
            raise click.BadParameter(fault)
    return value


def _speak(_context, _option, value: str | None) -> None:
    """The language chosen stands in the environment: every room reads it there."""
    if value is not None:
        os.environ["TCPLAB_LANG"] = value


def lang_option(command):
    """--lang, before a sub-command or behind it."""
    return click.option("--lang", metavar="XX", expose_value=False, callback=_speak,
                        help="The language of the labs, such as de, where they have it.")(command)


def who_options(command):
    """--seed and --student, which exclude each other."""
    command = click.option("--student", metavar="ID", callback=student_id,
                           help="Play under this student's own seed.")(command)
    seed = click.option("--seed", type=click.IntRange(0, (1 << 64) - 1), metavar="S", help="Play under this seed.")
    return seed(command)


def one_of(seed: int | None, student: str | None) -> None:
    """Refuse --seed together with --student."""
    if seed is not None and student is not None:
        raise click.UsageError("--seed and --student exclude each other: a student has a seed of their own")
