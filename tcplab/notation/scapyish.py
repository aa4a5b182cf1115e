"""Segments made by hand, in scapy's notation: ``IP(src='10.0.0.9')/TCP(flags='R', seq=4212)/b'text'``.

Only literals are read, from Python's own syntax tree; nothing is ever run, and scapy is not imported. Fields that are
not given keep the values of a template, so that the shortest text does something sensible. Numbers may be sums.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable
from dataclasses import replace

from tcplab.tcp.options import Options
from tcplab.tcp.segment import Segment, letters_to_flags
from tcplab.tcp.wire import WireError, address_to_bytes, options_to_bytes

from .errors import NotationError, printable, suggest

#: Longer texts are refused before they are parsed; a segment of 1,460 escaped bytes still fits.
MAX_TEXT = 10_000
_MAX_DEPTH = 20

_BITS8, _BITS16, _BITS32 = 0xFF, 0xFFFF, 0xFFFFFFFF


class _Bad(Exception):
    """A value that will not do: what is wrong, and the cure. Becomes a NotationError where its place is known."""


def parse_segment(text: str, defaults: Segment) -> Segment:
    """The segment that `text` describes; what it leaves out comes from `defaults`.

    Raises NotationError with the column of the part that cannot be understood.
    """
    segment = replace(defaults, **parse_layers(text))
    _check_whole(segment)
    return segment


def parse_layers(text: str) -> dict[str, object]:
    """What `text` says of a segment, as fields of Segment. Raises NotationError as `parse_segment` does."""
    layers = _layers(_tree(text, text), text)
    if not any(name == "TCP" for name, _, _ in layers):
        raise NotationError("this is no segment: it has no TCP(...).", 0, "Write for example TCP(flags='R', seq=1).")
    changes: dict[str, object] = {}
    seen: list[str] = []
    for name, node, fields in layers:
        rank = _ORDER[name]
        if any(_ORDER[other] >= rank for other in seen):
            raise _at(node, text, f"{name} stands in the wrong place.", "The order is IP / TCP / text.")
        seen.append(name)
        changes |= fields
    return changes


def parse_fields(text: str) -> dict[str, object]:
    """The changes of ``seq=1 flags=R payload='x'`` as fields of Segment (and ``chksum``); blanks or commas between.

    Both scapy's names and Segment's are taken. Raises NotationError.
    """
    _check_length(text)
    fields: dict[str, object] = {}
    at = 0
    while match := _GAP.match(text, at):
        at = match.end()
        if at == len(text):
            break
        named = _NAME.match(text, at)
        if not named:
            raise NotationError("a change is written name=value.", at, "For example: seq=4212 flags=R.")
        end = _value_end(text, named.end())
        value = text[named.end():end]
        if _BARE.fullmatch(value):
            node: ast.expr = ast.Constant(value)
        else:
            # Blanks in front keep the columns those of the whole text.
            node = _tree(" " * named.end() + value, text)
        key, got = _field({**_FIELDS["IP"], **_FIELDS["TCP"], **_EDIT_ONLY}, named[1], node, text, at, named.end())
        fields[key] = got
        at = end
    if not fields:
        raise NotationError("nothing is changed.", 0, "For example: seq=4212 flags=R.")
    return fields


_GAP = re.compile(r"[\s,]*")
_NAME = re.compile(r"([A-Za-z_]+)\s*=\s*")
_BARE = re.compile(r"[A-Za-z.][A-Za-z.]*|[0-9A-Fa-f]*:[0-9A-Fa-f:.]+|[0-9]+\.[0-9.]+")


def _value_end(text: str, at: int) -> int:
    """Where the value that begins at `at` ends: at a blank or comma outside quotes and brackets."""
    depth, quote = 0, ""
    while at < len(text):
        char = text[at]
        if quote:
            if char == "\\":
                at += 1
            elif char == quote:
                quote = ""
        elif char in "'\"":
            quote = char
        elif char in "([":
            depth += 1
        elif char in ")]":
            depth -= 1
        elif depth <= 0 and (char.isspace() or char == ","):
            break
        at += 1
    return min(at, len(text))


# --- the syntax tree -----------------------------------------------------------------------------------------------


def _check_length(text: str) -> None:
    if len(text) > MAX_TEXT:
        raise NotationError(f"the text is longer than {MAX_TEXT} characters.", MAX_TEXT)


def _tree(source: str, text: str) -> ast.expr:
    """The syntax tree of `source`, whose columns are those of `text`."""
    _check_length(text)
    lead = len(source) - len(source.lstrip())
    flat = re.sub(r"[\r\n\f]", " ", source[lead:])
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            node = ast.parse(flat, mode="eval").body
    except SyntaxError as problem:
        column = lead + max((problem.offset or 1) - 1, 0)
        raise NotationError("this is not scapy's notation.", min(column, len(text)),
                            "Write for example TCP(flags='R', seq=1)/b'text'.") from None
    except (ValueError, RecursionError, MemoryError):
        raise NotationError("this cannot be read.", lead, "Write for example TCP(flags='R', seq=1).") from None
    node.lead = lead
    return node


def _column(node: ast.AST, text: str, lead: int = 0) -> int:
    """The column of a node in characters; the tree counts bytes of UTF-8."""
    offset = getattr(node, "col_offset", 0)
    return min(lead + len(text[lead:].encode("utf-8", "replace")[:offset].decode("utf-8", "ignore")), len(text))


def _at(node: ast.AST, text: str, message: str, cure: str = "", lead: int = 0) -> NotationError:
    return NotationError(message, _column(node, text, lead), cure)


def _layers(tree: ast.expr, text: str) -> list[tuple[str, ast.expr, dict[str, object]]]:
    """(layer, its node, the Segment fields it sets) from left to right."""
    lead = getattr(tree, "lead", 0)
    parts: list[ast.expr] = []
    while isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.Div):
        parts.append(tree.right)
        tree = tree.left
    parts.append(tree)
    return [_layer(node, text, lead) for node in reversed(parts)]


def _layer(node: ast.expr, text: str, lead: int) -> tuple[str, ast.expr, dict[str, object]]:
    if isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes)):
        return "Raw", node, {"payload": _text(node.value)}
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        raise _at(node, text, "a layer was expected here.", "Layers are IP(...), IPv6(...), TCP(...), b'text'.", lead)
    name = node.func.id
    if name not in _FIELDS:
        raise _at(node, text, f"there is no layer {printable(name)}.{suggest(name, _FIELDS)}",
                  "Layers are IP(...), IPv6(...), TCP(...), Raw(...) and b'text'.", lead)
    fields: dict[str, object] = {}
    keywords = [(keyword.arg, keyword.value, keyword) for keyword in node.keywords]
    if name == "Raw" and len(node.args) == 1 and not keywords:
        keywords = [("load", node.args[0], node.args[0])]
    elif node.args:
        raise _at(node.args[0], text, "fields are given by name.", f"Write for example {name}({_EXAMPLE[name]}).", lead)
    for field, value, place in keywords:
        if field is None:
            raise _at(place, text, "only literals are read here.", "Write the fields out by name.", lead)
        key, got = _field(_FIELDS[name], field, value, text, _column(place, text, lead), None, lead)
        if key in fields:
            raise _at(place, text, f"{field} is given twice.", "", lead)
        fields[key] = got
    return name, node, fields


def _field(known: dict[str, _Field], name: str, node: ast.expr, text: str, column: int, value_column: int | None,
           lead: int | None = None) -> tuple[str, object]:
    """The Segment field `name` means, and the value at `node`. `column` is where the name stands."""
    if name not in known:
        raise NotationError(f"there is no field {printable(name)} here.{suggest(name, known)}", column,
                            f"Fields are {', '.join(known)}.")
    key, read = known[name]
    lead = getattr(node, "lead", 0) if lead is None else lead
    try:
        return key, read(_literal(node))
    except _Bad as problem:
        place = value_column if value_column is not None else _column(node, text, lead)
        raise NotationError(f"{name}: {problem.args[0]}", place, problem.args[1]) from None


def _literal(node: ast.expr, depth: int = 0) -> object:
    """The value of a literal: numbers and their sums, texts, bytes, tuples and lists. Raises _Bad for anything else."""
    if depth > _MAX_DEPTH:
        raise _Bad("this is nested too deeply.", "Write the number or the text itself.")
    if isinstance(node, ast.Constant) and type(node.value) in (int, str, bytes, type(None)):
        return node.value
    if isinstance(node, (ast.Tuple, ast.List)):
        items = [_literal(item, depth + 1) for item in node.elts]
        return tuple(items) if isinstance(node, ast.Tuple) else items
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_number(_literal(node.operand, depth + 1))
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub)):
        left, right = (_number(_literal(side, depth + 1)) for side in (node.left, node.right))
        return left + right if isinstance(node.op, ast.Add) else left - right
    raise _Bad("only literals are read here.", "Write the number or the text itself.")


# --- the values ----------------------------------------------------------------------------------------------------


def _number(value: object) -> int:
    if type(value) is not int:
        raise _Bad("a number was expected.", "For example 4212 or 0x1074.")
    return value


def _upto(limit: int) -> Callable[[object], int]:
    def read(value: object) -> int:
        number = _number(value)
        if not 0 <= number <= limit:
            raise _Bad(f"{printable(str(number)) if abs(number) < 1 << 64 else 'this number'} does not fit.",
                       f"It goes from 0 to {limit}.")
        return number
    return read


def _flags(value: object) -> int:
    """Letters as scapy writes them (FSRPAUEC) or as tcpdump does (``S.``), or the eight bits as a number."""
    if isinstance(value, str):
        try:
            return letters_to_flags(value.upper().replace("C", "W")) if value else 0
        except ValueError:
            raise _Bad(f"{printable(value)!r} is not a set of control bits.",
                       "The letters are F S R P A U E C.") from None
    if type(value) is not int:
        raise _Bad("flags are letters or a number.", "For example 'SA', or 0x12.")
    return _upto(_BITS8)(value)


def _address(value: object) -> str:
    if not isinstance(value, str):
        raise _Bad("an address is a text.", "For example '10.0.0.1'.")
    try:
        address_to_bytes(value)
    except WireError:
        raise _Bad(f"{printable(value)!r} is not an IP address.", "For example '10.0.0.1' or 'fd00::1'.") from None
    return value


def _text(value: object) -> bytes:
    if isinstance(value, str):
        return value.encode("utf-8", "replace")
    if not isinstance(value, bytes):
        raise _Bad("text is written as b'...' or '...'.", "For example b'GET /'.")
    return value


def _tos(value: object) -> int:
    if not 0 <= _number(value) <= 3:
        raise _Bad("the link carries only the two ECN bits of this field.", "It goes from 0 to 3.")
    return value


def _options(value: object) -> Options:
    """scapy's list of (name or kind, value)."""
    if not isinstance(value, (list, tuple)):
        raise _Bad("options are a list.", "For example [('MSS', 1460), ('NOP', None)].")
    options = Options()
    for item in value:
        if not (isinstance(item, tuple) and len(item) == 2 and isinstance(item[0], (str, int))):
            raise _Bad("each option is a pair.", "For example ('MSS', 1460).")
        options = _with_option(options, *item)
    try:
        options_to_bytes(options)
    except WireError as problem:
        raise _Bad(f"{problem}.", "Leave something out.") from None
    return options


