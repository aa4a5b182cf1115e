"""The terminal and the line to it: what it is, what it can, how fast it answers."""

from __future__ import annotations

import os
import re
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator

from tcplab.doctor.finding import BAD, GOOD, WARN, Finding
from tcplab.tui import terminal

#: What the test of speed writes: resets of the pen, which show nothing.
COST = 4096
PATIENCE_S = 2.0
_ANSWER = re.compile(rb"\x1b\[0n")


def screen() -> Iterator[Finding]:
    """TERM, colours, size."""
    refusal = terminal.check()
    term = os.environ.get("TERM", "")
    if refusal:
        said = refusal.splitlines()[0].removeprefix("tcplab: ").rstrip(".")
        cure = "TERM=xterm-256color tcplab, if that is what it is; else tcplab --plain" if "TERM" in said \
            else "start it in a terminal (over ssh: ssh -t), or use tcplab --plain"
        yield Finding("terminal", BAD, said, cure)
    else:
        yield Finding("terminal", GOOD, f"TERM={term}")
    yield _colours(term)
    columns, lines = shutil.get_terminal_size((0, 0))
    if not columns:
        return
    if columns < terminal.MIN_WIDTH or lines < terminal.MIN_HEIGHT:
        yield Finding("size", BAD, f"the window is {columns}x{lines}",
                      f"make it at least {terminal.MIN_WIDTH}x{terminal.MIN_HEIGHT}; 80x24 or more is pleasant")
    elif columns < 80 or lines < 24:
        yield Finding("size", WARN, f"the window is {columns}x{lines}", "80x24 or more is pleasant")
    else:
        yield Finding("size", GOOD, f"{columns}x{lines}")


def _colours(term: str) -> Finding:
    colorterm = os.environ.get("COLORTERM", "").lower()
    if os.environ.get("NO_COLOR"):
        return Finding("colours", GOOD, "NO_COLOR is set: letters and shapes say everything")
    if colorterm in ("truecolor", "24bit"):
        return Finding("colours", GOOD, "truecolor")
    if "256color" in term or "direct" in term:
        return Finding("colours", GOOD, "256 colours")
    return Finding("colours", WARN, f"16 colours, as TERM={term or '(unset)'} says",
                   "if your terminal knows more: TERM=xterm-256color (in tmux: set -g default-terminal tmux-256color)")


def words() -> Iterator[Finding]:
    """The locale: without UTF-8 lines are drawn with ASCII."""
    named = next((f"{name}={os.environ[name]}" for name in ("LC_ALL", "LC_CTYPE", "LANG") if os.environ.get(name)), "")
    if terminal.is_utf8(os.environ):
        yield Finding("locale", GOOD, f"{named or 'the default'} is UTF-8")
    else:
        yield Finding("locale", WARN, f"{named or 'no locale is set, so it'} is not UTF-8: ASCII is drawn",
                      "export LC_ALL=C.UTF-8, if your terminal shows UTF-8")


def multiplexer() -> Iterator[Finding]:
    """tmux and screen: which keys they take, and how long they keep esc to themselves."""
    if os.environ.get("TMUX"):
        try:
            told = subprocess.run(["tmux", "show-options", "-sv", "escape-time"], capture_output=True, text=True,
                                  timeout=2, check=False).stdout.strip()
        except (OSError, subprocess.TimeoutExpired):
            told = ""
        if told.isdigit() and int(told) > 100:
            yield Finding("tmux", WARN, f"it keeps esc for {told} ms", "in ~/.tmux.conf: set -sg escape-time 10")
        else:
            yield Finding("tmux", GOOD, "ctrl+b is its own; tcplab does not need it")
    elif os.environ.get("STY"):
        yield Finding("screen", GOOD, "ctrl+a is its own; tcplab does not need it")


def speed() -> Iterator[Finding]:
    """Asks the terminal whether it is well, once alone and once behind 4 kB that show nothing."""
    remote = " over SSH" if os.environ.get("SSH_CONNECTION") else ""
    try:
        tty = sys.stdin.isatty() and sys.stdout.isatty()
    except ValueError:
        tty = False
    if not tty:
        yield Finding("speed", GOOD, "not measured: no terminal to ask")
        return
    try:
        alone = _ask(b"")
        loaded = None if alone is None else _ask(b"\x1b[0m" * (COST // 4))
    except (OSError, ImportError) as error:
        yield Finding("speed", WARN, f"not measured: {error}")
        return
    if alone is None or loaded is None:
        yield Finding("speed", WARN, f"the terminal gave no answer within {PATIENCE_S:.0f} s{remote}",
                      "if keys are slow: ssh -C; a terminal nearer by; tcplab --plain")
        return
    rate = COST / max(loaded - alone, 0.0005) / 1000
    said = f"answers in {alone * 1000:.0f} ms{remote}; {COST + 8:,} bytes took {loaded * 1000:.0f} ms"
    if alone > 0.3 or rate < 25:
        yield Finding("speed", WARN, f"{said}: about {rate:.0f} kB/s",
                      "ssh -C packs what is drawn twentyfold; lean = true in config.toml draws less often")
    else:
        yield Finding("speed", GOOD, said)


def _ask(load: bytes) -> float | None:
    """Seconds until the terminal has answered a status request (DSR 5) behind `load`; None without an answer."""
    import termios
    import tty

    handle = sys.stdin.fileno()
    before = termios.tcgetattr(handle)
    try:
        tty.setcbreak(handle, termios.TCSANOW)
        begun = time.monotonic()
        data = load + b"\x1b[5n"
        while data:
            data = data[os.write(sys.stdout.fileno(), data):]
        got = b""
        while (left := begun + PATIENCE_S - time.monotonic()) > 0:
            if select.select([handle], [], [], left)[0]:
                part = os.read(handle, 256)
                got += part
                if not part or _ANSWER.search(got):
                    return time.monotonic() - begun if part else None
        return None
    finally:
        termios.tcsetattr(handle, termios.TCSAFLUSH, before)
