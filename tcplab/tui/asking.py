"""A value being typed for a form: what is asked, and which command the answer becomes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from .desk import Desk


class Asking(NamedTuple):
    """`build` makes a command line of what was typed; `empty` is taken when nothing is typed ('': nothing is done)."""

    build: Callable[[str], str]
    prompt: str
    empty: str = ""


def ask(desk: Desk, build: Callable[[str], str], prompt: str, empty: str = "", text: str = "") -> None:
    """Open the line for a value; `prompt` stands beside it."""
    desk.asking = Asking(build, prompt, empty)
    desk.line.set(text)
    desk.mode = "form"
    desk.say(prompt, "dim")


def answered(desk: Desk, text: str) -> None:
    """Enter: give the command. What is refused stays open with its text, so that nothing typed is lost."""
    asking, desk.asking = desk.asking, None
    if asking is None or not (text or asking.empty):
        desk.message = ""
        return
    line = asking.build(text or asking.empty)
    desk.give(line)
    if not desk.message:
        desk.say(line, "dim")
    if desk.message_style == "warn" and desk.message and desk.mode == "keys":
        desk.asking, desk.mode = asking, "form"


def left(desk: Desk) -> None:
    """esc: nothing is asked any more."""
    desk.asking = None
