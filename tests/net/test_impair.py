"""Dice: seeded, one draw a segment, each kind alone."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcplab.net.errors import NetError
from tcplab.net.impair import MILLION, Burst, Dice, Die, Settings, bound, chance, spread
from tcplab.net.link import changed


def test_a_stream_is_seeded_with_seed_direction_and_kind():
    die = Dice(7, "client>server").dies["loss"]
    assert [die.draw(n) for n in (1, 2, 3)] == [Random("7/client>server/loss").getrandbits(64) for _ in range(1)] + \
        _tail("7/client>server/loss", 2)


def _tail(seed, n):
    stream = Random(seed)
    stream.getrandbits(64)
    return [stream.getrandbits(64) for _ in range(n)]


def test_a_stream_left_alone_is_caught_up():
    one, two = Die("x"), Die("x")
    every = [one.draw(n) for n in range(1, 101)]
    assert [two.draw(5), two.draw(6), two.draw(100)] == [every[4], every[5], every[99]]


def test_a_copy_goes_its_own_way():
    die = Die("x")
    die.draw(1)
    twin = die.copy()
    assert [die.draw(2), die.draw(3)] == [twin.draw(2), twin.draw(3)]


def test_switching_one_kind_on_leaves_the_others_alone():
    alone = [Dice(1, "d").roll(n, Settings(loss=200_000)).lost for n in range(1, 2)]
    dice, both = Dice(1, "d"), Dice(1, "d")
    quiet = [dice.roll(n, Settings(loss=200_000)).lost for n in range(1, 500)]
    busy = Settings(loss=200_000, jitter=5, reorder=1000, duplicate=300_000, corrupt=9999, burst=Burst(1, MILLION, 0))
    loud = [both.roll(n, busy if n % 3 else Settings(loss=200_000)).lost for n in range(1, 500)]
    assert quiet == loud and quiet[:1] == alone


def test_chances_come_out():
    dice = Dice(3, "d")
    fates = [dice.roll(n, Settings(loss=100_000, reorder=500_000, duplicate=10_000)) for n in range(1, 20_001)]
    assert 1850 < sum(bool(fate.lost) for fate in fates) < 2150
    assert 9700 < sum(fate.ahead for fate in fates) < 10_300
    assert 150 < sum(fate.twice for fate in fates) < 250


@pytest.mark.parametrize("draw", [0, 2**64 - 1, 2**63])
def test_never_and_always(draw):
    assert not chance(draw, 0) and chance(draw, MILLION)


def test_bursts_cluster():
    """Gilbert: p 1 %, r 25 % loses about 1/26 of the segments, in runs of four on average."""
    dice, settings = Dice(1, "d"), Settings(burst=Burst(10_000, 250_000))
    lost = [bool(dice.roll(n, settings).lost) for n in range(1, 40_001)]
    runs = sum(now and not before for before, now in zip([False, *lost], lost, strict=False))
    assert 0.030 < sum(lost) / len(lost) < 0.048
    assert 3.3 < sum(lost) / runs < 4.7


def test_every_nth():
    dice = Dice(1, "d")
    assert [n for n in range(1, 13) if dice.roll(n, Settings(every=4)).lost] == [4, 8, 12]


@pytest.mark.parametrize("shape", ["uniform", "normal", "pareto"])
def test_spread_is_centred_and_integer(shape):
    stream = Random("spread")
    values = [spread(stream.getrandbits(64), 1000, shape) for _ in range(20_000)]
    assert all(isinstance(value, int) for value in values)
    assert abs(sum(values)) < 20_000 * 60
    if shape == "uniform":
        assert min(values) >= -1000 and max(values) <= 1000
    if shape == "normal":
        assert 0.66 < sum(abs(value) <= 1000 for value in values) / 20_000 < 0.71
    if shape == "pareto":
        assert min(values) >= -578 and max(values) > 3000





@pytest.mark.parametrize("setting, values, text", [
    ("los", (1,), "has no setting"), ("loss", (MILLION + 1,), "0 to 1000000"), ("loss", (0.5,), "whole number"),
    ("delay", (-1,), "delay must be"), ("delay", (1, 1, "gauss"), "uniform, normal, pareto"), ("mtu", (20,), "MTU"),
    ("rate", (1, 0), "limit must be"), ("delay", (), "takes 1 to 3"), ("gemodel", (1, 2_000_000), "gemodel"),
    ("loss", (True,), "whole number"),
])
def test_a_wrong_setting_says_what_would_be_right(setting, values, text):
    with pytest.raises(NetError, match=text):
        changed(Settings(), setting, values)


def test_delay_without_jitter_takes_jitter_away():
    settings = changed(Settings(), "delay", (5, 2, "normal"))
    assert (settings.jitter, settings.distribution) == (2, "normal")
    assert changed(settings, "delay", (7,)).jitter == 0


@given(st.integers(0, MILLION), st.integers(0, (1 << 32) - 1), st.integers(-2, 2))
def test_the_bound_of_a_chance_says_what_the_chance_says(ppm, upper, near):
    for draw in (upper << 32 | 7, min(max(bound(ppm) + near, 0), (1 << 64) - 1)):
        assert (draw < bound(ppm)) == chance(draw, ppm)
