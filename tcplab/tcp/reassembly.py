"""Text that came early (RFC 9293 section 3.10.7.4, seventh check [SHLD-31]).

What is kept was trimmed to the receive window before, so that the store is bounded by RCV.BUFF. Of two copies of
the same number the first one counts.
"""

from __future__ import annotations

from bisect import bisect_right

from .plain import Plain


class Reassembly(Plain):
    """Disjoint pieces above RCV.NXT, sorted; `lefts` their first numbers, `texts` their bytes; `fin` a FIN's number."""

    __slots__ = ("lefts", "texts", "fin")

    def __init__(self) -> None:
        self.lefts: list[int] = []
        self.texts: list[bytes] = []
        self.fin: int | None = None

    def __deepcopy__(self, memo: dict) -> Reassembly:
        twin = Reassembly()
        twin.lefts, twin.texts, twin.fin = self.lefts[:], self.texts[:], self.fin
        return twin

    def insert(self, left: int, text: bytes) -> int:
        """Keep those bytes of `text` (beginning at number `left`) that are not here yet; returns how many were new."""
        new = 0
        at = bisect_right(self.lefts, left) - 1
        if at >= 0:
            overlap = self.lefts[at] + len(self.texts[at]) - left
            if overlap > 0:
                text, left = text[overlap:], left + overlap
        at += 1
        while text:
            following = self.lefts[at] if at < len(self.lefts) else None
            piece = text if following is None else text[: following - left]
            if piece:
                self.lefts.insert(at, left)
                self.texts.insert(at, piece)
                new += len(piece)
                at += 1
            if following is None:
                break
            skip = following + len(self.texts[at]) - left
            text, left, at = text[skip:], left + skip, at + 1
        return new

    def take(self, nxt: int) -> bytes:
        """Remove and return the text that continues at `nxt`; empty when there is a hole at `nxt`."""
        out = []
        while self.lefts and self.lefts[0] <= nxt:
            left, text = self.lefts.pop(0), self.texts.pop(0)
            if left + len(text) > nxt:
                out.append(text[nxt - left:])
                nxt = left + len(text)
        return b"".join(out)

    def ranges(self) -> list[tuple[int, int]]:
        """The held ranges [left, right), adjoining pieces joined, ascending."""
        joined: list[tuple[int, int]] = []
        for left, text in zip(self.lefts, self.texts, strict=True):
            if joined and joined[-1][1] == left:
                joined[-1] = (joined[-1][0], left + len(text))
            else:
                joined.append((left, left + len(text)))
        return joined

    def clear(self) -> None:
        self.lefts.clear()
        self.texts.clear()
        self.fin = None

    def __bool__(self) -> bool:
        return bool(self.lefts)
