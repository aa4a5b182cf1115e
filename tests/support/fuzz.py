"""`make fuzz N=... SEED=...`: a plain seeded loop of mutated segments over all states.

Nothing may raise, every move must be a row of the table, what is stored must stay within the buffers, and a RST is
never answered with a RST. One process for each processor; prints how many segments a second they looked at, and by how
much the memory grew after the first tenth.
"""

from __future__ import annotations

import copy
import multiprocessing
import os
import random
import resource
import sys
import time
from dataclasses import replace

from tcplab.tcp import ACK, RST, SYN, Endpoint, Event, Options, Segment, State, TcpError, transition
from tcplab.tcp.icmp import IcmpError
from tests.conformance.scenes import CONFIG, SCENES
from tests.support import states as st

#: Windows, urgent pointers and lengths worth trying.
WINDOWS = (0, 1, 99, 100, 300, 4000, 32768, 65535)
LENGTHS = (0, 0, 0, 1, 2, 50, 100, 299, 300, 301, 1460)
NEAR = (-2, -1, 0, 1, 2)
OPTIONS = (Options(), Options(mss=0), Options(mss=1), Options(mss=100), Options(mss=65535), Options(wscale=255),
           Options(sack_permitted=True), Options(ts=(1, 2)), Options(ts=(2**32 - 1, 2**32 - 1)),
           Options(sack=((1, 2), (5, 1))), Options(unknown=((253, b"xyz"),)))
TEXT = bytes(1460)
#: The knobs that turn ways of the endpoint which the scenes do not take.
CONFIGS = (CONFIG, CONFIG, *(replace(CONFIG, **change) for change in (
    {"renege": True, "abort_time_wait": True, "rst_echo": True},
    {"congestion": "cubic", "recovery": "rack", "frto": True, "prr": True, "limited_transmit": True},
    {"congestion": "tahoe", "recovery": "newreno", "pmtud": True, "rfc6191": True},
    {"congestion": "reno", "recovery": "newreno", "ecn": True, "minshall": True, "keepalive_ns": 10**9})))
#: So many segments an endpoint lives, then a scene begins anew.
LIFE = 40
#: What a process may grow by after its first tenth.
MAX_GROWTH_KB = 32_000


class Broken(AssertionError):
    """Something that may never happen has happened."""


def reopened() -> st.Bench:
    """SYN-RECEIVED, with a TIME-WAIT behind it."""
    old = st.time_wait(config=CONFIG)
    bench = st.closed(config=CONFIG)
    bench.end.open_passive(0, None, old.end.reopen(old.seg(9999, SYN)))
    bench.give(9999, SYN)
    return bench.mark()


