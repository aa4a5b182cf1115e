"""Typing: what a key means while an answer, a command, a filter or a value of the form is being typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tcplab.front.given import answer_command
from tcplab.notation.errors import NotationError
from tcplab.notation.match import parse_match
from tcplab.notation.units import SIZE_UNITS, TIME_UNITS
from tcplab.views.entries import Entry

from . import asking, link_acts, time_acts
from .draw.runs import clean
from .editor import MAX_LENGTH
from .shipped import unseen

if TYPE_CHECKING:
    from .desk import Desk


#: What an answer begins with, by the kind of question: a key pressed out of habit is no answer.
_WANTED = {"number": "A number", "choice": "A letter of the list", "several": "A letter of the list",
           "order": "A letter of the list", "match": "A pair such as a1"}


def type_key(desk: Desk, key: str, character: str | None) -> bool:
    """A key while something is being typed. Returns False when it is to act as a key."""
    if desk.mode == "keys":
        return False
    if desk.mode == "jump":
        return time_acts.jump_key(desk, character)
    if desk.mode == "plot":
        desk.pages["plots"].pick(character)
        return True
    if key == "escape":
        desk.mode = "keys"
        asking.left(desk)
        desk.message = ""
        return True
    if desk.mode == "impair":
        return _impair(desk, key, character)
    if desk.mode == "answer":
        return _type_answer(desk, key, character)
    if key == "enter":
        _enter_line(desk)
        return True
    if desk.mode == "command" and _command_key(desk, key):
        return True
    if key == "backspace" and not desk.line.text and desk.mode in ("command", "seek", "at"):
        desk.mode = "keys"
        return True
    desk.line.key(key, character)
    return True


def paste(desk: Desk, text: str) -> bool:
    """Pasted text belongs to the line being typed, as one line; it is never carried out by itself. Always taken."""
    if desk.mode in ("keys", "impair", "jump", "plot"):
        desk.say("Nothing is being typed: press : first, then paste a command.", "warn")
    elif not (desk.answer if desk.mode == "answer" else desk.line).insert(text):
        desk.say(f"Only the first {MAX_LENGTH} characters of what was pasted fit.", "warn")
    return True


def _impair(desk: Desk, key: str, character: str | None) -> bool:
    """The key after the one for the link: a letter of its form, or hold, inject, clear."""
    desk.mode = "keys"
    desk.message = ""
    others = {"h": link_acts.do_hold, "i": link_acts.do_inject, "0": lambda desk: desk.give("link clear")}
    if character in others:
        others[character](desk)
        if not desk.message:
            desk.say("link clear: only the delay stays", "dim")
        return True
    if key in ("left", "right", "up", "down"):
        desk.mode = "impair"
        (desk.pages["link"].side if key in ("left", "right") else desk.pages["link"].move)(
            1 if key in ("right", "down") else -1)
        return True
    if not character or not desk.pages["link"].set_by_letter(character):
        desk.say(f"The link has no {clean(character or key)!r}: its letters stand before its settings.", "warn")
    return True


def _command_key(desk: Desk, key: str) -> bool:
    line = desk.line
    if key == "up":
        line.set(desk.history.older(line.text))
    elif key == "down":
        line.set(desk.history.newer(line.text))
    elif key == "tab" or (key == "right" and line.cursor == len(line.text)):
        complete_line(desk)
    else:
        return False
    return True


def completion(desk: Desk) -> tuple[str, list[str]]:
    """What would be added to the line, and all the words that fit."""
    line = desk.line
    if line.cursor != len(line.text):
        return "", []
    words = [word for word in desk.session.complete(line.text) if word]
    stub = "" if line.text[-1:].isspace() or not line.text else line.text.split()[-1]
    fitting = [word for word in words if word.startswith(stub)]
    common = fitting[0] if fitting else ""
    return common[len(stub) :], words


def complete_line(desk: Desk) -> None:
    """Tab: take what all completions share, or the first one."""
    text = desk.line.text
    added, words = completion(desk)
    if not words:
        return
    stub = "" if text[-1:].isspace() or not text else text.split()[-1]
    shared = words[0]
    for word in words[1:]:
        while not word.startswith(shared):
            shared = shared[:-1]
    tail = shared[len(stub) :] or added
    desk.line.insert(tail + (" " if len(words) == 1 or not shared[len(stub) :] else ""))


def _enter_line(desk: Desk) -> None:
    text = desk.line.text.strip()
    mode, desk.mode = desk.mode, "answer" if desk.question is not None and desk.mode == "command" else "keys"
    if mode == "command":
        if text:
            desk.history.add(text)
            rules = len(desk.view.link.rules)
            desk.give(text)
            if not desk.message and len(desk.view.link.rules) > rules:
                desk.say(f"✓ {text}: it waits for the next segment that it fits.", "dim")
    elif mode == "filter":
        set_filter(desk, text)
    elif mode == "at" and text:
        desk.pages["log"].to_time(text)
    elif mode == "seek" and text:
        time_acts.seek(desk, text)
    elif mode == "form":
        asking.answered(desk, text)


def set_filter(desk: Desk, text: str) -> None:
    """Show only segments that a MATCH fits; an empty one shows all."""
    if not text:
        desk.log.set_filter("", None)
        return
    try:
        match = parse_match(text, desk.hosts)
        env = desk.session.env

        def test(entry: Entry) -> bool:
            fates = ("sent", "lost") if entry.fate == "lost" else ("sent",)
            where = env(entry.rec) if match.where is not None else None
            return any(match.test(entry.rec, fate, where) for fate in fates)

        if desk.story.entries:
            test(desk.story.entries[0])
    except NotationError as error:
        # The cursor stands at the place, and nothing typed is lost.
        desk.say(f"{error.message} {error.cure}".rstrip() + f"  (column {error.column + 1})", "warn")
        desk.mode = "filter"
        desk.line.set(text)
        desk.line.cursor = min(error.column, len(text))
        return
    desk.log.set_filter(text, test)


def _type_answer(desk: Desk, key: str, character: str | None) -> bool:
    question, answer = desk.question, desk.answer
    if question is None:
        desk.mode = "keys"
        return False
    if key == "enter":
        if answer.text.strip():
            desk.refusal = ""
            desk.give(answer_command(answer.text.strip()))
        else:
            desk.refusal = "" if unseen(desk) else "Type your answer first. esc leaves the box."
            return not unseen(desk)  # else the key opens the capture that the question is about
        return True
    if key in ("backspace", "delete", "left", "right", "home", "end", "ctrl+u", "ctrl+w"):
        return bool(answer.text) and answer.key(key, character)
    if not character or not character.isprintable():
        return False
    desk.refusal = ""
    return _answer_character(desk, character)


def acts_as_key(desk: Desk, character: str) -> bool:
    """Whether a character does something instead of being typed into the answer box: only while that is empty.

    The help, a hint, skipping, the capture, leaving, the command line, the space bar; in a text of one's own only the
    help.
    """
    question = desk.question
    if desk.answer.text or question is None:
        return False
    letters = {choice.letter for choice in (*question.choices, *question.left)}
    return character == "?" or (question.kind != "words" and character in "hxqV: " and character not in letters)


def _answer_character(desk: Desk, character: str) -> bool:
    """While the box has the focus all that is printable belongs to the answer."""
    question, answer = desk.question, desk.answer
    if acts_as_key(desk, character):
        return False
    letters = {choice.letter for choice in (*question.choices, *question.left)}
    if question.kind == "choice" and (character.lower() in letters or answer.text in letters):
        answer.set(character.lower())
        return True
    if question.kind in ("several", "order") and character.lower() in letters:
        return _letter(desk, character.lower())
    if question.kind == "number" and character.isalpha() and not _in_number(question.unit, answer.text, character):
        desk.refusal = "A number is asked for here: letters are no part of it."
        return True
    wanted = _WANTED.get(question.kind)
    if wanted and not answer.text and character.lower() not in letters and not character.isdigit():
        if question.kind != "number" or character not in "+-.":
            desk.refusal = f"{wanted} is asked for here. After esc the letters act as keys."
            return True
    answer.insert(character)
    return True


def _in_number(unit: str, text: str, letter: str) -> bool:
    """Whether a letter may stand in a number: behind digits, where a unit has it."""
    units = (unit, "min", "bytes", *TIME_UNITS, *SIZE_UNITS, "µs")
    begun = (text.lstrip("0123456789.,_+-− ") + letter).lower()
    return any(char.isdigit() for char in text) and any(name.lower().startswith(begun) for name in units)


def _letter(desk: Desk, letter: str) -> bool:
    """In `several` and `order` a letter comes and goes; commas are not needed."""
    chosen = desk.answer.text.replace(",", " ").split()
    chosen = [c for c in chosen if c != letter] if letter in chosen else [*chosen, letter]
    desk.answer.set(" ".join(chosen))
    return True
