"""What a stream of captured segments tells: repeats, holes, duplicate ACKs, closed windows. Inferred, not known.

A capture shows what passed one place, not what arrived. Each rule says what the segment looks like from there; rules
are after RFC 9293, RFC 5681 and common practice. Sequence numbers are the wire's and compared around the circle.
"""

from __future__ import annotations

from typing import NamedTuple

from tcplab.tcp.segment import ACK, CWR, ECE, FIN, MOD32, RST, SYN
from tcplab.views.words import Note

HALF = MOD32 // 2


class Sign(NamedTuple):
    """One kind of note a capture gives rise to: its bit in the columns, its key in JSON, and the note itself."""

    bit: int
    key: str
    note: Note


(REPEAT, FAST, NEEDLESS, OUT_OF_ORDER, GAP, DUP_ACK, ZERO_WINDOW, PROBE, FULL, UPDATE, KEEP_ALIVE, UNSEEN, RESET,
 BAD_SUM, SYN_AGAIN, CONGESTED, COPY) = (1 << bit for bit in range(17))


def _sign(bit: int, key: str, text: str, style: str, clause: str = "") -> Sign:
    return Sign(bit, key, Note(key, text, style, clause))


#: In the order in which they are told.
SIGNS = (
    _sign(BAD_SUM, "bad_checksum", "≠ wrong checksum: a receiver drops it", "lost", "RFC 9293 3.1"),
    _sign(RESET, "reset", "✗ reset: the connection is over", "lost", "RFC 9293 3.5.2"),
    _sign(SYN_AGAIN, "syn_again", "↻ SYN again: nobody answered", "rtx", "RFC 6298 5.4"),
    _sign(FAST, "fast_retransmission", "↻ fast retransmit: after three dup ACKs", "rtx", "RFC 5681 3.2"),
    _sign(NEEDLESS, "needless_retransmission", "↻ again, needlessly: it had been acknowledged", "warn"),
    _sign(REPEAT, "retransmission", "↻ again: sent before", "rtx", "RFC 9293 3.8.1"),
    _sign(COPY, "copy", "copy: the same packet twice", "dup"),
    _sign(OUT_OF_ORDER, "out_of_order", "⇄ out of order: it was overtaken", "dup"),
    _sign(GAP, "gap", "gap: what stands before was not captured", "warn"),
    _sign(PROBE, "window_probe", "↻ window probe: is there room", "rtx", "RFC 9293 3.8.6.1"),
    _sign(KEEP_ALIVE, "keep_alive", "keep-alive: are you there", "warn", "RFC 9293 3.8.4"),
    _sign(DUP_ACK, "duplicate_ack", "dup ACK: says the same again", "dup", "RFC 5681 2"),
    _sign(ZERO_WINDOW, "zero_window", "zero window: stop", "warn", "RFC 9293 3.8.6.1"),
    _sign(FULL, "window_full", "window full: it may send no more", "warn", "RFC 9293 3.8.6"),
    _sign(UPDATE, "window_update", "window update: there is more room", "good", "RFC 9293 3.8.6.2.2"),
    _sign(UNSEEN, "ack_of_unseen", "ACK of what was not captured", "warn"),
    _sign(CONGESTED, "ecn_echo", "ECN: congestion is told", "warn", "RFC 3168 6.1"),
)
BY_BIT = {sign.bit: sign for sign in SIGNS}
#: What is worth jumping to.
SIGHTS = (REPEAT | FAST | NEEDLESS | OUT_OF_ORDER | GAP | ZERO_WINDOW | PROBE | FULL | UNSEEN | RESET | BAD_SUM
          | SYN_AGAIN | CONGESTED)

#: A segment out of place comes back within this time of the one that overtook it, where no RTT is known (ns).
_NEAR = 3_000_000
#: Holes that are remembered for each direction.
_HOLES = 64
#: Packets of each direction among which the original of a copy is looked for.
_RECENT = 64


