"""The names of EXPR, read from the running world: ``client.snd_una``, ``server#2.state``, ``now``, kept values."""

from __future__ import annotations

from tcplab.net.network import Network
from tcplab.notation.fields import host_value
from tcplab.notation.values import Duration


class SessionEnv:
    """What an EXPR sees at one instant. `kept` are the lab's remembered values and the instants of its ``when``s."""

    __slots__ = ("_world", "_kept", "_hosts")

    def __init__(self, world: Network, kept: dict[str, object] | None = None) -> None:
        self._world, self._kept, self._hosts = world, kept or {}, {}

    def lookup(self, name: str) -> object:
        """The value of a dotted name. Raises KeyError for one that does not exist (yet)."""
        if name == "now":
            return Duration(self._world.now)
        if name in self._kept:
            return self._kept[name]
        owner, dot, field = name.partition(".")
        host, _, number = owner.partition("#")
        if not dot or host not in self._world.hosts:
            raise KeyError(name)
        view = self._hosts.get(host)
        if view is None:
            view = self._hosts[host] = self._world.host_view(host)
        return host_value(view, field, int(number) if number else None, self._world.now)
