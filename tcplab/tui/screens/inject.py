"""The editor for a segment made by hand. Every key types; arrows move and choose, enter injects, esc leaves."""

from __future__ import annotations

from collections.abc import Callable

from textual import events

from tcplab.tui.crafting import Crafting
from tcplab.tui.draw.frame import footer
from tcplab.tui.draw.guide_text import guide_text
from tcplab.tui.draw.inject_form import inject_rows, more_rows, title
from tcplab.tui.draw.layout import Box
from tcplab.tui.draw.link_panel import window
from tcplab.tui.draw.runs import Row, block
from tcplab.tui.screens.base import Page
from tcplab.tui.screens.reader import Reader
from tcplab.tui.widgets.surface import Part


def about(cells: int) -> list[Row]:
    """What the editor is for."""
    return guide_text(
        "A segment that no host of yours has sent is put on the link, as if it came from one of them: what an attacker "
        "does, or a segment that was delayed for a very long time. The link treats it as any other, and the receiver "
        "cannot know better.\n\n"
        "- ↑ ↓ go from row to row; ← → choose the sender and a typical segment; all else is typed.\n"
        "- What you type replaces a field you have just come to. ← or → first: you change it where the cursor stands.\n"
        "- The last row is the whole segment in scapy's notation. It is read, never run as a program.\n"
        "- enter injects it; esc leaves and nothing is sent. Ladder and log mark it as injected.", cells)


class Inject(Page, inherit_bindings=False):
    """Shows a `Crafting`; `give` carries its command out on the bench."""

    def __init__(self, crafting: Crafting, give: Callable[[str], None]) -> None:
        super().__init__()
        self.crafting, self.give = crafting, give
        self._top = 0

    def parts(self, cells: int, lines: int) -> list[Part]:
        inner = min(cells, 120)
        rows, at, verdict = inject_rows(self.crafting, inner)
        room = max(lines - 2 - len(verdict), 1)
        rows += more_rows(self.crafting, inner, room - len(rows) - 1)
        self._top = window(rows, at, self._top, room)
        typed = self.crafting.editor is not None
        keys = [("enter", "inject it" if self.crafting.command() else "mend it first"), ("↑ ↓", "move"),
                ("← →", "cursor" if typed else "choose"), ("ctrl+u", "empty it") if typed else ("?", "what is this"),
                ("esc", "send nothing")]
        return [
            (Box(0, 0, cells, 1), [title(self.crafting, cells)]),
            (Box(0, 1, cells, lines - 2), block([*block(rows[self._top : self._top + room], cells, room), *verdict],
                                                cells, lines - 2)),
            (Box(0, lines - 1, cells, 1), [footer(keys, cells)]),
        ]

    def on_key(self, event: events.Key) -> None:
        event.stop()
        event.prevent_default()
        if event.key == "escape":
            self.app.pop_screen()
        elif event.key == "enter":
            self._inject()
        elif event.character == "?" and self.crafting.editor is None:
            self.app.push_screen(Reader("Inject", about))
        elif self.crafting.key(event.key, event.character):
            self.draw()

    def on_paste(self, event: events.Paste) -> None:
        event.stop()
        self.crafting.paste(event.text)
        self.draw()

    def _inject(self) -> None:
        command = self.crafting.command()
        if command:
            self.app.pop_screen()
            self.give(command)

    def act(self, key_id: str) -> None:
        """No key of the table acts here: all of them type."""
