"""What the keys of time do: run, stop, step, go to an instant, jump to what is worth seeing, change the pace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tcplab.session.sights import WORDS

from .draw.values import seconds
from .waiting import all_held, stopped

if TYPE_CHECKING:
    from .desk import Desk

#: The second key of a jump: what it jumps to.
JUMPS = {"l": "loss", "r": "retransmission", "s": "state"}


def do_run(desk: Desk) -> None:
    """Space: stop; or run; or say what is awaited when nothing is on its way."""
    if desk.pacer.running:
        stop(desk)
        return
    reason = desk.session.may_run()
    if reason:
        desk.say(f"{reason}: answer it, or h for a hint".replace("a question is open and time", "Time"), "warn")
        desk.mode = "answer" if desk.question is not None else desk.mode
    elif desk.session.next_at() is None or desk.session.idle():
        desk.say(stopped(desk.view, "idle", desk.todo()))
    elif desk.view.in_flight and all_held(desk.view):
        desk.say(desk.awaited(), "warn")
    else:
        desk.run()


def stop(desk: Desk) -> None:
    """Space or esc while time runs."""
    desk.pause()
    desk.say("Time stands. space lets it run on.", "dim")


def _let_pass(desk: Desk, command: str) -> None:
    if desk.session.next_at() is None and not desk.session.may_run():
        desk.say(desk.awaited())
    else:
        desk.give(command)


def do_step(desk: Desk) -> None:
    _let_pass(desk, "step")


def do_back(desk: Desk) -> None:
    desk.give("back")


def do_wait(desk: Desk) -> None:
    _let_pass(desk, "wait")


def do_faster(desk: Desk) -> None:
    _change_speed(desk, 1)


def do_slower(desk: Desk) -> None:
    _change_speed(desk, -1)


def _change_speed(desk: Desk, by: int) -> None:
    # For this session only: what was hurried through in one lab is no wish for the next.
    desk.pacer.change_speed(by)


def do_seek(desk: Desk) -> None:
    """i: an entry opens for the instant to go to."""
    if desk.session.may_run():
        do_run(desk)
        return
    desk.pause()
    desk.mode = "seek"
    desk.line.set("")
    desk.say(f"go to: 1.25s or 50%  (now {seconds(desk.view.t)} s)", "dim")


def seek(desk: Desk, text: str) -> None:
    """Go to what was typed: a time with its unit, a part in percent, or a bare number of seconds."""
    bare = text.replace(".", "", 1).isdigit()
    desk.give(f"seek {text}s" if bare else f"seek {text}")


def do_compare(desk: Desk) -> None:
    """B: two futures side by side."""
    desk.pause()
    if desk.session.branches.names:
        desk.intent = "compare"
    else:
        desk.say("There is one future so far. Go back with b and do something else, then both can be compared.", "dim")


def do_jump_next(desk: Desk) -> None:
    _ask_where(desk, "next")


def do_jump_back(desk: Desk) -> None:
    _ask_where(desk, "last")


def _ask_where(desk: Desk, way: str) -> None:
    if desk.session.may_run():
        do_run(desk)
        return
    desk.pause()
    desk.mode, desk.way = "jump", way
    words = {"next": "On to the next", "last": "Back to the last"}[way]
    again = f"  ·  {']' if way == 'next' else '['} {WORDS[desk.sought]} again"
    desk.say(f"{words}:  l loss  ·  r retransmission  ·  s change of state{again}", "bright")


def jump_key(desk: Desk, character: str | None) -> bool:
    """The key after `]` or `[`: what to jump to. Any other key leaves things as they are."""
    desk.mode = "keys"
    desk.message = ""
    again = character in ("]", "[")
    if not again and character not in JUMPS:
        return True
    if again:
        desk.way = "next" if character == "]" else "last"
    else:
        desk.sought = JUMPS[character]
    if desk.way == "next":
        desk.leap(f"run until {desk.sought}")
    else:
        desk.give(f"back to {desk.sought}")
    return True
