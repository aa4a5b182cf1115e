"""The ladder's own cursor: which segment is chosen on it, and which part of the past is seen.

While it has the keys the arrows move over its segments; without a cursor it follows what is newest. The log, whose
selection the ladder shows too, is moved along.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tcplab.session.views import VEILED
from tcplab.tcp.segment import MOD32

from .draw.ladder import LadderState, sloped
from .draw.ladder_parts import stamp
from .draw.ladder_rows import row_lines
from .draw.runs import Row
from .draw.segment_line import numbers

if TYPE_CHECKING:
    from tcplab.views.entries import Entry

    from .desk import Desk
    from .pages import Page

#: So many entries before its end the ladder looks at.
REACH = 400


class LadderView:
    """Takes the keys of a page while it is `focused`. `picked` is a segment's number, None: the newest is followed."""

    id = "ladder"
    title = "The ladder"
    about = (
        "Each segment crosses from one host to the other while time runs downwards. `L` gives the ladder the arrows: "
        "they choose a segment, `enter` opens it and says why it was sent and what it changed, `G` follows the newest "
        "again, `esc` leaves. All of the chosen segment's numbers stand in the row above the keys."
    )

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.focused = False
        self.picked: int | None = None
        #: Behind the last entry that is seen, while not the newest is.
        self._end = 0
        self._lines = 8

    @property
    def front(self) -> LadderView | Page:
        """What the arrows move in: the ladder while it has the keys, else the page."""
        return self if self.focused else self.desk.pages[self.desk.page]

    # -- the cursor ---------------------------------------------------------------------------------------------

    @property
    def entry(self) -> Entry | None:
        """The chosen entry, as long as it is there: going back in time may take it away."""
        return self.desk.story.by_id.get(self.picked) if self.focused and self.picked is not None else None

    def take(self) -> bool:
        """Take the keys, from the newest segment or the one the log has chosen. False while nothing was sent."""
        entries = self.desk.story.entries
        if not entries:
            return False
        self.focused = True
        if self.desk.mode == "answer":
            self.desk.mode = "keys"  # a click on the ladder leaves the answer's box, as `esc` does
        self.choose(self.desk.log.entry or entries[-1])
        return True

    def leave(self) -> None:
        """Give the keys back to the page; the newest is followed again."""
        if self.focused:
            self.focused, self.picked = False, None
            self.desk.log.follow()

    def choose(self, entry: Entry) -> None:
        """Put the cursor on a segment."""
        self.picked = entry.rec.id
        if self.desk.log.shows(entry):
            self.desk.log.pick(entry)
        if self.desk.page == "link":
            # There the hand is laid on the chosen segment, so both choose the same one.
            link = self.desk.pages["link"]
            if not link.choose(entry.rec.id):
                link.turned_away()

    def number(self) -> int | None:
        """The segment that is set off: the ladder's own, or the one chosen on the page in front."""
        if self.focused:
            return self.picked
        return self.desk.pages[self.desk.page].segment()

    # -- keys, as a page has them -------------------------------------------------------------------------------

    def move(self, by: int) -> None:
        story = self.desk.story
        entry = self.entry
        if entry is None:
            self.choose(story.entries[-1])
            return
        if by > 0 and entry is story.entries[-1]:
            self.last()  # past the end it follows again
            return
        self.choose(story.entries[max(0, min(len(story.entries) - 1, story.index(entry) + by))])

    def leaf(self, by: int) -> None:
        """Up (-1) or down (1) by what is seen but one."""
        self.move(by * max(1, self._lines - 1))

    def side(self, by: int) -> None:
        """Left and right: to the last or the next segment of the same host."""
        entry, story = self.entry, self.desk.story
        if entry is None:
            return
        at = story.index(entry) + by
        while 0 <= at < len(story.entries):
            if story.entries[at].rec.src == entry.rec.src:
                return self.choose(story.entries[at])
            at += by

    def first(self) -> None:
        self.choose(self.desk.story.entries[0])

    def last(self) -> None:
        """Follow the newest; the arrows begin there."""
        self.picked = None
        self.desk.log.follow()

    def enter(self) -> bool:
        entry = self.entry or self.desk.story.entries[-1]
        if not self.refuses():
            self.desk.intent = f"inspect:{entry.rec.id}"
        return True

    @property
    def veiled(self) -> bool:
        """Whether an open question hides the sequence numbers."""
        return not self.desk.captured and self.desk.view.guide.veiled

    def refuses(self) -> bool:
        """Whether what shows a segment's numbers must wait for an answer; then says so."""
        if self.veiled:
            self.desk.say(f"{VEILED[0].upper()}{VEILED[1:]}.", "warn")
        return self.veiled

    # -- what is seen -------------------------------------------------------------------------------------------

    def window(self, state: LadderState, cells: int, lines: int) -> tuple[int, int]:
        """The entries seen, from and to before, so that the segment set off is among them."""
        story, self._lines = self.desk.story, lines
        count = len(story.entries)
        entry = self._shown()
        if entry is None:
            self._end = count
            return max(0, count - REACH), count
        at = story.index(entry)
        if sloped(state, cells) or not self.focused:
            # In strides: a ladder that moves with every key repaints every row.
            stride = max(1, lines // 3)
            self._end = min(count, (at // stride + 1) * stride + lines // 3)
        else:
            self._end = self._scrolled(at, count, state, lines)
        return max(0, self._end - REACH), self._end

    def _scrolled(self, at: int, count: int, state: LadderState, lines: int) -> int:
        """By as few rows as it takes to bring the segment into sight."""
        if at >= self._end:
            return at + 1
        end = max(1, min(self._end, count))
        while end > at + 1 and not self._sees(at, end, state, lines):
            end = min(end - 1, at + lines)
        return end

    def _sees(self, at: int, end: int, state: LadderState, lines: int) -> bool:
        entries = self.desk.story.entries
        until = entries[end].rec.sent_at if end < len(entries) else None
        lines -= until is not None  # the last row says how many more there are
        shown = row_lines(entries[max(0, end - lines):end], self.desk.story, replace(state, until=until), lines)
        return any(line.entry is entries[at] and line.what != "reach" for line in shown)

    def _shown(self) -> Entry | None:
        """The segment around which the past is seen; None: the newest is."""
        desk = self.desk
        if self.focused:
            return self.entry
        return desk.log.entry if desk.log.looks_back and not desk.pacer.running else None

    def words(self) -> str:
        """All of the chosen segment in a line, for the row where messages stand; '' where none is chosen."""
        entry, desk = self.entry, self.desk
        if entry is None:
            return ""
        seg = entry.rec.segment
        words = [f"#{entry.rec.id} {entry.rec.src}→{entry.rec.dst} [{seg.letters}]"]
        if not self.veiled:
            seq, ack = numbers(entry, desk.story, desk.relative)
            size = len(seg.payload)
            words.append(f"seq {seq}:{(seq + size) % MOD32}" if size else f"seq {seq}")
            words += [] if ack is None else [f"ack {ack}"]
            words.append(f"win {seg.wnd}")
        words.append(f"arrived {stamp(entry.at)}" if entry.fate == "delivered" else
                     {"lost": "lost", "dropped": "thrown away", "held": "held"}.get(entry.fate, "on its way"))
        notes = [note.short for note in entry.notes if note.code != "held" and note.style != "lost"]
        if notes and not self.veiled:
            words.append(f"· {notes[0]}")
        return " ".join(words)

    def help_rows(self, cells: int) -> list[Row]:
        """What the help shows below `about`: its legend stands there anyhow."""
        return []
