"""A bench for network tests: a network with a sink, ways to run it, and matches that are plain functions."""

from __future__ import annotations

from dataclasses import replace

from tcplab.net.network import Network
from tcplab.net.trace import event_facts
from tcplab.tcp.config import PROFILES
from tcplab.tcp.segment import ACK, RST, SYN, Segment

MS, SECOND = 1_000_000, 1_000_000_000
LESSON = PROFILES["first-lessons"]


class Tapped(Network):
    """A network that keeps what its programs read, by (host, connection)."""

    def read(self, host, conn, data):
        self.heard = getattr(self, "heard", {})
        self.heard.setdefault((host.name, conn.n), bytearray()).extend(data)
        super().read(host, conn, data)


class Fits:
    """A match made of a function of the record; what `notation.match` offers to the network."""

    status = None

    def __init__(self, test, text="any"):
        self.check, self.text = test, text

    def test(self, rec, fate, env):
        assert fate == "sent"
        return self.check(rec)


ANY = Fits(lambda rec: True)


def make(config=LESSON, kind=Network, **settings) -> Network:
    """A network of 50 ms each way; what is not an argument of Network is a setting of the link."""
    own = {name: settings.pop(name) for name in ("hosts", "seed", "ip", "configs") if name in settings}
    own.setdefault("configs", config)
    net = kind(link={"delay": 50 * MS} | settings, **own)
    net.sink = []
    return net


def knobs(**changes):
    return replace(LESSON, **changes)


def run(net: Network, seconds: int | None = None, steps: int = 300_000) -> int:
    """Step until idle, or for `seconds` of virtual time. Returns the steps taken."""
    end = None if seconds is None else net.now + seconds * SECOND
    for taken in range(steps):
        if (net.idle() if end is None else (net.next_at() or end + 1) > end) or not net.step():
            if end is not None:
                net.advance_clock(end)
            return taken
    raise AssertionError("the network does not come to rest")


def opened(net: Network, **listen) -> Network:
    """After the handshake of one connection to port 80."""
    net.listen("server", 80, **listen)
    net.connect("client", "server", 80)
    run(net)
    return net


def state(net: Network, host: str, n: int | None = None) -> str:
    view = net.host_view(host)
    return (view.newest if n is None else view.connections[n - 1]).tcb.state


def tcb(net: Network, host: str, n: int = 1):
    return net.host_view(host).connections[n - 1].tcb


def facts(net: Network) -> list[dict]:
    return [event_facts(event, prose=False) for event in net.sink]


def kinds(net: Network, *wanted: str) -> list[tuple]:
    """(kind, segment id) of the events of these kinds."""
    return [(event.kind, event.seg.id) for event in net.sink if event.kind in wanted]


def segment(net: Network, source="client", flags=RST, payload=b"", seq=0, **more) -> Segment:
    """A segment by hand; a RST for no connection dies silently at the receiver."""
    here = net.host(source)
    fields = {"sport": 1000, "dport": 2000, "ack": 0, "wnd": 0} | more
    return Segment(here.address, net.peer(here).address, fields["sport"], fields["dport"], seq, fields["ack"], flags,
                   fields["wnd"], payload)


def inject(net: Network, count: int = 1, source="client", **more) -> list[int]:
    return [net.inject(source, segment(net, source, **more)) for _ in range(count)]


def arrivals(net: Network) -> list[int]:
    """Ids in order of arrival, delivered or discarded."""
    return [event.seg.id for event in net.sink if event.kind in ("delivered", "dropped")]


__all__ = [name for name in dir() if not name.startswith("_")] + ["ACK", "SYN"]
