"""The page of the hosts: connections to choose from, every call and option, the same as typed commands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcplab import Session
from tcplab.net.options import OPTIONS
from tcplab.session.commands import parse_line
from tcplab.session.labs import context_of
from tcplab.session.recording import read_recording
from tcplab.session.tokens import split_line, unquote
from tcplab.tui import pages
from tcplab.tui.desk import Desk
from tcplab.tui.host_items import FIRST, send_words
from tests.tui.screens import SIZES, app_for, drawn, run_out
from tests.tui.test_touch import OPENED, bench, press, typed

TWO = "client connect server 80; run until idle"


def page(*lines: str, record=None) -> Desk:
    desk = bench(*lines, record=record)
    desk.act(f"page{pages.number('hosts')}")
    return desk


def go_to(desk: Desk, text: str) -> None:
    """The cursor to the line that begins with `text`."""
    hosts = desk.pages["hosts"]
    press(desk, "g")
    for _ in range(80):
        here = hosts.chosen().text
        if here == text or here.split(" ")[0] == text or (" " in text and here.startswith(text)):
            return
        press(desk, "down")
    raise AssertionError(f"no line {text!r}")


@pytest.mark.parametrize(("line", "keys", "command"), [
    ("send", ("enter", "enter"), "client send 100"), ("send", ("enter", *"9kB", "enter"), "client send 9kB"),
    ("send", ("enter", *"hi; there", "enter"), 'client send "hi; there"'),
    ("read", ("enter", "enter"), "client recv all"), ("read", ("enter", *"20", "enter"), "client recv 20"),
    ("reading", ("enter",), "client set reading off"), ("close", ("enter",), "client close"),
    ("abort", ("enter",), "client abort"), ("connect", ("enter", "enter"), "client connect server 80"),
    ("connect", ("enter", *"80 from 5000", "enter"), "client connect server 80 from 5000"),
    ("listen", ("enter", *"99 backlog 2", "enter"), "client listen 99 backlog 2"),
    ("program", ("enter", *"echo", "enter"), "client app echo"),
    ("program", ("enter", *"request 50 answer 70", "enter"), "client app request 50 answer 70"),
    ("nagle", ("enter",), "client set nagle on"), ("mss", ("enter", *"200", "enter"), "client set mss 200"),
    ("congestion", ("enter", *"cubic", "enter"), "client set congestion cubic"),
    ("msl", ("enter", *"2s", "enter"), "client set msl 2s"),
])
def test_every_line_is_its_command(line, keys, command, tmp_path):
    facts = []
    for name in ("keys", "words"):
        path = tmp_path / f"{name}.jsonl"
        desk = page("client set profile first-lessons; server send 60; run until idle", record=path)
        if name == "keys":
            go_to(desk, line)
            press(desk, *keys)
        else:
            press(desk, "colon")
            typed(desk, command)
        if desk.busy:
            run_out(desk, desk.pacer.clock)
        facts.append(desk.session.trace_sha256())
        desk.session.close()
        facts.append([(row.t, row.n, row.cmd) for row in read_recording(path).lines if row.cmd])
    assert facts[1] == facts[3] and facts[0] == facts[2] and facts[1][-1][2] == command


def test_every_option_can_be_turned_here():
    desk = page()
    names = [item.text for item in desk.pages["hosts"].items(0)]
    assert set(OPTIONS) - {"reading"} <= set(names) and set(FIRST) <= set(OPTIONS)
    values = desk.session.options("client", 1)
    for knob in OPTIONS:
        go_to(desk, knob)
        item = desk.pages["hosts"].chosen()
        assert item.text == knob and (item.command or item.build) and item.gloss
        if OPTIONS[knob] == "switch":
            press(desk, "enter")
            assert desk.session.options("client", 1)[knob] is not values[knob], desk.message
            press(desk, "enter")
    assert desk.session.options("client", 1) == values


def test_a_listener_is_closed_by_enter():
    desk = page()
    press(desk, "right")
    go_to(desk, "listens on 80")
    press(desk, "enter")
    assert desk.view.hosts[1].listening == () and desk.message == "server unlisten 80"


def test_choosing_a_connection_shows_it_and_turns_the_keys_to_it():
    desk = page("client send 30; run until idle", TWO)
    assert drawn(desk).count("#2") >= 2 and "d send data" not in desk.message
    go_to(desk, "· #1")
    press(desk, "enter")
    assert desk.chosen.name(desk.view.hosts, 0) == "client#1" and desk.chosen.name(desk.view.hosts, 1) == "server#1"
    text = drawn(desk)
    assert "client 10.0.0.1:49152" in text.splitlines()[1] and "#1" in text.splitlines()[2]
    assert desk.conn(0).tcb.bytes_sent == 30
    press(desk, "d")
    assert desk.message == "client#1 send 100" and "calls on client#1" in text
    run_out(desk, desk.pacer.clock)
    assert [conn.tcb.bytes_sent for conn in desk.view.hosts[0].connections] == [130, 0]
    press(desk, "5")
    mine, newest = desk.conn(0).tcb.snd_nxt, desk.view.hosts[0].newest.tcb.snd_nxt
    pane = [line[:19] for line in drawn(desk, 80, 24).split("Log")[0].splitlines()]
    assert str(mine) in drawn(desk, 160, 48) and not any(str(newest) in line for line in pane)


def test_a_newer_connection_comes_to_the_front_again():
    desk = page(TWO)
    go_to(desk, "· #1")
    press(desk, "enter", "c")
    run_out(desk, desk.pacer.clock)
    assert desk.conn(0).n == 3 and desk.chosen.name(desk.view.hosts, 0) == "client"


def test_going_back_before_a_connection_was_made_forgets_the_choice():
    desk = page(TWO)
    go_to(desk, "· #1")
    press(desk, "enter")
    desk.give("back 100")
    assert desk.conn(0) is None or desk.conn(0).n == len(desk.view.hosts[0].connections)
    assert drawn(desk)


def test_a_connection_that_is_gone_can_be_looked_at():
    desk = page("client abort; run until idle", TWO)
    go_to(desk, "· #1")
    assert desk.pages["hosts"].chosen().value.startswith("gone")
    press(desk, "enter")
    assert "#1 gone" in drawn(desk, 120, 36)
    press(desk, "d")
    assert desk.message_style == "warn" and "connection" in desk.message


def test_states_that_a_question_hides_are_hidden_here():
    desk = page()
    guide = desk.view.guide._replace(hide=frozenset({"state"}))
    desk.view = desk.view._replace(guide=guide)
    values = [item.value for side in (0, 1) for item in desk.pages["hosts"].items(side)]
    assert "····" in values and "ESTABLISHED" not in values


def test_left_and_right_choose_the_host_of_the_keys():
    desk = page()
    go_to(desk, "close")
    press(desk, "right", "d")
    assert desk.message == "server send 100" and desk.current == 1
    press(desk, "left")
    assert desk.current == 0


def test_what_is_refused_can_be_mended():
    desk = page()
    go_to(desk, "mss")
    press(desk, "enter")
    typed(desk, "many")
    assert desk.mode == "form" and desk.line.text == "many" and "mss takes a" in desk.message
    press(desk, "ctrl+u")
    typed(desk, "300")
    assert desk.session.options("client", 1)["mss"] == 300


@pytest.mark.parametrize("size", SIZES)
def test_it_fits_and_the_cursor_is_seen(size):
    desk = page(TWO)
    for _ in range(3):
        for _ in range(30):
            press(desk, "down")
            item = desk.pages["hosts"].chosen()
            assert "▸ " + item.text in drawn(desk, *size)
        press(desk, "right", "z")


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=30))
def test_a_text_to_send_becomes_one_word(text):
    """Whatever is typed is one value for `send`: it never becomes a second command."""
    words = send_words(text)
    if words.startswith('"') and not text.strip().startswith('"'):
        (statement,) = split_line(f"client send {words} ; step")[:1]
        assert len(statement.words) == 3
        try:
            data = unquote(statement.words[2])
        except Exception as error:
            assert "escape" in str(error) or "hexadecimal" in str(error)
        else:
            assert "\\" in text or data == text.strip().encode()


def test_options_of_the_session_are_those_of_the_host():
    session = Session.open("sandbox")
    session.execute(OPENED)
    session.execute("client#1 set nagle off; client set mss 300; client set profile modern")
    assert session.options("client")["profile"] == "modern"
    for knob, value in session.options("client").items():
        kind = OPTIONS[knob]
        if kind == "switch":
            parse_line(f"client set {knob} {'on' if value else 'off'}", context_of(session.lab))


async def test_the_page_under_pilot(tmp_path, monkeypatch):
    monkeypatch.setenv("TCPLAB_HOME", str(tmp_path))
    app = app_for(bench().session)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(str(pages.number("hosts")), "down", "down", "enter", *"hello", "enter")
        await pilot.pause()
        assert 'client send "hello"' in app.screen.surface.text()
