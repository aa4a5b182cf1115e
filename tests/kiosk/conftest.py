"""A kiosk's folder, and learners who sit in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tcplab.front import house
from tcplab.kiosk.rules import KioskRules
from tcplab.kiosk.seat import Seat
from tcplab.lab.loader import use_labs_of


@pytest.fixture
def seat(tmp_path: Path) -> Iterator[Seat]:
    """Ada's place, taken."""
    place = Seat(tmp_path, "ada")
    place.sit()
    yield place
    place.rise()


@pytest.fixture
def rules(seat: Seat, monkeypatch: pytest.MonkeyPatch) -> Iterator[KioskRules]:
    """The kiosk's rules, in force."""
    monkeypatch.setenv("TCPLAB_HOME", str(seat.folder))
    those = KioskRules(seat)
    house.enter(those)
    yield those
    house.leave()
    use_labs_of(None)


Play = Callable[..., Path]


@pytest.fixture
def play(rules: KioskRules) -> Play:
    """Begins the next attempt at a lab, gives commands and leaves it."""
    def start(lab: str, *commands: str, close: bool = False) -> Path:
        session = rules.begin(lab)
        path = session.recording_path
        for command in commands:
            for outcome in session.execute(command):
                assert outcome.ok, outcome
        if close:
            session.close()
        session.mark()
        rules.away()
        rules.release()
        return path

    return start
