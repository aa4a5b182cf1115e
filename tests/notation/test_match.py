"""MATCH, and segments as tcpdump prints them."""

import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcplab.notation import Expr, Match, NotationError, parse_condition, parse_match, seg_summary, tcpdump_line
from tcplab.notation.glossary import known_names
from tcplab.notation.match import kind_of
from tcplab.notation.segline import relative_bases
from tcplab.tcp.options import Options

from .worlds import World, host, record, tcb

HOSTS = ("client", "server")


@pytest.mark.parametrize(
    ("text", "rec", "fate", "expected"),
    [
        ("SYN", record("S"), "sent", True),
        ("SYN", record("S."), "sent", False),
        ("SYN-ACK", record("S."), "sent", True),
        ("syn-ack", record("S."), "sent", True),
        ("ACK", record("."), "sent", True),
        ("ACK", record("P.", b"x"), "sent", False),
        ("ACK", record("F."), "sent", False),
        ("DATA", record("P.", b"x"), "sent", True),
        ("DATA", record("FP.", b"x"), "sent", True),
        ("FIN", record("F."), "sent", True),
        ("RST", record("R."), "sent", True),
        ("any", record("U"), "sent", True),
        ("[S.]", record("S."), "sent", True),
        ("[S.]", record("SP."), "sent", False),
        ("[.S]", record("S."), "sent", True),
        ("client ACK", record("."), "sent", True),
        ("server ACK", record("."), "sent", False),
        ("ACK from client", record("."), "sent", True),
        ("ACK from server", record("."), "sent", False),
        ("client ACK lost", record("."), "lost", True),
        ("client ACK lost", record("."), "sent", False),
        ("client ACK", record("."), "lost", False),
        ("client ACK", record("."), "delivered", False),
        ("FIN repeated", record("F.", repeated=True), "sent", True),
        ("FIN repeated", record("F."), "sent", False),
        ("DATA where len > 2 and seq == 4211", record(".", b"xyz"), "sent", True),
        ("DATA where seg.len > 3", record(".", b"xyz"), "sent", False),
        ("any where src == 'client' and flags == 'S.' and at - first_at == 0s", record("S."), "sent", True),
        ("any where ack > 0", record("S"), "sent", False),
        ("server FIN repeated where at >= 2s", record("F.", src="server", repeated=True), "sent", True),
    ],
)
def test_matching(text, rec, fate, expected):
    assert parse_match(text, HOSTS).test(rec, fate) is expected


def test_where_may_look_at_hosts():
    match = parse_match("ACK where ack == server.snd_nxt", HOSTS, known_names(HOSTS))
    world = World(server=host("server", tcb(snd_nxt=9)))
    assert match.test(record(".", ack=9), "sent", world)
    assert not match.test(record(".", ack=8), "sent", world)


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        ("clint SYN", 0, "Did you mean 'client'"),
        ("server SNY", 7, "Did you mean 'SYN'"),
        ("server FIN lots", 11, "Did you mean 'lost'"),
        ("FIN lost repeated", 9, "once"),
        ("server", 6, "missing"),
        ("FIN where", 9, "missing"),
        ("FIN where lenn > 1", 10, "Did you mean 'len'"),
        ("[Sx]", 2, "control bit"),
        ("[S", 0, "closed"),
        ("ACK from", 8, "host"),
        ("ACK from srver", 9, "Did you mean 'server'"),
        ("client ACK from client", 11, "twice"),
        ("", 0, "missing"),
    ],
)
def test_faults_have_a_place_and_a_cure(text, column, words):
    with pytest.raises(NotationError) as caught:
        parse_match(text, HOSTS)
    assert words in str(caught.value)
    assert caught.value.column == column


@given(st.text(alphabet="client server SYNACK[]. lostwhere=><0#'", max_size=40))
def test_no_text_raises_anything_else(text):
    try:
        parse_condition(text, HOSTS, known_names(HOSTS))
    except NotationError as error:
        assert 0 <= error.column <= len(text)


def test_a_condition_is_a_match_or_an_expression():
    names = known_names(HOSTS)
    assert isinstance(parse_condition("server FIN repeated", HOSTS, names), Match)
    assert isinstance(parse_condition("[F.]", HOSTS, names), Match)
    assert isinstance(parse_condition("client.gone", HOSTS, names), Expr)
    assert isinstance(parse_condition("now > 5s", HOSTS, names), Expr)


def test_matches_are_data():
    match = parse_match("server FIN repeated where len == 0", HOSTS)
    assert copy.deepcopy(match) is match
    assert pickle.loads(pickle.dumps(match)) == match
    assert match.text == "server FIN repeated where len == 0"


@pytest.mark.parametrize(
    ("letters", "payload", "kind"),
    [("S", b"", "SYN"), ("S.", b"", "SYN-ACK"), (".", b"", "ACK"), ("P.", b"x", "DATA"), ("FP.", b"x", "FIN"),
     ("R", b"", "RST"), ("U", b"", "none")],
)  # fmt: skip
def test_kinds(letters, payload, kind):
    assert kind_of(record(letters, payload).segment) == kind


@pytest.mark.parametrize(
    ("rec", "line"),
    [
        (
            record("S", options=Options(mss=100)),
            "client > server: Flags [S], seq 4211, win 4000, options [mss 100], length 0",
        ),
        (record("S.", src="server", seq=9, ack=4212),
         "server > client: Flags [S.], seq 9, ack 4212, win 4000, length 0"),
        (record("P.", b"hello", seq=4212, ack=10),
         "client > server: Flags [P.], seq 4212:4217, ack 10, win 4000, length 5"),
        (record(".", src="server", seq=10, ack=4217), "server > client: Flags [.], ack 4217, win 4000, length 0"),
        (record("R", seq=5), "client > server: Flags [R], seq 5, win 4000, length 0"),
        (
            record(".", ack=1, options=Options(ts=(1, 2), sack=((5, 6), (8, 9)))),
            "client > server: Flags [.], ack 1, win 4000, options [TS val 1 ecr 2,sack 2 {5:6}{8:9}], length 0",
        ),
    ],
)  # fmt: skip
def test_tcpdump_lines(rec, line):
    assert tcpdump_line(rec) == line


def test_relative_numbers_and_ports():
    syn, syn_ack = record("S"), record("S.", src="server", seq=2**32 - 1, ack=4212)
    bases = relative_bases([syn, syn_ack])
    data = record("P.", b"hello", seq=4212, ack=0)
    assert "seq 1:6, ack 1," in tcpdump_line(data, relative=bases)
    assert "seq 4294967295, ack 4212," in tcpdump_line(syn_ack, relative=bases)
    assert tcpdump_line(data, {"client": "A"}, ports=True).startswith("A.49152 > server.80: Flags [P.]")
    assert "seq 4212:4217" in tcpdump_line(data, relative={})


def test_summaries():
    assert seg_summary(record("S").segment) == "SYN seq 4211"
    assert seg_summary(record("S.", seq=9, ack=4212).segment) == "SYN-ACK seq 9 ack 4212"
    assert seg_summary(record(".", ack=4212).segment) == "ACK 4212"
    assert seg_summary(record("P.", b"hello", seq=4212).segment) == "DATA 4212:4217 (5)"
    assert seg_summary(record("F.", seq=5, ack=6).segment) == "FIN seq 5 ack 6"
