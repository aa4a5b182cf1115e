"""Where everything stands, for every size of window. Pure arithmetic: names to rectangles.

```
 title                                      title
 top      host ── link ── host              top
 left   | ladder          | right           left | ladder                    | right
 task                                       task
 tabs                                       states            | log
 one page                                   states / link     | guide, link or TCB
 command                                    command
 footer                                     footer
```
"""

from __future__ import annotations

from typing import NamedTuple

from tcplab.tui.terminal import MIN_HEIGHT, MIN_WIDTH


class Box(NamedTuple):
    """A rectangle in cells."""

    x: int
    y: int
    width: int
    height: int


#: From this size on, several panels stand below the task at once.
WIDE_CELLS, WIDE_LINES = 110, 32


def too_small(cells: int, lines: int) -> bool:
    """Whether the window cannot hold the bench."""
    return cells < MIN_WIDTH or lines < MIN_HEIGHT


def is_wide(cells: int, lines: int) -> bool:
    """Whether the panels stand side by side instead of one behind a tab."""
    return cells >= WIDE_CELLS and lines >= WIDE_LINES


def pane_cells(cells: int) -> int:
    """How wide a host's pane is."""
    if cells >= 150:
        return 29
    if cells >= 110:
        return 22
    return 19 if cells >= 78 else 17


def top_lines(lines: int, task: int) -> int:
    """How many rows the panes and the ladder get: a third of the window, less under a long task."""
    if lines >= 44:
        # As much as leaves the whole diagram its 23 rows.
        return max(9, min(lines * 5 // 16 + 2, lines - task - 27))
    wish = 7 if lines <= 25 else 9 if lines <= 31 else lines * 5 // 16 + 2
    return max(5, min(wish, lines - task - 7))


def most_task_lines(cells: int, lines: int, question: bool) -> int:
    """How much of the window the task may take; a question may take more, for its choices."""
    if is_wide(cells, lines):
        return lines // 3
    return lines // 2 + 1 if question else lines // 3


def plan(cells: int, lines: int, task: int, page: str, zoomed: bool) -> dict[str, Box]:
    """Every visible panel's rectangle. `task` is the height of the task's frame, `page` the page in front."""
    if zoomed:
        return _zoomed(cells, lines, task, page)
    top = top_lines(lines, task)
    pane = pane_cells(cells)
    boxes = {
        "title": Box(0, 0, cells, 1),
        "top": Box(0, 1, cells, 1),
        "left": Box(0, 2, pane, top),
        "ladder": Box(pane, 2, cells - 2 * pane, top),
        "right": Box(cells - pane, 2, pane, top),
        "task": Box(0, 2 + top, cells, task),
        "command": Box(0, lines - 2, cells, 1),
        "footer": Box(0, lines - 1, cells, 1),
    }
    y = 2 + top + task
    room = lines - 2 - y
    if is_wide(cells, lines):
        return boxes | _panels(cells, y, room, page)
    boxes["tabs"] = Box(0, y, cells, 1)
    boxes[page] = Box(0, y + 1, cells, max(room - 1, 0))
    return boxes


def _panels(cells: int, y: int, room: int, page: str) -> dict[str, Box]:
    """The lower part of a large window."""
    boxes: dict[str, Box] = {}
    full_diagram = room >= 23 and cells >= 150
    left = 79 if full_diagram else 40
    right = cells - left - 1
    front = page if page not in ("states", "log") else "guide"
    if full_diagram or room < 15 or room >= 21:
        boxes["states"] = Box(0, y, left, room)
    else:
        boxes["states"] = Box(0, y, left, 10)
        # The link's settings, unless its page is in front: nothing is shown twice.
        boxes["guide" if page == "link" else "settings"] = Box(0, y + 10, left, room - 10)
    # A plot tells by its height.
    log = max(4, room // 4 if page == "plots" else room * 9 // 20)
    boxes["log"] = Box(left + 1, y, right, log)
    boxes[front] = Box(left + 1, y + log, right, room - log)
    return boxes


def _zoomed(cells: int, lines: int, task: int, page: str) -> dict[str, Box]:
    """One page over everything but the task and the footer."""
    return {
        "title": Box(0, 0, cells, 1),
        "task": Box(0, 1, cells, task),
        page: Box(0, 1 + task, cells, max(lines - 3 - task, 0)),
        "command": Box(0, lines - 2, cells, 1),
        "footer": Box(0, lines - 1, cells, 1),
    }
