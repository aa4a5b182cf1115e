"""The endpoint: RFC 9293 and its companions. Standard library only; no clock, no dice, no I/O.

Section 3.10 of the RFC and this room read side by side::

    3.10.1 - 3.10.5   OPEN SEND RECEIVE CLOSE ABORT     user_calls
    3.10.6            STATUS                            endpoint.status, views
    3.10.7.1 - .3     CLOSED LISTEN SYN-SENT            arrives
    3.10.7.4          the eight checks, in order        arrives_synchronized; the fifth: arrives_ack, sack_ack
    3.10.8            USER RETRANSMISSION TIME-WAIT     timeouts
    3.3.1, 3.3.2      the variables, the states         tcb, state

Every mechanism stands beside them in a file of its own, named after it. `tests/conformance/REPORT.md` says which test
proves which requirement, and what was chosen where documents disagree.
"""

from __future__ import annotations

from . import reasons as _reasons  # noqa: F401  registers every sentence
from . import reasons_defence as _reasons_defence  # noqa: F401
from . import reasons_loss as _reasons_loss  # noqa: F401
from . import reasons_network as _reasons_network  # noqa: F401
from .config import PROFILES, Config
from .endpoint import Endpoint
from .options import NO_OPTIONS, Options
from .output import reset_reply
from .reports import Report, TcpError
from .segment import ACK, CWR, ECE, FIN, PSH, RST, SYN, URG, Segment, flag_letters, letters_to_flags
from .seq import unwrap, wrap
from .state import SYNCHRONIZED, TRANSITIONS, Event, IllegalTransition, State, Transition, transition
from .views import TcbView
from .why import REASONS, Reason, Why, explain

__all__ = [
    "ACK", "CWR", "ECE", "FIN", "NO_OPTIONS", "PROFILES", "PSH", "REASONS", "RST", "SYN", "SYNCHRONIZED",
    "TRANSITIONS", "URG", "Config", "Endpoint", "Event", "IllegalTransition", "Options", "Reason", "Report", "Segment",
    "State", "TcbView", "TcpError", "Transition", "Why", "explain", "flag_letters", "letters_to_flags", "reset_reply",
    "transition", "unwrap", "wrap",
]
