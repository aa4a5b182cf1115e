"""The commands of training labs over SSH: kiosk, watch; and doctor, which says whether a place is fit."""

from __future__ import annotations

import sys
from pathlib import Path

import click

FOLDER = click.Path(file_okay=False, path_type=Path)


class Span(click.ParamType):
    """A length of real time with a unit, in seconds."""

    name = "time"
    UNITS = {"s": 1, "min": 60, "m": 60, "h": 3600}

    def convert(self, value, param, context):
        if isinstance(value, int | float):
            return value
        digits = value.rstrip("abcdefghijklmnopqrstuvwxyz").strip()
        unit = value[len(digits):].strip()
        try:
            seconds = float(digits) * self.UNITS[unit or "s"]
        except (ValueError, KeyError):
            seconds = 0
        if not 1 <= seconds <= 7 * 86400:
            self.fail(f"{value!r} is no time; say for example 90s, 30min or 2h", param, context)
        return seconds


@click.command()
@click.argument("folder", metavar="DIR", type=FOLDER)
@click.option("--student", metavar="NAME", help="Who this is, where keys share a Unix user; else that user.")
@click.option("--idle", type=Span(), default="30min", show_default=True, metavar="TIME",
              help="End a login in which no key is pressed for so long.")
@click.option("--cpu", type=Span(), default="10min", show_default=True, metavar="TIME",
              help="Computing time of one login.")
@click.option("--events", type=click.IntRange(1_000, 600_000), default=60_000, show_default=True, metavar="N",
              help="Events of one session; 60,000 take about 40 MB.")
@click.option("--init", is_flag=True, help="For the operator, once and whenever learners were added: make DIR, and a "
              "salt in it that keeps seeds secret until an attempt begins.")
def kiosk(folder: Path, student: str | None, idle: float, cpu: float, events: int, init: bool) -> None:
    """For OpenSSH's ForceCommand or command=: open the course for whoever logs in, and nothing else.

    Each learner has a folder in DIR/learners; labs of your own lie in DIR/labs. Every attempt is numbered and kept.
    Without a terminal a learner may ask for: status [--json], submit [LAB], recording [LAB].

    \b
    Example, in sshd_config:
      Match Group learners
          ForceCommand tcplab kiosk /srv/tcplab
          DisableForwarding yes
    The whole page for operators: tcplab/docs/ssh-labs.md
    """
    try:
        from tcplab.kiosk import command, prepare
    except ImportError as error:  # fcntl, pwd, resource
        raise click.ClickException(f"tcplab kiosk needs Unix and OpenSSH ({error.name} is not here)") from None

    if init:
        sys.exit(prepare.prepare(folder))
    sys.exit(command.kiosk(folder, command.Options(student, idle, int(cpu), events)))


@click.command()
@click.argument("folder", metavar="DIR", type=FOLDER)
@click.option("--once", is_flag=True, help="Print the board as a table and end.")
@click.option("--json", "as_json", is_flag=True, help="Print it as one JSON object and end.")
@click.option("--stuck", type=Span(), default="10min", show_default=True, metavar="TIME",
              help="Whoever is longer at one step is marked.")
def watch(folder: Path, once: bool, as_json: bool, stuck: float) -> None:
    """The instructor's board over the kiosk in DIR: who is where, who is stuck, who is done; live.

    \b
    Example:  tcplab watch /srv/tcplab --stuck 5min
              tcplab watch /srv/tcplab --json | jq '.learners[] | select(.state == "stuck") | .student'
    """
    if once and as_json:
        raise click.UsageError("--once and --json exclude each other: choose one")
    try:
        from tcplab.kiosk import watch as board
    except ImportError as error:
        raise click.ClickException(f"tcplab watch needs Unix ({error.name} is not here)") from None

    sys.exit(board.watch(folder, once, as_json, stuck))


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def doctor(as_json: bool) -> None:
    """Check terminal, colours, locale, speed of the line, folders, Python: what is wrong and what to do.

    The test of speed writes 4 kB to the terminal that show nothing. Exit codes: 0 tcplab can be used here, 1 not.
    """
    from tcplab.doctor import command

    sys.exit(command.doctor(as_json))
