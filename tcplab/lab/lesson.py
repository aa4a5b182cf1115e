"""A checked lab: everything compiled, frozen, ready for a session. Times in ns, sizes in bytes, chances in ppm.

Its parts are named tuples, as are the views of sessions and hosts: a frozen dataclass takes Python five times as long
to define, at every start, and four times as long to make.
"""

from __future__ import annotations

from typing import NamedTuple

from tcplab.notation.expr import Expr
from tcplab.notation.match import Match

from .errors import Problem
from .picks import Pick
from .text import Text

#: The kinds of step; each is also the key that holds the step's text.
STEP_KINDS = ("say", "task", "ask")


class LinkSettings(NamedTuple):
    """The link from host `src`, as the lab begins; `rate` 0 means without limit, `mtu` 0 any size, `ecn` 0 no marks,
    `every` 0 none; `gemodel` its two to four chances (ppm), or none."""

    src: str
    delay: int = 50_000_000
    jitter: int = 0
    loss: int = 0
    reorder: int = 0
    duplicate: int = 0
    corrupt: int = 0
    rate: int = 0
    limit: int = 100
    mtu: int = 0
    ecn: int = 0
    every: int = 0
    distribution: str = ""
    gemodel: tuple[int, ...] = ()


class HostSpec(NamedTuple):
    """One host as the lab begins. `knobs` are (name, value) as `set` names them: times ns, sizes bytes, on/off bool."""

    name: str
    listen: tuple[int, ...] = ()
    backlog: int | None = None
    app: str | None = None
    reading: bool | None = None
    profile: str | None = None
    knobs: tuple[tuple[str, int | bool | str | None], ...] = ()


class Hint(NamedTuple):
    """A staged help; opening it takes `cost` points off."""

    text: Text
    cost: int = 0


class Choice(NamedTuple):
    """One choice of a question; `why` is told to who takes it for right and it is not."""

    text: Text
    right: bool
    why: Text | None = None


class WrongCase(NamedTuple):
    """A typical wrong answer: `expr` is its value, or a condition (then a bool); `text` says what was mixed up.

    `late` cases read what is known only when the answer is judged (the segment, `given`, `answer`).
    """

    expr: Expr
    text: Text
    late: bool = False


class Tolerance(NamedTuple):
    """How far off counts as right: parts per million of the truth, or an absolute amount in the unit's base."""

    ppm: int = 0
    amount: int = 0


class Question(NamedTuple):
    """What an `ask` wants. `kind`: number, choice, several, order, match or words.

    `answer` computes the true number. `items` are in the right order, `pairs` belong together. `prediction` says
    that it is about something to come: one try, judged when it happens.
    """

    kind: str
    prediction: bool = False
    answer: Expr | None = None
    unit: str = ""
    within: Tolerance = Tolerance()
    choices: tuple[Choice, ...] = ()
    items: tuple[Text, ...] = ()
    pairs: tuple[tuple[Text, Text], ...] = ()
    wrong: tuple[WrongCase, ...] = ()
    otherwise: Text | None = None


class Step(NamedTuple):
    """One step. `kind` is say, task or ask; `number` counts from 1; `from_` is None, start, or an earlier mark."""

    id: str
    number: int
    kind: str
    title: str
    text: Text
    goal: Expr | None = None
    see: tuple[Match, ...] = ()
    never: tuple[Match, ...] = ()
    about: Match | Expr | None = None
    question: Question | None = None
    after: Text | None = None
    rfc: str = ""
    points: int = 0
    hints: tuple[Hint, ...] = ()
    challenge: bool = False
    skippable: bool = True
    do: tuple[str, ...] = ()
    mark: str | None = None
    from_: str | None = None
    keep: tuple[tuple[str, Expr], ...] = ()
    show: frozenset[str] = frozenset()
    hide: frozenset[str] = frozenset()
    solution: tuple[str, ...] = ()


class Lab(NamedTuple):
    """A whole lab. `show` is None when everything is shown from the start; `warnings` are lint's, not errors.

    `picks` are the parameters that the seed decides, `drawn` their values in a session (see `picks.drawn`).
    """

    id: str
    title: str
    summary: str
    minutes: int
    needs: tuple[str, ...]
    profile: str
    ip: int
    show: frozenset[str] | None
    hide: frozenset[str]
    hosts: tuple[HostSpec, ...]
    link: tuple[LinkSettings, ...]
    start: tuple[str, ...]
    steps: tuple[Step, ...]
    file: str
    logic_sha256: str
    warnings: tuple[Problem, ...] = ()
    picks: tuple[Pick, ...] = ()
    drawn: tuple[tuple[str, int], ...] = ()

    @property
    def host_names(self) -> tuple[str, ...]:
        return tuple(host.name for host in self.hosts)

    @property
    def max_score(self) -> int:
        return sum(step.points for step in self.steps)

    def step(self, step_id: str) -> Step:
        """The step of that id. Raises KeyError."""
        for step in self.steps:
            if step.id == step_id:
                return step
        raise KeyError(step_id)
