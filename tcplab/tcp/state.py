"""The TCP state machine, whole (RFC 9293 section 3.3.2, Figure 5 and its notes).

House rules. (1) Every way a connection can change state is a row of TRANSITIONS. (2) Nothing here knows about
segments, time or hosts. (3) `TCB.move` is the only caller: the endpoint names the *event*, the table gives the
next state, and a pair that is not listed is an error. Events are as fine as it takes for the table to be a
function. The diagram on the screen, the graph, the lab coverage and the tests are made from this table.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class State(StrEnum):
    """The eleven states, spelt as the RFC spells them (section 3.3.2)."""

    CLOSED = "CLOSED"
    LISTEN = "LISTEN"
    SYN_SENT = "SYN-SENT"
    SYN_RECEIVED = "SYN-RECEIVED"
    ESTABLISHED = "ESTABLISHED"
    FIN_WAIT_1 = "FIN-WAIT-1"
    FIN_WAIT_2 = "FIN-WAIT-2"
    CLOSE_WAIT = "CLOSE-WAIT"
    CLOSING = "CLOSING"
    LAST_ACK = "LAST-ACK"
    TIME_WAIT = "TIME-WAIT"


class Event(StrEnum):
    """What can move a connection: user calls, arriving segments, timeouts."""

    PASSIVE_OPEN = "passive OPEN"
    ACTIVE_OPEN = "active OPEN"
    SEND = "SEND"
    CLOSE = "CLOSE"
    ABORT = "ABORT"
    RCV_SYN = "rcv SYN"
    RCV_SYN_ACK = "rcv SYN,ACK"
    RCV_ACK_OF_SYN = "rcv ACK of SYN"
    RCV_FIN = "rcv FIN"
    RCV_ACK_OF_FIN = "rcv ACK of FIN"
    RCV_FIN_AND_ACK_OF_FIN = "rcv FIN and ACK of FIN"
    RCV_RST = "rcv RST"
    ICMP_HARD = "unreachable"
    RCV_NEW_SYN = "rcv new SYN"
    RCV_SYN_IN_WINDOW = "rcv SYN in window"
    RCV_RST_PASSIVE = "rcv RST, passive origin"
    ICMP_HARD_PASSIVE = "unreachable, passive origin"
    REOPEN_FAILED = "re-opening failed"
    ABORT_KEPT = "ABORT, TIME-WAIT kept"
    TIME_WAIT_TIMEOUT = "2MSL timeout"
    USER_TIMEOUT = "user timeout"
    GIVE_UP = "R2 reached"


class Transition(NamedTuple):
    """One row: in `source`, `event` leads to `target`; `sends` names the segment that goes out with it.

    `drawn` rows are the edges of Figure 5 and its notes 1 and 2 (two rows with the same ends are one edge); the
    others (abort, reset, giving up) are drawn as one dashed way to CLOSED (note 3) and do not count for coverage.
    `rare` ones come from companion documents or from a knob: the way is not named after them.
    """

    source: State
    event: Event
    target: State
    sends: str
    clause: str
    drawn: bool = True
    rare: bool = False

    @property
    def label(self) -> str:
        """What happens / what is sent, as Figure 5 labels its edges."""
        return f"{self.event} / {self.sends}" if self.sends else str(self.event)


_S, _E, _T = State, Event, Transition

_FIGURE_5 = (
    _T(_S.CLOSED, _E.PASSIVE_OPEN, _S.LISTEN, "", "RFC 9293 3.10.1"),
    _T(_S.CLOSED, _E.ACTIVE_OPEN, _S.SYN_SENT, "SYN", "RFC 9293 3.10.1"),
    _T(_S.LISTEN, _E.RCV_SYN, _S.SYN_RECEIVED, "SYN,ACK", "RFC 9293 3.10.7.2"),
    _T(_S.LISTEN, _E.SEND, _S.SYN_SENT, "SYN", "RFC 9293 3.10.2"),
    _T(_S.LISTEN, _E.ACTIVE_OPEN, _S.SYN_SENT, "SYN", "RFC 9293 3.10.1"),
    _T(_S.LISTEN, _E.CLOSE, _S.CLOSED, "", "RFC 9293 3.10.4"),
    _T(_S.SYN_SENT, _E.RCV_SYN, _S.SYN_RECEIVED, "SYN,ACK", "RFC 9293 3.10.7.3"),
    _T(_S.SYN_SENT, _E.RCV_SYN_ACK, _S.ESTABLISHED, "ACK", "RFC 9293 3.10.7.3"),
    _T(_S.SYN_SENT, _E.CLOSE, _S.CLOSED, "", "RFC 9293 3.10.4"),
    _T(_S.SYN_RECEIVED, _E.RCV_ACK_OF_SYN, _S.ESTABLISHED, "", "RFC 9293 3.10.7.4"),
    _T(_S.SYN_RECEIVED, _E.CLOSE, _S.FIN_WAIT_1, "FIN", "RFC 9293 3.10.4"),
    _T(_S.SYN_RECEIVED, _E.RCV_RST_PASSIVE, _S.LISTEN, "", "RFC 9293 3.10.7.4"),
    _T(_S.SYN_RECEIVED, _E.RCV_SYN, _S.LISTEN, "", "RFC 9293 3.10.7.4"),
    _T(_S.ESTABLISHED, _E.CLOSE, _S.FIN_WAIT_1, "FIN", "RFC 9293 3.10.4"),
    _T(_S.ESTABLISHED, _E.RCV_FIN, _S.CLOSE_WAIT, "ACK", "RFC 9293 3.10.7.4"),
    _T(_S.FIN_WAIT_1, _E.RCV_ACK_OF_FIN, _S.FIN_WAIT_2, "", "RFC 9293 3.10.7.4"),
    _T(_S.FIN_WAIT_1, _E.RCV_FIN, _S.CLOSING, "ACK", "RFC 9293 3.10.7.4"),
    _T(_S.FIN_WAIT_1, _E.RCV_FIN_AND_ACK_OF_FIN, _S.TIME_WAIT, "ACK", "RFC 9293 3.10.7.4"),
    _T(_S.FIN_WAIT_2, _E.RCV_FIN, _S.TIME_WAIT, "ACK", "RFC 9293 3.10.7.4"),
    _T(_S.CLOSE_WAIT, _E.CLOSE, _S.LAST_ACK, "FIN", "RFC 9293 3.10.4"),
    _T(_S.CLOSING, _E.RCV_ACK_OF_FIN, _S.TIME_WAIT, "", "RFC 9293 3.10.7.4"),
    _T(_S.LAST_ACK, _E.RCV_ACK_OF_FIN, _S.CLOSED, "", "RFC 9293 3.10.7.4"),
    _T(_S.TIME_WAIT, _E.TIME_WAIT_TIMEOUT, _S.CLOSED, "", "RFC 9293 3.10.8"),
)

#: States with a connection record that an ABORT answers with a RST (RFC 9293 section 3.10.5).
_RESET_ON_ABORT = (_S.SYN_RECEIVED, _S.ESTABLISHED, _S.FIN_WAIT_1, _S.FIN_WAIT_2, _S.CLOSE_WAIT)
_QUIET_ON_ABORT = (_S.LISTEN, _S.SYN_SENT, _S.CLOSING, _S.LAST_ACK, _S.TIME_WAIT)
_RESETTABLE = (_S.SYN_SENT, _S.SYN_RECEIVED, _S.ESTABLISHED, _S.FIN_WAIT_1, _S.FIN_WAIT_2, _S.CLOSE_WAIT,
               _S.CLOSING, _S.LAST_ACK, _S.TIME_WAIT)
#: Where something of ours can be unacknowledged; in FIN-WAIT-2 nothing is, and TIME-WAIT has a timer of its own.
_CAN_GIVE_UP = (_S.SYN_SENT, _S.SYN_RECEIVED, _S.ESTABLISHED, _S.FIN_WAIT_1, _S.CLOSE_WAIT, _S.CLOSING, _S.LAST_ACK)

_NOTE_3 = (
    *(_T(s, _E.ABORT, _S.CLOSED, "RST", "RFC 9293 3.10.5", False) for s in _RESET_ON_ABORT),
    *(_T(s, _E.ABORT, _S.CLOSED, "", "RFC 9293 3.10.5", False) for s in _QUIET_ON_ABORT),
    *(_T(s, _E.RCV_RST, _S.CLOSED, "", "RFC 9293 3.10.7.4", False) for s in _RESETTABLE),
    *(_T(s, _E.USER_TIMEOUT, _S.CLOSED, "", "RFC 9293 3.10.8", False) for s in _CAN_GIVE_UP),
    *(_T(s, _E.GIVE_UP, _S.CLOSED, "", "RFC 9293 3.8.3", False) for s in _CAN_GIVE_UP),
    # Nothing of ours is outstanding there, but keep-alives may go unanswered.
    _T(_S.FIN_WAIT_2, _E.GIVE_UP, _S.CLOSED, "", "RFC 9293 3.8.4", False),
)

_COMPANIONS = (
    _T(_S.TIME_WAIT, _E.RCV_NEW_SYN, _S.CLOSED, "", "RFC 6191 2", False, True),
    *(_T(s, _E.ICMP_HARD, _S.CLOSED, "", "RFC 9293 3.9.2.2", False, True) for s in _CAN_GIVE_UP),
    *(_T(s, _E.RCV_SYN_IN_WINDOW, _S.CLOSED, "RST", "RFC 793 3.9", False, True) for s in _RESETTABLE[1:]),
    _T(_S.SYN_RECEIVED, _E.ICMP_HARD_PASSIVE, _S.LISTEN, "", "RFC 9293 3.9.2.2", False, True),
    _T(_S.SYN_RECEIVED, _E.REOPEN_FAILED, _S.TIME_WAIT, "", "RFC 9293 3.6.1", False, True),
    *(_T(s, _E.ABORT_KEPT, _S.TIME_WAIT, "RST", "RFC 9293 3.5.2", False, True) for s in _RESET_ON_ABORT),
)

#: The machine.
TRANSITIONS: tuple[Transition, ...] = _FIGURE_5 + _NOTE_3 + _COMPANIONS

_NEXT: dict[tuple[State, Event], Transition] = {(row.source, row.event): row for row in TRANSITIONS}
if len(_NEXT) != len(TRANSITIONS):
    raise AssertionError("two rows of TRANSITIONS share a state and an event")

#: "Synchronized" in the RFC's sense: both sides know the other's initial sequence number (section 3.3.2).
SYNCHRONIZED = frozenset({_S.ESTABLISHED, _S.FIN_WAIT_1, _S.FIN_WAIT_2, _S.CLOSE_WAIT, _S.CLOSING, _S.LAST_ACK,
                          _S.TIME_WAIT})


class IllegalTransition(Exception):
    """An event was named in a state that has no row for it: a defect of the endpoint, never of a segment."""


def transition(source: State, event: Event) -> Transition:
    """The row for `event` in `source`. Raises IllegalTransition when the table has none."""
    try:
        return _NEXT[source, event]
    except KeyError:
        raise IllegalTransition(f"{event} in {source} is not in the table of transitions") from None
