"""MATCH: one way to say which segments are meant, for link rules, the log's filter, labs and `run until`.

    [HOST] SYN|SYN-ACK|ACK|DATA|FIN|RST|any [lost|repeated] [from HOST] [where EXPR]

or tcpdump's exact letters, ``[S.]``, in place of the word.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from tcplab.tcp.segment import ACK, FIN, RST, SYN, Segment, letters_to_flags

from .errors import NotationError, printable, suggest
from .expr import Expr, compile_expr
from .fields import Env, SegmentEnv
from .glossary import known_names

#: What each word means, for help and completion.
WORDS = {
    "SYN": "opens: SYN without ACK",
    "SYN-ACK": "opens and acknowledges",
    "ACK": "a bare ACK, without text, SYN, FIN or RST",
    "DATA": "carries text",
    "FIN": "has the FIN bit",
    "RST": "has the RST bit",
    "any": "every segment",
}
STATUSES = {"lost": "the link lost it", "repeated": "its text was sent before"}

_TOKEN = re.compile(r"\[[^\]\s]*\]?|[^\s\[]+")


_KINDS = {
    "SYN": lambda s: s.flags & (SYN | ACK) == SYN,
    "SYN-ACK": lambda s: s.flags & (SYN | ACK) == SYN | ACK,
    "ACK": lambda s: s.flags & (SYN | FIN | RST | ACK) == ACK and not s.payload,
    "DATA": lambda s: bool(s.payload),
    "FIN": lambda s: bool(s.flags & FIN),
    "RST": lambda s: bool(s.flags & RST),
    "any": lambda s: True,
}


def kind_of(segment: Segment) -> str:
    """The word that names a segment best, RST before SYN before FIN before DATA before ACK; else ``none``."""
    for word in ("RST", "SYN-ACK", "SYN", "FIN", "DATA", "ACK"):
        if _KINDS[word](segment):
            return word
    return "none"


@dataclass(frozen=True, slots=True)
class Match:
    """Which segments are meant. `word` or `flags` (exact control bits) is set; `host` None means either sender."""

    text: str
    host: str | None = None
    word: str | None = "any"
    flags: int | None = None
    status: str | None = None
    where: Expr | None = None

    def __deepcopy__(self, memo: dict) -> Match:
        return self

    def test_segment(self, rec: object, env: Env | None = None) -> bool:
        """Whether the segment itself fits, whatever became of it."""
        if self.host is not None and rec.src != self.host:
            return False
        if self.flags is not None:
            if rec.segment.flags != self.flags:
                return False
        elif not _KINDS[self.word](rec.segment):
            return False
        if self.status == "repeated" and not rec.repeated:
            return False
        return self.where is None or self.where.holds(SegmentEnv(rec, env))

    def test(self, rec: object, fate: str, env: Env | None = None) -> bool:
        """Whether the fact `fate` (an event kind: sent, lost, delivered ...) about `rec` is what is meant.

        ``lost`` asks for the fact that the link lost it; otherwise the fact that it was sent counts. Raises
        NotationError when the ``where`` part cannot be computed.
        """
        return fate == ("lost" if self.status == "lost" else "sent") and self.test_segment(rec, env)


def looks_like_match(text: str, hosts: Collection[str]) -> bool:
    """Whether `text` begins as a MATCH does (rather than an EXPR)."""
    tokens = _TOKEN.findall(text)
    if tokens and tokens[0] in hosts:
        tokens = tokens[1:]
        if tokens and re.fullmatch(r"[A-Za-z-]+", tokens[0]) and tokens[0] not in ("and", "or", "in", "not", "if"):
            return True
    # The second word counts too: `srver ACK` is a match whose host is misspelt.
    return any(token.startswith("[") or token in WORDS for token in tokens[:2]) or bool(tokens and _word(tokens[0]))


def parse_condition(text: str, hosts: Sequence[str], names: Collection[str] | None = None) -> Match | Expr:
    """A MATCH or an EXPR, whichever `text` is. Raises NotationError."""
    if looks_like_match(text, hosts):
        return parse_match(text, hosts, names)
    return compile_expr(text, names)


def _word(token: str) -> str | None:
    folded = token.upper().replace("_", "-")
    folded = {"SYNACK": "SYN-ACK", "SYN+ACK": "SYN-ACK", "SYN,ACK": "SYN-ACK", "ANY": "any"}.get(folded, folded)
    return folded if folded in WORDS else None


def parse_match(text: str, hosts: Sequence[str], names: Collection[str] | None = None) -> Match:
    """Read a MATCH. `names` are further names that its ``where`` may use. Raises NotationError with the column."""
    return _Parser(text, tuple(hosts), names).parse()


class _Parser:
    def __init__(self, text: str, hosts: tuple[str, ...], names: Collection[str] | None) -> None:
        self.text, self.hosts, self.names = text, hosts, names
        where = re.search(r"(?<!\S)where(?!\S)", text)
        self.where_at = where.end() if where else None
        head = text[: where.start()] if where else text
        self.tokens = [(found.group(), found.start()) for found in _TOKEN.finditer(head)]
        self.end = len(head.rstrip())

    def parse(self) -> Match:
        if len(self.text) > 500:
            raise NotationError("This match is too long.", 500)
        host = self.host_first()
        word, flags = self.what()
        status = None
        while self.tokens:
            token, column = self.tokens.pop(0)
            if token == "from":
                if host is not None:
                    raise NotationError("The sender is named twice.", column)
                host = self.host_after(column)
            elif token in STATUSES and status is None:
                status = token
            elif token in STATUSES:
                raise NotationError(f"A match says lost or repeated once, not {status} and {token}.", column)
            else:
                cure = suggest(token, (*STATUSES, "where", "from")).strip()
                raise NotationError(
                    f"{printable(token)!r} is not understood here.", column,
                    cure or "After the kind of segment come lost, repeated or where EXPR.",
                )
        return Match(self.text.strip(), host, word, flags, status, self.where())

    def host_first(self) -> str | None:
        if self.tokens and self.tokens[0][0] in self.hosts:
            return self.tokens.pop(0)[0]
        return None

    def host_after(self, column: int) -> str:
        if not self.tokens:
            raise NotationError("from needs a host.", self.end, f"Write from {self.hosts[0]}." if self.hosts else "")
        token, column = self.tokens.pop(0)
        if token not in self.hosts:
            raise self.no_host(token, column)
        return token

    def no_host(self, token: str, column: int) -> NotationError:
        cure = suggest(token, self.hosts).strip() or f"The hosts are {' and '.join(self.hosts)}."
        return NotationError(f"{printable(token)!r} is not a host of this lab.", column, cure)

    def what(self) -> tuple[str | None, int | None]:
        if not self.tokens:
            raise NotationError("A kind of segment is missing.", self.end, "Write one of " + ", ".join(WORDS) + ".")
        token, column = self.tokens.pop(0)
        if token.startswith("["):
            return None, self.letters(token, column)
        word = _word(token)
        if word is not None:
            return word, None
        if self.tokens and (self.tokens[0][0].startswith("[") or _word(self.tokens[0][0])):
            raise self.no_host(token, column)
        cure = suggest(token, (*WORDS, *self.hosts)).strip()
        raise NotationError(
            f"{printable(token)!r} is not a kind of segment.", column, cure or f"Known are {', '.join(WORDS)}."
        )

    def letters(self, token: str, column: int) -> int:
        if not token.endswith("]") or len(token) == 1:
            raise NotationError("The bracket is not closed.", column, "Write for example [S.].")
        if token in ("[none]", "[]"):
            return 0
        for at, letter in enumerate(token[1:-1], 1):
            try:
                letters_to_flags(letter)
            except ValueError as error:
                raise NotationError(f"{error}.", column + at) from None
        return letters_to_flags(token[1:-1])

    def where(self) -> Expr | None:
        if self.where_at is None:
            return None
        names = known_names(self.hosts, bare=True)
        if self.names is not None:
            names = names | frozenset(self.names)
        text = self.text[self.where_at :]
        try:
            return compile_expr(text, names)
        except NotationError as error:
            raise error.shifted(self.where_at) from None
