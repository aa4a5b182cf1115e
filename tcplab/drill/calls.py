"""User calls of a script: the laboratory's own short ones, and packetdrill's sockets."""

from __future__ import annotations

import re

from tcplab.notation.errors import suggest

from .errors import Cursor
from .model import Call

_WORD = re.compile(r"[A-Za-z_]+")
_NUMBER = re.compile(r"\d{1,9}\b")
_NAME = re.compile(r"\w+")
_SOCKET = re.compile(r"([0-9A-Fa-f:.]+):(\d{1,5})\b")
_EQUALS = re.compile(r"=")
_RESULT = re.compile(r"(-?\d{1,9})(?:[ \t]+(E[A-Z]+))?(?:[ \t]*\([^)]*\))?")
_ERROR = re.compile(r'error[ \t]+"([^"]*)"')
_CALL = re.compile(r"([a-z_]+)\(")
_COMMA, _CLOSING = re.compile(r","), re.compile(r"\)")
_ARGUMENT = re.compile(r"\[([^\]]*)\]|\{[^}]*\}|\"[^\"]*\"|[^,()\[\]]+")
_NOPUSH = re.compile(r"nopush\b")

OWN = ("listen", "connect", "send", "read", "close", "abort")
SOCKET_CALLS = ("socket", "bind", "listen", "accept", "connect", "write", "send", "sendto", "read", "recv", "recvfrom",
                "shutdown", "close", "setsockopt", "fcntl")
#: What may go wrong, and how a socket says it; the words are those of RFC 9293 section 3.10.
ERRNOS = ("EAGAIN", "ECONNRESET", "ECONNREFUSED", "ETIMEDOUT", "EPIPE", "ENOTCONN", "EISCONN", "EINVAL")


def parse_own(cursor: Cursor) -> Call:
    """``send 1000 = 600`` and its like, at `cursor`. Raises NotationError."""
    start = cursor.at
    word = cursor.take(_WORD)
    name = word[0] if word else ""
    if name not in OWN:
        cursor.fail(f"{cursor.text[start:].split()[0]!r} is not understood.",
                    suggest(name, (*OWN, "assert", "nothing", "pause", "set", "profile", "case")).strip()
                    or "A line is < or >, a call, assert, nothing, or a setting.",
                    word.start() if word else None)
    args: tuple = ()
    if name in ("send", "read"):
        number = cursor.take(_NUMBER)
        if number is None:
            cursor.fail(f"{name} needs a number of bytes.", f"Write {name} 1000.")
        args = (int(number[0]),)
        if name == "send":
            args += (cursor.take(_NOPUSH) is None,)
    elif name == "listen" and (remote := cursor.take(_SOCKET)) is not None:
        args = ((remote[1], int(remote[2])),)
    result, error = _result(cursor)
    return Call(name, args, result, error, cursor.text[start:].strip())


def _result(cursor: Cursor) -> tuple[int | None, str | None]:
    """``= N``, ``= -1 ERRNO`` or ``= error "words"`` up to the end of the line."""
    if cursor.take(_EQUALS) is None:
        if cursor.rest:
            cursor.fail(f"{cursor.rest.split()[0]!r} is too much here.", "A result is written = N or = error \"...\".")
        return None, None
    error = cursor.take(_ERROR)
    if error is not None:
        found = None, error[1]
    else:
        number = cursor.take(_RESULT)
        if number is None:
            cursor.fail("This is not a result.", 'Write = 1000, = -1 EAGAIN or = error "connection closing".')
        if number[2] is not None and number[2] not in ERRNOS:
            cursor.fail(f"{number[2]} is not an error a call here can give.",
                        suggest(number[2], ERRNOS).strip() or "Known are " + ", ".join(ERRNOS) + ".", number.start(2))
        if int(number[1]) < 0 and number[2] is None:
            cursor.fail("Which error?", "Write for example = -1 EAGAIN.", number.start(1))
        found = (None, number[2]) if int(number[1]) < 0 else (int(number[1]), None)
    if cursor.rest:
        cursor.fail(f"{cursor.rest.split()[0]!r} is too much here.")
    return found


