"""The evaluator behind EXPR: simpleeval with bounded, exact operators that know times and what is unknown."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from fractions import Fraction

from simpleeval import InvalidExpression, SimpleEval

from .errors import NotationError, printable
from .fields import Env
from .values import UNKNOWN, Duration, Seq

#: No intermediate value is larger than this many bits.
MAX_BITS = 256

_NUMBERS = (int, Fraction)


def _number(value: object) -> bool:
    return isinstance(value, _NUMBERS) and not isinstance(value, bool)


def _bounded(value: object) -> object:
    if isinstance(value, Fraction):
        if value.denominator == 1:
            return int(value)
        if value.denominator.bit_length() > MAX_BITS:
            raise NotationError("A fraction in this expression becomes too fine.")
        value_bits = value.numerator.bit_length()
    else:
        value_bits = int(value).bit_length()
    if value_bits > MAX_BITS:
        raise NotationError("A number in this expression becomes too large.")
    return value


def _arithmetic(compute: Callable[[object, object], object], sign: str) -> Callable[[object, object], object]:
    def apply(left: object, right: object) -> object:
        if left is UNKNOWN or right is UNKNOWN:
            return UNKNOWN
        if not (_number(left) and _number(right)):
            raise NotationError(f"{sign} needs two numbers.")
        if sign in "+-":
            _same_kind(left, right, sign)
        return _bounded(compute(left, right))

    return apply


def _same_kind(left: object, right: object, sign: str) -> None:
    """Nanoseconds and bare numbers must not meet by accident: ``now > 5`` would be five nanoseconds."""
    for one, other in ((left, right), (right, left)):
        if isinstance(one, Duration) and not isinstance(other, Duration) and other != 0:
            raise NotationError(f"{sign} of a time and a bare number.", 0, f"A time needs a unit: {other}s.")


def _power(base: object, exponent: object) -> object:
    small = isinstance(exponent, int) and isinstance(base, int) and 0 <= exponent <= MAX_BITS
    if not small or int(base).bit_length() * exponent > 2 * MAX_BITS:
        raise NotationError("This power is too large.", 0, "Powers up to 2**255 are allowed.")
    return int(base) ** int(exponent)


def _multiply(left: object, right: object) -> object:
    if isinstance(left, Duration) or isinstance(right, Duration):
        return Duration(int(Fraction(int(left) if isinstance(left, int) else left) * right))
    return int(left) * int(right) if isinstance(left, int) and isinstance(right, int) else left * right


def _divide(left: object, right: object) -> object:
    if isinstance(left, Duration) and not isinstance(right, Duration):
        return Duration(int(Fraction(int(left)) / right))
    return Fraction(left) / Fraction(right)


def _floor_divide(left: object, right: object) -> object:
    value = left // right
    return Duration(value) if isinstance(left, Duration) and not isinstance(right, Duration) else int(value)


def _modulo(left: object, right: object) -> object:
    value = left % right
    return Duration(value) if isinstance(left, Duration) else value


def _bit_and(left: object, right: object) -> object:
    if not (isinstance(left, int) and isinstance(right, int)):
        raise NotationError("& needs two whole numbers.")
    return int(left) & int(right)


def _ordered(compare: Callable[[object, object], bool], sign: str) -> Callable[[object, object], bool]:
    def apply(left: object, right: object) -> bool:
        if left is UNKNOWN or right is UNKNOWN or left is None or right is None:
            return False
        if not (_number(left) and _number(right)) and not (isinstance(left, str) and isinstance(right, str)):
            raise NotationError(f"{sign} cannot compare {_say(left)} with {_say(right)}.")
        if _number(left):
            _same_kind(left, right, sign)
            # With a plain number on the left Python would compare as integers; the circle decides instead.
            if isinstance(right, Seq) and not isinstance(left, Seq):
                left = Seq(int(left))
        return compare(left, right)

    return apply


def _say(value: object) -> str:
    return "a text" if isinstance(value, str) else "a number" if _number(value) else printable(repr(value), 20)


def _equal(left: object, right: object) -> bool:
    if left is UNKNOWN or right is UNKNOWN:
        return left is None or right is None
    if _number(left) and _number(right):
        _same_kind(left, right, "==")
    return left == right


def _unequal(left: object, right: object) -> bool:
    if left is UNKNOWN or right is UNKNOWN:
        return False
    return not _equal(left, right)


def _contains(left: object, right: object) -> bool:
    if isinstance(right, str):
        if left is UNKNOWN:
            return False
        if not isinstance(left, str):
            raise NotationError("in needs a text on its left, or a list on its right.")
        return left in right
    if not isinstance(right, tuple):
        raise NotationError("in needs a list or a text on its right.", 0, "Write in ('FIN-WAIT-1', 'FIN-WAIT-2').")
    return any(_equal(left, item) for item in right)


def _negative(value: object) -> object:
    if value is UNKNOWN:
        return UNKNOWN
    if not _number(value):
        raise NotationError("- needs a number.")
    return -value if isinstance(value, (Duration, Fraction)) else -int(value)


_OPERATORS = {
    ast.Add: _arithmetic(operator.add, "+"),
    ast.Sub: _arithmetic(operator.sub, "-"),
    ast.Mult: _arithmetic(_multiply, "*"),
    ast.Div: _arithmetic(_divide, "/"),
    ast.FloorDiv: _arithmetic(_floor_divide, "//"),
    ast.Mod: _arithmetic(_modulo, "%"),
    ast.Pow: _arithmetic(_power, "**"),
    ast.BitAnd: _arithmetic(_bit_and, "&"),
    ast.Eq: _equal,
    ast.NotEq: _unequal,
    ast.Lt: _ordered(operator.lt, "<"),
    ast.LtE: _ordered(operator.le, "<="),
    ast.Gt: _ordered(operator.gt, ">"),
    ast.GtE: _ordered(operator.ge, ">="),
    ast.In: _contains,
    ast.NotIn: lambda left, right: left is not UNKNOWN and not _contains(left, right),
    ast.Not: operator.not_,
    ast.USub: _negative,
    ast.UAdd: lambda value: value,
}


def _least(*values: object) -> object:
    return _extreme(values, _OPERATORS[ast.Lt])


def _greatest(*values: object) -> object:
    return _extreme(values, _OPERATORS[ast.Gt])


def _extreme(values: tuple, better: Callable[[object, object], bool]) -> object:
    values = values[0] if len(values) == 1 and isinstance(values[0], tuple) else values
    if not values or any(value is UNKNOWN for value in values):
        return UNKNOWN
    best = values[0]
    for value in values[1:]:
        best = value if better(value, best) else best
    return best


def _absolute(value: object) -> object:
    if value is UNKNOWN:
        return UNKNOWN
    if not _number(value):
        raise NotationError("abs needs a number.")
    return abs(value)


def _length(value: object) -> object:
    if value is UNKNOWN:
        return UNKNOWN
    if not isinstance(value, (str, tuple)):
        raise NotationError("len needs a text or a list.")
    return len(value)


#: Functions an expression may call.
FUNCTIONS: dict[str, Callable[..., object]] = {"min": _least, "max": _greatest, "abs": _absolute, "len": _length}


class _Names:
    """What simpleeval asks for names: the whole dotted name, looked up in the environment."""

    __slots__ = ("env",)

    def __init__(self, env: Env) -> None:
        self.env = env

    def __getitem__(self, name: str) -> object:
        value = self.env.lookup(name)
        return UNKNOWN if value is None else value


class _Evaluator(SimpleEval):
    """simpleeval, cut down to the nodes that the static check lets through."""

    def __init__(self) -> None:
        super().__init__(operators=_OPERATORS, functions=FUNCTIONS, names={}, allowed_attrs={})
        keep = (ast.Name, ast.UnaryOp, ast.BinOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.Call, ast.Constant)
        self.nodes = {kind: handler for kind, handler in self.nodes.items() if kind in keep}
        self.nodes[ast.Tuple] = self.nodes[ast.List] = self._items

    def _items(self, node: ast.Tuple) -> tuple:
        return tuple(self._eval(item) for item in node.elts)


#: Evaluators at rest. Making one costs more than an expression does; taking one out keeps nested calls apart.
_POOL: list[_Evaluator] = []

_FAILURES = (
    InvalidExpression, ArithmeticError, TypeError, ValueError, LookupError, AttributeError, RecursionError,
)  # fmt: skip


def evaluate(tree: ast.expr, text: str, env: Env) -> object:
    """The value of a checked tree in `env`. Raises NotationError when it cannot be computed."""
    evaluator = _POOL.pop() if _POOL else _Evaluator()
    evaluator.names = _Names(env)
    try:
        return evaluator.eval(text, tree)
    except NotationError as error:
        if error.column == 0 and "expression" not in error.message:
            raise NotationError(f"{error.message[:-1]} in {printable(text)!r}.", 0, error.cure) from None
        raise
    except ZeroDivisionError:
        raise NotationError(f"{printable(text)!r} divides by zero.") from None
    except _FAILURES as error:
        raise NotationError(f"{printable(text)!r} cannot be computed here ({printable(str(error))}).") from None
    finally:
        evaluator.names = {}
        _POOL.append(evaluator)
