"""Drawing, on plain text."""

from __future__ import annotations

from pathlib import Path

import pytest

from tcplab.net.views import DirectionView, LinkView
from tcplab.session.session import Session
from tcplab.session.views import Feedback
from tcplab.tui.desk import Desk
from tcplab.tui.draw import bars, frame, help, home, runs, summary
from tcplab.tui.draw.calm import calm
from tcplab.tui.draw.guide_text import guide_text
from tcplab.tui.draw.layout import plan, too_small
from tcplab.tui.draw.link_fields import BY_KEY, FIELDS, command, shown
from tcplab.tui.draw.link_panel import FormState, link_panel
from tcplab.tui.draw.runs import ascii_text, clean, fit, plain, plain_rows, row_width, wrap
from tcplab.tui.draw.values import seconds, span
from tcplab.tui.panels import Panels
from tests.tui.fake import FakeSession, lesson, run, talked
from tests.tui.screens import SIZES, drawn


def desk_of(session: FakeSession) -> Desk:
    return Desk(session)


@pytest.mark.parametrize("cells,lines", SIZES)
@pytest.mark.parametrize("page", ["guide", "log", "states", "link", "tcb"])
@pytest.mark.parametrize("zoomed", [False, True])
def test_every_page_fills_its_place_at_every_size(cells, lines, page, zoomed):
    for session in (talked(loss=True), lesson(), FakeSession()):
        desk = desk_of(session)
        desk.page, desk.zoomed = page, zoomed
        text = drawn(desk, cells, lines)
        assert len(text.splitlines()) <= lines


@pytest.mark.parametrize("cells,lines", SIZES)
def test_the_task_and_its_answer_box_stand_in_the_frame_at_every_size(cells, lines):
    desk = desk_of(lesson())
    desk.act("next")
    for page in ("guide", "log", "states", "link", "tcb"):
        for zoomed in (False, True):
            desk.page, desk.zoomed = page, zoomed
            text = drawn(desk, cells, lines)
            assert "Which ACK" in text and "your answer ›" in text


def test_panes_show_the_labs_variables_and_all_of_them_on_demand():
    desk = desk_of(lesson())
    desk.session.show = frozenset({"state", "SND.NXT"})
    run(desk.session, "next", "answer 4212", "client connect server 80")
    desk.refresh()
    text = drawn(desk)
    assert "SND.NXT      4212" in text and "ESTABLISHED" in text and "cwnd" not in text
    desk.act("variables")
    assert "SND.UNA" in drawn(desk)


def test_relative_numbers_count_from_zero():
    desk = desk_of(talked())
    desk.page = "log"
    assert "seq 4211" in drawn(desk)
    desk.act("numbers")
    text = drawn(desk)
    assert "seq 0 " in text and "1:101" in text and "4211" not in text


def test_ladder_rows_show_the_flight_the_loss_and_the_arrival():
    session = talked(loss=True)
    session.now += 22_000_000
    desk = desk_of(session)
    text = drawn(desk)
    assert "── #1 SYN seq 4211 ────────────▶" in text
    assert "│◀ #2 SYN,ACK seq 8077 ack 4212 ─│" in text  # no number is left out
    assert "#5 4312:4412 ack 8078 ─✗" in text
    assert "●" in text


def test_ladder_has_diagonals_from_sixty_columns_and_none_in_ascii():
    desk = desk_of(talked(loss=True))
    braille = [c for c in drawn(desk, 120, 36) if "\u2800" < c <= "\u28ff"]
    assert braille
    assert not [c for c in drawn(desk, 80, 24) if "\u2800" < c <= "\u28ff"]


def ladder_of(session, cells, lines):
    desk = desk_of(session)
    panels = Panels(desk)
    panels.arrange(cells, lines)
    return [plain(row) for row in panels.rows("ladder")]


def test_a_segment_that_has_just_left_stands_at_its_sender():
    for host in ("client", "server"):
        session = Session.open("sandbox", 1)
        session.execute("server listen 80; client connect server 80; run until idle; " + host + " send 100")
        (row,) = [row for row in ladder_of(session, 80, 24) if "●" in row]
        row = row[row.index("│") + 1 : row.rindex("│")]
        assert row.startswith("●  #4 ") if host == "client" else row.rstrip().endswith(" ●"), row


