"""Bars in one row of text: how full a window is, how much of a timer is left, how far a lab has come."""

from __future__ import annotations

from .runs import Row


def bar(part: int, whole: int, cells: int, style: str) -> Row:
    """`part` of `whole` as a heavy line on a light one. Anything above nothing shows at least one cell."""
    if cells <= 0:
        return []
    filled = 0 if whole <= 0 else min(cells, part * cells // whole)
    if part > 0 and whole > 0:
        filled = max(filled, 1)
    return [("━" * filled, style), ("─" * (cells - filled), "rule")]


def timer_bar(left: int, whole: int, cells: int, style: str = "warn") -> Row:
    """The part of a timer that is left: it drains towards its left end."""
    return bar(left, max(whole, left, 1), cells, style)


def squares(done: int, total: int, style: str = "good") -> Row:
    """Progress as squares, one for each step, at most twelve."""
    if total > 12:
        done, total = done * 12 // total, 12
    return [("■" * done, style), ("□" * (total - done), "faint")]


def sequence_bar(una: int, nxt: int, limit: int, cells: int, style: str) -> Row:
    """The send window from SND.UNA to its right edge: sent and unacknowledged heavy, still allowed light.

    All three are distances in bytes from SND.UNA's own zero; `limit` is the right edge.
    """
    whole = max(limit - una, nxt - una, 1)
    inside = max(cells - 2, 1)
    sent = min(inside, (nxt - una) * inside // whole)
    if nxt > una:
        sent = max(sent, 1)
    return [("▐", style), ("━" * sent, style), ("─" * (inside - sent), "rule"), ("▌", style)]
