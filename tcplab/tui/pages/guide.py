"""Page 1: what was just learnt, hints, new words, the steps of the lab."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tcplab.front.simplified import simplified
from tcplab.tui.draw.guide_page import feedback_rows, guide_page
from tcplab.tui.draw.runs import Row

from .base import Page

if TYPE_CHECKING:
    from tcplab.tui.desk import Desk


class GuidePage(Page):
    """The guide of the lab."""

    id, word, title = "guide", "Guide", "The guide"
    tip = "the guide's page"
    about = (
        "What was just learnt, the hints you took, words that are new, and the steps of this lab. The "
        "task itself always stands in the frame above. The arrows move what does not fit here."
    )

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._seen: tuple = ()

    def count(self) -> str:
        """Whether something new was said here while another page was in front."""
        new = self._judged()
        return "new" if new and new != self._seen and self.desk.page != self.id else ""

    def _judged(self) -> tuple:
        return tuple(item for item in self.desk.view.guide.feedback if item.good is not None)

    def said(self, cells: int) -> int:
        """How many rows what was said at the end of a step takes."""
        desk = self.desk
        return sum(len(feedback_rows(item, cells - 2, desk.hosts, desk.key_for)) + 1 for item in self._judged()) - 1

    def rows(self, cells: int, lines: int) -> list[Row]:
        desk, guide = self.desk, self.desk.unread.shown(self.desk.view.guide)
        self._seen = self._judged()
        judged = {item.step_id for item in guide.feedback if item.good is not None}
        if guide.phase == "pending" and not desk.task_long and guide.feedback:
            # The frame shows the newest in its own words: they are not said twice.
            newest = guide.feedback[-1]
            shown = newest._replace(text="") if newest.text else newest._replace(after="")
            guide = guide._replace(feedback=(*guide.feedback[:-1], shown))
        feedback = [item for item in guide.feedback if item.good is not None or item.step_id not in judged]
        return guide_page(guide, cells, desk.hosts, desk.key_for, desk.words.new, desk.task_long, feedback,
                          desk.view.seed, simplified(desk.session, brief=True) if self._begins() else "", lines)

    def _begins(self) -> bool:
        """Whether this is the first page of all, where a learner is told what is made simple."""
        view = self.desk.view
        return view.guide.step_number == 1 if view.guide.step_total else not view.can_back
