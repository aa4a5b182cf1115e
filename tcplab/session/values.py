"""Values that a usage line alone cannot read: of a host's settings, and of segments made or changed by hand.

They are looked at when a command is read, so that a script's fault has its line and column before anything runs.
What depends on the moment (is there a connection, does a time fit another) is refused when the command is given.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tcplab.net.options import read_option
from tcplab.notation.errors import NotationError
from tcplab.notation.scapyish import parse_fields, parse_layers
from tcplab.session.tokens import Word


def check_values(verb: str, values: Sequence, words: Sequence[Word]) -> None:
    """Look at the value that ends a command of this verb, its fourth word. Raises NotationError with its column."""
    check = _CHECKS.get(verb)
    if check is None:
        return
    try:
        check(*values[1:])
    except NotationError as error:
        raise error.shifted(words[3].column + words[3].quoted) from None


_CHECKS: dict[str, Callable[..., object]] = {"set": read_option, "link_edit": parse_fields, "inject": parse_layers}
