"""The palette: every key's action and every command, found by a few letters of them.

Textual's own palette repaints the screen, needs UTF-8 and an emoji font, and falls over an empty list.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from textual import events
from textual.binding import Binding

from tcplab.tui.draw.frame import command_line, footer
from tcplab.tui.draw.layout import Box
from tcplab.tui.draw.runs import Row, block, fit, spread
from tcplab.tui.editor import Editor
from tcplab.tui.screens.base import Page
from tcplab.tui.widgets.surface import Part


class Choice(NamedTuple):
    """One thing the palette offers."""

    title: str
    tip: str
    act: Callable[[], object]


def matching(choices: Sequence[Choice], query: str) -> list[Choice]:
    """The choices that hold the words of `query`; those whose title does come first."""
    words = query.lower().split()
    named = [c for c in choices if all(word in c.title.lower() for word in words)]
    told = [c for c in choices if c not in named and all(word in f"{c.title} {c.tip}".lower() for word in words)]
    return named + told


class Palette(Page, inherit_bindings=False):
    """Type to find, arrows to choose, enter to do, esc to leave."""

    BINDINGS = [
        Binding("escape,f2", "act('leave')", "leave", show=False, id="palette.leave", tooltip="leave the palette"),
        Binding("enter", "act('do')", "do it", show=False, id="palette.do", tooltip="do what is highlighted"),
        Binding("down,tab", "move(1)", "down", show=False, id="palette.down", tooltip="the next one"),
        Binding("up,shift+tab", "move(-1)", "up", show=False, id="palette.up", tooltip="the one before"),
        Binding("pagedown", "move(10)", "page down", show=False, id="palette.page_down", tooltip="ten further"),
        Binding("pageup", "move(-10)", "page up", show=False, id="palette.page_up", tooltip="ten back"),
    ]

    def __init__(self, choices: Sequence[Choice]) -> None:
        super().__init__()
        self.choices = list(choices)
        self.editor = Editor()
        self.picked = 0

    @property
    def found(self) -> list[Choice]:
        return matching(self.choices, self.editor.text)

    def parts(self, cells: int, lines: int) -> list[Part]:
        found = self.found
        self.picked = max(0, min(self.picked, len(found) - 1))
        title = spread(
            [(" tcplab ", "ink on-good bold"), (" All commands", "bright bold on-bar")],
            [(f"{len(found)} of {len(self.choices)} ", "dim on-bar")],
            cells,
            "on-bar",
        )
        room = lines - 4
        top = max(0, min(self.picked - room // 2, len(found) - room))
        rows = [self._line(choice, top + i == self.picked, cells) for i, choice in enumerate(found[top : top + room])]
        if not found:
            rows = [[("  nothing is called so", "faint")]]
        query = command_line(self.editor.text, self.editor.cursor, "", cells, "type a few letters")
        keys = [("enter", "do it"), ("↑ ↓", "choose"), ("esc", "leave")]
        return [
            (Box(0, 0, cells, 1), [title]),
            (Box(0, 1, cells, 1), [query]),
            (Box(0, 2, cells, lines - 3), block([[], *rows], cells, lines - 3)),
            (Box(0, lines - 1, cells, 1), [footer(keys, cells)]),
        ]

    @staticmethod
    def _line(choice: Choice, picked: bool, cells: int) -> Row:
        ground = " on-pick" if picked else ""
        width = min(46, cells // 2)
        head = fit([(f" {'▸' if picked else ' '} {choice.title}", f"bright bold{ground}")], width, f"text{ground}")
        return fit([*head, (f"  {choice.tip}", f"dim{ground}")], cells, f"text{ground}")

    def on_key(self, event: events.Key) -> None:
        if event.key in ("up", "down", "enter", "escape", "tab", "home", "end"):
            return
        if self.editor.key(event.key, event.character):
            self.picked = 0
            event.stop()
            event.prevent_default()
            self.draw()

    def on_paste(self, event: events.Paste) -> None:
        event.stop()
        self.editor.insert(event.text)
        self.draw()

    def action_move(self, by: int) -> None:
        self.picked = max(0, self.picked + by)
        self.draw()

    def act(self, key_id: str) -> None:
        found = self.found
        self.app.pop_screen()
        if key_id == "do" and found:
            self.app.call_later(found[self.picked].act)
