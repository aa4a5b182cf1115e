"""What can be done at a moment, by number, and what the keys of the screen mean here."""

from __future__ import annotations

from typing import Any, NamedTuple

from tcplab.front import opening
from tcplab.notation.plural import many
from tcplab.session.views import GuideView


class Choice(NamedTuple):
    """One thing that can be done now: the `command` it gives, and `words` where the command does not say enough."""

    command: str
    words: str = ""


def hint_words(guide: GuideView) -> str:
    """How the prompt offers the next hint, with its price; '' where there is none."""
    if not guide.hints_left:
        return ""
    cost = f", costs {many(guide.hint_cost, 'point')}" if guide.hint_cost else ""
    return f"hint ({guide.hints_left} left{cost}), "


def choices(session: Any, todo: list[str]) -> list[Choice]:
    """The numbered choices of this moment; `todo` are the commands that the open task names."""
    guide = session.view().guide
    if guide.phase == "finished":
        following = opening.next_lab(guide.lab_id)
        after = [Choice(f"lab {following[0]}", f"go on to the next lab, {following[1]}")] if following else []
        return [*after, Choice("home", "all labs"), Choice("steps", "your steps")]
    if guide.question is not None:
        return []
    if guide.phase == "pending" or guide.kind == "say":
        looks = [Choice(text) for text in guide.commands if text.startswith("capture ")]
        return [Choice("next", "go on"), *looks]
    found = [Choice(command) for command in todo]
    if guide.phase == "none":
        found += _sandbox(session)
    if session.next_at() is not None and not any(choice.command.startswith("run") for choice in found):
        found.append(Choice("wait", "wait for the next timer") if session.idle() else Choice("run until idle"))
    if guide.hints_left:
        found.append(Choice("hint", hint_words(guide).rstrip(", ")))
    start = session.guide.starts.get(guide.step_id)
    if start is not None and session.timeline.n != start.point.n:
        found.insert(0 if guide.blocked else len(found), Choice("reset", "begin this step again"))
    return found


def _sandbox(session: Any) -> list[Choice]:
    """Where nothing is asked: what a learner would try next."""
    first, second = session.view().hosts[:2]
    if first.newest is not None and not first.newest.tcb.gone:
        return [Choice(f"{first.name} send 100"), Choice(f"{first.name} close"), Choice(f"{second.name} close")]
    if second.listening:
        return [Choice(f"{first.name} connect {second.name} {second.listening[0][0]}")]
    return [Choice(f"{second.name} listen 80")]


def meant(session: Any, text: str) -> str:
    """What a key of the screen stands for, since the texts of labs name some; any other text as it is."""
    first, second = session.view().hosts[:2]
    port = second.listening[0][0] if second.listening else 80
    return {"l": f"{second.name} listen 80", "c": f"{first.name} connect {second.name} {port}",
            "d": f"{first.name} send 100", "f": f"{first.name} close", "x": "link drop next any", "s": "step",
            "b": "back", "w": "wait", "h": "hint", "n": "next", "r": "reset"}.get(text, text)
