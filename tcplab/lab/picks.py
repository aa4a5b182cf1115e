"""Parameters of a lab that are drawn from the seed, so that no two learners have the same numbers.

``pick: {n: [2, 3, 4]}`` draws one of three once for each seed. Expressions and texts know the value as ``n``; the
commands of the lab hold it as ``{{n}}`` or ``{{n * 100}}`` and are filled in when a session begins.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from tcplab.notation.errors import NotationError
from tcplab.notation.expr import compile_expr
from tcplab.notation.units import format_time
from tcplab.notation.values import Duration, format_value

from .text import Text, compile_text

if TYPE_CHECKING:
    from .lesson import Lab

#: One drawn parameter, and the values it may have (whole numbers, or times in ns as `Duration`).
Pick = tuple[str, tuple[int, ...]]

_HOLE = re.compile(r"\{\{(.*?)\}\}")
_COMMAND = re.compile(r"\[\[(.*?)\]\]", re.DOTALL)


class _Values:
    """The drawn values as an expression finds them."""

    def __init__(self, values: dict[str, object]) -> None:
        self._values = values

    def lookup(self, name: str) -> object:
        return self._values[name]


def pick_value(text: str) -> int:
    """The value of one entry of a ``pick:`` list: a whole number, a size in bytes, or a time in ns.

    Raises NotationError for anything else.
    """
    value = compile_expr(text, ()).literal
    if isinstance(value, bool) or not isinstance(value, int):
        raise NotationError("A pick is drawn from whole numbers, sizes and times.", 0, "Write for example [2, 3, 4].")
    return value


def has_holes(command: str) -> bool:
    """Whether a command of a lab has to be filled in before it means anything."""
    return "{{" in command


def fill(command: str, values: dict[str, object]) -> str:
    """`command` with its holes filled, as one would type it. Raises NotationError with the column of a fault."""
    parts, last, names = [], 0, tuple(values)
    for hole in _HOLE.finditer(command):
        try:
            value = compile_expr(hole[1], names).eval(_Values(values))
        except NotationError as error:
            raise error.shifted(hole.start(1)) from None
        parts += [command[last : hole.start()], _typed(value)]
        last = hole.end()
    rest = command[last:]
    if has_holes(rest):
        raise NotationError("{{ is not closed.", last + rest.index("{{"), "Close it with }}.")
    return "".join((*parts, rest))


def _typed(value: object) -> str:
    if isinstance(value, Duration):
        return format_time(value)
    if isinstance(value, Fraction) and value.denominator == 1:
        value = int(value)
    return format_value(value)


def samples(picks: tuple[Pick, ...]) -> Iterator[dict[str, object]]:
    """Values to try a lab with, so that each value of each pick comes up once; one empty set without picks."""
    for turn in range(max((len(options) for _, options in picks), default=1)):
        yield {name: options[turn % len(options)] for name, options in picks}


def drawn(lab: Lab, seed: int) -> Lab:
    """The lab with its parameters drawn for `seed`: its commands filled in, the values in `drawn`.

    A lab without picks, and one that is drawn already, is returned as it is.
    """
    if not lab.picks or lab.drawn:
        return lab
    values = {name: options[int(random.Random(f"{seed}/pick/{name}").random() * len(options))]
              for name, options in lab.picks}  # fmt: skip
    steps = tuple(
        _filled(step, values)._replace(
            do=tuple(fill(line, values) for line in step.do),
            solution=tuple(fill(line, values) for line in step.solution),
        )
        for step in lab.steps
    )
    start = tuple(fill(line, values) for line in lab.start)
    return lab._replace(drawn=tuple(values.items()), start=start, steps=steps)


def _filled(part: object, values: dict[str, object]) -> object:
    """`part` of a lab with the commands in all its texts filled in. Parts are named tuples and tuples."""
    if isinstance(part, Text):
        if not any(has_holes(command) for command in part.commands):
            return part
        source = _COMMAND.sub(lambda mark: f"[[{fill(mark[1], values)}]]", part.source)
        return compile_text(source)[0]
    if isinstance(part, tuple):
        items = [_filled(item, values) for item in part]
        if all(new is old for new, old in zip(items, part, strict=True)):
            return part
        return type(part)(*items) if hasattr(part, "_fields") else tuple(items)
    return part
