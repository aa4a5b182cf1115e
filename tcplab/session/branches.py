"""Other futures: each branch is a path that was left, kept whole, to be looked at and to be taken up again.

``branch NAME`` with a new name keeps the path as it is and goes on under the new name from this moment; with a known
name it goes to the end of that path. What a new command after `back`, a `reset` or a lab's own rewinding leaves behind
is kept as well, as ``try1``, ``try2`` ..., the newest few of them. A branch costs a list of references, no more.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from tcplab.net.trace import Event
from tcplab.notation.units import format_time
from tcplab.session.progress import GuideRefusal
from tcplab.session.timeline import Moment

if TYPE_CHECKING:
    from tcplab.session.session import Session

#: Named futures at most, and those of them that were kept by themselves.
MOST, MOST_TRIES = 12, 4


class Branch(NamedTuple):
    """One path that was left: `n` steps, ending at virtual time `t` (ns); `parted` is when it left the present one.

    `parted` is None where one of the two is merely the beginning of the other.
    """

    name: str
    n: int
    t: int
    events: tuple[Event, ...]
    parted: int | None


class Branches:
    """The futures of one session. `name` is the one that is being lived."""

    def __init__(self, session: Session) -> None:
        self.session, self.name = session, "main"
        self._kept: dict[str, Moment] = {}
        self._tries = 0

    @property
    def names(self) -> tuple[str, ...]:
        """The other futures, the one left last comes last."""
        return tuple(self._kept)

    def look(self, name: str) -> Branch:
        """One of the other futures. Raises KeyError."""
        moment = self._kept[name]
        here = self.session.trace
        first = parting(here, moment.trace)
        whole = first == min(len(here), len(moment.trace))
        parted = None if whole else min(here[first].t, moment.trace[first].t)
        return Branch(name, moment.point.n, moment.point.t, moment.trace, parted)

    def keep(self, left: Moment) -> None:
        """A path was left without a name: keep it as the next try, unless nothing was sent on it."""
        here = len(self.session.trace) if len(left.trace) > len(self.session.trace) else 0
        if not any(event.seg is not None for event in left.trace[here:]):
            return
        self._tries += 1
        self._kept[f"try{self._tries}"] = left
        tries = [name for name in self._kept if name.startswith("try") and name[3:].isdigit()]
        for name in tries[:-MOST_TRIES]:
            del self._kept[name]

    def check(self, name: str) -> None:
        """Raises GuideRefusal where `go` cannot be."""
        if name == self.name:
            raise GuideRefusal(f"this is {name}: name another future, or a new one")
        if name not in self._kept and len(self._kept) >= MOST:
            raise GuideRefusal(f"{MOST} futures are kept already: go on with one of them: " + ", ".join(self._kept))
        if name not in self._kept and name.startswith("try") and name[3:].isdigit():
            raise GuideRefusal(f"no future is called {name}: `branches` lists them; a new one needs another name")

    def go(self, name: str) -> str:
        """Go to the end of a known future, or begin a new one here; says what was done. See `check`."""
        timeline, old = self.session.timeline, self.name
        known = self._kept.pop(name, None)
        if known is None:
            self._kept[old] = timeline.furthest()
            timeline.ahead = None
            timeline.undone.clear()
            self.name = name
            return f"{old} is kept as it is; what you do from here on is {name}"
        self.session.guide.settle_predictions()
        self._kept[old] = timeline.furthest()
        timeline.take_up(known)
        self.name = name
        return f"this is {name}, where it was left; {old} is kept"

    def listing(self) -> str:
        """All futures, a line each, as `branches` answers."""
        lines = [f"{self.name}  this one, at {format_time(self.session.now, ' ')}"]
        for name in self.names:
            branch = self.look(name)
            parted = "" if branch.parted is None else f"parts from this one at {format_time(branch.parted, ' ')}, "
            sent = sum(event.kind == "sent" for event in branch.events)
            lines.append(f"{name}  {parted}leads to {format_time(branch.t, ' ')}, {sent} segments sent")
        return "\n".join(lines)


def parting(one: Sequence[Event], other: Sequence[Event]) -> int:
    """The index of the first event that differs between two runs; the shorter one's length where none does."""
    for index, (mine, theirs) in enumerate(zip(one, other, strict=False)):
        if mine is not theirs and mine != theirs:
            return index
    return min(len(one), len(other))
