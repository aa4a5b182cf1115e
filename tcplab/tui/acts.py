"""What each key does: one function for each id of `keys.KEYS`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import keys, pages, shipped, time_acts
from .link_acts import do_hold, do_impair, do_inject  # noqa: F401  (found by their names)
from .waiting import RUNNING, foretold

if TYPE_CHECKING:
    from .desk import Desk


def do(desk: Desk, key_id: str) -> None:
    """Carry out a key: what a page does with its own keys stands in the page, all else below."""
    page = keys.BY_ID[key_id].page
    if page:
        turn(desk, page)
        getattr(desk.pages[page], "do_" + key_id)()
    elif key_id.removeprefix("page").isdigit():
        turn(desk, pages.ORDER[int(key_id.removeprefix("page")) - 1])
    else:
        (globals().get("do_" + key_id) or getattr(time_acts, "do_" + key_id))(desk)


# -- the lesson -------------------------------------------------------------------------------------------------


def do_go(desk: Desk) -> None:
    """Enter: open what is selected, answer, go on, or do the next command the task names."""
    guide = desk.view.guide
    if desk.ladder.front.enter():
        return
    if guide.phase == "open" and shipped.unseen(desk):
        do_capture(desk)
    elif desk.question is not None:
        desk.mode = "answer"
    elif guide.phase == "finished":
        desk.intent = "summary"
    elif desk.pacer.running and foretold(desk.view):
        desk.say("Time runs to show how your prediction comes out. n goes on without it.", "dim")
    elif guide.phase == "pending" or guide.kind == "say":
        do_next(desk)
    elif desk.pacer.running and not desk.todo():
        desk.say(RUNNING, "dim")
    else:
        _next_command(desk)


def _next_command(desk: Desk) -> None:
    commands = desk.todo()
    if commands:
        desk.give(commands[0])
        if not desk.message and not desk.pacer.running and desk.view.guide.phase == "open" and desk.question is None:
            left = desk.todo()
            desk.say(f"✓ {commands[0]}" + (f" · enter does: {left[0]}" if left else ""), "dim")
    elif desk.session.next_at() is not None and not desk.session.idle():
        time_acts.do_run(desk)
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
    guide = desk.view.guide
    if desk.pacer.running and not (guide.phase == "pending" or (guide.phase == "open" and guide.kind == "say")):
        desk.say(RUNNING, "dim")
        return
    before = guide.step_id, guide.phase
    desk.give("next")
    guide = desk.view.guide
    if before == (guide.step_id, "open") and guide.kind == "task" and guide.phase == "open":
        desk.say("Do what this step asks first, or type :skip and enter to leave it without its points.", "warn")
    if guide.phase == "pending" and not guide.feedback:
        desk.give("next")  # a page with nothing to read is turned with the one before
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
    """Open a page; a selection on the one before may be let go."""
    desk.turn(page)


def do_turn(desk: Desk) -> None:
    turn(desk, pages.ORDER[pages.number(desk.page) % len(pages.ORDER)])


def do_turn_back(desk: Desk) -> None:
    turn(desk, pages.ORDER[pages.number(desk.page) - 2])


def do_up(desk: Desk) -> None:
    desk.ladder.front.move(-1)


def do_down(desk: Desk) -> None:
    desk.ladder.front.move(1)


def do_page_up(desk: Desk) -> None:
    desk.ladder.front.leaf(-1)


def do_page_down(desk: Desk) -> None:
    desk.ladder.front.leaf(1)


def do_left(desk: Desk) -> None:
    desk.ladder.front.side(-1)


def do_right(desk: Desk) -> None:
    desk.ladder.front.side(1)


def do_first(desk: Desk) -> None:
    desk.ladder.front.first()


def do_last(desk: Desk) -> None:
    desk.ladder.front.last()


def do_ladder(desk: Desk) -> None:
    """L: the arrows move over the segments of the ladder, or again in the page."""
    if desk.ladder.focused:
        desk.ladder.leave()
        desk.message = ""
    elif desk.ladder.take():
        desk.zoomed, desk.message = False, ""
    else:
        desk.say("The ladder is empty: no segment was sent yet.", "dim")


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
    desk.ladder.leave()  # it is not seen while a page has the whole screen
    desk.zoomed = not desk.zoomed


def do_escape(desk: Desk) -> None:
    """Stop time while it runs; else leave the innermost thing: a selection, a filter, the zoom."""
    if desk.pacer.running:
        time_acts.stop(desk)
        return
    if desk.ladder.focused:
        desk.ladder.leave()
    elif desk.pages[desk.page].escape():
        pass
    elif desk.log.picked is not None:
        desk.log.follow()
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


def do_capture(desk: Desk) -> None:
    named = shipped.named(desk)
    if named:
        desk.give(named)
    else:
        desk.say("This step names no capture. Type `capture` and a name after :, or `tcplab view FILE` outside.", "dim")


def do_export(desk: Desk) -> None:
    desk.intent = "export"


def do_palette(desk: Desk) -> None:
    desk.intent = "palette"


def do_theme(desk: Desk) -> None:
    desk.intent = "theme"


def do_quit(desk: Desk) -> None:
    desk.intent = "quit"
