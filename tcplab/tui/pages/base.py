"""What every page is: rows in a window, a heading where there are no tabs, keys that move, open and leave."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tcplab.tui.draw.runs import Row, rule, spread
from tcplab.tui.key import Key

if TYPE_CHECKING:
    from tcplab.tui.desk import Desk


class Page:
    """One page of a desk. Sub-classes say `id`, `word`, `title`, `about`, `tip`, `rows`; the rest as needed."""

    id: ClassVar[str]
    #: Its name on the tab; eight of them share 80 columns, so at most six letters.
    word: ClassVar[str]
    #: What `?` says: a heading and about three sentences.
    title: ClassVar[str]
    about: ClassVar[str]
    #: The sentence about its key in the table of keys.
    tip: ClassVar[str]
    #: Keys that act only on this page (each has `page` set to its id); `do_ID` of the page carries one out.
    KEYS: ClassVar[tuple[Key, ...]] = ()
    #: Whether `up` and `down` scroll rows that do not fit.
    scrolls: ClassVar[bool] = True

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._room = 10  # rows seen, from when it was last drawn

    # -- drawing ------------------------------------------------------------------------------------------------

    def rows(self, cells: int, lines: int) -> list[Row]:
        """What the page shows, for a window of this size; with `scrolls` there may be more rows than `lines`."""
        raise NotImplementedError

    def extra(self, cells: int) -> Row | None:
        """What stands at the right of the heading."""
        return None

    def count(self) -> str:
        """What stands beside its name on the tab."""
        return ""

    def help_rows(self, cells: int) -> list[Row]:
        """What the help shows below `about`."""
        return []

    def simple_rows(self, cells: int) -> list[Row]:
        """For the help of pages that show numbers: what is made simple here; nothing where nothing is."""
        from tcplab.front.simplified import simplified
        from tcplab.tui.draw.guide_text import guide_text

        words = simplified(self.desk.session)
        return [*guide_text(words, cells, self.desk.hosts), []] if words else []

    def panel(self, cells: int, lines: int, number: int, headed: bool) -> list[Row]:
        """The page in its window; `headed`: under its own title, because no tabs are shown."""
        desk = self.desk
        head: list[Row] = []
        if headed:
            here = desk.page == self.id
            title, edge = ("good bold", "edge") if here else ("head", "rule")
            head.append(rule(f"{number} {self.word}", cells, title_style=title, style=edge, extra=self.extra(cells)))
        room = self._room = max(lines - len(head), 0)
        rows = self.rows(cells, max(room, 1))
        if not self.scrolls:
            return [*head, *rows[:room]]
        top = min(desk.scroll.get(self.id, 0), max(0, len(rows) - room))
        if self.id in desk.scroll:
            desk.scroll[self.id] = top
        seen = rows[top : top + room]
        if len(rows) > top + room and seen:
            seen[-1] = spread(seen[-1], [(" ▾ more: ↓ ", "dim on-bar")], cells)
        return [*head, *seen]

    def footer(self) -> str | tuple[str, ...]:
        """What the footer offers while this page has the learner's attention: items of `footers`, '' for the usual."""
        return ""

    # -- keys ---------------------------------------------------------------------------------------------------

    def move(self, by: int) -> None:
        """Up (negative) or down."""
        self.desk.scroll[self.id] = max(0, self.desk.scroll.get(self.id, 0) + by)

    def leaf(self, by: int) -> None:
        """Up (-1) or down (1) by what is seen but one row, which tells where one was."""
        self.move(by * max(1, self._room - 1))

    def side(self, by: int) -> None:
        """Left (-1) or right (1)."""

    def first(self) -> None:
        """To the first row."""
        self.desk.scroll[self.id] = 0

    def last(self) -> None:
        """To the last row."""
        self.desk.scroll[self.id] = 1 << 20

    def enter(self) -> bool:
        """Open what is selected. Returns whether there was something."""
        return False

    def escape(self) -> bool:
        """Let go of what is selected here. Returns whether there was something."""
        return False

    def wheel(self, by: int) -> None:
        """The mouse's wheel: a few rows up (negative) or down."""
        self.move(3 * by if self.scrolls else by)

    def click(self, x: int, y: int, cells: int, lines: int) -> None:
        """A click on cell `x` of row `y` below the heading. What it does, a key does too."""

    def segment(self) -> int | None:
        """The number of the segment selected here, which the ladder sets off too; None for none."""
        return None

    def takes(self, key_id: str) -> bool:
        """Whether a key of this page means something now; if not, it acts as it does everywhere."""
        return True

    def turned_away(self) -> None:
        """Another page comes to the front."""
