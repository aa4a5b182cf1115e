"""What a drill script says, ready to be played. All of it frozen; times are ns, numbers relative to the SYNs."""

from __future__ import annotations

from dataclasses import dataclass

from tcplab.notation.expr import Expr
from tcplab.tcp import Config, flag_letters

#: A value of an option that may be anything.
ANY = None


@dataclass(frozen=True, slots=True)
class When:
    """A time: `low` to `high` ns, counted from the line before (`relative`) or from the start; `any` whenever."""

    low: int = 0
    high: int = 0
    relative: bool = True
    any: bool = False


@dataclass(frozen=True, slots=True)
class Packet:
    """A segment as written. None where nothing was said; `options` maps a kind to its value, None for ``<...>``."""

    arrives: bool
    flags: int
    seq: int
    length: int
    ack: int | None = None
    win: int | None = None
    urg: int | None = None
    options: tuple[tuple[str, object], ...] | None = ()

    def __str__(self) -> str:
        words = ["<" if self.arrives else ">", "-" if not self.flags else flag_letters(self.flags),
                 f"{self.seq}:{self.seq + self.length}({self.length})"]
        words += [f"{name} {value}" for name, value in (("ack", self.ack), ("win", self.win), ("urg", self.urg))
                  if value is not None]
        if self.options is None:
            words.append("<...>")
        elif self.options:
            words.append("<" + ",".join(option_text(*option) for option in self.options) + ">")
        return " ".join(words)


def option_text(kind: str, value: object) -> str:
    """An option as a script writes it."""
    if kind == "TS":
        val, ecr = ("any" if part is ANY else part for part in value)
        return f"TS val {val} ecr {ecr}"
    if kind == "sack":
        return "sack " + " ".join(f"{left}:{right}" for left, right in value)
    if kind == "unknown":
        return f"unknown {value[0]} {value[1].hex()}".rstrip()
    return kind if value is True else f"{kind} {'any' if value is ANY else value}"


@dataclass(frozen=True, slots=True)
class Call:
    """A user call: `name` of the player's, its `args`, and the `result` looked for: a number, an error, or anything.

    `error` is what the call must fail with: words of the RFC, or an errno name such as EAGAIN.
    """

    name: str
    args: tuple = ()
    result: int | None = None
    error: str | None = None
    shown: str = ""


@dataclass(frozen=True, slots=True)
class Assert:
    """An expression that must hold."""

    expr: Expr


@dataclass(frozen=True, slots=True)
class Nothing:
    """Time passes; if `strict`, nothing unexpected may have been sent."""

    strict: bool = True


@dataclass(frozen=True, slots=True)
class Setting:
    """A turned knob (`name` is a field of Config), or with `config` a whole profile."""

    name: str
    value: object = None
    config: Config | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One line: where it stands, when, and what."""

    line: int
    when: When
    what: Packet | Call | Assert | Nothing | Setting
    text: str


@dataclass(frozen=True, slots=True)
class Case:
    """One run of an endpoint: its steps, and the requirements it proves. `tolerance` is ns."""

    name: str
    line: int
    reqs: tuple[str, ...]
    steps: tuple[Step, ...]
    tolerance: int = 0


@dataclass(frozen=True, slots=True)
class Script:
    """A file: at least one case."""

    path: str
    cases: tuple[Case, ...]