def ahead(a: int, b: int) -> int:
    """How far `a` is ahead of `b` around the circle of sequence numbers, negative when it is behind."""
    return (a - b + HALF) % MOD32 - HALF


class Side:
    """What one end has shown so far. `nxt` is the highest number after its text, `top_at` when that was seen (ns)."""

    __slots__ = ("iss", "nxt", "top_at", "ack", "wnd", "dups", "holes", "bytes", "shift", "mss", "fin", "spoke",
                 "recent")

    def __init__(self) -> None:
        self.iss: int | None = None
        self.nxt: int | None = None
        self.ack: int | None = None
        self.fin: int | None = None
        self.shift: int | None = None
        self.mss: int | None = None
        self.top_at = self.wnd = self.dups = self.bytes = 0
        self.spoke: tuple | None = None
        # Made when needed: a flood of SYNs has a hundred thousand connections.
        self.holes: list[tuple[int, int, int]] | None = None
        self.recent: dict[int, tuple[int, int]] | None = None

    def doubled(self, ident: int, seq: int, ack: int) -> bool:
        """Whether a packet of this number, with these numbers in it, came already.

        Some senders give all packets one number (RFC 6864 allows it): theirs tell nothing.
        """
        recent = self.recent
        if recent is None:
            self.recent = {ident: (seq, ack)}
            return False
        known = recent.get(ident)
        if known is None:
            recent[ident] = (seq, ack)
            if len(recent) > _RECENT:
                del recent[next(iter(recent))]
            return False
        if known != (seq, ack):
            recent[ident] = (-1, -1)
        return known == (seq, ack)

    def options(self, mss: int | None, shift: int | None) -> None:
        """Take in the options of a SYN."""
        self.mss, self.shift = mss, shift


