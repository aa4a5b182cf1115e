"""Units: exact, with a unit where one is needed, and back again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcplab.notation.errors import NotationError, printable, suggest
from tcplab.notation.units import (
    format_percent,
    format_rate,
    format_size,
    format_time,
    parse_percent,
    parse_rate,
    parse_size,
    parse_time,
)


@pytest.mark.parametrize(
    ("text", "ns"),
    [("50ms", 50_000_000), ("1.5 s", 1_500_000_000), ("2min", 120 * 10**9), ("0s", 0), ("7ns", 7), ("0.1us", 100),
     ("3µs", 3000)],
)  # fmt: skip
def test_times(text, ns):
    assert parse_time(text) == ns


@pytest.mark.parametrize(
    ("text", "size"), [("1000", 1000), ("100kB", 100_000), ("4 KiB", 4096), ("1.5MB", 1_500_000), ("3B", 3)]
)
def test_sizes(text, size):
    assert parse_size(text) == size


def test_rates_and_chances():
    assert parse_rate("10mbit") == 10_000_000
    assert parse_rate("1.5kbit") == 1500
    assert parse_percent("5%") == 50_000
    assert parse_percent("0.0001 %") == 1
    assert parse_percent("100%") == 1_000_000


@pytest.mark.parametrize(
    ("parse", "text", "column", "word"),
    [
        (parse_time, "50", 2, "unit"),
        (parse_time, "50sec", 2, "unit"),
        (parse_time, "fast", 0, "number"),
        (parse_time, "-5s", 0, "number"),
        (parse_time, "0.5ns", 0, "finer"),
        (parse_time, "9" * 30 + "s", 0, "large"),
        (parse_time, "1e5s", 0, "number"),
        (parse_time, "١s", 0, "number"),
        (parse_time, "1" * 100, 0, "number"),
        (parse_size, "10 kb", 3, "unit"),
        (parse_size, "0.5", 0, "finer"),
        (parse_rate, "10", 2, "unit"),
        (parse_percent, "5", 1, "percent"),
        (parse_percent, "101%", 0, "100%"),
        (parse_percent, "", 0, "number"),
    ],
)
def test_errors_say_where(parse, text, column, word):
    with pytest.raises(NotationError) as caught:
        parse(text)
    assert word in str(caught.value)
    assert caught.value.column == column


def test_did_you_mean():
    with pytest.raises(NotationError) as caught:
        parse_size("10 kb")
    assert caught.value.cure == "Did you mean 'kB'?"
    assert suggest("snd_nxtt", ["snd_nxt", "rcv_nxt"]) == " Did you mean 'snd_nxt'?"
    assert suggest("zzz", ["snd_nxt"]) == ""


@given(st.integers(0, 10**15))
def test_every_value_survives_writing_and_reading(value):
    assert parse_time(format_time(value)) == value
    assert parse_time(format_time(value, " ")) == value
    assert parse_size(format_size(value)) == value
    assert parse_rate(format_rate(value)) == value
    assert parse_percent(format_percent(value % 1_000_001)) == value % 1_000_001


def test_formats():
    assert format_time(50_000_000) == "50ms"
    assert format_time(60 * 10**9, " ") == "60 s"
    assert format_time(-1_500_000) == "-1.5ms"
    assert format_size(100_000) == "100kB"
    assert format_rate(10_000_000) == "10mbit"
    assert format_percent(50_000) == "5%"


@given(st.text(max_size=40))
def test_no_text_raises_anything_else(text):
    for parse in (parse_time, parse_size, parse_rate, parse_percent):
        try:
            parse(text)
        except NotationError as error:
            assert 0 <= error.column <= max(len(text), 1)


def test_messages_carry_no_control_characters():
    assert printable("\x1b[31mred\u202e\x07") == "?[31mred??"
    assert len(printable("x" * 500)) == 60
