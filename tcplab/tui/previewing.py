"""`tcplab lab preview`: the bench on a lab that is being written, read anew at each save."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from tcplab.front.preview import LabNotFound, Preview, source_line
from tcplab.lab.errors import Problem
from tcplab.notation.errors import printable
from tcplab.tui import terminal
from tcplab.tui.app import TcplabApp
from tcplab.tui.config import load, terminal_for, use_keys
from tcplab.tui.draw.runs import Row, cut, wrap
from tcplab.tui.screens.reader import Reader

#: How often the file is looked at, in seconds: a glance at its date, nothing is drawn.
GLANCE_S = 0.4


def problem_rows(problems: Sequence[Problem], cells: int) -> list[Row]:
    """Each problem with its line and column, the line of the file with a mark below the place, and the cure."""
    rows: list[Row] = []
    for problem in problems:
        style = "lost" if problem.severity == "error" else "warn"
        rows += wrap([(f"line {problem.line}, column {problem.column}  ", "dim"),
                      (printable(problem.message, 400), style)], cells)
        line = printable(source_line(problem), 400)
        shift = max(0, problem.column - cells + 12)
        if line:
            rows.append(cut([("  ", "text"), (line[shift:], "text")], cells))
            rows.append(cut([(" " * (problem.column + 1 - shift), "text"), ("▲", style)], cells))
        if problem.cure:
            rows += wrap([(printable(problem.cure, 400), "good")], cells)
        rows.append([])
    return rows + wrap([("Mend and save the file: this page looks again by itself.", "dim")], cells)


class Faults(Reader, inherit_bindings=False):
    """What is wrong with the file. It goes by itself when the file is mended."""

    BINDINGS = Reader.BINDINGS

    def __init__(self, preview: Preview) -> None:
        count = sum(problem.severity == "error" for problem in preview.problems)
        problems = tuple(preview.problems)
        first = next((problem.line for problem in problems if problem.severity == "error"), 1)
        self.stale = f"{printable(preview.path.name)} has an error in line {first}: this is the lab as it was before it"
        super().__init__(f"{printable(preview.path.name)}: {count} error{'s' if count > 1 else ''}",
                         lambda cells: problem_rows(problems, cells), closing="esc back   ↓ ↑ move   q leave")

    def act(self, key_id: str) -> None:
        if self.app.bench is None or key_id == "leave":
            self.app.exit(0)
        else:
            self.app.pop_screen()
            self.app.bench.desk.say(self.stale, "warn")
            self.app.bench.draw()


class PreviewApp(TcplabApp):
    """The bench without recording and progress, on whatever the file says now."""

    def __init__(self, preview: Preview, probed: terminal.Terminal | None = None) -> None:
        super().__init__(preview.session, probed)
        self.preview = preview
        self.at_home = False

    def on_mount(self) -> None:
        # Textual calls the one of TcplabApp as well.
        self.set_interval(GLANCE_S, self.glance)

    def open_bench(self, session: object) -> None:
        """Show the session, or the faults of a file that never was without."""
        if session is None:
            self.push_screen(Faults(self.preview))
        else:
            super().open_bench(session)

    def glance(self) -> None:
        """Look whether the file was saved."""
        if not self.preview.changed():
            return
        try:
            new = self.preview.read()
        except LabNotFound:
            return  # it is just being replaced
        page = self.bench.desk.page if self.bench is not None else ""
        if isinstance(self.screen, Faults):
            self.pop_screen()
        if not new:
            self.push_screen(Faults(self.preview))
            return
        while len(self.screen_stack) > 1:
            self.pop_screen()
        self.open_bench(self.preview.session)
        if page:
            self.bench.desk.page = page
        self.bench.desk.say(self._told(), "warn" if self.preview.problems else "good")

    def _told(self) -> str:
        if self.preview.problems:
            first = self.preview.problems[0]
            return f"read anew; line {first.line}: {first.message}"
        return f"{self.preview.path.name} was saved and is read anew"

    def keep(self) -> None:
        """Nothing of a preview is kept."""
        bench, self.session = self.bench, None
        if bench is not None:
            bench.desk.pacer.stop()


def run_preview(path: Path, seed: int = 1) -> int:
    """Open a lab file on the screen and follow it. Returns the exit code (see `tcplab.cli`)."""
    refusal = terminal.check()
    if refusal:
        print(f"{refusal.splitlines()[0]}\nWithout a screen: tcplab lab lint {path}", file=sys.stderr)
        return 2
    preview = Preview(path, seed)
    try:
        preview.read()
    except LabNotFound as error:
        print(f"tcplab: {error}", file=sys.stderr)
        return 2
    config = load()
    use_keys(config)
    app = PreviewApp(preview, terminal_for(config))
    code = app.run(mouse=app.terminal.mouse)
    return app.return_code if code is None else code
