"""What the footer offers, by what the learner is doing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import shipped
from .draw.link_fields import FIELDS
from .keys import BY_ID
from .waiting import foretold

if TYPE_CHECKING:
    from .desk import Desk

#: What the footer shows: key ids in order of weight, by what the learner is doing.
FOOTERS = {
    "empty": ("go:answer", "capture", "hint", "drop:skip it", "escape:leave the box", "turn", "command",
              "explain:help", "quit:leave"),
    "words": ("go:answer", "turn", "explain:what is this", "escape:leave the box"),
    "answer": ("go:answer", "turn", "escape:leave the box"),
    "asked": ("go:type the answer", "capture", "hint", "drop:skip it", "turn", "zoom", "explain:what is this", "quit"),
    "keys": (
        "go",
        "run",
        "step",
        "back",
        "wait",
        "hint",
        "explain:help",
        "turn",
        "command",
        "other",
        "drop",
        "connect",
        "send",
        "close",
        "listen",
        "zoom",
        "jump_next",
        "seek",
        "variables",
        "reset",
        "export",
        "quit",
    ),
    "challenge": ("run", "drop:lose next", "connect", "send", "reset", "step", "back", "close", "wait", "other",
                  "explain:help", "turn", "command", "listen", "zoom", "jump_next", "seek", "variables", "quit"),
    # A task that names no command is done with these.
    "finding": ("hint", "other", "send", "close", "run", "drop:lose next", "connect", "step", "back", "wait", "reset",
                "explain:help", "turn", "command", "zoom", "jump_next", "seek", "variables", "quit"),
    "sandbox": (
        "connect",
        "listen",
        "send",
        "close",
        "other",
        "run",
        "explain:help",
        "step",
        "back",
        "wait",
        "drop",
        "impair",
        "turn",
        "command",
        "hold",
        "inject",
        "zoom",
        "jump_next",
        "seek",
        "variables",
        "export",
        "quit",
    ),
    "foretold": ("run", "next:go on", "back", "turn", "zoom", "explain:help", "quit"),
    "pending": ("next:go on", "capture", "back", "turn", "zoom", "explain:help", "quit"),
    "running": ("escape:stop", "faster", "slower", "turn", "zoom", "quit"),
    "log": ("go:open it", "pin", "next_pin", "copy", "filter", "to_time", "last:newest", "escape", "quit"),
    "ladder": ("go:why?", "up", "down", "first", "last:newest", "step", "back", "run", "explain:help",
               "escape:leave the ladder"),
    "at": ("go:go there", "escape:leave"),
    "link": ("go:change it", "up", "down", "left", "right", "hold", "inject", "escape", "quit"),
    "command": ("go:do it", "turn:complete", "up:older", "escape:leave"),
    "filter": ("go:filter", "escape:leave"),
    "seek": ("go:go there", "escape:leave"),
    "jump": ("escape:leave",),
    "plot": ("escape:leave",),
    "form": ("go:take it", "escape:leave"),
    "finished": ("go:the last page", "reset", "back", "turn", "zoom", "explain:help", "quit"),
}


def footer_keys(desk: Desk) -> list[tuple[str, str]]:
    """Caps and words of the keys that matter now, by weight."""
    doing = _doing(desk)
    if doing == "impair":
        settings = ((field.letter, field.label) for field in FIELDS)
        return [("h", "hold"), ("i", "inject"), ("0", "clear"), *settings, ("esc", "leave")]
    # `enter` does the command that the task names: where none is left to do, the footer does not offer it.
    items = [item for item in _items(desk, doing) if _offered(desk, item, doing)]
    if doing in ("challenge", "finding"):
        items = _possible_first(desk, items)
    if doing == "keys" and _other_acts(desk):
        asked = [item for item in ("other", "hint") if item in items]
        rest = [item for item in items if item not in asked]
        items = [*rest[: rest.index("run") + 1], *asked, *rest[rest.index("run") + 1 :]]
    keys = [_footer_key(item) for item in items]
    if desk.zoomed and any(item == "zoom" for item in items):
        zoom = _footer_key("zoom:back to all")
        keys = [zoom, *(key for key in keys if key[0] != zoom[0])]
    return keys


def _items(desk: Desk, doing: str) -> tuple[str, ...]:
    """The keys for what the learner is doing; a page that has the attention may have its own."""
    if doing != "page":
        return FOOTERS[doing]
    own = desk.pages[desk.page].footer()
    return FOOTERS[own] if isinstance(own, str) else own


def _offered(desk: Desk, item: str, doing: str) -> bool:
    """Whether a key does anything now: no hint where there is none left, no `go` where no command is."""
    if item == "hint":
        return bool(desk.view.guide.hints_left)
    if item == "capture":
        return bool(shipped.named(desk))
    return item != "go" or doing != "keys" or bool(desk.todo())


def _possible_first(desk: Desk, items: list[str]) -> list[str]:
    """For a task that names no command: what the hosts can do now comes first, what they cannot comes last."""
    live = [bool(host.newest is not None and not host.newest.tcb.gone) for host in desk.view.hosts]
    if live[desk.current]:
        first, last = ("send", "close", "other"), ("connect", "listen")
    elif any(live):
        first, last = ("other", "connect"), ("send", "close", "listen")
    else:
        first, last = ("connect", "listen"), ("send", "close", "other")
    run = [item for item in items if item in ("hint", "run")]
    rest = [item for item in items if item not in (*run, *first, *last)]
    can = [item for item in first if item in items]
    return [*run, *can, *rest[:-1], *(item for item in last if item in items), *rest[-1:]]


def _other_acts(desk: Desk) -> bool:
    """Whether a task may need the host not chosen: its next command names it, or it names none and both can act."""
    named = next((host for text in desk.todo() for host in text.split()[:1] if host in desk.hosts), "")
    if named:
        return named != desk.hosts[desk.current]
    return all(host.newest is not None and not host.newest.tcb.gone for host in desk.view.hosts)


def _doing(desk: Desk) -> str:
    """Which footer fits what the learner is doing."""
    phase = desk.view.guide.phase
    if desk.unread.waits:
        return "pending"
    if desk.mode == "answer" and not desk.answer.text and desk.question is not None:
        return "words" if desk.question.kind == "words" else "empty"
    if desk.mode != "keys":
        return desk.mode
    if desk.pacer.running:
        return "running"
    if desk.ladder.focused:
        return "ladder"
    if desk.pages[desk.page].footer():
        return "page"
    if desk.question is not None:
        return "asked"
    if phase == "finished":
        return "finished"
    if phase == "none":
        return "sandbox"
    if foretold(desk.view):
        return "foretold"
    if phase == "open" and desk.view.guide.challenge:
        return "challenge"
    if phase == "open" and desk.view.guide.kind == "task" and not desk.view.guide.commands:
        return "finding"
    return "pending" if phase == "pending" or desk.view.guide.kind == "say" else "keys"


def _footer_key(item: str) -> tuple[str, str]:
    key_id, _, words = item.partition(":")
    key = BY_ID[key_id]
    return key.cap, words or key.words
