"""The command line. Each sub-command imports its face inside itself, so that ``--help`` and grading stay light.

stdout is data, stderr is talk. Exit codes, for `run` and `grade` alike: 0 passed; 1 below the threshold; 2 usage
or unknown lab; 3 lab invalid; 4 submission or script unreadable or forged; 5 limit exceeded; 70 a defect of ours.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from tcplab import __version__

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}

EXIT_CODES = """\b
Exit codes:  0 passed   1 below the threshold   2 wrong usage, unknown lab
             3 lab invalid   4 submission or script unreadable, or forged
             5 limit exceeded   70 a defect of tcplab"""


def who_options(command):
    """--seed and --student, which exclude each other."""
    command = click.option("--student", metavar="ID", help="Play under this student's own seed.")(command)
    seed = click.option("--seed", type=click.IntRange(0, (1 << 64) - 1), metavar="S", help="Play under this seed.")
    return seed(command)


def one_of(seed: int | None, student: str | None) -> None:
    """Refuse --seed together with --student."""
    if seed is not None and student is not None:
        raise click.UsageError("--seed and --student exclude each other: a student has a seed of their own")


@click.group(invoke_without_command=True, context_settings=CONTEXT)
@click.version_option(__version__, prog_name="tcplab")
@click.pass_context
def cli(context: click.Context) -> None:
    """A terminal laboratory for learning TCP.

    Without a command it opens the home screen: the path of labs, the sandbox, your recordings.
    """
    if context.invoked_subcommand is None:
        from tcplab.tui.app import run_app

        sys.exit(run_app())


@cli.command("open")
@click.argument("lab")
@who_options
@click.option("--record", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              help="Write the recording here instead of into your data folder.")
def open_lab(lab: str, seed: int | None, student: str | None, record: Path | None) -> None:
    """Open LAB (a shipped id or a lab file) on the screen."""
    one_of(seed, student)
    from tcplab.tui.app import run_app

    sys.exit(run_app(lab=lab, seed=seed, student=student, record=record))


@cli.command(epilog=EXIT_CODES)
@click.argument("lab")
@click.option("--script", metavar="FILE", help="Commands to play, one or more a line; - reads standard input.")
@who_options
@click.option("--record", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Write a recording.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as one JSON object.")
@click.option("--pcap", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              help="Write all segments as pcapng, for Wireshark.")
@click.option("--trace", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              help="Write one JSON object for each event.")
def run(lab, script, seed, student, record, as_json, pcap, trace) -> None:
    """Play LAB headless in virtual time: the script's commands, or nothing.

    \b
    Example:  echo 'server listen 80; client connect server 80; run until idle' \\
                | tcplab run sandbox --script - --json
    """
    one_of(seed, student)
    from tcplab.grading import headless

    sys.exit(headless.run(lab, script, seed, student, record, as_json, pcap, trace))


FILE = click.Path(dir_okay=False, path_type=Path)


@cli.command(epilog=EXIT_CODES)
@click.argument("lab")
@click.argument("submissions", nargs=-1, required=True, metavar="SUBMISSION...")
@who_options
@click.option("--roster", type=FILE, metavar="CSV", help="The course: a CSV file with a column student, and perhaps "
              "name, email, section. Each hand-in is played under its learner's seed; missing ones are listed.")
@click.option("--student-from", type=click.Choice(["folder", "name"]), help="Whose a hand-in is: the folder it lies "
              "in, as exported by a platform, or its own name. Else the roster goes by the recording's header.")
@click.option("--staff", type=FILE, metavar="OVERLAY", help="Hidden checks, points and due date (tcplab staff).")
@click.option("--kiosk", type=click.Path(file_okay=False, path_type=Path), metavar="DIR",
              help="The kiosk's folder: what lies there was supervised, whatever a header says.")
@click.option("--report", "reports", multiple=True, metavar="FORMAT[:PATH]",
              help="json, junit, gradescope, classroom50, tap, csv or markdown; may be given several times.")
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
    if options["seed"] is not None and (options["roster"] or options["student_from"]):
        raise click.UsageError("--seed excludes --roster and --student-from: each learner has a seed of their own")
    if options["student"] is not None and options["student_from"]:
        raise click.UsageError("--student and --student-from exclude each other")
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


@cli.command()
@click.argument("results", nargs=-1, required=True, metavar="RESULTS...")
@output_options(("csv", "One line a step, as CSV."), ("html", "A page with plots that needs nothing else."))
def stats(results, form, output) -> None:
    """The class view of RESULTS, as `grade --json` writes them: who failed where, hints, time, wrong answers.

    \b
    Example:  tcplab grade handshake hand-ins/ --student-from folder --json > results.jsonl
              tcplab stats results.jsonl --html -o class.html
    """
    from tcplab.grading.stats import command

    sys.exit(command.stats(list(results), form, output))


@cli.command()
@click.argument("results", nargs=-1, required=True, metavar="RESULTS...")
@click.option("--at-least", type=float, default=10, show_default=True, metavar="BITS", help="Show pairs from here on.")
@output_options(("csv", "One line a pair, as CSV."))
def similar(results, form, output, at_least) -> None:
    """Which of RESULTS (as `grade --json` writes them) are more alike than chance explains, in numbers.

    Compared are wrong answers (a rare one counts more), free words and pauses; never prescribed commands, never
    right answers. It is a reason to ask, not a verdict.
    """
    from tcplab.grading.stats import command

    sys.exit(command.similar(list(results), form, output, at_least))


@cli.group()
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
    from tcplab.grading import staffing

    sys.exit(staffing.schema())


@cli.command()
@click.argument("recording", type=click.Path(path_type=Path))
@click.option("--lab", metavar="FILE", help="The lab file, if the recording is not of a shipped lab.")
def replay(recording: Path, lab: str | None) -> None:
    """Play RECORDING again headless and print what happened, a line an event."""
    from tcplab.grading import headless

    sys.exit(headless.replay(recording, lab))


@cli.command()
@click.argument("recording", required=False, type=click.Path(path_type=Path))
@click.option("--lab", metavar="FILE", help="The lab file, if the recording is not of a shipped lab.")
def resume(recording: Path | None, lab: str | None) -> None:
    """Go on with RECORDING (default: your latest) on the screen, at the instant where it stopped."""
    from tcplab.tui.app import run_app

    sys.exit(run_app(lab=lab, resume=recording or "latest"))


@cli.command()
@click.argument("recording", type=click.Path(path_type=Path))
@click.option("--pcapng", metavar="FILE", help="All packets for Wireshark, with comments on what the link did.")
@click.option("--svg", metavar="FILE", help="The ladder as a picture.")
@click.option("--states", metavar="FILE", help="The state diagram as a picture, with what was walked.")
@click.option("--mermaid", metavar="FILE", help="A Mermaid sequence diagram.")
@click.option("--text", metavar="FILE", help="Every segment as text, with what became of it.")
@click.option("--relative", is_flag=True, help="Count sequence numbers from each side's first one.")
@click.option("--lab", metavar="FILE", help="The lab file, if the recording is not of a shipped lab.")
def export(recording: Path, relative: bool, lab: str | None, **wanted: str | None) -> None:
    """Play RECORDING again and write what happened to files; - is standard output.

    \b
    Example:  tcplab export hand-in.jsonl --svg ladder.svg --pcapng wire.pcapng --text -
    Exit codes: 0, 2 a file cannot be written, 3 lab invalid, 4 recording unreadable, 5 limit.
    """
    chosen = [(kind, target) for kind, target in wanted.items() if target is not None]
    if not chosen:
        raise click.UsageError("name what to write, for example --svg ladder.svg")
    if sum(target == "-" for _, target in chosen) > 1:
        raise click.UsageError("only one of them can go to standard output")
    from tcplab.grading import exporting

    sys.exit(exporting.export(recording, lab, chosen, relative))


@cli.command()
@click.argument("capture", type=click.Path(path_type=Path))
@click.option("--text", "as_text", is_flag=True, help="Print the connections instead of opening the screen.")
@click.option("--json", "as_json", is_flag=True, help="Print the connections as one JSON object.")
@click.option("--connection", "-c", "number", type=click.IntRange(1), metavar="N",
              help="Only connection N: on the screen, with --json, or with --text all its segments.")
def view(capture: Path, as_text: bool, as_json: bool, number: int | None) -> None:
    """Look at CAPTURE, a pcap or pcapng file: its connections, segments and the states they tell of.

    What a capture does not say is inferred, and marked so. Exit codes: 0, or 4 when the file cannot be read.
    """
    if as_text and as_json:
        raise click.UsageError("--text and --json exclude each other: choose one")
    if as_text or as_json:
        from tcplab.grading import viewing

        sys.exit(viewing.view(capture, as_json, number))
    from tcplab.tui.app import run_viewer

    sys.exit(run_viewer(capture, number))


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array.")
def labs(as_json: bool) -> None:
    """List the shipped labs."""
    from tcplab.grading import headless

    sys.exit(headless.list_labs(as_json))


class WithManual(click.Command):
    """A command whose --help ends with the manual of drill scripts."""

    def format_epilog(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        import inspect

        from tcplab import drill as manual

        codes = "Exit codes:  0 passed   1 something failed   2 wrong usage   4 a script cannot be understood"
        formatter.write(f"\nSCRIPTS\n\n{inspect.cleandoc(manual.__doc__ or '')}\n\n{codes}\n")


@cli.command("drill", cls=WithManual)
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--verbose", "-v", is_flag=True, help="Tell the story of what passed, too.")
@click.option("--json", "as_json", is_flag=True, help="Print the outcomes as a JSON array.")
@click.option("--iss", type=click.IntRange(0, (1 << 32) - 1), metavar="N", help="Let the endpoint begin at N.")
@click.option("--peer-iss", type=click.IntRange(0, (1 << 32) - 1), metavar="N", help="Let the peer begin at N.")
def drill_scripts(files, verbose, as_json, iss, peer_iss) -> None:
    """Play drill scripts against one endpoint: what arrives, what must be sent, and when (- is standard input)."""
    from tcplab.drill import face

    sys.exit(face.drill(list(files), as_json, verbose, iss, peer_iss))


@cli.group()
def lab() -> None:
    """Check labs while writing them."""


@lab.command("lint")
@click.argument("files", nargs=-1, required=True, metavar="LAB...")
@click.option("--json", "as_json", is_flag=True, help="Print the problems as a JSON array.")
def lab_lint(files, as_json) -> None:
    """Check lab files: each problem with file, line, column and cure."""
    from tcplab.grading import authoring

    sys.exit(authoring.lint(list(files), as_json))


@lab.command("test")
@click.argument("files", nargs=-1, required=True, metavar="LAB...")
@click.option("--seeds", type=click.IntRange(1, 1000), default=20, show_default=True, help="How many seeds to try.")
@click.option("--json", "as_json", is_flag=True, help="Print the outcome as a JSON array.")
def lab_test(files, seeds, as_json) -> None:
    """Play labs with pupils: blank, obedient, guesser, another seed's recording, and the reference solution."""
    from tcplab.grading import authoring

    sys.exit(authoring.test(list(files), seeds, as_json))


