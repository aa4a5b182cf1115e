"""ICMP: what a router in the middle of the link tells the sender about a segment that it could not pass on."""

from __future__ import annotations

from tcplab.net.host import Host
from tcplab.net.link import Direction
from tcplab.net.reasons import why
from tcplab.net.trace import SegmentRecord
from tcplab.net.world import World
from tcplab.tcp.icmp import TOO_BIG, UNREACHABLE, IcmpError
from tcplab.tcp.segment import RST

#: Reasons for a loss that a router tells of; all others pass in silence.
REPORTED = ("net.lost.mtu", "net.lost.unreachable")


class Notices(World):
    """Reports take half the delay of each way: the router stands in the middle. They are never lost."""

    def report(self, way: Direction, record: SegmentRecord, n: int) -> None:
        """A router tells the sender of `record`, connection `n`; never of a RST (RFC 1122 section 3.2.2 in spirit)."""
        segment, settings = record.segment, way.settings
        if segment.flags & RST:
            return
        if settings.unreachable:
            error = IcmpError(UNREACHABLE, segment.seq, settings.unreachable, 0, self._socket(record))
        else:
            error = IcmpError(TOO_BIG, segment.seq, "", settings.mtu, self._socket(record))
        host = self.hosts[record.src]
        back = self.ways[1 - host.index]
        self.notices[record.id] = error
        self.queue.notice(self.now + (settings.delay + back.settings.delay) // 2, host.index, n, record.id)

    @staticmethod
    def _socket(record: SegmentRecord) -> tuple[int, str, int]:
        return record.segment.sport, record.segment.dst, record.segment.dport

    def reported(self, host: Host, segment_id: int) -> None:
        """The report about `segment_id` reaches its sender: the connection that the quoted sockets name takes it."""
        error = self.notices.pop(segment_id)
        conn = host.table.get(error.sockets)  # RFC 9293 3.9.2.2 [MUST-54]
        reason = why("icmp." + error.kind, segment_id, error.code or error.mtu)
        self.emit("icmp", host.name, 0 if conn is None else conn.n, None, reason,
                  (("type", error.kind), ("code", error.code), ("mtu", error.mtu), ("quotes", segment_id)))
        if conn is not None:
            conn.endpoint.icmp(error, self.now)
            self.settle(host, conn)
