"""What an endpoint tells: one `Report` for everything that happened inside it, with the reason.

Reports are facts for the log, the panes and the checks; nothing in the endpoint ever reads one.
"""

from __future__ import annotations

from typing import NamedTuple

from .why import Why


class Report(NamedTuple):
    """One fact. `data` holds (key, value) pairs; sequence numbers in it are wire numbers, times ns, sizes bytes.

    Kinds and their keys: state (from, to, event) · timer (name, op armed|stopped|fired, at) · accepted (n, trimmed) ·
    dropped (seq, len) · ack (acked, una) · rtx (seq, len, kind rto|fast|partial|probe) · cwnd (cwnd, ssthresh) ·
    rto (srtt, rttvar, rto) · window (snd_wnd) · delivered (n) · hole (left, right) · error (message, soft) · gone () ·
    ecn (on | echo) · icmp (taken, mtu, smss) · urgent (left).
    """

    kind: str
    why: Why | None = None
    data: tuple[tuple[str, object], ...] = ()

    def get(self, key: str, default: object = None) -> object:
        """The value stored under `key` in `data`."""
        for name, value in self.data:
            if name == key:
                return value
        return default


class TcpError(Exception):
    """A user call that cannot be carried out, in the RFC's words; `clause` says where the RFC says so."""

    def __init__(self, message: str, clause: str) -> None:
        super().__init__(message)
        self.message = message
        self.clause = clause

    def __reduce__(self) -> tuple:
        return TcpError, (self.message, self.clause)
