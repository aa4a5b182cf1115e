"""Page 2: every segment, as tcpdump prints it, with what an expert remarks on it."""

from __future__ import annotations

from tcplab.notation.errors import NotationError
from tcplab.notation.units import parse_time
from tcplab.tui.draw.runs import Row
from tcplab.tui.draw.segment_line import log_line, number_digits
from tcplab.tui.key import LOOK, Key

from .base import Page


class LogPage(Page):
    """The log of segments; which part of it is seen is in `desk.log`."""

    id, word, title = "log", "Log", "The log"
    tip = "every segment, as tcpdump prints it, and what an expert remarks on it"
    about = (
        "One line a segment, as tcpdump prints it: when and by whom it was sent, its flags (S = SYN, F = FIN, R = RST, "
        "P = PSH, `.` = ACK), numbers, length and window. At the right an expert remarks what it is and what became of "
        "it: exactly, for the laboratory saw both ends and the link. Choose a row with the arrows, open it with enter, "
        "show only some with `/`, for example `client DATA repeated` or `any where len > 500`."
    )
    scrolls = False
    KEYS = (
        Key("pin", "p", "p", "pin", "in the log: put a pin on the row, or take it off", LOOK, "log"),
        Key("next_pin", "P", "P", "next pin", "in the log: go to the next pin", LOOK, "log"),
        Key("to_time", "at", "@", "at a time", "in the log: go to the row of a time", LOOK, "log"),
        Key("copy", "y", "y", "copy", "in the log: copy the row, or all that the filter shows", LOOK, "log"),
        Key("copy_all", "Y", "Y", "copy all", "in the log: copy all rows that the filter shows", LOOK, "log"),
    )

    def rows(self, cells: int, lines: int) -> list[Row]:
        desk, log = self.desk, self.desk.log
        hosts = (desk.hosts[0], desk.hosts[1])
        top, entries = log.window(lines, desk.pacer.running)
        if not entries:
            return [[("  no segment matches the filter" if log.filter_text else
                      "  every segment will stand here, as tcpdump prints it", "faint")]]
        digits = number_digits(entries, desk.story, desk.relative)
        pins, veiled = desk.session.pins, not desk.captured and desk.ladder.veiled
        return [
            log_line(entry, desk.story, desk.relative, hosts, cells, top + i == log.picked, digits,
                     (entry.rec.id, entry.rec.sent_at) in pins, veiled)
            for i, entry in enumerate(entries)
        ]

    def extra(self, cells: int) -> Row:
        log = self.desk.log
        row: Row = [(f"{len(log.rows)} ", "dim")]
        if cells >= 78 and not log.filter_text:
            row.append(("─", "rule"))
            row.append((" seq 100:200 means bytes 100 to 199 ", "faint"))
        return [*row, (f"/ {log.filter_text} ", "warn")] if log.filter_text else row

    def count(self) -> str:
        log, total = self.desk.log, str(len(self.desk.story.entries) or "")
        return f"{len(log.rows)}/{total} filtered" if log.filter_text else total

    def footer(self) -> str:
        return "log" if self.desk.log.picked is not None else ""

    def move(self, by: int) -> None:
        self.desk.log.move(by)

    def turned_away(self) -> None:
        """The ladder shows the newest again; a capture has no newest, and its selection stays."""
        if not self.desk.captured:
            self.desk.log.follow()

    def segment(self) -> int | None:
        entry = self.desk.log.entry
        return None if entry is None else entry.rec.id

    def wheel(self, by: int) -> None:
        self.desk.log.move(3 * by)

    def click(self, x: int, y: int, cells: int, lines: int) -> None:
        """Select a segment; a second click opens it."""
        log = self.desk.log
        at = log.top + y
        if at >= len(log.rows):
            return
        if log.picked == at:
            self.enter()
        else:
            log.picked = at

    def first(self) -> None:
        self.desk.log.first()

    def last(self) -> None:
        self.desk.log.follow()

    def enter(self) -> bool:
        log = self.desk.log
        if self.desk.captured and log.entry is None and log.rows:
            log.move(-1)  # nothing follows in a file: the newest row is the chosen one
        if log.entry is None:
            return False
        if not self._refuses():
            self.desk.intent = "inspect"
        return True

    def _refuses(self) -> bool:
        """Whether an open question hides what stands in the rows; then says so. Nothing is asked about a capture."""
        return not self.desk.captured and self.desk.ladder.refuses()

    # -- its own keys -------------------------------------------------------------------------------------------

    def do_pin(self) -> None:
        """p: the pin comes and goes on the selected row, or on the newest one. A command, so the recording keeps it."""
        log = self.desk.log
        entry = log.entry or (log.rows[-1] if log.rows else None)
        if entry is None:
            self.desk.say("There is no row to pin.", "warn")
            return
        outcome = self.desk.session.execute(f"pin #{entry.rec.id}")[0]
        self.desk.say(outcome.message if not outcome.ok else f"{outcome.message}.  P goes to the next pin.", "dim")

    def do_next_pin(self) -> None:
        """P: the next pin below, and after the last one the first."""
        story = self.desk.story
        numbers = [n for n, t in self.desk.session.pins if n in story.by_id and story.by_id[n].rec.sent_at == t]
        if not self.desk.log.pick_next(numbers):
            self.desk.say("No row that is shown has a pin. p puts one on a row.", "warn")

    def do_to_time(self) -> None:
        """@: an entry opens for the time."""
        desk = self.desk
        desk.mode = "at"
        desk.line.set("")
        desk.say("to the row of which time? 1.25s or 400ms; a bare number is in seconds", "dim")

    def to_time(self, text: str) -> None:
        """Select the first row sent at the time that was typed, or later. What is no time stays to be mended."""
        desk = self.desk
        try:
            t = parse_time(f"{text}s" if text.replace(".", "", 1).isdigit() else text)
        except NotationError as error:
            desk.say(f"{error.message} {error.cure}".rstrip(), "warn")
            desk.mode = "at"
            return
        desk.message = ""
        if not desk.log.pick_time(t):
            desk.say("There is no row yet.", "warn")

    def do_copy(self) -> None:
        """y: the selected row as text; without a selection all that is shown."""
        if not self._refuses():
            self.desk.intent = "copy:row" if self.desk.log.entry is not None else "copy:all"

    def do_copy_all(self) -> None:
        """Y: all rows that pass the filter."""
        if not self._refuses():
            self.desk.intent = "copy:all"
