"""The virtual network with a real far end: our host, the link and its impairments, and the kernel beyond it.

The second host of the network is the machine itself. What it sends enters the link like anything a host sends; what
the link delivers to it leaves as bytes.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import replace

from tcplab.live.programs import page
from tcplab.net.host import Connection, Host
from tcplab.net.link import Direction
from tcplab.net.network import Network
from tcplab.net.trace import SegmentRecord
from tcplab.tcp.config import Config
from tcplab.tcp.wire import IPV4_HEADER, IPV6_HEADER, TCP_HEADER, WireError, decode, encode

LAB, PEER = "lab", "peer"

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class LiveWorld(Network):
    """Our host (`LAB`) at `address`, the kernel (`PEER`) at `peer`; `transmit` takes each packet for the kernel.

    `closes`: a program that has seen the peer's end, or sent all it had, closes too (as nc does); otherwise somebody
    has to call close. `reads(conn, data)`, if set, hears what each connection's program reads. `serving` "page" makes
    a sink answer a request with a page. `strangers` counts packets that were no segment for us.
    """

    def __init__(self, address: Address, peer: Address, config: Config, transmit: Callable[[bytes], bool],
                 link: Mapping[str, object] | None = None, seed: int | str = 1, secret: bytes = b"",
                 mtu: int = 1500, closes: bool = True) -> None:
        super().__init__((LAB, PEER), link, seed, address.version)
        self.transmit, self.closes = transmit, closes
        self.reads: Callable[[Connection, bytes], None] | None = None
        self.serving = ""
        self.strangers = 0
        room = mtu - (IPV4_HEADER if address.version == 4 else IPV6_HEADER) - TCP_HEADER
        lab, kernel = self.order
        lab.address, kernel.address = str(address), str(peer)
        # RFC 9293 3.7.1 [MUST-67]: the MSS offered fits the interface. RFC 6528 3: a secret that nobody can guess.
        lab.config = replace(config, mss=min(config.mss, room), secret=secret)
        self._mine = (lab.address,)

    def run_to(self, now: int) -> None:
        """Do everything that is due, each thing at its own instant, until the clock stands at `now` (ns)."""
        while (at := self.next_at()) is not None and at <= now:
            self.step()
        if now > self.now:
            self.now = now

    def packet(self, data: bytes) -> None:
        """The kernel has sent `data`: if it is a segment for us it enters the link now."""
        try:
            segment = decode(data, mine=self._mine)
        except WireError:
            self.strangers += 1  # router solicitations, pings, and whatever else an interface hears
            return
        self.send_segment(self.order[1], None, segment)

    def deliver(self, way: Direction, segment_id: int) -> None:
        """What reaches the kernel leaves the laboratory as bytes, damaged ones as they are."""
        if way.receiver == 0:
            super().deliver(way, segment_id)
            return
        record = way.flights.pop(segment_id).record
        taken = self.transmit(record.wire or encode(record.segment, ident=record.id))
        self.counters["segments_delivered" if taken else "segments_dropped"] += 1
        if self.sink is not None:
            self.emit("delivered" if taken else "dropped", PEER, 0, record)

    # --- programs ------------------------------------------------------------------------------------------------

    def wake(self, host: Host, conn: Connection) -> None:
        super().wake(host, conn)
        if self.closes and conn.accepted and conn.app.kind == "source":
            conn.app.closing = True

    def settle(self, host: Host, conn: Connection, cause: SegmentRecord | None = None) -> None:
        super().settle(host, conn, cause)
        app = conn.app
        if self.closes and app.saw_eof and not (app.closing or app.closed) and conn.endpoint is not None:
            app.closing = True
            super().settle(host, conn, cause)

    def read(self, host: Host, conn: Connection, data: bytes) -> None:
        super().read(host, conn, data)
        if self.reads is not None:
            self.reads(conn, data)
        app = conn.app
        if self.serving == "page" and not (app.closing or app.closed):
            app.put(page(conn))
            app.closing = True
