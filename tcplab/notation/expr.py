"""EXPR: the safe expressions of labs, link rules and `run until`.

simpleeval computes; a static check over the same syntax tree comes first, so that a wrong name or a forbidden
construction is found when the text is written, with its column. There are no attributes, calls or powers beyond
what is listed here: dotted names are looked up whole, and every operation is bounded.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection
from fractions import Fraction
from typing import NoReturn

from .errors import NotationError, printable, suggest
from .evaluate import FUNCTIONS, evaluate
from .fields import Env
from .glossary import HOST_FACTS, SEGMENT_FIELDS, VARIABLES
from .units import SIZE_UNITS, TIME_UNITS, parse_percent, parse_size, parse_time
from .values import UNKNOWN, Duration

MAX_LENGTH = 400
MAX_DEPTH = 25

#: The eleven states (RFC 9293 section 3.3.2), so that a misspelt one is found at once.
STATES = (
    "CLOSED", "LISTEN", "SYN-SENT", "SYN-RECEIVED", "ESTABLISHED", "FIN-WAIT-1", "FIN-WAIT-2", "CLOSE-WAIT",
    "CLOSING", "LAST-ACK", "TIME-WAIT",
)  # fmt: skip

# Two letters that no lab can type by accident stand in for what Python's grammar has not: `#` in client#2, and
# quantities such as 60s. Stand-ins are as long as what they replace, so that columns stay true.
_HASH, _QUANTITY = "ǂ", "ǁ"
_TOKENS = re.compile(
    r"'[^'\\]*'|\"[^\"\\]*\"|"
    r"(?P<conn>[A-Za-z_]\w*\#[0-9]{1,4}(?=\.))|"
    r"[A-Za-z_][\w.]*|"
    r"(?P<percent>[0-9]+(?:\.[0-9]+)?%(?=\s*(?:$|[),<>=!]|and\b|or\b|if\b|else\b|in\b|not\b)))|"
    r"(?P<quantity>[0-9]+(?:\.[0-9]+)?(?P<unit>[A-Za-z]+))|"
    r"[0-9]+(?:\.[0-9]+)?|.",
    re.ASCII | re.DOTALL,
)
_NODES = (
    ast.BoolOp, ast.And, ast.Or, ast.UnaryOp, ast.Not, ast.USub, ast.UAdd, ast.BinOp, ast.Add, ast.Sub, ast.Mult,
    ast.Div, ast.FloorDiv, ast.Mod, ast.Pow, ast.BitAnd, ast.Compare, ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt,
    ast.GtE, ast.In, ast.NotIn, ast.IfExp, ast.Call, ast.Constant, ast.Name, ast.Load, ast.Tuple, ast.List,
)  # fmt: skip


class Expr:
    """A checked expression. Immutable: copies are itself, and pickling keeps the text.

    `text` is as written; `names` are the names it reads, in order; `whens` are the conditions inside ``when(...)``,
    whose first instants whoever evaluates has to supply under the name ``when(TEXT)``.
    """

    __slots__ = ("text", "names", "whens", "_tree")

    def __init__(self, text: str, tree: ast.expr, names: tuple[str, ...], whens: tuple[Expr, ...]) -> None:
        self.text = text
        self.names = names
        self.whens = whens
        self._tree = tree

    def eval(self, env: Env) -> object:
        """The value in `env`; None when it is not known yet. Raises NotationError when it cannot be computed."""
        value = evaluate(self._tree, self.text, env)
        return None if value is UNKNOWN else value

    def holds(self, env: Env) -> bool:
        """Whether the value counts as true. Raises NotationError."""
        return bool(evaluate(self._tree, self.text, env))

    @property
    def equalities(self) -> tuple[tuple[str, object], ...]:
        """What must be equal for it to hold, as far as it is plainly said: ``NAME == literal``, joined by ``and``."""
        joined = isinstance(self._tree, ast.BoolOp) and isinstance(self._tree.op, ast.And)
        parts = self._tree.values if joined else [self._tree]
        return tuple((ast.unparse(part.left), part.comparators[0].value) for part in parts
                     if isinstance(part, ast.Compare) and len(part.ops) == 1 and isinstance(part.ops[0], ast.Eq)
                     and isinstance(part.comparators[0], ast.Constant))

    @property
    def alternatives(self) -> tuple[tuple[str, bool], ...]:
        """The sides of an ``or`` as written, each with whether it is a value rather than a condition; () without one.

        A name is a value unless what it names is a flag: of such an ``or`` the first side that is a value is taken.
        """
        if not (isinstance(self._tree, ast.BoolOp) and isinstance(self._tree.op, ast.Or)):
            return ()
        sides, depth = [""], 0
        for word in re.findall(r"'[^']*'|\"[^\"]*\"|\w+|.", self.text, re.DOTALL):
            depth += (word == "(") - (word == ")")
            if word == "or" and not depth:
                sides.append("")
            else:
                sides[-1] += word
        return tuple((side.strip(), _is_value(node)) for side, node in zip(sides, self._tree.values, strict=False))

    @property
    def literal(self) -> object:
        """The value of an expression that reads nothing, else None."""
        return None if self.names or self.whens else self.eval(_NOTHING)

    def __copy__(self) -> Expr:
        return self

    def __deepcopy__(self, memo: dict) -> Expr:
        return self

    def __reduce__(self) -> tuple:
        return (compile_expr, (self.text,))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Expr) and other.text == self.text

    def __hash__(self) -> int:
        return self.text.__hash__()

    def __repr__(self) -> str:
        return f"Expr({self.text!r})"


def _is_value(node: ast.expr) -> bool:
    """Whether an expression gives a number, a time or a word, and not true or false."""
    if isinstance(node, ast.Name):
        field = node.id.rpartition(".")[2]
        known = VARIABLES.get(field) or SEGMENT_FIELDS.get(field) or HOST_FACTS.get(field)
        return known is None or known.kind != "flag"
    if isinstance(node, ast.Constant):
        return not isinstance(node.value, bool)
    if isinstance(node, ast.BoolOp):
        return any(map(_is_value, node.values))
    if isinstance(node, ast.UnaryOp):
        return not isinstance(node.op, ast.Not)
    return isinstance(node, (ast.BinOp, ast.Call))


class _Nothing:
    def lookup(self, name: str) -> object:
        raise KeyError(name)


_NOTHING = _Nothing()


def compile_expr(text: str, names: Collection[str] | None = None) -> Expr:
    """Check `text` and make it ready. `names` are the dotted names it may use (None: any).

    ``HOST#2.field`` is checked as ``HOST.field``. Raises NotationError with the column of the fault.
    """
    if len(text) > MAX_LENGTH:
        raise NotationError(f"An expression has at most {MAX_LENGTH} characters; this one has {len(text)}.", MAX_LENGTH)
    if not text.strip():
        raise NotationError("An expression is missing here.", 0)
    source, literals = _stand_in(text)
    lead = len(source) - len(source.lstrip())
    try:
        tree = ast.parse(source[lead:], mode="eval").body
    except SyntaxError as error:
        _syntax_error(text, lead + max((error.offset or 1) - 1, 0))
    except (ValueError, MemoryError, RecursionError):
        raise NotationError("This expression is too complicated.", 0) from None
    check = _Check(text, source[lead:], lead, literals, names)
    tree = check.visit(tree, 0)
    return Expr(text.strip(), tree, tuple(dict.fromkeys(check.read)), tuple(check.whens))


def _syntax_error(text: str, column: int) -> NoReturn:
    column = min(column, len(text))
    cure = "Something is missing, or too much." if text.strip() else "Write for example client.gone."
    if re.search(r"(?<![=<>!])=(?!=)", text):
        cure = "To compare, write ==."
    elif "&&" in text or "||" in text:
        cure = "Write and, or."
    elif text.count("(") != text.count(")"):
        cure = "Count the brackets."
    elif text.count("'") % 2 or text.count('"') % 2:
        cure = "Close the quotes."
    raise NotationError(f"{printable(text.strip())!r} is not an expression.", column, cure)


def _stand_in(text: str) -> tuple[str, dict[int, object]]:
    """Python source of the same length, and the value of each quantity by its column."""
    parts: list[str] = []
    literals: dict[int, object] = {}
    for match in _TOKENS.finditer(text):
        token, column = match.group(), match.start()
        if match["conn"]:
            token = token.replace("#", _HASH)
        elif match["percent"]:
            literals[column] = parse_percent(token)
            token = _QUANTITY * len(token)
        elif match["quantity"]:
            literals[column] = _quantity(token, match["unit"], column)
            token = _QUANTITY * len(token)
        elif token.isspace():
            token = " "
        elif token in "#;:[]{}@\\`$?~ǂǁ" or (not token.isascii() and token[0] not in "'\""):
            hint = "Lists are written in round brackets." if token in "[]" else ""
            raise NotationError(f"{printable(token)!r} has no meaning in an expression.", column, hint)
        elif not token.isascii():
            # A string with letters beyond ASCII would shift the columns that Python counts in bytes.
            raise NotationError("Strings in expressions are plain ASCII.", column)
        parts.append(token)
    return "".join(parts), literals


def _quantity(token: str, unit: str, column: int) -> object:
    try:
        if unit in TIME_UNITS:
            return Duration(parse_time(token))
        if unit in SIZE_UNITS:
            return parse_size(token)
    except NotationError as error:
        raise error.shifted(column) from None
    raise NotationError(
        f"{printable(unit)!r} is not a unit.", column + len(token) - len(unit),
        suggest(unit, (*TIME_UNITS, *SIZE_UNITS)).strip() or "Known are ns us ms s min, B kB KiB MB MiB, and %.",
    )


class _Check:
    """The static check: walks the tree once, refuses what is not listed, and makes names whole."""

    def __init__(
        self, text: str, source: str, lead: int, literals: dict[int, object], names: Collection[str] | None
    ) -> None:
        self.text, self.source, self.lead = text, source, lead
        self.literals = literals
        self.known = names
        self.read: list[str] = []
        self.whens: list[Expr] = []

    def column(self, node: ast.AST) -> int:
        """Stand-ins are two bytes long in UTF-8, and Python counts bytes."""
        before = self.source.encode()[: getattr(node, "col_offset", 0)]
        return self.lead + len(before.decode(errors="ignore"))

    def written(self, node: ast.AST) -> str:
        end = len(self.source.encode()[: node.end_col_offset].decode(errors="ignore")) + self.lead
        return self.text[self.column(node) : end]

    def fail(self, node: ast.AST, message: str, cure: str = "") -> NoReturn:
        raise NotationError(message, self.column(node), cure)

    def visit(self, node: ast.AST, depth: int) -> ast.expr:
        if depth > MAX_DEPTH:
            self.fail(node, "This expression is nested too deep.")
        if isinstance(node, ast.Attribute):
            return self.name(node)
        if not isinstance(node, _NODES):
            self.fail(node, f"{printable(self.written(node)) or 'This'!r} is not allowed in an expression.")
        if isinstance(node, ast.Name):
            return self.name(node)
        if isinstance(node, ast.Constant):
            return self.constant(node)
        if isinstance(node, ast.Call):
            return self.call(node, depth)
        if isinstance(node, ast.Compare):
            self.compare(node)
        for field, value in ast.iter_fields(node):
            if isinstance(value, list):
                setattr(node, field, [self.child(item, depth) for item in value])
            elif isinstance(value, ast.AST):
                setattr(node, field, self.child(value, depth))
        return node

    def child(self, node: ast.AST, depth: int) -> ast.AST:
        if isinstance(node, (ast.expr_context, ast.boolop, ast.operator, ast.unaryop, ast.cmpop)):
            if not isinstance(node, _NODES):
                raise NotationError(
                    f"{printable(self.text)!r} uses an operator that expressions do not have.", self.lead,
                    "Compare with == or !=." if isinstance(node, (ast.Is, ast.IsNot)) else "",
                )
            return node
        return self.visit(node, depth + 1)

    def name(self, node: ast.expr) -> ast.expr:
        column = self.column(node)
        if column in self.literals and self.source[column - self.lead] == _QUANTITY:
            if isinstance(node, ast.Attribute):
                self.fail(node, f"{printable(self.written(node))!r} is not a name.")
            return ast.copy_location(ast.Constant(self.literals[column]), node)
        parts: list[str] = []
        inner = node
        while isinstance(inner, ast.Attribute):
            parts.append(inner.attr)
            inner = inner.value
        if not isinstance(inner, ast.Name):
            self.fail(node, "A dot belongs between a host and a field.", "Write for example client.state.")
        parts.append(inner.id)
        if any(part.startswith("_") for part in parts):
            self.fail(node, f"{printable(self.written(node))!r} is not a name.")
        name = ".".join(reversed(parts)).replace(_HASH, "#")
        self.check_name(node, name)
        self.read.append(name)
        return ast.copy_location(ast.Name(name, ast.Load()), node)

    def check_name(self, node: ast.expr, name: str) -> None:
        plain = re.sub(r"#[0-9]+", "", name)
        if self.known is None or plain in self.known:
            return
        head, dot, field = plain.partition(".")
        fields = [known.partition(".")[2] for known in self.known if known.startswith(head + ".")]
        if dot and fields:
            near = suggest(field, sorted(fields)).strip()
            raise NotationError(
                f"{printable(head)} has no {printable(field)!r}.", self.column(node) + name.index(".") + 1, near
            )
        if not dot and fields and head != "seg":
            self.fail(node, f"{printable(name)!r} is a host.", f"Write {name}.state, or {name!r} in quotes.")
        cure = suggest(plain, sorted(self.known)).strip()
        if not cure and plain in STATES:
            cure = f"Write {plain!r} in quotes."
        self.fail(node, f"{printable(name)!r} is not known here.", cure)

    def constant(self, node: ast.Constant) -> ast.expr:
        value = node.value
        if isinstance(value, float):
            # Exact: 0.1 is one tenth here. An exponent could make a number that fills the memory.
            written = self.written(node)
            if not re.fullmatch(r"[0-9]*\.?[0-9]*", written):
                self.fail(node, f"{printable(written)!r} is not a plain number.")
            return ast.copy_location(ast.Constant(Fraction(written)), node)
        if value is not None and not isinstance(value, (int, str)):
            self.fail(node, f"{printable(self.written(node))!r} is not allowed in an expression.")
        return node

    def compare(self, node: ast.Compare) -> None:
        """A state that does not exist would make a goal that can never be met."""
        sides = [node.left, *node.comparators]
        if not any(isinstance(side, ast.Attribute) and side.attr == "state" for side in sides):
            return
        for side in sides:
            for item in side.elts if isinstance(side, (ast.Tuple, ast.List)) else [side]:
                if isinstance(item, ast.Constant) and isinstance(item.value, str) and item.value not in STATES:
                    self.fail(item, f"{printable(item.value)!r} is not a state.", suggest(item.value, STATES).strip())

    def call(self, node: ast.Call, depth: int) -> ast.expr:
        if not isinstance(node.func, ast.Name):
            self.fail(node, "Only " + ", ".join(FUNCTIONS) + " and when can be called.")
        name = node.func.id
        if node.keywords or any(isinstance(arg, ast.Starred) for arg in node.args):
            self.fail(node, f"{name} takes plain values.")
        if name == "when":
            return self.when(node)
        if name not in FUNCTIONS:
            cure = suggest(name, (*FUNCTIONS, "when")).strip()
            self.fail(node, f"There is no function {printable(name)!r}.", cure or f"Known: {', '.join(FUNCTIONS)}.")
        if not node.args or (name in ("abs", "len") and len(node.args) != 1):
            self.fail(node, f"{name} takes " + ("one value." if name in ("abs", "len") else "one value or more."))
        node.args = [self.visit(arg, depth + 1) for arg in node.args]
        return node

    def when(self, node: ast.Call) -> ast.expr:
        if len(node.args) != 1:
            self.fail(node, "when takes one condition.", "Write for example when(client.state == 'TIME-WAIT').")
        condition = node.args[0]
        try:
            inner = compile_expr(self.written(condition), self.known)
        except NotationError as error:
            raise error.shifted(self.column(condition)) from None
        if inner.whens:
            self.fail(condition, "when cannot stand inside when.")
        self.whens.append(inner)
        return ast.copy_location(ast.Name(f"when({inner.text})", ast.Load()), node)
