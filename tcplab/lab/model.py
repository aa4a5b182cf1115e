"""The shape of a lab file, key by key: what pydantic checks and the JSON Schema for editors says.

This is the file as written; `compile` makes the checked `Lab` of it. Unknown keys are errors everywhere.
"""

from __future__ import annotations

import os
from typing import Annotated, Any, Literal

# pydantic would search every installed package for plugins: 15 ms at each start, and foreign code in a grader.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "1")

from pydantic import (  # noqa: E402
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    WithJsonSchema,
    model_validator,
)

from tcplab.net.app import check_app, read_app  # noqa: E402
from tcplab.net.errors import NetError  # noqa: E402
from tcplab.notation.errors import NotationError  # noqa: E402
from tcplab.notation.units import parse_percent, parse_rate, parse_size, parse_time  # noqa: E402

from .picks import pick_value  # noqa: E402

#: The format this program reads; a file says it in its first key.
FORMAT = 1


def _text_of_number(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _on_off(value: object) -> object:
    known = {"on": True, "off": False, "yes": True, "no": False}
    if isinstance(value, str) and value in known:
        return known[value]
    if not isinstance(value, bool):
        raise NotationError("This is on or off.")
    return value


def _number_or_none(text: str) -> str:
    if text != "none" and not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise NotationError("This is a whole number, or none.")
    return text


def _four_chances(text: str) -> None:
    chances = text.split()
    if not 2 <= len(chances) <= 4:
        raise NotationError("This is two to four chances: gemodel: 1% 30%, or 1% 30% 100% 0%.")
    for chance in chances:
        parse_percent(chance)


def _listed(value: object) -> object:
    return [value] if isinstance(value, (str, int)) and not isinstance(value, bool) else value


def _hint(value: object) -> object:
    return {"text": value} if isinstance(value, str) else value


def _wrong(value: object) -> object:
    return {"else": value} if isinstance(value, str) else value


_APP_WORDS = "none, sink, echo, respond, source 1MB, or request 100 answer 2kB times 5."


def _app(value: str) -> str:
    try:
        check_app(*read_app(value))
    except NetError as error:
        raise NotationError(f"{error}.") from None
    return value


def _in_units(parse: Any, example: str) -> Any:
    return Annotated[
        str,
        BeforeValidator(_text_of_number),
        AfterValidator(lambda text: (parse(text), text)[1]),
        WithJsonSchema({"type": ["string", "integer"], "examples": [example]}),
    ]


Time = _in_units(parse_time, "50ms")
Size = _in_units(parse_size, "100kB")
Bursts = _in_units(_four_chances, "1% 30%")
Rate = _in_units(parse_rate, "10mbit")
Chance = _in_units(parse_percent, "5%")
#: A time, or nothing at all.
TimeOrNone = _in_units(lambda text: None if text == "none" else parse_time(text), "30s")
#: A whole number, or nothing at all.
NumberOrNone = Annotated[
    str,
    BeforeValidator(_text_of_number),
    AfterValidator(_number_or_none),
    WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 0}, {"const": "none"}]}),
]
OnOff = Annotated[bool, BeforeValidator(_on_off), WithJsonSchema({"enum": [True, False, "on", "off"]})]
#: A text that YAML may have taken for a number.
Word = Annotated[str, BeforeValidator(_text_of_number), WithJsonSchema({"type": ["string", "integer", "number"]})]
#: A value that the seed may draw.
Picked = Annotated[
    str,
    BeforeValidator(_text_of_number),
    AfterValidator(lambda text: (pick_value(text), text)[1]),
    WithJsonSchema({"type": ["string", "integer"], "examples": [300, "50ms"]}),
]
Prose = Annotated[str, Field(min_length=1, max_length=8000)]
Line = Annotated[str, Field(min_length=1, max_length=500)]
Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,23}$")]
Port = Annotated[int, Field(ge=1, le=65535)]
Lines = Annotated[
    list[Line],
    BeforeValidator(_listed),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]


class OrPlain:
    """Tells the schema that a plain value of this JSON type may stand there as well."""

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def __get_pydantic_json_schema__(self, core: Any, handler: Any) -> dict[str, Any]:
        return {"anyOf": [{"type": self.kind}, handler(core)]}


