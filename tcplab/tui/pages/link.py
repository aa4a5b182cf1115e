"""Page 4: what is on the link and what the link does to segments: a hand on each one, and a form of the settings."""

from __future__ import annotations

from dataclasses import replace

from tcplab.net.views import InFlightView
from tcplab.tui.asking import ask
from tcplab.tui.draw.link_fields import BY_LETTER, FIELDS, Field, command, same, shown, toggled
from tcplab.tui.draw.link_panel import FormState, column_at, letters, link_panel, window
from tcplab.tui.draw.runs import Row
from tcplab.tui.draw.segment_form import PARTS, edit_command, segment_form
from tcplab.tui.key import TALK, Key

from .base import Page


class LinkPage(Page):
    """The link. `form` is where the cursor is; `editing` the number of the segment whose fields are shown."""

    id, word, title = "link", "Link", "The link"
    tip = "what the link does to segments: settings, and a hand on each segment"
    about = (
        "What the link does to segments, for both directions or one: choose with the arrows, change with enter, or "
        "press `m` and a letter from anywhere: once sets a telling value, again takes it away. `H` stops segments in "
        "mid-link: then choose one and let it go on, be lost, come late, twice, damaged, changed or swapped. "
        "Everything here is also a command, such as `link loss 5%` or `link deliver #7`."
    )
    scrolls = False
    KEYS = (
        Key("seg_drop", "x", "x", "lose it", "on the link: the chosen segment is lost", TALK, "link"),
        Key("seg_later", "l", "l", "later", "on the link: the chosen segment arrives later", TALK, "link"),
        Key("seg_twice", "u", "u", "twice", "on the link: the chosen segment gets a copy beside it", TALK, "link"),
        Key("seg_damage", "c", "c", "damage", "on the link: a byte of the chosen segment is damaged", TALK, "link"),
        Key("seg_edit", "e", "e", "edit", "on the link: change fields of the chosen segment", TALK, "link"),
        Key("seg_swap", "o", "o", "swap", "on the link: two segments change places: o at each", TALK, "link"),
    )

    def __init__(self, desk) -> None:
        super().__init__(desk)
        self.form = FormState()
        self.editing: int | None = None
        self.part = 0
        self._top = self._index = self._met = 0
        self._let_go = False  # the learner has left the list of segments: none is chosen by itself

    # -- what is there ------------------------------------------------------------------------------------------

    def flights(self) -> list[InFlightView]:
        """What is on the link, by direction and in the order in which it will arrive."""
        ways = [way.src for way in self.desk.view.link.directions]
        return sorted(self.desk.view.in_flight, key=lambda f: (ways.index(f.record.src), f.arrive or 0, f.place))

    def chosen(self) -> int | None:
        """The number of the segment under the cursor, None if the cursor is elsewhere."""
        self._settle()
        return self.form.seg

    def segment(self) -> int | None:
        return self.chosen()

    def choose(self, number: int) -> bool:
        """Put the cursor on a segment, if it is on the link."""
        there = number in [flight.record.id for flight in self.flights()]
        if there:
            self.form = replace(self.form, seg=number, row=None)
        return there

    def _settle(self) -> None:
        """The segment under the cursor may have gone: its neighbour takes its place. A new one comes into sight."""
        held = [f.record.id for f in self.flights() if f.arrive is None]
        if held and max(held) > self._met:
            self._met, self._top = max(held), 0
        ids = [flight.record.id for flight in self.flights()]
        if self.editing is not None and self.editing not in ids:
            self.editing = None
        if self.form.partner is not None and self.form.partner not in ids:
            self.form = replace(self.form, partner=None)
        if self.form.seg is None or self.form.seg in ids:
            self._index = ids.index(self.form.seg) if self.form.seg in ids else self._index
        else:
            self.form = replace(self.form, seg=ids[min(self._index, len(ids) - 1)] if ids else None)
        if held and self.form.seg is None and self._chooses():
            self.form = replace(self.form, seg=next(number for number in ids if number in held))

    def _chooses(self) -> bool:
        """Whether the first segment held is chosen by itself: nothing else has the arrows or enter."""
        desk = self.desk
        return (desk.page == self.id and desk.view.link.holding and self.form.row is None and not self._let_go
                and not desk.ladder.focused and desk.question is None and not desk.todo())

    # -- drawing ------------------------------------------------------------------------------------------------

    def rows(self, cells: int, lines: int) -> list[Row]:
        self._settle()
        desk = self.desk
        typing = desk.mode == "form" and desk.page == self.id
        typed = desk.line.text if typing else None
        if self.editing is not None:
            record = next(f.record for f in desk.view.in_flight if f.record.id == self.editing)
            rows, at, below = segment_form(record, self.part, typed, cells), self.part + 1, None
        elif desk.mode == "impair":
            rows, at, below = letters(desk.view.link, self.form.column, cells), None, None
        else:
            form = replace(self.form, typed=typed if self.form.seg is None else None, cursor=desk.line.cursor,
                           veiled=desk.ladder.veiled)
            rows, at, below = link_panel(desk.view.link, self.flights(), form, cells, self._bases())
        room = lines - (below is not None)
        self._top = window(rows, at, self._top, room)
        seen = rows[self._top : self._top + room]
        return seen if below is None else [*seen, *[[]] * (room - len(seen)), below]

    def _bases(self) -> dict | None:
        """The numbers from which to count, if numbers are relative: by the ends of each segment on the link."""
        if not self.desk.relative:
            return None
        story, bases = self.desk.story, {}
        for flight in self.desk.view.in_flight:
            seg = flight.record.segment
            bases[seg.src, seg.sport, seg.dst, seg.dport] = story.base(flight.record, True)
            bases[seg.dst, seg.dport, seg.src, seg.sport] = story.base(flight.record, False)
        return bases

    def count(self) -> str:
        held = sum(flight.arrive is None for flight in self.desk.view.in_flight)
        return f"❚❚{held}" if self.desk.view.link.holding else ""

    def footer(self) -> str | tuple[str, ...]:
        if self.editing is not None:
            return ("go:change it", "up", "down", "escape:back", "hold", "quit")
        if self.chosen() is not None:
            hold = "hold:let all go" if self.desk.view.link.holding else "hold"
            return ("go:go on", "seg_drop", "seg_later", "seg_twice", "seg_damage", "seg_edit", "seg_swap", hold,
                    "escape:to the settings")
        return "link" if self.form.row is not None else ""

    # -- keys ---------------------------------------------------------------------------------------------------

    def takes(self, key_id: str) -> bool:
        return self.chosen() is not None and self.editing is None

    def move(self, by: int) -> None:
        """Up or down; the list of segments is left by esc only, so that no key slips from a segment to the link."""
        if self.editing is not None:
            self.part = max(0, min(len(PARTS) - 1, self.part + by))
            return
        self._settle()
        ids = [flight.record.id for flight in self.flights()]
        if self.form.seg is not None:
            at = min(ids.index(self.form.seg) + by, len(ids) - 1)
        elif self.form.row is not None:
            at = len(ids) + self.form.row + by
        else:
            at = 0 if self.desk.view.link.holding and not self._let_go else len(ids)
        self._go(max(0, min(len(ids) + len(FIELDS) - 1, at)), ids)

    def _go(self, at: int, ids: list[int]) -> None:
        self._let_go = at >= len(ids)
        if at < len(ids):
            self.form = replace(self.form, seg=ids[at], row=None)
        else:
            self.form = replace(self.form, seg=None, row=at - len(ids))

    def wheel(self, by: int) -> None:
        """The wheel goes over all rows, segments and settings alike."""
        ids = [flight.record.id for flight in self.flights()]
        if self.editing is None and by > 0 and ids and self.form.seg == ids[-1]:
            self._go(0, [])
        else:
            self.move(by)

    def click(self, x: int, y: int, cells: int, lines: int) -> None:
        """Choose a segment, a field and its way; a second click does what enter does."""
        if self.editing is not None:
            at = self._top + y - 1
            if 0 <= at < len(PARTS):
                again, self.part = self.part == at, at
                if again:
                    self.enter()
            return
        ids = [flight.record.id for flight in self.flights()]
        heads = bool(ids or self.desk.view.link.holding)
        at = self._top + y - heads - (self._top + y > len(ids) + heads)
        if self._top + y < heads or self._top + y == len(ids) + heads or at >= len(ids) + len(FIELDS):
            return
        before = (self.form.seg, self.form.row, self.form.column)
        self._go(at, ids)
        self.side(column_at(x) - self.form.column if self.form.row is not None else 0)
        if before == (self.form.seg, self.form.row, self.form.column):
            self.enter()

    def first(self) -> None:
        self._go(0, [flight.record.id for flight in self.flights()])

    def last(self) -> None:
        self._go(len(FIELDS) - 1, [])

    def side(self, by: int) -> None:
        ways = len(self.desk.view.link.directions)
        self.form = replace(self.form, column=max(0, min(ways, self.form.column + by)))

    def enter(self) -> bool:
        if self.editing is not None:
            self._ask_part()
        elif (number := self.chosen()) is not None:
            held = [f.record.id for f in self.flights() if f.arrive is None]
            at = held.index(number) if number in held else 0
            after = held[at + 1 :] or held[:at][-1:]
            self._give(f"link deliver #{number}")
            if number in held and after:
                self.choose(after[0])  # the next one that waits for a decision
        elif self.form.row is not None:
            self.ask_field(FIELDS[self.form.row])
        else:
            return False
        return True

    def escape(self) -> bool:
        if self.editing is not None:
            self.editing = None
            return True
        if self.form.partner is not None:
            self.form = replace(self.form, partner=None)
            return True
        if self.form.seg is not None:
            self._go(0, [])  # to the settings
            return True
        was = self.form.row is not None
        self.form = replace(self.form, row=None)
        return was

    def turned_away(self) -> None:
        self.form = replace(self.form, row=None, seg=None, partner=None)
        self.editing, self._let_go = None, False

    # -- the form -----------------------------------------------------------------------------------------------

    def ask_field(self, field: Field) -> None:
        """Type a value; a field with two words just changes."""
        ways = self.desk.view.link.directions
        if field.key == "up":
            self._give(command(field, toggled(field, ways, self.form.column), ways, self.form.column))
            return
        column = self.form.column
        now = shown(ways[column - 1 if column else 0], field.key)
        choice = f"one of {', '.join(field.words)}" if field.words else f"for example {field.on}"
        ask(self.desk, lambda typed: command(field, typed, self.desk.view.link.directions, column),
            f"{choice} (now {now})")

    def set_by_letter(self, letter: str) -> bool:
        """The letter of a field sets it to a telling value, or back if it has that. Returns whether there is one."""
        field = BY_LETTER.get(letter)
        if field is None:
            return False
        self.form = replace(self.form, row=FIELDS.index(field), seg=None)
        ways, column = self.desk.view.link.directions, self.form.column
        value = toggled(field, ways, column)
        line = command(field, value, ways, column)
        self._give(line)
        if self.desk.message_style != "warn":
            after = self.desk.view.link.directions[max(column - 1, 0)]
            is_on = value == field.on and same(field, after, value)
            self.desk.say(f"{line}: {field.gloss}. enter changes the value." if is_on else f"{line}", "dim")
        return True

    # -- a hand on one segment ----------------------------------------------------------------------------------

    def _give(self, line: str) -> None:
        self.desk.ladder.leave()  # its neighbour may take the place of a segment that goes: the page has the arrows
        self.desk.give(line)
        if not self.desk.message:
            self.desk.say(line, "dim")

    def _on_chosen(self, words: str) -> None:
        number = self.chosen()
        if number is None:
            self.desk.say("Choose a segment on the link first: ↑ ↓. H stops them in mid-link.", "warn")
        else:
            self._give(f"link {words.format(number)}")

    def do_seg_drop(self) -> None:
        self._on_chosen("drop #{}")

    def do_seg_twice(self) -> None:
        self._on_chosen("dup #{}")

    def do_seg_later(self) -> None:
        number = self.chosen()
        if number is None:
            self._on_chosen("")
        else:
            ask(self.desk, lambda typed: f"link delay #{number} {typed}", "how much later? enter: 500ms", "500ms")

    def do_seg_damage(self) -> None:
        number = self.chosen()
        if number is None:
            self._on_chosen("")
            return
        ask(self.desk, lambda typed: f"link corrupt #{number}" + ("" if typed == "any" else f" byte {typed}"),
            "which byte? 0 is IP's first, 20 TCP's; enter: any", "any")

    def do_seg_edit(self) -> None:
        number = self.chosen()
        if number is None:
            self._on_chosen("")
        elif not self.desk.ladder.refuses():
            self.editing, self.part = number, 0

    def _ask_part(self) -> None:
        number, part = self.editing, PARTS[self.part]
        prompt = f"{part.name}, for example {part.example}"
        ask(self.desk, lambda typed: edit_command(number, part, typed), prompt)

    def do_seg_swap(self) -> None:
        number, partner = self.chosen(), self.form.partner
        if number is None:
            self._on_chosen("")
        elif partner is None or partner == number:
            self.form = replace(self.form, partner=None if partner == number else number)
            self.desk.say(f"#{number} changes places with which one? Choose it, o again." if partner is None
                          else "Nothing is swapped.", "dim")
        else:
            self.form = replace(self.form, partner=None)
            self._give(f"link swap #{partner} #{number}")
