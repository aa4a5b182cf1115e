"""Why a thing happened: a code and its numbers; the sentence and its RFC clause are looked up when somebody asks.

Events carry a `Why`, which is cheap to make and to copy. `explain` turns it into words. Prose is never part
of a trace hash, so a sentence may be bettered without breaking a recording.
"""

from __future__ import annotations

from typing import NamedTuple


class Why(NamedTuple):
    """A reason: `code` is a key of REASONS, `args` fill the holes of its sentence by position."""

    code: str
    args: tuple = ()


class Reason(NamedTuple):
    """A sentence with ``{0}`` holes, and the clause it rests on, e.g. ``RFC 9293 3.10.7.4``."""

    text: str
    clause: str


_new = tuple.__new__


def because(code: str, *args: object) -> Why:
    """`Why(code, args)` for hot paths, in little more than half the time."""
    return _new(Why, (code, args))


REASONS: dict[str, Reason] = {}


def explain(why: Why) -> Reason:
    """The sentence with its numbers filled in, and its clause. Raises KeyError for a code nobody registered."""
    reason = REASONS[why.code]
    return Reason(reason.text.format(*why.args), reason.clause)