def _with_option(options: Options, name: str | int, value: object) -> Options:
    if isinstance(name, int):
        if not 2 <= name <= 255 or name in _KINDS:
            raise _Bad(f"kind {name} has a name, or is none.", f"Names are {', '.join(_NAMES)}.")
        return options._replace(unknown=(*options.unknown, (name, _text(value))))
    if name in ("NOP", "EOL"):
        return options
    if name == "MSS":
        return options._replace(mss=_upto(_BITS16)(value))
    if name == "WScale":
        return options._replace(wscale=_upto(_BITS8)(value))
    if name == "SAckOK":
        return options._replace(sack_permitted=True)
    if name not in ("SAck", "Timestamp"):
        raise _Bad(f"there is no option {printable(name)!r}.{suggest(name, _NAMES)}", f"Names are {', '.join(_NAMES)}.")
    if not isinstance(value, (tuple, list)) or not value or len(value) % 2:
        raise _Bad(f"{name} holds pairs of numbers.", f"For example ('{name}', (1, 2)).")
    numbers = [_upto(_BITS32)(number) for number in value]
    if name == "SAck":
        return options._replace(sack=tuple(zip(numbers[::2], numbers[1::2], strict=True)))
    if len(numbers) != 2:
        raise _Bad("Timestamp holds two numbers.", "For example ('Timestamp', (1, 0)).")
    return options._replace(ts=(numbers[0], numbers[1]))


