"""The command table: what parses, what is refused and where, completion and help."""

from __future__ import annotations

import pytest

from tcplab.net.options import OPTIONS
from tcplab.notation.errors import NotationError
from tcplab.notation.glossary import known_names
from tcplab.session.commands import COMMANDS, complete, parse_line, usage_of
from tcplab.session.grammar import Amount, Context, HostName
from tcplab.session.tokens import split_line, unquote

HOSTS = ("client", "server")
KNOBS = ("nagle", "mss", "msl", "congestion", "reading", "delack-timeout")
CONTEXT = Context(HOSTS, ("open", "half"), known_names(HOSTS), KNOBS)


def parse(line: str):
    return parse_line(line, CONTEXT)


def only(line: str):
    command, = parse(line)
    return command.verb, command.values


@pytest.mark.parametrize("line, verb, values", [
    ("server listen 80", "listen", (HostName("server", None), 80, None)),
    ("server listen 80 backlog 5", "listen", (HostName("server", None), 80, 5)),
    ("client connect server 80 from 5000", "connect", (HostName("client", None), HostName("server", None), 80, 5000)),
    ("client#2 send 100kB", "send", (HostName("client", 2), Amount(None, 100_000))),
    ("client send 1KiB", "send", (HostName("client", None), Amount(None, 1024))),
    ('client send "a;b # c\\r\\n"', "send", (HostName("client", None), Amount(b"a;b # c\r\n", 9))),
    ("server recv all", "recv", (HostName("server", None),)),
    ("server recv 1000", "recv", (HostName("server", None), 1000)),
    ("client shutdown", "close", (HostName("client", None), "shutdown")),
    ("server app source 1MB", "app_source", (HostName("server", None), 1_000_000)),
    ("client set nagle off", "set", (HostName("client", None), "nagle", "off")),
    ("link delay 50ms jitter 5ms from client", "link_delay", (50_000_000, 5_000_000, None, HostName("client", None))),
    ("link delay #7 1s", "link_delay_one", (7, 1_000_000_000)),
    ("link loss 0.5%", "link_chance", ("loss", 5_000, None)),
    ("link rate 10mbit limit 100", "link_rate", (10_000_000, 100, None)),
    ("link down from server", "link_updown", ("down", HostName("server", None))),
    ("link swap #7 #8", "link_swap", (7, 8)),
    ("run 2s", "run_for", (2_000_000_000,)),
    ("run until idle", "run_idle", ()),
    ("step", "step", (None,)),
    ("back 3", "back", (3,)),
    ("seek 1.25s", "seek", (1_250_000_000,)),
    ("answer 4212", "answer", ("4212",)),
    ("reset half", "reset", ("half",)),
    ("why #7", "why", (7,)),
    ('note "so that is why"', "note", ("so that is why",)),
])
def test_a_command_parses_to_its_verb_and_values(line, verb, values):
    assert only(line) == (verb, values)


#: Words that scripts, recordings and lab files rely on: some may be added, none may change.
RELIED_ON = """
server listen 80; server listen 80 backlog 5; client connect server 80; client connect server 80 from 5000
client send "GET / HTTP/1.0\\r\\n\\r\\n"; client send 100kB; client send 4KiB; server recv 1000; server recv all
client close; client shutdown; client abort; client#2 close
client app sink; client app echo; client app source 1MB; client app none
client set reading off; client set nagle off; client set delack off; client set sack off; client set timestamps off
client set wscale off; client set ecn off; client set msl 30s; client set mss 500; client set rcvbuf 4000
client set sndbuf 4000; client set congestion reno; client set recovery sack; client set profile rfc; client set iss 1
link delay 50ms; link delay 50ms jitter 5ms; link delay 50ms jitter 5ms from client; link loss 5%; link reorder 10%
link duplicate 1%; link corrupt 1%; link rate 10mbit limit 100; link mtu 1500; link down; link up; link clear
link drop next SYN; link delay next 2 DATA; link dup next server ACK; link corrupt next 3 any; link drop next [S.]
link drop next client DATA lost where len > 50; link drop next any repeated; link hold on; link hold off
link deliver #7; link drop #7; link dup #7; link delay #7 20ms; link edit #7 seq=1; link swap #7 #8
inject from client "TCP(flags='R', seq=4212)"
run 2s; run until idle; run until client.state == 'ESTABLISHED'; run until server SYN-ACK; wait
step; step 3; back; back 3; seek 1.25s; run 1ns; run 2us; run 3ms; run 2min; link rate 64kbit; link rate 1gbit
answer 4212; hint; skip; next; reset; reset half; why; why #7; note "hello"  # a comment
"""


@pytest.mark.parametrize("line", RELIED_ON.strip().splitlines())
def test_words_that_are_relied_on_stay(line):
    context = CONTEXT._replace(knobs=tuple(OPTIONS))
    assert len(parse_line(line, context)) == line.count(";") + 1


def test_a_rule_takes_a_count_and_a_match():
    verb, (action, count, match) = only("link drop next 2 server SYN-ACK")
    assert (verb, action, count, match.host, match.word) == ("link_rule", "drop", 2, "server", "SYN-ACK")
    assert only("link dup next DATA")[1][1] is None
    assert only("link drop next any where src == 'client' and len > 500")[1][2].where is not None