class Part(BaseModel):
    """What all parts of a lab share: strict types, no unknown keys. Built as a whole, when first used."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)


class Direction(Part):
    """The link in one direction, named as `tc netem` names things."""

    delay: Time | None = Field(None, description="How long a segment travels, e.g. 50ms.")
    jitter: Time | None = Field(None, description="By how much the delay varies.")
    loss: Chance | None = Field(None, description="How many segments are lost, e.g. 5%.")
    reorder: Chance | None = Field(None, description="How many segments overtake those before them.")
    duplicate: Chance | None = Field(None, description="How many segments arrive twice.")
    corrupt: Chance | None = Field(None, description="How many segments have a bit flipped.")
    rate: Rate | None = Field(None, description="How fast bytes go onto the link, e.g. 10mbit.")
    limit: int | None = Field(None, ge=1, le=1_000_000, description="How many segments may queue for the rate.")
    mtu: int | None = Field(None, ge=68, le=65535, description="The largest packet the link carries.")
    ecn: int | None = Field(None, ge=1, le=1_000_000, description="From how many waiting segments on one is marked.")
    every: int | None = Field(None, ge=1, le=1_000_000, description="Every which segment is lost.")
    gemodel: Bursts | None = Field(None, description="Losses in bursts: chance to go bad, to get well, as in tc netem.")
    distribution: Literal["uniform", "normal", "pareto"] | None = Field(None, description="How jitter is spread.")


class Link(Direction):
    """Both directions; a mapping under a host's name is for what that host sends, and overrides."""

    directions: dict[str, Direction] = {}

    @model_validator(mode="before")
    @classmethod
    def _gather(cls, data: object) -> object:
        if not isinstance(data, dict) or "directions" in data:
            return data
        inner = {key: value for key, value in data.items() if isinstance(value, dict)}
        return {key: value for key, value in data.items() if key not in inner} | {"directions": inner}


class Host(Part):
    """One host: what it listens on, what its program does, and the knobs of its TCP."""

    listen: Annotated[list[Port], BeforeValidator(_listed), OrPlain("integer"),
                      Field(description="A port, or a list of ports.")] = []
    backlog: int | None = Field(None, ge=0, le=1024)
    app: Annotated[str, AfterValidator(_app)] | None = Field(None, description=_APP_WORDS)
    reading: OnOff | None = None
    profile: Literal["first-lessons", "rfc", "modern"] | None = None
    mss: Size | None = None
    rcvbuf: Size | None = None
    sndbuf: Size | None = None
    msl: Time | None = None
    nagle: OnOff | None = None
    delack: OnOff | None = None
    delack_time: Time | None = None
    iss: int | None = Field(None, ge=0, le=2**32 - 1)
    cwnd: Size | None = None
    congestion: Literal["reno", "cubic", "tahoe", "fixed"] | None = None
    rto_initial: Time | None = None
    rto_min: Time | None = None
    rto_max: Time | None = None
    r1: int | None = Field(None, ge=1, description="Retransmissions before the user hears of them.")
    r2: NumberOrNone | None = Field(None, description="Retransmissions before the connection is given up.")
    r2_syn: NumberOrNone | None = None
    user_timeout: TimeOrNone | None = None
    sack: OnOff | None = None
    timestamps: OnOff | None = None
    wscale: OnOff | None = None
    recovery: Literal["reno", "newreno", "sack", "rack"] | None = None
    limited_transmit: OnOff | None = None
    frto: OnOff | None = None
    prr: OnOff | None = None
    iw: int | None = Field(None, ge=1, le=10)
    impatient: OnOff | None = Field(None, description="NewReno: only the first partial ACK restarts the timer.")
    renege: OnOff | None = Field(None, description="A receiver that throws away what it has reported by SACK.")
    ecn: OnOff | None = None
    hystart: OnOff | None = None
    hybrid_start: OnOff | None = None
    fast_convergence: OnOff | None = None
    reno_alpha_rises: OnOff | None = None
    whole_segments: OnOff | None = None
    quick_acks: int | None = Field(None, ge=0)
    minshall: OnOff | None = None
    rfc1337: OnOff | None = None
    rfc5961: OnOff | None = None
    rfc6191: OnOff | None = None
    challenge_limit: int | None = Field(None, ge=1)
    challenge_period: Time | None = None
    rst_echo: OnOff | None = None
    abort_time_wait: OnOff | None = None
    keepalive: TimeOrNone | None = Field(None, description="After so much silence the peer is asked, e.g. 30s.")
    keepalive_interval: Time | None = None
    keepalive_count: int | None = Field(None, ge=2)
    keepalive_garbage: OnOff | None = None
    pmtud: OnOff | None = None
    pmtu_retry: TimeOrNone | None = None
    icmp_hard: OnOff | None = None
    syn_backlog: NumberOrNone | None = None
    syncookies: OnOff | None = None


