"""One endpoint in each of the eleven states, each built from the one before, and a scripted peer's segments.

Ours begins at ISS 1000, the peer's at 5000 (or what is passed); times are 0.
"""

from __future__ import annotations

from dataclasses import replace

from tcplab.tcp import ACK, FIN, NO_OPTIONS, PROFILES, RST, SYN, Config, Endpoint, Options, Segment, State, wrap

US, PEER = ("10.0.0.1", 4000), ("10.0.0.2", 80)
ISS, IRS = 1000, 5000
CONFIG = replace(PROFILES["first-lessons"], iss=ISS)


class Bench:
    """`end` under test; `seg` makes the peer's segments relative to its SYN (0) and ours; `give` delivers one."""

    def __init__(self, config: Config = CONFIG, irs: int = IRS) -> None:
        self.config, self.irs = config, irs
        self.end = Endpoint(config, US)
        self.now = 0

    @property
    def iss(self) -> int:
        return self.end.status().iss

    def seg(self, seq: int, flags: int, ack: int | None = None, text: bytes = b"", wnd: int = 4000,
            options: Options = NO_OPTIONS) -> Segment:
        """Numbers count from the SYNs: seq 1 is the peer's first byte, ack 1 acknowledges our SYN."""
        field = 0 if ack is None else wrap(self.iss + ack)
        flags |= 0 if ack is None else ACK
        return Segment(PEER[0], US[0], PEER[1], US[1], wrap(self.irs + seq), field, flags, wnd, text, options)

    def give(self, seq: int, flags: int, ack: int | None = None, text: bytes = b"", wnd: int = 4000,
             options: Options = NO_OPTIONS) -> list[Segment]:
        """Deliver a segment of the peer; returns what is sent in answer."""
        self.end.segment_arrives(self.seg(seq, flags, ack, text, wnd, options), self.now)
        return self.end.take_segments()

    def taken(self) -> list[Segment]:
        return self.end.take_segments()

    def wait(self, ns: int) -> list[Segment]:
        """Let `ns` pass; every timer due fires at its instant. Returns what was sent."""
        sent, until = [], self.now + ns
        while (at := self.end.next_timeout()) is not None and at <= until:
            self.now = max(self.now, at)
            self.end.timeout(self.now)
            sent += self.end.take_segments()
        self.now = until
        return sent

    def mark(self) -> Bench:
        """Forget reports and segments so far."""
        self.end.take_segments()
        self.end.take_reports()
        return self


def closed(**kw) -> Bench:
    return Bench(**kw)


def listen(**kw) -> Bench:
    bench = Bench(**kw)
    bench.end.open_passive(0)
    return bench.mark()


def syn_sent(**kw) -> Bench:
    bench = Bench(**kw)
    bench.end.open_active(PEER, 0)
    return bench.mark()


def syn_received(**kw) -> Bench:
    """Of passive origin."""
    bench = listen(**kw)
    bench.give(0, SYN, options=Options(mss=100))
    return bench.mark()


def syn_received_active(**kw) -> Bench:
    """Of active origin: a simultaneous open."""
    bench = syn_sent(**kw)
    bench.give(0, SYN, options=Options(mss=100))
    return bench.mark()


def established(wnd: int = 4000, mss: int = 100, **kw) -> Bench:
    bench = syn_sent(**kw)
    bench.give(0, SYN, ack=1, options=Options(mss=mss), wnd=wnd)
    return bench.mark()


def fin_wait_1(**kw) -> Bench:
    bench = established(**kw)
    bench.end.close(0)
    return bench.mark()


def fin_wait_2(**kw) -> Bench:
    bench = fin_wait_1(**kw)
    bench.give(1, 0, ack=2)
    return bench.mark()


def close_wait(**kw) -> Bench:
    bench = established(**kw)
    bench.give(1, FIN, ack=1)
    return bench.mark()


def closing(**kw) -> Bench:
    bench = fin_wait_1(**kw)
    bench.give(1, FIN, ack=1)
    return bench.mark()


def last_ack(**kw) -> Bench:
    bench = close_wait(**kw)
    bench.end.close(0)
    return bench.mark()


def time_wait(**kw) -> Bench:
    bench = fin_wait_2(**kw)
    bench.give(1, FIN, ack=2)
    return bench.mark()


BUILD = {
    State.CLOSED: closed,
    State.LISTEN: listen,
    State.SYN_SENT: syn_sent,
    State.SYN_RECEIVED: syn_received,
    State.ESTABLISHED: established,
    State.FIN_WAIT_1: fin_wait_1,
    State.FIN_WAIT_2: fin_wait_2,
    State.CLOSE_WAIT: close_wait,
    State.CLOSING: closing,
    State.LAST_ACK: last_ack,
    State.TIME_WAIT: time_wait,
}

__all__ = ["ACK", "BUILD", "CONFIG", "FIN", "IRS", "ISS", "PEER", "RST", "SYN", "US", "Bench"]
