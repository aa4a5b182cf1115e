"""The endpoint: RFC 9293 and its companions. Standard library only; no clock, no dice, no I/O."""

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