def is_socket_call(cursor: Cursor) -> bool:
    return _CALL.match(cursor.text, len(cursor.text) - len(cursor.text[cursor.at:].lstrip())) is not None


def parse_socket_call(cursor: Cursor) -> Call:
    """``write(4, ..., 1000) = 1000`` and its like. Raises NotationError."""
    start = cursor.at
    call = cursor.take(_CALL)
    name = call[1]
    if name not in SOCKET_CALLS:
        cursor.fail(f"There is no call {name!r} here.", suggest(name, SOCKET_CALLS).strip()
                    or "Known are " + ", ".join(SOCKET_CALLS) + ".", call.start())
    words, places = _arguments(cursor)
    result, error = _result(cursor)
    if result is None and error is None:
        cursor.fail(f"The result of {name} is missing.", "Write = and what it returns.")
    args = _meaning(name, words, places, cursor)
    return Call(f"socket.{name}", args, result, error, cursor.text[start:].strip())


def _arguments(cursor: Cursor) -> tuple[list[str], list[int]]:
    words, places = [], []
    while cursor.take(_CLOSING) is None:
        argument = cursor.take(_ARGUMENT)
        if argument is None:
            cursor.fail("The bracket of this call is not closed.", "Write ) behind its last argument.")
        words.append(argument[0].strip())
        places.append(argument.start())
        cursor.take(_COMMA)
    return words, places


def _meaning(name: str, words: list[str], places: list[int], cursor: Cursor) -> tuple:
    """What of the arguments counts here: the descriptor, and a length, or an option and its value."""
    if name == "socket":
        return ()
    if not words or not words[0].isdigit():
        cursor.fail(f"{name} needs a descriptor first.", f"Write {name}(3, ...).", places[0] if places else None)
    fd = int(words[0])
    if name in ("write", "send", "sendto", "read", "recv", "recvfrom"):
        if len(words) < 3 or not words[2].isdigit():
            cursor.fail(f"{name} needs its length as the third argument.", f"Write {name}({fd}, ..., 1000).", places[0])
        return fd, int(words[2])
    if name == "shutdown":
        if len(words) < 2 or words[1] not in ("SHUT_WR", "SHUT_RDWR"):
            cursor.fail("Only the sending half can be shut down.", "Write SHUT_WR.")
        return (fd,)
    if name == "setsockopt":
        return (fd, *_socket_option(words, places, cursor))
    return (fd,)


def _socket_option(words: list[str], places: list[int], cursor: Cursor) -> tuple:
    """The knob a socket option turns and its value; (None, None) for one that means nothing here."""
    if len(words) < 4:
        cursor.fail("setsockopt needs a level, an option and a value.",
                    "Write setsockopt(4, SOL_TCP, TCP_NODELAY, [1], 4) = 0.")
    name, value = words[2], words[3].strip("[]")
    if name in ("SO_REUSEADDR", "SO_REUSEPORT", "TCP_QUICKACK", "TCP_DEFER_ACCEPT"):
        return None, None
    if name == "SO_LINGER":
        return "linger", ("".join(value.split()) in ("1,0", "{onoff=1,linger=0}"))
    if not value.isdigit():
        cursor.fail(f"{name} needs a number.", "Write it in square brackets, for example [1].", places[3])
    number = int(value)
    table = {"TCP_NODELAY": ("nagle", not number), "SO_RCVBUF": ("rcvbuf", number), "SO_SNDBUF": ("sndbuf", number),
             "TCP_MAXSEG": ("mss", number), "TCP_USER_TIMEOUT": ("user_timeout_ns", number * 1_000_000 or None)}
    if name not in table:
        cursor.fail(f"The option {name} has no knob here.", suggest(name, table).strip()
                    or "Known are " + ", ".join(table) + ", SO_LINGER.", places[2])
    return table[name]