def _check_whole(segment: Segment) -> None:
    if (":" in segment.src) != (":" in segment.dst):
        raise NotationError(f"{segment.src} and {segment.dst} are of two IP versions.", 0, "Give src and dst alike.")


_Field = tuple[str, Callable[[object], object]]
_NAMES = ("MSS", "WScale", "SAckOK", "SAck", "Timestamp", "NOP", "EOL")
_KINDS = (2, 3, 4, 5, 8)
_ENDS: dict[str, _Field] = {"src": ("src", _address), "dst": ("dst", _address)}
_TCP: dict[str, _Field] = {
    "sport": ("sport", _upto(_BITS16)), "dport": ("dport", _upto(_BITS16)), "seq": ("seq", _upto(_BITS32)),
    "ack": ("ack", _upto(_BITS32)), "flags": ("flags", _flags), "window": ("wnd", _upto(_BITS16)),
    "urgptr": ("up", _upto(_BITS16)), "options": ("options", _options),
}
_FIELDS: dict[str, dict[str, _Field]] = {
    "IP": {**_ENDS, "tos": ("ecn", _tos)}, "IPv6": {**_ENDS, "tc": ("ecn", _tos)}, "TCP": _TCP,
    "Raw": {"load": ("payload", _text)},
}
_EDIT_ONLY: dict[str, _Field] = {
    "wnd": _TCP["window"], "win": _TCP["window"], "up": _TCP["urgptr"], "ecn": ("ecn", _tos),
    "payload": ("payload", _text), "load": ("payload", _text), "chksum": ("chksum", _upto(_BITS16)),
}
_ORDER = {"IP": 0, "IPv6": 0, "TCP": 1, "Raw": 2}
_EXAMPLE = {"IP": "src='10.0.0.1'", "IPv6": "src='fd00::1'", "TCP": "flags='R', seq=1", "Raw": "load=b'text'"}