class HintModel(Part):
    """A hint; `cost` points are taken off when it is opened."""

    text: Prose
    cost: int = Field(0, ge=0)


class ChoiceModel(Part):
    """One choice of a question, and why it is wrong."""

    text: Annotated[str, BeforeValidator(_text_of_number), Field(min_length=1, max_length=1000)]
    right: bool = False
    why: Prose | None = None


class StepModel(Part):
    """What every kind of step may have."""

    id: Id
    title: Line | None = None
    rfc: Word | None = Field(None, description="The clause to read, e.g. 9293 3.6.")
    after: Prose | None = Field(None, description="Shown when the step is done.")
    from_: str | None = Field(None, alias="from", description="start, or the name of an earlier mark.")
    mark: Name | None = Field(None, description="A name for the instant at which this step is done.")
    do: Lines = Field([], description="Commands carried out when the step begins.")
    keep: dict[Name, Line] = Field({}, description="Values to remember: name: EXPR, or name: when(EXPR).")
    show: list[str] = []
    hide: list[str] = []
    hints: list[Annotated[HintModel, BeforeValidator(_hint), OrPlain("string")]] = []
    points: int = Field(0, ge=0, le=1000)
    challenge: bool = Field(False, description="No commands are named and no hints given.")
    skippable: bool = True


class SayModel(StepModel):
    """A step to read."""

    say: Prose
    points: Literal[0] = 0


class TaskModel(StepModel):
    """A step to do."""

    task: Prose
    goal: Line | None = Field(None, description="An EXPR; the step is done when it has been true.")
    see: Lines = Field([], description="MATCHes that have to happen in this order.")
    never: Lines = Field([], description="MATCHes that must not happen.")


class AskModel(StepModel):
    """A question; time stands still until it is answered."""

    ask: Prose
    about: Line | None = Field(None, description="A MATCH or EXPR: the question is a prediction of it.")
    answer: Word | None = Field(None, description="An EXPR for the right number.")
    unit: str | None = Field(None, max_length=12)
    within: Word | None = Field(None, description="How far off counts as right, e.g. 10% or 5ms.")
    choices: list[ChoiceModel] | None = Field(None, min_length=2, max_length=9)
    several: bool = False
    order: list[Word] | None = Field(None, min_length=2, max_length=9, description="Items in the right order.")
    match: dict[str, Word] | None = Field(None, min_length=2, max_length=9)
    words: Literal[True] | None = None
    wrong: Annotated[dict[str, Prose], BeforeValidator(_wrong), OrPlain("string")] = Field(
        {}, description="Answers that are typically wrong, each with a text; else for the rest."
    )


def step_kind(data: object) -> str | None:
    """Which kind of step `data` is: the first of say, task, ask that it has."""
    if isinstance(data, dict):
        return next((kind for kind in KINDS if kind in data), None)
    return next((kind for kind in KINDS if hasattr(data, kind)), None)


KINDS: dict[str, type[StepModel]] = {"say": SayModel, "task": TaskModel, "ask": AskModel}

Step = Annotated[
    Annotated[SayModel, Tag("say")] | Annotated[TaskModel, Tag("task")] | Annotated[AskModel, Tag("ask")],
    Discriminator(step_kind),
]


class LabModel(Part):
    """A whole lab file."""

    tcplab: Literal[1] = Field(description="The format of this file.")
    id: Id
    title: Line
    summary: Line | None = None
    minutes: int | None = Field(None, ge=1, le=600)
    needs: list[Id] = []
    profile: Literal["first-lessons", "rfc", "modern"] = "rfc"
    ip: Literal[4, 6] = 4
    show: list[str] | None = None
    hide: list[str] = []
    pick: dict[Name, Annotated[list[Picked], Field(min_length=2, max_length=100)]] = Field(
        {}, description="Parameters drawn from the seed: name: [2, 3, 4]. Commands hold them as {{name}}."
    )
    link: Link | None = None
    hosts: dict[Name, Host | None] = {}
    start: Lines = []
    steps: list[Step] = []
    solution: dict[str, Lines] = {}
