"""What goes wrong when a user asks the network for something it cannot do."""

from __future__ import annotations


class NetError(Exception):
    """A call that cannot be carried out now. The message says what to do about it.

    `clause` is the RFC clause behind a refusal by TCP, e.g. ``RFC 9293 3.10.2``; empty when the network refuses.
    """

    def __init__(self, message: str, clause: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.clause = clause

    def __reduce__(self) -> tuple:
        return NetError, (self.message, self.clause)
