"""What the terminal can do, asked before the screen starts: Textual itself refuses neither a pipe nor TERM=dumb."""

from __future__ import annotations

import codecs
import locale
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass

#: The smallest window that holds both hosts, the link and the task.
MIN_WIDTH, MIN_HEIGHT = 60, 20


@dataclass(frozen=True, slots=True)
class Terminal:
    """How to draw: `ascii` without box drawing, `mono` without colour, `fps` frames a second, `mouse` on or off.

    `clipboard`: whether OSC 52 may be sent; a terminal that knows it not swallows it, the Linux console does not.
    `erases`: erased cells take the background of the pen, so that blanks need not be written one by one.
    """

    ascii: bool = False
    mono: bool = False
    mouse: bool = True
    fps: int = 10
    remote: bool = False
    clipboard: bool = True
    erases: bool = False

    @property
    def lean(self) -> bool:
        """Whether the line is to carry little: five frames a second, and fewer colours in each."""
        return self.fps < 10


def refusal(env: Mapping[str, str], stdin_tty: bool, stderr_tty: bool, stdout_tty: bool = True) -> str:
    """Why the screen cannot start here and what to do instead, or '' when it can."""
    headless = (
        "Without a screen the same labs are a dialogue in lines: tcplab --plain, or tcplab open LAB --plain\n"
        "A script runs with: tcplab run LAB --script FILE"
    )
    streams = {"standard input": stdin_tty, "standard output": stdout_tty,
               "standard error (the screen is drawn there)": stderr_tty}  # fmt: skip
    missing = next((name for name, tty in streams.items() if not tty), "")
    if missing:
        return f"tcplab: {missing} is not a terminal, so there is no screen to draw on.\n{headless}"
    term = env.get("TERM", "")
    if not term or term in ("dumb", "unknown"):
        name = f"TERM={term}" if term else "TERM is not set"
        return (
            f"tcplab: {name}: this terminal cannot move its cursor.\n"
            f"If yours can, say which it is, for example: TERM=xterm-256color tcplab\n{headless}"
        )
    return ""


def check() -> str:
    """`refusal` for the process's own terminal."""
    tty = [stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr, sys.stdout)]
    return refusal(os.environ, *tty)


def is_utf8(env: Mapping[str, str]) -> bool:
    """Whether the locale's characters are UTF-8 (LC_ALL, LC_CTYPE, LANG in that order; unset means C)."""
    ctype = env.get("LC_CTYPE")
    if env.get("LANG") in ("C", "POSIX") and ctype in ("C.UTF-8", "C.utf8", "UTF-8"):
        # Python itself has put it there (PEP 538); it says nothing about the terminal.
        ctype = ""
    name = env.get("LC_ALL") or ctype or env.get("LANG") or ""
    if not name:
        return "utf" in (locale.getpreferredencoding(False) or "").lower()
    charset = name.partition(".")[2].partition("@")[0]
    if not charset:
        return False
    try:
        return codecs.lookup(charset).name == "utf-8"
    except LookupError:
        return False


def probe(env: Mapping[str, str] | None = None) -> Terminal:
    """The terminal as the environment describes it. TCPLAB_ASCII=1 asks for ASCII, TCPLAB_MOUSE=1 for the mouse."""
    env = os.environ if env is None else env
    remote = bool(env.get("SSH_CONNECTION") or env.get("SSH_TTY"))
    return Terminal(
        ascii=bool(env.get("TCPLAB_ASCII")) or not is_utf8(env),
        mono=bool(env.get("NO_COLOR")),
        mouse=bool(env.get("TCPLAB_MOUSE")) or not remote,
        fps=5 if remote else 10,
        remote=remote,
        clipboard=not (env.get("TERM") or "linux").startswith(("linux", "vt", "cons")),
        erases=_erases(env.get("TERM") or ""),
    )


def _erases(term: str) -> bool:
    """Whether terminfo knows the terminal to erase with the background of the pen, in a row and a part of it."""
    try:
        import _curses
    except ImportError:
        return False
    try:
        _curses.setupterm(term, -1)
    except (_curses.error, OSError):
        return False
    ways = _curses.tigetstr("el"), _curses.tigetstr("ech")
    return _curses.tigetflag("bce") > 0 and ways == (b"\x1b[K", b"\x1b[%p1%dX")
