"""Texts of a lab: Markdown with ``{{EXPR}}`` holes and ``[[command]]`` marks."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from typing import NamedTuple

from tcplab.notation.errors import NotationError
from tcplab.notation.expr import Expr, compile_expr
from tcplab.notation.fields import Env
from tcplab.notation.values import format_value

#: Called with a command's text; raises NotationError when it is none.
CommandChecker = Callable[[str], object]


class Scope(NamedTuple):
    """What the commands of a lab may name: its hosts, its steps, and the values that it keeps or draws."""

    hosts: tuple[str, ...]
    steps: tuple[str, ...]
    names: tuple[str, ...]


#: Makes the checker of a lab's commands; rooms further up know the commands.
CheckerFor = Callable[[Scope], CommandChecker]

_MARK = re.compile(r"\{\{(?P<hole>.*?)\}\}|\[\[(?P<command>.*?)\]\]|(?P<open>\{\{|\[\[)", re.DOTALL)


class Text(NamedTuple):
    """A text as written (`source`), its holes in order, and the commands it names."""

    source: str
    parts: tuple[str | Expr, ...] = ()
    commands: tuple[str, ...] = ()

    def render(self, env: Env) -> str:
        """The text with its holes filled; marks stay, for the face to show as a key or as words.

        A value that is not known yet, or cannot be computed, shows as an en dash.
        """
        return "".join(part if isinstance(part, str) else _fill(part, env) for part in self.parts)

    @property
    def plain(self) -> str:
        """The source with its marks shown as words in backquotes, for a list of steps or a log."""
        return re.sub(r"\[\[(.*?)\]\]", r"`\1`", self.source)

    def __bool__(self) -> bool:
        return bool(self.source)


def _fill(expr: Expr, env: Env) -> str:
    try:
        return format_value(expr.eval(env))
    except NotationError:
        return format_value(None)


def compile_text(
    source: str, names: Collection[str] | None = None, check_command: CommandChecker | None = None
) -> tuple[Text, list[NotationError]]:
    """The text with its holes compiled, and every fault in it with its column in `source`."""
    parts: list[str | Expr] = []
    commands: list[str] = []
    faults: list[NotationError] = []
    last = 0
    for mark in _MARK.finditer(source):
        if mark["open"]:
            closing = "}}" if mark["open"] == "{{" else "]]"
            faults.append(NotationError(f"{mark['open']} is not closed.", mark.start(), f"Close it with {closing}."))
        elif mark["command"] is not None:
            command = mark["command"].strip()
            commands.append(command)
            faults += _command_faults(command, mark.start("command"), check_command)
        else:
            parts.append(source[last : mark.start()])
            last = mark.end()
            try:
                parts.append(compile_expr(mark["hole"], names))
            except NotationError as error:
                faults.append(error.shifted(mark.start("hole")))
    parts.append(source[last:])
    return Text(source, tuple(part for part in parts if part != ""), tuple(commands)), faults


def _command_faults(command: str, column: int, check: CommandChecker | None) -> list[NotationError]:
    if not command:
        return [NotationError("A command is missing between the brackets.", column)]
    try:
        if check is not None:
            check(command)
    except NotationError as error:
        return [error.shifted(column)]
    return []
