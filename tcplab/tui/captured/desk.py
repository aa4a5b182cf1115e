"""The desk of a captured file: which connection, which page, where the cursor is. There is only the past.

It offers pages what the bench's desk offers them (story, log, hosts, series), so that they draw a capture as they draw
a session. The log's selection is the cursor: ladder and states show how things stood there.
"""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import TYPE_CHECKING

from tcplab.notation.errors import NotationError
from tcplab.notation.match import parse_match
from tcplab.notation.units import parse_time
from tcplab.tui.editor import Editor
from tcplab.tui.log_view import LogView
from tcplab.tui.series_reader import SeriesReader
from tcplab.tui.terminal import Terminal
from tcplab.views.entries import Entry
from tcplab.views.series import Series

from .pages import PAGES

if TYPE_CHECKING:
    from tcplab.capture.flows import Capture
    from tcplab.capture.lens import Lens
    from tcplab.export.subject import Subject
    from tcplab.tui.pages.base import Page

#: Events that the plots take in during one frame; segments that one frame looks through for a sight.
PIECE = 2500


class PastStory:
    """The stories of a connection's segments, as pages ask for them."""

    def __init__(self, lens: Lens | None) -> None:
        self.lens = lens
        self.entries = lens.entries if lens is not None else []
        self.floor = len(self.entries)
        self.iss = lens.bases() if lens is not None else {}

    def base(self, rec, sender: bool) -> int:
        """The number from which relative ones count: the sender's own, or its peer's."""
        segment = rec.segment
        key = (rec.src, segment.sport, segment.dport) if sender else (rec.dst, segment.dport, segment.sport)
        return self.iss.get(key, 0)

    def index(self, entry: Entry) -> int:
        """Where an entry stands among all."""
        return entry.born


