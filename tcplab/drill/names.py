"""What an assertion of a script may speak of: the endpoint's variables, and packetdrill's tcp_info."""

from __future__ import annotations

from tcplab.notation.fields import tcb_value, typed
from tcplab.notation.glossary import VARIABLES
from tcplab.notation.values import UNKNOWN, Duration
from tcplab.tcp import Endpoint, TcbView

_US = 1000
#: packetdrill's names, Linux' units: segments and microseconds.
_TCPI = {
    "tcpi_snd_cwnd": lambda view: view.cwnd // max(view.smss, 1),
    "tcpi_snd_ssthresh": lambda view: UNKNOWN if view.ssthresh is None else view.ssthresh // max(view.smss, 1),
    "tcpi_unacked": lambda view: -(-view.flight // max(view.smss, 1)),
    "tcpi_snd_mss": lambda view: view.smss,
    "tcpi_rto": lambda view: view.rto // _US,
    "tcpi_rtt": lambda view: UNKNOWN if view.srtt is None else view.srtt // _US,
    "tcpi_rttvar": lambda view: UNKNOWN if view.rttvar is None else view.rttvar // _US,
    "tcpi_backoff": lambda view: view.backoff,
    "tcpi_total_retrans": lambda view: view.segments_retransmitted,
}
_PLAIN = frozenset(TcbView._fields) - {"local", "remote", "timers"} - set(VARIABLES)
#: Every name.
NAMES = frozenset(VARIABLES) | _PLAIN | frozenset(_TCPI) | {"now", "eof", "readable", "writable"}


class DrillEnv:
    """The values at one instant."""

    __slots__ = ("endpoint", "view", "now")

    def __init__(self, endpoint: Endpoint, now: int) -> None:
        self.endpoint, self.view, self.now = endpoint, endpoint.status(), now

    def lookup(self, name: str) -> object:
        if name == "now":
            return Duration(self.now)
        if name in ("eof", "readable", "writable"):
            return getattr(self.endpoint, name)
        if name in _TCPI:
            return _TCPI[name](self.view)
        if name in VARIABLES:
            return tcb_value(self.view, name, self.now)
        if name in _PLAIN:
            return typed(getattr(self.view, name), "word")
        raise KeyError(name)
