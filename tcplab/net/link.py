"""One direction of the link: its settings, its dice, its queue, and what is on its way.

The way through it, in this order: down, aimed rules, MTU, loss, duplication, corruption, the queue of a limited rate,
delay with jitter or reordering, hold. As in tc-netem, `reorder P` sends P percent of the segments ahead at once,
without queueing or delay, so that they overtake those still under way; a duplicate follows its original through the
queue and rolls no dice of its own.
"""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import NamedTuple

from tcplab.net.errors import NetError
from tcplab.net.impair import DISTRIBUTIONS, MILLION, Burst, Dice, Settings, bound
from tcplab.net.trace import SegmentRecord
from tcplab.net.views import DirectionView, InFlightView
from tcplab.tcp.ecn import ECT_0, ECT_1
from tcplab.tcp.icmp import HARD, SOFT
from tcplab.tcp.options import NO_OPTIONS, TIMESTAMPS_SIZE
from tcplab.tcp.wire import IPV4_HEADER, IPV6_HEADER, TCP_HEADER, options_size

SECOND = 1_000_000_000

#: RFC 791 section 3.2: every module must be able to forward 68 octets; below that nothing but headers fits.
MIN_MTU = 68

#: What an aimed `delay` adds when it is not told: enough to be overtaken, too little for a first RTO of one second.
DEFAULT_EXTRA_DELAY = 200_000_000

#: What a router on the link may say instead of carrying a segment.
UNREACHABLES = (*SOFT, *HARD)

#: ECT(1) and ECT(0): the sender will heed a mark.
_CAPABLE = (ECT_1, ECT_0)

ACTIONS = ("drop", "delay", "dup", "corrupt")

#: IP and TCP header without options.
_V4, _V6 = IPV4_HEADER + TCP_HEADER, IPV6_HEADER + TCP_HEADER


class Flight(NamedTuple):
    """A segment on its way: `place` orders arrivals at one instant (its id, unless it was swapped)."""

    record: SegmentRecord
    depart: int
    arrive: int | None
    place: int
    conn: int


class Rule(NamedTuple):
    """An aimed rule: the next `left` segments that `match` fits suffer `action`; `amount` is a delay in ns."""

    action: str
    left: int
    match: object
    amount: int

    def __str__(self) -> str:
        return f"{self.action} next {self.left} {self.match.text}"


class Direction:
    """The link from host `src` to host `dst`. `offered` counts segments; `flights` and `held` are keyed by their id."""

    __slots__ = ("src", "dst", "receiver", "settings", "quick", "lossy", "dice", "offered", "flights", "held", "starts",
                 "busy_until")

    def __init__(self, src: str, dst: str, receiver: int, settings: Settings, seed: int | str) -> None:
        self.src, self.dst, self.receiver = src, dst, receiver
        self.set(settings)
        self.dice = Dice(seed, f"{src}>{dst}")
        self.offered = 0
        self.flights: dict[int, Flight] = {}
        self.held: dict[int, Flight] = {}
        #: When the segments still waiting for the line will start onto it.
        self.starts: deque[int] = deque()
        self.busy_until = 0

    def set(self, settings: Settings) -> None:
        self.settings = settings
        #: Below it a draw is a loss, where that is all that can happen; else 0.
        self.lossy = bound(settings.loss) if settings.only_loses else 0
        self.quick = settings.plain or bool(self.lossy)

    def copy(self) -> Direction:
        twin = Direction.__new__(Direction)
        for name in Direction.__slots__:
            setattr(twin, name, getattr(self, name))
        twin.dice = self.dice.copy()
        twin.flights, twin.held, twin.starts = self.flights.copy(), self.held.copy(), self.starts.copy()
        return twin

    def waiting(self, now: int) -> int:
        """Segments that wait for the line, the one being sent not among them."""
        starts = self.starts
        while starts and starts[0] <= now:
            starts.popleft()
        return len(starts)

    def transmit(self, size: int, now: int) -> tuple[int, int] | None:
        """When a packet of `size` bytes starts onto the line and when its last bit has left; None when the queue is
        full."""
        rate = self.settings.rate
        if not rate:
            return now, now
        start = self.busy_until
        if start <= now:
            start = now
            self.starts.clear()  # nobody waits any more
        elif self.waiting(now) >= self.settings.limit:
            return None
        else:
            self.starts.append(start)
        self.busy_until = end = start - size * 8 * SECOND // -rate
        return start, end

    def marks(self, record: SegmentRecord, depart: int, now: int) -> bool:
        """Whether `record`, just queued, is to be marked: it waits behind `ecn` others and is ECN-capable.

        What cannot bear a mark waits on until the queue is full (RFC 3168 section 5 would drop it here already).
        Changed bytes of a segment are left as they are.
        """
        threshold = self.settings.ecn
        return depart > now and len(self.starts) > threshold and record.segment.ecn in _CAPABLE and record.wire is None

    def view(self, now: int) -> DirectionView:
        s = self.settings
        queued = sum(start > now for start in self.starts)
        return DirectionView(self.src, self.dst, s.delay, s.jitter, s.loss, s.reorder, s.duplicate, s.corrupt, s.rate,
                             s.limit, s.up, queued, s.mtu, s.distribution, s.every, tuple(s.burst or ()), s.ecn,
                             s.unreachable)

    def in_flight(self) -> list[InFlightView]:
        """What is on the link, held segments too, in order of id."""
        both = [*self.flights.values(), *self.held.values()]
        return [InFlightView(*old[:4]) for old in sorted(both, key=lambda f: f.record.id)]


