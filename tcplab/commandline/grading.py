"""The commands of course staff: grade, stats, similar, staff."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from tcplab.commandline.options import EXIT_CODES, FILE, THERE, one_of, who_options


@click.command(epilog=EXIT_CODES)
@click.argument("lab")
@click.argument("submissions", nargs=-1, metavar="[SUBMISSION...]")
@who_options
@click.option("--roster", type=THERE, metavar="CSV", help="The course: a CSV file with a column student, and perhaps "
              "name, email, section. Each hand-in is played under its learner's seed; missing ones are listed.")
@click.option("--student-from", type=click.Choice(["folder", "name"]), help="Whose a hand-in is: the folder it lies "
              "in, as exported by a platform, or its own name. Else the roster goes by the recording's header.")
@click.option("--staff", type=THERE, metavar="OVERLAY", help="Hidden checks, points and due date (tcplab staff).")
@click.option("--kiosk", type=click.Path(file_okay=False, path_type=Path), metavar="DIR",
              help="The kiosk's folder: what lies there was supervised, whatever a header says. "
              "Without a SUBMISSION every attempt at LAB in it is graded.")
@click.option("--salt", type=THERE, metavar="FILE", help="The salt under which the kiosk draws seeds, if it has one; "
              "with --kiosk DIR it is DIR/kiosk.salt.")
@click.option("--report", "reports", multiple=True, metavar="FORMAT[:PATH]",
              help="json, junit, gradescope, classroom50, tap, csv or markdown; may be given several times. {student} "
              "in PATH makes a file for each learner.")
@click.option("--json", "as_json", is_flag=True, help="Short for --report json: one object a line, in the order given.")
@click.option("--threshold", metavar="60%", help="What it takes to pass (default: full marks).")
@click.option("--check", "checks", multiple=True, metavar="ID", help="Exit with 0 if this step or check passed.")
@click.option("--jobs", type=click.IntRange(1, 256), default=1, metavar="N", help="Grade with N processes.")
@click.option("--scheduler", metavar="ADDRESS", help="Grade on a Dask cluster: pip install 'tcplab[cluster]'.")
@click.option("--journal", type=FILE, metavar="FILE",
              help="Keep what is done here; the same command goes on where it was stopped.")
@click.option("--timeout", type=click.FloatRange(1, 3600), default=60, show_default=True, metavar="SECONDS",
              help="A hand-in that takes longer is stopped and marked.")
@click.option("--exit-zero/--no-exit-zero", default=None, help="Exit with 0 whenever grading ran (default for "
              "gradescope and classroom50).")
def grade(**options) -> None:
    """Grade SUBMISSIONs (recordings, scripts, folders and zip files of them) of LAB by playing them again.

    Nothing in a submission is believed but its commands. Without --seed, --student and --roster a recording is
    played under the seed of its header; the result says so in seed_source. Each one is played in a process with
    limits of time and memory; what breaks them is marked, and the batch goes on.

    \b
    Example:  tcplab grade handshake exported.zip --roster course.csv --student-from folder \\
                --report csv:marks.csv --report json:results.jsonl --jobs 2
    """
    one_of(options["seed"], options["student"])
    if not options["submissions"] and options["kiosk"] is None:
        raise click.UsageError("name what is to be graded: a recording, a script, a folder or a zip file")
    if options["seed"] is not None and (options["roster"] or options["student_from"]):
        raise click.UsageError("--seed excludes --roster and --student-from: each learner has a seed of their own")
    if options["student"] is not None and (options["student_from"] or options["roster"]):
        raise click.UsageError("--student excludes --student-from and --roster: all hand-ins are that one student's")
    from tcplab.grading import desk

    options["submissions"], options["checks"] = list(options["submissions"]), list(options["checks"])
    options["reports"] = list(options["reports"])
    sys.exit(desk.grade(desk.Request(**options)))


def output_options(*forms):
    """A flag for each form besides text, and -o."""
    def add(command):
        command = click.option("-o", "--output", type=FILE, metavar="FILE", help="Write it there.")(command)
        for form, words in reversed(forms):
            command = click.option(f"--{form}", "form", flag_value=form, help=words)(command)
        return click.option("--text", "form", flag_value="text", default="text", hidden=True)(command)
    return add


@click.command()
@click.argument("results", nargs=-1, required=True, metavar="RESULTS...")
@click.option("--roster", type=THERE, metavar="CSV", help="The course, as for grade: who handed in nothing is counted "
              "and named.")
@output_options(("csv", "One line a step, as CSV."), ("html", "A page with plots that needs nothing else."))
def stats(results, roster, form, output) -> None:
    """The class view of RESULTS, as `grade --json` writes them: who failed where, hints, time, wrong answers.

    \b
    Example:  tcplab grade handshake hand-ins/ --student-from folder --json > results.jsonl
              tcplab stats results.jsonl --roster course.csv --html -o class.html
    """
    from tcplab.grading.stats import command

    sys.exit(command.stats(list(results), form, output, roster))


@click.command()
@click.argument("results", nargs=-1, required=True, metavar="RESULTS...")
@click.option("--at-least", type=float, default=5, show_default=True, metavar="BITS",
              help="Show pairs from here on; chance brings about a pair of 5 bits in one class of 32.")
@output_options(("csv", "One line a pair, as CSV."))
def similar(results, form, output, at_least) -> None:
    """Which learners in RESULTS (as `grade --json` writes them) are more alike than chance explains, in numbers.

    Compared are wrong answers (a rare one counts more), free words and pauses (also of copies whose pauses were changed
    by up to a third); never prescribed commands, never right answers. It is a reason to ask, not a verdict.
    """
    from tcplab.grading.stats import command

    sys.exit(command.similar(list(results), form, output, at_least))


@click.group()
def staff() -> None:
    """Check staff overlays: hidden checks, points, visibility and due dates for `grade --staff`."""


@staff.command("lint")
@click.argument("overlays", nargs=-1, required=True, metavar="OVERLAY...")
@click.option("--lab", metavar="LAB", help="The lab's file, if it is not a shipped one.")
@click.option("--json", "as_json", is_flag=True, help="Print the problems as a JSON array.")
def staff_lint(overlays, lab, as_json) -> None:
    """Check overlays: each problem with file, line, column and cure."""
    from tcplab.grading import staffing

    sys.exit(staffing.lint(list(overlays), lab, as_json))


@staff.command("schema")
def staff_schema() -> None:
    """Print the JSON Schema of staff overlays, for editors."""
    from tcplab.grading import authoring

    sys.exit(authoring.schema("staff"))
