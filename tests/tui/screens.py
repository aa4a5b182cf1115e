"""Help for screen tests: a desk drawn as text, an app under Pilot, a clock that only moves when told."""

from __future__ import annotations

from tcplab.tui.app import TcplabApp
from tcplab.tui.desk import Desk
from tcplab.tui.draw.runs import plain_rows
from tcplab.tui.panels import Panels
from tcplab.tui.terminal import Terminal
from tcplab.tui.widgets.surface import joined

SIZES = ((60, 20), (80, 24), (100, 30), (120, 36), (160, 48))


class Clock:
    """Nanoseconds that pass only by `sleep`."""

    def __init__(self) -> None:
        self.now = 0

    def __call__(self) -> int:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += int(seconds * 1e9)


def drawn(desk: Desk, cells: int = 80, lines: int = 24) -> str:
    """The whole bench as text; checks that every panel fills its box exactly."""
    from tcplab.tui.draw.runs import row_width

    panels = Panels(desk)
    boxes = panels.arrange(cells, lines)
    parts = []
    for name, box in boxes.items():
        rows = panels.rows(name)
        assert len(rows) == box.height, (name, len(rows), box)
        assert all(row_width(row) == box.width for row in rows), name
        parts.append((box, rows))
    assert sum(box.width * box.height for box, _ in parts) <= cells * lines
    return plain_rows(joined(parts))


def run_out(desk: Desk, clock: Clock, most: float = 60.0) -> None:
    """Let frames pass until time stands."""
    for _ in range(int(most * 10)):
        if not desk.busy:
            return
        clock.sleep(0.1)
        desk.tick()
    raise AssertionError("time did not come to rest")


def app_for(session: object, **terminal: object) -> TcplabApp:
    """The app on a session, with nothing of the outside world."""
    return TcplabApp(session, Terminal(**terminal))
