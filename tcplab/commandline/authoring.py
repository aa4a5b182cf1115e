"""`tcplab lab ...`: for those who write labs."""

from __future__ import annotations

import sys
from pathlib import Path

import click

PATH = click.Path(dir_okay=False, path_type=Path)


@click.group()
def lab() -> None:
    """Write labs: a template, a preview, checks, packing. `tcplab lab guide` teaches it in ten minutes."""


@lab.command("guide")
@click.option("--language", is_flag=True, help="Print the language of matches and expressions instead.")
def lab_guide(language: bool) -> None:
    """Print how a first lab is written in ten minutes."""
    from tcplab.grading import starting

    sys.exit(starting.guide(language))


@lab.command("new")
@click.argument("file", default="my-lab.yaml", type=click.Path(path_type=Path))
def lab_new(file: Path) -> None:
    """Write a small whole lab with comments to FILE (default my-lab.yaml; - is standard output)."""
    from tcplab.grading import starting

    sys.exit(starting.new(file))


@lab.command("preview")
@click.argument("file", type=PATH)
@click.option("--seed", type=click.IntRange(0, (1 << 64) - 1), default=1, show_default=True, help="The seed to show.")
def lab_preview(file: Path, seed: int) -> None:
    """Open FILE as learners see it. Each save is shown at once, at the same place; errors with line and column."""
    from tcplab.tui.previewing import run_preview

    sys.exit(run_preview(file, seed))


@lab.command("lint")
@click.argument("files", nargs=-1, required=True, metavar="LAB...")
@click.option("--json", "as_json", is_flag=True, help="Print the problems as a JSON array.")
def lab_lint(files, as_json) -> None:
    """Check labs, translations, staff overlays, course.yaml, or all in a folder: each problem with its place and cure.
    """
    from tcplab.grading import linting

    sys.exit(linting.lint(list(files), as_json))


@lab.command("test")
@click.argument("files", nargs=-1, required=True, metavar="LAB...")
@click.option("--seeds", type=click.IntRange(1, 1000), default=20, show_default=True, help="How many seeds to try.")
@click.option("--verbose", "-v", is_flag=True, help="Show each wrong answer that was given, and what it heard.")
@click.option("--json", "as_json", is_flag=True, help="Print the outcome as a JSON array.")
def lab_test(files, seeds, verbose, as_json) -> None:
    """Play labs with pupils: blank, obedient, guesser, another seed's recording, and the reference solution.

    Then give every typical wrong answer, open every hint, and let time pass at every task: what is amiss is named.
    """
    from tcplab.grading import authoring

    sys.exit(authoring.test(list(files), seeds, as_json, verbose))


@lab.command("schema")
@click.option("--for", "kind", type=click.Choice(["lab", "translation", "staff", "course"]), default="lab",
              show_default=True, help="Which files it is for.")
def lab_schema(kind: str) -> None:
    """Print the JSON Schema of lab files, for editors; or that of translations, staff overlays, course.yaml."""
    from tcplab.grading import authoring

    sys.exit(authoring.schema(kind))


@lab.command("record")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--from", "source", type=PATH, metavar="FILE", help="A recording or a script. Else the bench opens.")
@click.option("--lab", "name", metavar="LAB", help="What it is played on: a lab without steps; the sandbox by default.")
@click.option("--seed", type=click.IntRange(0, (1 << 64) - 1), default=1, help="The seed to play under.")
def lab_record(file: Path, source: Path | None, name: str | None, seed: int) -> None:
    """Play a lab, and have it written to FILE: steps, goals and solution. You improve the texts.

    On the bench every key and command counts; q ends, and FILE is written.
    """
    import tempfile

    from tcplab.grading import writing

    if file.exists():
        raise click.UsageError(f"{file} exists already; name another file")
    if source is not None:
        sys.exit(writing.record(file, source, name, seed))
    bench = writing.bench_for(file, name)
    if isinstance(bench, int):
        sys.exit(bench)
    from tcplab.tui.taping import run_tape

    with tempfile.TemporaryDirectory() as folder:
        tape = Path(folder) / "played.jsonl"
        code = run_tape(bench, seed, tape, file.name)
        sys.exit(code or writing.record(file, tape, name, seed, keep=True))


@lab.command("translate")
@click.argument("file", metavar="LAB")
@click.argument("lang", metavar="XX")
def lab_translate(file: str, lang: str) -> None:
    """Write LAB.XX.yaml beside LAB, with all texts to be translated into the language XX (such as de)."""
    from tcplab.grading import authoring

    if len(lang) != 2 or not lang.isascii() or not lang.islower() or lang == "en":
        raise click.UsageError("a language is two small letters, such as de; labs themselves are written in en")
    sys.exit(authoring.translate(file, lang))


@lab.command("pack")
@click.argument("file", metavar="LAB")
@click.option("-o", "--out", required=True, type=click.Path(path_type=Path), metavar="DIR|ZIP",
              help="A new folder with learners/ and staff/, or a new .zip for learners with one for staff beside it.")
@click.option("--staff", "overlay", type=PATH, metavar="FILE", help="The staff overlay that goes with it.")
def lab_pack(file: str, out: Path, overlay: Path | None) -> None:
    """Pack LAB for learners, without its solution; what is for staff comes apart.

    Answers to questions stay in the learners' file: the laboratory judges on their machine. Checks that must stay
    secret belong into a staff overlay.
    """
    from tcplab.grading import packing

    sys.exit(packing.pack(file, out, overlay))
