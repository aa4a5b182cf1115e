"""Congestion controls by name. A new one is a file here and a line in REGISTRY."""

from __future__ import annotations

from .base import INFINITE, Congestion
from .fixed import Fixed
from .reno import Reno

REGISTRY: dict[str, type[Congestion]] = {"reno": Reno, "fixed": Fixed}

__all__ = ["INFINITE", "REGISTRY", "Congestion", "Fixed", "Reno"]
