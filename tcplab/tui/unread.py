"""The explanation of a step is read before the next question, where a small window has no room for both.

Only what is seen changes: the question is open already, and who begins to type an answer gets it at once.
"""

from __future__ import annotations

from tcplab.session.views import GuideView

#: Keys that turn the page to the question.
_ON = ("enter", "n", "space")
#: Keys that only look.
_LOOK = ("up", "down", "pageup", "pagedown", "tab", "shift+tab")


class Unread:
    """`asked`: a question has come with something to read before it; `waits`: it stands behind that."""

    def __init__(self) -> None:
        self.asked = self.waits = False

    def new_step(self, guide: GuideView) -> None:
        said = any(item.good is not None and (item.text or item.after) for item in guide.feedback)
        self.asked, self.waits = said and guide.question is not None, False

    def weigh(self, needed: int, room: int) -> bool:
        """Decide, once for each question, whether `needed` rows stand in a `room` of so many. Returns `waits`."""
        self.asked, self.waits = False, needed > room
        return self.waits

    def shown(self, guide: GuideView) -> GuideView:
        """The guide as it is drawn: the question as a page that is still to be turned to."""
        return guide._replace(phase="pending", question=None) if self.waits else guide

    def key(self, key: str) -> bool:
        """Offer a key. Returns whether it was taken; one that types is not, and the question is seen at once."""
        if not self.waits or key in _LOOK:
            return False
        self.waits = False
        return key in _ON
