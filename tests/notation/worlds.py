"""Small stand-ins for hosts and segments, shared by the tests of this room."""

from types import SimpleNamespace

from tcplab.net.trace import SegmentRecord
from tcplab.net.views import ConnView, HostView
from tcplab.notation.fields import host_value
from tcplab.notation.values import Duration
from tcplab.tcp.options import NO_OPTIONS
from tcplab.tcp.segment import Segment, letters_to_flags
from tcplab.tcp.views import TcbView


def record(letters="S", payload=b"", src="client", repeated=False, **fields):
    """A segment on the link, from `src` to the other host."""
    there = {"client": ("10.0.0.1", 49152), "server": ("10.0.0.2", 80)}
    dst = "server" if src == "client" else "client"
    values = {"seq": 4211, "ack": 0, "wnd": 4000} | fields
    segment = Segment(
        there[src][0], there[dst][0], there[src][1], there[dst][1], values["seq"], values["ack"],
        letters_to_flags(letters), values["wnd"], payload, values.get("options", NO_OPTIONS),
    )  # fmt: skip
    return SegmentRecord(7, None, src, dst, segment, 2 * 10**9, 10**9 if repeated else 2 * 10**9, repeated)


def tcb(**fields):
    return TcbView(**({"state": "ESTABLISHED", "local": ("10.0.0.1", 49152), "remote": ("10.0.0.2", 80)} | fields))


def host(name="client", *tcbs, listening=()):
    views = tuple(ConnView(n, one, "sink", True, 0) for n, one in enumerate(tcbs, 1))
    return HostView(name, "10.0.0.1", tuple(listening), views, "sink")


class World:
    """An environment over host views, as the session has one."""

    def __init__(self, now=0, kept=None, **hosts):
        self.now, self.kept, self.hosts = now, kept or {}, hosts

    def lookup(self, name):
        if name == "now":
            return Duration(self.now)
        if name in self.kept:
            return self.kept[name]
        head, _, field = name.partition(".")
        head, _, number = head.partition("#")
        return host_value(self.hosts[head], field, int(number) if number else None, self.now)


NOTHING = SimpleNamespace(lookup=lambda name: {}[name])
