"""A captured segment under the glass: its bytes out of the file, and what was inferred instead of what is known."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from tcplab.notation.errors import printable
from tcplab.tui.inspection import Inspection
from tcplab.views.entries import Entry
from tcplab.views.words import Note

if TYPE_CHECKING:
    from tcplab.capture.dissect import Dissection
    from tcplab.tui.captured.desk import PastDesk


class PastInspection(Inspection):
    """One segment of the open connection; all that is said of it stands among its notes."""

    def __init__(self, desk: PastDesk, entry: Entry) -> None:
        self.desk, self.place = desk, entry.born
        super().__init__(replace(entry, notes=self._notes(entry)), desk.story, ())

    @property
    def facts(self) -> list:
        return []

    def _notes(self, entry: Entry) -> tuple[Note, ...]:
        """The notes of the log, the states it leads to, what the file says, and what was not captured."""
        from tcplab.capture.headers import link_name

        lens, columns = self.desk.lens, self.desk.capture.columns
        index = lens.conn.packets[self.place]
        found = list(entry.notes)
        for step in lens.steps():
            if step.index == self.place:
                found.append(Note("state", f"{self.desk.hosts[step.side]} goes from {step.source} to {step.target}: "
                                           f"{step.event}", ("client", "server")[step.side], step.clause))
        if not found:
            found.append(Note("nothing", "nothing out of the ordinary", "dim"))
        found.append(Note("inferred", "All this is inferred: a capture shows what passed one place, not what arrived.",
                          "warn"))
        if said := lens.comment(self.place):
            found.append(Note("comment", f"The file says: {printable(said, 500)}", "bright"))
        if columns.kept[index] < columns.wire[index]:
            found.append(Note("cut", f"Only {columns.kept[index]} of its {columns.wire[index]} bytes were captured.",
                              "warn"))
        if lens.sum_wrong(self.place):
            words = ("Its checksum is wrong, as in nearly all segments of this sender: probably checksum offload. The "
                     "network card fills it in after the capture.") if lens.conn.offloaded(columns.side[index]) else (
                     "Its checksum is wrong: it was damaged on the way, and a receiver drops it.")
            found.append(Note("checksum", words, "warn"))
        found.append(Note("place", f"Packet {entry.rec.id} of the file, as Wireshark counts; captured on "
                                   f"{link_name(columns.link[index])}.", "dim"))
        return tuple(found)

    @cached_property
    def packet(self) -> Dissection | str:
        from tcplab.capture.dissect import dissect_bytes

        lens, index = self.desk.lens, self.desk.lens.conn.packets[self.place]
        try:
            data = lens.packet(self.place)
        except Exception as problem:  # the file may have changed or gone since it was read
            return f"it cannot be read from the file any more ({problem})"
        packet = dissect_bytes(data)
        # A verdict of the receiver cannot be given on a packet that is not whole, or not finished.
        columns = self.desk.capture.columns
        unjudged = columns.kept[index] < columns.wire[index] or lens.conn.offloaded(columns.side[index])
        return packet._replace(verdict="") if unjudged else packet
