"""A capture's desk drawn at a size: title, the two ends, the ladder up to the cursor, the pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tcplab.tui.draw import frame
from tcplab.tui.draw.connections import end_pane, ends_rule
from tcplab.tui.draw.ladder import LadderState, ladder
from tcplab.tui.draw.layout import Box, is_wide
from tcplab.tui.draw.runs import Row, block, clean, fit, plain, spread
from tcplab.tui.draw.values import seconds, span
from tcplab.tui.keys import BY_ID

from .pages import ORDER

if TYPE_CHECKING:
    from tcplab.tui.widgets.surface import Part

    from .desk import PastDesk

#: What the footer offers: key ids in order of weight, with words of their own where the table's do not fit.
_LIST = ("go:open", "up", "down", "other:order", "filter:search", "explain:help", "turn", "export", "quit:leave")
_ONE = ("up:up", "down:down", "jump_next:next sight", "seek", "filter", "go:inspect", "page1:connections", "turn",
        "numbers", "explain:help", "export", "zoom", "quit:leave")
_PLOTS = ("plot_pick", "left:before", "right:next", "plot_closer", "plot_wider", "plot_earlier", "plot_later",
          "plot_whole", "page1:connections", "turn", "explain:help", "zoom", "quit:leave")
_TYPING = ("go:done", "escape:leave it")


def boxes(cells: int, lines: int, page: str, zoomed: bool, opened: bool) -> dict[str, Box]:
    """Every visible panel's rectangle."""
    plan = {"title": Box(0, 0, cells, 1), "command": Box(0, lines - 2, cells, 1), "footer": Box(0, lines - 1, cells, 1)}
    if not opened or zoomed:
        plan["tabs"] = Box(0, 1, cells, 1)
        return plan | {page: Box(0, 2, cells, lines - 4)}
    top = max(4, (lines - 5) // 3)
    pane = 0 if cells < 100 else 22
    plan["top"] = Box(0, 1, cells, 1)
    plan["ladder"] = Box(pane, 2, cells - 2 * pane, top)
    if pane:
        plan |= {"left": Box(0, 2, pane, top), "right": Box(cells - pane, 2, pane, top)}
    y, room = 2 + top, lines - 4 - top
    if not is_wide(cells, lines):
        return plan | {"tabs": Box(0, y, cells, 1), page: Box(0, y + 1, cells, room - 1)}
    left = 79 if room >= 24 and cells >= 150 else 40
    log = max(4, room // 4 if page == "plots" else room * 9 // 20)
    front = page if page in ("conns", "plots") else "plots"
    right = Box(left + 1, y + log, cells - left - 1, room - log)
    return plan | {"states": Box(0, y, left, room), "log": Box(left + 1, y, cells - left - 1, log), front: right}


def parts(desk: PastDesk, cells: int, lines: int) -> list[Part]:
    """Everything on the screen, by rectangles."""
    return Panels(desk, cells, lines).parts()


class Panels:
    """A capture's desk at a size; `plan` says where each panel stands."""

    def __init__(self, desk: PastDesk, cells: int, lines: int) -> None:
        self.desk, self.cells, self.lines = desk, cells, lines
        self.plan = boxes(cells, lines, desk.page, desk.zoomed, desk.lens is not None)

    def parts(self) -> list[Part]:
        """Everything on the screen, by rectangles."""
        return [(box, block(self.rows(name, box), box.width, box.height)) for name, box in self.plan.items()]

    def rows(self, name: str, box: Box) -> list[Row]:
        page = self.desk.pages.get(name)
        if page is None:
            return getattr(self, "_" + name)(box.width, box.height)
        return page.panel(box.width, box.height, ORDER.index(name) + 1, "tabs" not in self.plan)

    def _title(self, cells: int, lines: int) -> list[Row]:
        desk = self.desk
        left: Row = [(" tcplab ", "ink on-good bold"), (f" {clean(desk.name)}", "bright bold on-bar")]
        if desk.lens is not None:
            many = len(desk.capture.connections)
            left.append((f"  connection {desk.lens.conn.number} of {many}", "dim on-bar"))
            right: Row = [("captured", "warn bold on-bar"), (f"  {seconds(desk.now, 6)} s ", "bright on-bar")]
        else:
            right = [(f"{desk.capture.total:,} packets ", "dim on-bar")]
        return [spread(left, right, cells, "text on-bar")]

    def _top(self, cells: int, lines: int) -> list[Row]:
        rtt = self.desk.lens.conn.reader.rtt
        words = f"handshake {span(rtt)}" if rtt is not None else "captured"
        return [ends_rule(self.desk.lens, words, cells)]

    def _left(self, cells: int, lines: int) -> list[Row]:
        return end_pane(self.desk.lens, 0, self.desk.cursor, cells, lines)

    def _right(self, cells: int, lines: int) -> list[Row]:
        return end_pane(self.desk.lens, 1, self.desk.cursor, cells, lines)

    def _ladder(self, cells: int, lines: int) -> list[Row]:
        """What passed around the cursor, which is set off; the rows move by as few as it takes."""
        desk = self.desk
        count, cursor = len(desk.story.entries), desk.cursor
        at = count - 1 if cursor is None else cursor
        top = min(max(desk.ladder_top, at - lines + 1), at)
        desk.ladder_top = top = max(0, min(top, count - lines))
        entry = desk.log.entry
        state = LadderState(("A", "B"), desk.story.entries[-1].rec.sent_at if count else 0, {}, 0, desk.relative,
                            desk.terminal.ascii, level=True, picked=entry.rec.id if entry is not None else None)
        return ladder(desk.story.entries[top : top + lines], desk.story, state, cells, lines)

    def _tabs(self, cells: int, lines: int) -> list[Row]:
        desk = self.desk
        words = [(page.word, page.count()) for page in desk.pages.values()]
        return [frame.tabs(ORDER.index(desk.page) + 1, words, cells)]

    def _command(self, cells: int, lines: int) -> list[Row]:
        desk = self.desk
        if desk.mode != "keys":
            return [frame.command_line(desk.line.text, desk.line.cursor, "", cells, desk.message[: cells // 2])]
        cautions = desk.capture.cautions
        more = f"  (? tells {len(cautions) - 1} more)" if len(cautions) > 1 else ""
        offer = cautions[0] if cautions else "What a capture does not say is inferred, and marked so."
        if not desk.message and cautions:
            return [fit([(" ! ", "warn bold on-bar"), (clean(offer), "warn on-bar"), (more, "dim on-bar")], cells,
                        "text on-bar")]
        return [frame.message_line(desk.message, desk.message_style, offer, cells)]

    def tab_at(self, x: int) -> str:
        """The page whose tab lies under a cell of the row of tabs, '' for none."""
        row, found, at = plain(self._tabs(self.plan["tabs"].width, 1)[0]), "", 0
        for number, page in enumerate(self.desk.pages.values(), 1):
            at = row.find(page.word, at)
            # Its number stands before its word.
            if at < 0 or x < at - len(str(number)) - 3:
                break
            found = page.id
        return found if x <= row.rstrip().find("tab turns") or "tab turns" not in row else ""

    def key_at(self, x: int) -> str:
        """The cap of the key whose cap or words lie under a cell of the footer, '' for none."""
        row, at = plain(self._footer(self.cells, 1)[0]), 0
        for cap, words in self._keys():
            found = row.find(f"{cap} {words}", at)
            if found >= 0 and found <= x < found + len(cap) + 1 + len(words):
                return cap
        return ""

    def _footer(self, cells: int, lines: int) -> list[Row]:
        return [frame.footer(self._keys(), cells)]

    def _keys(self) -> list[tuple[str, str]]:
        """Caps and words of the keys that matter now."""
        desk = self.desk
        items = {"conns": _LIST, "plots": _PLOTS}.get(desk.page, _ONE) if desk.mode == "keys" else _TYPING
        keys = []
        for item in items:
            key_id, _, words = item.partition(":")
            keys.append((BY_ID[key_id].cap, words or BY_ID[key_id].words))
        return keys
