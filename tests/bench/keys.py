"""What keys write to the line at 80x24 in the lean profile: every movement on every page, every page, every screen.

Bytes say little alone: a page that is all text cannot cost less than its letters. So beside them stands what changed,
as another terminal sees it: the cells with a glyph in them that were not there before, and the bytes of those glyphs.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from tests.e2e.terminal import TCPLAB, Terminal, environment

from .line import SANDBOX
from .table import Row

#: A login over SSH: 256 colours, since COLORTERM does not come over the line.
LEAN = {"SSH_CONNECTION": "192.0.2.1 1 192.0.2.2 22", "COLORTERM": None}
#: A connection with something to see on every page.
TALK = ":server listen 80; client connect server 80; step 3; client send 2kB; step 30\r"
#: Seconds: a key that has written nothing for so long does nothing; one that wrote has been answered after a pause.
PATIENCE, STILL = 0.8, 0.15

#: What moves about in a page, pressed on each, and what acts on any, pressed on the log's.
MOVES = ("up", "up", "down", "left", "right")
ACTS = ("pageup", "pagedown", "g", "G", "s", "s", "b", "o", "v", "v", "x", "a", "a", "H", "H", "d", "b", ":", "esc",
        "i", "esc", "/", "esc")
#: What brings another page, so most of the screen; and what brings another screen, or the same in other colours.
PAGES = ("1", "2", "3", "4", "5", "6", "7", "8", "tab", "tab", "m", "esc")
SCREENS = ("?", "backspace", "f2", "esc", "I", "esc", "e", "esc", "B", "esc", "z", "z", "t", "t")


class Cost(NamedTuple):
    """What a key cost: bytes, and the cells with a glyph that changed with the bytes of their glyphs."""

    key: str
    size: int
    cells: int
    letters: int


class Keyboard:
    """Presses keys and notes what they cost."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal

    def press(self, keys: Iterable[str], where: str = "") -> list[Cost]:
        """One key after the other; each is waited for."""
        return [self._press(key, where) for key in keys]

    def _press(self, key: str, where: str) -> Cost:
        before, written = self._cells(), len(self.terminal.raw)
        self.terminal.press(key)
        if self.terminal.read(PATIENCE):
            self.terminal.quiet(STILL)
        changed = [cell.data for old, row in zip(before, self._cells(), strict=True)
                   for was, cell in zip(old, row, strict=True) if cell != was and cell.data.strip()]
        return Cost(f"{key} {where}".strip(), len(self.terminal.raw) - written, len(changed),
                    sum(len(glyph.encode()) for glyph in changed))

    def _cells(self) -> list[list]:
        screen = self.terminal.screen
        return [[screen.buffer[y][x] for x in range(screen.columns)] for y in range(screen.lines)]


def measure_keys() -> list[Row]:
    """The worst of each kind, beside what changed on the screen."""
    small, pages, screens = bench_costs()
    screens += [*home_costs(), *viewer_costs()]
    every = [cost for cost in (*small, *pages, *screens) if cost.letters > 100]
    ratio = sum(cost.size for cost in every) / sum(cost.letters for cost in every)
    return [
        worst("a key within a page, at worst", small),
        worst("a key that brings another page, at worst", pages),
        worst("a key that brings another screen, at worst", screens),
        Row("all keys that change 100 bytes of letters or more", f"{ratio:.2f} B for each byte of letters",
            f"{len(every)} keys", "", "-", None),
    ]


def bench_costs() -> tuple[list[Cost], list[Cost], list[Cost]]:
    """On the bench: keys within pages, keys that turn pages, keys that open screens."""
    with tempfile.TemporaryDirectory() as folder, Terminal(SANDBOX, environment(Path(folder), **LEAN)) as terminal:
        keyboard = Keyboard(terminal)
        terminal.wait_for(r" 1 +Guide")
        terminal.type(TALK)
        terminal.wait_for("ESTABLISHED.*ESTABLISHED")
        terminal.quiet(0.4)
        pages, small = [], []
        for page in PAGES[:8]:
            pages += keyboard.press(page)
            small += keyboard.press(MOVES, f"on page {page}")
        pages += keyboard.press(PAGES)
        keyboard.press("2")
        small += keyboard.press(ACTS, "on page 2")
        screens = keyboard.press(SCREENS)
        screens += keyboard.press(("enter", "backspace"), "on page 2")
    return small, pages, screens


def home_costs() -> list[Cost]:
    """The home screen: the way to a lab and back."""
    with tempfile.TemporaryDirectory() as folder, Terminal(TCPLAB, environment(Path(folder), **LEAN)) as terminal:
        keyboard = Keyboard(terminal)
        terminal.wait_for("enter opens it")
        terminal.quiet(0.4)
        found = keyboard.press(("down", "end", "up", "pageup", "w", "esc", "?", "esc"), "at home")
        terminal.press("enter")
        terminal.wait_for(r" 1 +Guide")
        terminal.quiet(0.4)
        return found + keyboard.press(("?", "T", "enter", "enter", "esc"), "and the tour") + keyboard.press("q")


def viewer_costs() -> list[Cost]:
    """The viewer of captures."""
    argv = (*TCPLAB, "view", "amber-1")
    with tempfile.TemporaryDirectory() as folder, Terminal(argv, environment(Path(folder), **LEAN)) as terminal:
        keyboard = Keyboard(terminal)
        terminal.wait_for("amber-1.*1 ")
        terminal.quiet(0.4)
        keys = ("down", "down", "tab", "tab", "tab", "tab", "?", "esc", "enter", "backspace")
        return keyboard.press(keys, "in a capture")


def worst(what: str, costs: list[Cost], mark: int = 1000) -> Row:
    """The dearest of them, beside what it changed and the next dearest."""
    ranked = sorted(costs, key=lambda cost: cost.size, reverse=True)
    top, over = ranked[0], sum(cost.size > mark for cost in costs)
    others: list[str] = []
    for cost in ranked[1:]:
        if cost.key.split()[0] not in (top.key.split()[0], *(other.split()[0] for other in others)):
            others.append(f"{cost.key.split()[0]} {cost.size:,}")
    usual = ranked[len(ranked) // 2].size
    figure = f"{top.size:,} B ({top.key}), usual {usual:,}; {over} of {len(costs)} above the mark"
    beside = f"{top.letters:,} B of letters in {top.cells} cells that changed; then {', '.join(others[:3])}"
    return Row(what, figure, beside, f"{top.size / max(1, top.letters):.2f}", f"{mark:,} B", top.size <= mark)
