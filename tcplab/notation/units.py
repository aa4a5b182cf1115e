"""Times, sizes, rates and chances as a person writes them, and back. Integers and exact decimals, no floats.

Times are ns and always need a unit; sizes are bytes (kB = 1000, KiB = 1024, a bare number is bytes); rates are
bit/s; chances are parts per million.
"""

from __future__ import annotations

import re

from .errors import NotationError, OutOfRange, printable, suggest

#: Unit -> ns. Minutes are spelt `min`, because `m` is metres to half of all readers.
TIME_UNITS = {"ns": 1, "us": 1_000, "ms": 1_000_000, "s": 1_000_000_000, "min": 60_000_000_000}
#: Unit -> bytes.
SIZE_UNITS = {
    "B": 1, "bytes": 1, "byte": 1,
    "kB": 10**3, "KiB": 2**10, "MB": 10**6, "MiB": 2**20, "GB": 10**9, "GiB": 2**30,
}  # fmt: skip
#: Unit -> bit/s.
RATE_UNITS = {"bit": 1, "kbit": 10**3, "mbit": 10**6, "gbit": 10**9}

#: The largest number of base units accepted anywhere: thirty years of ns, more bytes than a lab can send.
LARGEST = 10**18

_QUANTITY = re.compile(r"\s*([0-9]+)(?:\.([0-9]+))?(\s*)([A-Za-zµ%/]*)\s*")


def split_quantity(text: str) -> tuple[int, int, str]:
    """``"1.5 ms"`` -> (15, 10, "ms"): numerator, denominator, unit. Raises NotationError if it is no number."""
    match = _QUANTITY.fullmatch(text) if len(text) <= 60 else None
    if match is None:
        column = len(text) - len(text.lstrip())
        raise NotationError(f"{printable(text.strip())!r} is not a number with a unit.", column)
    whole, decimals, _, unit = match.groups()
    decimals = decimals or ""
    return int(whole + decimals), 10 ** len(decimals), unit


def _scaled(text: str, units: dict[str, int], what: str, bare: int | None, example: str) -> int:
    top, bottom, unit = split_quantity(text)
    at_unit = text.find(unit) if unit else len(text.rstrip())
    if not unit:
        if bare is None:
            raise NotationError(f"A {what} needs a unit.", at_unit, f"Write for example {text.strip()}{example}.")
        scale = bare
    elif unit in units:
        scale = units[unit]
    else:
        names = ", ".join(units)
        raise NotationError(
            f"{printable(unit)!r} is not a unit of {what}; known are {names}.", at_unit, suggest(unit, units).strip()
        )
    value, rest = divmod(top * scale, bottom)
    if rest:
        raise NotationError(f"{printable(text.strip())!r} is finer than a {what} can be.", 0)
    if value > LARGEST:
        raise NotationError(f"{printable(text.strip())!r} is too large.", 0)
    return value


def parse_time(text: str) -> int:
    """``50ms``, ``1.5 s``, ``2min`` -> ns. Raises NotationError; a number without a unit is an error."""
    return _scaled(text.replace("µs", "us"), TIME_UNITS, "time", None, "ms")


def parse_size(text: str) -> int:
    """``1000``, ``100kB``, ``4 KiB`` -> bytes. Raises NotationError."""
    return _scaled(text, SIZE_UNITS, "size", 1, "kB")


def parse_rate(text: str) -> int:
    """``10mbit`` -> bit/s; the unit is needed. Raises NotationError."""
    return _scaled(text, RATE_UNITS, "rate", None, "mbit")


def parse_percent(text: str) -> int:
    """``5%``, ``0.01 %`` -> parts per million, 0 to 1,000,000; the sign is needed. Raises NotationError."""
    top, bottom, unit = split_quantity(text)
    if unit != "%":
        at_unit = text.find(unit) if unit else len(text.rstrip())
        raise NotationError("A chance is written in percent.", at_unit, f"Write for example {text.split('%')[0]}%.")
    value, rest = divmod(top * 10_000, bottom)
    if rest:
        raise OutOfRange(f"{printable(text.strip())!r} is finer than a millionth.", 0)
    if value > 1_000_000:
        raise OutOfRange(f"{printable(text.strip())!r} is too much.", 0, "Percent go from 0% to 100%.")
    return value


def decimal(value: int, scale: int) -> str:
    """``value / scale`` written exactly, for a `scale` that is a power of ten: (1500, 1000) -> ``1.5``."""
    sign, value = ("-", -value) if value < 0 else ("", value)
    whole, rest = divmod(value, scale)
    if not rest:
        return f"{sign}{whole}"
    places = len(str(scale)) - 1
    return f"{sign}{whole}." + str(rest).zfill(places).rstrip("0")


def format_time(ns: int, gap: str = "") -> str:
    """ns as the largest fitting unit of ns us ms s, exactly; `gap` goes between number and unit."""
    size = abs(ns)
    for unit in ("s", "ms", "us"):
        if size >= TIME_UNITS[unit]:
            return decimal(ns, TIME_UNITS[unit]) + gap + unit
    return f"{ns}{gap}ns" if ns else f"0{gap}s"


def format_size(size: int, gap: str = "") -> str:
    """Bytes as ``100kB`` when that is exact, else as a bare number."""
    for unit in ("GB", "MB", "kB"):
        if size and size % SIZE_UNITS[unit] == 0:
            return f"{size // SIZE_UNITS[unit]}{gap}{unit}"
    return str(size)


def format_rate(rate: int, gap: str = "") -> str:
    """bit/s as the largest unit that it reaches, exactly."""
    for unit in ("gbit", "mbit", "kbit"):
        if rate >= RATE_UNITS[unit]:
            return decimal(rate, RATE_UNITS[unit]) + gap + unit
    return f"{rate}{gap}bit"


def format_percent(ppm: int, gap: str = "") -> str:
    """Parts per million as percent, exactly."""
    return decimal(ppm, 10_000) + gap + "%"
