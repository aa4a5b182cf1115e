"""Usage lines that parse: ``HOST listen PORT [backlog N]`` is at once the help text, the parser and the completer.

A usage line is words separated by spaces. Small letters stand for themselves, ``a|b`` for either, capitals for a
value of that kind (see `SLOTS`), square brackets for what may be left out. The parser tries every row of the
table and, when none fits, reports the place where the row that got furthest stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from tcplab.lab.captures import capture_names
from tcplab.notation import units
from tcplab.notation.errors import NotationError, quoted, suggest
from tcplab.notation.match import parse_condition, parse_match
from tcplab.session.tokens import Statement, Word, unquote


class HostName(NamedTuple):
    """A host as written: ``client`` (its newest connection, `conn` None) or ``client#2``."""

    name: str
    conn: int | None


class Amount(NamedTuple):
    """What to send: literal bytes, or so many bytes of a pattern."""

    data: bytes | None
    size: int


class Context(NamedTuple):
    """What a parser must know of the session: host names in order, step ids, and which names EXPR may use."""

    hosts: tuple[str, ...]
    steps: tuple[str, ...] = ()
    names: frozenset[str] = frozenset()
    knobs: tuple[str, ...] = ()


class Slot(NamedTuple):
    """A kind of value: how to read it, what it is called, what to complete; `rest` takes all that follows."""

    read: Callable[[str, Word, Context], object]
    what: str
    offers: Callable[[Context], Sequence[str]] = lambda context: ()
    rest: bool = False


def _host(text: str, word: Word, context: Context) -> HostName:
    name, mark, number = text.partition("#")
    if name not in context.hosts:
        raise NotationError(
            f"no host is called {quoted(name)}.{suggest(name, context.hosts)}",
            word.column, "the hosts of this lab are " + " and ".join(context.hosts),
        )
    if not mark:
        return HostName(name, None)
    if not number.isdigit() or int(number) < 1 or len(number) > 6:
        raise NotationError(f"{quoted(text)} does not name a connection", word.column, f"write {name}#1, {name}#2 ...")
    return HostName(name, int(number))


def _integer(low: int, high: int, what: str) -> Callable[[str, Word, Context], int]:
    def read(text: str, word: Word, context: Context) -> int:
        if not (text.isascii() and text.isdigit()) or len(text) > 12 or not low <= int(text) <= high:
            raise NotationError(f"{quoted(text)} is not {what}", word.column,
                                f"give a whole number from {low} to {high}")
        return int(text)

    return read


def _unit(parse: Callable[[str], int]) -> Callable[[str, Word, Context], int]:
    def read(text: str, word: Word, context: Context) -> int:
        try:
            return parse(text)
        except NotationError as error:
            raise error.shifted(word.column) from None

    return read


def _amount(text: str, word: Word, context: Context) -> Amount:
    if word.quoted:
        data = unquote(word)
        return Amount(data, len(data))
    if not text[:1].isdigit():
        raise NotationError(f"{quoted(text)} is neither a text nor an amount", word.column,
                            'write "some text" or 100kB')
    return Amount(None, _unit(units.parse_size)(text, word, context))


def _segment_id(text: str, word: Word, context: Context) -> int:
    if not (text.startswith("#") and text[1:].isdigit() and len(text) < 12):
        raise NotationError(f"{quoted(text)} is not a segment", word.column,
                            "segments are named by their number, e.g. #7")
    return int(text[1:])


def _step(text: str, word: Word, context: Context) -> str:
    """A step by its id, or by its number as the screen shows it."""
    if text.isdecimal() and len(text) < 5 and text not in context.steps and 0 < int(text) <= len(context.steps):
        return context.steps[int(text) - 1]
    if text not in context.steps:
        cure = f"write its number, 1 to {len(context.steps)}, or its name: {', '.join(context.steps)}"
        raise NotationError(f"no step is called {quoted(text)}.{suggest(text, context.steps)}", word.column,
                            cure if context.steps else "this lab has no steps")
    return text


