"""A script's text becomes cases. Every fault has its file, line, column and cure."""

from __future__ import annotations

import re
from dataclasses import replace

from tcplab.notation.errors import NotationError, suggest
from tcplab.notation.expr import compile_expr
from tcplab.notation.units import parse_time

from .calls import is_socket_call, parse_own, parse_socket_call
from .errors import Cursor, DrillError
from .knobs import parse_knob, parse_profile
from .model import Assert, Case, Nothing, Script, Setting, Step, When
from .names import NAMES
from .packet import parse_packet

MAX_LINES = 20_000
_TIME = re.compile(r"(\*)(?=[ \t])|(\+)?(\d+(?:\.\d+)?|\.\d+)(ns|us|ms|s|min)?(?=[ \t~]|\.\.\.|$)")
_UNTIL = re.compile(r"~(\+)?(\d+(?:\.\d+)?|\.\d+)(ns|us|ms|s|min)?(?=[ \t]|$)")
_BLOCKING = re.compile(r"\.\.\.")
_REQ = re.compile(r"^\s*(?:#|//)\s*req(?:uirement)?s?:\s*(.+?)\s*$")
_ID = re.compile(r"\d{4}-[A-Z0-9-]+|T\d{3}")
_CASE = re.compile(r"^\s*case\s+(\S.*?)\s*$")
_OPTION = re.compile(r"^\s*--(\w+)=(\S+)\s*$")
_COMMENT = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'|(//[^\n]*|(?<!\S)#[^\n]*|/\*.*?\*/)", re.DOTALL)
_SETTINGS = ("set", "profile", "peer", "ip")
_INLINE = re.compile(r"(%\{)(.*?)(\}%)", re.DOTALL)


def read_script(text: str, path: str = "-") -> Script:
    """The cases of a script. Raises DrillError at the first fault."""
    lines = text.splitlines()
    if len(lines) > MAX_LINES:
        raise DrillError(path, MAX_LINES, 1, f"A script has at most {MAX_LINES} lines.", "Write two.")
    return _Reader(path, lines, _spread(_without_comments(text)).splitlines()).script()


def _without_comments(text: str) -> str:
    """Comments become blanks, so that lines and columns stay."""
    def blank(match: re.Match) -> str:
        return match[0] if match[1] is None else re.sub(r"[^\n]", " ", match[0])
    return _COMMENT.sub(blank, text)


def _spread(text: str) -> str:
    """``%{ ... }%`` over several lines becomes asserts where they stand; on one line the brackets become blanks."""
    def plain(match: re.Match) -> str:
        inner = match[2].replace(";", " ")
        first, *others = inner.split("\n")
        marked = [first, *(re.sub(r"^([ \t]*)(?=\S)", r"\1+0 ", line) for line in others)]
        if not first.strip() and others:  # the time belongs to the first line that says something
            marked[0] = "pause" + first
        return "  " + "\n".join(marked) + "  "
    return _INLINE.sub(plain, text)


class _Reader:
    """Reads line by line; `prelude` is what comes before the first case and is played before each."""

    def __init__(self, path: str, raw: list[str], lines: list[str]) -> None:
        self.path, self.raw, self.lines = path, raw, lines
        self.tolerance = 0
        self.file_reqs: list[str] = []
        self.prelude: list[Step] = []
        self.cases: list[Case] = []
        self.name, self.started, self.reqs, self.steps = "", 0, [], self.prelude

    def script(self) -> Script:
        for number, raw in enumerate(self.raw, 1):
            clean = self.lines[number - 1] if number <= len(self.lines) else ""
            try:
                self.line(number, raw, clean)
            except NotationError as error:
                raise DrillError(self.path, number, error.column + 1, error.message, error.cure) from None
        self.finish()
        if not self.cases:
            if not self.prelude:
                raise DrillError(self.path, max(len(self.raw), 1), 1, "The script has no line that does anything.")
            self.cases.append(Case("", 1, tuple(self.file_reqs), tuple(self.prelude), self.tolerance))
        return Script(self.path, tuple(self.cases))

    def finish(self) -> None:
        if self.started:
            self.cases.append(Case(self.name, self.started, tuple(dict.fromkeys(self.file_reqs + self.reqs)),
                                   tuple(self.prelude + self.steps), self.tolerance))

    def line(self, number: int, raw: str, clean: str) -> None:
        tagged = _REQ.match(raw)
        if tagged is not None:
            (self.reqs if self.started else self.file_reqs).extend(_ids(tagged))
            return
        if not clean.strip():
            return
        named = _CASE.match(clean)
        if named is not None:
            self.finish()
            self.name, self.started, self.reqs, self.steps = named[1], number, [], []
            if any(case.name == self.name for case in self.cases):
                raise NotationError(f"There is a case {self.name!r} already.", named.start(1), "Give it another name.")
            return
        option = _OPTION.match(clean)
        if option is not None:
            self.option(option, number)
            return
        self.steps.append(self.step(number, clean))

    def option(self, match: re.Match, number: int) -> None:
        name, value = match[1], match[2]
        if name == "tolerance_usecs" and value.isdigit():
            self.tolerance = int(value) * 1000
        elif name == "ip_version" and value in ("ipv4", "ipv6"):
            self.steps.append(Step(number, When(), Setting("ip", int(value[-1])), match[0].strip()))
        else:
            raise NotationError(f"--{name}={value} means nothing here.", match.start(1),
                                suggest(name, ("tolerance_usecs", "ip_version")).strip() or "Take the line out.")

    def step(self, number: int, clean: str) -> Step:
        cursor = Cursor(clean)
        when = _when(cursor)
        text = cursor.rest
        if not text:
            cursor.fail("After the time comes what happens.", "Write < or >, a call, assert, or nothing.")
        word = text.split()[0]
        if when is None:
            if word not in _SETTINGS:
                cursor.fail("The time is missing.", f"Write +0 {word} for the time of the line before.")
            when = When()
        what = self.what(cursor, word)
        if when.any and text[0] != ">":
            raise NotationError("Only a segment to come may come whenever.", clean.index("*"), "Write a time.")
        if when.low != when.high and text[0] != ">":
            raise NotationError("Only a segment to come may have two times.", clean.index("~"), "Write one time.")
        return Step(number, when, what, " ".join(text.split()))

    def what(self, cursor: Cursor, word: str):
        if word.startswith(("<", ">")):
            while cursor.text[cursor.at] in " \t":
                cursor.at += 1
            cursor.at += 1
            return parse_packet(cursor, word[0] == "<")
        if word.startswith("`"):
            cursor.fail("Shell commands are not run.", "Turn knobs with set, for example: set rto-min 200ms.")
        if word == "assert":
            return _assertion(cursor)
        if word in ("nothing", "pause"):
            if len(text := cursor.rest.split()) > 1:
                cursor.fail(f"{word} stands alone.", "", cursor.text.index(text[1], cursor.at + len(word)))
            return Nothing(strict=word == "nothing")
        if word in _SETTINGS:
            return _setting(cursor, word)
        return parse_socket_call(cursor) if is_socket_call(cursor) else parse_own(cursor)


