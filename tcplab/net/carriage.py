"""What becomes of a segment between two hosts, and who takes it at the far end."""

from __future__ import annotations

from dataclasses import replace
from heapq import heappush

from tcplab.net.births import Births
from tcplab.net.clock import DELIVERY
from tcplab.net.host import Connection, Host, Listener
from tcplab.net.impair import Fate
from tcplab.net.link import Direction, Flight, Rule, packet_size
from tcplab.net.notices import REPORTED, Notices
from tcplab.net.reasons import percent, why
from tcplab.net.trace import SegmentRecord
from tcplab.notation.errors import NotationError
from tcplab.tcp.ecn import CE
from tcplab.tcp.endpoint import Endpoint
from tcplab.tcp.reports import TcpError
from tcplab.tcp.segment import FIN, SYN, Segment
from tcplab.tcp.state import State
from tcplab.tcp.why import Why
from tcplab.tcp.wire import WireError, decode, encode

#: Kinds of report that are called otherwise in the log, where the receiver's "dropped" means bad bytes.
_EVENT_KIND = {"dropped": "refused", "delivered": "received"}
#: Not yet a connection: nothing to accept, nothing for an application to do.
_EMBRYO = (State.LISTEN, State.SYN_SENT, State.SYN_RECEIVED, State.CLOSED)
_new = tuple.__new__

#: How much of what a program reads is told.
_HEAD = 64
#: They use up a sequence number.
_COUNTED = SYN | FIN


