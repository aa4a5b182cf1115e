"""Which connection of each host is looked at and acted upon: its newest, unless the learner chose another one."""

from __future__ import annotations

from collections.abc import Sequence

from tcplab.net.views import ConnView, HostView


def peer_of(hosts: Sequence[HostView], index: int, conn: ConnView) -> ConnView | None:
    """The other end of a connection: the newest one of the other host between the same sockets."""
    other = hosts[1 - index] if len(hosts) > 1 else None
    ends = (conn.tcb.remote, conn.tcb.local)
    found = [] if other is None else [c for c in other.connections if (c.tcb.local, c.tcb.remote) == ends]
    return found[-1] if found else None


class Chosen:
    """The learner's choice for each host (by its place): (number, how many connections there were then).

    A choice lasts until the host has a newer connection, or the past in which it was made is undone.
    """

    def __init__(self) -> None:
        self._picks: dict[int, tuple[int, int]] = {}

    def pick(self, hosts: Sequence[HostView], index: int, n: int) -> None:
        """Look at connection `n` of a host, and at its other end."""
        self._picks[index] = (n, len(hosts[index].connections))
        peer = peer_of(hosts, index, hosts[index].connections[n - 1])
        if peer is not None:
            self._picks[1 - index] = (peer.n, len(hosts[1 - index].connections))

    def forget(self) -> None:
        """Back to the newest ones."""
        self._picks.clear()

    def conn(self, hosts: Sequence[HostView], index: int) -> ConnView | None:
        """The connection of a host that is looked at, None if it never had one."""
        host = hosts[index]
        n, total = self._picks.get(index, (0, 0))
        return host.connections[n - 1] if n and total == len(host.connections) else host.newest

    def name(self, hosts: Sequence[HostView], index: int) -> str:
        """A host as commands name it: with the number of its connection where that is not the newest."""
        host, conn = hosts[index], self.conn(hosts, index)
        return host.name if conn is None or conn is host.newest else f"{host.name}#{conn.n}"

    def seen(self, hosts: Sequence[HostView]) -> tuple[HostView, ...]:
        """The hosts as panes show them: the chosen connection stands where the newest one stood."""
        out = []
        for index, host in enumerate(hosts):
            conn = self.conn(hosts, index)
            if conn is not None and conn is not host.newest:
                host = host._replace(connections=(*(c for c in host.connections if c is not conn), conn))
            out.append(host)
        return tuple(out)