@lab.command("schema")
def lab_schema() -> None:
    """Print the JSON Schema of lab files, for editors."""
    from tcplab.grading import authoring

    sys.exit(authoring.schema())


def live_options(command):
    """The options that `live serve` and `live connect` share."""
    for name, example in reversed((("delay", "20ms"), ("jitter", "5ms"), ("loss", "1%"), ("reorder", "5%"),
                                   ("duplicate", "1%"), ("corrupt", "1%"), ("rate", "10mbit"), ("limit", "100"))):
        command = click.option(f"--{name}", metavar=example, help=f"The link's {name}, each way.")(command)
    for option in reversed((
        click.option("--tun", default="tcplab0", show_default=True, metavar="NAME", help="The TUN device to make."),
        click.option("--address", default="10.9.0.2/24", show_default=True, help="Our address and its network."),
        click.option("--peer", default="10.9.0.1", show_default=True, help="The address this machine gets there."),
        click.option("--profile", default="rfc", show_default=True, help="The endpoint's settings to start from."),
        click.option("--set", "knobs", multiple=True, metavar="KNOB=VALUE", help="Turn a knob, as in client set."),
        click.option("--seed", type=click.IntRange(0, (1 << 64) - 1), default=1, help="Of the link's dice."),
        click.option("-v", "--verbose", is_flag=True, help="Print segments as tcpdump does, and what became of them."),
    )):
        command = option(command)
    return command


