"""The kinds of value an expression computes with: sequence numbers that wrap, times, and the unknown."""

from __future__ import annotations

from fractions import Fraction

from .units import decimal, format_time

MOD32 = 1 << 32
_HALF = 1 << 31


class Seq(int):
    """A sequence number: a point on the circle of 2**32 (RFC 9293 section 3.4).

    ``seq + n`` and ``seq - n`` wrap; ``seq - seq`` is the signed distance, -2**31 .. 2**31-1; comparison asks which
    point comes first on the shorter way round. A plain integer beside a Seq counts as a sequence number.
    """

    __slots__ = ()

    def __new__(cls, value: int) -> Seq:
        return super().__new__(cls, value % MOD32)

    def distance(self, other: int) -> int:
        """How far this number lies behind `other`, positive if it comes later."""
        return (int(self) - int(other) + _HALF) % MOD32 - _HALF

    def __add__(self, other: int) -> Seq:
        return Seq(int(self) + int(other))

    __radd__ = __add__

    def __sub__(self, other: int) -> int:
        return self.distance(other) if isinstance(other, Seq) else Seq(int(self) - int(other))

    def __rsub__(self, other: int) -> int:
        return -self.distance(other)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, int) and not isinstance(other, bool) and int(self) == int(other) % MOD32

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = int.__hash__

    def __lt__(self, other: int) -> bool:
        return self.distance(other) < 0

    def __le__(self, other: int) -> bool:
        return self.distance(other) <= 0

    def __gt__(self, other: int) -> bool:
        return self.distance(other) > 0

    def __ge__(self, other: int) -> bool:
        return self.distance(other) >= 0


class Duration(int):
    """A virtual time or a span of it, in ns. Sums and multiples stay times."""

    __slots__ = ()

    def __add__(self, other: int) -> Duration:
        return Duration(int(self) + int(other))

    __radd__ = __add__

    def __sub__(self, other: int) -> Duration:
        return Duration(int(self) - int(other))

    def __rsub__(self, other: int) -> Duration:
        return Duration(int(other) - int(self))

    def __neg__(self) -> Duration:
        return Duration(-int(self))

    def __abs__(self) -> Duration:
        return Duration(abs(int(self)))


class Unknown:
    """A value that does not exist yet, such as SND.UNA before a connection: no comparison with it is true."""

    _only: Unknown | None = None

    def __new__(cls) -> Unknown:
        if cls._only is None:
            cls._only = super().__new__(cls)
        return cls._only

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "unknown"

    def __reduce__(self) -> tuple:
        return (Unknown, ())


UNKNOWN = Unknown()


def format_value(value: object) -> str:
    """A value as a text shows it: times with a unit, an en dash for what is not known."""
    if value is None or value is UNKNOWN:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Duration):
        return format_time(value, " ")
    if isinstance(value, Fraction):
        return decimal(round(value * 1000), 1000)
    if isinstance(value, tuple):
        return ", ".join(format_value(item) for item in value)
    return str(value)
