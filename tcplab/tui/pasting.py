"""What is pasted is text: escape sequences in it must not become keys.

A terminal brackets a paste between two marks. Textual collects what stands between them, but takes an escape sequence
there for keys when it does not know it; so a coloured line of another program's output would press keys in ours.
Here the escapes of a paste are taken away before Textual reads them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from textual._xterm_parser import XTermParser
from textual.message import Message

_ESC, _BEGIN, _END = "\x1b", "\x1b[200~", "\x1b[201~"


class Pastes:
    """A filter over what the terminal sends, a piece at a time: pieces may end anywhere, even within a mark."""

    def __init__(self) -> None:
        self._inside = False
        #: What was read last outside a paste: a mark may have begun in it. What is held back inside one.
        self._tail = self._held = ""

    def clean(self, data: str) -> str:
        """`data` without the escapes inside pastes; their marks stay."""
        out: list[str] = []
        data, self._held = self._held + data, ""
        while data:
            if not self._inside:
                seen = self._tail + data
                at = seen.find(_BEGIN)
                cut = len(data) if at < 0 else at + len(_BEGIN) - len(self._tail)
                self._inside, self._tail = at >= 0, "" if at >= 0 else seen[1 - len(_BEGIN):]
                out.append(data[:cut])
                data = data[cut:]
                continue
            at = data.find(_END)
            if at >= 0:
                out.append(data[:at].replace(_ESC, "") + _END)
                data, self._inside = data[at + len(_END):], False
                continue
            keep = next((n for n in range(len(_END) - 1, 0, -1) if data.endswith(_END[:n])), 0)
            self._held = data[len(data) - keep:]
            out.append(data[: len(data) - keep].replace(_ESC, ""))
            break
        return "".join(out)


class PasteParser(XTermParser):
    """Textual's reader of the terminal's input, behind the filter."""

    def __init__(self, debug: bool = False) -> None:
        super().__init__(debug)
        self._pastes = Pastes()

    def feed(self, data: str) -> Iterator[Message]:
        """Read what came; an empty text is the end of the input."""
        clean = self._pastes.clean(data)
        if clean or not data:
            yield from super().feed(clean)


def guard(driver: type) -> None:
    """Let a driver of Textual read through the filter; one that reads no terminal is left as it is."""
    module = sys.modules[driver.__module__]
    if getattr(module, "XTermParser", None) is XTermParser:
        module.XTermParser = PasteParser  # type: ignore[attr-defined]