class Reader:
    """Reads one connection's segments in the order of the file. `rtt` is the handshake's round trip (ns), if seen."""

    __slots__ = ("sides", "rtt", "_syn_at")

    def __init__(self) -> None:
        self.sides = (Side(), Side())
        self.rtt: int | None = None
        self._syn_at: int | None = None

    def read(self, side: int, t: int, seq: int, ack: int, flags: int, wnd: int, text: int, ident: int = 0) -> int:
        """Take in a segment from `side`; returns its notes as bits. `ident` is its IPv4 identification, 0 for none."""
        me, peer = self.sides[side], self.sides[1 - side]
        size = text + ((flags & SYN) >> 1) + (flags & FIN)
        self._time(t, flags)
        if ident:
            # A sender numbers its packets anew when it sends again; the same number is the same packet, doubled.
            if me.doubled(ident, seq, ack):
                return COPY
        notes = RESET if flags & RST else 0
        if flags & ECE and not flags & SYN or flags & CWR and not flags & SYN:
            notes |= CONGESTED
        spoke = (seq, ack, flags, wnd, text)
        if size and not flags & RST:
            notes |= self._text(me, peer, t, seq, size, text, flags, None if ident else spoke)
        elif flags & ACK and not flags & (SYN | RST):
            notes |= self._bare(me, peer, seq, ack, wnd)
        me.spoke = spoke
        if flags & ACK and not flags & RST:
            if peer.nxt is not None and ahead(ack, peer.nxt) > 0:
                notes |= UNSEEN
                peer.nxt = ack
            if me.ack is None or ahead(ack, me.ack) > 0:
                me.ack, me.dups = ack, 0
        if not flags & RST:
            if not wnd and not flags & SYN:
                notes |= ZERO_WINDOW
            # RFC 7323 2.2: windows are scaled when both SYNs offered it, and never in a SYN.
            scaled = me.shift if me.shift is not None and peer.shift is not None and not flags & SYN else 0
            me.wnd = wnd << scaled
        return notes

    def _time(self, t: int, flags: int) -> None:
        """The handshake's round trip: from the SYN to the first bare ACK after it."""
        if self.rtt is None:
            if flags & (SYN | ACK) == SYN:
                self._syn_at = t
            elif not flags & SYN and self._syn_at is not None:
                self.rtt = t - self._syn_at

    def _text(self, me: Side, peer: Side, t: int, seq: int, size: int, text: int, flags: int,
              spoke: tuple | None) -> int:
        """Notes on a segment that takes up sequence numbers; `spoke` is what it said where packets have no number."""
        end = (seq + size) % MOD32
        if flags & SYN and me.iss is None:
            me.iss = seq
        if flags & FIN:
            me.fin = end
        if me.nxt is None:
            me.nxt, me.top_at, me.bytes = end, t, me.bytes + text
            return 0
        step = ahead(seq, me.nxt)
        if step >= 0 or ahead(end, me.nxt) > 0:
            return self._forward(me, peer, t, seq, end, step, text)
        if flags & SYN:
            # Where the other side's SYN stands in the capture, somebody did answer: the answer may have been lost.
            return COPY if self._copied(me, peer, t, spoke) else SYN_AGAIN if peer.iss is None else REPEAT
        if text <= 1 and size == text and step == -1:
            return PROBE if peer.wnd == 0 else KEEP_ALIVE
        if self._copied(me, peer, t, spoke):
            return COPY
        torn = self._fill(me, seq, end)
        if torn is not None and t - torn < (self.rtt or _NEAR):
            me.bytes += text
            # Within a round trip of the hole nobody can have asked for it again, except by three duplicate ACKs.
            return FAST if peer.dups >= 3 and peer.ack == seq else OUT_OF_ORDER
        me.bytes += text if torn is not None else 0
        if peer.dups >= 3 and peer.ack is not None and ahead(seq, peer.ack) >= 0:
            return FAST
        return NEEDLESS if peer.ack is not None and ahead(end, peer.ack) <= 0 else REPEAT

    def _forward(self, me: Side, peer: Side, t: int, seq: int, end: int, step: int, text: int) -> int:
        """Notes on a segment with text that was not seen before."""
        notes = 0
        if step > 0:
            notes = GAP
            me.holes = [*(me.holes or ())[-_HOLES:], (me.nxt, seq, t)]
        elif step < 0:
            notes = REPEAT
        if step == 0 and text == 1 and peer.wnd == 0 and peer.ack is not None:
            notes |= PROBE
        elif peer.ack is not None and peer.wnd and ahead(end, peer.ack) == peer.wnd:
            notes |= FULL
        me.bytes += min(text, ahead(end, me.nxt)) if step < 0 else text
        me.nxt, me.top_at = end, t
        return notes

    @staticmethod
    def _copied(me: Side, peer: Side, t: int, spoke: tuple | None) -> bool:
        """The very same segment at once: doubled by the link or by the capture, not by the sender's timer."""
        return me.spoke == spoke and t - me.top_at < 1_000_000

    @staticmethod
    def _fill(me: Side, seq: int, end: int) -> int | None:
        """When the hole came to be in which [seq, end) lies (ns), if it does; what it leaves of the hole stays one."""
        for index, (left, right, torn) in enumerate(me.holes or ()):
            if ahead(seq, left) >= 0 and ahead(end, right) <= 0:
                del me.holes[index]
                if seq != left:
                    me.holes.append((left, seq, torn))
                if end != right:
                    me.holes.append((end, right, torn))
                return torn
        return None

    @staticmethod
    def _bare(me: Side, peer: Side, seq: int, ack: int, wnd: int) -> int:
        """Notes on a segment without text (RFC 5681 section 2 says what a duplicate ACK is)."""
        if me.nxt is not None and ahead(seq, me.nxt) == -1 and me.iss != seq:
            return KEEP_ALIVE
        if me.ack != ack or me.spoke is None:
            return 0
        shift = me.shift if me.shift is not None and peer.shift is not None else 0
        if wnd << shift != me.wnd:
            return UPDATE if wnd << shift > me.wnd else 0
        if peer.nxt is not None and ahead(peer.nxt, ack) > 0:
            me.dups += 1
            return DUP_ACK
        return 0
