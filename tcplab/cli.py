"""The command line. Each sub-command imports its face inside itself, so that ``--help`` and grading stay light.

stdout is data, stderr is talk. Exit codes, for `run` and `grade` alike: 0 passed; 1 below the threshold; 2 usage
or unknown lab; 3 lab invalid; 4 submission or script unreadable or forged; 5 limit exceeded; 70 a defect of ours.
"""

from __future__ import annotations

import gc
import sys
from pathlib import Path

import click

from tcplab import __version__
from tcplab.commandline import authoring as authoring_commands
from tcplab.commandline import grading as grading_commands
from tcplab.commandline import ssh as ssh_commands
from tcplab.commandline.options import EXIT_CODES, lang_option, one_of, who_options

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}

PLAIN = "Talk in lines instead: for screen readers, braille lines, pipes and terminals that cannot move the cursor."


@click.group(invoke_without_command=True, context_settings=CONTEXT)
@click.version_option(__version__, prog_name="tcplab")
@click.option("--plain", is_flag=True, help=PLAIN)
@click.option("--tour", is_flag=True, help="Show once more what is where on the screen: one minute, in the sandbox.")
@lang_option
@click.pass_context
def cli(context: click.Context, plain: bool, tour: bool) -> None:
    """A terminal laboratory for learning TCP.

    Without a command it opens the home screen: the path of labs, the sandbox, your recordings.
    """
    if context.invoked_subcommand is None:
        if tour and plain:
            raise click.UsageError("the tour shows the screen; --plain does without one")
        sys.exit(before_a_learner(plain, **({"lab": "sandbox", "tour": True} if tour else {})))
    elif tour:
        raise click.UsageError("--tour stands alone: tcplab --tour")
    elif plain:
        raise click.UsageError(f"--plain stands behind the command: tcplab {context.invoked_subcommand} ... --plain")


def before_a_learner(plain: bool, **what) -> int:
    """Start the face that was asked for: the screen, or the dialogue in lines."""
    if plain:
        from tcplab.plain.app import run_plain

        return run_plain(**what)
    # Nothing of what is loaded now is ever garbage; `run_app` lets the search for it begin.
    gc.disable()
    from tcplab.tui.app import run_app

    return run_app(**what)


@cli.command("open")
@click.argument("lab")
@who_options
@click.option("--record", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              help="Write the recording here instead of into your data folder.")
@click.option("--plain", is_flag=True, help=PLAIN)
@lang_option
def open_lab(lab: str, seed: int | None, student: str | None, record: Path | None, plain: bool) -> None:
    """Open LAB (a shipped id or a lab file) on the screen."""
    one_of(seed, student)
    sys.exit(before_a_learner(plain, lab=lab, seed=seed, student=student, record=record))


@cli.command()
def config() -> None:
    """Print the settings of the screen, where each comes from, and what is wrong with the file."""
    from tcplab.tui.config import report

    lines, problems = report()
    click.echo("\n".join(lines))
    for problem in problems:
        click.echo(f"tcplab: {problem}", err=True)
    sys.exit(2 if problems else 0)


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


for _command in (grading_commands.grade, grading_commands.stats, grading_commands.similar, grading_commands.staff,
                 ssh_commands.kiosk, ssh_commands.watch, ssh_commands.doctor):
    cli.add_command(_command)
cli.add_command(authoring_commands.lab)


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
@click.option("--plain", is_flag=True, help=PLAIN)
@lang_option
def resume(recording: Path | None, lab: str | None, plain: bool) -> None:
    """Go on with RECORDING (default: your latest) on the screen, at the instant where it stopped."""
    sys.exit(before_a_learner(plain, lab=lab, resume=recording or "latest"))


@cli.command()
@click.argument("recording", type=click.Path(path_type=Path))
@click.option("--pcapng", metavar="FILE", help="All packets for Wireshark, with comments on what the link did.")
@click.option("--svg", metavar="FILE", help="The ladder as a picture.")
@click.option("--states", metavar="FILE", help="The state diagram as a picture, with what was walked.")
@click.option("--plot", metavar="FILE", help="Plots of windows, round trips, sequence numbers, as a picture.")
@click.option("--mermaid", metavar="FILE", help="A Mermaid sequence diagram.")
@click.option("--dot", metavar="FILE", help="The state diagram for Graphviz, what was walked in bold.")
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

    The name of a capture of the course, such as amber-1, will do as well.

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
@lang_option
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
