"""How people write TCP: units, expressions, matches, segment lines; one notation for commands, labs and logs."""

from .errors import NotationError, suggest
from .expr import Expr, compile_expr
from .match import Match, parse_condition, parse_match
from .segline import seg_summary, tcpdump_line
from .values import UNKNOWN, Duration, Seq, format_value

__all__ = [
    "UNKNOWN", "Duration", "Expr", "Match", "NotationError", "Seq", "compile_expr", "format_value",
    "parse_condition", "parse_match", "seg_summary", "suggest", "tcpdump_line",
]  # fmt: skip
