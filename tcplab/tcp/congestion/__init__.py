"""Congestion controls by name. A new one is a file here and a line in REGISTRY."""

from __future__ import annotations

from .base import INFINITE, Congestion
from .cubic import Cubic
from .fixed import Fixed
from .hystart import HyStart
from .reno import Reno
from .tahoe import Tahoe

REGISTRY: dict[str, type[Congestion]] = {cls.name: cls for cls in (Reno, Cubic, Tahoe, Fixed)}

__all__ = ["INFINITE", "REGISTRY", "Congestion", "Cubic", "Fixed", "HyStart", "Reno", "Tahoe"]
