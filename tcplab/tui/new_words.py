"""Which variables are new on the screen: each is explained when it shows its first value."""

from __future__ import annotations

from collections.abc import Iterable

from tcplab.tcp.views import TcbView

from .draw.host_pane import first_seen
from .draw.values import shown_keys

#: More than these at once would push all else off the guide's page.
_MOST = 6


class NewWords:
    """`new` stays explained until the next step shows others."""

    def __init__(self) -> None:
        self.new: tuple[str, ...] = ()
        self._known: set[str] = set()

    def met(self, names: Iterable[str]) -> None:
        """Take the variables that earlier labs have shown as known."""
        keys = shown_keys(frozenset(names), False)
        self._known.update(keys)
        self.new = tuple(key for key in self.new if key not in keys)

    def see(self, show: frozenset[str] | None, tcbs: Iterable[TcbView | None]) -> None:
        """Look at what is shown of each host; a lab that shows all explains nothing."""
        fresh = [key for tcb in tcbs for key in first_seen(show, False, tcb) if key not in self._known]
        if fresh and show is not None:
            self._known.update(fresh)
            kept = self.new if len(self.new) + len(fresh) <= _MOST else ()
            self.new = (*kept, *dict.fromkeys(fresh))