@pytest.mark.parametrize("cells,lines", [(60, 20), (72, 22), (80, 24)])
def test_a_row_of_the_ladder_never_hides_head_and_line_behind_words(cells, lines):
    for later in range(0, 60, 5):
        session = talked(loss=True)
        session.now += later * 1_000_000
        rows = [row[row.index("│") + 1 : row.rindex("│")] for row in ladder_of(session, cells, lines)]
        rows = [row for row in rows if "#" in row or row.strip()]
        assert rows
        for row in rows:
            assert sum(row.count(head) for head in "●▶◀✗❚") == 1, row
            # A segment that has just left stands at its sender, before its words.
            assert "─" in row or "●" in row[:3] or "●" in row[-3:], row


@pytest.mark.parametrize("cells,lines", [(120, 36), (160, 48)])
def test_no_words_stand_beside_the_arrowhead_of_another_segment(cells, lines):
    for count in (2, 4, 6, 9):
        session = talked(loss=True)
        for _ in range(count):
            session.advance_one()
        for row in ladder_of(session, cells, lines):
            inner = row[row.index("│") + 1 : row.rindex("│")]
            if inner[:1] == "◀":
                assert "#" not in inner[: len(inner) // 3], row
            if inner[-1:] == "▶":
                assert "#" not in inner[-len(inner) // 3 :], row


def test_the_line_of_a_diagonal_passes_through_its_words_unbroken():
    rows = [row for row in ladder_of(talked(), 160, 48) if "#" in row]
    assert rows
    for row in rows:
        inner = row[row.index("│") + 1 : row.rindex("│")].rstrip("▶").lstrip("◀")
        before, _, behind = inner.partition(" #")
        assert before.strip() or behind.strip()
        assert before.endswith(("⠒⠒", "●⠒", "⣀", "⠤")) or behind.endswith(("⠒⠒", "⠒●")), row


def test_ascii_terminals_get_ascii_everywhere():
    from tcplab.tui.terminal import Terminal

    for cells, lines in SIZES:
        desk = Desk(talked(loss=True), Terminal(ascii=True))
        for page in ("guide", "log", "states", "link", "tcb"):
            desk.page = page
            assert drawn(desk, cells, lines).isascii()


def test_log_says_what_befell_a_segment():
    desk = desk_of(talked(loss=True))
    desk.page = "log"
    text = drawn(desk)
    assert "C→S [S]" in text and "S→C [S.]" in text and "[mss 100]" in text and "✗ lost" in text


def test_markdown_subset_and_command_caps():
    caps = {"client close": "f"}
    rows = guide_text(
        "Close the **client** with [[client close]] or [[client abort]].\n\n- one `item`\n- two\n\n# End",
        60,
        ("client", "server"),
        lambda c: caps.get(c, ""),
    )
    text = plain_rows(rows)
    assert "[f] client close or client abort" in text and " · one item" in text and "End" in text
    assert ("client", "bright bold") in rows[0]


def test_wrap_breaks_at_blanks_and_cuts_monsters():
    rows = wrap([("aaa bbb ccc", "text")], 7)
    assert [plain(r).rstrip() for r in rows] == ["aaa bbb", "ccc"]
    assert all(row_width(r) <= 10 for r in wrap([("x" * 45, "text")], 10))
    assert [plain(r).rstrip() for r in wrap([("so the ", "text"), ("host", "key"), ("'s cable", "text")], 12)] == [
        "so the", "host's cable"]  # fmt: skip
    assert [plain(r).rstrip() for r in wrap([("see it (", "text"), ("[V]", "key"), (" log)", "text")], 10)] == [
        "see it", "([V] log)"]  # fmt: skip


def test_no_control_character_survives():
    assert clean("a\x1b[31mb\x07\u202e") == "a\ufffd[31mb\ufffd\ufffd"
    assert "\x1b" not in plain_rows(guide_text("evil \x1b]0;title\x07 text", 40))


def test_wide_characters_keep_their_cells():
    assert row_width(fit([("日本語テキスト", "text")], 9)) == 9
    assert ascii_text("日") == "??"


def test_rows_fit_spread_and_rule():
    assert plain(fit([("abcdef", "text")], 4)) == "abc…"
    assert plain(runs.spread([("ab", "t")], [("yz", "t")], 6)) == "ab  yz"
    assert plain(runs.rule("t", 8)) == "─ t ────"


def test_times_as_people_say_them():
    assert seconds(50_000_000) == "0.050" and span(50_000_000) == "50 ms"
    assert span(950_500_000) == "950 ms" and span(10**9) == "1.00 s" and span(58_200_000_000) == "58.2 s"
    assert span(240 * 10**9) == "4 min" and span(1_500_000) == "1.5 ms"


def test_bars_never_hide_a_rest():
    assert plain(bars.bar(1, 1000, 10, "good")) == "━─────────"
    assert plain(bars.bar(0, 1000, 4, "good")) == "────"
    assert plain(bars.bar(5, 0, 4, "good")) == "────"
    assert plain(bars.squares(3, 5)) == "■■■□□"
    assert len(plain(bars.squares(30, 40))) == 12


def test_footer_keeps_whole_pairs_and_the_way_out():
    keys = [("enter", "do it"), ("space", "run"), ("q", "leave (kept)")]
    assert plain(frame.footer(keys, 30)).rstrip() == " enter do it  q leave (kept)"


def test_link_settings_are_said_in_the_rule():
    there = DirectionView("client", "server", 50_000_000, 0, 50_000, 0, 0, 0, 10_000_000, 100, True, 0)
    back = there._replace(src="server", dst="client", loss=0)
    words = plain(frame.link_words(LinkView((there, back), ("link drop next any",), True), 90))
    assert "50 ms" in words and "loss 5%/0%" in words and "10mbit" in words and "HOLD" in words and "1 rule" in words


def test_form_shows_settings_and_writes_commands():
    there = DirectionView("client", "server", 50_000_000, 5_000_000, 50_000, 0, 0, 0, 0, 0, True, 0)
    assert shown(there, "loss") == "5%" and shown(there, "delay") == "50ms" and shown(there, "rate") == "no limit"
    back = there._replace(src="server", dst="client", jitter=0)

    def written(key: str, typed: str, column: int = 1) -> str:
        return command(BY_KEY[key], typed, (there, back), column)

    assert written("loss", "5%") == "link loss 5% from client" and written("loss", "5%", 0) == "link loss 5%"
    assert written("delay", "20ms") == "link delay 20ms jitter 5ms from client"
    assert written("delay", "20ms", 0) == "link delay 20ms jitter 5ms from client; link delay 20ms from server"
    assert written("jitter", "1ms", 0) == "link delay 50ms jitter 1ms"
    assert written("up", "down", 2) == "link down from server"
    assert written("limit", "20") == "link limit 20 from client"
    assert written("gemodel", "5% 50%", 0) == "link loss gemodel 5% 50%"
    rows, at, below = link_panel(LinkView((there,), (), False), (), FormState(), 70)
    assert at is None and "enter types a value" in plain(below)
    text = plain_rows(rows)
    assert all(field.label in text for field in FIELDS)


def test_layout_never_overlaps_and_never_leaves_the_window():
    for cells in (60, 79, 80, 109, 110, 132, 150, 200):
        for lines in (20, 24, 31, 32, 40, 48, 70):
            for page in ("guide", "log", "states", "link", "tcb"):
                for zoomed in (False, True):
                    boxes = plan(cells, lines, 4, page, zoomed)
                    taken = set()
                    for x, y, width, height in boxes.values():
                        mine = {(i, j) for i in range(x, x + width) for j in range(y, y + height)}
                        assert not mine & taken
                        assert all(0 <= i < cells and 0 <= j < lines for i, j in mine)
                        taken |= mine
    assert too_small(59, 24) and too_small(80, 19) and not too_small(60, 20)


def test_home_highlights_one_lab_and_tells_what_enter_does():
    items = [
        home.Item("lab", "handshake", "The three-way handshake", "Who speaks first?", 10, 1),
        home.Item("sandbox", "sandbox", "The sandbox"),
        home.Item("recording", "r", "data", when="22 Nov 12:00"),
    ]
    for cells, lines in SIZES:
        text = plain_rows(home.home_rows(items, 0, "", cells, lines - 3))
        assert text.count("▸") == 1 and "enter opens it" in text and "1 · The three-way" in text


def test_summary_names_score_recording_and_grading_command():
    session = lesson()
    for line in ("next", "answer 4212", "client connect server 80", "answer b", "client close"):
        run(session, line)
    view = session.view()
    learnt = [Feedback("a", True, "", "A SYN uses up one number.", "9293 3.5", 3, 3)]
    rows = summary.summary_rows(view.guide, learnt, Path("/srv/ada/x.jsonl"), 76)
    text = plain_rows(rows)
    assert "6 of 6" in text and "Full marks" in text and "A SYN uses up one number." in text
    assert "tcplab grade handshake /srv/ada/x.jsonl" in text
    rows = summary.summary_rows(view.guide, learnt, Path("/srv/" + "a" * 60 + "/x.jsonl"), 76)
    assert "tcplab grade handshake \\\n/srv/aaa" in plain_rows(rows)  # a shell joins the two


def test_help_explains_page_words_and_every_key():
    from tcplab.tui.keys import KEYS

    text = plain_rows(help.help_rows(Desk(FakeSession()).pages["log"], ("client", "server"), 76))
    assert "tcpdump" in text and "SND.UNA" in text
    assert all(key.tip[:50] in text for key in KEYS)


@pytest.mark.parametrize("cells", [40, 76, 118, 158])
def test_the_table_of_keys_cuts_no_words(cells):
    from tcplab.tui.keys import KEYS

    rows = help.key_rows(cells)
    words = " ".join(plain_rows(rows).split())
    assert all(row_width(row) <= cells for row in rows)
    if cells < 110:  # in two columns what is wrapped stands beside other words
        assert all(f"{key.cap} {key.tip}" in words for key in KEYS)
    assert all(word in words for key in KEYS for word in key.tip.split())
    assert max(len(row) for row in rows) >= (4 if cells >= 110 else 2)


@pytest.mark.parametrize("later", range(0, 52, 3))
def test_no_dot_stands_on_the_words_of_a_diagonal(later):
    from tcplab.tui.draw.segment_line import label

    session = Session.open("sandbox", 3)
    session.execute("client set profile rfc; server set profile rfc; link rate 5mbit; link delay 30ms; "
                    "server listen 80; client connect server 80; seek 200ms; client send 20kB; seek 800ms; "
                    f"client send 60kB; seek 835ms; link drop next client DATA; seek {910 + later}ms")
    desk = desk_of(session)
    panels = Panels(desk)
    panels.arrange(160, 48)
    rows = [plain(row) for row in panels.rows("ladder")]
    heads = [row for row in rows if "●" in row]
    assert heads
    whole = {label(entry, desk.story, False, room) for entry in desk.story.entries for room in range(20, 60)}
    whole = {text for text in whole if ' ' in text}
    for row in rows:
        for words in row.replace("↻", "").split("#")[1:]:
            assert any(("#" + words).startswith(text.lstrip("↻")) for text in whole), row


def test_a_wide_rule_parts_the_links_settings():
    there = DirectionView("client", "server", 50_000_000, 0, 50_000, 0, 0, 0, 10_000_000, 100, True, 0)
    link = LinkView((there, there._replace(src="server", dst="client")), (), False)
    assert plain(frame.link_words(link, 90)) == "link 50 ms each way · loss 5% · rate 10mbit"
    assert plain(frame.link_words(link, 44)) == "link 50 ms each way loss 5% rate 10mbit"


def test_a_repeated_segment_keeps_its_number_and_says_so_where_room_is_short():
    from tcplab.tui.draw.segment_line import label

    session = Session.open("sandbox", 1)
    session.execute("client set profile rfc; server set profile rfc; server listen 80; client connect server 80; "
                    "run until idle; link drop next client DATA; client send 3kB; run until client DATA repeated")
    story = desk_of(session).story
    entry = next(entry for entry in story.entries if entry.mark == "rtx")
    for room in range(10, 60):
        words = label(entry, story, False, room)
        assert len(words) <= room and words.startswith(f"↻#{entry.rec.id}"), (room, words)


def test_nothing_is_shown_twice_beside_the_links_page():
    desk = desk_of(talked())
    for page, times in (("link", 1), ("seq", 1)):
        desk.page = page
        text = drawn(desk, 120, 36)
        assert text.count("4 Link") == times and text.count("delay") == times


def test_a_slow_line_has_the_same_words_in_fewer_styles():
    row = [("  0.300 ", "dim"), ("S→C", "server bold"), (" [.] ", "text"), ("seq ", "dim"), ("2571 ", "head"),
           ("ack ", "dim"), ("8155 ", "text"), ("len 0 ", "dim"), ("on its way", "faint")]  # fmt: skip
    less = calm(row)
    assert plain(less) == plain(row)
    assert [words for _, words in less] == ["dim", "server bold", *["text"] * 5, "dim", "dim"]
    picked = [(text, f"{words} on-pick") for text, words in row]
    assert [words for _, words in calm(picked)] == [f"{words} on-pick" for _, words in less]
