"""What the keys for the link do: its prefix, hold, inject. Part of `acts`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .desk import Desk


def do_impair(desk: Desk) -> None:
    """m: the next letter sets or clears what the link does to segments."""
    desk.turn("link")
    desk.mode = "impair"
    desk.message = ""


def do_hold(desk: Desk) -> None:
    """H: segments stop in mid-link, or go on."""
    holding = desk.view.link.holding
    desk.give("link hold off" if holding else "link hold on")
    if desk.view.link.holding == holding:
        return
    if holding:
        desk.say("Hold is over: what was held goes on.", "dim")
    else:
        desk.turn("link")
        desk.pages["link"].turned_away()  # nothing is chosen from before
        desk.say("Hold: every segment stops in mid-link, the first is chosen, ↑ ↓ choose. H lets all go.", "warn")


def do_inject(desk: Desk) -> None:
    """I: the editor for a segment made by hand."""
    reason = desk.session.may_run()
    if reason:
        desk.say(f"{reason}: answer it first", "warn")
    else:
        desk.intent = "inject"
