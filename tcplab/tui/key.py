"""One key of the table. The table is in `keys`; a page brings its own keys in its module under `pages`."""

from __future__ import annotations

from typing import NamedTuple


class Key(NamedTuple):
    """One key: `id` names what it does, `words` is its name in the footer, `tip` its sentence in the help.

    With a `page` it acts only while that page is in front, and there before a key of the same name that acts
    everywhere.
    """

    id: str
    key: str
    cap: str
    words: str
    tip: str
    group: str
    page: str = ""


TIME, TALK, LAB, LOOK, APP = "Time", "Connection and link", "The lesson", "Looking", "tcplab"
