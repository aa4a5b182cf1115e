"""Segments for no connection: a listener may make one of them, or CLOSED answers (RFC 9293 sections 3.10.7.1, .2)."""

from __future__ import annotations

from tcplab.net.host import Connection, Host, Listener, reset_for
from tcplab.net.reasons import why
from tcplab.net.trace import SegmentRecord
from tcplab.net.world import World
from tcplab.tcp import syncookies
from tcplab.tcp.config import Config
from tcplab.tcp.segment import ACK, RST, SYN
from tcplab.tcp.state import State
from tcplab.tcp.tcb import TCB


class Births(World):
    """How connections come into being by an arrival. What is done to those that exist is in `carriage`."""

    def to_nobody(self, host: Host, record: SegmentRecord) -> None:
        """A segment for no connection: perhaps a listener wants it, else CLOSED answers (RFC 9293 3.10.7.1, .2)."""
        segment = record.segment
        listener = self.listener_for(host, record)
        if listener is None:
            answer = reset_for(segment)
            if answer is None:
                code = "rst" if segment.flags & RST else "source"
                self.discard(host, record, why(f"dropped.{code}", segment.src), code)
            else:
                self.arrived(host, 0, record)
                self.send_segment(host, None, answer)
        elif segment.flags & (SYN | ACK | RST) == SYN:
            self.beget(host, listener, record)
        elif not self._from_cookie(host, listener, record):
            self.arrived(host, 0, record)
            listener.endpoint.segment_arrives(segment, self.now)
            self.settle_listener(host, listener, record)

    def listener_for(self, host: Host, record: SegmentRecord) -> Listener | None:
        """The listener on the port, if it takes this remote socket."""
        segment = record.segment
        listener = host.listeners.get(segment.dport)
        if listener and listener.remote not in (None, (segment.src, segment.sport)):
            return None
        return listener

    def beget(self, host: Host, listener: Listener, record: SegmentRecord, former: TCB | None = None) -> None:
        """A SYN for a listener: a new endpoint takes it, if the backlog has room; `former` see `Endpoint.reopen`."""
        segment, config = record.segment, self.config_for(host)
        if not self._has_room(host, listener, record, config):
            return
        local = (host.address, listener.port)
        endpoint = self.endpoint(config, local)
        endpoint.open_passive(self.now, listener.remote, former)
        # That it was in LISTEN is the listener's story, which has been told.
        endpoint.take_reports()
        n = len(host.connections) + 1
        self.arrived(host, n, record)
        endpoint.segment_arrives(segment, self.now)
        conn = Connection(n, endpoint, local, (segment.src, segment.sport), config, host.new_app(), listener.port)
        if endpoint.state in (State.LISTEN, State.CLOSED):
            self.settle_listener(host, Listener(listener.port, 0, endpoint, None), record)
            return
        host.adopt(conn)
        self.settle(host, conn, record)

    def _has_room(self, host: Host, listener: Listener, record: SegmentRecord, config: Config) -> bool:
        """Is there room for one more half-open connection? If not, the SYN is dropped, or answered with a cookie."""
        port, half = listener.port, host.half_open(listener.port)
        waiting = host.pending(port)
        standing = waiting - half
        limit = syncookies.half_open_limit(config, listener.backlog, standing)
        if standing < listener.backlog and half < limit:
            return True
        if standing < listener.backlog and syncookies.wanted(config):
            self.arrived(host, 0, record)
            self.send_segment(host, None, syncookies.answer(config, record.segment, self.now))
        elif config.syn_backlog is None or standing >= listener.backlog:
            self.discard(host, record, why("dropped.backlog", waiting, port, listener.backlog), "backlog")
        else:
            self.discard(host, record, why("dropped.synqueue", half, port, limit), "synqueue")
        return False

    def _from_cookie(self, host: Host, listener: Listener, record: SegmentRecord) -> bool:
        """Does the segment bring back a SYN cookie? Then the connection is made from it, if it may stand."""
        segment, config = record.segment, self.config_for(host)
        mss = syncookies.mss_of(config, segment, self.now)
        if mss is None or host.pending(listener.port) - host.half_open(listener.port) >= listener.backlog:
            return False
        endpoint = self.endpoint(config, (host.address, listener.port))
        endpoint.from_cookie(segment, mss, self.now)
        n = len(host.connections) + 1
        self.arrived(host, n, record)
        conn = Connection(n, endpoint, endpoint.local, (segment.src, segment.sport), config, host.new_app(),
                          listener.port)
        host.adopt(conn)
        endpoint.segment_arrives(segment, self.now)
        self.settle(host, conn, record)
        return True

    def reopened(self, host: Host, conn: Connection, record: SegmentRecord) -> bool:
        """A SYN for a connection in TIME-WAIT: if it is a new one and somebody listens, the old one gives way to it
        (RFC 6191, RFC 9293 section 3.6.1). Returns whether it did."""
        listener = self.listener_for(host, record)
        if listener is None or not conn.endpoint.may_reopen(record.segment):
            return False
        if host.pending(listener.port) >= listener.backlog:
            return False
        former = conn.endpoint.reopen(record.segment)
        self.settle(host, conn, record)
        self.beget(host, listener, record, former)
        return True
