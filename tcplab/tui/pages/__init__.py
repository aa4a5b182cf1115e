"""The pages below the task: one module each. A new page is a new module here and its line in `PAGES`.

A page draws its rows (`rows`), says what the help says about it (`about`), which keys are its own (`KEYS`), what the
footer offers on it (`footer`) and what the keys that move and open mean on it. `base.Page` holds what all share.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .base import Page
from .guide import GuidePage
from .hosts import HostsPage
from .link import LinkPage
from .log import LogPage
from .plots import PlotsPage
from .seq import SeqPage
from .states import StatesPage
from .tcb import TcbPage

if TYPE_CHECKING:
    from tcplab.tui.desk import Desk

#: In the order of their numbers, which are the keys that open them.
PAGES: tuple[type[Page], ...] = (GuidePage, LogPage, StatesPage, LinkPage, TcbPage, SeqPage, PlotsPage, HostsPage)

BY_ID: dict[str, type[Page]] = {page.id: page for page in PAGES}
ORDER: tuple[str, ...] = tuple(BY_ID)


def number(page_id: str) -> int:
    """The digit that opens a page."""
    return ORDER.index(page_id) + 1


def pages_for(desk: Desk) -> dict[str, Page]:
    """A desk's own pages by id, each with what it remembers (a selection, a choice)."""
    return {page.id: page(desk) for page in PAGES}
