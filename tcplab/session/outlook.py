"""Whether a task can still be met on the connections that there are.

A learner can always open another connection, so this never bars a goal: it only says, at once, that the present
connections lead there no more. What it says is true whatever else is done with them, because the states of a
connection go one way: none leads back to where a SYN, or after its FIN is acknowledged a FIN or text, is sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING

from tcplab.lab.lesson import Step
from tcplab.net.views import ConnView
from tcplab.notation.errors import NotationError
from tcplab.notation.expr import Expr, compile_expr
from tcplab.notation.match import Match
from tcplab.notation.values import format_value
from tcplab.tcp.state import TRANSITIONS, State

if TYPE_CHECKING:
    from tcplab.session.session import Session

_OPENING = frozenset({State.CLOSED, State.LISTEN, State.SYN_SENT})
_FINISHED = frozenset({State.FIN_WAIT_2, State.TIME_WAIT})
#: In which states a live connection may yet send a kind of segment; a kind that is not named may come in any.
_SENDS = {
    "SYN": _OPENING,
    "SYN-ACK": _OPENING | {State.SYN_RECEIVED},
    "FIN": frozenset(State) - _FINISHED,
    "DATA": frozenset(State) - _FINISHED,
}
_NAMES = {"ACK": "an ACK", "DATA": "data", "any": "a segment", "FIN": "a FIN", "RST": "a RST", "SYN": "a SYN",
          "SYN-ACK": "a SYN-ACK"}

#: What joins the parts of a goal.
_CLAUSE = re.compile(r"\band\b")

#: By host: how many connections it has had, and the states of those that live.
Stood = dict[str, tuple[int, dict[int, str]]]


def stood(session: Session) -> Stood:
    """How the hosts stand now, to be compared with later."""
    world = session.timeline.world
    views = {name: world.host_view(name).connections for name in world.hosts}
    return {name: (len(conns), {conn.n: conn.tcb.state for conn in conns if not conn.tcb.gone})
            for name, conns in views.items()}


def closed(session: Session, plan: Step, seen: int, before: Stood) -> str:
    """Why the open task can no longer be met on these connections; '' while it can, or while that cannot be proven.

    `seen` of its `see` list have happened; `before` is how the hosts stood when the step began.
    """
    world = session.timeline.world
    if any(conn.tcb.state == State.SYN_SENT and not conn.tcb.gone
           for name in world.hosts for conn in world.host_view(name).connections):
        return ""  # another connection is on its way
    for match in plan.see[seen:]:
        if why := _unsent(session, match, before):
            return why
    return _unreached(session, plan.goal, before) if plan.goal is not None else ""


def happened(match: Match | Expr) -> str:
    """What must not happen, as it did."""
    word = _NAMES.get(match.word or "") if isinstance(match, Match) else None
    if word is None or match.where is not None:
        return f"{match.text} must not happen in this step, and it did"
    if match.status == "lost":
        what = f"{word}{f' of the {match.host}' if match.host else ''} was lost"
    else:
        again = " again" if match.status == "repeated" else ""
        what = f"the {match.host} sent {word}{again}" if match.host else f"{word} was sent{again}"
    return f"{what}, which must not happen in this step"


def _mine(session: Session, host: str, before: Stood, could: Iterable[str]) -> list[ConnView]:
    """The connections that a step is about: begun in it, or alive at its beginning in a state that `could`."""
    count, alive = before.get(host, (0, {}))
    return [conn for conn in session.timeline.world.host_view(host).connections
            if conn.n > count or alive.get(conn.n) in could]


def _unsent(session: Session, match: Match, before: Stood) -> str:
    """Why a segment cannot come any more."""
    sends = _SENDS.get(match.word or "")
    if sends is None:
        return ""
    world = session.timeline.world
    if match.status == "lost" and any(match.test_segment(one.record, session.env()) for one in world.in_flight()):
        return ""
    told = ""
    for host in [match.host] if match.host else list(world.hosts):
        mine = _mine(session, host, before, sends)
        if not mine or any(not conn.tcb.gone and conn.tcb.state in sends for conn in mine):
            return ""
        told = told or f"{_now(host, mine[-1])}, so no {match.word.replace('DATA', 'data')} comes from it any more"
    return told


def _unreached(session: Session, goal: Expr, before: Stood) -> str:
    """Why a state that the goal asks for cannot be reached any more."""
    for name, wanted in goal.equalities:
        host, _, field = name.partition(".")
        if field != "state" or host not in session.timeline.world.hosts or wanted in (State.CLOSED, State.LISTEN):
            continue
        # One that stood there when the step began is to stay, or to make room for another.
        could = [state for state in State if state != wanted and wanted in _ahead(state)]
        mine = _mine(session, host, before, could)
        if mine and (mine[-1].tcb.gone or wanted not in _ahead(mine[-1].tcb.state)):
            return f"{_now(host, mine[-1])}, and does not come to {wanted} any more"
    return ""


def _now(host: str, conn: ConnView) -> str:
    return f"the {host}'s connection is gone" if conn.tcb.gone else f"this connection of the {host} is {conn.tcb.state}"


@cache
def _ahead(state: str) -> frozenset[str]:
    """The states that a connection may yet be in: the present one, and all that come before its end."""
    found = [state]
    for source in found:
        found += [target for target in _next(source) if target not in found]
    return frozenset(found)


def _next(source: str) -> Iterator[str]:
    if source != State.CLOSED:
        yield from (row.target for row in TRANSITIONS if row.source == source and row.target != State.CLOSED)


def missed(session: Session) -> str:
    """Where only a limit of time keeps the open goal from being met: what it took, in a sentence; else ''."""
    plan = session.guide.plan
    if plan is None or plan.goal is None or session.guide.phase != "open" or session.guide.path.seen < len(plan.see):
        return ""
    took = ""
    for part in _CLAUSE.split(" ".join(plan.goal.text.split())):
        try:
            if session.evaluate(compile_expr(part)) is True:
                continue
            spent, limit = (compile_expr(side) for side in part.split("<="))
            if took or "now" not in spent.names:
                return ""
            took = f"It took {format_value(session.evaluate(spent))}, and {limit.text} are allowed."
        except (NotationError, ValueError):
            return ""
    return took
