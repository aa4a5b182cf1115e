"""tcplab: a terminal laboratory for learning TCP.

For Python users: `Session` plays a lab, `grade` grades a hand-in. Both are imported when first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from tcplab.grading.judge import grade
    from tcplab.session.session import Session

__all__ = ["Session", "__version__", "grade"]


def __getattr__(name: str) -> object:
    if name == "Session":
        from tcplab.session.session import Session

        return Session
    if name == "grade":
        from tcplab.grading.judge import grade

        return grade
    raise AttributeError(f"module 'tcplab' has no attribute {name!r}")
