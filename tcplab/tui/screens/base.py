"""What all screens share: one surface, keys from the table, no focus to move about."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.geometry import Size
from textual.screen import Screen

from tcplab.tui.draw.calm import calm
from tcplab.tui.draw.layout import Box, too_small
from tcplab.tui.draw.runs import ascii_text, block
from tcplab.tui.keys import KEYS
from tcplab.tui.terminal import MIN_HEIGHT, MIN_WIDTH
from tcplab.tui.widgets.surface import Part, Surface


def bindings() -> list[Binding]:
    """The bindings of the table of keys, with ids (so that they can be changed) and tooltips.

    The keys of single pages are not among them: the desk offers a key to the page in front first.
    """
    everywhere = [key for key in KEYS if not key.page]
    return [Binding(key.key, f"act('{key.id}')", key.words, show=False, id=key.id, tooltip=key.tip)
            for key in everywhere]


def travel(screen: str, action: str, page: int) -> list[Binding]:
    """The bindings that move by a row, by a `page`, and to both ends, on every screen alike; `action` takes how far."""
    ways = (("down,j", 1, "down"), ("up,k", -1, "up"), ("pagedown,space", page, "page down"),
            ("pageup", -page, "page up"), ("home,g", -FAR, "first"), ("end,G", FAR, "last"))
    return [Binding(key, f"{action}({way})", words, show=False, id=f"{screen}.{words.replace(' ', '_')}")
            for key, way, words in ways]


#: More rows than anything has.
FAR = 1_000_000


class Page(Screen, inherit_bindings=False):
    """A screen that draws parts on a surface. Sub-classes say `parts` and `act`.

    `kind` lets the application know the home screen and the bench without having to import them.
    """

    kind = ""
    #: The size of the window when this was last drawn.
    _drawn_for: Size | None = None

    def compose(self) -> ComposeResult:
        yield Surface(self.app.theme, id="surface")

    @property
    def surface(self) -> Surface:
        return self.query_one(Surface)

    @property
    def stands(self) -> bool:
        """Whether there is a surface to draw on: not yet before it is mounted, no longer while the screen is left.

        Keys, sizes and frames may still come then.
        """
        return any(surface.is_attached for surface in self.query_children(Surface))

    def on_mount(self) -> None:
        # Textual calls the handlers of a class and of those above it: a screen with one of its own calls none.
        self.watch(self.app, "theme", self._theme_changed, init=False)

    def _theme_changed(self, name: str) -> None:
        self.surface.use_theme(name)

    def on_resize(self, event: events.Resize) -> None:
        if self._drawn_for != self.app.size:  # a new screen is told twice
            self.draw()

    def on_screen_resume(self) -> None:
        if self.is_mounted:
            self.draw()

    def draw(self) -> None:
        """Draw what there is to see now."""
        size = self.app.size
        if not size.width or not size.height or not self.stands:
            return
        self._drawn_for = size
        small = too_small(size.width, size.height)
        parts = self.too_small(size.width, size.height) if small else self.parts(size.width, size.height)
        if self.app.terminal.ascii:
            parts = [(box, [[(ascii_text(text), words) for text, words in row] for row in rows]) for box, rows in parts]
        if self.app.terminal.lean and not self.app.terminal.mono:  # without colours weight tells heads from text
            parts = [(box, [calm(row) for row in rows]) for box, rows in parts]
        self.surface.show(parts, size.width)

    def too_small(self, cells: int, lines: int) -> list[Part]:
        """The message for a window that cannot hold a screen; nothing is lost meanwhile."""
        words = [
            f"tcplab needs {MIN_WIDTH}x{MIN_HEIGHT}.",
            f"This is {cells}x{lines}.",
            "Make it larger:",
            "nothing is lost.",
        ]
        if lines < len(words):
            words = [f"needs {MIN_WIDTH}x{MIN_HEIGHT}"]
        top = max((lines - len(words)) // 2, 0)
        rows = [[] for _ in range(top)] + [[(word.center(cells), "bright")] for word in words]
        return [(Box(0, 0, cells, lines), block(rows, cells, lines))]

    def parts(self, cells: int, lines: int) -> list[Part]:
        """Everything on the screen, by rectangles."""
        raise NotImplementedError

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.wheel(int(event.screen_x), int(event.screen_y), 1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.wheel(int(event.screen_x), int(event.screen_y), -1)

    def wheel(self, x: int, y: int, by: int) -> None:
        """The mouse's wheel over a cell: up (-1) or down (1)."""

    def action_act(self, key_id: str) -> None:
        """A key of the table was pressed."""
        self.act(key_id)

    def act(self, key_id: str) -> None:
        """Do what the key means on this screen."""
        raise NotImplementedError
