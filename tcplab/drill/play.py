"""Playing a case: the script's side of the wire, the clock, and the comparison with what was expected."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace

from tcplab.notation.errors import NotationError
from tcplab.notation.units import decimal
from tcplab.notation.values import format_value
from tcplab.tcp import PROFILES, Config, Endpoint, Segment, explain, wrap

from .mismatch import Mismatch
from .model import ANY, Assert, Call, Case, Nothing, Packet, Setting, Step
from .names import DrillEnv
from .packet import differences, options_of, pattern, seen, text_of
from .user import User

#: (ours, the peer's) by IP version: the addresses packetdrill uses, and documentation addresses of RFC 3849.
SOCKETS = {4: (("192.168.0.1", 8080), ("192.0.2.1", 43210)), 6: (("fd3d::1", 8080), ("2001:db8::1", 43210))}
PEER_ISS = 5000
MAX_TIMEOUTS = 1_000_000


@dataclass(frozen=True, slots=True)
class Told:
    """One line of the story: when it happened (ns), where it stands in the script, what it was."""

    at: int
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Failure:
    """The first thing that went otherwise: `expected` and `got` in words, and remarks such as the endpoint's reason."""

    line: int
    at: int
    expected: str
    got: str
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a case ended; passed if there is no failure."""

    case: Case
    story: tuple[Told, ...]
    failure: Failure | None = None

    @property
    def passed(self) -> bool:
        return self.failure is None


def play_case(case: Case, config: Config | None = None) -> Outcome:
    """Play `case` on a fresh endpoint. Never raises for anything a script can say."""
    player = Player(config or PROFILES["rfc"], case.tolerance)
    step = case.steps[0] if case.steps else None
    try:
        for step in case.steps:
            player.step(step)
        player.nothing_left(None)
    except Mismatch as error:
        line = step.line if step is not None else case.line
        return Outcome(case, tuple(player.story),
                       Failure(line, player.now, error.expected, error.got, error.remarks))
    return Outcome(case, tuple(player.story))


class Player:
    """The wire in the script's hands. `sent` holds (time, segment, as a script writes it) that no line took yet."""

    def __init__(self, config: Config, tolerance: int) -> None:
        self.config, self.tolerance = config, tolerance
        self.now = 0
        self.ip, self.irs, self.window = 4, PEER_ISS, 65535
        self.sent: deque[tuple[int, Segment, Packet]] = deque()
        self.story: list[Told] = []
        #: What to take from the endpoint's timestamps to have the script's; known from the first that a line names.
        self.ts_offset: int | None = None
        self.endpoint = Endpoint(config, SOCKETS[4][0])
        self.user = User(self)

    # -- time ---------------------------------------------------------------------------------------------------------

    def run(self, until: int, inclusive: bool, stop_at_segment: bool = False) -> None:
        """Let the endpoint's timers fire up to `until`."""
        for _ in range(MAX_TIMEOUTS):
            at = self.endpoint.next_timeout()
            if at is None or at > until or (at == until and not inclusive) or (stop_at_segment and self.sent):
                break
            self.now = max(self.now, at)
            self.endpoint.timeout(self.now)
            self.drain()
        else:
            raise Mismatch("time passes", f"{MAX_TIMEOUTS} timers fire without an end")
        if not (stop_at_segment and self.sent):
            self.now = max(self.now, until)

    def drain(self) -> None:
        """Take what the endpoint sends now."""
        endpoint = self.endpoint
        iss = endpoint.status().iss or 0
        for segment in endpoint.take_segments():
            self.sent.append((self.now, segment, seen(segment, iss, self.irs)))
        endpoint.take_reports()

    def step(self, step: Step) -> None:
        what, when = step.what, step.when
        low, high = ((self.now + when.low, self.now + when.high) if when.relative else (when.low, when.high))
        if high < self.now:
            raise Mismatch(f"line at {_s(high)}", f"it is {_s(self.now)} already")
        if isinstance(what, Packet) and not what.arrives:
            self.expect(step, what, low, high)
            return
        self.run(low, inclusive=not isinstance(what, Packet))
        self.story.append(Told(self.now, step.line, step.text))
        self.nothing_left(self.now - self.tolerance)
        if isinstance(what, Packet):
            self.arrive(what)
        elif isinstance(what, Call):
            self.user.call(what)
            self.drain()
        elif isinstance(what, Assert):
            self.check(what)
        elif isinstance(what, Setting):
            self.turn(what)
            self.drain()
        elif isinstance(what, Nothing) and what.strict:
            self.nothing_left(self.now + 1)

    # -- segments -----------------------------------------------------------------------------------------------------

    def arrive(self, packet: Packet) -> None:
        """The peer's segment reaches the endpoint."""
        local, remote = SOCKETS[self.ip]
        self.window = self.window if packet.win is None else packet.win
        base = self.endpoint.status().iss or 0
        segment = Segment(remote[0], local[0], remote[1], local[1], wrap(self.irs + packet.seq),
                          0 if packet.ack is None else wrap(base + packet.ack), packet.flags, self.window,
                          text_of(packet), options_of(packet, base, self.ts_offset or 0), packet.urg or 0)
        self.endpoint.segment_arrives(segment, self.now)
        self.drain()

    def expect(self, step: Step, packet: Packet, low: int, high: int) -> None:
        """The next segment must come within [low, high] and be as written."""
        if step.when.any:
            high = 1 << 62
        if not self.sent:
            self.run(high + self.tolerance, inclusive=True, stop_at_segment=True)
        if not self.sent:
            self.now = min(self.now, low if step.when.any else high)
            raise Mismatch(f"{packet}  at {_range(low, high, step.when.any)}", "nothing was sent",
                           *_why_not(self.endpoint))
        at, segment, got = self.sent.popleft()
        got = self.in_script_time(packet, got)
        late = not step.when.any and not low - self.tolerance <= at <= high + self.tolerance
        wrong = differences(packet, got)
        expected = f"{packet}  at {_range(low, high, step.when.any)}"
        if late or wrong:
            if late:
                wrong.append(f"time {_s(at)}, not {_range(low, high, False)}")
            raise Mismatch(expected, f"{got}  at {_s(at)}", "differs: " + "; ".join(wrong), *_why(segment))
        self.look_at_text(segment, got)
        self.now = max(self.now, at if at >= low - self.tolerance else low)
        self.story.append(Told(at, step.line, step.text))

    def in_script_time(self, wanted: Packet, got: Packet) -> Packet:
        """`got` with its TSval as the script counts: its first timestamp is what the first line with one says."""
        ours = dict(got.options).get("TS")
        theirs = dict(wanted.options or ()).get("TS")
        if ours is None:
            return got
        if self.ts_offset is None and theirs is not None and theirs[0] is not ANY:
            self.ts_offset = ours[0] - theirs[0]
        stamp = (ours[0] - (self.ts_offset or 0)) % (1 << 32), ours[1]
        return replace(got, options=tuple((kind, stamp if kind == "TS" else value) for kind, value in got.options))

    def look_at_text(self, segment: Segment, got: Packet) -> None:
        """Its bytes must be those that were written."""
        if segment.payload and segment.payload != pattern(got.seq, got.length):
            raise Mismatch(f"{got} carrying what was written", "other bytes", *_why(segment))

    def nothing_left(self, before: int | None) -> None:
        """Nothing that was sent before `before` (None: ever) may be left over."""
        if self.sent and (before is None or self.sent[0][0] < before):
            at, segment, got = self.sent[0]
            raise Mismatch("no segment that no line asks for", f"{got}  at {_s(at)}", *_why(segment))

    # -- everything else ----------------------------------------------------------------------------------------------

    def check(self, what: Assert) -> None:
        env = DrillEnv(self.endpoint, self.now)
        try:
            holds = what.expr.holds(env)
        except NotationError as error:
            raise Mismatch(what.expr.text, str(error)) from None
        if not holds:
            values = [f"{name} is {format_value(env.lookup(name))}" for name in what.expr.names]
            raise Mismatch(what.expr.text, ", ".join(values) or "it does not hold")

    def turn(self, setting: Setting) -> None:
        if setting.name == "peer iss":
            self.irs = setting.value
        elif setting.name == "ip":
            self.ip = setting.value
            if self.endpoint.status().state == "CLOSED":
                self.renew()
        else:
            self.configure(setting.config or replace(self.config, **{setting.name: setting.value}))

    def configure(self, config: Config) -> None:
        self.config = config
        self.endpoint.configure(config, self.now)

    @property
    def remote(self) -> tuple[str, int]:
        """The peer's socket."""
        return SOCKETS[self.ip][1]

    def renew(self) -> None:
        """Another endpoint: an endpoint is used once."""
        self.endpoint = Endpoint(self.config, SOCKETS[self.ip][0])


def _why(segment: Segment) -> tuple[str, ...]:
    if segment.why is None:
        return ()
    reason = explain(segment.why)
    return (f"the endpoint says: {reason.text} [{reason.clause}]",)


def _why_not(endpoint: Endpoint) -> tuple[str, ...]:
    waiting = endpoint.waiting() if not endpoint.gone else None
    if waiting is None:
        return (f"the endpoint is in {endpoint.state}" + (f": {endpoint.error}" if endpoint.error else ""),)
    reason = explain(waiting)
    return (f"the endpoint says: {reason.text} [{reason.clause}]",)


def _s(ns: int) -> str:
    return decimal(ns, 1_000_000_000) + " s"


def _range(low: int, high: int, any_time: bool) -> str:
    if any_time:
        return "any time"
    return _s(low) if low == high else f"{_s(low)} to {_s(high)}"
