"""The board on a screen: looks every two seconds, draws when somebody has moved."""

from __future__ import annotations

import sys
import time

from textual import events
from textual.binding import Binding

from tcplab.kiosk.board import Board, Standing, ordered
from tcplab.kiosk.board_rows import counts, head, line
from tcplab.tui import terminal
from tcplab.tui.app import TcplabApp
from tcplab.tui.config import load, terminal_for, use_keys
from tcplab.tui.draw.frame import footer
from tcplab.tui.draw.layout import Box
from tcplab.tui.draw.runs import Row, block, clean, rule, spread
from tcplab.tui.screens.base import Page, travel
from tcplab.tui.widgets.surface import Part

EVERY_S = 2.0


def now() -> int:
    """Seconds since 1970."""
    return int(time.time())


class BoardPage(Page, inherit_bindings=False):
    """Learners in rows, and one sentence about the one that is chosen."""

    BINDINGS = [
        Binding("q,escape", "act('quit')", "leave", show=False, id="board.quit"),
        Binding("o,s", "act('order')", "order", show=False, id="board.order"),
        Binding("t", "act('theme')", "light/dark", show=False, id="board.theme"),
        *travel("board", "move", 20),
    ]

    def __init__(self, board: Board) -> None:
        super().__init__()
        self.board = board
        self.order, self.picked, self.top = "need", "", 0
        self.rows: list[Standing] = []
        self.look()

    def on_mount(self) -> None:
        self.set_interval(EVERY_S, self.look_again)

    def look(self) -> None:
        self.rows = ordered(self.board.look(now()), self.order)

    def look_again(self) -> None:
        """Only rows that differ are drawn, so a class that thinks costs nothing on the line."""
        self.look()
        self.draw()

    def _at(self) -> int:
        return next((i for i, row in enumerate(self.rows) if row.student == self.picked), 0)

    def parts(self, cells: int, lines: int) -> list[Part]:
        title: Row = [(" tcplab ", "ink on-good bold"), (" The class", "bright bold on-bar")]
        where: Row = [(f"{clean(str(self.board.kiosk))} ", "dim on-bar")]
        room, at = lines - 6, self._at()
        self.top = max(0, min(self.top, at, len(self.rows) - 1), at - room + 1)
        seen = self.rows[self.top : self.top + room]
        body = [line(row, self.rows, cells, row.student == self.rows[at].student) for row in seen]
        if not self.rows:
            words = self.board.problem or "Nobody has logged in yet. Whoever does appears here by themselves."
            body = [[(f" {clean(words)}", "dim")]]
        more = len(self.rows) - self.top - len(seen)
        right: Row | None = [(f" {more} more ↓ ", "dim")] if more > 0 else None
        rows = [[], counts(self.rows), head(self.rows, cells), *block(body, cells, room),
                rule("", cells, right=right), self._sentence(cells)]
        keys = [("↑ ↓", "choose"), ("o", "by name" if self.order == "need" else "by need"), ("t", "light/dark"),
                ("q", "leave")]
        return [(Box(0, 0, cells, 1), [spread(title, where, cells, "text on-bar")]),
                (Box(0, 1, cells, lines - 2), block(rows[1:], cells, lines - 2)),
                (Box(0, lines - 1, cells, 1), [footer(keys, cells)])]

    def _sentence(self, cells: int) -> Row:
        """About the chosen learner, in words."""
        if not self.rows:
            return []
        row = self.rows[self._at()]
        said = f" {row.student}: "
        if not row.lab:
            said += row.why or "has begun no lab yet"
        else:
            said += f"{row.lab}, attempt {row.attempt}" + (f", step {row.step}" if row.step else "")
            said += f"; {row.why}" if row.why else ""
            said += f"; all labs: {row.best} points, {row.finished} done"
        return [(clean(said), "warn" if row.why else "text")]

    def action_move(self, by: int) -> None:
        if self.rows:
            self.picked = self.rows[max(0, min(len(self.rows) - 1, self._at() + by))].student
            self.draw()

    def act(self, key_id: str) -> None:
        if key_id == "quit":
            self.app.exit(0)
        elif key_id == "theme":
            self.app.toggle_theme()
        elif key_id == "order":
            self.order = "name" if self.order == "need" else "need"
            self.look_again()


class WatchApp(TcplabApp):
    """The board alone."""

    def __init__(self, board: Board, **more: object) -> None:
        super().__init__(**more)
        self.board = board

    def on_mount(self, event: events.Mount) -> None:
        event.prevent_default()
        self.signals.catch()
        self.push_screen(BoardPage(self.board))


def run(board: Board) -> int:
    """The board on this terminal, until the instructor leaves. Returns the exit code."""
    refusal = terminal.check()
    if refusal:
        print(f"{refusal.splitlines()[0]}\nWithout a screen: tcplab watch DIR --once, or --json", file=sys.stderr)
        return 2
    config = load()
    use_keys(config)
    probed = terminal_for(config)
    app = WatchApp(board, terminal=probed, config=config)
    code = app.run(mouse=probed.mouse)
    return app.return_code if code is None else code
