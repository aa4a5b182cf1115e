"""The one table of keys: bindings, footer, help screen and the README's list are read from it.

Single letters first. Terminals and multiplexers eat alt+digit, ctrl+h/i/m/a/b/s/q/z/p and some function keys, so
none of those is ever the only way. Every key has an id under which a learner may give it another key.
"""

from __future__ import annotations

from pathlib import Path

from tcplab.notation.errors import suggest

from .key import APP, LAB, LOOK, TALK, TIME, Key
from .pages import PAGES

KEYS: list[Key] = [
    Key("go", "enter", "enter", "do it", "do the task's command, go on, or open what is selected", LAB),
    Key("hint", "h", "h", "hint", "show the next hint", LAB),
    Key("next", "n", "n", "next", "go on to the next step", LAB),
    Key("reset", "r", "r", "reset step", "begin this step again (answers stay as they are)", LAB),
    Key("run", "space", "space", "run", "let time run, or stop it", TIME),
    Key("step", "s", "s", "step", "one arrival, timer or call, with all that it causes at once", TIME),
    Key("back", "b", "b", "back", "undo the last step", TIME),
    Key("wait", "w", "w", "wait", "let time pass to the next timer", TIME),
    Key("seek", "i", "i", "go to", "go to an instant: a time, or a part of it in percent", TIME),
    Key("jump_next", "right_square_bracket", "]", "jump on", "to the next loss, retransmission, change of state", TIME),
    Key("jump_back", "left_square_bracket", "[", "jump back", "back to the last one", TIME),
    Key("compare", "B", "B", "compare", "put two futures side by side: this one and one that was left", TIME),
    Key("faster", "plus,equals_sign", "+", "faster", "make time run faster on the screen", TIME),
    Key("slower", "minus", "-", "slower", "make time run slower on the screen", TIME),
    Key("listen", "l", "l", "listen", "the second host waits for connections on port 80", TALK),
    Key("connect", "c", "c", "connect", "the first host opens a connection to it", TALK),
    Key("send", "d", "d", "send data", "the chosen host sends 100 bytes", TALK),
    Key("close", "f", "f", "close", "the chosen host closes (sends its FIN)", TALK),
    Key("other", "o", "o", "other host", "choose the other host for send and close", TALK),
    Key("drop", "x", "x", "drop next", "the link loses the next segment", TALK),
    Key("impair", "m", "m", "the link …", "then a letter: l loss, d delay, o reorder …: on, and again off", TALK),
    Key("inject", "I", "I", "inject", "put a segment made by hand on the link", TALK),
    Key("hold", "H", "H", "hold", "segments stop in mid-link until you decide, or go on", TALK),
    Key("turn", "tab", "tab", "page", "turn to the next page", LOOK),
    Key("turn_back", "shift+tab", "shift+tab", "page back", "turn to the page before", LOOK),
    *(Key(f"page{n}", str(n), str(n), page.word, page.tip, LOOK) for n, page in enumerate(PAGES, 1)),
    Key("up", "up,k", "↑", "up", "move up in the page", LOOK),
    Key("down", "down,j", "↓", "down", "move down in the page", LOOK),
    Key("left", "left", "←", "left", "move left in the page", LOOK),
    Key("right", "right", "→", "right", "move right in the page", LOOK),
    Key("page_up", "pageup", "PgUp", "page up", "move up by a screenful", LOOK),
    Key("page_down", "pagedown", "PgDn", "page down", "move down by a screenful", LOOK),
    Key("first", "home,g", "g", "first", "to the first row", LOOK),
    Key("last", "end,G", "G", "last", "to the newest row, and follow it", LOOK),
    Key("ladder", "L", "L", "ladder", "choose a segment on the ladder with the arrows; L or esc goes back", LOOK),
    Key("variables", "v", "v", "all variables", "show all variables, or only the lab's", LOOK),
    Key("numbers", "a", "a", "relative numbers", "sequence numbers as sent, or counted from zero", LOOK),
    Key("zoom", "z", "z", "zoom", "give the page the whole screen, or take it back", LOOK),
    Key("filter", "slash", "/", "filter", "show only matching segments, e.g. server ACK", LOOK),
    Key("escape", "escape", "esc", "leave", "stop time; leave the answer, a selection, a filter or the zoom", LOOK),
    Key("command", "colon", ":", "command", "type a command; tab completes, arrows recall", APP),
    Key("explain", "question_mark", "?", "what is this", "explain the page and list the keys", APP),
    Key("capture", "V", "V", "capture", "look at the capture that the lab names, or at the last one again", LOOK),
    Key("export", "e", "e", "export", "write what happened to files: text, pcapng, pictures", APP),
    Key("palette", "ctrl+k,f2", "F2", "all commands", "search all commands", APP),
    Key("theme", "t", "t", "light/dark", "change between the dark and the light theme", APP),
    Key("quit", "q", "q", "leave (kept)", "leave; everything is kept", APP),
    *(key for page in PAGES for key in page.KEYS),
]  # fmt: skip

