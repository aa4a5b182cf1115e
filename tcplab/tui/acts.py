"""What each key does: one function for each id of `keys.KEYS`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from .draw.link_panel import FIELDS
from .typing_keys import open_field

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
        open_field(desk)
    elif desk.question is not None:
        desk.mode = "answer"
    elif guide.phase == "finished":
        desk.intent = "summary"
    elif guide.phase == "pending" or guide.kind == "say":
        do_next(desk)
    else:
        _next_command(desk)


def _next_command(desk: Desk) -> None:
    commands = desk.todo()
    if commands:
        desk.give(commands[0])
    elif desk.session.next_at() is not None and not desk.session.idle():
        do_run(desk)
    elif desk.view.guide.commands:
        desk.say("The commands of this task are given. r begins the step again.", "dim")
    else:
        desk.say("This task names no command: find one with the keys, or type it after :", "dim")


def do_hint(desk: Desk) -> None:
    before = len(desk.view.guide.hints)
    desk.give("hint")
    if len(desk.view.guide.hints) > before:
        desk.say("The hint stands on the guide's page.", "dim")
    if desk.page != "guide" and desk.view.guide.hints:
        desk.page = "guide"
    desk.scroll["guide"] = 0


def do_next(desk: Desk) -> None:
    desk.give("next")
    if desk.view.guide.phase == "finished":
        desk.intent = "summary"


def do_reset(desk: Desk) -> None:
    """r: begin the step again; where there are no steps all would be wiped, so that is asked twice."""
    if desk.view.guide.phase == "none" and desk.view.can_back and not desk.reset_asked:
        desk.reset_asked = True
        desk.say("r once more takes everything back to the beginning.", "warn")
        return
    desk.reset_asked = False
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
    desk.say(
        "All variables that fit are shown; 5 lists every one. v shows only the lab's."
        if desk.everything
        else "Only the lab's variables are shown. v shows all.",
        "dim",
    )


def do_numbers(desk: Desk) -> None:
    desk.relative = not desk.relative
    desk.say(
        "Sequence numbers count from each side's first one (ISS = 0). a shows them as sent."
        if desk.relative
        else "Sequence numbers as they are sent. a counts them from zero.",
        "dim",
    )


def do_zoom(desk: Desk) -> None:
    desk.zoomed = not desk.zoomed


def do_escape(desk: Desk) -> None:
    """Leave the innermost thing: a selection, a filter, the zoom."""
    if desk.log.picked is not None:
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
