"""Whose rules sessions of this process are opened under: nobody's at a learner's own desk, the kiosk's in a kiosk.

Everything that opens a session goes through `front.opening`, which asks here; so no screen can forget the rules.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol


class Rules(Protocol):
    """What a house decides. Each may raise `front.opening.OpeningError` with a sentence for the learner."""

    def begin(self, lab: str) -> Any:
        """A new session of a lab, recorded where the house keeps recordings."""

    def own(self, recording: Path) -> Path:
        """The recording, if it is one that this learner may go on with."""

    def taken_up(self, session: Any) -> None:
        """A recording is gone on with."""


_rules: list[Rules] = []


def rules() -> Rules | None:
    """The rules that hold in this process, None at a learner's own desk."""
    return _rules[-1] if _rules else None


def enter(those: Rules) -> None:
    """From now on those rules hold, until `leave`."""
    _rules.append(those)


def leave() -> None:
    """The rules given last hold no more."""
    _rules.pop()