BY_ID: dict[str, Key] = {key.id: key for key in KEYS}

#: Commands a key stands for, whichever host is chosen. The desk adds the socket keys, which depend on the lab.
FIXED = {
    "run until idle": "run",
    "step": "step",
    "back": "back",
    "wait": "wait",
    "hint": "hint",
    "next": "next",
    "reset": "reset",
    "link drop next any": "drop",
    "link drop next": "drop",
}


_changed: dict[str, str] = {}


def own_key(page: str, key: str) -> str:
    """The id of the key that acts only on a page, '' if it has none of that name."""
    return next((entry.id for entry in KEYS if entry.page == page and page and key in entry.key.split(",")), "")


def changed_keys() -> dict[str, str]:
    """The keys a learner gave other places, by id: what Textual calls a keymap."""
    return dict(_changed)


def key_name(text: str) -> str:
    """The name by which Textual knows a key that a learner wrote as `]`, `F9` or `ctrl+Y`; '' if there is none."""
    from textual.keys import Keys, _character_to_key, key_to_character

    text = text.strip()
    modifiers, plus, base = text.rpartition("+") if len(text) > 1 else ("", "", text)
    if len(base) == 1 and base.isprintable():
        return modifiers.lower() + plus + (base.lower() if plus else _character_to_key(base))
    base = {"esc": "escape", "pgup": "pageup", "pgdn": "pagedown"}.get(base.lower(), base.lower())
    if not set(modifiers.lower().split("+")) <= {"", "ctrl", "shift", "alt"}:
        return ""
    known = base in {key.value for key in Keys} or key_to_character(base) is not None
    return modifiers.lower() + plus + base if known else ""


def cap_of(name: str) -> str:
    """What stands on a key of that name: `]` for right_square_bracket, F9 for f9."""
    from textual.keys import key_to_character

    char = key_to_character(name) or ""
    return char if char.strip() else name.upper() if name[:1] == "f" and name[1:].isdigit() else name


def change(wanted: dict[str, str]) -> str:
    """Give keys other places, in bindings, footer and help alike. Returns what is wrong with `wanted`, '' if nothing.

    All or nothing: an unknown id, or a key that would then mean two things, changes nothing.
    """
    names: dict[str, str] = {}
    for key_id, key in wanted.items():
        if key_id not in BY_ID:
            return f"no key has the id {key_id!r}.{suggest(key_id, list(BY_ID))}"
        if not isinstance(key, str) or not key:
            return f'{key_id} needs the name of a key, such as "y" or "ctrl+y"'
        parts = [key] if key == "," else key.split(",")
        for part in parts:
            if not key_name(part):
                return f'{key_id}: no key has the name {part!r}; write it as "y", "ctrl+y", "f9" or "pagedown"'
        names[key_id] = ",".join(map(key_name, parts))
    wanted = names
    taken: dict[tuple[str, str], str] = {}
    for entry in KEYS:
        for key in wanted.get(entry.id, entry.key).split(","):
            other = taken.setdefault((entry.page, key), entry.id)
            if other != entry.id:
                return f"the key {cap_of(key)!r} would mean both {other} and {entry.id}"
    for index, entry in enumerate(KEYS):
        if entry.id in wanted:
            key = wanted[entry.id]
            KEYS[index] = BY_ID[entry.id] = entry._replace(key=key, cap=cap_of(key.split(",")[0]))
    _changed.update(wanted)
    return ""


def load_keymap(path: Path | None = None) -> str:
    """Read ``keys.toml`` (lines such as ``zoom = "y"``) from the learner's folder. Returns what is wrong with it."""
    from tcplab.lab.progress import home

    path = path or home() / "keys.toml"
    try:
        text = path.read_text(encoding="utf-8")
        import tomllib

        wanted = tomllib.loads(text)
    except FileNotFoundError:
        return ""
    except (OSError, ValueError) as error:
        return f"{path}: {error}"
    wrong = change(wanted)
    return f"{path}: {wrong}" if wrong else ""


def markdown_table() -> str:
    """The table of keys for the README."""
    lines = ["| key | does |", "|---|---|"]
    lines += [f"| `{key.cap}` | {key.tip} |" for key in KEYS]
    return "\n".join(lines)
