"""Each panel of the bench: from the desk to rows, by name. The one place where desk and drawing meet."""

from __future__ import annotations

from .desk import Desk
from .draw import frame
from .draw.guide_page import guide_page
from .draw.host_pane import PaneState, host_pane
from .draw.ladder import LadderState, ladder
from .draw.layout import is_wide, most_task_lines, plan
from .draw.link_panel import compact, link_panel
from .draw.runs import Row, ascii_text, block, fit, rule, spread, wrap
from .draw.segment_line import log_line, number_digits
from .draw.task import TaskState, task_frame
from .draw.tcb_table import tcb_table, windows
from .footers import FOOTERS
from .keys import BY_ID
from .typing_keys import completion

_PAGE_WORDS = dict(zip(("guide", "log", "states", "link", "tcb"), frame.PAGES, strict=True))


class Panels:
    """Draws a desk at a size. `boxes` says where each panel stands; `rows` gives one panel's rows."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.cells = self.lines = 0
        self.task_rows: list[Row] = []
        self.task_long = False
        self.boxes: dict = {}

    def arrange(self, cells: int, lines: int) -> dict:
        """Lay out the window; the task decides how tall it has to be."""
        desk = self.desk
        self.cells, self.lines = cells, lines
        self.said: list[Row] = []
        small_zoom = desk.zoomed and lines < 28 and desk.question is None
        most = 1 if small_zoom else most_task_lines(cells, lines, desk.question is not None)
        rows, self.task_long = task_frame(
            desk.view.guide, self._task_state(), desk.hosts, desk.key_for, cells, max(most, 3)
        )
        if small_zoom:
            rows = [self._task_in_one_row(rows)]
        self.task_rows = rows[:most]
        self.boxes = plan(cells, lines, len(self.task_rows), desk.page, desk.zoomed)
        if small_zoom:
            self.boxes.pop("title")
            self.boxes["task"] = self.boxes["task"]._replace(y=0)
            self.boxes[desk.page] = self.boxes[desk.page]._replace(y=1, height=lines - 2)
            talk = desk.mode in ("command", "filter", "form")
            if talk or not desk.message:
                self.boxes.pop("footer" if talk else "command")
            else:
                self.boxes["command"] = self.boxes["command"]._replace(y=lines - 2)
                self.boxes[desk.page] = self.boxes[desk.page]._replace(height=lines - 3)
            if talk:
                self.boxes["command"] = self.boxes["command"]._replace(y=lines - 1)
        self._make_room_for_message()
        return self.boxes

    def _make_room_for_message(self) -> None:
        """A message longer than its row takes rows from the page above it: the cure stands at its end."""
        desk, box = self.desk, self.boxes.get("command")
        typing = desk.mode in ("command", "filter", "form")
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

    def _task_state(self) -> TaskState:
        desk = self.desk
        return TaskState(desk.answer.text, desk.answer.cursor, desk.mode == "answer", desk.refusal)

    def rows(self, name: str) -> list[Row]:
        """The rows of one panel in exactly the size of its box."""
        box = self.boxes[name]
        rows = getattr(self, "_" + name)(box.width, box.height)
        rows = block(rows, box.width, box.height)
        if self.desk.terminal.ascii:
            rows = [[(ascii_text(text), style) for text, style in row] for row in rows]
        return rows

    # -- frame --------------------------------------------------------------------------------------------------

    def _title(self, cells: int, lines: int) -> list[Row]:
        view = self.desk.view
        return [frame.title_bar(view.guide, view.t, self.desk.running, self.desk.pacer.words, view.seed, cells)]

    def _top(self, cells: int, lines: int) -> list[Row]:
        view = self.desk.view
        return [frame.host_rule(view.hosts, view.link, self.desk.current, cells, self.boxes["left"].width)]

    def _task(self, cells: int, lines: int) -> list[Row]:
        return self.task_rows

    def _tabs(self, cells: int, lines: int) -> list[Row]:
        desk = self.desk
        count = str(len(desk.story.entries) or "")
        if desk.log.filter_text:
            count = f"{len(desk.log.rows)}/{count} filtered"
        return [frame.tabs(frame.PAGES.index(_PAGE_WORDS[desk.page]) + 1, {"Log": count}, frozenset(), cells)]

    def _command(self, cells: int, lines: int) -> list[Row]:
        desk = self.desk
        if self.said and desk.mode in ("keys", "answer"):
            return self.said
        if desk.mode == "command":
            ghost, words = completion(desk)
            offer = "  ".join(words[:6])[: cells // 2] if len(words) > 1 else ""
            return [*self.said, frame.command_line(desk.line.text, desk.line.cursor, ghost, cells, offer)]
        if desk.mode in ("filter", "form"):
            what = "filter, for example: server ACK, DATA lost" if desk.mode == "filter" else desk.message
            what = "" if self.said else what[: cells // 2]
            return [*self.said, frame.command_line(desk.line.text, desk.line.cursor, "", cells, what)]
        return [frame.message_line(desk.message, desk.message_style, self._offer(), cells)]

    def _offer(self) -> str:
        guide = self.desk.view.guide
        if guide.question is not None:
            typing = self.desk.mode == "answer"
            return "Time stands still until you answer." + ("  esc: the letters act as keys again" if typing else "")
        if guide.kind == "say" and guide.phase == "open":
            return "n or enter goes on"
        if todo := self.desk.todo():
            return f"enter does: {todo[0]}"
        return ": types a command, for example  " + "  ·  ".join(list(self.desk.socket_keys())[:2])

    def _footer(self, cells: int, lines: int) -> list[Row]:
        doing = self._doing()
        # `enter` does the command that the task names: where none is left to do, the footer does not offer it.
        items = [item for item in FOOTERS[doing] if self._offered(item, doing)]
        if doing == "keys" and self._other_acts():
            asked = [item for item in ("other", "hint") if item in items]
            rest = [item for item in items if item not in asked]
            items = [*rest[: rest.index("run") + 1], *asked, *rest[rest.index("run") + 1 :]]
        keys = [self._footer_key(item) for item in items]
        if self.desk.zoomed and any(item == "zoom" for item in items):
            zoom = self._footer_key("zoom:back to all")
            keys = [zoom, *(key for key in keys if key[0] != zoom[0])]
        return [frame.footer(keys, cells)]

    def _offered(self, item: str, doing: str) -> bool:
        """Whether a key does anything now: no hint where there is none left, no `go` where no command is."""
        if item == "hint":
            return bool(self.desk.view.guide.hints_left)
        return item != "go" or doing != "keys" or bool(self.desk.todo())

    def _other_acts(self) -> bool:
        """Whether a task may need the host not chosen: its next command names it, or it names none and both can act."""
        desk = self.desk
        named = next((host for text in desk.todo() for host in text.split()[:1] if host in desk.hosts), "")
        if named:
            return named != desk.hosts[desk.current]
        return all(host.newest is not None and not host.newest.tcb.gone for host in desk.view.hosts)

    def _doing(self) -> str:
        """Which footer fits what the learner is doing."""
        desk, phase = self.desk, self.desk.view.guide.phase
        if desk.mode == "answer" and not desk.answer.text and desk.question is not None:
            return "words" if desk.question.kind == "words" else "empty"
        if desk.mode != "keys":
            return desk.mode
        if desk.pacer.running:
            return "running"
        if desk.page == "log" and desk.log.picked is not None:
            return "log"
        if desk.page == "link" and desk.form.row is not None:
            return "link"
        if desk.question is not None:
            return "asked"
        if phase == "finished":
            return "finished"
        if phase == "none":
            return "sandbox"
        return "pending" if phase == "pending" or desk.view.guide.kind == "say" else "keys"

    def _footer_key(self, item: str) -> tuple[str, str]:
        key_id, _, words = item.partition(":")
        key = BY_ID[key_id]
        return key.cap, words or key.words

    # -- above the task -----------------------------------------------------------------------------------------

    def _left(self, cells: int, lines: int) -> list[Row]:
        return self._pane(0, cells, lines)

    def _right(self, cells: int, lines: int) -> list[Row]:
        return self._pane(1, cells, lines)

    def _pane(self, index: int, cells: int, lines: int) -> list[Row]:
        desk, view = self.desk, self.desk.view
        host = view.hosts[index]
        conn = host.newest
        armed = (
            tuple((name, desk.story.armed.get((host.name, conn.n, name), view.t)) for name, _ in conn.tcb.timers)
            if conn is not None
            else ()
        )
        state = PaneState(
            view.guide.show,
            view.guide.hide,
            desk.everything,
            desk.relative,
            desk.changed[index],
            desk.current == index,
            armed,
        )
        return host_pane(host, index, view.t, state, cells, lines)

    def _ladder(self, cells: int, lines: int) -> list[Row]:
        desk, view = self.desk, self.desk.view
        flights = {f.record.id: (f.depart, f.arrive) for f in view.in_flight}
        delay = max((d.delay for d in view.link.directions), default=0)
        state = LadderState((desk.hosts[0], desk.hosts[1]), view.t, flights, delay, desk.relative, desk.terminal.ascii,
                            desk.pacer.running)
        entries = desk.story.entries
        if desk.log.entry is not None and not desk.pacer.running:
            entries = entries[: entries.index(desk.log.entry) + 1 + lines // 2]
        if not entries:
            return self._empty_ladder(cells, lines, state)
        return ladder(entries, desk.story, state, cells, lines)

    def _empty_ladder(self, cells: int, lines: int, state: LadderState) -> list[Row]:
        """Before the first segment: the two lifelines and what will be seen between them."""
        rows = ladder([], self.desk.story, state, cells, lines)
        words = ("segments cross here,", "time runs downwards")
        for offset, text in enumerate(words):
            y = lines // 2 - 1 + offset
            if 0 <= y < lines:
                line = "".join(t for t, _ in rows[y])
                at = (cells - len(text)) // 2
                left, right = line.find("│"), line.rfind("│")
                rows[y] = [
                    (line[:left], "text"),
                    ("│", "client"),
                    (" " * (at - left - 1), "text"),
                    (text, "faint"),
                    (" " * (right - at - len(text)), "text"),
                    ("│", "server"),
                    (line[right + 1 :], "text"),
                ]
        return rows

    # -- pages --------------------------------------------------------------------------------------------------

    def _page(self, name: str, rows: list[Row], cells: int, lines: int, extra: Row | None = None) -> list[Row]:
        """A page's rows in its window, under its own title where there are no tabs."""
        desk = self.desk
        head = []
        if is_wide(self.cells, self.lines) or (desk.zoomed and "title" in self.boxes):
            number = frame.PAGES.index(_PAGE_WORDS[name]) + 1
            here = desk.page == name
            head = [
                rule(
                    f"{number} {_PAGE_WORDS[name]}",
                    cells,
                    title_style="good bold" if here else "head",
                    style="edge" if here else "rule",
                    extra=extra,
                )
            ]
        room = max(lines - len(head), 0)
        top = min(desk.scroll.get(name, 0), max(0, len(rows) - room))
        if name in desk.scroll:
            desk.scroll[name] = top
        seen = rows[top : top + room]
        if len(rows) > top + room and seen:
            seen[-1] = spread(seen[-1], [(" ▾ more: ↓ ", "dim on-bar")], cells)
        return [*head, *seen]

    def _guide(self, cells: int, lines: int) -> list[Row]:
        desk, guide = self.desk, self.desk.view.guide
        judged = {item.step_id for item in guide.feedback if item.good is not None}
        feedback = [item for item in guide.feedback if item.good is not None or item.step_id not in judged]
        rows = guide_page(guide, cells, desk.hosts, desk.key_for, desk.new_words, self.task_long, feedback,
                          desk.view.seed)
        return self._page("guide", rows, cells, lines)

    def _log(self, cells: int, lines: int) -> list[Row]:
        desk = self.desk
        header = 1 if is_wide(self.cells, self.lines) or (desk.zoomed and "title" in self.boxes) else 0
        hosts = (desk.hosts[0], desk.hosts[1])
        top, entries = desk.log.window(max(lines - header, 1), desk.pacer.running)
        digits = number_digits(entries, desk.story, desk.relative)
        rows = [
            log_line(entry, desk.story, desk.relative, hosts, cells, top + i == desk.log.picked, digits)
            for i, entry in enumerate(entries)
        ]
        if not rows:
            text = (
                "no segment matches the filter"
                if desk.log.filter_text
                else "every segment will stand here, as tcpdump prints it"
            )
            rows = [[(f"  {text}", "faint")]]
        extra: Row = [(f"{len(desk.log.rows)} ", "dim")]
        if desk.log.filter_text:
            extra.append((f"/ {desk.log.filter_text} ", "warn"))
        if not header:
            return rows
        scroll, desk.scroll["log"] = desk.scroll.get("log", 0), 0
        page = self._page("log", rows, cells, lines, extra)
        desk.scroll["log"] = scroll
        return page

    def _states(self, cells: int, lines: int) -> list[Row]:
        from .draw.state_diagram import Marks, legend, state_diagram

        desk, view = self.desk, self.desk.view
        hidden = "state" in view.guide.hide
        states = tuple(self._state(host) for host in view.hosts)
        marks = Marks(
            desk.hosts, states if not hidden else tuple("CLOSED" for _ in states), () if hidden else view.coverage
        )
        header = 1 if is_wide(self.cells, self.lines) or (desk.zoomed and "title" in self.boxes) else 0
        rows = state_diagram(marks, cells, max(lines - header, 1), desk.terminal.ascii)
        names = legend(marks, desk.terminal.ascii)
        return self._page("states", rows, cells, lines, [*(names if cells >= 50 else names[:-1]), (" ", "text")])

    @staticmethod
    def _state(host) -> str:
        from .draw.host_pane import state_of

        return state_of(host)

    def _link(self, cells: int, lines: int) -> list[Row]:
        view = self.desk.view
        return self._page("link", link_panel(view.link, view.in_flight, self.desk.form, cells), cells, lines)

    def _settings(self, cells: int, lines: int) -> list[Row]:
        return [rule("4 Link", cells), *compact(self.desk.view.link, cells, lines - 1)]

    def _tcb(self, cells: int, lines: int) -> list[Row]:
        desk, view = self.desk, self.desk.view
        rows = tcb_table(view.hosts, None, view.guide.hide, view.t, desk.relative, desk.changed, cells)
        name: Row = [(" TCB: Transmission Control Block", "bright"), (", what each end remembers", "dim")]
        return self._page("tcb", [name, *windows(view.hosts, cells), *rows], cells, lines)
