"""The send side's store: text from SND.UNA on, and the retransmission queue (RFC 9293 sections 3.8.1, 3.10.2)."""

from __future__ import annotations

from collections import deque

from .plain import Plain
from .segment import FIN, SYN


class Sent:
    """One entry of the retransmission queue: the numbers [seq, end), SYN and FIN counted, and its history.

    `flags` keeps SYN, FIN and PSH; `sent_at` is the last transmission (ns); `count` how often it was sent again.
    `sacked`: the peer has reported all of it (RFC 2018); `lost`: RACK thinks it lost and it was not sent again yet.
    """

    __slots__ = ("seq", "end", "flags", "sent_at", "count", "sacked", "lost")

    def __init__(self, seq: int, end: int, flags: int, sent_at: int, count: int = 0) -> None:
        self.seq = seq
        self.end = end
        self.flags = flags
        self.sent_at = sent_at
        self.count = count
        self.sacked = self.lost = False

    def copy(self) -> Sent:
        twin = Sent(self.seq, self.end, self.flags, self.sent_at, self.count)
        twin.sacked, twin.lost = self.sacked, self.lost
        return twin


class SendQueue(Plain):
    """`text` holds the bytes from number `base` on; `sent` what was sent of them, oldest first; `pushes` the numbers
    after which a SEND asked for a push."""

    __slots__ = ("base", "text", "sent", "pushes")

    def __init__(self, base: int = 0) -> None:
        self.base = base
        self.text = bytearray()
        self.sent: deque[Sent] = deque()
        self.pushes: deque[int] = deque()

    def __deepcopy__(self, memo: dict) -> SendQueue:
        twin = SendQueue(self.base)
        twin.text = bytearray(self.text)
        twin.sent = deque(entry.copy() for entry in self.sent)
        twin.pushes = deque(self.pushes)
        return twin

    @property
    def end(self) -> int:
        """The sequence number after the last queued byte."""
        return self.base + len(self.text)

    def append(self, data: bytes, push: bool) -> None:
        """Queue `data`; with `push` its last byte will leave under a PSH (RFC 9293 section 3.10.2 [MAY-15])."""
        self.text += data
        if push and data:
            self.pushes.append(self.base + len(self.text))

    def slice(self, left: int, right: int) -> bytes:
        """The text of the numbers [left, right), clipped to what is stored."""
        start = left - self.base
        if start < 0:
            start = 0
        return bytes(memoryview(self.text)[start:max(right - self.base, start)])

    def push_within(self, left: int, right: int) -> bool:
        """Whether a push falls into (left, right], so that the segment that ends there carries PSH."""
        pushes = self.pushes
        while pushes and pushes[0] <= left:
            pushes.popleft()
        return bool(pushes) and pushes[0] <= right

    def round_trip(self, una: int, now: int) -> int | None:
        """The round trip (ns) of the latest segment that `una` covers; None when one of them was sent twice (Karn)
        or reported before."""
        at = None
        for entry in self.sent:
            if entry.end > una:
                break
            if entry.count or entry.sacked:  # sent twice, or delivered long before this ACK
                return None
            at = entry.sent_at
        return None if at is None else now - at

    def split(self, size: int) -> list[Sent]:
        """Cut what was sent into entries of at most `size` bytes of text; returns those that were cut, in order."""
        cut: list[Sent] = []
        whole, self.sent = self.sent, deque()
        for entry in whole:
            text = entry.end - entry.seq - (entry.flags & FIN)
            if text <= size or entry.flags & SYN:
                self.sent.append(entry)
                continue
            for at in range(entry.seq, entry.seq + text, size):
                piece = entry.copy()
                piece.seq = at
                if at + size < entry.seq + text:
                    piece.end, piece.flags = at + size, 0
                self.sent.append(piece)
                cut.append(piece)
        return cut

    def cut_front(self, edge: int) -> None:
        """Cut the oldest entry so that it ends at `edge`, with one byte of text at least; a FIN stays behind."""
        front = self.sent[0]
        edge = max(edge, front.seq + 1)
        if edge < front.end - (front.flags & FIN):
            behind = front.copy()
            front.end, front.flags, behind.seq = edge, 0, edge
            self.sent.insert(1, behind)

    def acknowledged(self, una: int) -> int:
        """Forget everything below `una`; returns how many bytes of text that was. A part of an entry stays."""
        sent = self.sent
        while sent and sent[0].end <= una:
            sent.popleft()
        if sent and sent[0].seq < una:
            sent[0].seq = una
        text, gone = self.text, una - self.base
        if gone > len(text):  # the FIN has a number, but is no text
            gone = len(text)
        if gone <= 0:
            return 0
        del text[:gone]
        self.base += gone
        return gone

    def clear(self) -> None:
        """Flush both queues (RFC 9293 section 3.10.5)."""
        self.text.clear()
        self.sent.clear()
        self.pushes.clear()
