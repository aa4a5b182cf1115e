"""One lab as a conversation: a line comes in, lines go out. No terminal, no files of its own; see `app` for those.

`hear` understands, in this order: the dialogue's own words (`again`, `where`, `more` ...), a number of the menu, a
command of the laboratory, and at a question everything else as the answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from tcplab.capture.told import story
from tcplab.front.given import Walked, answer_command, leads_time, left_to_give
from tcplab.front.simplified import simplified
from tcplab.lab.captures import capture_file
from tcplab.notation.errors import NotationError
from tcplab.notation.match import parse_match
from tcplab.notation.plural import many
from tcplab.session.commands import Command, parse_line
from tcplab.session.past import seek_ahead
from tcplab.session.runs import FULL, LIMIT
from tcplab.session.views import VEILED, Outcome

from . import pages
from .menu import Choice, choices, hint_words, meant
from .news import News, segment_line
from .walk import Walk
from .words import said, seconds

#: Lines of a long answer that are said before `more` is asked for.
PAGE = 16

#: Facts that mean that a command set something going.
_CAUSES = ("sent", "held", "lost", "duplicated")

#: How the session points at a place in a line; here the message names the word.
_COLUMN = re.compile(r"^column \d+: ")

_STOPS = {
    "much": "That was a long run, so time stands: run until idle goes on.",
    LIMIT: f"A limit is reached: seven virtual days, or {FULL:,} events. back 1000 goes back, reset begins again.",
    "judged": "Something was judged, so time stands: run until idle goes on.",
    "stopped": "You stopped time: run until idle goes on.",
}


class Dialogue:
    """The conversation about one session. `say` prints a line; `leave` is set when it is over: quit, home or a lab."""

    def __init__(self, session: Any, say: Callable[[str], None], walk: Walk | None = None) -> None:
        self.session, self.say = session, say
        self.walk = walk or Walk(session, say)
        self.news = News(session)
        self.leave = ""
        self._walked = Walked()
        self._waiting: list[str] = []
        self.not_given: list[str] = []
        self._step: tuple = ()
        self._told: dict = {item.step_id: item for item in session.view().guide.feedback}
        self._clock = (session.now, session.timeline.n)
        self._blocked = self._stopped = ""
        session.tell_capture = lambda name: story(capture_file(name))
        if session.watch is None:
            session.watch = lambda events: events > FULL

    # -- what is said -------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Say which lab this is and where the learner stands."""
        guide, path = self.session.view().guide, self.session.recording_path
        total = f" {many(guide.step_total, 'step')}, {many(guide.max_score, 'point')}." \
            if guide.step_total else ""
        self.say(f"{guide.lab_title}.{total} Seed {self.session.seed}.")
        self.say("Everything is kept." if path else "This session is not recorded.")
        if guide.step_number == 1 or not guide.step_total:
            for line in pages.paragraphs(simplified(self.session)):
                self.say(line)
        if self.session.trace and self.session.timeline.n:
            self.say(pages.status_line(self.session.view()))
        self.news.values()
        self._tell_step()

    def prompt(self) -> str:
        """What can be done now, in one line."""
        view, more = self.session.view(), "more, " if self._waiting else ""
        guide = view.guide
        if guide.question is not None:
            return f"Your answer, or: {more}{hint_words(guide)}skip, ? help, q leave."
        menu = [f"{number} {choice.words or choice.command}" for number, choice in enumerate(self.menu(), 1)]
        menu += ["a command"] if guide.phase in ("open", "none") and guide.kind != "say" else []
        return f"You can: {'; '.join(menu)}{'; ' if menu else ''}{more}? help, q leave."

    def menu(self) -> list[Choice]:
        """The numbered choices of this moment."""
        return choices(self.session, self._todo())

    def _todo(self) -> list[str]:
        """The commands that the task names and that were not given yet."""
        guide = self.session.view().guide
        if guide.kind != "task" or guide.phase != "open" or not guide.commands:
            return []
        walked = self._walked.texts(self.session.timeline.n, self.session.now)
        return left_to_give(guide.commands, self.session, guide.step_id, walked)

    def _paged(self, lines: list[str]) -> None:
        """Say a long answer up to a page; the rest waits for `more`."""
        for line in lines[:PAGE]:
            self.say(line)
        self._waiting = lines[PAGE:]
        if self._waiting:
            last = ", or last for the end" if len(self._waiting) > PAGE else ""
            self.say(f"{many(len(self._waiting), 'more line')}: type more{last}.")

    def _tell(self) -> None:
        """Say what has come about: events, outcomes, where time stands, the next step."""
        back = self.news.went_back
        lines = self.news.tell()
        if lines:
            self._paged(lines)
        view = self.session.view()
        moved = (view.t, view.n) != self._clock
        self._clock = (view.t, view.n)
        titles = {step.id: step.title for step in view.guide.steps}
        for item in view.guide.feedback:
            if self._told.get(item.step_id) != item:
                self._told[item.step_id] = item
                for line in pages.feedback_lines(item, titles.get(item.step_id, "")):
                    self.say(line)
        if back:
            self.say("Time went back.")
        if self._stopped:
            self.say(self._stopped)
            self._stopped = ""
        if moved or back:
            self.say(pages.status_line(view))
        for line in self.news.values():
            self.say(line)
        blocked, self._blocked = self._blocked, view.guide.blocked
        if view.guide.blocked and view.guide.blocked != blocked:
            self.say(f"This step can no longer be reached: {said(view.guide.blocked)} reset begins it again.")
        self._tell_step()

    def _tell_step(self) -> None:
        guide = self.session.view().guide
        step = (guide.step_id, guide.phase)
        if step == self._step:
            return
        self._step = step
        self._walked.clear()
        if guide.phase == "finished":
            lines = pages.end_lines(self.session)
        else:
            lines = [*([""] if guide.phase != "pending" else []), *pages.step_lines(guide)]
        for line in lines:
            self.say(line)

    # -- what is heard ------------------------------------------------------------------------------------------

    def hear(self, line: str) -> None:
        """Understand one line and answer it."""
        text = line.strip()
        own = {"?": self._help, "help": self._help, "more": self._more, "last": self._last, "again": self._again,
               "where": self._where, "steps": self._steps, "q": self._quit, "quit": self._quit,
               "exit": self._quit}.get(text.lower())
        if own is not None:
            own()
            return
        word, _, rest = text.partition(" ")
        question = self.session.view().guide.question
        in_words = question is not None and question.kind == "words"
        if word == "log" and not in_words:
            self._log(rest.strip())
        elif word == "compare" and not in_words:
            self._compare(rest.strip())
        elif word == "what" and rest and not in_words:
            self._paged(pages.what_lines(rest))
        elif question is not None:
            self._hear_answer(text)
        else:
            self._hear_choice(text)

    def _hear_choice(self, text: str) -> None:
        menu = self.menu()
        if not text and menu:
            text = "1"
        if text.isascii() and text.isdigit() and len(text) < 4:
            if not 1 <= int(text) <= len(menu):
                self.say(f"There is no choice {text} now.")
                return
            text = menu[int(text) - 1].command
            self.say(f"Doing: {text}")
        text = meant(self.session, text)
        if text == "home" or text.startswith("lab "):
            self.leave = text
        elif text == "steps":
            self._steps()
        elif text:
            self.give(text)

    def _hear_answer(self, text: str) -> None:
        """A line at a question: a command where it is one, else the answer."""
        question = self.session.view().guide.question
        if not text:
            return
        try:
            kinds = {command.kind for command in parse_line(text, self.session.context)}
        except NotationError:
            kinds = set()
        if kinds and (question.kind != "words" or kinds <= {"guide", "look"}):
            self.give(text)
            return
        if text.isascii() and text.isdigit() and question.kind == "choice" and 1 <= int(text[:3]) <= len(
                question.choices):
            text = question.choices[int(text) - 1].letter
        self.give(answer_command(text))

    def give(self, text: str) -> None:
        """Carry out a line of commands, then let time run where they set something going, and tell what came of it."""
        try:
            commands = parse_line(text, self.session.context)
        except NotationError as error:
            self.say(f"Not understood: {said(error.message)} {said(error.cure)}".rstrip())
            return
        self._waiting = []
        if self.session.guide.page_waits and {command.kind for command in commands} & {"world", "time"}:
            # A command turns a page that waits; what stands on the next one is said before anything happens.
            self.session.execute("next")
            self._tell()
            if self.session.question_open():
                self.say(f"The next step asks first. Not given: {text}")
                return
        caused = False
        self.not_given = []
        for number, command in enumerate(commands, 1):
            count, epoch = len(self.session.trace), self.session.epoch
            if not self._carry_out(command):
                self.not_given = [later.text for later in commands[number:]]
                break
            if command.kind == "world":
                fresh = self.session.trace[count:] if self.session.epoch == epoch else []
                caused = caused or any(event.kind in _CAUSES for event in fresh)
            elif command.kind == "time":
                caused = False
        else:
            if caused and self._may_go_on():
                self._run("run until idle")
        self._tell()
        if self.not_given:
            self.say(f"Not given any more: {'; '.join(self.not_given)}")

    def _may_go_on(self) -> bool:
        """Whether time runs by itself after what was caused.

        Not past a question or a page that waits; nor while the link holds: what is held is for the learner to decide
        about, and no timer may run away meanwhile.
        """
        view = self.session.view()
        if leads_time(self._todo()):
            return False
        return not self.session.may_run() and view.guide.phase != "pending" and not view.link.holding

    def _carry_out(self, command: Command) -> bool:
        """One command. Returns whether the line goes on after it."""
        far = seek_ahead(self.session, command)
        if command.kind == "time" or far:
            return self._run(far or command.text)
        (outcome,) = self.session.execute(command.text)
        self.session.mark()
        return self._answered(command, outcome)

    def _answered(self, command: Command, outcome: Outcome) -> bool:
        if not outcome.ok:
            clause = f" {outcome.clause}." if outcome.clause else ""
            word = "Not taken" if command.verb == "answer" else "Refused"
            self.say(f"{word}: {said(_COLUMN.sub('', outcome.message))}{clause}")
            return False
        if command.verb == "hint":
            self.say(f"Hint: {' '.join(pages.paragraphs(outcome.message))}")
        elif command.kind == "look":
            self._paged([pages.inline(line) for line in outcome.message.splitlines()])
        elif command.verb not in ("answer", "skip") and outcome.message:
            self.say(said(outcome.message))
        return True

    def _run(self, text: str) -> bool:
        plan = self.session.plan_run(text)
        if isinstance(plan, Outcome):
            self.say(f"Refused: {said(_COLUMN.sub('', plan.message))}")
            return False
        self._walked.add(text, self.session.timeline.n, self.session.now)
        step = self.session.guide.plan
        begun = self.session.now
        why = self.walk.run(plan)
        if self.session.now == begun:
            self._walked.ended(text, self.session.timeline.n, begun, why)
        if why == "goal" and self.session.guide.plan is step:
            why = "judged"
        self._stopped = _STOPS.get(why, "")
        return why == "done" or why == "idle"

    # -- the dialogue's own words -------------------------------------------------------------------------------

    def _help(self) -> None:
        self._paged(list(pages.HELP))

    def _more(self) -> None:
        if not self._waiting:
            self.say("There is no more.")
        self._paged(self._waiting)

    def _again(self) -> None:
        for line in pages.step_lines(self.session.view().guide):
            self.say(line)

    def _last(self) -> None:
        if not self._waiting:
            self.say("There is no more.")
        self._paged(self._waiting[-PAGE:])

    def _where(self) -> None:
        self._paged(pages.where_lines(self.session))

    def _steps(self) -> None:
        self._paged(pages.steps_lines(self.session.view().guide))

    def _quit(self) -> None:
        self.leave = "quit"

    def _compare(self, name: str) -> None:
        """This future beside the one named, or the one left last."""
        names = self.session.branches.names
        if self.session.view().guide.veiled:
            self.say(f"Refused: {said(VEILED)}")
        elif not names:
            self.say("There is one future so far. Go back and do something else, then both can be compared.")
        elif name and name not in names:
            self.say(f"No future is called {name}. There are: {', '.join(names)}.")
        else:
            self._paged(pages.compare_lines(self.session, name))

    def _log(self, text: str) -> None:
        """All segments, or those that a MATCH fits."""
        entries = self.news.story.entries
        if text:
            try:
                match = parse_match(text, self.session.context.hosts)
                env = self.session.env
                entries = [entry for entry in entries if any(
                    match.test(entry.rec, fate, env(entry.rec) if match.where is not None else None)
                    for fate in (("sent", "lost") if entry.fate == "lost" else ("sent",)))]
            except NotationError as error:
                self.say(f"Not understood: {said(error.message)} {said(error.cure)}".rstrip())
                return
        self.say(f"{many(len(entries), 'segment')} up to {seconds(self.session.now)}.")
        self._paged([segment_line(entry, self.session.view().guide.veiled) for entry in entries])
