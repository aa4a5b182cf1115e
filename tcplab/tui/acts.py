"""What each key does, one function for each id of `keys.KEYS`, and what typing means in each mode."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from .draw.link_panel import FIELDS, command_for, shown

if TYPE_CHECKING:
    from .desk import Desk

PAGES = ("guide", "log", "states", "link", "tcb")


# -- the lesson -------------------------------------------------------------------------------------------------

def do_go(desk: Desk) -> None:
    """Enter: open what is selected, answer, go on, or do the next command the task names."""
    guide = desk.view.guide
    if desk.page == "log" and desk.log.entry is not None:
        desk.intent = "inspect"
    elif desk.page == "link" and desk.form.row is not None:
        _open_field(desk)
    elif desk.question is not None:
        desk.mode = "answer"
    elif guide.phase == "finished":
        desk.intent = "summary"
    elif guide.phase == "pending" or guide.kind == "say":
        do_next(desk)
    else:
        _next_command(desk)


def _next_command(desk: Desk) -> None:
    commands = [command for command in desk.view.guide.commands if command not in desk.done]
    if commands:
        desk.give(commands[0])
    elif desk.session.next_at() is not None and not desk.session.idle():
        do_run(desk)
    elif desk.view.guide.commands:
        desk.say("The commands of this task are given. r begins the step again.", "dim")
    else:
        desk.say("This task names no command: find one with the keys, or type it after :", "dim")


def do_hint(desk: Desk) -> None:
    desk.give("hint")
    if desk.page != "guide" and desk.view.guide.hints:
        desk.page = "guide"
    desk.scroll["guide"] = 0


def do_next(desk: Desk) -> None:
    desk.give("next")
    if desk.view.guide.phase == "finished":
        desk.intent = "summary"


def do_reset(desk: Desk) -> None:
    desk.give("reset")


# -- time -------------------------------------------------------------------------------------------------------

def do_run(desk: Desk) -> None:
    """Space: stop; or run; or say what is awaited when nothing is on its way."""
    if desk.pacer.running:
        desk.pause()
        desk.say("Time stands. space lets it run on.", "dim")
        return
    reason = desk.session.may_run()
    if reason:
        desk.say(f"{reason}: answer it, or h for a hint".replace("a question is open and time", "Time"), "warn")
        desk.mode = "answer" if desk.question is not None else desk.mode
    elif desk.session.next_at() is None or desk.session.idle():
        desk.say(desk.awaited())
    else:
        desk.give("run until idle")


def do_step(desk: Desk) -> None:
    if desk.session.next_at() is None and not desk.session.may_run():
        desk.say(desk.awaited())
    else:
        desk.give("step")


def do_back(desk: Desk) -> None:
    desk.give("back")


def do_wait(desk: Desk) -> None:
    if desk.session.next_at() is None and not desk.session.may_run():
        desk.say(desk.awaited())
    else:
        desk.give("wait")


def do_faster(desk: Desk) -> None:
    desk.pacer.change_speed(1)


def do_slower(desk: Desk) -> None:
    desk.pacer.change_speed(-1)


# -- connection and link ----------------------------------------------------------------------------------------

def _socket(desk: Desk, key_id: str) -> None:
    command = next(text for text, name in desk.socket_keys().items() if name == key_id)
    desk.give(command)
    if not desk.message:
        desk.say(command, "dim")


def do_listen(desk: Desk) -> None:
    _socket(desk, "listen")


def do_connect(desk: Desk) -> None:
    _socket(desk, "connect")


def do_send(desk: Desk) -> None:
    _socket(desk, "send")


def do_close(desk: Desk) -> None:
    _socket(desk, "close")


def do_other(desk: Desk) -> None:
    desk.current = 1 - desk.current
    desk.say(f"Keys d and f now act on the {desk.hosts[desk.current]}.", "dim")


def do_drop(desk: Desk) -> None:
    """x: the link loses the next segment; while a question is open, skip it (asked twice)."""
    if desk.question is not None:
        if desk._skip_asked:
            desk.give("skip")
        else:
            desk._skip_asked = True
            desk.say("x once more leaves this question without its points.", "warn")
        return
    desk.give("link drop next any")
    if not desk.message:
        desk.say("The link will lose the next segment, whoever sends it.", "lost")


# -- looking ----------------------------------------------------------------------------------------------------

def turn(desk: Desk, page: str) -> None:
    """Open a page; a selection elsewhere is let go."""
    desk.page = page
    desk.form = replace(desk.form, row=None)


def do_turn(desk: Desk) -> None:
    turn(desk, PAGES[(PAGES.index(desk.page) + 1) % len(PAGES)])


def do_turn_back(desk: Desk) -> None:
    turn(desk, PAGES[PAGES.index(desk.page) - 1])


def do_page1(desk: Desk) -> None:
    turn(desk, "guide")


def do_page2(desk: Desk) -> None:
    turn(desk, "log")


def do_page3(desk: Desk) -> None:
    turn(desk, "states")


def do_page4(desk: Desk) -> None:
    turn(desk, "link")


def do_page5(desk: Desk) -> None:
    turn(desk, "tcb")


def _move(desk: Desk, by: int) -> None:
    if desk.page == "log":
        desk.log.move(by)
    elif desk.page == "link":
        row = desk.form.row
        desk.form = replace(desk.form, row=0 if row is None else max(0, min(len(FIELDS) - 1, row + by)))
    else:
        desk.scroll[desk.page] = max(0, desk.scroll.get(desk.page, 0) + by)


def do_up(desk: Desk) -> None:
    _move(desk, -1)


def do_down(desk: Desk) -> None:
    _move(desk, 1)


def do_page_up(desk: Desk) -> None:
    _move(desk, -10)


def do_page_down(desk: Desk) -> None:
    _move(desk, 10)


def do_left(desk: Desk) -> None:
    desk.form = replace(desk.form, column=0)


def do_right(desk: Desk) -> None:
    desk.form = replace(desk.form, column=min(1, len(desk.view.link.directions) - 1))


def do_first(desk: Desk) -> None:
    desk.log.first() if desk.page == "log" else desk.scroll.update({desk.page: 0})


def do_last(desk: Desk) -> None:
    desk.log.follow() if desk.page == "log" else desk.scroll.update({desk.page: 1 << 20})


def do_variables(desk: Desk) -> None:
    desk.everything = not desk.everything
    desk.say("All variables are shown. v shows only the lab's." if desk.everything
             else "Only the lab's variables are shown. v shows all.", "dim")


def do_numbers(desk: Desk) -> None:
    desk.relative = not desk.relative
    desk.say("Sequence numbers count from each side's first one (ISS = 0). a shows them as sent." if desk.relative
             else "Sequence numbers as they are sent. a counts them from zero.", "dim")


def do_zoom(desk: Desk) -> None:
    desk.zoomed = not desk.zoomed


def do_escape(desk: Desk) -> None:
    """Leave the innermost thing: a line, a selection, a filter, the zoom."""
    if desk.mode != "keys":
        desk.mode = "keys"
        desk.form = replace(desk.form, typing=False)
    elif desk.log.picked is not None:
        desk.log.follow()
    elif desk.form.row is not None:
        desk.form = replace(desk.form, row=None)
    elif desk.log.filter_text:
        desk.log.set_filter("", None)
    elif desk.zoomed:
        desk.zoomed = False
    desk.message = ""


def do_filter(desk: Desk) -> None:
    turn(desk, "log")
    desk.mode = "filter"
    desk.line.set(desk.log.filter_text)


def do_command(desk: Desk) -> None:
    desk.mode = "command"
    desk.line.set("")


def do_explain(desk: Desk) -> None:
    desk.intent = "help"


def do_export(desk: Desk) -> None:
    desk.intent = "export"


def do_palette(desk: Desk) -> None:
    desk.intent = "palette"


def do_theme(desk: Desk) -> None:
    desk.intent = "theme"


def do_quit(desk: Desk) -> None:
    desk.intent = "quit"


# -- typing -----------------------------------------------------------------------------------------------------

def type_key(desk: Desk, key: str, character: str | None) -> bool:
    """A key while something is being typed. Returns False when it is to act as a key."""
    if desk.mode == "keys":
        return False
    if key == "escape":
        do_escape(desk)
        return True
    if desk.mode == "answer":
        return _type_answer(desk, key, character)
    if key == "enter":
        _enter_line(desk)
        return True
    if desk.mode == "command" and _command_key(desk, key):
        return True
    if key == "backspace" and not desk.line.text and desk.mode == "command":
        desk.mode = "keys"
        return True
    desk.line.key(key, character)
    if desk.mode == "form":
        desk.form = replace(desk.form, typed=desk.line.text, cursor=desk.line.cursor)
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
    return common[len(stub):], words


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
    tail = shared[len(stub):] or added
    desk.line.insert(tail + (" " if len(words) == 1 or not shared[len(stub):] else ""))


def _enter_line(desk: Desk) -> None:
    text = desk.line.text.strip()
    mode, desk.mode = desk.mode, "answer" if desk.question is not None and desk.mode == "command" else "keys"
    if mode == "command":
        if text:
            desk.history.add(text)
            desk.give(text)
    elif mode == "filter":
        set_filter(desk, text)
    elif mode == "form":
        row = desk.form.row or 0
        desk.form = replace(desk.form, typing=False)
        if text:
            desk.give(command_for(FIELDS[row].key, text, desk.view.link.directions[desk.form.column]))


def _open_field(desk: Desk) -> None:
    """Begin to edit the field under the form's cursor; the line is simply cut or mended."""
    field, direction = FIELDS[desk.form.row or 0], desk.view.link.directions[desk.form.column]
    if field.key == "up":
        desk.give(command_for("up", "", direction))
        return
    desk.line.set("")
    desk.mode = "form"
    desk.form = replace(desk.form, typing=True, typed=desk.line.text, cursor=desk.line.cursor)
    desk.say(f"for example {field.example} (now {shown(direction, field.key)})", "dim")


