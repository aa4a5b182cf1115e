"""Values that a usage line alone cannot judge: of a host's settings and the link's, and of segments made by hand.

They are looked at when a command is read, so that a script's fault has its line and column before anything runs.
What depends on the moment (is there a connection, does a time fit another) is refused when the command is given.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tcplab.net.app import Exchange, check_app
from tcplab.net.calls import turned
from tcplab.net.errors import NetError
from tcplab.net.host import judge_backlog
from tcplab.net.impair import DEFAULTS
from tcplab.net.link import changed
from tcplab.net.linkcalls import judge_count
from tcplab.net.options import read_option
from tcplab.notation.errors import NotationError
from tcplab.notation.scapyish import parse_fields, parse_layers
from tcplab.session.tokens import Word
from tcplab.tcp.config import PROFILES


def check_values(verb: str, values: Sequence, words: Sequence[Word]) -> None:
    """Judge the values of a command of this verb. Raises NotationError with the column of the word that is wrong."""
    for place, value, judge in _CHECKS.get(verb, ()):
        if values[value] is None:
            continue  # left out
        try:
            judge(*values[: value + 1])
        except NotationError as error:
            raise error.shifted(words[place].column + words[place].quoted) from None
        except NetError as refusal:
            raise NotationError(refusal.message, words[place].column) from None


def _setting(host: object, name: str, text: str) -> None:
    value = read_option(name, text)
    if name != "reading":  # a program's own business, not TCP's
        turned(PROFILES["rfc"], name, value)


def _of_link(name: str) -> Callable[..., object]:
    return lambda *values: changed(DEFAULTS, name, values[-1:])


def _request(host: object, size: int, answer: int, times: int = 1) -> None:
    check_app("request", Exchange(size, answer, times))


#: Verb -> the word to be judged, its place among the values, and the judge, who is given all values up to it.
_CHECKS: dict[str, tuple[tuple[int, int, Callable[..., object]], ...]] = {
    "set": ((3, 2, _setting),),
    "listen": ((4, 2, lambda host, port, backlog: judge_backlog(backlog)),),
    "app_source": ((3, 1, lambda host, size: check_app("source", size)),),
    "app_request": ((3, 2, _request), (7, 3, _request)),
    "link_delay": ((2, 0, _of_link("delay")), (4, 1, _of_link("jitter"))),
    "link_every": ((3, 0, _of_link("every")),),
    "link_limit": ((2, 0, _of_link("limit")),),
    "link_rate": ((2, 0, _of_link("rate")), (4, 1, _of_link("limit"))),
    "link_mtu": ((2, 0, _of_link("mtu")),),
    "link_ecn": ((2, 0, _of_link("ecn")),),
    "link_rule": ((3, 1, lambda action, count: judge_count(count)),),
    "link_rule_delay": ((3, 0, judge_count),),
    "link_edit": ((3, 1, lambda segment, text: parse_fields(text)),),
    "inject": ((3, 1, lambda source, text: parse_layers(text)),),
}
