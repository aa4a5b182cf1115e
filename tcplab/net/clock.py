"""The event queue: what is due next, by an order that never depends on who was put in first.

Entries are plain tuples ``(t, phase, host, conn, place, id)``, so that the queue can be copied with a list. At one
instant deliveries come first, then timers, then reports of the network; within each the order of hosts, connections
and segments decides. What an application does belongs to the arrival, timer or call that gave it something to do.
An entry may have become untrue (a timer moved, a segment was dropped by hand): the owner says so when the entry
reaches the head, and nobody ever searches the heap.
"""

from __future__ import annotations

from heapq import heappop, heappush

DELIVERY, TIMER, NOTICE = 0, 1, 2

Entry = tuple[int, int, int, int, int, int]


class Queue:
    """A heap of entries; times in ns."""

    __slots__ = ("heap",)

    def __init__(self) -> None:
        self.heap: list[Entry] = []

    def delivery(self, t: int, host: int, conn: int, place: int, segment_id: int) -> None:
        """Segment `segment_id` of the sender's connection `conn` reaches `host` at `t`."""
        heappush(self.heap, (t, DELIVERY, host, conn, place, segment_id))

    def timer(self, t: int, host: int, conn: int) -> None:
        """Some timer of connection `conn` of `host` may be due at `t`."""
        heappush(self.heap, (t, TIMER, host, conn, 0, 0))

    def notice(self, t: int, host: int, conn: int, segment_id: int) -> None:
        """The network's report about segment `segment_id` reaches `host`, which sent it, at `t`."""
        heappush(self.heap, (t, NOTICE, host, conn, 0, segment_id))

    def pop(self) -> Entry:
        return heappop(self.heap)

    def copy(self) -> Queue:
        twin = Queue()
        twin.heap = self.heap.copy()
        return twin
