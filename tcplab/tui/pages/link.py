"""Page 4: what the link does to segments, as a form."""

from __future__ import annotations

from dataclasses import replace

from tcplab.tui.draw.link_panel import FIELDS, link_panel
from tcplab.tui.draw.runs import Row
from tcplab.tui.typing_keys import open_field

from .base import Page


class LinkPage(Page):
    """The link's settings; the cursor of the form is `desk.form`."""

    id, word, title = "link", "Link", "The link"
    tip = "what the link does to segments, as a form"
    about = (
        "What the link does to segments, for each direction. Move with the arrows, change a value with "
        "enter. Everything here is also a command, such as `link loss 5%`."
    )

    def rows(self, cells: int, lines: int) -> list[Row]:
        view = self.desk.view
        return link_panel(view.link, view.in_flight, self.desk.form, cells)

    def footer(self) -> str:
        return "link" if self.desk.form.row is not None else ""

    def move(self, by: int) -> None:
        row = self.desk.form.row
        self._to(row=0 if row is None else max(0, min(len(FIELDS) - 1, row + by)))

    def side(self, by: int) -> None:
        self._to(column=0 if by < 0 else min(1, len(self.desk.view.link.directions) - 1))

    def _to(self, **place: int | None) -> None:
        self.desk.form = replace(self.desk.form, **place)

    def enter(self) -> bool:
        if self.desk.form.row is None:
            return False
        open_field(self.desk)
        return True

    def escape(self) -> bool:
        held = self.desk.form.row is not None
        self._to(row=None)
        return held

    def turned_away(self) -> None:
        self._to(row=None)
