"""EXPR: what it computes, what it refuses, and where it says the fault is."""

import copy
import pickle
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcplab.notation import Duration, NotationError, Seq, compile_expr, format_value
from tcplab.notation.expr import STATES
from tcplab.notation.fields import host_value, segment_value, tcb_value
from tcplab.notation.glossary import HOST_FACTS, SEGMENT_FIELDS, VARIABLES, gloss, known_names, showable
from tcplab.notation.values import UNKNOWN
from tcplab.tcp.state import State

from .worlds import NOTHING, World, host, record, tcb

NAMES = known_names(("client", "server"), ("entered",))
S = 10**9

WORLD = World(
    now=5 * S,
    kept={"entered": Duration(3 * S)},
    client=host(
        "client",
        tcb(state="CLOSED", gone=True, bytes_received=3),
        tcb(state="FIN-WAIT-2", iss=2**32 - 2, snd_nxt=4, snd_una=2**32 - 1, rto=S, timers=(("rtx", 6 * S),)),
    ),
    server=host("server", listening=((80, 5, 0),)),
)


def value(text, world=WORLD):
    return compile_expr(text, NAMES).eval(world)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("client.state == 'FIN-WAIT-2' and not client.gone", True),
        ("client#1.gone and client#1.bytes_received == 3", True),
        ("server.state", "LISTEN"),
        ("server.bytes_received > 0", False),
        ("client.state in ('TIME-WAIT', 'FIN-WAIT-2')", True),
        ("client.state not in ('TIME-WAIT', 'CLOSED')", True),
        ("client.iss + 6", 4),
        ("client.snd_nxt - client.iss", 6),
        ("client.iss - client.snd_nxt", -6),
        ("client.iss < client.snd_una < client.snd_nxt", True),
        ("max(client.iss, client.snd_nxt)", 4),
        ("2**32 - 2 == client.iss", True),
        ("0 > client.iss", True),
        ("now >= 5s and now < 5001ms", True),
        ("now - entered", 2 * S),
        ("entered + 60s", 63 * S),
        ("client.timer", S),
        ("client.rtx_timer / 4", S // 4),
        ("now // 2s", 2),
        ("now / 2s", Fraction(5, 2)),
        ("2 * client.rto", 2 * S),
        ("0.1 * 3 == 0.3", True),
        ("10kB + 1", 10_001),
        ("4KiB", 4096),
        ("5%", 50_000),
        ("10 % 3", 1),
        ("10%3", 1),
        ("abs(-3) + min(4, 5) + len('abc')", 10),
        ("1 if now > 1s else 2", 1),
        ("server.snd_nxt == None", True),
        ("server.snd_nxt == server.rcv_nxt", False),
        ("server.snd_nxt != 5", False),
        ("server.snd_nxt + 1 > 0", False),
        ("server.snd_nxt", None),
    ],
)
def test_values(text, expected):
    assert value(text) == expected


def test_kinds_survive_arithmetic():
    assert isinstance(value("client.iss + 1"), Seq)
    assert isinstance(value("now - entered"), Duration)
    assert isinstance(value("client.rto * 3"), Duration)
    assert isinstance(value("-(now - entered)"), Duration)
    assert not isinstance(value("client.snd_nxt - client.iss"), Seq)


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        ("client.stat == 'CLOSED'", 7, "Did you mean 'state'"),
        ("client.gone and clint.state == 'CLOSED'", 16, "client.state"),
        ("client#2.stat", 9, "Did you mean 'state'"),
        ("client.state == 'TIMEWAIT'", 16, "Did you mean 'TIME-WAIT'"),
        ("now > 60sx", 8, "unit"),
        ("client.state = 'CLOSED'", 13, "=="),
        ("now > 1s && client.gone", 10, "and"),
        ("client", 0, "host"),
        ("ESTABLISHED", 0, "quotes"),
        ("(now > 1s", 0, "brackets"),
        ("mni(1, 2)", 0, "Did you mean 'min'"),
        ("", 0, "missing"),
        ("now # comment", 4, "no meaning"),
        ("60s + clint", 6, "known"),
        ("client#1.gone and nope", 18, "known"),
        ("abs()", 0, "one value"),
        ("1 << 40", 0, "operator"),
        ("when(clint.gone)", 5, "known"),
    ],
)
def test_faults_have_a_place_and_a_cure(text, column, words):
    with pytest.raises(NotationError) as caught:
        compile_expr(text, NAMES)
    assert words in str(caught.value)
    assert caught.value.column == column


