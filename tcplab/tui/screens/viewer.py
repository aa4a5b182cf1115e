"""`tcplab view FILE`: a captured file, loaded with a bar that `esc` stops, then looked at."""

from __future__ import annotations

import threading
from pathlib import Path

from textual import events

from tcplab.tui.captured.desk import PastDesk
from tcplab.tui.captured.pages import ORDER, keys_here
from tcplab.tui.captured.panels import Panels, parts
from tcplab.tui.draw.layout import Box
from tcplab.tui.draw.runs import Row, block, clean, fit, wrap
from tcplab.tui.keys import KEYS
from tcplab.tui.screens.base import Page, bindings
from tcplab.tui.screens.reader import Reader
from tcplab.tui.widgets.surface import Part

#: Keys of the table that have no meaning where all is past, and what to do instead.
_PAST = "A capture: all of it is past. ↓ ↑ move the cursor, ] jumps, i goes to a time."


class Viewer(Page, inherit_bindings=False):
    """Loads a capture in a thread of its own, so that the screen stays alive; then routes keys to its desk."""

    BINDINGS = bindings()

    def __init__(self, path: Path, number: int | None = None, absolute: bool = False) -> None:
        """`number` opens that connection at once; `absolute` shows sequence numbers as they are on the wire."""
        super().__init__()
        self.absolute = absolute
        self.path, self.number = path, number
        self.desk: PastDesk | None = None
        self.problem = ""
        self._done = (0, 1, 0)
        self._stop = threading.Event()
        self._outcome: tuple | None = None

    def on_mount(self) -> None:
        self.frames = self.set_interval(1 / 10, self.frame)
        self._loader = threading.Thread(target=self._load, daemon=True)
        self._loader.start()

    # -- loading ------------------------------------------------------------------------------------------------

    def _load(self) -> None:
        """In the thread: nothing but numbers and the outcome is handed over."""
        from tcplab.capture.container import CaptureError
        from tcplab.capture.flows import Stopped, load

        def progress(done: int, total: int, packets: int) -> bool:
            self._done = (done, total, packets)
            return not self._stop.is_set()

        try:
            self._outcome = load(self.path, progress), ""
        except Stopped:
            self._outcome = None, "stopped"
        except CaptureError as error:
            self._outcome = None, f"{self.path.name}: {error}; {error.cure}"
        except OSError as error:
            self._outcome = None, f"{self.path.name}: {error.strerror}; name a pcap or pcapng file that you may read"
        except Exception as error:  # a defect must not leave a bar that stands still for ever
            self._outcome = None, f"{self.path.name}: cannot be read ({type(error).__name__}: {error})"

    def frame(self) -> None:
        """While loading the bar moves; later only what is still being worked out asks for frames."""
        if self.desk is None and self._outcome is not None:
            capture, self.problem = self._outcome
            if capture is None and self.problem == "stopped":
                self.app.leave_viewer()
                return
            if capture is not None:
                self.desk = PastDesk(capture, self.path.name, self.app.terminal, self.number)
                self.desk.relative = self.desk.relative and not self.absolute
        if self.desk is not None:
            self.desk.tick()
        self.draw()
        self._pace()

    def _pace(self) -> None:
        loading = self.desk is None and not self.problem
        if loading or (self.desk is not None and self.desk.busy):
            self.frames.resume()
        else:
            self.frames.pause()

    def on_unmount(self) -> None:
        self._stop.set()
        if self.desk is not None:
            self.desk.capture.close()

    # -- drawing ------------------------------------------------------------------------------------------------

    def parts(self, cells: int, lines: int) -> list[Part]:
        if self.desk is not None:
            return parts(self.desk, cells, lines)
        title = fit([(" tcplab ", "ink on-good bold"), (f" {clean(self.path.name)}", "bright bold on-bar")], cells,
                    "text on-bar")
        words: list[Row] = wrap([(clean(self.problem), "warn")], cells - 4, "  ") if self.problem else self._bar(cells)
        foot = fit([(" esc", "key bold on-bar"), (" leave" if self.problem else " stop", "text on-bar")], cells,
                   "text on-bar")
        return [(Box(0, 0, cells, 1), [title]),
                (Box(0, 1, cells, lines - 2), block([[] for _ in range(lines // 3)] + words, cells, lines - 2)),
                (Box(0, lines - 1, cells, 1), [foot])]

    def _bar(self, cells: int) -> list[Row]:
        done, total, packets = self._done
        room = min(50, cells - 20)
        full = min(done * room // max(total, 1), room)
        return [[("  reading the capture", "text")], [],
                [("  ", "text"), ("■" * full, "good"), ("□" * (room - full), "faint"),
                 (f" {done * 100 // max(total, 1):>3}%", "bright bold")], [],
                [(f"  {packets:,} packets, {done:,} of {total:,} bytes", "dim")]]

    # -- the mouse ----------------------------------------------------------------------------------------------

    def on_click(self, event: events.Click) -> None:
        """A click means what `captured.mouse` says; the keys do all of this too."""
        if self.desk is not None and self.stands:
            from tcplab.tui.captured import mouse

            panels = Panels(self.desk, self.app.size.width, self.app.size.height)
            mouse.click(panels, int(event.screen_x), int(event.screen_y), self._press)
            self._after()

    def wheel(self, x: int, y: int, by: int) -> None:
        if self.desk is not None:
            from tcplab.tui.captured import mouse

            mouse.wheel(Panels(self.desk, self.app.size.width, self.app.size.height), x, y, by)
            self._after()

    def _press(self, key: str, character: str | None) -> None:
        """A key that was clicked on."""
        if not self.desk.type(key, character):
            entry = next((e for e in KEYS if not e.page and key in e.key.split(",")), None)
            if entry is not None:
                self.act(entry.id)

    # -- keys ---------------------------------------------------------------------------------------------------

    async def on_key(self, event: events.Key) -> None:
        if self.desk is not None and self.stands and self.desk.type(event.key, event.character):
            event.stop()
            event.prevent_default()
            self._after()

    def on_paste(self, event: events.Paste) -> None:
        if self.desk is not None and self.desk.mode != "keys":
            self.desk.line.insert(event.text)
            event.stop()
            self.draw()

    def act(self, key_id: str) -> None:
        desk = self.desk
        if desk is None:
            if key_id in ("escape", "quit"):
                self._stop.set()
                if self.problem:
                    self.app.leave_viewer()
            return
        desk.message = ""
        does = getattr(self, "_do_" + key_id, None)
        page = desk.pages[desk.page]
        moves = {"up": -1, "down": 1}
        leaves = {"page_up": -1, "page_down": 1}
        if does is not None:
            does(desk)
        elif key_id in moves:
            page.move(moves[key_id])
        elif key_id in leaves:
            page.leaf(leaves[key_id])
        elif key_id.startswith("page") and key_id[4:].isdigit():
            number = int(key_id[4:])
            desk.turn(ORDER[number - 1]) if number <= len(ORDER) else desk.say(
                f"A capture has {len(ORDER)} pages.", "dim")
        else:
            desk.say(_PAST, "dim")
        self._after()

    def _do_go(self, desk: PastDesk) -> None:
        desk.pages[desk.page].enter()

    def _do_left(self, desk: PastDesk) -> None:
        desk.pages[desk.page].side(-1)

    def _do_right(self, desk: PastDesk) -> None:
        desk.pages[desk.page].side(1)

    def _do_first(self, desk: PastDesk) -> None:
        desk.pages[desk.page].first()

    def _do_last(self, desk: PastDesk) -> None:
        desk.pages[desk.page].last()

    def _do_turn(self, desk: PastDesk) -> None:
        desk.turn(ORDER[(ORDER.index(desk.page) + 1) % len(ORDER)])

    def _do_turn_back(self, desk: PastDesk) -> None:
        desk.turn(ORDER[ORDER.index(desk.page) - 1])

    def _do_ladder(self, desk: PastDesk) -> None:
        desk.turn("log")
        if desk.lens is not None:
            desk.say("↓ ↑ move the cursor, which the ladder sets off; enter opens its segment.", "dim")

    def _do_zoom(self, desk: PastDesk) -> None:
        desk.zoomed = not desk.zoomed

    def _do_numbers(self, desk: PastDesk) -> None:
        desk.relative = not desk.relative
        desk.say("Sequence numbers count from each side's first one." if desk.relative
                 else "Sequence numbers as they are on the wire.", "dim")

    def _do_other(self, desk: PastDesk) -> None:
        if desk.page != "conns":
            desk.say("o orders the list of connections (page 1).", "dim")
            return
        desk.say(f"Ordered: {desk.pages['conns'].next_order()}.", "dim")

    def _do_filter(self, desk: PastDesk) -> None:
        if desk.page == "conns":
            desk.begin("filter", desk.pages["conns"].sought, "part of an address or a port")
            return
        desk.turn("log")
        desk.begin("filter", desk.log.filter_text, "for example: A DATA repeated, any where len > 500")

    def _do_seek(self, desk: PastDesk) -> None:
        if desk.lens is None:
            desk.say("Choose a connection first: ↓ ↑ and enter.", "warn")
        else:
            desk.begin("seek", "", "to which time? 1.25s or 50%")

    def _do_jump_next(self, desk: PastDesk) -> None:
        desk.jump(1)

    def _do_jump_back(self, desk: PastDesk) -> None:
        desk.jump(-1)

    def _do_escape(self, desk: PastDesk) -> None:
        """Leave the innermost thing: a selection, a filter, the zoom, the connection."""
        if desk.pages[desk.page].escape():
            return
        if desk.log.filter_text and desk.page == "log":
            desk.log.set_filter("", None)
        elif desk.zoomed:
            desk.zoomed = False
        elif desk.page != "conns":
            desk.turn("conns")
        else:
            desk.say("q leaves.", "dim")

    def _do_explain(self, desk: PastDesk) -> None:
        desk.intent = "help"

    def _do_export(self, desk: PastDesk) -> None:
        desk.intent = "export"

    def _do_theme(self, desk: PastDesk) -> None:
        self.app.toggle_theme()

    def _do_palette(self, desk: PastDesk) -> None:
        self.app.open_palette()

    def _do_quit(self, desk: PastDesk) -> None:
        desk.intent = "quit"

    def _after(self) -> None:
        """Draw, and go to the screen the desk asks for."""
        self.draw()
        self._pace()
        intent, self.desk.intent = self.desk.intent, ""
        if intent:
            name, _, rest = intent.partition(":")
            getattr(self, "_open_" + name)(*([rest] if rest else []))

    # -- other screens ------------------------------------------------------------------------------------------

    def _open_reading(self) -> None:
        self.app.push_screen(Reader(*self.desk.reading))

    def _open_inspect(self) -> None:
        from tcplab.tui.captured.inspection import PastInspection
        from tcplab.tui.screens.inspector import Inspector

        desk, log = self.desk, self.desk.log
        if log.picked is None:
            return

        def left(index: int) -> None:
            log.picked = index

        self.app.push_screen(Inspector(lambda entry: PastInspection(desk, entry), log.rows, log.picked, desk.hosts,
                                       relative=desk.relative, left=left))

    def _open_copy(self, rest: str) -> None:
        """The selected row of the log, or all that are shown."""
        from tcplab.tui.copying import copy_rows

        copy_rows(self, rest)

    def _open_help(self) -> None:
        from tcplab.tui.draw.guide_text import guide_text
        from tcplab.tui.draw.help import key_rows, sign_rows

        desk, page = self.desk, self.desk.pages[self.desk.page]

        def rows(cells: int) -> list[Row]:
            found: list[Row] = [[(page.title, "good bold")], *guide_text(page.about, cells), []]
            if desk.capture.cautions:
                found.append([("About this file", "good bold")])
                for caution in desk.capture.cautions:
                    found += wrap([(clean(caution), "warn")], cells, "   ", " ! ")
                found.append([])
            keys = keys_here(lambda key_id: hasattr(self, "_do_" + key_id))
            found += [[("Signs on the ladder", "good bold")], *sign_rows(cells), []]
            return [*found, [("Keys", "good bold")], *key_rows(cells, keys)]

        self.app.push_screen(Reader("What is this?", rows))

    def _open_export(self) -> None:
        """The open connection as text, Mermaid and pictures; as a capture it exists already."""
        from tcplab.export.files import KINDS
        from tcplab.tui.screens.takeaway import TakeAway
        from tcplab.tui.taking import Taking

        desk = self.desk
        if desk.lens is None:
            desk.say("Choose a connection first: ↓ ↑ and enter.", "warn")
            self.draw()
            return
        base = Path.cwd() / f"{self.path.stem}-{desk.lens.conn.number}"
        form = Taking(tuple(kind for kind in KINDS if kind.id != "pcapng"), base, desk.subject, self.app.pen)

        def left() -> None:
            if form.summary is not None:
                desk.say(*form.summary)
                self.draw()

        self.app.push_screen(TakeAway(form, left))

    def _open_quit(self) -> None:
        self.app.leave_viewer()
