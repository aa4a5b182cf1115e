"""Each panel of the bench: from the desk to rows, by name. The one place where desk and drawing meet."""

from __future__ import annotations

from tcplab.front.given import passes_time

from . import pages
from .desk import Desk
from .draw import frame
from .draw.layout import is_wide, most_task_lines, plan
from .draw.link_panel import compact
from .draw.runs import Row, ascii_text, block, fit, rule, spread, wrap
from .draw.task import TaskState, task_frame
from .footers import footer_keys
from .scene import ladder_rows, pane_rows
from .typing_keys import completion
from .waiting import foretold

#: What is typed into the command line's row.
TYPED = ("command", "filter", "form", "seek", "at")

#: From this height on the guide gives rows to the bars of the sequence space, so many.
SPLIT, BARS = 14, 7


class Panels:
    """Draws a desk at a size. `boxes` says where each panel stands; `rows` gives one panel's rows."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.cells = self.lines = 0
        self.task_rows: list[Row] = []

        self.boxes: dict = {}

    def arrange(self, cells: int, lines: int) -> dict:
        """Lay out the window; the task decides how tall it has to be."""
        boxes = self._lay_out(cells, lines)
        desk = self.desk
        if desk.unread.asked:
            box = boxes.get("guide")
            if desk.unread.weigh(desk.pages["guide"].said(cells), 0 if box is None else box.height):
                boxes = self._lay_out(cells, lines)
        return boxes

    def _lay_out(self, cells: int, lines: int) -> dict:
        desk = self.desk
        self.cells, self.lines = cells, lines
        self.said: list[Row] = []
        guide = desk.unread.shown(desk.view.guide)
        small_zoom = desk.zoomed and lines < 28 and guide.question is None
        most = 1 if small_zoom else most_task_lines(cells, lines, guide.question is not None)
        rows, desk.task_long = task_frame(
            guide, self._task_state(), desk.hosts, self._cap, cells, max(most, 3)
        )
        if small_zoom:
            rows = [self._task_in_one_row(rows)]
        self.task_rows = rows[:most]
        self.boxes = plan(cells, lines, len(self.task_rows), desk.page, desk.zoomed)
        if small_zoom:
            self.boxes.pop("title")
            self.boxes["task"] = self.boxes["task"]._replace(y=0)
            self.boxes[desk.page] = self.boxes[desk.page]._replace(y=1, height=lines - 2)
            talk = desk.mode in TYPED
            if talk or not desk.message:
                self.boxes.pop("footer" if talk else "command")
            else:
                self.boxes["command"] = self.boxes["command"]._replace(y=lines - 2)
                self.boxes[desk.page] = self.boxes[desk.page]._replace(height=lines - 3)
            if talk:
                self.boxes["command"] = self.boxes["command"]._replace(y=lines - 1)
        self._show_more()
        self._make_room_for_message()
        return self.boxes

    def _show_more(self) -> None:
        """Where a large window has room under the guide and no lab chooses what is seen: the sequence space too."""
        desk, guide = self.desk, self.boxes.get("guide")
        if guide is None or not is_wide(self.cells, self.lines) or desk.zoomed or desk.view.guide.show is not None:
            return
        if guide.height >= SPLIT and desk.view.guide.question is None and any(h.newest for h in desk.view.hosts):
            high = guide.height - BARS
            self.boxes["guide"] = guide._replace(height=high)
            self.boxes["seq"] = guide._replace(y=guide.y + high, height=BARS)

    def _make_room_for_message(self) -> None:
        """A message longer than its row takes rows from the page above it: the cure stands at its end."""
        desk, box = self.desk, self.boxes.get("command")
        typing = desk.mode in TYPED
        if box is None or not desk.message or (typing and desk.message_style != "warn"):
            return
        rows = wrap([(desk.message, f"{desk.message_style} on-bar")], self.cells - 4)[:4]
        if len(rows) < 2 and not typing:
            return
        leads = [" › ", *["   "] * 3]
        pairs = zip(leads, rows, strict=False)
        self.said = [fit([(lead, "key on-bar"), *row], self.cells, "on-bar") for lead, row in pairs]
        top = box.y - len(rows) + (not typing)
        for name, other in self.boxes.items():
            if other.y < box.y < other.y + other.height + len(rows):
                self.boxes[name] = other._replace(height=max(0, min(other.height, top - other.y)))
        self.boxes["command"] = box._replace(y=top, height=box.y - top + 1)

    def _task_in_one_row(self, rows: list[Row]) -> Row:
        text = rows[1][1:] if len(rows) > 1 else []
        clock = frame._clock(self.desk.running, self.desk.view.t, self.desk.pacer.words, 60)
        words = [(t, f"{s} on-bar") for t, s in text]
        return spread([(" ▸ ", "good bold on-bar"), *words], [("  ", "on-bar"), *clock], self.cells, "on-bar")

    def _cap(self, command: str) -> str:
        """What stands before a command in the task: its key, or a tick when it was given."""
        desk = self.desk
        guide = desk.view.guide
        given = command in guide.commands and guide.phase == "open" and command not in desk.todo()
        under_way = passes_time(command) and not desk.session.idle()
        return "✓" if given and not under_way else desk.key_for(command)

    def _task_state(self) -> TaskState:
        desk = self.desk
        watch = "" if not foretold(desk.view) else "running" if desk.pacer.running else "stopped"
        return TaskState(desk.answer.text, desk.answer.cursor, desk.mode == "answer", desk.refusal, watch)

    def headed(self, name: str) -> bool:
        """Whether a page stands under its own title, because no tabs are shown."""
        return is_wide(self.cells, self.lines) or (self.desk.zoomed and "title" in self.boxes)

    def rows(self, name: str) -> list[Row]:
        """The rows of one panel in exactly the size of its box."""
        box = self.boxes[name]
        page = self.desk.pages.get(name)
        if page is None:
            rows = getattr(self, "_" + name)(box.width, box.height)
        else:
            rows = page.panel(box.width, box.height, pages.number(name), self.headed(name))
        rows = block(rows, box.width, box.height)
        if self.desk.terminal.ascii:
            rows = [[(ascii_text(text), style) for text, style in row] for row in rows]
        return rows

    # -- frame --------------------------------------------------------------------------------------------------

    def _title(self, cells: int, lines: int) -> list[Row]:
        view, future = self.desk.view, self.desk.session.branches.name
        # The first future needs no name; who went another way is told which one this is.
        words = self.desk.pacer.words if future == "main" else f"{future}  {self.desk.pacer.words}"
        return [frame.title_bar(view.guide, view.t, self.desk.running, words, view.seed, cells)]

    def _top(self, cells: int, lines: int) -> list[Row]:
        view = self.desk.view
        return [frame.host_rule(self.desk.seen, view.link, self.desk.current, cells, self.boxes["left"].width)]

    def _task(self, cells: int, lines: int) -> list[Row]:
        return self.task_rows

    def _tabs(self, cells: int, lines: int) -> list[Row]:
        desk = self.desk
        words = [(page.word, page.count()) for page in desk.pages.values()]
        return [frame.tabs(pages.number(desk.page), words, cells)]

    def _command(self, cells: int, lines: int) -> list[Row]:
        desk = self.desk
        if desk.hurried:
            return [frame.progress_line(desk.pacer.share(), desk.view.t, len(desk.story.entries), cells)]
        if self.said and desk.mode in ("keys", "answer"):
            return self.said
        if desk.mode == "command":
            ghost, words = completion(desk)
            offer = "  ".join(words[:6])[: cells // 2] if len(words) > 1 else ""
            return [*self.said, frame.command_line(desk.line.text, desk.line.cursor, ghost, cells, offer)]
        if desk.mode in ("filter", "form", "seek", "at"):
            what = "e.g. server ACK · any where len > 500" if desk.mode == "filter" else desk.message
            what = "" if self.said else what[: cells // 2]
            return [*self.said, frame.command_line(desk.line.text, desk.line.cursor, "", cells, what)]
        if not desk.message and desk.ladder.focused:
            return [frame.message_line(desk.ladder.words(), "text", "The newest segment is followed.", cells)]
        return [frame.message_line(desk.message, desk.message_style, self._offer(), cells)]

    def _offer(self) -> str:
        guide = self.desk.unread.shown(self.desk.view.guide)
        if self.desk.mode == "impair":
            return "What shall the link do to segments?  esc: nothing"
        if guide.question is not None:
            typing = self.desk.mode == "answer"
            return "Time stands still until you answer." + ("  esc leaves the box." if typing else "")
        if guide.phase == "pending" or (guide.kind == "say" and guide.phase == "open"):
            return "n or enter goes on"
        if guide.phase == "finished":
            return "enter shows the last page"
        desk = self.desk
        if desk.mode == "keys" and desk.page == "link" and desk.pages["link"].segment() is not None:
            return "The keys below act on the chosen segment."
        if todo := self.desk.todo():
            return f"enter does: {todo[0]}"
        return ": types a command, for example  " + "  ·  ".join(self._examples())

    def _examples(self) -> list[str]:
        """Two commands that the hosts can carry out now."""
        desk = self.desk
        listen, connect, send, close = desk.socket_keys()
        conn = desk.conn(desk.current)
        if conn is not None and not conn.tcb.gone:
            return [send, close]
        return [connect, "link loss 10%"] if desk.view.hosts[1].listening else [listen, connect]

    def _footer(self, cells: int, lines: int) -> list[Row]:
        return [frame.footer(footer_keys(self.desk), cells)]

    # -- above the task -----------------------------------------------------------------------------------------

    def _left(self, cells: int, lines: int) -> list[Row]:
        return pane_rows(self.desk, 0, cells, lines)

    def _right(self, cells: int, lines: int) -> list[Row]:
        return pane_rows(self.desk, 1, cells, lines)

    def _ladder(self, cells: int, lines: int) -> list[Row]:
        return ladder_rows(self.desk, cells, lines)

    def _settings(self, cells: int, lines: int) -> list[Row]:
        number = pages.number("link")
        return [rule(f"{number} {pages.BY_ID['link'].word}", cells), *compact(self.desk.view.link, cells, lines - 1)]
