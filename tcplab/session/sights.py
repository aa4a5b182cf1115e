"""What a learner jumps to: a loss, a retransmission, a change of state; as words of `run until` and `back to`."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tcplab.net.trace import Event

#: What each word means, in the order of the table of commands.
SIGHTS: dict[str, Callable[[Event], bool]] = {
    "loss": lambda event: event.kind in ("lost", "dropped"),
    "retransmission": lambda event: event.kind == "sent" and event.seg is not None and event.seg.repeated,
    "state": lambda event: event.kind == "state",
}
#: The same as a reader says it.
WORDS = {"loss": "loss", "retransmission": "retransmission", "state": "change of state"}


def latest(events: Sequence[Event], before: int, word: str) -> int | None:
    """The index of the latest event of that kind among the first `before` ones; None when there is none."""
    test = SIGHTS[word]
    return next((index for index in range(min(before, len(events)) - 1, -1, -1) if test(events[index])), None)