class PastDesk:
    """Everything between the keys and a capture. `intent` asks the screen for another screen, then is taken."""

    captured = True

    def __init__(
        self, capture: Capture, name: str, terminal: Terminal | None = None, number: int | None = None
    ) -> None:
        self.capture, self.name = capture, name
        self.terminal = terminal or Terminal()
        self.pacer = SimpleNamespace(running=False)
        self.relative, self.zoomed = True, False
        self.mode, self.line = "keys", Editor()
        self.message, self.message_style, self.intent = "", "text", ""
        self.scroll: dict[str, int] = {}
        self.hosts = ("A", "B")
        self.lens: Lens | None = None
        self.plotted = SeriesReader()
        self.reading: tuple[str, Callable[[int], list]] = "", lambda cells: []
        self.pages: dict[str, Page] = {page.id: page(self) for page in PAGES}
        self.page = "conns"
        self._take(None)
        if number is not None and number <= len(capture.connections):
            self.open(number)
        elif number is not None:
            self.say(f"There is no connection {number}: the file has {len(capture.connections)}.", "warn")
        elif len(capture.connections) == 1:
            self.open(1)

    # -- the connection -----------------------------------------------------------------------------------------

    def open(self, number: int) -> None:
        """Look at a connection by its number."""
        from tcplab.capture.lens import Lens

        self._take(Lens(self.capture, self.capture.connections[number - 1]))
        self.page = "log"
        self.log.first()

    def _take(self, lens: Lens | None) -> None:
        self.lens = lens
        self.story = PastStory(lens)
        self.log = LogView(self.story)
        self.session = SimpleNamespace(trace=lens.trace() if lens is not None else (), pins=set())
        self.plotted = SeriesReader()
        self.scroll.clear()
        self.ladder_top = 0

    @property
    def cursor(self) -> int | None:
        """The place of the segment up to which things are shown; None for all."""
        entry = self.log.entry
        return entry.born if entry is not None else None

    @property
    def now(self) -> int:
        """The time at the cursor (ns from the first segment)."""
        if self.lens is None or not len(self.story.entries):
            return 0
        place = len(self.story.entries) - 1 if self.cursor is None else self.cursor
        return self.capture.columns.t[self.lens.conn.packets[place]] - self.lens.start

    def series(self) -> Series:
        """What the plots are drawn from, read a piece at a time."""
        return self.plotted.read(self.session.trace, PIECE)

    @property
    def busy(self) -> bool:
        """Whether frames are needed: the plots or a filter are still being worked out."""
        return self.log.busy or (self.plotted.behind)

    def tick(self) -> None:
        """One frame of work."""
        self.plotted.frame()
        self.log.pump(PIECE // 2)

    # -- keys ---------------------------------------------------------------------------------------------------

    def say(self, text: str, style: str = "text") -> None:
        """Put a sentence into the message line."""
        self.message, self.message_style = text, style

    def read(self, title: str, rows: Callable[[int], list]) -> None:
        """Ask the screen for a page to read, which `rows` fills for a width."""
        self.reading, self.intent = (title, rows), "reading"

    def turn(self, page: str) -> None:
        """Bring a page to the front; pages of one connection need one."""
        if page != "conns" and self.lens is None:
            self.say("Choose a connection first: ↓ ↑ and enter.", "warn")
            return
        self.pages[self.page].turned_away()
        self.page = page

    def type(self, key: str, character: str | None) -> bool:
        """A key while a filter or a time is being typed, or one of the page's own. Returns whether it was taken."""
        if self.mode == "keys":
            own = next((k for k in self.pages[self.page].KEYS if key in k.key.split(",")), None)
            if own is not None:
                getattr(self.pages[self.page], "do_" + own.id)()
            return own is not None
        if self.mode == "plot":
            self.pages["plots"].pick(character)
        elif key == "escape":
            self.mode, self.message = "keys", ""
        elif key == "enter":
            mode, self.mode, self.message = self.mode, "keys", ""
            text = self.line.text.strip()
            (self._filter if mode == "filter" else self._seek)(text)
        else:
            self.line.key(key, character)
        return True

    def begin(self, mode: str, text: str = "", words: str = "") -> None:
        """Open the line for a filter or a time."""
        self.mode = mode
        self.line.set(text)
        self.say(words, "dim")

    def _filter(self, text: str) -> None:
        if self.page == "conns":
            self.pages["conns"].search(text)
            return
        if not text:
            self.log.set_filter("", None)
            return
        try:
            test = self._test(text)
            if len(self.story.entries):
                test(self.story.entries[0])
        except NotationError as error:
            self.begin("filter", text)
            self.say(f"{error.message} {error.cure}", "warn")
            return
        self.log.set_filter(text, test)

    def _test(self, text: str) -> Callable[[Entry], bool]:
        match = parse_match(text, self.hosts)
        fate = "lost" if match.status == "lost" else "sent"
        if fate == "lost":
            self.say("A capture does not know what was lost; try `DATA repeated`.", "warn")
        return lambda entry: match.test(entry.rec, "sent")

    def _seek(self, text: str) -> None:
        """Put the cursor to a time from the connection's first segment: 1.25s, 50%, or bare seconds."""
        if not text or self.lens is None:
            return
        try:
            if text.endswith("%"):
                end = self.lens.conn.last - self.lens.start
                t = int(float(text[:-1]) * end / 100)
            else:
                t = parse_time(text if not text.replace(".", "", 1).isdigit() else f"{text}s")
        except (NotationError, ValueError, OverflowError):
            self.say(f"{text[:40]!r} is no time. Write 1.25s, 300ms or 50%.", "warn")
            return
        self.log.pick_time(t)

    def subject(self) -> Subject:
        """The open connection, for the writers of `export`."""
        from tcplab.capture.flows import socket_text
        from tcplab.capture.lens import Entries
        from tcplab.export.subject import Change, Subject

        first, second = (socket_text(*end) for end in self.lens.conn.ends)
        trace = self.lens.trace()
        return Subject(f"{self.name}, connection {self.lens.conn.number}", self.hosts, (first, second), trace,
                       self.relative, True, Entries(self.lens, trace), [Change(i, trace[i]) for i in trace.changes])

    def show(self, place: int) -> None:
        """Put the cursor on the segment at a place; a filter that does not show it is lifted."""
        entry = self.story.entries[place]
        if self.log.filter_text and not self.log.shows(entry):
            self.log.set_filter("", None)
        self.log.pick(entry)

    def jump(self, way: int) -> None:
        """The cursor to the next (1) or last (-1) segment at which something noteworthy shows."""
        lens = self.lens
        if lens is None:
            return
        from tcplab.capture.signs import SIGHTS

        if self.log.filter_text:
            self.log.set_filter("", None)
        steps = {step.index for step in lens.steps()}
        count = len(self.story.entries)
        place = (-1 if way > 0 else count) if self.cursor is None else self.cursor
        place += way
        while 0 <= place < count and not (place in steps or lens.notes(place) & SIGHTS):
            place += way
        if 0 <= place < count:
            self.log.picked = place
            self.message = ""
        else:
            self.say("Nothing more is noteworthy in this direction.", "dim")
