"""The screen of `e`: choose what to take away and where to; what was written is said."""

from __future__ import annotations

from collections.abc import Callable

from textual import events
from textual.binding import Binding

from tcplab.tui.draw.frame import footer
from tcplab.tui.draw.guide_text import guide_text
from tcplab.tui.draw.layout import Box
from tcplab.tui.draw.runs import Row, block, fit
from tcplab.tui.draw.taking import taking_rows
from tcplab.tui.screens.base import Page
from tcplab.tui.screens.reader import Reader
from tcplab.tui.taking import Done, Taking
from tcplab.tui.widgets.surface import Part


def about(cells: int) -> list[Row]:
    """What can be done with the files."""
    return guide_text(
        "What happened in this session, up to this instant, as files for your report, a slide, or another program. "
        "space marks a kind of file, enter writes all that are marked, n changes folder and name. No file that is "
        "there is written over: a number is added.\n\n"
        "- **Text** is the ladder, line by line, to paste anywhere.\n"
        "- **pcapng** opens in Wireshark; each packet that the link touched has a comment.\n"
        "- **SVG** pictures open in any browser; **Mermaid** is the ladder for Markdown pages.\n\n"
        "Your recording, which you hand in, is another file; the last page of a lab says where it lies.", cells)


class TakeAway(Page, inherit_bindings=False):
    """Shows a `Taking`; `left` is called when the learner goes back."""

    BINDINGS = [
        Binding("escape,backspace,e,q", "act('back')", "back", show=False, id="take.back"),
        Binding("enter", "act('write')", "write", show=False, id="take.write"),
        Binding("space", "act('toggle')", "mark", show=False, id="take.toggle"),
        Binding("a", "act('all')", "mark all", show=False, id="take.all"),
        Binding("n", "act('name')", "name", show=False, id="take.name"),
        Binding("question_mark", "act('help')", "help", show=False, id="take.help"),
        Binding("down,j,tab", "move(1)", "down", show=False, id="take.down"),
        Binding("up,k,shift+tab", "move(-1)", "up", show=False, id="take.up"),
    ]

    def __init__(self, form: Taking, left: Callable[[], None]) -> None:
        super().__init__()
        self.form, self.left = form, left
        self.top = 0

    def parts(self, cells: int, lines: int) -> list[Part]:
        title = fit([(" tcplab ", "ink on-good bold"), (" Take away", "bright bold on-bar")], cells, "text on-bar")
        room = lines - 2
        rows: list[Row] = taking_rows(self.form, min(cells - 2, 150), room)
        cursor = 2 + self.form.picked + (1 if self.form.on_name else 0)
        last = len(rows) if self.form.said else cursor + 2
        self.top = max(0, min(max(self.top, last - room), cursor - 1, len(rows) - room))
        keys = [("enter", "take this name"), ("esc", "leave it as it was")] if self.form.typing else [
            ("enter", "write"), *([] if self.form.on_name else [("space", "mark")]), ("a", "all"),
            ("n", "change the name"), ("↓ ↑", "move"), ("?", "what is this"), ("esc", "back")]
        seen = [[(" ", "text"), *row] for row in rows[self.top:self.top + room]]
        return [(Box(0, 0, cells, 1), [title]), (Box(0, 1, cells, room), block(seen, cells, room)),
                (Box(0, lines - 1, cells, 1), [footer(keys, cells)])]

    async def on_key(self, event: events.Key) -> None:
        form = self.form
        if not form.typing:
            return
        event.stop()
        event.prevent_default()
        if event.key in ("enter", "escape"):
            form.named(kept=event.key == "enter")
        else:
            form.base.key(event.key, event.character)
        self.draw()

    def on_paste(self, event: events.Paste) -> None:
        if self.form.typing:
            self.form.base.insert(event.text)
            event.stop()
            self.draw()

    def _write(self) -> None:
        self.form.write()
        self.draw()

    def action_move(self, by: int) -> None:
        self.form.move(by)
        self.draw()

    def act(self, key_id: str) -> None:
        form = self.form
        if key_id == "back":
            self.app.pop_screen()
            self.left()
            return
        if key_id == "help":
            self.app.push_screen(Reader("Take away", about))
            return
        if key_id == "write":
            # A long session takes a while to draw: say so first.
            form.said = [Done("writing …", "dim")]
            self.call_after_refresh(self._write)
        elif key_id == "toggle":
            form.toggle()
        elif key_id == "all":
            form.mark_all()
        elif key_id == "name":
            form.rename()
        self.draw()