def _ids(match: re.Match) -> list[str]:
    ids = [part for part in re.split(r"[,\s]+", match[1]) if part]
    for part in ids:
        if not _ID.fullmatch(part):
            raise NotationError(f"{part!r} is not the id of a requirement.", match.start(1) + match[1].index(part),
                                "Write for example 9293-MUST-12.")
    return ids


def _when(cursor: Cursor) -> When | None:
    first = cursor.take(_TIME)
    if first is None:
        return None
    if first[1]:
        return When(any=True)
    low = _ns(first[3], first[4], first.start(3))
    if cursor.take(_BLOCKING) is not None:
        cursor.fail("Calls do not block here.", "Give the call its one time, and assert what it led to.", first.end())
    until = cursor.take(_UNTIL)
    if until is None:
        return When(low, low, bool(first[2]))
    if bool(until[1]) != bool(first[2]):
        cursor.fail("Both times count from the start, or both from the line before.", "Write +0~+0.05.", until.start())
    high = _ns(until[2], until[3], until.start(2))
    if high < low:
        cursor.fail("The second time lies before the first.", "", until.start())
    return When(low, high, bool(first[2]))


def _ns(number: str, unit: str | None, column: int) -> int:
    number = "0" + number if number.startswith(".") else number.rstrip(".")
    try:
        return parse_time(number + (unit or "s"))
    except NotationError as error:
        raise error.shifted(column) from None


def _assertion(cursor: Cursor) -> Assert:
    cursor.at = cursor.text.index("assert", cursor.at) + len("assert")
    at = cursor.at + len(cursor.text[cursor.at:]) - len(cursor.text[cursor.at:].lstrip())
    text = cursor.text[at:].rstrip()
    depth = 0
    for place, char in enumerate(re.sub(r"'[^']*'|\"[^\"]*\"", lambda quoted: "q" * len(quoted[0]), text)):
        depth += (char == "(") - (char == ")")
        if char == "," and not depth:  # as Python writes a message: it would make the condition a pair, always true
            raise NotationError("An assertion is one condition.", at + place, "Write and, or leave out what follows.")
    try:
        return Assert(compile_expr(text, NAMES))
    except NotationError as error:
        raise error.shifted(at) from None


def _setting(cursor: Cursor, word: str) -> Setting:
    words = list(re.finditer(r"\S+", cursor.text[cursor.at:]))
    offset = cursor.at
    places = [offset + match.start() for match in words]
    said = [match[0] for match in words]
    if word == "set" and len(said) == 3:
        return parse_knob(said[1], said[2], places[1])
    if word == "profile" and len(said) == 2:
        return parse_profile(said[1], places[1])
    if word == "peer" and len(said) == 3 and said[1] == "iss" and said[2].isdigit() and int(said[2]) < 1 << 32:
        return Setting("peer iss", int(said[2]))
    if word == "ip" and len(said) == 2 and said[1] in ("4", "6"):
        return Setting("ip", int(said[1]))
    cures = {"set": "Write set KNOB VALUE, for example set nagle off.", "profile": "Write profile rfc.",
             "peer": "Write peer iss N, N below 4294967296.", "ip": "Write ip 4 or ip 6."}
    raise NotationError(f"This is not how {word} is written.", places[0], cures[word])


def with_numbers(case: Case, iss: int | None, irs: int | None) -> Case:
    """The same case with other initial numbers, wherever it does not choose its own."""
    steps = []
    for name, value in (("iss", iss), ("peer iss", irs)):
        if value is not None:
            steps.append(Step(0, When(), Setting(name, value), f"{name} {value}"))
    return replace(case, steps=tuple(steps) + case.steps)
