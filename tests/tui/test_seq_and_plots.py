"""The bars of the sequence space and the plots: drawn from real sessions at every size, and moved by keys."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcplab.session.session import Session
from tcplab.tui.desk import Desk
from tcplab.tui.draw.plot import plot_rows, round_ticks
from tcplab.tui.draw.runs import plain, plain_rows, row_width
from tcplab.tui.draw.seq_bars import Direction, direction_rows, seq_rows
from tcplab.tui.terminal import Terminal
from tcplab.views.plots import NAMES, plot_model
from tests.tui.screens import SIZES, drawn

BUSY = ("client set profile rfc; server set profile rfc; link rate 5mbit; link delay 30ms; server listen 80; "
        "client connect server 80; run until idle; client send 20kB; run until idle")


@pytest.fixture(scope="module")
def session() -> Session:
    """In the middle of a repair: lost, SACKed, flying and repeated bytes at once."""
    found = Session.open("sandbox", 3)
    found.execute(BUSY)
    found.execute("client send 60kB; run 35ms; link drop next client DATA; run 100ms")
    return found


def bars(**changes) -> Direction:
    given = {"src": "client", "dst": "server", "role": "client", "peer_role": "server", "conn": 1, "una": 1001,
             "nxt": 3001, "right": 5001, "limit": 4001, "number": lambda key, value: str(value),
             "size": lambda key, value: str(value), "flying": ((1001, 3001),), "least": 400}
    return Direction(**(given | changes))


def test_every_meaning_has_its_own_glyph_in_its_own_place():
    d = bars(lost=((1001, 1501),), sacked=((1501, 2001),), flying=((2001, 2501), (2501, 3001)), again=((2501, 3001),),
             rcv_nxt=1001, rcv_right=5001, holes=((1501, 2001),))
    rows = direction_rows(d, 110, 6)
    text = plain_rows(rows)
    sends = plain(rows[1]).replace(" sends ", "").strip()
    order = "".join(dict.fromkeys(sends))
    assert order == "─✗s━R·┄", sends
    assert "".join(dict.fromkeys(plain(rows[-2]).replace(" holds ", "").strip())) == "─□◆┄"
    for words in ("in flight 2000", "cwnd 3000", "may send now 1000", "SND.UNA 1001", "SND.NXT 3001", "+cwnd 4001",
                  "+SND.WND 5001", "RCV.NXT 1001", "+RCV.WND 5001", "held 500"):
        assert words in text, words
    column = plain(rows[1]).index("✗")
    assert plain(rows[2])[column] == "▲" and plain(rows[-2])[column] == "□"


def test_a_wide_window_is_shown_as_going_on():
    text = plain_rows(direction_rows(bars(right=900_001), 80, 6))
    assert "┄›" in text and "+SND.WND 900001 ›" in text


def test_a_closed_window_lets_nothing_pass():
    d = bars(right=3001, rcv_nxt=3001, rcv_right=3001, unread=2000, flying=(), arrived=((1001, 3001),))
    text = plain_rows(direction_rows(d, 80, 6))
    assert "may send now 0" in text and "■" in text and "═" in text and "·" not in text


@given(cells=st.integers(20, 200), lines=st.integers(1, 20), una=st.integers(0, 10**9), flight=st.integers(0, 10**6),
       window=st.integers(0, 2**30), cwnd=st.integers(1, 10**7), unread=st.integers(0, 10**6))
def test_bars_fit_any_window(cells, lines, una, flight, window, cwnd, unread):
    d = bars(una=una, nxt=una + flight, right=una + window, limit=una + cwnd, flying=((una, una + flight),),
             rcv_nxt=una + flight, rcv_right=una + flight + window, unread=min(unread, una))
    rows = seq_rows([d, bars(nxt=1, una=1, flying=())], cells, lines)
    assert len(rows) <= lines and all(row_width(row) <= cells for row in rows)


def test_the_page_shows_the_repair_and_follows_the_numbers(session):
    desk = Desk(session)
    desk.act("page6")
    text = drawn(desk, 80, 24)
    assert all(words in text for words in ("R sent again", "s SACKed", "◆ held", "□ missing"))
    tcb = session.view().hosts[0].newest.tcb
    assert f"SND.UNA {tcb.snd_una}" in text and f"in flight {tcb.flight}" in text
    desk.act("numbers")
    assert f"SND.UNA {tcb.snd_una - tcb.iss}" in drawn(desk, 80, 24)
    desk.zoomed = True
    assert "tcptrace" in drawn(desk, 80, 24)


def test_a_hidden_variable_stays_hidden(session):
    desk = Desk(session)
    desk.act("page6")
    desk.view = desk.view._replace(guide=desk.view.guide._replace(hide=frozenset({"SND.UNA", "RCV.NXT"})))
    text = "\n".join(plain(row) for row in desk.pages["seq"].rows(80, 12))
    assert "SND.UNA ····" in text and str(session.view().hosts[0].newest.tcb.snd_una) not in text


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("ascii", [False, True])
def test_every_plot_at_every_size(session, size, ascii):
    desk = Desk(session, Terminal(ascii=ascii))
    desk.act("page7")
    for name in NAMES:
        assert desk.pages["plots"].name == name
        for desk.zoomed in (False, True):
            text = drawn(desk, *size)
            assert not ascii or text.isascii()
        assert f"{NAMES.index(name) + 1}/{len(NAMES)}" in text and " s" in text
        desk.act("right")
    assert desk.pages["plots"].name == NAMES[0]


def test_curves_are_told_apart_by_glyph_and_by_words(session):
    desk = Desk(session)
    flow = desk.series().flow("client", 1)
    rows = plot_rows(plot_model("tcptrace", flow), 100, 20)
    text = plain_rows(rows)
    assert "R sent again" in text and "s SACK" in text and "╌ ACK" in text and "═ window edge" in text
    assert {"client", "server", "good", "dup", "rtx"} <= {style for row in rows[1:] for _, style in row}
    assert text.count("\n") == 19 and all(row_width(row) == 100 for row in rows[1:])


def test_keys_choose_direction_and_stretch_of_time(session):
    desk = Desk(session)
    desk.act("page7")
    page = desk.pages["plots"]
    first = page.flow().src
    start, end = page.stretch(page.flow())
    assert desk.key("i", "i")
    closer, _ = page.stretch(page.flow())
    assert closer > start and end
    desk.act("escape")
    assert page.stretch(page.flow()) == (start, end)
    desk.act("down")
    assert page.flow().src == first  # only one direction carried data
    desk.act("left")
    assert page.name == NAMES[-1]


def test_a_long_past_is_read_a_piece_a_frame(session, monkeypatch):
    monkeypatch.setattr("tcplab.tui.series_reader.PIECE", 100)
    desk = Desk(session)
    desk.act("page7")
    assert "reading" in drawn(desk) and desk.busy
    for _ in range(len(session.trace) // 100 + 1):
        assert desk.tick() or not desk.busy
        drawn(desk)
    assert not desk.busy and "reading" not in drawn(desk)


@given(st.floats(0, 1e6), st.floats(0.001, 1e6), st.integers(2, 12))
def test_ticks_are_round_and_few(low, span, most):
    ticks = round_ticks(low, low + span, most)
    assert len(ticks) <= most + 1 and all(low - 1e-6 <= tick <= low + span + 1e-6 * span for tick in ticks)


def test_in_a_narrow_legend_values_give_way_before_names(session):
    plot = plot_model("tcptrace", Desk(session).series().flow("client", 1))
    wide, narrow = (plain(plot_rows(plot, cells, 20)[0]) for cells in (110, 78))
    assert "ACK 31.6 kB" in wide and "window edge 97.1 kB" in wide
    assert all(name in narrow for name in ("sent again", "SACK", "sent", "ACK", "window edge"))


def test_the_parts_of_a_bar_differ_in_ascii_too():
    from tcplab.tui.draw.runs import ascii_text
    from tcplab.tui.draw.seq_bars import HOLDS, SENDS

    for parts in (SENDS, HOLDS):
        shown = [ascii_text(part.glyph) for part in parts.values()]
        assert len(set(shown)) == len(shown), shown


def test_a_letter_chooses_a_plot_and_keys_move_through_time(session):
    desk = Desk(session)
    desk.act("page7")
    page = desk.pages["plots"]
    assert desk.key("p", "p") and desk.mode == "plot" and "t tcptrace" in drawn(desk)
    assert desk.key("t", "t") and page.name == "tcptrace" and desk.mode == "keys"
    assert desk.key("p", "p") and desk.key("x", "x") and page.name == "tcptrace" and not desk.view.link.rules
    whole = page.stretch(page.flow())
    for key in ("i", "i", "comma"):
        assert desk.key(key, key)
    start, end = page.stretch(page.flow())
    assert whole[0] < start < end < whole[1] and f" of {end / 1e9:.2g}"[:4] in drawn(desk)
    desk.key("full_stop", ".")
    desk.key("full_stop", ".")
    assert "newest" in desk.message
    desk.key("o", "o")
    desk.key("o", "o")
    assert page.stretch(page.flow()) == whole
    page.click(60, 8, 80, 20)
    assert page.stretch(page.flow()) != whole
    page.wheel(1)
    assert page.stretch(page.flow()) == whole


def test_the_busy_part_of_a_long_session_is_one_key_away():
    session = Session.open("sandbox", 3)
    session.execute("server listen 80; client connect server 80; run until idle; client send 2000; run until idle; "
                    "seek 300s; client send 10; run until idle")
    desk = Desk(session)
    desk.act("page7")
    page = desk.pages["plots"]
    assert page.stretch(page.flow())[1] >= 300 * 10**9 and " of 300 s" not in drawn(desk)
    desk.key("u", "u")
    assert page.stretch(page.flow())[1] < 2 * 10**9 and " of 300 s" in drawn(desk)
    desk.key("u", "u")
    assert page.stretch(page.flow())[1] >= 300 * 10**9