def packet_size(record: SegmentRecord) -> int:
    """Bytes of the IP packet of `record`."""
    segment = record.segment
    options = segment.options
    size = (_V6 if ":" in segment.src else _V4) + len(segment.payload)
    if options is NO_OPTIONS:
        return size
    stamps = options.ts
    if stamps is not None and options == (None, None, False, (), stamps, ()):
        return size + TIMESTAMPS_SIZE  # what nearly every segment carries
    return size + options_size(options)


def changed(settings: Settings, name: str, values: tuple) -> Settings:
    """`settings` with one of them set. Raises NetError that says what would be right.

    delay (ns[, jitter ns[, distribution]]; no jitter named: none) · jitter (ns[, distribution]) · distribution (a
    word) · loss, reorder, duplicate, corrupt (ppm) · every (n) · gemodel (p, r[, lose while bad[, lose while good]]
    in ppm, none: off) · rate (bit/s[, limit]; 0: no limit) · limit (segments) · mtu (bytes; 0: any) · up (bool) ·
    ecn (segments; 0: never) · unreachable (a word of UNREACHABLES, empty: off)
    """
    if name == "gemodel":
        for value in values:
            _whole(name, value, 0, MILLION)
        return replace(settings, burst=Burst(*values) if len(values) > 1 else None)
    fields = _FIELDS.get(name)
    if fields is None:
        raise NetError(f"the link has no setting {name!r}; it has {', '.join((*_FIELDS, 'gemodel'))}")
    if not 1 <= len(values) <= len(fields):
        raise NetError(f"link {name} takes 1 to {len(fields)} values, not {len(values)}")
    new = {"jitter": 0} if name == "delay" else {}
    for (field, low, high), value in zip(fields, values, strict=False):
        if field == "distribution":
            if value not in DISTRIBUTIONS:
                raise NetError(f"there is no distribution {value!r}; choose one of {', '.join(DISTRIBUTIONS)}")
            new[field] = value
        elif field == "up":
            new[field] = bool(value)
        elif field == "unreachable":
            if value and value not in UNREACHABLES:
                raise NetError(f"unreachable is one of {', '.join(UNREACHABLES)}, not {value!r}")
            new[field] = value
        else:
            new[field] = _whole(field, value, low, high)
    if 0 < new.get("mtu", 0) < MIN_MTU:
        raise NetError(f"an MTU is at least {MIN_MTU} bytes, or 0 for none")
    return replace(settings, **new)


#: A year in ns: longer than any session, short enough that sums of times stay small.
_LONG = 366 * 86400 * SECOND
_TIME, _SPREAD, _SHAPE = ("delay", 0, _LONG), ("jitter", 0, _LONG), ("distribution", 0, 0)
_LIMIT = ("limit", 1, 10_000_000)
_FIELDS = {
    "delay": (_TIME, _SPREAD, _SHAPE),
    "jitter": (_SPREAD, _SHAPE),
    "distribution": (_SHAPE,),
    **{kind: ((kind, 0, MILLION),) for kind in ("loss", "reorder", "duplicate", "corrupt")},
    "every": (("every", 0, MILLION),),
    "rate": (("rate", 0, 10**15), _LIMIT),
    "limit": (_LIMIT,),
    "mtu": (("mtu", 0, 65535),),
    "up": (("up", 0, 1),),
    "ecn": (("ecn", 0, 10_000_000),),
    "unreachable": (("unreachable", 0, 0),),
}


def _whole(name: str, value: object, low: int, high: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise NetError(f"{name} must be a whole number from {low} to {high}, not {value!r}")
    return value
