"""YAML 1.2 into plain data that remembers where every value stands, within limits that no file can exceed.

ruamel.yaml composes the tree; the values are made here, so that tags can build nothing, a key given twice is an
error, and each fault has its place. Numbers with a point stay text: nothing in a lab is a float.
"""

from __future__ import annotations

import bisect
import re
from dataclasses import dataclass

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode
from ruamel.yaml.tokens import ScalarToken

from tcplab.notation.errors import NotationError, is_unprintable, printable

from .errors import LabError, Problem, in_order

MAX_BYTES = 256 * 1024
MAX_VALUES = 20_000
MAX_DEPTH = 12

Path = tuple[str | int, ...]

_TAG = "tag:yaml.org,2002:"
_INT = re.compile(r"[-+]?(0o[0-7_]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*)")
#: Words that are yes or no to half of all YAML readers and plain text to this one.
_BOOLEAN_WORDS = frozenset({"yes", "no", "on", "off", "y", "n"})


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands (0-based) and how it is written, so that a place inside a text can be found."""

    line: int
    column: int
    end_line: int
    style: str = ""


class Tree:
    """The plain data of one file (`data`), the place of every value and key, and what was wrong on the way."""

    def __init__(self, text: str, file: str) -> None:
        self.file = file
        self.lines = text.split("\n")
        self.data: object = None
        self.values: dict[Path, Place] = {}
        self.keys: dict[Path, Place] = {}
        self.problems: list[Problem] = []
        #: Places whose fault was told and which were set right for the time being, and the names that went with them.
        self.mended: set[Path] = set()
        self.lost: set[str] = set()
        #: Whether parts of the file were left out because they are not YAML.
        self.cut = False
        self._count = 0

    def place(self, path: Path, key: bool = False) -> Place:
        """The place of `path`, or of the nearest thing around it."""
        while True:
            if key and path in self.keys:
                return self.keys[path]
            if path in self.values:
                return self.values[path]
            if not path:
                return Place(0, 0, 0)
            path, key = path[:-1], key and path in self.keys

    def locate(self, path: Path, offset: int = 0, key: bool = False) -> tuple[int, int]:
        """Line and column (from 1) of the character `offset` of the text at `path`."""
        place = self.place(path, key)
        if path not in (self.keys if key else self.values):
            offset = 0
        if place.style == "|":
            return self._in_block(path, place, offset)
        column = place.column + (place.style in ("'", '"') and offset > 0)
        return place.line + 1, column + 1 + (offset if place.line == place.end_line else 0)

    def _in_block(self, path: Path, place: Place, offset: int) -> tuple[int, int]:
        value: object = self.data
        for part in path:
            value = value[part]  # type: ignore[index]
        before = str(value)[:offset]
        line = place.line + 1 + before.count("\n")
        written = self.lines[line] if line < len(self.lines) else ""
        indent = len(written) - len(written.lstrip())
        return line + 1, indent + 1 + len(before) - (before.rfind("\n") + 1)

    def report(
        self, path: Path, message: str, cure: str = "", *, offset: int = 0, key: bool = False, severity: str = "error"
    ) -> None:
        """Note a problem at `path`, or at a character of its text; not where another was told that is its cause."""
        if any(path[:length] in self.mended for length in range(len(path) + 1)):
            return
        line, column = self.locate(path, offset, key)
        self.problems.append(Problem(self.file, line, column, message, cure, severity))

    def report_notation(self, path: Path, error: NotationError, offset: int = 0, key: bool = False) -> None:
        """Note an expression, match or command that does not parse, at its own column."""
        self.report(path, error.message, error.cure, offset=offset + error.column, key=key)

    def forget_warnings(self, path: Path) -> None:
        """Take back the warnings at `path`: what was told there since is the fault."""
        place = self.locate(path)
        self.problems = [one for one in self.problems
                         if one.severity == "error" or (one.line, one.column) != place]

    def touched(self, *paths: Path) -> bool:
        """Whether one of these, something in it or something around it was set right for the time being."""
        return any(one[: len(path)] == path[: len(one)] for path in paths for one in self.mended)

    @property
    def told(self) -> list[Problem]:
        """Everything, in the order of the file."""
        return in_order(self.problems)

    @property
    def errors(self) -> list[Problem]:
        return [problem for problem in self.told if problem.severity == "error"]

    @property
    def warnings(self) -> list[Problem]:
        return [problem for problem in self.told if problem.severity != "error"]

    def build(self, node: Node, path: Path) -> object:
        """The plain value of `node`; notes its place and its faults."""
        self._count += 1
        if self._count > MAX_VALUES:
            raise LabError([self._at(node, f"A lab has at most {MAX_VALUES} values.")])
        if len(path) > MAX_DEPTH:
            raise LabError([self._at(node, "This is nested too deep for a lab.")])
        start, end = node.start_mark, node.end_mark
        self.values[path] = Place(start.line, start.column, end.line, getattr(node, "style", None) or "")
        if isinstance(node, ScalarNode):
            return self._scalar(node, path)
        if str(node.tag) not in (_TAG + "map", _TAG + "seq"):
            self.report(path, f"A lab has no tags such as {printable(str(node.tag))}.", "Remove it.")
        if isinstance(node, MappingNode):
            return self._mapping(node, path)
        return [self.build(item, (*path, index)) for index, item in enumerate(node.value)]

    def _at(self, node: Node, message: str, cure: str = "") -> Problem:
        return Problem(self.file, node.start_mark.line + 1, node.start_mark.column + 1, message, cure)

    def _mapping(self, node: MappingNode, path: Path) -> dict[str, object]:
        result: dict[str, object] = {}
        for key_node, value_node in node.value:
            start = key_node.start_mark
            if not isinstance(key_node, ScalarNode):
                self.problems.append(self._at(key_node, "A key is a word, not a list or a mapping."))
                continue
            key = key_node.value
            if key in result:
                first = self.keys[(*path, key)].line + 1
                self.problems.append(self._at(key_node, f"{printable(key)!r} was given already in line {first}.",
                                              "Keep one of them."))
                continue
            self._check_text(key_node, key, (*path, key))
            self.keys[(*path, key)] = Place(
                start.line, start.column, key_node.end_mark.line, getattr(key_node, "style", None) or ""
            )
            result[key] = self.build(value_node, (*path, key))
            if result[key] is None:
                # Nothing stands there; ruamel then points at the next line.
                self.values[(*path, key)] = self.keys[(*path, key)]
        return result

    def _scalar(self, node: ScalarNode, path: Path) -> object:
        kind, text = str(node.tag).removeprefix(_TAG), node.value
        self._check_text(node, text, path)
        if kind == "bool":
            return text.lower() == "true"
        if kind == "null":
            return None
        if kind == "int" and _INT.fullmatch(text) and len(text) <= 20:
            plain = text.replace("_", "")
            return int(plain, 0) if re.match(r"[-+]?0[ox]", plain) else int(plain)
        if kind not in ("str", "int", "float", "timestamp", "merge", "value"):
            self.report(path, f"A lab has no tags such as {printable(str(node.tag))}.", "Remove it.")
        if kind == "str" and not node.style:
            self._check_traps(node, path)
        return text

    def _check_traps(self, node: ScalarNode, path: Path) -> None:
        """What YAML reads otherwise than its author meant."""
        if node.value.lower() in _BOOLEAN_WORDS:
            self.report(
                path, f"Some YAML readers take {node.value} for true or false.", "Put it in quotes.", severity="warning"
            )
        rest = self.lines[node.end_mark.line][node.end_mark.column :] if node.end_mark.line < len(self.lines) else ""
        if re.match(r"\s+#[0-9]", rest):
            number = rest.split()[0]
            self.report(path, f"YAML takes {printable(number)} for a comment.", "Put the whole value in quotes.")
            self.mended.add(path)

    def _check_text(self, node: Node, text: str, path: Path) -> None:
        for char in text:
            if char not in "\n\t" and is_unprintable(char):
                message = f"The character U+{ord(char):04X} could disturb a terminal."
                self.problems.append(self._at(node, message, "Remove it: it is not seen."))
                return


def decode(raw: bytes, file: str) -> str:
    """The text of a file. Raises LabError when it is too large or not UTF-8."""
    if len(raw) > MAX_BYTES:
        raise LabError([Problem(file, 1, 1, f"A lab file has at most {MAX_BYTES // 1024} KiB.")])
    try:
        return raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        column = error.start - (before.rfind(b"\n") + 1) + 1
        problem = Problem(file, before.count(b"\n") + 1, column, "A lab file is UTF-8 text.", "Save it as UTF-8.")
        raise LabError([problem]) from None


def read_tree(text: str, file: str) -> Tree:
    """Parse one YAML document. Raises LabError when it is not YAML; softer faults are in the tree's `problems`."""
    tree = Tree(text, file)
    yaml = YAML(typ="safe", pure=True)
    try:
        node = yaml.compose(text)
    except MarkedYAMLError as error:
        raise LabError([_run_on_quotes(error, text, file) or _marked(error, file)]) from None
    except RecursionError:
        raise LabError([Problem(file, 1, 1, "This is nested too deep for a lab.")]) from None
    except (YAMLError, ValueError, AssertionError, AttributeError) as error:
        raise LabError([_unmarked(error, text, file)]) from None
    for number, line in enumerate(tree.lines):
        if line.startswith("%"):
            tree.problems.append(Problem(file, number + 1, 1, "A lab is YAML 1.2 without directives."))
        if not line.startswith(("%", "#")) and line.strip():
            break
    if node is None:
        raise LabError([Problem(file, 1, 1, "This file is empty.", "Begin with tcplab: 1.")])
    tree.data = tree.build(node, ())
    return tree


