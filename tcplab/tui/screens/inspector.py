"""A segment under the glass: its bytes, field by field, beside the why. One page each where there is no room for both.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual import events
from textual.binding import Binding

from tcplab.tui.draw.inspector import heading, why_rows
from tcplab.tui.draw.layout import Box
from tcplab.tui.draw.packet import DUMP, dump_rows, field_rows, flat, meaning_rows
from tcplab.tui.draw.runs import Row, block, clean, fit, plain, rule, spread, wrap
from tcplab.tui.inspection import Inspection
from tcplab.tui.screens.base import Page, travel
from tcplab.tui.widgets.surface import Part
from tcplab.views.entries import Entry

#: From this width on why and bytes stand side by side.
WIDE = 116


class Inspector(Page, inherit_bindings=False):
    """Shows one of `entries`; left and right go to its neighbours. `go(n)` brings the bench to just after step `n`."""

    BINDINGS = [
        Binding("escape,backspace,enter", "act('close')", "back", show=False, id="inspector.back"),
        Binding("question_mark", "act('help')", "what is this", show=False, id="inspector.help"),
        Binding("tab,shift+tab", "act('turn')", "other side", show=False, id="inspector.turn"),
        *travel("inspector", "move", 12),
        Binding("left", "neighbour(-1)", "the one before", show=False, id="inspector.before"),
        Binding("right", "neighbour(1)", "the next one", show=False, id="inspector.next"),
        Binding("a", "act('numbers')", "relative numbers", show=False, id="inspector.numbers"),
        Binding("s", "act('sending')", "to its sending", show=False, id="inspector.sending"),
        Binding("r", "act('arrival')", "to its arrival", show=False, id="inspector.arrival"),
    ]

    def __init__(
        self,
        look: Callable[[Entry], Inspection],
        entries: Sequence[Entry],
        index: int,
        hosts: tuple[str, ...],
        hidden: frozenset[str] = frozenset(),
        relative: bool = False,
        go: Callable[[int], None] | None = None,
        left: Callable[[int], None] | None = None,
    ) -> None:
        super().__init__()
        self.make, self.entries, self.index = look, entries, index
        self.hosts, self.hidden, self.relative, self.go, self.left = hosts, hidden, relative, go, left
        self.page = "why"
        #: None: at the first field of TCP.
        self.cursor: int | None = None
        self.top = {"why": 0, "bytes": 0}
        self.said = ""
        #: scapy takes the packet apart after the first paint, when it has to be loaded.
        self.apart = False
        self._open()

    def _open(self) -> None:
        self.look = self.make(self.entries[self.index])
        self.top["why"] = 0
        self._rows: tuple[int, list[Row]] = (0, [])

    def on_mount(self) -> None:
        self.call_after_refresh(self._take_apart)

    def _take_apart(self) -> None:
        self.apart = True
        self.draw()

    # -- drawing ------------------------------------------------------------------------------------------------

    def parts(self, cells: int, lines: int) -> list[Part]:
        number = self.look.entry.rec.id
        title = spread(
            [(" tcplab ", "ink on-good bold"), (f" Segment #{number}", "bright bold on-bar")],
            [(f"{self.index + 1} of {len(self.entries)} ", "dim on-bar")],
            cells, "on-bar",
        )
        head = fit([(" ", "text"), *heading(self.look, self.relative, self.hosts)], cells)
        room = lines - 3
        wide = cells >= WIDE
        if wide:
            body = [*self._sides(cells, lines, room)]
        else:
            rows = self._why(cells, room) if self.page == "why" else self._bytes(cells, room)
            body = [(Box(0, 2, cells, room), block(rows, cells, room))]
        return [(Box(0, 0, cells, 1), [title]), (Box(0, 1, cells, 1), [head]), *body,
                (Box(0, lines - 1, cells, 1), [self._footer(cells, wide)])]

    def _sides(self, cells: int, lines: int, room: int) -> list[Part]:
        left = DUMP + 2
        right = cells - left - 3
        bar = block([[(" │ ", "rule")]] * room, 3, room)
        return [
            (Box(0, 2, left, room), block(self._bytes(left, room), left, room)),
            (Box(left, 2, 3, room), bar),
            (Box(left + 3, 2, right, room), block(self._why(right, room), right, room)),
        ]

    def _heading(self, page: str, words: str, cells: int) -> Row:
        here = self.page == page
        return rule(words, cells, title_style="good bold" if here else "head", style="edge" if here else "rule")

    def _why(self, cells: int, lines: int) -> list[Row]:
        if self._rows[0] != cells:
            self._rows = (cells, why_rows(self.look, self.relative, self.hosts, self.hidden, cells - 1))
        rows, room = self._rows[1], lines - 1
        self.top["why"] = top = max(0, min(self.top["why"], len(rows) - room))
        seen = [list(row) for row in rows[top : top + room]]
        if len(rows) > top + room and seen:
            seen[-1] = spread(seen[-1], [(" ▾ more: ↓ ", "dim on-bar")], cells)
        return [self._heading("why", "Why", cells), *seen]

    def _bytes(self, cells: int, lines: int) -> list[Row]:
        packet = self.look.packet if self.apart else None
        head = self._heading("bytes", "Bytes, taken apart by scapy", cells)
        if packet is None:
            return [head, [(" …", "dim")]]
        if isinstance(packet, str):
            return [head, *wrap([(f"This segment has no bytes: {clean(packet)}", "warn")], cells, " ", " ")]
        fields = flat(packet)
        if self.cursor is None:
            self.cursor = next((i for i, (layer, _) in enumerate(fields) if layer == "TCP"), 0)
        self.cursor = min(self.cursor, max(0, len(fields) - 1))
        meaning = meaning_rows(packet, self.cursor, cells - 1)[:2]
        meaning += [[]] * (2 - len(meaning))
        dump = dump_rows(packet, self.cursor, cells, min(max(4, lines // 4), -(-len(packet.data) // 16)))
        rows, at = field_rows(packet, self.cursor, cells, self.page == "bytes")
        room = max(1, lines - 2 - len(dump) - len(meaning))
        top = min(max(self.top["bytes"], at - room + 2), max(at - 1, 0))
        self.top["bytes"] = top = max(0, min(top, len(rows) - room))
        listed = block(rows[top : top + room], cells, room)
        return [head, *listed, rule("", cells), *dump, *meaning]

    def _footer(self, cells: int, wide: bool) -> Row:
        if self.said:
            return fit([(f" {self.said}", "warn on-bar")], cells, "on-bar")
        turn = "why" if self.page == "bytes" else "bytes"
        keys = [("tab", turn), ("↓ ↑", "fields" if self.page == "bytes" else "move"), ("← →", "others"),
                ("s", "go to its sending"), ("r", "go to its arrival"), ("a", "relative"), ("esc", "back")]
        if self.go is None:
            keys = [key for key in keys if key[0] not in ("s", "r")]
        if cells < 100:
            keys = [(cap, words.removeprefix("go to its ")) for cap, words in keys]
        row: Row = [(" ", "on-bar")]
        for cap, words in keys:
            row += [(cap, "key bold on-bar"), (f" {words}  ", "text on-bar")]
        return fit(row, cells, "on-bar")

    # -- keys ---------------------------------------------------------------------------------------------------

    def action_move(self, by: int) -> None:
        self.said = ""
        if self.page == "bytes":
            self.cursor = max(0, (self.cursor or 0) + by)
        else:
            self.top["why"] = max(0, self.top["why"] + by)
        self.draw()

    def wheel(self, x: int, y: int, by: int) -> None:
        if self.app.size.width >= WIDE:
            self.page = "bytes" if x < DUMP + 2 else "why"
        self.action_move(by if self.page == "bytes" else 3 * by)

    def on_click(self, event: events.Click) -> None:
        """A click on the row of keys does what the key does; on a side of a wide window, that side has the arrows."""
        x, y = int(event.screen_x), int(event.screen_y)
        if y == self.app.size.height - 1:
            row = " " + plain(self._footer(self.app.size.width, self.app.size.width >= WIDE))
            pair = row[: row.find("  ", x) if "  " in row[x:] else len(row)].split("  ")[-1]
            acts = {"tab": "turn", "s": "sending", "r": "arrival", "a": "numbers", "esc": "leave"}
            if (act := acts.get(pair.split(" ")[0])) is not None:
                self.act(act)
        elif self.app.size.width >= WIDE:
            self.page = "bytes" if x < DUMP + 2 else "why"
            self.draw()

    def action_neighbour(self, by: int) -> None:
        index = self.index + by
        if 0 <= index < len(self.entries):
            self.said, self.index = "", index
            self._open()
        else:
            self.said = "This is the first one." if by < 0 else "This is the newest one."
        self.draw()

    def act(self, key_id: str) -> None:
        self.said = ""
        if key_id == "turn":
            self.page = "bytes" if self.page == "why" else "why"
        elif key_id == "numbers":
            self.relative = not self.relative
            self._rows = (0, [])
        elif key_id in ("sending", "arrival"):
            return self._go(key_id)
        elif key_id == "help":
            return self._help()
        else:
            self._leave()
            return
        self.draw()

    def _leave(self) -> None:
        if self.left is not None:
            self.left(self.index)
        self.app.pop_screen()

    def _go(self, which: str) -> None:
        """Back on the bench, at the moment just after the segment was sent, or just after it arrived."""
        step = self.look.sending if which == "sending" else self.look.arrival
        if self.go is None or step is None:
            self.said = "It has not arrived." if which == "arrival" else "This was before the lesson began."
            self.draw()
            return
        self._leave()
        self.go(step.n + 1)

    def _help(self) -> None:
        from tcplab.tui.draw.guide_text import guide_text
        from tcplab.tui.screens.reader import Reader

        text = CAPTURED if self.go is None else ABOUT
        self.app.push_screen(Reader("A segment", lambda cells: guide_text(text, cells)))


#: Of a captured segment.
CAPTURED = (
    "One segment under the glass. On one side stand its real bytes out of the file, taken apart field by field by "
    "scapy, a program that is not ours: the bytes of the field under the cursor stand out, and a checksum says whether "
    "it is right. On the other stands what can be inferred: what it is, which state it leads to, the clause of the "
    "RFC.\n\n"
    "- `tab` goes to the other side, the arrows up and down move in it.\n"
    "- The arrows left and right go to the segment before and after.\n"
    "- `a` counts sequence numbers from zero. `esc` goes back."
)
ABOUT = (
    "One segment under the glass. On one side stand its real bytes, taken apart field by field by scapy, a program "
    "that is not ours: the bytes of the field under the cursor stand out, and a checksum says whether it is right. On "
    "the other stands the why: what the expert remarks, which rule, timer or call made the segment, which variables "
    "that changed at its sender and its arrival at the other end, and the clause of the RFC.\n\n"
    "The values before and after are no guess: the laboratory plays a copy of the session to that moment and reads "
    "them there. Each is one step, so segments sent at once share them.\n\n"
    "- `tab` goes to the other side, the arrows up and down move in it.\n"
    "- The arrows left and right go to the segment before and after.\n"
    "- `s` brings the bench to the moment just after it was sent, `r` just after it was received. Time then stands "
    "there; running forward does again what was done.\n"
    "- `a` counts sequence numbers from zero. `esc` goes back."
)
