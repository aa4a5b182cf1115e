"""Which capture of the course the key for captures opens."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .desk import Desk


def named(desk: Desk) -> str:
    """The command that opens what the step names, else what was looked at last; '' for neither."""
    texts = [text for text in desk.view.guide.commands if text.startswith("capture ")]
    return texts[0] if texts else f"capture {desk.looked_at}" if desk.looked_at else ""


def unseen(desk: Desk) -> bool:
    """Whether the step names a capture that is not the one looked at last."""
    return bool(desk.view.guide.commands) and named(desk) not in ("", f"capture {desk.looked_at}")
