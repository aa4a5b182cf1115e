"""The signals of the terminal and of the system: another size of the window, a dropped line, a kill."""

from __future__ import annotations

import asyncio
import contextlib
import select
import signal
import sys
import threading
from typing import TYPE_CHECKING

from textual.events import Resize
from textual.geometry import Size

if TYPE_CHECKING:
    from tcplab.tui.app import TcplabApp


class Signals:
    """Catches them for an application, in its loop."""

    def __init__(self, app: TcplabApp) -> None:
        self.app = app

    def catch(self) -> None:
        """From now on a dropped line or a kill ends the application in good order. Call it within the loop."""
        loop = asyncio.get_running_loop()
        for name, code in (("SIGTERM", 143), ("SIGHUP", 129)):
            number = getattr(signal, name, None)
            if number is not None:
                try:
                    loop.add_signal_handler(number, self.app.signalled, code)
                except (NotImplementedError, RuntimeError, ValueError):
                    return
        self.follow_window()
        if hasattr(select, "poll") and sys.__stdin__ is not None and sys.__stdin__.isatty():
            threading.Thread(target=self._watch_line, args=(loop,), daemon=True).start()

    def follow_window(self) -> None:
        """Ask for the window's size in the loop, as Textual does not: within the signal's handler.

        There a second signal may come between the question and the report; then the old size is reported last.
        """
        with contextlib.suppress(NotImplementedError, RuntimeError, ValueError, AttributeError):
            asyncio.get_running_loop().add_signal_handler(signal.SIGWINCH, self._window_changed)

    def _window_changed(self) -> None:
        driver = self.app._driver
        if driver is None or self.app.is_headless or getattr(driver, "_in_band_window_resize", False):
            return  # a terminal with mode 2048 reports each size itself, among the keys
        size = Size(*driver._get_terminal_size())
        self.app.post_message(Resize(size, size))

    def _watch_line(self, loop: asyncio.AbstractEventLoop) -> None:
        """Sleep until the terminal is gone. A shell between us and it may keep the hang-up signal to itself."""
        poll = select.poll()
        poll.register(sys.__stdin__.fileno(), 0)  # no event but the hang-up, which is always told
        poll.poll()
        with contextlib.suppress(RuntimeError):  # the application has ended by itself
            loop.call_soon_threadsafe(self.app.signalled, 129)
