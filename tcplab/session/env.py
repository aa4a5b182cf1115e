"""The names of EXPR, read from the running world: ``client.snd_una``, ``server#2.state``, ``now``, kept values."""

from __future__ import annotations

from tcplab.net.network import Network
from tcplab.notation.fields import host_value
from tcplab.notation.values import Duration


class SessionEnv:
    """What an EXPR sees at one instant. `kept` are the lab's remembered values and the instants of its ``when``s."""

    __slots__ = ("_world", "_kept", "_hosts", "_moment")

    def __init__(self, world: Network, kept: dict[str, object] | None = None, moment: tuple[int, int] = (0, 0)) -> None:
        self._world, self._kept, self._hosts, self._moment = world, {} if kept is None else kept, {}, moment

    def still(self, world: Network, kept: dict[str, object], moment: tuple[int, int]) -> bool:
        """Whether nothing has happened since: many expressions are asked at one instant, and views cost time."""
        return self._moment == moment and self._world is world and self._kept is kept

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
