"""Expected and got differ."""

from __future__ import annotations


class Mismatch(Exception):
    """The first difference ends a case: `expected` and `got` in words, and remarks."""

    def __init__(self, expected: str, got: str, *remarks: str) -> None:
        super().__init__(expected, got)
        self.expected, self.got, self.remarks = expected, got, remarks