def test_a_condition_keeps_its_quotes():
    verb, (expr,) = only("run until client.state == 'ESTABLISHED'")
    assert verb == "run_until" and expr.text == "client.state == 'ESTABLISHED'"


def test_a_line_holds_several_commands_and_a_comment():
    assert [c.verb for c in parse("server listen 80; client connect server 80;run until idle # three")] == [
        "listen", "connect", "run_idle"]
    assert parse("  # nothing") == [] and parse(";;") == []
    assert only("link drop #7")[0] == "link_one", "a # before a digit names a segment"


@pytest.mark.parametrize("line, column, words", [
    ("clinet close", 0, "client"),
    ("rnu 2s", 0, "run"),
    ("client clsoe", 7, "close"),
    ("client connect", 14, "missing"),
    ("client connect sever 80", 15, "server"),
    ("server listen 99999", 14, "65535"),
    ("run 2", 5, "unit"),
    ("link loss 5", 11, "percent"),
    ("link delay 50", 13, "unit"),
    ("client set nagel off", 11, "nagle"),
    ("run until client.stat == 'X'", 17, "state"),
    ("server listen 80; client conect server 80", 25, "connect"),
    ('client send "abc', 12, "end"),
    ("client send hello", 12, '"'),
    ("run until idle now", 15, ""),
    ("reset halv", 6, "half"),
    ("link drop next server SYNACKK", 22, "SYN-ACK"),
    ("why 7", 4, "#7"),
    ("client send 100 kB", 16, "too much here. Write: HOST send DATA"),
    ("client#0 close", 0, "write client#1".capitalize()),
    ("client set nagle maybe", 17, "nagle cannot be 'maybe'. It is on or off."),
    ("client set congestion cubik", 22, "Did you mean 'cubic'?"),
    ("client set msl 30", 17, "msl takes a time. A time needs a unit."),
    ("inject from client \"TCP(flags='R', seqq=1)\"", 35, "Did you mean 'seq'?"),
    ("link edit #7 seq=1 foo=2", 19, "no field foo"),
    ("seek 150%", 5, "'150%' is too much. Percent go from 0% to 100%."),
    ("seek 5", 6, "unit"),
    ("link loss 101% from client", 10, "from 0% to 100%"),
    ("link mtu 10", 9, "at least 68 bytes"),
    ("link mtu 70000 from client", 9, "from 0 to 65535"),
    ("link limit 0", 11, "from 1 to 10000000"),
    ("link rate 10mbit limit 0", 23, "from 1 to 10000000"),
    ("link delay 1ms jitter 600000min", 22, "jitter must be"),
    ("link loss every 2000000", 16, "from 0 to 1000000"),
    ("link ecn 100000000", 9, "from 0 to 10000000"),
    ("link drop next 0 client DATA", 15, "1 to 1000000 segments"),
    ("link delay next 0 by 5ms client DATA", 16, "1 to 1000000 segments"),
    ("server listen 80 backlog 0", 25, "from 1 to 65535"),
    ("client set mss 0", 15, "at least 1"),
    ("client set delack-timeout 1s", 26, "less than 0.5 s"),
    ("client app source 0", 18, "the number of bytes"),
    ("client app request 1 answer 100", 19, "it must hold the line"),
    ("client app request 10 answer 100 times 0", 39, "1 to 1000000 times"),
])
def test_an_error_points_at_the_place_and_names_the_cure(line, column, words):
    with pytest.raises(NotationError) as caught:
        parse(line)
    assert caught.value.column == column, str(caught.value)
    assert words in f"{caught.value.message} {caught.value.cure}"


def test_every_row_of_the_table_has_words_that_parse():
    fill = {"HOST": "client", "PEER": "server", "PORT": "80", "N": "99", "SIZE": "10", "TIME": "1s", "RATE": "1mbit",
            "PERCENT": "5%", "REST": "seq=1", "DATA": '"x"', "KNOB": "mss", "VALUE": "100", "TEXT": "TCP()", "ID": "#1",
            "STEP": "open", "MATCH": "client DATA", "EXPR": "now > 1s", "CAPTURE": "amber-1"}
    for row in COMMANDS:
        words = [fill.get(w, w.split("|")[0]) for w in row.usage.replace("[", "").replace("]", "").split()]
        command, = parse(" ".join(words))
        assert command.row.verb in (row.verb, "link_rule", "link_rule_delay"), row.usage


def test_completion_follows_the_table():
    assert complete("", CONTEXT)[:2] == ["client", "server"]
    assert "listen" in complete("server l", CONTEXT)
    assert complete("client connect s", CONTEXT) == ["server"]
    assert complete("client set n", CONTEXT) == ["nagle"]
    assert set(complete("link hold ", CONTEXT)) == {"on", "off"}
    assert "from" in complete("link delay 5ms ", CONTEXT)
    assert complete('client send "x', CONTEXT) == []
    assert complete("run until idle; cl", CONTEXT) == ["client"]


def test_help_is_read_from_the_table():
    assert {r.verb for r in usage_of("listen")} == {"listen"}
    assert len(usage_of("")) == len(COMMANDS)


def test_escapes_become_bytes():
    word = split_line('client send "\\x00\\xff\\n\\"é"')[0].words[2]
    assert unquote(word) == b"\x00\xff\n\"\xc3\xa9"
    with pytest.raises(NotationError) as caught:
        unquote(split_line('client send "a\\q"')[0].words[2])
    assert caught.value.column == 14
