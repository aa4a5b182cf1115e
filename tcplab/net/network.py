"""The network: two hosts, the link between them, and a clock that only ever moves to the next thing that is due.

`step` is one arrival or timer with all that it causes at once, the reactions of applications included. Everything
that happens is told to `sink`; nothing that happens depends on it. `copy` gives an independent world: going
back is going on from a copy.
"""

from __future__ import annotations

from heapq import heappop
from typing import NamedTuple

from tcplab.net.calls import UserCalls
from tcplab.net.clock import DELIVERY, NOTICE, TIMER, Entry
from tcplab.net.errors import NetError
from tcplab.net.host import Connection, Host
from tcplab.net.linkcalls import LinkCalls
from tcplab.net.views import HostView, InFlightView, LinkView


class Awaited(NamedTuple):
    """What is due at `t` (ns): a delivery at `host` (`what` is the segment, ``#7``; `conn` the sender's connection), or
    a timer of its connection `conn` (`what` names it as `TcbView.timers` does)."""

    t: int
    kind: str
    host: str
    conn: int
    what: str


class Network(UserCalls, LinkCalls):
    """See `World` for how it is made; user calls are in `calls`, those of the link in `linkcalls`."""

    # --- time ----------------------------------------------------------------------------------------------------

    def next_at(self) -> int | None:
        """When the next thing is due (ns); None when nothing is, and nothing will be without a call."""
        head = self._head()
        return None if head is None else head[0]

    def awaiting(self) -> Awaited | None:
        """What is due next; None when nothing is."""
        head = self._head()
        if head is None:
            return None
        t, phase, host_index, n, _, segment_id = head
        host = self.order[host_index]
        if phase == NOTICE:
            return Awaited(t, "notice", host.name, n, f"#{segment_id}")
        if phase == DELIVERY:
            return Awaited(t, "delivery", host.name, n, f"#{segment_id}")
        names = [name for name, at in host.connections[n - 1].status().timers if at <= t]
        return Awaited(t, "timer", host.name, n, " ".join(names))

    def step(self) -> bool:
        """Carry out the next thing, with all that it causes at this instant. False when there is none."""
        if self._head() is None:
            return False
        t, phase, host_index, n, _, segment_id = heappop(self.queue.heap)
        if t > self.now:
            self.now = t
        if phase == DELIVERY:
            self.deliver(self.ways[1 - host_index], segment_id)
            return True
        host = self.order[host_index]
        if phase == NOTICE:
            self.reported(host, segment_id)
            return True
        conn = host.connections[n - 1]
        conn.entry = None
        conn.endpoint.timeout(self.now)
        self.settle(host, conn)
        return True

    def advance_clock(self, t: int) -> None:
        """Let the clock stand at `t`. Raises NetError for a time that is past, or beyond what is due next."""
        due = self.next_at()
        if t < self.now or (due is not None and t > due):
            raise NetError(f"the clock can be set from {self.now} to {due} ns, not to {t}")
        self.now = t

    def _head(self) -> Entry | None:
        """The first entry that is true; untrue ones before it are thrown away or put where they belong."""
        heap = self.queue.heap
        while heap:
            head = heap[0]
            t, phase, host_index, n, place, segment_id = head
            if phase == DELIVERY:
                flight = self.ways[1 - host_index].flights.get(segment_id)
                if flight is not None and flight.arrive == t and flight.place == place:
                    return head
            elif phase == NOTICE:
                return head
            else:
                conn = self.order[host_index].connections[n - 1]
                if conn.entry == t:
                    due = conn.deadline
                    if due is not None and due <= t:
                        return head
                    conn.entry = due
                    if due is not None:
                        self.queue.timer(due, host_index, n)
            self.queue.pop()
        return None

    # --- stillness -----------------------------------------------------------------------------------------------

    def idle(self) -> bool:
        """Nothing will happen that anybody waits for.

        Nothing is in flight (held segments excluded) and no timer is armed but TIME-WAIT, keep-alive, user timeout,
        and persist while the peer's window really is closed. Applications have always done already what they can.
        """
        if self.ways[0].flights or self.ways[1].flights or self.notices:
            return False
        # A connection without a timer has no entry in the queue: idle ones are not even looked at.
        for _, phase, host_index, n, _, _ in self.queue.heap:
            if phase == TIMER:
                host = self.order[host_index]
                conn = host.connections[n - 1]
                if conn.endpoint is not None and (conn.endpoint.keeps_busy or self._probe_would_help(host, conn)):
                    return False
        return True

    def _probe_would_help(self, host: Host, conn: Connection) -> bool:
        """Does `conn` wait at a window that it believes closed, but that is open, or whose owner is gone?"""
        if not conn.endpoint.probing:
            return False
        peer = self.peer_connection(host, conn)
        return peer is None or bool(peer.endpoint.status().rcv_wnd)

    # --- views ---------------------------------------------------------------------------------------------------

    def host_view(self, name: str) -> HostView:
        """A frozen copy of a host. Raises NetError for an unknown name."""
        return self.host(name).view()

    def link_view(self) -> LinkView:
        """A frozen copy of the link's settings and rules."""
        return LinkView(tuple(way.view(self.now) for way in self.ways), tuple(map(str, self.rules)), self.holding)

    def in_flight(self) -> list[InFlightView]:
        """What is on the link, held segments too, in order of id."""
        return sorted((view for way in self.ways for view in way.in_flight()), key=lambda view: view.record.id)