def set_filter(desk: Desk, text: str) -> None:
    """Show only segments that a MATCH fits; an empty one shows all."""
    from tcplab.notation.errors import NotationError
    from tcplab.notation.match import parse_match

    if not text:
        desk.log.set_filter("", None)
        return
    try:
        match = parse_match(text, desk.hosts)
        env = desk.session.env

        def test(entry) -> bool:
            fates = ("sent", "lost") if entry.fate == "lost" else ("sent",)
            where = env(entry.rec) if match.where is not None else None
            return any(match.test(entry.rec, fate, where) for fate in fates)

        if desk.story.entries:
            test(desk.story.entries[0])
    except NotationError as error:
        desk.say(f"column {error.column + 1}: {error.message} {error.cure}", "warn")
        desk.mode = "filter"
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
            desk.give("answer " + answer.text.strip())
        else:
            desk.refusal = "Type your answer first. esc leaves the box, h gives a hint."
        return True
    if key in ("backspace", "delete", "left", "right", "home", "end", "ctrl+u", "ctrl+w"):
        return bool(answer.text) and answer.key(key, character)
    if not character or not character.isprintable():
        return False
    return _answer_character(desk, character)


def _answer_character(desk: Desk, character: str) -> bool:
    """Which characters belong to the answer depends on its kind; the rest act as keys."""
    question, answer = desk.question, desk.answer
    letters = {choice.letter for choice in (*question.choices, *question.left)}
    if question.kind == "choice":
        if character.lower() in letters:
            answer.set(character.lower())
            return True
        return False
    if question.kind == "number":
        if not answer.text and not (character.isdigit() or character in "+-."):
            return False
    elif question.kind in ("several", "order", "match"):
        if not answer.text and character.lower() not in letters:
            return False
        if question.kind != "match" and character.lower() in letters:
            return _letter(desk, character.lower())
    answer.insert(character)
    return True


def _letter(desk: Desk, letter: str) -> bool:
    """In `several` and `order` a letter comes and goes; commas are not needed."""
    chosen = desk.answer.text.replace(",", " ").split()
    chosen = [c for c in chosen if c != letter] if letter in chosen else [*chosen, letter]
    desk.answer.set(" ".join(chosen))
    return True
