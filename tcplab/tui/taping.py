"""`tcplab lab record`: the bench on which an instructor plays what is to become a lab."""

from __future__ import annotations

import sys
from pathlib import Path

from tcplab.front import opening
from tcplab.lab.lesson import Lab
from tcplab.session.session import Session
from tcplab.tui import terminal
from tcplab.tui.app import TcplabApp
from tcplab.tui.config import Config, load, terminal_for, use_keys


class TapeApp(TcplabApp):
    """The bench that says for which file everything is written down. It counts for nobody's progress."""

    def __init__(self, session: Session, file: str, probed: terminal.Terminal | None = None,
                 config: Config | None = None) -> None:
        super().__init__(session, probed, config=config)
        self.file = file
        self.at_home = False

    def open_bench(self, session: object) -> None:
        """Show the bench, and say what is going on."""
        super().open_bench(session)
        self.bench.desk.say(f"What you do here becomes {self.file}: each command, and the time that runs after it. "
                            "q ends it and writes the lab.", "good")

    def keep(self) -> None:
        """Close the recording."""
        bench, session, self.session = self.bench, self.session, None
        if session is not None:
            if bench is not None:
                bench.desk.leave()
            opening.end_recording(session)


def run_tape(lab: Lab, seed: int, tape: Path, file: str) -> int:
    """Open the bench on a lab without steps and record to `tape`. Returns the exit code (see `tcplab.cli`)."""
    refusal = terminal.check()
    if refusal:
        print(f"{refusal.splitlines()[0]}\nWithout a screen: tcplab lab record {file} --from SCRIPT", file=sys.stderr)
        return 2
    # The title is no part of a lab's logic: the recording stays one of that lab.
    session = Session.open(lab._replace(title=f"Recording {file}"), seed, record=tape, clock=opening.wall_clock)
    config = load()
    use_keys(config)
    app = TapeApp(session, file, terminal_for(config), config)
    code = app.run(mouse=app.terminal.mouse)
    app.keep()
    return app.return_code if code is None else code
