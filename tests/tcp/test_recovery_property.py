"""Every engine with and without SACK, timestamps and the rest: every byte arrives, in bounded time."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from tcplab.tcp import PROFILES
from tests.support.pair import MS, Pair, S, dice
from tests.tcp.test_property import WRAPS, Apps, all_told, drive

ENGINES = ("reno", "newreno", "sack", "rack")

knobs = some.fixed_dictionaries({
    "sack": some.booleans(), "timestamps": some.booleans(), "wscale": some.booleans(), "prr": some.booleans(),
    "frto": some.booleans(), "limited_transmit": some.booleans(), "delack": some.booleans(), "nagle": some.booleans(),
    "iw": some.sampled_from([None, 1, 3, 10]), "recovery": some.sampled_from(ENGINES),
    "congestion": some.sampled_from(["reno", "fixed"]), "mss": some.sampled_from([60, 100, 536, 1460]),
    "rcvbuf": some.sampled_from([300, 4000, 65535, 100_000, 1 << 20]), "iss": some.sampled_from(WRAPS),
    "rto_min_ns": some.sampled_from([1, 200 * MS, S]), "msl_ns": some.just(0),
})


def config(chosen):
    return replace(PROFILES["rfc"], r2=None, r2_syn=None, user_timeout_ns=None, sndbuf=65535, **chosen)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(a=knobs, b=knobs, seed=some.integers(0, 2**32), amounts=some.tuples(*[some.integers(0, 12_000)] * 2),
       loss=some.sampled_from([0, 0.02, 0.1, 0.3]), dup=some.sampled_from([0, 0.2]),
       jitter=some.sampled_from([0, 5 * MS, 80 * MS, 400 * MS]))
def test_every_byte_arrives_whatever_the_knobs(a, b, seed, amounts, loss, dup, jitter):
    pair = Pair(config(a), config(b), accident=dice(f"wire {seed}", loss, dup, jitter), reading=False)
    apps = Apps(f"apps {seed}", {"a": amounts[0], "b": amounts[1]})
    pair.b.open_passive(0)
    pair.a.open_active(pair.b.local, 0)
    drive(pair, apps)
    all_told(pair, apps)
    assert pair.now < 24 * 3600 * S


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("sack", [False, True])
@pytest.mark.parametrize("timestamps", [False, True])
@pytest.mark.parametrize("congestion", ["reno", "fixed"])
def test_each_engine_ends_soon_under_loss_reordering_and_duplication(engine, sack, timestamps, congestion):
    for seed in range(3):
        chosen = replace(PROFILES["modern"], recovery=engine, sack=sack, timestamps=timestamps, congestion=congestion,
                         user_timeout_ns=None, msl_ns=0)
        pair = Pair(chosen, delay=10 * MS, accident=dice(f"{engine} {seed}", 0.02, 0.01, 3 * MS)).connect()
        text = bytes(range(256)) * 800
        pair.a.send(text, pair.now)
        pair.run(until=lambda pair=pair, text=text: len(pair.got["b"]) == len(text))
        assert bytes(pair.got["b"]) == text
        assert pair.now < 60 * S
        view = pair.a.status()
        assert view.bytes_sent == len(text)
