"""What a click and the wheel mean over a capture: always something that a key does too."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from tcplab.tui.draw.runs import plain
from tcplab.tui.mouse import inside, key_of

from .pages import ORDER

if TYPE_CHECKING:
    from .panels import Panels

_NUMBER = re.compile(r"#(\d+)")


def click(panels: Panels, x: int, y: int, press: Callable[[str, str | None], None]) -> None:
    """A click at a cell. `press` takes a key (its name and its character) as if it had been typed."""
    desk = panels.desk
    name = next((name for name, box in panels.plan.items() if inside(box, x, y)), "")
    if not name:
        return
    box = panels.plan[name]
    x, y = x - box.x, y - box.y
    if name == "footer":
        cap = panels.key_at(x)
        if cap:
            press(*key_of(cap, desk.page))
    elif name == "tabs":
        page = panels.tab_at(x)
        if page:
            desk.turn(page)
    elif name == "ladder":
        _ladder(panels, y)
    elif name in ORDER and (desk.lens is not None or name == "conns"):
        fresh = desk.page != name
        desk.turn(name)
        y -= "tabs" not in panels.plan
        if y >= 0 and not (fresh and name not in ("log", "states")):
            desk.pages[name].click(x, y, box.width, box.height - ("tabs" not in panels.plan))


def _ladder(panels: Panels, y: int) -> None:
    """The cursor goes to the segment of the row; a second click opens it."""
    desk, rows = panels.desk, panels.rows("ladder", panels.plan["ladder"])
    found = _NUMBER.search(plain(rows[y])) if y < len(rows) else None
    if found is None:
        return
    entry = desk.log.entry
    desk.turn("log")
    if entry is not None and entry.rec.id == int(found[1]):
        desk.pages["log"].enter()
    else:
        desk.show(desk.ladder_top + y)


def wheel(panels: Panels, x: int, y: int, by: int) -> None:
    """The wheel over a panel scrolls it; over the ladder it moves the cursor."""
    desk = panels.desk
    name = next((name for name, box in panels.plan.items() if inside(box, x, y)), "")
    if name == "ladder":
        desk.log.move(by)
    elif name in ORDER:
        desk.pages[name].wheel(by)
