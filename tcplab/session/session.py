"""Session: a lab, a seed, and commands at their instants. The one object that both faces hold.

Everything a face may do goes through `execute` (a command of the table) or lets time pass (`advance_one`,
`advance_clock`); everything it may know comes from `view` and `trace`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

from tcplab import __version__
from tcplab.lab.lesson import Lab
from tcplab.lab.picks import drawn
from tcplab.net.trace import Event, SegmentRecord
from tcplab.notation.errors import NotationError
from tcplab.notation.expr import Expr
from tcplab.notation.fields import Env, SegmentEnv
from tcplab.session import build, explain, past, viewing
from tcplab.session.branches import Branches
from tcplab.session.commands import COMMANDS, Command, complete, parse_line, parse_statement, usage_of
from tcplab.session.env import SessionEnv
from tcplab.session.facts import trace_sha256
from tcplab.session.guide import Guide, GuideRefusal
from tcplab.session.labs import checked_lab, context_of
from tcplab.session.recording import BEHAVIOUR, Recorder, RecordingError
from tcplab.session.runs import RunPlan, plan
from tcplab.session.timeline import Checkpoint, Timeline
from tcplab.session.tokens import split_line
from tcplab.session.views import VEILED, Outcome, SessionView
from tcplab.session.world_calls import Refused, apply

STANDS_STILL = "a question is open and time stands still"
HOW_ON = "answer it (`answer VALUE`), ask for a `hint`, or `skip` it"


class Session:
    """One learner's way through one lab under one seed.

    `open` builds it. Nothing here raises for what a user typed: `execute` answers with an Outcome for each command.
    """

    def __init__(self, lab: Lab, seed: int, student: str | None = None, attempt: int = 1) -> None:
        """Build the world, run the lab's ``start:`` commands and open the first step. Times are virtual ns."""
        self.lab = lab = drawn(lab, seed)
        self.seed, self.student, self.attempt = seed, student, attempt
        self.recorder: Recorder | None = None
        #: `veiled`: the seed stays a secret of the kiosk while the session lasts.
        self.recorded, self.limit_hit, self.veiled = 0, False, False
        self.lab_faults: list[str] = []
        self.watch: Callable[[int], bool] | None = None
        #: How whoever talks to the learner tells of a shipped capture, by its name.
        self.tell_capture: Callable[[str], str] = "`tcplab view {}` shows it".format
        #: Segments marked for the eye, by number and the instant of sending (ns).
        self.pins: set[tuple[int, int]] = set()
        self.aside: tuple[int, list[Checkpoint]] = (0, [])
        self._view: SessionView | None = None
        self._env: SessionEnv | None = None
        self._version = 0
        trace: list[Event] = []
        world = build.network(lab, seed, trace)
        self.guide, self.branches = Guide(self), Branches(self)
        self.context = context_of(lab)
        self.timeline = Timeline(world, self.guide.new_path(), self._apply, self._observe, trace=trace,
                                 forked=self.branches.keep)
        world.env_factory = SessionEnv
        self.guide.observe(trace)
        self._play_start()
        self.timeline.set_base()
        self.guide.begin()

    @classmethod
    def open(cls, lab: str | Path | Lab, seed: int | None = None, student: str | None = None, attempt: int = 1,
             record: Path | None = None, clock: Callable[[], str] = lambda: "") -> Session:
        """Open a lab by shipped id, path or model. A student's seed comes from lab, student and attempt.

        `clock` gives the wall-clock text for the recording; it is never judged. Raises LabError or RecordingError.
        """
        model = lab if isinstance(lab, Lab) else checked_lab(str(lab))
        if seed is None:
            seed = build.student_seed(model.id, student, attempt) if student is not None else 1
        session = cls(model, seed, student, attempt)
        if record is not None:
            session.record_to(Recorder(Path(record), session.header(), clock))
        return session

    def header(self) -> dict:
        """What a recording of this session says first."""
        return {"behaviour": BEHAVIOUR, "tcplab": __version__,
                "lab": {"id": self.lab.id, "sha256": self.lab.logic_sha256},
                "seed": self.seed, "student": self.student, "attempt": self.attempt}

    def record_to(self, recorder: Recorder) -> None:
        """Write every command from now on to `recorder`."""
        self.recorder = recorder

    # -- what is so ---------------------------------------------------------------------------------------------

    @property
    def trace(self) -> list[Event]:
        """All events of the present path, oldest first. Cut when time goes back: see `epoch`."""
        return self.timeline.trace

    @property
    def epoch(self) -> int:
        """How often the trace has been cut."""
        return self.timeline.epoch

    @property
    def now(self) -> int:
        """Virtual time in ns."""
        return self.timeline.now

    @property
    def version(self) -> int:
        """Grows with every change: a screen draws again only when it has."""
        return self._version

    def view(self) -> SessionView:
        """Everything at this instant, frozen."""
        if self._view is None:
            self._view = viewing.session_view(self)
        return self._view

    def idle(self) -> bool:
        """Whether nothing more will happen by itself, quiet timers (TIME-WAIT and the like) aside."""
        due_again = self.timeline.undone and self.timeline.undone[0].n >= self.timeline.n
        return not due_again and self.timeline.world.idle()

    def lesson_mark(self) -> tuple:
        """Changes when a goal is met, a prediction is judged, a step begins, or a goal goes out of reach."""
        guide = self.guide
        return guide.index, guide.phase, len(guide.feedback), self.timeline.path.blocked

    def question_open(self) -> bool:
        """Whether time stands still for an answer."""
        return self.guide.question_open

    def may_run(self) -> str:
        """Empty when time may pass; else why not."""
        return STANDS_STILL if self.question_open() else ""

    def runs_away(self) -> bool:
        """Whether whoever watches wants this session stopped; asked every 2,048 steps."""
        return self.watch is not None and self.timeline.n % 2048 == 0 and self.watch(len(self.trace))

    def next_at(self) -> int | None:
        """When the next step is due (virtual ns), None when nothing is."""
        return self.timeline.next_at()

    def due_now(self) -> bool:
        """Whether another step is due at this very instant."""
        due = self.timeline.next_at()
        return due is not None and due <= self.timeline.now

    def env(self, record: SegmentRecord | None = None) -> Env:
        """The names an EXPR may use at this instant; `record` is its ``seg``."""
        timeline = self.timeline
        now = timeline.world, timeline.path.kept, (timeline.n, timeline.now)
        if self._env is None or not self._env.still(*now):
            self._env = SessionEnv(*now)
        return self._env if record is None else SegmentEnv(record, self._env)

    def evaluate(self, expr: Expr) -> object:
        """The value of a compiled EXPR now, None while it is not known. Raises NotationError."""
        return expr.eval(self.env())

    def trace_sha256(self) -> str:
        """The hash of the facts of this session (see `facts`)."""
        return trace_sha256(self)

    def options(self, host: str, conn: int | None = None) -> dict[str, object]:
        """Every option of a host and its value, for one of its connections or for those to come."""
        return self.timeline.world.options(host, conn)

    # -- letting time pass --------------------------------------------------------------------------------------

    def advance_one(self) -> bool:
        """Do the next step if one is due and time may pass."""
        if self.question_open():
            return False
        done = self.timeline.advance_one()
        self._changed()
        return done

    def advance_clock(self, t: int) -> None:
        """Let the clock go on to `t` (ns), never past the next step, nor while a question is open."""
        if not self.question_open():
            self.timeline.advance_clock(t)
            self._changed()

    def plan_run(self, text: str, turn: bool = True) -> RunPlan | Outcome:
        """For a screen: a time command's plan; `turn`: a page that waits is turned first. An Outcome if refused."""
        try:
            command, = parse_line(text, self.context)
            _ = turn and self._settle()
            if self.question_open():
                return Outcome(text, False, f"{STANDS_STILL}: {HOW_ON}")
            return plan(self, command)
        except (NotationError, ValueError, GuideRefusal) as error:
            return Outcome(text, False, str(error))
        finally:
            self._changed()  # a page may have been turned

    # -- commands -----------------------------------------------------------------------------------------------

    def execute(self, text: str) -> list[Outcome]:
        """Carry out one line of commands, time commands to their end. The first refusal ends the line."""
        try:
            statements = split_line(text)
            commands = [parse_statement(s, self.context) for s in statements]
        except NotationError as error:
            return [Outcome(text, False, said(error))]
        outcomes: list[Outcome] = []
        for command in commands:
            outcomes.append(self.carry_out(command))
            if not outcomes[-1].ok:
                break
        return outcomes

    def carry_out(self, command: Command) -> Outcome:
        """Carry out one parsed command."""
        try:
            return getattr(self, "_do_" + command.kind)(command)
        except NotationError as error:
            return Outcome(command.text, False, said(error))
        except (GuideRefusal, RecordingError) as error:
            return Outcome(command.text, False, str(error))
        finally:
            self._changed()

    def _do_world(self, command: Command) -> Outcome:
        self._settle()
        self._refuse_while_asked()
        self._record(command.text)
        try:
            self.timeline.do(command)
        except Refused as error:
            return Outcome(command.text, False, error.message, error.clause)
        return Outcome(command.text, True, "")

    def _do_time(self, command: Command) -> Outcome:
        self._settle()
        self._refuse_while_asked()
        stopped = plan(self, command).finish()
        self.mark()
        return Outcome(command.text, True, "", stopped=stopped)

    def _do_past(self, command: Command) -> Outcome:
        self._refuse_while_asked()
        act = past.prepare(self, command)
        self._record(command.text)
        return Outcome(command.text, True, act())

    def _do_guide(self, command: Command) -> Outcome:
        if command.verb == "note":
            self._record(command.text)
            return Outcome(command.text, True, "noted")
        if command.verb == "pin":
            return self._pin(command)
        if command.verb != "next":
            self._settle()
        act = self.guide.prepare(command)
        self._record(command.text)
        return Outcome(command.text, True, act())

    def _pin(self, command: Command) -> Outcome:
        """Mark a segment for the eye. The instant of its sending tells it from that number in another future."""
        number = command.values[0]
        record = next((e.seg for e in reversed(self.trace) if e.seg is not None and e.seg.id == number), None)
        if record is None:
            return Outcome(command.text, False, f"there is no segment #{number} on this path")
        self._record(command.text)
        self.pins ^= {(number, record.sent_at)}
        pinned = (number, record.sent_at) in self.pins
        return Outcome(command.text, True, f"#{number} is pinned" if pinned else f"the pin on #{number} is gone")

    def _do_look(self, command: Command) -> Outcome:
        value = command.values[0] if command.values else None
        if command.verb == "why":
            if self.view().guide.veiled:
                return Outcome(command.text, False, VEILED)
            return Outcome(command.text, True, explain.why(self, value))
        if command.verb == "capture":
            return Outcome(command.text, True, self.tell_capture(value))
        if command.verb == "branches":
            return Outcome(command.text, True, self.branches.listing())
        rows = usage_of(value or "", self.context.hosts)
        if not rows:
            return Outcome(command.text, False, f"no command has the word {value!r}: `help` lists all")
        return Outcome(command.text, True, "\n".join(f"{row.usage:<46} {row.help}" for row in rows))

    def _refuse_while_asked(self) -> None:
        if self.question_open():
            raise GuideRefusal(f"{STANDS_STILL}: {HOW_ON}")

    def _settle(self) -> None:
        """A command given while a page waits to be turned turns it first, and the recording says so."""
        while self.guide.page_waits:
            act = self.guide.prepare(self._parse("next"))
            self._record("next")
            act()

    def _parse(self, text: str) -> Command:
        return parse_line(text, self.context)[0]

    # -- for faces ----------------------------------------------------------------------------------------------

    def complete(self, text: str) -> list[str]:
        """Completions for the last word of a line."""
        return complete(text, self.context)

    def why(self, segment: int | None = None) -> str:
        """Why the last thing happened, or what befell a segment."""
        return explain.why(self, segment)

    def commands(self) -> tuple:
        """The table of commands."""
        return COMMANDS

    # -- recording ----------------------------------------------------------------------------------------------

    @property
    def recording_path(self) -> Path | None:
        """Where this session is being written, None when it is not."""
        return self.recorder.path if self.recorder else None

    def mark(self) -> None:
        """Note the position in the recording: at each pause, at exit, and once a real second. A full disk gets none."""
        if self.recorder:
            with contextlib.suppress(RecordingError):
                self.recorder.mark(self.timeline.now, self.timeline.n)

    def _record(self, text: str) -> None:
        self.recorded += 1
        if self.recorder:
            self.recorder.command(self.timeline.now, self.timeline.n, text)

    def close(self) -> None:
        """End the session: what was foretold and has not happened is settled, and the recording gets its trailer."""
        self.guide.settle_predictions()
        recorder, self.recorder = self.recorder, None
        if recorder:
            recorder.finish(self.timeline.now, self.timeline.n, self.trace_sha256())

    # -- inside -------------------------------------------------------------------------------------------------

    def _apply(self, world: object, command: Command) -> None:
        apply(world, command)

    def _observe(self, events: list[Event]) -> None:
        self.guide.observe(events)

    def _changed(self) -> None:
        self._view = None
        self._version += 1

    def _play_start(self) -> None:
        """The lab's ``start:`` commands."""
        self.timeline.world.sink = self.timeline.trace
        for text in self.lab.start:
            self.play_lab_command(text)

    def play_lab_command(self, text: str) -> None:
        """Carry out a command of the lab (``start:``, ``do:``): it is derived from the lab, so it is not recorded."""
        for command in parse_line(text, self.context):
            if command.kind == "time":
                plan(self, command).finish()
            else:
                try:
                    self.timeline.do(command)
                except Refused as refusal:
                    self.lab_faults.append(f"`{text}` cannot be carried out: {refusal.message}")


def said(error: NotationError) -> str:
    """An error with its place and its cure, in one line."""
    return f"column {error.column + 1}: {error.message}" + (f" {error.cure}" if error.cure else "")


__all__ = ["RecordingError", "Session"]
