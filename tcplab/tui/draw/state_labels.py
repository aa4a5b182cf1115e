"""What stands on an edge of the state diagram: what happens / what is sent, in the words of the transition table.

How labels get shorter is in `graph.labels`; here they are fitted into cells.
"""

from __future__ import annotations

from collections.abc import Sequence

from tcplab.graph.labels import event_text, forms
from tcplab.tcp.state import Transition

from .runs import cut, plain


def label(rows: Sequence[Transition], width: int, ascii: bool = False, note: str = "") -> str:
    """The longest form of the edge's label that fits into `width`, with `note` behind it if that fits too."""
    text = ""
    for text in forms(rows):
        if len(text) <= width:
            break
    else:
        text = plain(cut([(text, "")], width, "~" if ascii else "…"))
    if note and len(text) + 2 + len(note) <= width:
        text += "  " + note
    return plain_dots(text) if ascii else text


def label_lines(rows: Sequence[Transition], width: int, lines: int, ascii: bool = False, note: str = "") -> list[str]:
    """The label on one line if it fits, else one event a line where the slot has `lines` of them."""
    if lines > 1 and all(len(form) > width for form in forms(rows)):
        parts = [label([row], width, ascii) for row in rows]
        if len(parts) <= lines:
            return parts
    return [label(rows, width, ascii, note)]


def dashed_label(rows: Sequence[Transition], width: int, ascii: bool = False) -> str:
    """The events of the one dashed way to CLOSED (Figure 5, note 3); those that do not fit become dots."""
    names = list(dict.fromkeys(event_text(row.event) for row in rows))
    text = " · ".join(names)
    while len(text) > width and names:
        names.pop()
        text = " · ".join(names) + " …"
    return plain_dots(text) if ascii else text


def plain_dots(text: str) -> str:
    """`text` for a terminal without UTF-8: middle dots become commas."""
    return text.replace(" · ", ", ").replace("·", ",").replace("…", "..")
