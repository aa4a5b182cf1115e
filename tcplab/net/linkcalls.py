"""What a user may ask of the link: settings, aimed rules, hold, and a hand laid on single segments."""

from __future__ import annotations

from dataclasses import replace

from tcplab.net.carriage import Carriage
from tcplab.net.errors import NetError
from tcplab.net.link import ACTIONS, DEFAULT_EXTRA_DELAY, Direction, Flight, Rule, changed
from tcplab.net.reasons import why
from tcplab.tcp.segment import Segment
from tcplab.tcp.wire import WireError, encode

#: What `link_edit` may change: fields of a segment, and `chksum`, which is recomputed unless it is set.
EDITABLE = ("seq", "ack", "flags", "wnd", "up", "sport", "dport", "src", "dst", "payload", "options", "ecn", "chksum")
_CHECKSUM_AT = 16


class LinkCalls(Carriage):
    """The learner's side of the link. Segments are named by their id; times in ns, chances in ppm."""

    def link_set(self, source: str | None, setting: str, *values: object) -> None:
        """Set one thing (see `link.changed`) on the way out of host `source`, or both ways. Raises NetError."""
        ways = self.ways if source is None else [self.ways[self.host(source).index]]
        for way, settings in [(way, changed(way.settings, setting, values)) for way in ways]:
            way.set(settings)
        self.emit("link", data=(("op", "set"), ("setting", setting), ("values", values), ("from", source)))

    def link_up(self, source: str | None = None) -> None:
        self.link_set(source, "up", True)

    def link_down(self, source: str | None = None) -> None:
        """Blackout: nothing enters; what is already under way arrives."""
        self.link_set(source, "up", False)

    def link_clear(self) -> None:
        """A perfect link of the same length: no chance, no rate, no MTU, no rules; held segments go on."""
        for way in self.ways:
            way.set(way.settings.cleared())
        self.rules.clear()
        self.emit("link", data=(("op", "clear"),))
        if self.holding:
            self.link_hold(False)

    def link_rule(self, action: str, count: int, match: object, amount: int = DEFAULT_EXTRA_DELAY) -> None:
        """The next `count` segments that `match` fits are dropped, delayed by `amount`, duplicated or corrupted.

        Of several rules the first given that fits a segment acts on it, and only that one.
        """
        if action not in ACTIONS:
            raise NetError(f"the link cannot {action!r}; choose one of {', '.join(ACTIONS)}")
        judge_count(count)
        if isinstance(amount, bool) or not isinstance(amount, int) or amount < 0:
            raise NetError(f"a delay is a whole number of ns, not {amount!r}")
        if getattr(match, "status", None) == "lost":
            raise NetError("a rule acts before the link has lost anything; leave out 'lost'")
        self.rules.append(Rule(action, count, match, amount))
        self.emit("link", data=(("op", "rule"), ("action", action), ("count", count), ("match", match.text)))

    def link_hold(self, on: bool) -> None:
        """On: segments stop in mid-link, those under way too. Off: held ones go on, half the delay before them."""
        on = bool(on)
        if on == self.holding:
            return
        self.holding = on
        self.emit("link", data=(("op", "hold"), ("on", on)))
        for way in self.ways:
            if on:
                for flight in sorted(way.flights.values(), key=_place):
                    del way.flights[flight.record.id]
                    self.hold_flight(way, flight)
            else:
                for flight in sorted(way.held.values(), key=_place):
                    self._release(way, flight, self.now + way.settings.delay // 2)

    # --- single segments -----------------------------------------------------------------------------------------

    def link_deliver(self, *ids: int) -> None:
        """Each arrives now, in the order of ids (or of places, if they were swapped)."""
        for way, flight in self._flights(ids, "deliver"):
            self._release(way, flight, self.now)

    def link_drop(self, *ids: int) -> None:
        """Each is lost where it is."""
        for way, flight in self._flights(ids, "drop"):
            self._take(way, flight)
            self.lose(flight.record, why("lost.hand"))

    def link_delay(self, segment_id: int, by: int) -> None:
        """One under way arrives `by` ns later than it would have; a held one goes on and arrives `by` ns from now."""
        if isinstance(by, bool) or not isinstance(by, int) or by < 0:
            raise NetError(f"a delay is a whole number of ns, not {by!r}")
        (way, flight), = self._flights((segment_id,), "delay")
        self._release(way, flight, (self.now if flight.arrive is None else flight.arrive) + by)

    def link_dup(self, *ids: int) -> None:
        """Each gets a copy beside it, with a number of its own."""
        for way, flight in self._flights(ids, "dup"):
            twin = self.duplicate(flight.record, why("duplicated.hand", flight.record.id))
            copy = flight._replace(record=twin, place=twin.id)
            if flight.arrive is None:
                way.held[twin.id] = copy
            else:
                self.fly(way, copy)

    def link_corrupt(self, segment_id: int, byte: int | None = None) -> None:
        """Flip one bit of a segment: in `byte` of its packet (0 is the IP header's first), or anywhere.

        Which bit, and without `byte` which byte, is drawn from a stream that only hands use. Raises NetError.
        """
        (way, flight), = self._flights((segment_id,), "corrupt")
        size = len(flight.record.wire or _packet(flight.record.segment))
        if byte is not None and not 0 <= byte < size:
            raise NetError(f"segment #{segment_id} has the bytes 0 to {size - 1}, no byte {byte}")
        drawn = way.dice.by_hand()
        byte, bit = divmod(drawn * size * 8 >> 32, 8) if byte is None else (byte, drawn * 8 >> 32)
        record = self.flip_bit(flight.record, byte, bit, why("corrupted.hand", bit, byte))
        where = way.held if flight.arrive is None else way.flights
        where[segment_id] = flight._replace(record=record)

    def link_all(self, op: str) -> None:
        """`deliver` or `drop` every segment on the link. Raises NetError when there is none."""
        ids = [flight.record.id for way in self.ways for flight in (*way.held.values(), *way.flights.values())]
        if not ids:
            raise NetError("nothing is on the link")
        (self.link_deliver if op == "deliver" else self.link_drop)(*ids)

    def link_edit(self, segment_id: int, **changes: object) -> None:
        """Change fields of a segment (see EDITABLE); its checksums are made right unless `chksum` is set."""
        (way, flight), = self._flights((segment_id,), "edit")
        for name in changes:
            if name not in EDITABLE:
                raise NetError(f"a segment has no field {name!r}; its fields are {', '.join(EDITABLE)}")
        chksum = changes.pop("chksum", None)
        segment = replace(flight.record.segment, **changes)
        packet = _packet(segment)
        packet = None if chksum is None else _with_checksum(packet, chksum)
        record = replace(flight.record, segment=segment, wire=packet)
        shown = tuple(changes.items()) + ((("chksum", chksum),) if chksum is not None else ())
        self.emit("link", why=why("edited"), data=(("op", "edit"), ("id", segment_id), ("changes", shown)))
        where = way.held if flight.arrive is None else way.flights
        where[segment_id] = flight._replace(record=record)

    def link_swap(self, first: int, second: int) -> None:
        """Two segments on their way to the same host change places and times of arrival."""
        (way, one), (other_way, two) = self._flights((first, second), "swap")
        if way is not other_way or first == second:
            raise NetError("two different segments on their way to the same host can be swapped")
        self._take(way, one)
        self._take(way, two)
        for flight, place in ((one, two), (two, one)):
            moved = flight._replace(place=place.place, arrive=place.arrive)
            if moved.arrive is None:
                way.held[moved.record.id] = moved
            else:
                self.fly(way, moved)
        self.emit("link", data=(("op", "swap"), ("id", first), ("with", second)))

    def inject(self, source: str, segment: Segment) -> int:
        """Put `segment` on the link as if host `source` had sent it. Returns its id. Raises NetError.

        The host knows nothing of it. Only the way is the host's: the addresses are the segment's own.
        """
        host = self.host(source)
        _packet(segment)
        conn = host.table.get((segment.sport, segment.dst, segment.dport))
        number = self.next_id
        self.counters["segments_injected"] += 1
        self.send_segment(host, conn, replace(segment, why=why("injected", source), rtx=0), injected=True)
        return number

    # --- inside --------------------------------------------------------------------------------------------------

    def _flights(self, ids: tuple[int, ...], op: str) -> list[tuple[Direction, Flight]]:
        """The segments called `ids`, in order of place. Raises NetError unless all are on the link."""
        found = []
        for segment_id in ids:
            for way in self.ways:
                flight = way.held.get(segment_id) or way.flights.get(segment_id)
                if flight is not None:
                    found.append((way, flight))
                    break
            else:
                there = sorted(i for way in self.ways for i in (*way.held, *way.flights))
                cure = f"on the link {_are(there)}" if there else "nothing is on the link"
                raise NetError(f"segment #{segment_id} is not on the link; {cure}")
        if op != "swap":
            found.sort(key=lambda pair: _place(pair[1]))
            if op not in ("edit", "drop", "dup", "corrupt"):
                self.emit("link", data=(("op", op), ("ids", tuple(flight.record.id for _, flight in found))))
        return found

    def _take(self, way: Direction, flight: Flight) -> None:
        """Off the link; the entry in the queue, if any, will be found untrue."""
        (way.held if flight.arrive is None else way.flights).pop(flight.record.id)

    def _release(self, way: Direction, flight: Flight, arrive: int) -> None:
        self._take(way, flight)
        self.fly(way, flight._replace(arrive=arrive))


def judge_count(count: object) -> None:
    """Raises NetError unless a rule may act on so many segments."""
    if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= 1_000_000:
        raise NetError(f"a rule acts on 1 to 1000000 segments, not on {count!r}")


def _place(flight: Flight) -> int:
    return flight.place


def _are(ids: list[int]) -> str:
    shown = ", ".join(f"#{i}" for i in ids[:8])
    return f"{'is' if len(ids) == 1 else 'are'} {shown}{' ...' if len(ids) > 8 else ''}"


def _packet(segment: Segment) -> bytes:
    """The bytes of `segment`. Raises NetError when no packet can carry it."""
    try:
        return encode(segment)
    except (WireError, TypeError, AttributeError) as problem:
        raise NetError(f"this segment cannot be sent: {problem}") from None


def _with_checksum(packet: bytes, chksum: object) -> bytes:
    if isinstance(chksum, bool) or not isinstance(chksum, int) or not 0 <= chksum <= 0xFFFF:
        raise NetError(f"a checksum has 16 bits, it cannot be {chksum!r}")
    at = (40 if packet[0] >> 4 == 6 else 20) + _CHECKSUM_AT
    return packet[:at] + chksum.to_bytes(2, "big") + packet[at + 2:]