_CURES = (
    ("mapping values are not allowed", "Put a text with ': ' in quotes, or check the indentation."),
    ("cannot start any token", "Put the text in quotes; indent with blanks, not tabs."),
    ("expected ',' or", "Close the bracket, or put a text with , [ ] { } in quotes."),
    ("unexpected end of stream", "Close the quotes."),
    ("expected <block end>", "Check the indentation, and put a text with quotes or : in quotes."),
    ("could not find expected ':'", "Write key: value."),
    ("another document", "A lab is one document: remove the ---."),
    ("unknown escape", "In double quotes write \\\\ for a backslash, or use single quotes."),
)


def _marked(error: MarkedYAMLError, file: str) -> Problem:
    mark = error.problem_mark or error.context_mark
    if "unexpected end of stream" in (error.problem or "") and error.context_mark:
        mark = error.context_mark  # the quotes that are not closed, not the end of the file
    message = (error.problem or error.context or "This is not YAML").strip()
    cure = next((cure for words, cure in _CURES if words in message), "")
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    return Problem(file, line, column, f"This is not YAML: {printable(message, 120)}.", cure)


def _run_on_quotes(error: MarkedYAMLError, text: str, file: str) -> Problem | None:
    """Quotes that were not closed swallow what follows, up to the next ones: there the reader stumbles, not here."""
    if error.problem_mark is None:
        return None
    swallowed = None
    try:
        for token in YAML(typ="safe", pure=True).scan(text):
            if token.start_mark.index >= error.problem_mark.index:
                break
            if isinstance(token, ScalarToken) and token.style in ("'", '"'):
                swallowed = token
    except (YAMLError, ValueError):
        pass
    if swallowed is None or not swallowed.start_mark.line < swallowed.end_mark.line == error.problem_mark.line:
        return None
    start = swallowed.start_mark
    words = f"This is not YAML: the quotes that open here are closed only in line {swallowed.end_mark.line + 1}."
    return Problem(file, start.line + 1, start.column + 1, words, "Close them where the text ends.")


def _unmarked(error: Exception, text: str, file: str) -> Problem:
    position = getattr(error, "position", None)
    if not isinstance(position, int):
        return Problem(file, 1, 1, f"This is not YAML: {printable(str(error).splitlines()[0], 120)}.")
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    line = bisect.bisect_right(starts, position)
    character = getattr(error, "character", None)
    name = f"U+{character:04X}" if isinstance(character, int) else "here"
    return Problem(file, line, position - starts[line - 1] + 1, f"The character {name} is not allowed in a lab.")
