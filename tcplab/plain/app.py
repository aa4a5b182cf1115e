"""The line dialogue on standard input and output: home, a lab, the next one; leaving keeps everything."""

from __future__ import annotations

import codecs
import os
import shutil
import signal
import sys
import textwrap
from pathlib import Path
from types import FrameType
from typing import Any, TextIO

from tcplab.front import opening

from .dialogue import Dialogue
from .home import Home
from .walk import Walk
from .words import safe


class Gone(Exception):
    """Nobody reads what is said any more."""


class Lines:
    """Standard input and output as lines. On a terminal the learner sees what is typed; into a pipe it is repeated."""

    def __init__(self, source: TextIO, target: TextIO) -> None:
        self.source, self.target = source, target
        self.ascii_only = _is_ascii(target)
        self.typed, self.shown = source.isatty(), target.isatty()
        for stream in (source, target):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="replace")

    def say(self, line: str) -> None:
        """Print one line; on a terminal no word is broken at its edge. Raises Gone."""
        text = safe(line, self.ascii_only)
        if self.shown and len(text) >= (columns := shutil.get_terminal_size().columns) > 20:
            text = "\n".join(textwrap.wrap(text, columns - 1, break_long_words=False, break_on_hyphens=False,
                                           subsequent_indent="  ")) or text
        self._write(text + "\n")

    def ask(self, prompt: str) -> str | None:
        """Say what can be done and read a line; None at the end of the input. Raises Gone."""
        self.say(prompt)
        self._write("> " if self.typed else "")
        line = self.source.readline()
        if not line:
            return None
        if not self.typed:
            self.say("> " + line.rstrip("\n"))
        return line.rstrip("\r\n")

    def _write(self, text: str) -> None:
        try:
            self.target.write(text)
            self.target.flush()
        except (BrokenPipeError, ValueError):
            raise Gone from None


def _is_ascii(stream: TextIO) -> bool:
    try:
        return codecs.lookup(stream.encoding or "ascii").name in ("ascii", "latin-1", "iso8859-1")
    except LookupError:
        return True


class Talk:
    """One learner at the keyboard or at the other end of a pipe."""

    def __init__(self, lines: Lines, seed: int | None, student: str | None) -> None:
        self.lines, self.seed, self.student = lines, seed, student
        self._walk: Walk | None = None
        self._listening = False

    def lab(self, session: Any) -> str:
        """Talk about one session to its end; it is kept whatever happens. Returns quit, home, or ``lab ID``."""
        self._walk = Walk(session, self.lines.say)
        dialogue = Dialogue(session, self.lines.say, self._walk)
        try:
            dialogue.begin()
            while not dialogue.leave:
                line = self._listen(dialogue.prompt())
                if line is None:
                    return "quit"
                dialogue.hear(line)
            return dialogue.leave
        finally:
            self._walk = None
            session.mark()
            opening.keep_progress(session)
            opening.end_recording(session)

    def home(self) -> Any:
        """Choose a lab from the list. Returns its session, None to leave."""
        home = Home(self.seed, self.student)
        home.list(self.lines.say)
        while True:
            line = self._listen(home.prompt())
            if line is None or line.strip().lower() in ("q", "quit", "exit"):
                return None
            try:
                session = home.hear(line, self.lines.say)
            except opening.OpeningError as error:
                self.lines.say(f"This cannot be opened: {error}")
                continue
            if session is not None:
                return session

    def _listen(self, prompt: str) -> str | None:
        while True:
            try:
                self._listening = True
                return self.lines.ask(prompt)
            except KeyboardInterrupt:
                self.lines.say("")
                prompt = "q leaves; everything is kept."
            finally:
                self._listening = False

    def interrupt(self, _number: int, _frame: FrameType | None) -> None:
        """ctrl+c: stop a run, or say how to leave; while an answer is being said it does nothing."""
        if self._walk is not None and self._walk.running:
            self._walk.interrupted = True
        elif self._listening:
            raise KeyboardInterrupt


def run_plain(lab: str | None = None, seed: int | None = None, student: str | None = None, record: Path | None = None,
              resume: str | Path | None = None) -> int:
    """Talk: from home, or about a lab or a recording to go on with. Returns the exit code (see `tcplab.cli`)."""
    lines = Lines(sys.stdin, sys.stdout)
    talk = Talk(lines, seed, student)
    try:
        session = None
        if resume is not None:
            session = opening.resume_session(resume, lab)
        elif lab is not None:
            session = opening.open_session(lab, seed, student, record)
    except opening.OpeningError as error:
        print(f"tcplab: {safe(str(error))}", file=sys.stderr)
        return error.code
    _catch_signals(talk)
    try:
        _converse(talk, session)
        lines.say("Everything is kept. Goodbye.")
    except Gone:
        _silence()
    return 0


def _converse(talk: Talk, session: Any) -> None:
    """Lab after lab, until the learner leaves."""
    while True:
        session = session or talk.home()
        if session is None:
            return
        then = talk.lab(session)
        session = None
        if then.startswith("lab "):
            try:
                session = opening.go_on_or_open(then.removeprefix("lab "), talk.seed, talk.student)
            except opening.OpeningError as error:
                talk.lines.say(f"This cannot be opened: {error}")
        elif then == "quit":
            return


def _catch_signals(talk: Talk) -> None:
    """A dropped line or a kill ends the dialogue as `q` does."""
    def leave(number: int, _frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    signal.signal(signal.SIGINT, talk.interrupt)
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None:
            signal.signal(number, leave)


def _silence() -> None:
    """Nobody listens: let the interpreter end without a complaint about what was left in the buffer."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, sys.stdout.fileno())
