"""The course on the screen as a kiosk shows it: idle, limits and a new login end it; nothing leads out."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path
from types import FrameType

from textual import events

from tcplab.kiosk.preload import preload
from tcplab.kiosk.rules import KioskRules
from tcplab.kiosk.seat import TAKEN_OVER
from tcplab.notation.errors import printable
from tcplab.tui import terminal
from tcplab.tui.app import TcplabApp
from tcplab.tui.config import load, terminal_for, use_keys
from tcplab.tui.terminal import Terminal

#: How long before the idle exit the screen says so (seconds), at most half of the time.
WARNING_S = 60.0
#: Why a login ended: what the journal calls it -> (exit code, the last words).
ENDS = {
    "left": (0, "Goodbye. Everything is kept."),
    "taken-over": (0, "You have logged in elsewhere, and go on there. Everything is kept."),
    "idle": (0, "Nobody has pressed a key for a long time. Everything is kept; log in again to go on."),
    "hang-up": (129, ""),
    "stopped": (143, "The kiosk was stopped. Everything is kept; log in again to go on."),
    "cpu": (5, "This login has used up its computing time. Everything is kept; log in again to go on."),
    "updated": (0, "tcplab was updated meanwhile. Everything is kept; log in again to go on."),
    "crash": (70, "tcplab has failed. Everything up to the last command is kept; log in again to go on."),
}
#: When all that may be needed later is imported (seconds after the start): the first screen is painted then.
PRELOAD_S = 1.0
#: SIGXCPU comes once a second; a screen that has not ended after so many hangs.
_PATIENCE = 5
_PLAIN_TERMINAL = b"\x1b[?1049l\x1b[?25h\x1b[?2004l\x1b[?1004l\x1b[?1003l\x1b[?1006l\x1b[<u\x1b[0m\r\n"


class KioskApp(TcplabApp):
    """`idle` in seconds. `why` says at the end why it ended, by a name of ENDS."""

    def __init__(self, rules: KioskRules, idle: float, **more: object) -> None:
        super().__init__(student=rules.seat.student, **more)
        self.rules, self.idle = rules, idle
        self.pen: Path | None = rules.seat.exports
        self.at_home = True
        self.why = "left"
        self._warned = False
        self._last_key = time.monotonic()
        self._over = 0

    def on_mount(self, event: events.Mount) -> None:
        event.prevent_default()  # else the handler of the class above would run by itself as well
        first, self.session = self.session, None
        super().on_mount()
        if first is not None:
            self.open_bench(first)
        self._running_on = asyncio.get_running_loop()
        self._running_on.add_signal_handler(TAKEN_OVER, self._end, "taken-over")
        signal.signal(signal.SIGXCPU, self._computed_too_much)
        self._look_again(self.idle)
        self.set_timer(PRELOAD_S, preload)

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, (events.Key, events.Paste, events.MouseDown)):
            self._last_key, self._warned = time.monotonic(), False
            self.set_timer(0.2, self.rules.news)
        await super().on_event(event)

    def keep(self) -> None:
        """As ever; and the journal says how the lab was left."""
        if self.session is not None:
            self.rules.away(by_choice=self.why == "left")
        super().keep()
        self.rules.release()

    def action_suspend_process(self) -> None:
        """There is nothing behind the screen to go to."""

    def panic(self, *_renderables: object) -> None:
        """Textual would print what is wrong, with a trace; `run` says one sentence, and the journal holds the rest."""
        self._fatal_error()

    @property
    def defect(self) -> str:
        """What ended the screen against its will, in one line; "" if nothing did."""
        return "" if self._exception is None else printable(f"{type(self._exception).__name__}: {self._exception}", 300)

    # -- ends ---------------------------------------------------------------------------------------------------

    def _look_again(self, seconds: float) -> None:
        self.set_timer(max(0.2, seconds - min(WARNING_S, self.idle / 2) * (not self._warned)), self._idle_check)

    def _idle_check(self) -> None:
        """One timer for the whole time without a key; it is set anew when a key came meanwhile."""
        left = self.idle - (time.monotonic() - self._last_key)
        warning = min(WARNING_S, self.idle / 2)
        if left <= 0:
            self._end("idle")
            return
        if left <= warning + 0.2 and not self._warned:
            self._warned = True
            self.notify(f"Nobody is here? In {left:.0f} s this login ends; everything is kept. Any key stays.")
        self._look_again(left)

    def signalled(self, code: int) -> None:
        self.why = "hang-up" if code == 129 else "stopped"
        super().signalled(code)

    def _computed_too_much(self, _number: int, _frame: FrameType | None) -> None:
        """SIGXCPU: end in good order; if the screen does not come to it, end anyway with the terminal as it was."""
        self._over += 1
        if self._over == 1:
            self._running_on.call_soon_threadsafe(self._end, "cpu")
        elif self._over >= _PATIENCE:
            os.write(2, _PLAIN_TERMINAL)
            os._exit(ENDS["cpu"][0])

    def _end(self, why: str) -> None:
        self.why = why
        self.keep()
        self.exit(ENDS[why][0], return_code=ENDS[why][0])
        asyncio.get_running_loop().call_later(2, os._exit, ENDS[why][0])


def lean(probed: Terminal) -> Terminal:
    """The lean profile, whether or not SSH_CONNECTION says that this is a line: five frames a second, no mouse."""
    return replace(probed, mouse=False, fps=5, remote=True)


def run(rules: KioskRules, idle: float, session: object = None) -> tuple[str, int]:
    """The screen, until the learner leaves or has to. Returns (why it ended, exit code)."""
    from tcplab.lab.progress import load_progress

    config = load()
    use_keys(config)
    probed = lean(terminal_for(config))
    tour = bool(config["tour"]) and session is None and not load_progress().toured
    app = KioskApp(rules, idle, session=session, terminal=probed, config=config, tour=tour)
    code = app.run(mouse=False)
    if app.session is not None:
        with contextlib.suppress(*(Exception,) if app.defect else ()):  # a second defect must not hide the first one
            app.keep()
    code = app.return_code if code is None else code
    if app.defect and app.why == "left":
        app.why = "updated" if isinstance(app._exception, ImportError) else "crash"
        rules.seat.try_note("defect", what=app.defect)
    elif code and app.why == "left":
        app.why = "crash"
    return app.why, ENDS[app.why][0] if app.why != "left" else int(code or 0)


def refusal() -> str:
    """Why there can be no screen here, for a learner who came by ssh."""
    words = terminal.check()
    if not words:
        return ""
    return words.splitlines()[0].removeprefix("tcplab: ") + "\nLog in with a terminal: ssh -t. Without one: " \
        "ssh HOST status, submit LAB, recording LAB"


def farewell(why: str) -> None:
    """The last words on the terminal, when the screen is gone."""
    if ENDS[why][1]:
        print(ENDS[why][1], file=sys.stderr)