def _text(text: str, word: Word, context: Context) -> str:
    return unquote(word).decode("utf-8", "replace") if word.quoted else text


def _match(text: str, word: Word, context: Context) -> object:
    try:
        return parse_match(text, context.hosts)
    except NotationError as error:
        raise error.shifted(word.column) from None


def _condition(text: str, word: Word, context: Context) -> object:
    try:
        return parse_condition(text, context.hosts, context.names)
    except NotationError as error:
        raise error.shifted(word.column) from None


def _name(text: str, word: Word, context: Context) -> str:
    plain = text.replace("-", "").replace("_", "")
    if not (plain.isascii() and plain.isalnum() and len(text) <= 16 and not text[0].isdigit()):
        raise NotationError(f"{quoted(text)} cannot be a name", word.column,
                            "a name is up to 16 letters, digits and dashes and begins with a letter")
    return text


def _capture(text: str, word: Word, context: Context) -> str:
    if text not in capture_names():
        raise NotationError(f"no capture is called {quoted(text)}.{suggest(text, capture_names())}", word.column,
                            "there are " + ", ".join(capture_names()))
    return text


def _known_knob(text: str, word: Word, context: Context) -> str:
    if text not in context.knobs:
        raise NotationError(f"{quoted(text)} cannot be set.{suggest(text, context.knobs)}", word.column,
                            "these can: " + " ".join(context.knobs))
    return text


SLOTS: dict[str, Slot] = {
    "HOST": Slot(_host, "a host", lambda c: c.hosts),
    "PEER": Slot(_host, "a host", lambda c: c.hosts),
    "PORT": Slot(_integer(1, 65535, "a port"), "a port (1 to 65535)", lambda c: ("80",)),
    "N": Slot(_integer(0, 10**9, "a number"), "a number"),
    "SIZE": Slot(_unit(units.parse_size), "an amount such as 1000 or 100kB"),
    "TIME": Slot(_unit(units.parse_time), "a time with its unit such as 50ms or 2s"),
    "RATE": Slot(_unit(units.parse_rate), "a rate such as 10mbit"),
    "PERCENT": Slot(_unit(units.parse_percent), "a chance such as 5%"),
    "DATA": Slot(_amount, 'a text in quotes or an amount such as 100kB', lambda c: ('"hello"', "1000")),
    "KNOB": Slot(_known_knob, "a setting", lambda c: c.knobs),
    "VALUE": Slot(_text, "a value"),
    "TEXT": Slot(_text, "a text in quotes"),
    "ID": Slot(_segment_id, "a segment such as #7"),
    "STEP": Slot(_step, "the number or name of a step", lambda c: c.steps),
    "MATCH": Slot(_match, "segments to match, such as `server SYN-ACK`", lambda c: c.hosts, rest=True),
    "EXPR": Slot(_condition, "a condition such as `client.state == 'ESTABLISHED'`, or segments such as `client DATA`",
                 rest=True),
    "NAME": Slot(_name, "a name such as `no-loss`"),
    "CAPTURE": Slot(_capture, "the name of a capture", lambda c: capture_names()),
    "REST": Slot(_text, "a text", rest=True),
}


class Node(NamedTuple):
    """One element of a usage line: words to type, a slot to fill, or (with `group`) a part that may be left out."""

    words: tuple[str, ...] = ()
    slot: str = ""
    group: tuple[Node, ...] = ()


def compile_usage(usage: str) -> tuple[Node, ...]:
    """Read a usage line into nodes. Raises ValueError for a line that is not well formed (a defect of the table)."""
    stack: list[list[Node]] = [[]]
    for token in usage.replace("[", " [ ").replace("]", " ] ").split():
        if token == "[":
            stack.append([])
        elif token == "]":
            group = tuple(stack.pop())
            stack[-1].append(Node(group=group))
        elif token in SLOTS:
            stack[-1].append(Node(slot=token))
        else:
            stack[-1].append(Node(words=tuple(token.split("|"))))
    if len(stack) != 1:
        raise ValueError(f"brackets do not match in {usage!r}")
    return tuple(stack[0])


