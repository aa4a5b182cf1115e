"""A session with a few moves of TCP in it, so that screens can be tested without network or labs.

It knows the handshake, data without loss repair, and the four-way close: enough to fill every panel. The truth about
TCP is tested elsewhere, against the real one.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

from tcplab.net.trace import Event, SegmentRecord
from tcplab.net.views import ConnView, DirectionView, HostView, InFlightView, LinkView
from tcplab.notation.errors import NotationError
from tcplab.session.commands import complete, parse_line
from tcplab.session.grammar import Context
from tcplab.session.timeline import Done
from tcplab.session.views import Feedback, GuideView, Outcome, SessionView, StepMark
from tcplab.tcp.segment import ACK, FIN, PSH, SYN
from tcplab.tcp.views import TcbView
from tests.tui.fake_lab import STEPS, Step
from tests.tui.fake_tcp import ADDRESS, DELAY, ISS, NAMES, PORT, TinyTcp


@dataclass
class Plan:
    """A walk to the end, or up to a deadline."""

    session: FakeSession
    deadline: int | None = None

    def stopped(self) -> str:
        if self.session.question_open():
            return "question"
        due = self.session.next_at()
        if due is None:
            return "idle"
        if self.deadline is not None and due > self.deadline:
            self.session.advance_clock(self.deadline)
            return "done"
        return ""

    def step(self) -> None:
        self.session.advance_one()


class FakeSession(TinyTcp):
    """The surface of tcplab.session.session.Session that a face uses."""

    def __init__(self, steps: tuple[Step, ...] = (), show: frozenset[str] | None = None) -> None:
        self.steps, self.show = steps, show
        self.context = Context(NAMES, tuple(s.id for s in steps), frozenset(), ("nagle", "msl", "mss"))
        self.recorder = None
        self.recording_path = Path("/tmp/recordings/handshake-7.jsonl")
        self.recorder = None
        self.seed, self.student, self.n, self.now, self.epoch, self.version = 7, None, 0, 0, 0, 0
        self.trace: list[Event] = []
        self.marks = 0
        self.pins: set[tuple[int, int]] = set()
        self.given: list[str] = []
        self.queue: list[tuple[int, SegmentRecord]] = []
        self.flights: list[InFlightView] = []
        self.timers: list[tuple[int, str]] = []
        self.state = dict.fromkeys(NAMES, "CLOSED")
        self.nxt, self.una, self.rcv = dict.fromkeys(NAMES), dict.fromkeys(NAMES), dict.fromkeys(NAMES)
        self.listening: tuple = ((80, 5, 0),)
        self.edges: list[tuple[str, str, str]] = []
        self.drop = 0
        self.loss = self.delay = None
        self.at, self.status, self.feedback, self.taken = 0, {}, [], 0
        self.history: list = []
        self._ids = 0
        self.timeline = SimpleNamespace(done=[])
        self.watch = None
        self.branches = SimpleNamespace(name="main", names=())
        self.guide = SimpleNamespace(plan=None, said=list, starts={steps[0].id: self._start()} if steps else {})

    # -- what is so
    def lesson_mark(self) -> tuple:
        guide = self.view().guide
        return guide.step_id, guide.phase, len(guide.feedback), guide.blocked

    def options(self, host: str, conn: int | None = None) -> dict[str, object]:
        from tcplab.lab.loader import load_lab
        from tcplab.session.session import Session

        return Session(load_lab("sandbox"), 1).options(host)

    def view(self) -> SessionView:
        directions = tuple(
            DirectionView(a, b, DELAY, 0, self.loss or 0, 0, 0, 0, 0, 0, True, 0) for a, b in (NAMES, NAMES[::-1])
        )
        rules = tuple(["link drop next any"] * self.drop)
        return SessionView(
            self.now,
            self.n,
            self.next_at(),
            self.next_at() is None,
            self._awaiting(),
            self.seed,
            tuple(self._host(name) for name in NAMES),
            LinkView(directions, rules, False),
            tuple(self.flights),
            self._guide(),
            tuple(self.edges),
            bool(self.n),
            0,
        )

    def _awaiting(self) -> str:
        return "1 segment on the link" if self.flights else "a command; nothing more happens by itself"

    def _host(self, name: str) -> HostView:
        conns: tuple = ()
        if self.nxt[name] is not None:
            peer = NAMES[name == "client"]
            window = 4000 if self.rcv[name] is not None else None
            flight = self.nxt[name] - self.una[name]
            tcb = TcbView(
                self.state[name],
                (ADDRESS[name], PORT[name]),
                (ADDRESS[peer], PORT[peer]),
                ISS[name],
                ISS[peer] if window else None,
                self.una[name],
                self.nxt[name],
                window,
                None,
                None,
                self.rcv[name],
                4000,
                1000,
                None,
                flight,
                100,
                DELAY * 2,
                DELAY,
                10**9,
                0,
                0,
                tuple(("rtx", at) for at, owner in self.timers if owner == name),
                8000,
                4000,
            )
            conns = (ConnView(1, tcb, "sink", True, 0),)
        return HostView(name, ADDRESS[name], self.listening if name == "server" else (), conns, "sink")

    def _guide(self) -> GuideView:
        marks = tuple(
            StepMark(
                s.id,
                s.title,
                s.kind,
                self.status.get(s.id, "open" if i == self.at else "todo"),
                s.points if self.status.get(s.id) == "done" else 0,
                s.points,
            )
            for i, s in enumerate(self.steps)
        )
        score, most = sum(m.score for m in marks), sum(s.points for s in self.steps)
        if not self.steps:
            nothing = ("", 0, 0, "", "", (), None, (), 0, 0, False, "", (), (), 0, 0)
            return GuideView("sandbox", "The sandbox", "rfc", "none", *nothing, self.show, frozenset())
        if self.at >= len(self.steps):
            return GuideView(
                "handshake",
                "The three-way handshake",
                "first-lessons",
                "finished",
                "",
                len(self.steps),
                len(self.steps),
                "",
                "",
                (),
                None,
                (),
                0,
                0,
                False,
                "",
                tuple(self.feedback),
                marks,
                score,
                most,
                self.show,
                frozenset(),
            )
        step = self.steps[self.at]
        return GuideView(
            "handshake",
            "The three-way handshake",
            "first-lessons",
            "open",
            step.id,
            self.at + 1,
            len(self.steps),
            step.kind,
            step.text,
            step.commands,
            step.question,
            step.hints[: self.taken],
            len(step.hints) - self.taken,
            1 if step.hints else 0,
            False,
            "",
            tuple(self.feedback),
            marks,
            score,
            most,
            self.show,
            frozenset(),
        )

    def question_open(self) -> bool:
        return self.at < len(self.steps) and self.steps[self.at].question is not None

    def may_run(self) -> str:
        return "a question is open and time stands still" if self.question_open() else ""

    def next_at(self) -> int | None:
        return min((at for at, _ in self.queue), default=None)

    def idle(self) -> bool:
        return not self.queue

    def complete(self, text: str) -> list[str]:
        return complete(text, self.context)

    def why(self, segment: int | None = None) -> str:
        return f"#{segment} was sent because the fake says so [RFC 9293 3.10.1]"

    def env(self, record: object = None) -> object:
        return None

    def mark(self) -> None:
        self.marks += 1

    def close(self) -> None:
        self.given.append("<closed>")

    # -- time
    def advance_clock(self, t: int) -> None:
        self.now = max(self.now, t)

    def advance_one(self) -> bool:
        if not self.queue or self.question_open():
            return False
        at, rec = min(self.queue, key=lambda item: (item[0], item[1].id))
        self.queue.remove((at, rec))
        self.flights = [f for f in self.flights if f.record is not rec]
        self.now, self.n = at, self.n + 1
        self._event("delivered", rec)
        self._arrive(rec)
        self._check_goal()
        return True

    def plan_run(self, text: str) -> Plan | Outcome:
        if self.question_open():
            return Outcome(text, False, "a question is open and time stands still")
        words = text.split()
        return Plan(self, self.now + int(words[1].rstrip("s")) * 10**9 if words[-1][0].isdigit() else None)

    # -- commands
    def execute(self, text: str) -> list[Outcome]:
        try:
            commands = parse_line(text, self.context)
        except NotationError as error:
            return [Outcome(text, False, str(error))]
        self.given.append(text)
        return [self._carry_out(command) for command in commands]

    def _carry_out(self, command) -> Outcome:
        if self.question_open() and command.kind in ("world", "time", "past"):
            return Outcome(command.text, False, "a question is open and time stands still: answer it")
        outcome = getattr(self, "_" + command.verb, self._nothing)(command)
        if command.kind == "world":
            self.n += 1
            if outcome.ok:
                self.timeline.done.append(Done(self.n, self.now, command))
        return outcome

    def _start(self) -> SimpleNamespace:
        """Where a step begins, as the session's guide keeps it."""
        return SimpleNamespace(point=SimpleNamespace(n=self.n, t=self.now, done=len(self.timeline.done),
                                                     events=len(self.trace)))  # fmt: skip

    def _nothing(self, command) -> Outcome:
        return Outcome(command.text, True, "")

    def _listen(self, command) -> Outcome:
        self.listening = ((80, 5, 0),)
        return self._nothing(command)

    def _connect(self, command) -> Outcome:
        self._move("client", "SYN-SENT")
        self.nxt["client"], self.una["client"] = ISS["client"], ISS["client"]
        self._send_segment("client", SYN)
        return self._nothing(command)

    def _send(self, command) -> Outcome:
        name = command.values[0].name
        if self.state[name] not in ("ESTABLISHED", "CLOSE-WAIT"):
            return Outcome(command.text, False, "connection does not exist", "9293 3.10.2")
        for _ in range(max(1, command.values[1].size // 100)):
            self._send_segment(name, ACK | PSH, b"x" * 100)
        return self._nothing(command)

    def _close(self, command) -> Outcome:
        name = command.values[0].name
        if self.state[name] not in ("ESTABLISHED", "CLOSE-WAIT"):
            return Outcome(command.text, False, "connection does not exist", "9293 3.10.4")
        self._move(name, "FIN-WAIT-1" if self.state[name] == "ESTABLISHED" else "LAST-ACK")
        self._send_segment(name, FIN | ACK)
        return self._nothing(command)

    def _link_rule(self, command) -> Outcome:
        self.drop += 1
        return self._nothing(command)

    def _link_chance(self, command) -> Outcome:
        self.loss = 50_000
        return self._nothing(command)

    def _step(self, command) -> Outcome:
        self.advance_one()
        return self._nothing(command)

    def _back(self, command) -> Outcome:
        self.epoch += 1
        self.trace = [e for e in self.trace if e.t < self.now]
        return Outcome(command.text, True, "this is the beginning" if not self.trace else "")

    def _reset(self, command) -> Outcome:
        self.epoch += 1
        self.trace.clear()
        self.timeline.done.clear()
        return self._nothing(command)

    def _why(self, command) -> Outcome:
        return Outcome(command.text, True, self.why(command.values[0]))

    def _hint(self, command) -> Outcome:
        if not self.steps or self.taken >= len(self.steps[self.at].hints):
            return Outcome(command.text, False, "there is no hint here")
        self.taken += 1
        return Outcome(command.text, True, self.steps[self.at].hints[self.taken - 1])

    def _answer(self, command) -> Outcome:
        step = self.steps[self.at]
        good = command.values[0].strip() == step.right
        self._finish("done" if good else "wrong", "" if good else "The next number expected is one more.")
        return Outcome(command.text, True, "right" if good else "not so")

    def _skip(self, command) -> Outcome:
        self._finish("skipped", "Skipped.")
        return Outcome(command.text, True, "skipped")

    def _next(self, command) -> Outcome:
        if self.at >= len(self.steps) or self.steps[self.at].kind != "say":
            return Outcome(command.text, False, "do what this step asks first, or `skip` it")
        self.feedback.clear()
        self._finish("done", "")
        return self._nothing(command)

    def _finish(self, status: str, text: str) -> None:
        step = self.steps[self.at]
        self.status[step.id] = status
        if step.kind != "say":
            good = {"done": True, "wrong": False}.get(status)
            self.feedback = [
                Feedback(step.id, good, text, step.after, "9293 3.5", step.points if good else 0, step.points)
            ]
        self.at, self.taken = self.at + 1, 0
        if self.at < len(self.steps):
            self.guide.starts.setdefault(self.steps[self.at].id, self._start())

    def _check_goal(self) -> None:
        if self.at < len(self.steps) and self.steps[self.at].goal and self.steps[self.at].goal(self):
            self._finish("done", "")


def lesson(show: frozenset[str] | None = frozenset({"state", "iss", "snd.nxt", "rcv.nxt"})) -> FakeSession:
    """The fake handshake lab."""
    return FakeSession(STEPS, show)


def talked(loss: bool = False) -> FakeSession:
    """A sandbox in which a connection was opened and three segments were sent, the second lost if `loss`."""
    session = FakeSession()
    run(session, "client connect server 80")
    session._carry_out(parse_line("client send 100", session.context)[0])
    session.now += 10_000_000
    session.drop = int(loss)
    session._carry_out(parse_line("client send 100", session.context)[0])
    session.now += 10_000_000
    session._carry_out(parse_line("client send 100", session.context)[0])
    return session


def run(session: FakeSession, *commands: str) -> None:
    """Give commands, each run to its end."""
    for command in commands:
        for outcome in session.execute(command):
            assert outcome.ok, outcome
        while session.advance_one():
            pass
