"""The settings of the link as fields of a form: how each is shown, what it does, which command sets it.

Every field has a letter: after the key for the link it sets the field to `on`, and back to `off` when it is so already.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from tcplab.net.impair import DISTRIBUTIONS
from tcplab.net.link import UNREACHABLES
from tcplab.net.views import DirectionView
from tcplab.notation.units import format_percent, format_rate, format_time


class Field(NamedTuple):
    """One setting: `gloss` says what it does to segments, `short` in 28 cells; `write` makes the words of its command.

    `on` is a telling value and `off` the harmless one, both as they are typed; `words` are all there are, if few.
    """

    key: str
    letter: str
    label: str
    on: str
    off: str
    short: str
    gloss: str
    write: Callable[[DirectionView, str], str]
    words: tuple[str, ...] = ()

    @property
    def example(self) -> str:
        return self.on


def _delay(way: DirectionView, typed: str) -> str:
    jitter = f" jitter {format_time(way.jitter)}" if way.jitter else ""
    return f"delay {typed}{jitter}"


def _simple(words: str) -> Callable[[DirectionView, str], str]:
    return lambda way, typed: f"{words} {typed}"


FIELDS: tuple[Field, ...] = (
    Field("delay", "d", "delay", "200ms", "50ms", "how long a crossing takes",
          "how long each segment takes to cross", _delay),
    Field("loss", "l", "loss", "10%", "0%", "chance to be lost",
          "chance that a segment is lost, each for itself", _simple("loss")),
    Field("reorder", "o", "reorder", "25%", "0%", "chance to overtake others",
          "chance that a segment goes ahead without delay", _simple("reorder")),
    Field("duplicate", "u", "duplicate", "10%", "0%", "chance to arrive twice",
          "chance that a segment arrives twice", _simple("duplicate")),
    Field("corrupt", "c", "corrupt", "10%", "0%", "chance that one bit flips",
          "chance that one bit flips; checksums tell the receiver",
          _simple("corrupt")),
    Field("jitter", "j", "jitter", "20ms", "0s", "how much that varies",
          "how much that varies, so that segments may overtake",
          lambda way, typed: f"delay {format_time(way.delay)} jitter {typed}"),
    Field("distribution", "s", "shape", "normal", "uniform", "how the jitter spreads",
          "how the jitter spreads: uniform, normal, pareto",
          lambda way, typed: f"delay {format_time(way.delay)} jitter {format_time(way.jitter)} distribution {typed}",
          DISTRIBUTIONS),
    Field("gemodel", "g", "bursts", "5% 50%", "off", "losses in bursts: p, r",
          "losses in bursts: chance that one begins, that it ends",
          _simple("loss gemodel")),
    Field("every", "n", "every nth", "5", "0", "loses each n-th segment",
          "loses each n-th segment, by count and not by chance",
          _simple("loss every")),
    Field("rate", "r", "rate", "1mbit", "0bit", "bits per second that fit",
          "bits per second that fit through; the rest waits in the queue",
          _simple("rate")),
    Field("limit", "q", "queue", "10", "1000", "may wait for the rate",
          "segments that may wait for the rate; more are dropped",
          _simple("limit")),
    Field("ecn", "e", "ECN mark", "3", "0", "marks when so many wait",
          "marks segments instead when so many wait before them; 0: never",
          _simple("ecn")),
    Field("mtu", "m", "MTU", "300", "0", "longest packet in bytes",
          "longest packet in bytes; longer ones are dropped and reported; 0: any",
          _simple("mtu")),
    Field("up", "k", "line", "down", "up", "cut it, mend it",
          "cut: everything that enters is lost", lambda way, typed: typed,
          ("up", "down")),
    Field("unreachable", "x", "unreach.", "host", "off", "a router answers all",
          "a router answers each segment with an ICMP error",
          _simple("unreachable"), ("off", *UNREACHABLES)),
)

BY_LETTER: dict[str, Field] = {field.letter: field for field in FIELDS}
BY_KEY: dict[str, Field] = {field.key: field for field in FIELDS}


def shown(way: DirectionView, key: str) -> str:
    """A setting as it is typed in a command, or in a word."""
    value = getattr(way, key)
    if key in ("delay", "jitter"):
        return format_time(value)
    if key == "gemodel":
        chances = list(value)
        for usual in (0, 1_000_000):
            if len(chances) > 2 and chances[-1] == usual:
                chances.pop()
            else:
                break
        return " ".join(map(format_percent, chances)) or "off"
    if key == "rate":
        return format_rate(value) if value else "no limit"
    if key == "mtu":
        return str(value or "any")
    if key in ("every", "ecn"):
        return str(value or "off")
    if key == "limit":
        return str(value) if value else "–"
    if key == "up":
        return "up" if value else "DOWN"
    if key in ("distribution", "unreachable"):
        return value or "off"
    return format_percent(value)


def harmless(way: DirectionView, key: str) -> bool:
    """Whether a setting does nothing: a queue matters only where there is a rate, a shape where there is jitter."""
    if key == "limit" and not way.rate:
        return True
    if key == "distribution" and not way.jitter:
        return True
    return shown(way, key) in ("0%", "0s", "no limit", "–", "up", "off", "any")


def command(field: Field, typed: str, ways: Sequence[DirectionView], column: int = 0) -> str:
    """The command line that sets a field to `typed`; `column` 0 means every direction, else the one of that number."""
    typed = typed.strip()
    if column:
        way = ways[column - 1]
        return f"link {field.write(way, typed)} from {way.src}"
    written = [field.write(way, typed) for way in ways]
    if len(set(written)) == 1:
        return f"link {written[0]}"
    # What goes with it differs by direction: each keeps its own.
    return "; ".join(f"link {words} from {way.src}" for words, way in zip(written, ways, strict=True))


def toggled(field: Field, ways: Sequence[DirectionView], column: int = 0) -> str:
    """The value that a field's letter gives: `on`, unless it is just that everywhere in the column."""
    chosen = ways if not column else ways[column - 1 : column]
    is_on = all(same(field, way, field.on) for way in chosen)
    return field.off if is_on else field.on


def same(field: Field, way: DirectionView, typed: str) -> bool:
    """Whether a direction has the value `typed` already."""
    return shown(way, field.key).lower() == typed.lower()