def live_settings(tun, address, peer, profile, knobs, seed, verbose, app, far=None, **link):
    """The options read and typed; a wrong word is a usage error."""
    from tcplab.live.settings import SettingsError, settings

    try:
        return settings(tun, address, peer, app, knobs, profile, seed, verbose, link, far)
    except SettingsError as problem:
        raise click.UsageError(str(problem)) from None


@cli.group()
def live() -> None:
    """Put a host of the laboratory on this machine's network (Linux, root): curl and nc can talk to it.

    The host lives on a TUN device in real time; what crosses the device crosses the laboratory's link as well.
    """


@live.command("serve")
@click.argument("port", type=click.IntRange(1, 65535))
@click.option("--app", default="echo", show_default=True, metavar="APP",
              help="echo, sink, 'source 1MB', or page (for curl).")
@live_options
def live_serve(port: int, **options) -> None:
    """Listen on PORT of our host.

    \b
    Example:  tcplab live serve 80 --app page --loss 10% --delay 50ms --verbose
              curl http://10.9.0.2/                          (in another terminal)
    """
    wanted = live_settings(**options)
    from tcplab.live import command

    sys.exit(command.serve(wanted, port))


@live.command("connect")
@click.argument("far", metavar="ADDRESS")
@click.argument("port", type=click.IntRange(1, 65535))
@click.option("--app", default="pipe", show_default=True, metavar="APP",
              help="pipe (standard input and output), echo, sink, 'source 1MB'.")
@live_options
def live_connect(far: str, port: int, **options) -> None:
    """Connect from our host to PORT of ADDRESS: this machine (see --peer), or a host to which it forwards.

    \b
    Example:  nc -l -p 5000                                  (in another terminal)
              tcplab live connect 10.9.0.1 5000 --verbose
    """
    wanted = live_settings(far=far, **options)
    from tcplab.live import command

    sys.exit(command.connect(wanted, port))
