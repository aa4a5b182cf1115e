"""An established endpoint that has agreed on options with a scripted peer, and the peer's segments with options.

Ours begins at ISS 1000, the peer's at 5000; the peer's clock is `peer_ts`, ours starts at 0 (see `random_offset`).
"""

from __future__ import annotations

from dataclasses import replace

from tcplab.tcp import NO_OPTIONS, SYN, Config, Options
from tests.support import states as st

MS = 1_000_000
#: 100-byte segments, everything immediate, so that numbers are easy to read.
BASE = replace(Config(), mss=100, iss=st.ISS, delack=False, nagle=False, rcvbuf=65535, timestamps=False, wscale=False,
               limited_transmit=False)


def opened(config: Config = BASE, wnd: int = 60_000, cwnd: int | None = None, **peer: object) -> st.Bench:
    """Active OPEN answered by a SYN,ACK that carries `peer`'s options (mss 100 unless named)."""
    bench = st.Bench(config=config)
    bench.end.open_active(st.PEER, 0)
    bench.end.take_segments()
    bench.give(0, SYN, ack=1, wnd=wnd, options=Options(**{"mss": 100, **peer}))
    if cwnd is not None:
        bench.end.tcb.cc.cwnd = cwnd
    return bench.mark()


def with_sack(config: Config = BASE, cwnd: int | None = 10_000, **kw: object) -> st.Bench:
    return opened(config, cwnd=cwnd, sack_permitted=True, **kw)


def flight(bench: st.Bench, count: int, size: int = 100) -> st.Bench:
    """`count` segments go out."""
    bench.end.send(b"x" * (size * count), bench.now)
    assert len(bench.taken()) == count
    return bench


def blocks(*pairs: tuple[int, int], iss: int = st.ISS, ts: tuple[int, int] | None = None) -> Options:
    """A SACK option; numbers count from our SYN (the first byte is 1)."""
    return Options(sack=tuple(((iss + left) & 0xFFFFFFFF, (iss + right) & 0xFFFFFFFF) for left, right in pairs), ts=ts)


def sacked(bench: st.Bench, ack: int, *pairs: tuple[int, int], wnd: int = 60_000) -> list[tuple[int, int]]:
    """An ACK with blocks arrives; returns (first number, length) of what is sent, counted from our SYN."""
    out = bench.give(1, 0, ack=ack, wnd=wnd, options=blocks(*pairs) if pairs else NO_OPTIONS)
    return [(seg.seq - st.ISS, len(seg.payload)) for seg in out]


def mine(segments: list, irs: int = st.IRS) -> list:
    """The blocks that our segments carry, counted from the peer's SYN."""
    return [tuple((left - irs, right - irs) for left, right in seg.options.sack) for seg in segments]