class Carriage(Births, Notices):
    """Sending, carrying, delivering."""

    # --- onto the link -------------------------------------------------------------------------------------------

    def send_segment(self, host: Host, conn: Connection | None, segment: Segment, injected: bool = False) -> None:
        """Hand `segment` of `host` to the link: it gets its number and meets its fate."""
        way, now = self.ways[host.index], self.now
        at, n, shift = now, 0, 0
        if conn is not None:
            n, shift = conn.n, conn.endpoint.tcb.rcv_shift
            if (segment.payload or segment.flags & _COUNTED or segment.rtx) and not injected:
                at = conn.first_time(segment, now)
        repeated = segment.rtx > 0 and not injected
        record = SegmentRecord(self.next_id, None, way.src, way.dst, segment, now, at, repeated, injected, None, shift)
        self.next_id += 1
        counters = self.counters
        counters["segments_sent"] += 1
        if repeated:
            counters["segments_retransmitted"] += 1
        if self._sink is not None:
            self.emit("sent", host.name, n, record, segment.why)
        way.offered += 1
        rule = self._aimed(record) if self.rules else None
        mtu, size = way.settings.mtu, packet_size(record)
        if rule is None and way.quick and (not mtu or size <= mtu):
            if way.lossy and way.dice.loses(way.offered, way.lossy):
                self.lose(record, why("lost.dice", percent(way.settings.loss)))
            else:
                self._put(way, record, n, size)
        else:
            self._meet_fate(way, record, n, size, rule)

    def _aimed(self, record: SegmentRecord) -> Rule | None:
        """The first rule that fits `record`; it is used up by one. A rule whose `where` makes no sense is let go."""
        env = None if self.env_factory is None else self.env_factory(self)
        for rule in tuple(self.rules):
            index = self.rules.index(rule)
            try:
                fits = rule.match.test(record, "sent", env)
            except NotationError as problem:
                del self.rules[index]
                self.emit("error", data=(("op", "rule"), ("match", rule.match.text), ("message", str(problem))))
                continue
            if fits:
                if rule.left > 1:
                    self.rules[index] = rule._replace(left=rule.left - 1)
                else:
                    del self.rules[index]
                return rule
        return None

    def _meet_fate(self, way: Direction, record: SegmentRecord, n: int, size: int, rule: Rule | None) -> None:
        action = rule.action if rule else ""
        fate = way.dice.roll(way.offered, way.settings, action == "corrupt")
        barred = self._barred(way, record, rule)
        if barred:
            self.lose(record, barred)
            if barred.code in REPORTED:
                self.report(way, record, n)
            return
        twin = None
        if fate.twice or action == "dup":
            chosen = why("duplicated.rule", record.id, str(rule)) if action == "dup" else \
                why("duplicated.dice", record.id, percent(way.settings.duplicate))
            twin = self.duplicate(record, chosen)
        if fate.lost:
            code, number = fate.lost
            self.lose(record, why(code, percent(number) if code == "lost.dice" else number))
        else:
            if fate.corrupt or action == "corrupt":
                record = self._flip(way, record, fate, rule)
            extra = fate.jitter
            if action == "delay":
                extra += rule.amount
                self.emit("link", why=why("delayed.rule", str(rule)),
                          data=(("op", "delay"), ("id", record.id), ("by", rule.amount)))
            self._put(way, record, n, size, extra, fate.ahead)
        if twin:
            self._put(way, twin, n, size, fate.jitter)

    def _barred(self, way: Direction, record: SegmentRecord, rule: Rule | None) -> Why | None:
        """Why neither `record` nor a duplicate of it can enter, or None."""
        if not way.settings.up:
            return why("lost.down")
        if rule and rule.action == "drop":
            return why("lost.rule", str(rule))
        if way.settings.unreachable:
            return why("lost.unreachable", way.settings.unreachable)
        mtu = way.settings.mtu
        if mtu and packet_size(record) > mtu:
            return why("lost.mtu", packet_size(record), mtu)
        return None

    def lose(self, record: SegmentRecord, reason: Why) -> None:
        self.counters["segments_lost"] += 1
        self.emit("lost", seg=record, why=reason)

    def duplicate(self, record: SegmentRecord, reason: Why) -> SegmentRecord:
        """A copy of `record` with a number of its own."""
        twin = replace(record, id=self.next_id, copy_of=record.id, sent_at=self.now)
        self.next_id += 1
        self.counters["segments_duplicated"] += 1
        self.emit("duplicated", seg=twin, why=reason)
        return twin

    def _flip(self, way: Direction, record: SegmentRecord, fate: Fate, rule: Rule | None) -> SegmentRecord:
        """`record` with one bit of its packet flipped, anywhere from IP header to payload."""
        size = len(record.wire or encode(record.segment, ident=record.id))
        byte, bit = divmod(fate.bits * size * 8 >> 32, 8)
        reason = why("corrupted.rule", bit, byte, str(rule)) if rule and rule.action == "corrupt" else \
            why("corrupted.dice", bit, byte, percent(way.settings.corrupt))
        return self.flip_bit(record, byte, bit, reason)

    def flip_bit(self, record: SegmentRecord, byte: int, bit: int, reason: Why) -> SegmentRecord:
        """`record` with `bit` (0: the highest) of `byte` of its packet flipped."""
        packet = bytearray(record.wire or encode(record.segment, ident=record.id))
        packet[byte] ^= 0x80 >> bit
        record = replace(record, wire=bytes(packet))
        self.counters["segments_corrupted"] += 1
        self.emit("corrupted", seg=record, why=reason, data=(("byte", byte), ("bit", bit)))
        return record

    def _put(self, way: Direction, record: SegmentRecord, n: int, size: int, extra: int = 0,
             ahead: bool = False) -> None:
        """Queue, delay or hold `record`, a packet of `size` bytes; `extra` ns are added to the delay, `ahead` sends it
        past all the others."""
        if ahead:
            depart = arrive = self.now
            self.counters["segments_reordered"] += 1
            self.emit("reordered", seg=record, why=why("reordered", len(way.flights)),
                      data=(("overtaken", len(way.flights)),))
        else:
            times = way.transmit(size, self.now)
            if times is None:
                self.lose(record, why("lost.full", way.waiting(self.now), way.settings.limit))
                return
            depart, left = times
            if way.settings.ecn and way.marks(record, depart, self.now):
                record = replace(record, segment=replace(record.segment, ecn=CE))
                self.counters["segments_marked"] += 1
                self.emit("marked", seg=record, why=why("marked", len(way.starts) - 1, way.settings.ecn))
            arrive = left + way.settings.delay + extra
            if arrive < left:
                arrive = left
        # Made without Flight's own constructor, which takes 0.2 us more.
        flight = _new(Flight, (record, depart, arrive, record.id, n))
        if self.holding:
            self.hold_flight(way, flight)
        else:
            way.flights[record.id] = flight
            # `Queue.delivery` without the call, for every segment comes by here.
            heappush(self.queue.heap, (arrive, DELIVERY, way.receiver, n, record.id, record.id))

    def fly(self, way: Direction, flight: Flight) -> None:
        """`flight` is due at its `arrive`."""
        record, _, arrive, place, n = flight
        way.flights[record.id] = flight
        self.queue.delivery(arrive, way.receiver, n, place, record.id)

    def hold_flight(self, way: Direction, flight: Flight) -> None:
        """Stop `flight` in mid-link."""
        way.held[flight.record.id] = flight._replace(arrive=None)
        self.counters["segments_held"] += 1
        self.emit("held", seg=flight.record, why=why("held"))

    # --- off the link --------------------------------------------------------------------------------------------

    def deliver(self, way: Direction, segment_id: int) -> None:
        """Segment `segment_id` reaches the far end: believe its bytes or discard them, then find who it is for."""
        record = way.flights.pop(segment_id).record
        host = self.order[way.receiver]
        segment = record.segment
        if record.wire is not None:
            try:
                segment = decode(record.wire, mine=(host.address,))
            except WireError as problem:
                self.discard(host, record, why("dropped.bytes", str(problem)), problem.reason)
                return
            # What the laboratory knows about it did not travel in its bytes.
            segment.why, segment.rtx = record.segment.why, record.segment.rtx
            record = replace(record, segment=segment)
        elif segment.dst != host.address:
            self.discard(host, record, why("dropped.address", segment.dst), "address")
            return
        conn = host.table.get((segment.dport, segment.src, segment.sport))
        if conn is None:
            self.to_nobody(host, record)
            return
        if segment.flags & SYN and conn.endpoint.state is State.TIME_WAIT and self.reopened(host, conn, record):
            return
        self.counters["segments_delivered"] += 1
        if self._sink is not None:
            self.emit("delivered", host.name, conn.n, record)
        conn.endpoint.segment_arrives(segment, self.now)
        self.settle(host, conn, record)

    def arrived(self, host: Host, n: int, record: SegmentRecord) -> None:
        self.counters["segments_delivered"] += 1
        if self._sink is not None:
            self.emit("delivered", host.name, n, record)

    def discard(self, host: Host, record: SegmentRecord, reason: Why, code: str) -> None:
        self.counters["segments_dropped"] += 1
        self.emit("dropped", host.name, 0, record, reason, (("reason", code),))

    # --- after an endpoint was touched ---------------------------------------------------------------------------

    def settle(self, host: Host, conn: Connection, cause: SegmentRecord | None = None) -> None:
        """Let the application react, take what `conn`'s endpoint has to tell and to send, wind its clock.

        `cause` is the segment that arrived. The application comes before the segments are taken: it reads and writes
        at once, and an ACK that is due then carries the window it opened or rides on what it wrote.
        """
        endpoint = conn.endpoint
        tcb = endpoint.tcb  # read directly: before Python 3.12 a property takes 0.1 us
        if self._sink is not None:
            self._drain(host, conn.n, endpoint, cause)
        if tcb.gone:
            conn.app.forget()
        elif conn.embryo and endpoint.state not in _EMBRYO:
            conn.embryo = False
            if endpoint.state is State.TIME_WAIT:
                host.retire(conn)
            else:
                self.wake(host, conn)
        app = conn.app
        if tcb.unread or tcb.fin_received or app.items or app.closing:
            while self._turn(host, conn) and app.talks:
                pass
        segments = endpoint.take_segments()
        if self._sink is not None:
            self._drain(host, conn.n, endpoint, cause)
        for segment in segments:
            self.send_segment(host, conn, segment)
        if tcb.gone or (conn.embryo and tcb.state is State.LISTEN):
            if not tcb.gone:
                # The passive side of a refused handshake "returns to LISTEN": its listener stands there already.
                self.emit("gone", host.name, conn.n)
            host.release(conn, self.now)
            return
        due = conn.deadline = tcb.timers.earliest()
        if due is not None and (conn.entry is None or due < conn.entry):
            conn.entry = due
            self.queue.timer(due, host.index, conn.n)

    def settle_listener(self, host: Host, listener: Listener, cause: SegmentRecord | None = None) -> None:
        """The same for a listener, which belongs to no connection."""
        segments = listener.endpoint.take_segments()
        self._drain(host, 0, listener.endpoint, cause)
        for segment in segments:
            self.send_segment(host, None, segment)

    def wake(self, host: Host, conn: Connection) -> None:
        """`conn` is synchronized: a program that reads accepts it, and a source begins."""
        if conn.app.reading and conn.app.kind != "none":
            self.accept(host, conn)
        if conn.accepted:
            conn.app.start()

    def accept(self, host: Host, conn: Connection) -> None:
        """The program takes `conn` from the backlog, if it still waits there."""
        if not conn.accepted:
            conn.accepted = True
            host.waiting.remove(conn)
            self.emit("app", host.name, conn.n, data=(("op", "accept"), ("port", conn.born_of)))

    def _turn(self, host: Host, conn: Connection) -> bool:
        """The application at `conn` does what it can: read, notice the end, send, close. False if it read nothing."""
        app, endpoint = conn.app, conn.endpoint
        tcb = endpoint.tcb
        data = b""
        try:
            if (tcb.unread or tcb.fin_received) and app.may_read(conn.accepted):
                if tcb.unread:
                    data = endpoint.receive(len(tcb.unread), self.now)
                    self.read(host, conn, data)
                    app.react(data)
                if tcb.fin_received and not tcb.unread and not app.saw_eof:
                    app.saw_eof = True
                    self.emit("app", host.name, conn.n, data=(("op", "eof"),))
            if app.items or app.closing:
                self.feed(conn)
        except TcpError as refusal:
            self.emit("error", host.name, conn.n, data=(("message", refusal.message), ("clause", refusal.clause)))
        return bool(data)

    def feed(self, conn: Connection) -> None:
        """Hand over what waits in the application while the send buffer has room, then a CLOSE that waits behind it.

        Raises TcpError; what could not be sent is then forgotten.
        """
        app, endpoint = conn.app, conn.endpoint
        try:
            while app.items and (room := endpoint.writable) > 0:
                data, last, urgent = app.peek(room)
                taken = endpoint.send(data, self.now, last, urgent)
                if not taken:
                    break
                app.taken(taken)
                if taken == room:
                    break
            if app.closing and not app.items:
                app.closing, app.closed = False, True
                endpoint.close(self.now)
        except TcpError:
            app.forget()
            raise

    def read(self, host: Host, conn: Connection, data: bytes) -> None:
        """The program (or a RECEIVE call) has got `data`."""
        if data:
            conn.app.received += len(data)
            if self._sink is not None:
                self.emit("app", host.name, conn.n, data=(("op", "read"), ("n", len(data)), ("head", data[:_HEAD])))

    def _drain(self, host: Host, n: int, endpoint: Endpoint, cause: SegmentRecord | None) -> None:
        """Turn the endpoint's reports into events; each names the segment that brought it about."""
        if self._sink is None:
            return
        reports = endpoint.take_reports()
        by = () if cause is None else (("by", cause.id),)
        for kind, reason, data in reports:
            self.emit(_EVENT_KIND.get(kind, kind), host.name, n, None, reason, data + by)
