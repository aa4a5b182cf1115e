"""Page 2: every segment, as tcpdump prints it."""

from __future__ import annotations

from tcplab.tui.draw.runs import Row
from tcplab.tui.draw.segment_line import log_line, number_digits

from .base import Page


class LogPage(Page):
    """The log of segments; which part of it is seen is in `desk.log`."""

    id, word, title = "log", "Log", "The log"
    tip = "every segment, as tcpdump prints it"
    about = (
        "One line a segment, as tcpdump prints it: when it was sent, its number, who sends to whom, the "
        "flags (S = SYN, F = FIN, R = RST, P = PSH, `.` = ACK), its sequence numbers (first and end), the number it "
        "acknowledges, its length and the window it offers. At the right: what the link or the receiver did to it. "
        "Move with the arrows, open a segment with enter, filter with /."
    )
    scrolls = False

    def rows(self, cells: int, lines: int) -> list[Row]:
        desk, log = self.desk, self.desk.log
        hosts = (desk.hosts[0], desk.hosts[1])
        top, entries = log.window(lines, desk.pacer.running)
        if not entries:
            return [[("  no segment matches the filter" if log.filter_text else
                      "  every segment will stand here, as tcpdump prints it", "faint")]]
        digits = number_digits(entries, desk.story, desk.relative)
        return [
            log_line(entry, desk.story, desk.relative, hosts, cells, top + i == log.picked, digits)
            for i, entry in enumerate(entries)
        ]

    def extra(self, cells: int) -> Row:
        log = self.desk.log
        row: Row = [(f"{len(log.rows)} ", "dim")]
        return [*row, (f"/ {log.filter_text} ", "warn")] if log.filter_text else row

    def count(self) -> str:
        log, total = self.desk.log, str(len(self.desk.story.entries) or "")
        return f"{len(log.rows)}/{total} filtered" if log.filter_text else total

    def footer(self) -> str:
        return "log" if self.desk.log.picked is not None else ""

    def move(self, by: int) -> None:
        self.desk.log.move(by)

    def first(self) -> None:
        self.desk.log.first()

    def last(self) -> None:
        self.desk.log.follow()

    def enter(self) -> bool:
        if self.desk.log.entry is None:
            return False
        self.desk.intent = "inspect"
        return True
