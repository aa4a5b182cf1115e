"""The registry of pages: numbers, tabs, help, own keys."""

from __future__ import annotations

import re

import pytest

from tcplab.tui import acts, footers, keys, pages
from tcplab.tui.desk import Desk
from tcplab.tui.draw import frame
from tcplab.tui.draw.help import help_rows
from tcplab.tui.draw.runs import plain, plain_rows, row_width
from tcplab.tui.key import LOOK, Key
from tests.tui.fake import FakeSession, talked
from tests.tui.screens import SIZES, drawn


@pytest.mark.parametrize("page", pages.PAGES, ids=lambda page: page.id)
def test_a_page_is_whole(page):
    assert len(re.findall(r"\.(?:\s+(?=[A-Z`])|$)", page.about)) == 3, "? explains in three sentences"
    assert len(page.word) <= 6 and page.tip and page.title
    assert keys.BY_ID[f"page{pages.number(page.id)}"].tip == page.tip
    assert all(key.page == page.id and callable(getattr(page, "do_" + key.id)) for key in page.KEYS)
    desk = Desk(FakeSession())
    text = plain_rows(help_rows(desk.pages[page.id], desk.hosts, 76))
    assert page.title in text and all(key.tip[:60] in text for key in page.KEYS)
    own = desk.pages[page.id].footer()
    assert all(item.partition(":")[0] in keys.BY_ID for item in (footers.FOOTERS[own] if isinstance(own, str) and own
                                                                 else own))


@pytest.mark.parametrize("page", pages.ORDER)
@pytest.mark.parametrize("size", SIZES)
def test_a_page_can_be_drawn_everywhere(page, size):
    for session in (FakeSession(), talked()):
        desk = Desk(session)
        acts.turn(desk, page)
        assert drawn(desk, *size)
        desk.zoomed = True
        assert drawn(desk, *size)


def test_eight_tabs_fit_80_columns():
    words = [(page.word, "12345" if page.id == "log" else "") for page in pages.PAGES]
    words += [("Longer", "")] * (8 - len(words))
    for current in range(1, 9):
        row = frame.tabs(current, words, 80)
        assert row_width(row) == 80
        assert all(f" {n} {word}" in plain(row).replace("  ", " ") for n, (word, _) in enumerate(words, 1))


def test_a_page_has_keys_of_its_own(monkeypatch):
    pressed = []
    page = pages.BY_ID["tcb"]
    mine = Key("shout", "m", "m", "shout", "say it aloud", LOOK, "tcb")
    monkeypatch.setattr(page, "do_shout", lambda self: pressed.append(self.desk.page), raising=False)
    monkeypatch.setattr(keys, "KEYS", [*keys.KEYS, mine])
    monkeypatch.setitem(keys.BY_ID, "shout", mine)
    desk = Desk(FakeSession())
    assert not desk.key("m", "m") and not pressed
    desk.act("page5")
    assert desk.key("m", "m") and pressed == ["tcb"]
    desk.act("page1")
    desk.act("shout")  # from the palette: its page comes to the front
    assert desk.page == "tcb" and pressed == ["tcb", "tcb"]
    desk.act("command")
    assert desk.key("m", "m") and desk.line.text == "m" and len(pressed) == 2
