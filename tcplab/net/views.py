"""Frozen copies of hosts and link, handed upwards. Times in ns, sizes in bytes, rates in bit/s, chances in ppm."""

from __future__ import annotations

from typing import NamedTuple

from tcplab.net.trace import SegmentRecord
from tcplab.tcp.views import TcbView


class ConnView(NamedTuple):
    """One connection of a host. `n` counts from 1 in order of creation; `tcb` keeps its last values once gone."""

    n: int
    tcb: TcbView
    app: str
    reading: bool
    queued: int


class HostView(NamedTuple):
    """One host: `listening` holds (port, backlog, connections not yet accepted) for each listener."""

    name: str
    address: str
    listening: tuple[tuple[int, int, int], ...]
    connections: tuple[ConnView, ...]
    app: str

    @property
    def newest(self) -> ConnView | None:
        return self.connections[-1] if self.connections else None


class DirectionView(NamedTuple):
    """Settings of the link from `src` to `dst`. Chances are parts per million; 0 in `rate`, `mtu`, `every` means none.

    `limit` is how many segments may wait for a busy line, `queued` how many do; `gemodel` holds p, r and the chances
    of loss while bad and while good; from `ecn` waiting segments on they are marked (0: never).
    """

    src: str
    dst: str
    delay: int
    jitter: int
    loss: int
    reorder: int
    duplicate: int
    corrupt: int
    rate: int
    limit: int
    up: bool
    queued: int
    mtu: int = 0
    distribution: str = "uniform"
    every: int = 0
    gemodel: tuple[int, ...] = ()
    ecn: int = 0
    unreachable: str = ""


class LinkView(NamedTuple):
    """Both directions, the aimed rules still to act (as the learner wrote them), and whether segments are held."""

    directions: tuple[DirectionView, ...]
    rules: tuple[str, ...]
    holding: bool


class InFlightView(NamedTuple):
    """A segment on the link: it left at `depart` and is due at `arrive` (None while held).

    Segments due at one instant, and held ones, arrive in order of `place`: their number, unless they were swapped.
    """

    record: SegmentRecord
    depart: int
    arrive: int | None
    place: int = 0
