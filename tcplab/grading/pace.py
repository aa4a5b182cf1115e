"""How long a learner took, by the wall clock that a recording noted: for people, never for marks.

That clock is the learner's own, and nobody checks it. What cannot be is left out, and said.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime

from tcplab.grading.clock import moment
from tcplab.session.recording import Line
from tcplab.session.session import Session

#: A learner who gives no command for longer than this (seconds) has gone to lunch.
LUNCH = 600
#: So many pauses between commands are kept, for comparing hand-ins with each other.
MAX_PAUSES = 500
#: Clocks are set right by so many seconds now and then; and they go wrong by less than a day.
SET_RIGHT, A_DAY = 5, 86_400
#: There was no tcplab before.
BEFORE = datetime(2025, 1, 1, tzinfo=UTC).timestamp()


class Pace:
    """`steps` holds seconds for each step; `pauses` the seconds before each command, `places` the step of each. An
    absence, and a time that cannot be, count as none."""

    def __init__(self, session: Session) -> None:
        self._session, self._last = session, None
        self.steps: dict[str, int] = {}
        self.pauses: list[int] = []
        self.places: list[str] = []
        self._latest = time.time() + A_DAY
        self._lines = 0
        self._odd = dict.fromkeys(("missing", "backwards", "future", "past"), 0)

    def __call__(self, line: Line) -> None:
        """Take in one line of the recording, when the session stands where it was given."""
        if line.cmd is None:
            return
        self._lines += 1
        pause = self._pause(line.at)
        plan = self._session.guide.plan
        if len(self.pauses) < MAX_PAUSES:
            self.pauses.append(pause)
            self.places.append(plan.id if plan is not None else "")
        if plan is not None:
            self.steps[plan.id] = self.steps.get(plan.id, 0) + pause

    def _pause(self, text: str) -> int:
        at = moment(text)
        if at is None:
            self._odd["missing"] += 1
            return 0
        if at > self._latest or at < BEFORE:
            self._odd["future" if at > self._latest else "past"] += 1
            return 0
        last, self._last = self._last, at
        if last is not None and at < last - SET_RIGHT:
            self._odd["backwards"] += 1
        pause = int(at - last) if last is not None else 0
        return pause if 0 <= pause <= LUNCH else 0

    def told(self) -> dict:
        """What a result says of it; `odd` names what is wrong with the clock."""
        return {"steps": self.steps, "pauses": self.pauses, "places": self.places, "odd": self._words()}

    def _words(self) -> list[str]:
        odd, lines = self._odd, self._lines
        if lines and odd["missing"] == lines:
            return ["its lines hold no times: nothing is known of its pace"]
        for name, words in (("future", "in the future"), ("past", "before there was tcplab")):
            if lines and odd[name] == lines:
                return [f"all its times lie {words}: nothing is known of its pace"]
        said = [(odd["missing"], f"{odd['missing']} of {lines} lines hold no time"),
                (odd["backwards"], f"its clock goes backwards {_times(odd['backwards'])}"),
                (odd["future"], f"{odd['future']} of {lines} lines have times in the future"),
                (odd["past"], f"{odd['past']} of {lines} lines have times before there was tcplab")]
        return [words + ": its pace is not to be relied on" for count, words in said if count]


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
