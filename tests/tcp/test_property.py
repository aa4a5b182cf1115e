"""Whatever the wire does short of falling silent for good, every byte arrives once and in order and both ends close."""

import random
from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from tcplab.tcp import PROFILES, Config, State
from tests.support.pair import MS, Pair, dice

WRAPS = (0, 1, 1000, 2**31 - 1, 2**31, 2**31 + 1, 2**32 - 2, 2**32 - 1, 2**32 - 300)

configs = some.builds(
    lambda base, **kw: replace(PROFILES[base], r2=None, r2_syn=None, user_timeout_ns=None, **kw),
    some.sampled_from(["first-lessons", "rfc"]),
    mss=some.sampled_from([50, 100, 536, 1460]),
    rcvbuf=some.sampled_from([20, 60, 300, 1000, 4000, 65535]),
    sndbuf=some.sampled_from([100, 1000, 65535]),
    nagle=some.booleans(),
    minshall=some.booleans(),
    delack=some.booleans(),
    congestion=some.sampled_from(["reno", "fixed", "cubic", "tahoe"]), hystart=some.booleans(),
    iss=some.sampled_from(WRAPS),
    msl_ns=some.sampled_from([0, 1000 * MS]),
)


class Apps:
    """Both sides write what they have in pieces of random size, read in pieces of random size, and close when done."""

    def __init__(self, seed: str, amounts: dict[str, int]) -> None:
        self.rng = random.Random(seed)
        self.todo = {name: bytes(self.rng.getrandbits(8) for _ in range(n)) for name, n in amounts.items()}
        self.told = dict(self.todo)
        self.closed = {"a": False, "b": False}

    def __call__(self, pair: Pair) -> None:
        for name, end in pair.ends.items():
            if end.readable and self.rng.random() < 0.7:
                pair.got[name] += end.receive(1 + int(self.rng.random() * 2 * end.readable), pair.now)
            if end.state not in (State.SYN_SENT, State.ESTABLISHED, State.CLOSE_WAIT) or self.closed[name]:
                continue
            if self.todo[name]:
                piece = self.todo[name][: 1 + int(self.rng.random() * 700)]
                taken = end.send(piece, pair.now, push=self.rng.random() < 0.5)
                self.todo[name] = self.todo[name][taken:]
            elif end.state is not State.SYN_SENT:
                end.close(pair.now)
                self.closed[name] = True

    def can_act(self, pair: Pair) -> bool:
        """Whether a program that slept would find something to do now."""
        return any(end.readable or (not self.closed[name] and end.state in (State.ESTABLISHED, State.CLOSE_WAIT)
                                    and (end.writable or not self.todo[name]))
                   for name, end in pair.ends.items())


def drive(pair: Pair, apps: Apps, limit: int = 60_000) -> None:
    """Run to the end; a program that has something to do wakes every 50 ms of silence."""
    pair.on_step = apps
    for _ in range(limit):
        if pair.a.gone and pair.b.gone and not pair.wire:
            return
        at = pair.next_at()
        if (at is None or at > pair.now + 50 * MS) and apps.can_act(pair):
            pair.now += 50 * MS
            apps(pair)
            pair.pump()
        else:
            pair.step()
        check(pair, apps)
    raise AssertionError(f"no end: {pair.a.status()} {pair.b.status()}")


def all_told(pair: Pair, apps: Apps) -> None:
    """What holds at the end: each has got what the other told, once and in order, and both are closed."""
    for name, from_name in (("a", "b"), ("b", "a")):
        end = pair.ends[name]
        pair.got[name] += end.receive(end.readable, pair.now) if end.readable else b""
        assert bytes(pair.got[name]) == apps.told[from_name]
        assert end.error is None and end.state is State.CLOSED
        assert end.status().bytes_received == len(apps.told[from_name])
        assert pair.ends[from_name].status().bytes_sent == len(apps.told[from_name])


def check(pair: Pair, apps: Apps) -> None:
    """What holds at every step."""
    for end in pair.ends.values():
        tcb = end.tcb
        assert tcb.iss is None or tcb.snd_una <= tcb.snd_nxt
        assert len(tcb.unread) <= tcb.config.rcvbuf
        assert tcb.gone or len(tcb.queue.text) <= tcb.config.sndbuf


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(config=configs, other=configs, seed=some.integers(0, 2**32), amounts=some.tuples(*[some.integers(0, 6000)] * 2),
       loss=some.sampled_from([0, 0, 0.1, 0.3]), dup=some.sampled_from([0, 0.2]),
       jitter=some.sampled_from([0, 5 * MS, 80 * MS]), both_open=some.booleans())
def test_every_byte_once_in_order_and_both_close(config, other, seed, amounts, loss, dup, jitter, both_open):
    pair = Pair(config, other, accident=dice(f"wire {seed}", loss, dup, jitter), reading=False)
    apps = Apps(f"apps {seed}", {"a": amounts[0], "b": amounts[1]})
    if both_open:
        pair.b.open_active(pair.a.local, 0)  # RFC 9293 3.5 [MUST-10]
    else:
        pair.b.open_passive(0)
    pair.a.open_active(pair.b.local, 0)
    drive(pair, apps)
    all_told(pair, apps)


@settings(max_examples=25, deadline=None)
@given(seed=some.integers(0, 2**32), loss=some.sampled_from([0, 0.2]), iss=some.sampled_from(WRAPS))
def test_the_right_edge_never_moves_left(seed, loss, iss):  # RFC 9293 3.8.6 [SHLD-14]
    config = replace(Config(), rcvbuf=3000, mss=500, iss=iss, r2=None, user_timeout_ns=None, msl_ns=0)
    pair = Pair(config, accident=dice(f"wire {seed}", loss), reading=False)
    pair.b.open_passive(0)
    pair.a.open_active(pair.b.local, 0)
    drive(pair, Apps(f"apps {seed}", {"a": 9000, "b": 100}))
    first = {"a": pair.b.status().iss, "b": pair.a.status().iss}
    for name in ("a", "b"):
        edges = [((seg.ack - first[name]) & 0xFFFFFFFF) + seg.wnd for seg in pair.sent(name) if seg.letters[-1:] == "."]
        assert edges == sorted(edges)