class Fuzzer:
    """A seeded walk: `steps` segments and calls were tried so far."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(f"fuzz/{seed}")
        self.scenes = [(name, build().end) for name, build in (*SCENES.items(), ("re-opened", reopened))]
        self.segments = self.calls = 0
        self.states: set[State] = set()

    def pick(self, values):
        return values[int(self.rng.random() * len(values))]

    def number(self, *near: int) -> int:
        """Near a number the endpoint knows, at an edge of the circle, or anywhere."""
        dice = self.rng.random()
        if dice < 0.8:
            return (self.pick(near) + self.pick(NEAR)) & 0xFFFFFFFF
        if dice < 0.9:
            return (self.pick(near) + int(self.rng.random() * 1000) - 500) & 0xFFFFFFFF
        return self.rng.getrandbits(32) if dice < 0.97 else self.pick((0, 2**31, 2**31 - 1, 2**32 - 1))

    def segment(self, tcb) -> Segment:
        flags = self.rng.getrandbits(8) if self.rng.random() < 0.4 else self.pick((ACK, ACK, ACK, 17, 16 | 8, 24, 1))
        edge = tcb.rcv_adv if tcb.irs is not None else 0
        return Segment(st.PEER[0], st.US[0], st.PEER[1], st.US[1], self.number(tcb.rcv_nxt, edge, tcb.irs or 0),
                       self.number(tcb.snd_una, tcb.snd_nxt, tcb.iss or 0) if flags & ACK else 0, flags,
                       self.pick(WINDOWS), TEXT[:self.pick(LENGTHS)],
                       self.pick(OPTIONS) if flags & SYN or self.rng.random() < 0.1 else OPTIONS[0],
                       self.rng.getrandbits(16) if self.rng.random() < 0.1 else 0)

    def life(self) -> None:
        """One endpoint from a drawn scene through LIFE segments, calls and timeouts."""
        _, first = self.pick(self.scenes)
        end = copy.deepcopy(first)
        end.configure(self.pick(CONFIGS), 0)
        at, now = end.state, 0
        for _ in range(LIFE):
            dice = self.rng.random()
            reset = False
            if dice < 0.85:
                seg = self.segment(end.tcb)
                reset = bool(seg.flags & RST)
                end.segment_arrives(seg, now)
                self.segments += 1
            elif dice < 0.95:
                self.call(end, now)
            else:
                now = max(now, end.next_timeout() or now)
                end.timeout(now)
            at = look(end, at, reset)
            self.states.add(at)

    def call(self, end: Endpoint, now: int) -> None:
        self.calls += 1
        try:
            which = int(self.rng.random() * 7)
            if which < 2:
                end.send(TEXT[:self.pick(LENGTHS)], now)
            elif which == 2:
                end.receive(self.pick(LENGTHS), now)
            elif which == 3:
                end.close(now)
            elif which == 4 and self.rng.random() < 0.2:
                end.abort(now)
            elif which == 5:
                end.open_passive(now)
            elif which == 6:
                kind, code = self.pick((("too-big", ""), ("unreachable", "host"), ("unreachable", "port")))
                quoted = self.number(end.tcb.snd_una, end.tcb.snd_nxt)
                end.icmp(IcmpError(kind, quoted, code, self.pick((0, 68, 90, 576, 9000))), now)
        except TcpError as error:
            if not error.message or not error.clause:
                raise Broken("an error without words") from error


def look(end: Endpoint, at: State, reset: bool) -> State:
    """Check what holds after every step; returns the state."""
    out = end.take_segments()
    for seg in out:
        if reset and seg.flags & RST:
            raise Broken("a RST was answered with a RST")
        if not (0 <= seg.seq < 1 << 32 and 0 <= seg.ack < 1 << 32 and 0 <= seg.wnd < 1 << 16):
            raise Broken(f"a number that does not fit: {seg}")
    for report in end.take_reports():
        if report.kind == "state":
            if report.get("from") != str(at):
                raise Broken(f"a move from {report.get('from')} in {at}")
            at = transition(State(report.get("from")), Event(report.get("event"))).target
    if end.state is not at:
        raise Broken(f"in {end.state} without a move from {at}")
    tcb = end.tcb
    if len(tcb.unread) + sum(map(len, tcb.reassembly.texts)) > tcb.config.rcvbuf:
        raise Broken("more is stored than RCV.BUFF holds")
    if len(tcb.queue.text) > tcb.config.sndbuf or len(tcb.queue.sent) > tcb.config.sndbuf + 2:
        raise Broken("more is queued than the send buffer holds")
    if tcb.snd_una > tcb.snd_nxt or len(out) > tcb.config.sndbuf + 2:
        raise Broken("SND.UNA is beyond SND.NXT")
    return at


def fuzz(count: int, seed: int) -> Fuzzer:
    """Try `count` segments. Raises Broken, or whatever the endpoint raised."""
    fuzzer = Fuzzer(seed)
    while fuzzer.segments < count:
        fuzzer.life()
    return fuzzer


def share(job: tuple[int, int]) -> tuple[int, int, int]:
    """One process's part: (segments, calls, kB by which the memory grew after the first tenth)."""
    count, seed = job
    fuzzer = fuzz(count // 10, seed)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    while fuzzer.segments < count:
        fuzzer.life()
    return fuzzer.segments, fuzzer.calls, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before


def main() -> int:
    count, seed = (int(word) for word in (sys.argv[1:3] + ["1000000", "1"][len(sys.argv) - 1:]))
    workers = os.cpu_count() or 1
    start = time.perf_counter()
    with multiprocessing.Pool(workers) as pool:
        parts = pool.map(share, [(-(-count // workers), seed * 1000 + n) for n in range(workers)], chunksize=1)
    took = time.perf_counter() - start
    segments, calls, grown = sum(part[0] for part in parts), sum(part[1] for part in parts), max(p[2] for p in parts)
    print(f"{segments} segments and {calls} calls, seed {seed}: nothing broke; {segments / took:.0f} segments/s, "
          f"memory grew by {grown} kB")
    return 1 if grown > MAX_GROWTH_KB else 0


if __name__ == "__main__":
    sys.exit(main())
