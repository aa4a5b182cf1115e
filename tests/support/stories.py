"""Sessions made by a line of commands, and the entries of their segments."""

from __future__ import annotations

from tcplab.lab.loader import load_lab
from tcplab.session.session import Session
from tcplab.views.entries import Story


def made(text: str, seed: int = 1) -> Session:
    session = Session(load_lab("sandbox"), seed)
    outcomes = session.execute(text)
    assert all(outcome.ok for outcome in outcomes), outcomes
    return session


def story_of(session: Session) -> Story:
    story = Story()
    story.read(session.trace)
    return story
