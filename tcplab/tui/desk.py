"""The learner's desk: which page lies open, what is being typed, what was said last. No widget, no drawing.

Screens hand keys in (`key`, `act`) and draw what the desk holds; the desk talks to the session.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

from tcplab.front.given import Walked, leads_time, left_to_give
from tcplab.net.views import ConnView, HostView
from tcplab.notation.errors import NotationError
from tcplab.session.commands import Command, parse_line
from tcplab.session.outlook import missed
from tcplab.session.past import seek_ahead
from tcplab.session.runs import FULL
from tcplab.session.sights import WORDS
from tcplab.session.views import Outcome, SessionView
from tcplab.views.entries import Story
from tcplab.views.series import Series

from . import acts, keys, sockets, typing_keys
from .asking import Asking
from .connections import Chosen
from .draw.values import changed_keys
from .editor import Editor, History
from .ladder_view import LadderView
from .log_view import LogView
from .new_words import NewWords
from .pacer import Pacer
from .pages import Page, pages_for
from .series_reader import SeriesReader
from .terminal import Terminal
from .unread import Unread
from .waiting import BLOCKED, RUNNING, SLOW, all_held, awaited, foretold, stopped, unmet

#: Facts that mean that a command set something going.
_CAUSES = ("sent", "held", "lost", "duplicated")
#: What a hand on the link may set going.
_LETS_GO = ("hold", "deliver", "delay")

#: How the session points at a place in a line; on the screen the message names the word.
_COLUMN = re.compile(r"^column \d+: ")


class Desk:
    """Everything between the keys and the session. `intent` asks the screen for another screen, then is taken."""

    captured = False  # it knows what arrived

    def __init__(
        self, session: Any, terminal: Terminal | None = None, clock: Callable[[], int] = time.monotonic_ns
    ) -> None:
        self.session = session
        self.terminal = terminal or Terminal()
        self.pacer = Pacer(session, clock)
        if session.watch is None:
            session.watch = lambda events: events > FULL
        self.story = Story()
        self.log = LogView(self.story)
        self.ladder = LadderView(self)
        self.view: SessionView = session.view()
        self.pages: dict[str, Page] = pages_for(self)
        self.page = "guide"
        self.plotted = SeriesReader()
        self.task_long = False  # the task did not fit its frame: the guide's page holds all of it
        self.zoomed = self.everything = self.relative = False
        self.current = 0
        self.mode = "keys"
        self.line, self.answer, self.history = Editor(), Editor(), History()
        self.chosen = Chosen()
        self.asking: Asking | None = None
        self.scroll: dict[str, int] = {}
        self.message, self.message_style = "", "text"
        self.refusal = self.intent = self.looked_at = ""
        self.reading: tuple[str, Callable[[int], list]] = "", lambda cells: []
        self.changed: tuple[frozenset[str], ...] = (frozenset(), frozenset())
        self.walked = Walked()
        self.words, self.unread = NewWords(), Unread()
        self._learnt: dict = {}
        self.way, self.sought, self._hurries = "next", "loss", 0
        self._queue: list[Command] = []
        self._step_id = None
        self._leaping = self._skip_asked = self._caused = self._refused = self._by_itself = self.reset_asked = False
        self.refresh()
        if any(step.status in ("done", "wrong", "skipped", "waiting") for step in self.view.guide.steps):
            # Taken up again: what stands on the screen was explained when it came, and what was learnt is kept.
            self.words.new = ()
            self._learnt = {item.step_id: item for item in self.session.guide.said()} | self._learnt

    # -- what is so ---------------------------------------------------------------------------------------------

    @property
    def hosts(self) -> tuple[str, ...]:
        return tuple(host.name for host in self.view.hosts)

    @property
    def question(self) -> Any:
        return self.view.guide.question

    @property
    def running(self) -> str:
        """The word in the title bar."""
        if self.pacer.running:
            return "running"
        return "question" if self.question is not None else "stopped"

    def todo(self) -> list[str]:
        """The commands that the open task names and that were not given on this path since it began."""
        guide = self.view.guide
        if guide.kind != "task" or guide.phase != "open" or not guide.commands:
            return []
        walked = self.walked.texts(self.view.n, self.view.t)
        return left_to_give(guide.commands, self.session, guide.step_id, walked)

    def conn(self, index: int) -> ConnView | None:
        """The connection of a host that is looked at."""
        return self.chosen.conn(self.view.hosts, index)

    @property
    def seen(self) -> tuple[HostView, ...]:
        """The hosts as the panes show them: each with the connection that is looked at as its newest."""
        return self.chosen.seen(self.view.hosts)

    def series(self) -> Series:
        """What the plots are drawn from, as far as a frame allows to read."""
        return self.plotted.read(self.session.trace)

    def refresh(self) -> None:
        """Take the session's newest view and what it brings: events, a new step, a question, words never seen."""
        before, self.view = self.view, self.session.view()
        self.story.read(self.session.trace)
        self.log.pump()
        if self.view.n != before.n:
            pairs = zip(self.chosen.seen(before.hosts), self.seen, strict=True)
            self.changed = tuple(
                changed_keys(a.newest.tcb if a.newest else None, b.newest.tcb if b.newest else None) for a, b in pairs
            )
        self._learnt.update((item.step_id, item) for item in self.view.guide.feedback)
        mark = (self.view.guide.step_id, self.view.guide.phase)
        if mark != self._step_id:
            self._step_id = mark
            self._new_step()
        conns = (self.conn(index) for index in range(len(self.view.hosts)))
        self.words.see(self.view.guide.show, [conn.tcb if conn else None for conn in conns])

    def _new_step(self) -> None:
        """A step begins: its page lies open, its answer has the focus."""
        self.walked.clear()
        self.ladder.leave()
        self.words.new = ()
        self.unread.new_step(self.view.guide)
        self.refusal, self._skip_asked = "", False
        self.scroll["guide"] = 0
        self.answer.set("")
        if self.question is not None:
            self.mode = "answer"
        elif self.mode == "answer":
            self.mode = "keys"
        if self.page not in ("guide", "log", "states"):
            self.page = "guide"

    # -- keys ---------------------------------------------------------------------------------------------------

    def act(self, key_id: str) -> None:
        """Do what a key of the table stands for."""
        self._skip_asked = self._skip_asked and key_id == "drop"
        self.reset_asked = self.reset_asked and key_id == "reset"
        self.refusal = ""
        acts.do(self, key_id)
        self.refresh()

    def key(self, key: str, character: str | None) -> bool:
        """Offer a key to whatever is being typed, then to the page in front. Returns whether it was taken."""
        if self.mode == "answer" and self.unread.key(key):
            return True
        taken = typing_keys.type_key(self, key, character)
        own = "" if taken or self.mode != "keys" else keys.own_key(self.page, key)
        if own and self.pages[self.page].takes(own):
            self.act(own)
            return True
        if taken:
            self.refresh()
        return taken

    def paste(self, text: str) -> bool:
        """Offer pasted text to whatever is being typed."""
        return typing_keys.paste(self, text)

    def turn(self, page: str) -> None:
        """Open a page; a selection on the one before may be let go."""
        self.ladder.leave()
        if page != self.page:
            self.pages[self.page].turned_away()
        self.page = page

    def read(self, title: str, rows: Callable[[int], list]) -> None:
        """Ask the screen for a page to read, which `rows` fills for a width."""
        self.reading = title, rows
        self.intent = "reading"

    def say(self, text: str, style: str = "text") -> None:
        """Put a sentence into the message line."""
        self.message, self.message_style = _COLUMN.sub("", " ".join(text.replace("`", "").split())), style

    def key_for(self, command: str) -> str:
        """The cap of the key that stands for a command now, '' for none."""
        key_id = self.socket_keys().get(command) or keys.FIXED.get(command)
        return keys.BY_ID[key_id].cap if key_id else keys.BY_ID["capture"].cap if command[:8] == "capture " else ""

    def socket_keys(self) -> dict[str, str]:
        """Which command each socket key gives in this lab, at this moment."""
        return sockets.commands(self)

    # -- commands -----------------------------------------------------------------------------------------------

    def give(self, text: str) -> None:
        """Carry out a line of commands: time passes on the screen, all else happens at once."""
        try:
            commands = parse_line(text, self.session.context)
        except NotationError as error:
            self.say(f"{error.message} {error.cure}", "warn")
            return
        self.message, self._refused = "", False
        going = self.pacer.going
        self.pacer.stop()
        self._queue = list(commands)
        self._caused = False
        self._go_on()
        if going and self._refused and not self.pacer.running:
            self.pacer.start(*going)  # what does nothing does not stop time either

    def _go_on(self) -> None:
        """Carry out queued commands until one lets time pass or is refused."""
        while self._queue and not self.pacer.running:
            command = self._queue.pop(0)
            far = self._far(command)
            if far or (command.kind == "time" and command.verb != "step"):
                self._caused = False
                self._walk(far or command.text, bool(far))
                continue
            count, epoch = len(self.session.trace), self.session.epoch
            (outcome,) = self.session.execute(command.text)
            self.refresh()
            self._tell(outcome, command.kind == "look")
            if not outcome.ok:
                self._queue.clear()
            elif command.verb == "answer" and not self._queue and foretold(self.view):
                self.run()  # the lesson leaves this path next: what was foretold is seen first
            elif command.kind == "world":
                self._set_going(count, epoch)

    def _far(self, command: Command) -> str:
        """A command that leads far ahead, as one that can be walked slice by slice; '' for every other one."""
        far = command.verb == "step" and (command.values[0] or 1) > 50
        return command.text if far else seek_ahead(self.session, command)

    def leap(self, text: str) -> None:
        """Jump to what is sought: let time run as `text` says, as fast as it can, and say so when that was in vain."""
        self.message = ""
        self.pause()
        self._leaping = True
        self._walk(text, True)

    def _set_going(self, count: int, epoch: int) -> None:
        """Time stands until a line of commands causes something; then, when all of it is given, it runs."""
        fresh = self.session.trace[count:] if self.session.epoch == epoch else []
        self._caused = self._caused or any(
            event.kind in _CAUSES or (event.kind == "link" and event.get("op") in _LETS_GO) for event in fresh)
        # A page that waits to be turned is read first: only the learner turns it.
        waits = self.view.guide.phase == "pending"
        if not self._caused or self._queue or waits or self.session.may_run() or leads_time(self.todo()):
            return
        if self.view.guide.blocked or all_held(self.view):
            self.say(BLOCKED if self.view.guide.blocked else self.awaited(), "warn")
            return
        self._walk("run until idle", until_held=True)
        self._by_itself = self.pacer.running

    def run(self) -> None:
        """Let time run until nothing is on its way, or the link holds a segment that the learner is to decide about."""
        self.message = ""
        self.pause()
        self._walk("run until idle", until_held=True, turn=not foretold(self.view))

    def _walk(self, text: str, at_once: bool = False, until_held: bool = False, turn: bool = True) -> None:
        plan = self.session.plan_run(text) if turn else self.session.plan_run(text, False)
        if isinstance(plan, Outcome):
            self._queue.clear()
            self._tell(plan, False)
            return
        self.walked.add(text, self.session.view().n, self.session.now)
        self._hurries = 0
        self._by_itself = False
        self.pacer.start(plan, at_once, until_held)
        self.refresh()
        if not self.pacer.running:
            self.walked.ended(text, self.view.n, self.session.now, self.pacer.why)
            self._stopped()

    def _tell(self, outcome: Outcome, look: bool) -> None:
        self._refused = self._refused or not outcome.ok
        if look and outcome.ok:
            word, _, name = outcome.command.partition(" ")
            self.intent = f"capture:{name.strip()}" if word == "capture" else "text:" + outcome.message
            return
        text = outcome.message
        if outcome.clause:
            clause = outcome.clause if outcome.clause.startswith("RFC") else f"RFC {outcome.clause}"
            text = f"{text} [{clause}]"
        style = "warn" if not outcome.ok else "text"
        if outcome.command.startswith("answer"):
            self.refusal = "" if outcome.ok else _COLUMN.sub("", text)
            style = "good" if text.startswith("right") else "lost" if text.startswith("not so") else style
        self.say(text, style)

    def tick(self) -> bool:
        """One frame. Returns whether the screen has to be drawn again."""
        changed = self.log.busy
        if changed:
            self.log.pump()
        changed = self.plotted.frame() or changed
        if not self.pacer.running:
            return changed
        changed = self.pacer.tick() or changed
        self._hurries += self.pacer.at_once
        if changed:
            self.refresh()
            if self._by_itself and all_held(self.view):
                self.pause()
                self.say(self.awaited(), "warn")
                return True
        if not self.pacer.running:
            self._stopped()
        elif self.pacer.slow and not self.message:
            self.say(SLOW, "dim")
        return changed or not self.pacer.running

    @property
    def busy(self) -> bool:
        """Whether frames are needed: time runs, a filter is being computed, or a plot still reads."""
        return self.pacer.running or self.log.busy or self.plotted.behind

    @property
    def hurried(self) -> bool:
        """Whether a run goes as fast as it can, and takes long enough that its progress is shown."""
        return self.pacer.at_once and self._hurries > 1 and self.mode in ("keys", "answer")

    @property
    def crowded(self) -> bool:
        """Whether so much is on its way that every second frame is enough."""
        return self.pacer.running and len(self.view.in_flight) > 4

    def _stopped(self) -> None:
        """Time came to rest by itself: go on with the line, or say what is awaited."""
        why = self.pacer.why
        if why == "done" or (why == "idle" and self._queue):
            self._go_on()
        else:
            self._queue.clear()
        leapt, self._leaping = self._leaping, False
        self.message = "" if self.message in (SLOW, RUNNING) else self.message
        if not self.pacer.running and not self.message and leapt and why == "idle":
            self.say(f"No {WORDS[self.sought]} comes any more. {self.awaited()}", "dim")
        if not self.pacer.running and (not self.message or (why == "goal" and self.view.guide.blocked)):
            took = missed(self.session) if unmet(self.view, self.todo()) else ""
            self.say(stopped(self.view, why, self.todo(), took), "warn" if self.view.guide.blocked else "dim")

    def awaited(self) -> str:
        """What has to happen for anything to happen."""
        return awaited(self.view)

    def learnt(self) -> list:
        """What the guide said at the end of each step so far, for the last page."""
        return list(self._learnt.values())

    def pause(self) -> None:
        """The learner stops time."""
        self._queue.clear()
        self._leaping = False
        self.pacer.stop()

    def leave(self) -> None:
        """Note the position for the last time."""
        self.pacer.stop()
        self.session.mark()
