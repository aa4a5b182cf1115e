"""What a click means: always something that a key does too, so that nobody needs a mouse."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from . import keys, pages
from .draw.layout import Box
from .draw.runs import plain
from .footers import footer_keys

if TYPE_CHECKING:
    from .panels import Panels

_TAB = re.compile(r"(\d)(?= +[A-Z])")
_NUMBER = re.compile(r"#(\d+)")

Press = Callable[[str, str | None], None]


def inside(box: Box, x: int, y: int) -> bool:
    """Whether a cell lies in a box."""
    return box.x <= x < box.x + box.width and box.y <= y < box.y + box.height


def panel_at(panels: Panels, x: int, y: int) -> str:
    """The name of the panel at a cell, '' for none."""
    return next((name for name, box in panels.boxes.items() if inside(box, x, y)), "")


def click(panels: Panels, x: int, y: int, press: Press) -> None:
    """A click at a cell of the bench. `press` takes a key (its name and its character) as if it had been typed."""
    name, desk = panel_at(panels, x, y), panels.desk
    if not name:
        return
    box = panels.boxes[name]
    inner_x, inner_y = x - box.x, y - box.y
    if name == "footer":
        _footer(panels, inner_x, press)
    elif name == "title":
        desk.act("run")
    elif name == "command":
        if desk.mode == "keys":
            desk.act("command")
    elif name == "task":
        if desk.question is not None:
            desk.mode = "answer"
    elif name == "tabs":
        page = _tab(plain(panels.rows("tabs")[0]), inner_x)
        if page:
            desk.turn(page)
    elif name in ("left", "right"):
        desk.current = 0 if name == "left" else 1
    elif name == "ladder":
        _ladder(panels, inner_x, inner_y)
    elif name == "settings":
        desk.turn("link")
    elif name in desk.pages:
        _page(panels, name, inner_x, inner_y)


def wheel(panels: Panels, x: int, y: int, by: int) -> None:
    """The wheel over a panel scrolls it by rows; over the ladder it moves through the segments."""
    name, desk = panel_at(panels, x, y), panels.desk
    if name == "ladder":
        if desk.ladder.focused or desk.ladder.take():
            desk.ladder.move(by)
    elif name in desk.pages:
        desk.pages[name].wheel(by)


def _footer(panels: Panels, x: int, press: Press) -> None:
    """The key whose cap or words lie under the pointer."""
    row, at = plain(panels.rows("footer")[0]), 0
    for cap, words in footer_keys(panels.desk):
        found = row.find(f"{cap} {words}", at)
        if found < 0:
            continue
        if found <= x < found + len(cap) + 1 + len(words):
            press(*key_of(cap, panels.desk.page))
            return


def key_of(cap: str, page: str) -> tuple[str, str | None]:
    """A key's name and character from what stands on its cap; the page in front has its keys first."""
    for entry in sorted(keys.KEYS, key=lambda entry: entry.page != page):
        if entry.cap == cap and entry.page in ("", page):
            name = entry.key.split(",")[0]
            return name, name if len(name) == 1 else " " if name == "space" else cap if len(cap) == 1 else None
    return ("escape", None) if cap == "esc" else (cap, cap)


def _tab(row: str, x: int) -> str:
    """The page whose tab lies under the pointer."""
    starts = [(match.start(), int(match[1])) for match in _TAB.finditer(row) if int(match[1]) <= len(pages.ORDER)]
    wanted, found = 1, ""
    for start, number in starts:
        # Counts beside a name are numbers too: tabs come in order.
        if number == wanted and start <= x + 1:
            found = pages.ORDER[number - 1]
        wanted += number == wanted
    return found


def _ladder(panels: Panels, x: int, y: int) -> None:
    """The segment whose number stands in the row, or nearest to it, is chosen; a second click opens it."""
    desk, rows = panels.desk, [plain(row) for row in panels.rows("ladder")]
    named = [(abs(index - y), abs(match.start() - x), int(match[1])) for index, row in enumerate(rows)
             for match in _NUMBER.finditer(row)]
    for away, _, number in sorted(named):
        if away <= 2 and desk.page == "link" and desk.pages["link"].choose(number):
            return
        entry = desk.story.by_id.get(number)
        if away <= 2 and entry is not None:
            if desk.ladder.entry is entry:
                desk.act("go")
            elif desk.ladder.take():
                desk.ladder.choose(entry)
            return


def _page(panels: Panels, name: str, x: int, y: int) -> None:
    """A click on a page brings it to the front, and then means what the page says."""
    desk, page = panels.desk, panels.desk.pages[name]
    fresh = desk.page != name
    desk.turn(name)
    box = panels.boxes[name]
    y -= panels.headed(name)
    if y >= 0 and not (fresh and name not in ("log", "states")):
        page.click(x, y, box.width, box.height - panels.headed(name))