@pytest.mark.parametrize(
    "text",
    [
        "client.__class__", "().__class__", "'a'.upper()", "client.state.upper()", "lambda: 1", "[x for x in now]",
        "__import__('os')", "open('x')", "f'{now}'", "now[0]", "{1: 2}", "x := 1", "now; now", "1.e999999999",
        "(1).real", "*now", "min(*now)", "min(key=1)", "-" * 300 + "1", "not " * 90 + "now", "b'x' == 1", "1j",
        "(" * 390, "1 is 1", "print", "'\\x1b' == now", "`now`", "now" + " + now" * 100, "...", "await now", "yield",
    ],
)  # fmt: skip
def test_forbidden_things_are_refused_when_compiled(text):
    with pytest.raises(NotationError):
        compile_expr(text, NAMES)


@pytest.mark.parametrize(
    "text",
    [
        "9**9**9", "2**999999", "'a' * 9", "'%99999999d' % 1", "10**70 * 10**70", "1/0", "1 % 0", "now > 5", "now + 1",
        "client.state < 5", "client.state + 1", "1 in 2", "abs('a')", "len(5)", "1/3**200/3**200", "2**-1", "0.5 & 1",
    ],
)  # fmt: skip
def test_what_cannot_be_computed_is_a_clear_error(text):
    with pytest.raises(NotationError) as caught:
        value(text)
    assert len(str(caught.value)) < 250


@given(st.text(alphabet="client.sa# ()'\"0129%smkB=<>+-*/,andorx_\n\\", max_size=40))
def test_no_text_raises_anything_else(text):
    try:
        compile_expr(text, NAMES).eval(WORLD)
    except NotationError as error:
        assert 0 <= error.column <= len(text)


def test_when_is_left_to_whoever_watches():
    expr = compile_expr("when(client.state == 'TIME-WAIT') + 60s", NAMES)
    assert [inner.text for inner in expr.whens] == ["client.state == 'TIME-WAIT'"]
    world = World(kept={"when(client.state == 'TIME-WAIT')": Duration(2 * S)})
    assert expr.eval(world) == 62 * S
    with pytest.raises(NotationError):
        compile_expr("when(when(now > 1s))", NAMES)


def test_expressions_are_data():
    expr = compile_expr("client.iss + 1", NAMES)
    assert copy.deepcopy(expr) is expr
    assert pickle.loads(pickle.dumps(expr)).eval(WORLD) == expr.eval(WORLD)
    assert expr.names == ("client.iss",)
    assert compile_expr("60s").literal == 60 * S
    assert expr.literal is None
    assert compile_expr("2 + 3").eval(NOTHING) == 5


def test_every_name_of_the_glossary_can_be_computed():
    full = host("client", tcb(iss=1, irs=2, timers=(("rtx", 5), ("time-wait", 9))))
    for view in (full, host("client")):
        for field in (*VARIABLES, *HOST_FACTS):
            host_value(view, field, None, 3)
    for field in SEGMENT_FIELDS:
        segment_value(record("S."), field)
    assert set(VARIABLES) >= {name for name in tcb().__slots__ if name not in ("local", "remote", "timers")}
    for call in (tcb_value, host_value):
        with pytest.raises(KeyError):
            call(full if call is host_value else tcb(), "nope")
    with pytest.raises(KeyError):
        segment_value(record(), "nope")


def test_glosses():
    for name in showable():
        assert gloss(name).text.endswith(".")
    assert gloss("SND.NXT").rfc == gloss("snd_nxt").rfc == "SND.NXT"
    assert gloss("ladder") and gloss("nope") is None


def test_states_are_those_of_the_table():
    assert STATES == tuple(state.value for state in State)


def test_sequence_numbers_wrap():
    top = Seq(2**32 - 1)
    assert top + 1 == 0 and top < 0 and top <= 0 and Seq(0) > top and Seq(0) >= top and top != 0
    assert Seq(0) - top == 1 and top - Seq(0) == -1
    assert Seq(5) == 5 + 2**32
    assert 7 - Seq(5) == 2 and {Seq(5): 1}[5] == 1
    assert sorted([Seq(1), top, Seq(0)]) == [top, 0, 1]


def test_how_values_are_shown():
    assert format_value(Duration(1_500_000_000)) == "1.5 s"
    assert format_value(None) == format_value(UNKNOWN) == "–"
    assert format_value(Seq(4212)) == "4212"
    assert format_value(True) == "yes"
    assert format_value(Fraction(5, 2)) == "2.5"
    assert format_value("TIME-WAIT") == "TIME-WAIT"
