"""The ladder: segments between the two lifelines, time downwards.

Under 60 columns every segment is one row, its dot moving along it; from 60 columns on segments are diagonals on a
time axis that is warped by events, which shows pipelining and overtaking.
"""

from __future__ import annotations

from collections.abc import Sequence

from tcplab.views.entries import Entry, Story

from .ladder_parts import LadderState
from .ladder_rows import straight
from .ladder_slopes import diagonals
from .runs import Row

__all__ = ["WIDE", "LadderState", "ladder", "sloped"]

#: From this width on, diagonals.
WIDE = 60


def sloped(state: LadderState, cells: int) -> bool:
    """Whether segments are diagonals."""
    return cells >= WIDE and not (state.ascii or state.level or state.straight)


def ladder(entries: Sequence[Entry], story: Story, state: LadderState, cells: int, lines: int) -> list[Row]:
    """The newest `entries` in exactly `cells` by `lines`."""
    if lines <= 0:
        return []
    draw = diagonals if sloped(state, cells) else straight
    return draw(entries, story, state, cells, lines)
