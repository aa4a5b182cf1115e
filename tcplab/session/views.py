"""Frozen copies of what a session looks like at one instant: all that a face may hold.

Times are virtual nanoseconds, sequence numbers are wire numbers, sizes are bytes. Nothing here refers to a live
object, so a screen that keeps a view shows the past, never half of the present.
"""

from __future__ import annotations

from typing import NamedTuple

from tcplab.net.views import HostView, InFlightView, LinkView


class ChoiceView(NamedTuple):
    """One choice of a question, under the letter the learner types."""

    letter: str
    text: str


class QuestionView(NamedTuple):
    """An open question: `kind` is number, choice, several, order, match or words; `unit` as the lab gives it."""

    kind: str
    unit: str
    choices: tuple[ChoiceView, ...]
    prediction: bool
    left: tuple[ChoiceView, ...] = ()


class StepMark(NamedTuple):
    """One step in the list of the guide: `status` is todo, open, done, wrong, skipped or waiting (a prediction)."""

    id: str
    title: str
    kind: str
    status: str
    score: int
    max_score: int


class Feedback(NamedTuple):
    """What the guide says about a step that ended: `good` is None while a prediction waits for its moment."""

    step_id: str
    good: bool | None
    text: str
    after: str
    rfc: str
    score: int
    max_score: int


#: What is said where an open question hides what was asked to be seen or written.
VEILED = "this question hides the numbers: what shows them can be seen, and written to a file, when it is answered"


class GuideView(NamedTuple):
    """Where the learner stands. `phase`: open (do or answer it), pending (`next` goes on), finished, none (no steps).

    `text` is Markdown with values filled in; ``[[command]]`` marks are left for the face to show as key or words.
    `commands` are those named in the text, in order. `show` names the variables a lab reveals (None: all), `hide`
    those hidden while this step is open. `feedback` holds the outcomes since the step before, newest last.
    `blocked` says why a goal can no longer be met, else it is empty. `leaves`: the step that waits begins elsewhere, so
    that what is foretold of this path is not seen unless time runs before `next`.
    """

    lab_id: str
    lab_title: str
    profile: str
    phase: str
    step_id: str
    step_number: int
    step_total: int
    kind: str
    text: str
    commands: tuple[str, ...]
    question: QuestionView | None
    hints: tuple[str, ...]
    hints_left: int
    hint_cost: int
    challenge: bool
    blocked: str
    feedback: tuple[Feedback, ...]
    steps: tuple[StepMark, ...]
    score: int
    max_score: int
    show: frozenset[str] | None
    hide: frozenset[str]
    leaves: bool = False

    @property
    def veiled(self) -> bool:
        """Whether the open step hides the numbers of segments, wherever they would be shown: it hides SND.NXT."""
        return "snd_nxt" in self.hide

    def withholds(self, kind: str) -> bool:
        """Whether a file of that kind (`tcplab.export.files.KINDS`) would tell what the open step hides."""
        if kind in ("states", "dot"):
            return "state" in self.hide
        return bool(self.hide) if kind == "plot" else self.veiled


class SessionView(NamedTuple):
    """Everything at one instant. `n` steps have been executed; `next_at` is None when nothing is due (all is still).

    `coverage` holds the edges walked on this path as (host, from, to, event), the latest walk last; `undone` counts
    commands that went back in time and will be done again.
    """

    t: int
    n: int
    next_at: int | None
    idle: bool
    awaiting: str
    seed: int | None
    hosts: tuple[HostView, ...]
    link: LinkView
    in_flight: tuple[InFlightView, ...]
    guide: GuideView
    coverage: tuple[tuple[str, str, str, str], ...]
    can_back: bool
    undone: int


class Outcome(NamedTuple):
    """What one command came to: `ok` False means refused, with `message` naming place and cure; `clause` its RFC."""

    command: str
    ok: bool
    message: str
    clause: str = ""
    stopped: str = ""