@dataclass
class Trial:
    """How far one row got with a statement, and what it would have taken there."""

    values: list[object] = field(default_factory=list)
    position: int = 0
    expected: list[str] = field(default_factory=list)
    error: NotationError | None = None


def try_row(nodes: tuple[Node, ...], statement: Statement, context: Context) -> tuple[bool, Trial]:
    """Fit one row to a statement: whether all of it fits, and the trial. Values come in the order of the usage line.

    A word with alternatives yields the word typed, a left-out group yields None for each value it would have given.
    """
    trial = Trial()
    ok = _fit(nodes, statement, context, trial)
    if ok and trial.position < len(statement.words):
        ok = False
    return ok, trial


def _fit(nodes: tuple[Node, ...], statement: Statement, context: Context, trial: Trial) -> bool:
    for node in nodes:
        if node.group:
            if not _fit_group(node, statement, context, trial):
                return False
        elif not _fit_one(node, statement, context, trial):
            return False
    return True


def _fit_group(node: Node, statement: Statement, context: Context, trial: Trial) -> bool:
    """Take an optional group if its first element fits; leave it out (None per value) otherwise."""
    start, kept = trial.position, len(trial.values)
    attempt = Trial(position=start)
    if _fit(node.group, statement, context, attempt):
        trial.values.extend(attempt.values)
        trial.position = attempt.position
        trial.expected = attempt.expected
        return True
    if attempt.position > start:
        trial.values, trial.position = trial.values[:kept], attempt.position
        trial.expected, trial.error = attempt.expected, attempt.error
        return False
    trial.expected.extend(attempt.expected)
    trial.error = attempt.error
    trial.values.extend([None] * value_count(node.group))
    return True


def _fit_one(node: Node, statement: Statement, context: Context, trial: Trial) -> bool:
    word = statement.words[trial.position] if trial.position < len(statement.words) else None
    if node.words:
        if word is None or word.quoted or word.text.lower() not in node.words:
            trial.expected.extend(node.words)
            return False
        if len(node.words) > 1:
            trial.values.append(word.text.lower())
        trial.position, trial.expected = trial.position + 1, []
        return True
    slot = SLOTS[node.slot]
    if word is None:
        trial.expected.append(slot.what)
        return False
    text = word.text
    if slot.rest and not (node.slot == "REST" and word.quoted and trial.position == len(statement.words) - 1):
        text = statement.text[word.column - statement.column :]
        word = Word(text, word.column, word.column + len(text))
    try:
        trial.values.append(slot.read(text, word, context))
    except NotationError as error:
        trial.error = error
        trial.expected.append(slot.what)
        return False
    trial.position = len(statement.words) if slot.rest else trial.position + 1
    trial.expected = []
    return True


def value_count(nodes: tuple[Node, ...]) -> int:
    """How many values a part of a usage line yields."""
    return sum(value_count(n.group) if n.group else int(bool(n.slot) or len(n.words) > 1) for n in nodes)


def offers(nodes: tuple[Node, ...], words: Sequence[Word], context: Context) -> list[str]:
    """What may come next after `words` in this row; empty if the words do not fit it."""
    trial = Trial()
    statement = Statement(tuple(words), " ".join(w.text for w in words), 0)
    wanted: list[str] = []
    _walk_offers(nodes, statement, context, trial, wanted)
    return wanted


def _walk_offers(nodes: tuple[Node, ...], statement: Statement, context: Context, trial: Trial,
                 wanted: list[str]) -> bool:
    """Walk on while words fit; collect what is possible at the end of the words. False when the walk is over."""
    for node in nodes:
        if trial.position >= len(statement.words):
            first = node.group[0] if node.group else node
            wanted.extend(first.words or SLOTS[first.slot].offers(context))
            if node.group:
                continue
            return False
        if node.group:
            inner = Trial(position=trial.position)
            if _fit_one(node.group[0], statement, context, inner):
                trial.position = inner.position
                if not _walk_offers(node.group[1:], statement, context, trial, wanted):
                    return False
        elif not _fit_one(node, statement, context, trial):
            return False
    return True
