"""The small parts on their own: numbers, ISN, configuration, queues, reassembly, timers, RTO, copies, sentences."""

import ast
import copy
import pathlib
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as some

import tcplab.tcp
from tcplab.tcp import PROFILES, REASONS, Config, Endpoint, State, explain, unwrap, wrap
from tcplab.tcp.isn import initial_sequence_number
from tcplab.tcp.reassembly import Reassembly
from tcplab.tcp.rto import RtoEstimator
from tcplab.tcp.send_queue import SendQueue
from tcplab.tcp.timers import seconds
from tests.support import states as st

MS, S = 1_000_000, 1_000_000_000
LOCAL, REMOTE = ("10.0.0.1", 49152), ("10.0.0.2", 80)


@given(some.integers(-(2**40), 2**40), some.integers(-(2**31), 2**31 - 1))
def test_unwrap_undoes_wrap_within_half_the_circle(near, distance):  # RFC 9293 3.4 [9293-U-04]
    assert unwrap(wrap(near + distance), near) == near + distance


def test_half_the_circle_away_is_old():
    assert unwrap(2**31, 0) == -(2**31)
    assert unwrap(0, 2**32) == 2**32
    assert unwrap(2**32 - 1, 0) == -1


def test_isn_clock_and_secret():  # RFC 9293 3.4.1 [MUST-8, MUST-9, SHLD-1]; RFC 6528
    config = Config(secret=b"k" * 16)
    first = initial_sequence_number(config, LOCAL, REMOTE, 0)
    assert (initial_sequence_number(config, LOCAL, REMOTE, S) - first) % 2**32 == 250_000
    assert initial_sequence_number(Config(secret=b"other"), LOCAL, REMOTE, 0) != first
    assert initial_sequence_number(config, LOCAL, ("10.0.0.2", 81), 0) != first
    assert initial_sequence_number(config, REMOTE, LOCAL, 0) != first


def test_isn_small_and_fixed():
    small = {initial_sequence_number(Config(isn_small=True, secret=bytes([n])), LOCAL, REMOTE, n) for n in range(50)}
    assert all(1000 <= number <= 9999 for number in small) and len(small) > 40
    assert initial_sequence_number(Config(iss=2**32 - 1, isn_small=True), LOCAL, REMOTE, 5) == 2**32 - 1


@pytest.mark.parametrize("knob", [{"mss": 0}, {"mss": 70000}, {"rcvbuf": 0}, {"congestion": "cubism"}, {"iss": 2**32},
                                  {"msl_ns": -1}, {"delack_ns": 500 * MS}, {"cwnd_fixed": 0}])
def test_config_refuses(knob):
    with pytest.raises(ValueError):
        Config(**knob)


def test_profiles():
    assert PROFILES["first-lessons"].mss == 100 and not PROFILES["first-lessons"].delack
    assert PROFILES["rfc"] == Config()


def test_every_knob_is_read_somewhere():
    """No knob without effect: every field of Config is used by a file other than config.py."""
    text = "".join(path.read_text() for path in pathlib.Path(tcplab.tcp.__file__).parent.rglob("*.py")
                   if path.name != "config.py")
    for name in Config.__dataclass_fields__:
        assert f"config.{name}" in text, name


def test_send_queue_slices_and_forgets():
    queue = SendQueue(100)
    queue.append(b"abcdef", push=True)
    queue.append(b"gh", push=False)
    assert queue.end == 108 and queue.slice(102, 105) == b"cde" and queue.slice(90, 101) == b"a"
    assert queue.push_within(100, 106) and not queue.push_within(100, 105)
    assert queue.acknowledged(103) == 3 and queue.base == 103 and queue.slice(103, 200) == b"defgh"
    assert queue.acknowledged(103) == 0
    assert queue.acknowledged(109) == 5 and queue.text == b""  # the FIN behind the text is no text


@given(some.lists(some.tuples(some.integers(0, 60), some.integers(1, 15)), max_size=40), some.integers(0, 60))
def test_reassembly_is_a_set_of_numbers(pieces, nxt):  # RFC 9293 3.10.7.4 [SHLD-31, 9293-U-21]
    store, model = Reassembly(), {}
    for tag, (left, length) in enumerate(pieces):
        text = bytes([tag]) * length
        new = store.insert(left, text)
        before = len(model)
        for n in range(length):
            model.setdefault(left + n, text[n])  # the first copy counts
        assert new == len(model) - before
    assert [n for left, right in store.ranges() for n in range(left, right)] == sorted(model)
    expected = bytearray()
    while nxt + len(expected) in model:
        expected.append(model[nxt + len(expected)])
    if not store.lefts or store.lefts[0] >= nxt:
        assert store.take(nxt) == bytes(expected)


def test_rto_vectors():  # RFC 6298 (2.2), (2.3) [6298-02, 6298-03, 6298-04]
    config = Config(rto_min_ns=1)
    rto = RtoEstimator(config)
    assert rto.rto == S  # (2.1)
    rto.measured(600 * MS, config)
    assert (rto.srtt, rto.rttvar, rto.rto) == (600 * MS, 300 * MS, 1800 * MS)
    rto.measured(1000 * MS, config)
    assert (rto.srtt, rto.rttvar, rto.rto) == (650 * MS, 325 * MS, 1950 * MS)


def test_rto_floor_granularity_and_ceiling():  # RFC 6298 (2.4), (2.5) [6298-05, 6298-06, 6298-09]
    config = Config()
    rto = RtoEstimator(config)
    for _ in range(200):
        rto.measured(10 * MS, config)
    assert rto.rto == S
    for _ in range(10):
        rto.back_off(config)
    assert rto.rto == 60 * S and rto.backoff == 10
    loose = Config(rto_min_ns=1, granularity_ns=7 * MS)
    for _ in range(200):
        rto.measured(10 * MS, loose)
    assert rto.rto == 17 * MS and rto.backoff == 0


def test_seconds():
    assert [seconds(n) for n in (0, S, 1500 * MS, 200 * MS, 1, 60 * S)] == \
        ["0 s", "1 s", "1.5 s", "0.2 s", "0.000000001 s", "60 s"]


@pytest.mark.parametrize("state", State)
def test_copies_and_pickles_are_independent(state):
    bench = st.BUILD[state]()
    if state in (State.ESTABLISHED, State.CLOSE_WAIT):
        bench.end.send(b"x" * 1500, 0)
        bench.give(3, 0, ack=1, text=b"early")
    before = pickle.dumps(bench.end)
    for twin in (copy.deepcopy(bench.end), pickle.loads(before)):
        assert twin.status() == bench.end.status()
        assert pickle.dumps(twin) == before or twin.status() == bench.end.status()
        twin.timeout(10**12)
        if not twin.gone and twin.state is not State.CLOSED:
            twin.abort(0)
        twin.take_segments()
    assert pickle.dumps(bench.end) == before


def test_a_copy_behaves_the_same():
    bench = st.established()
    bench.end.send(b"x" * 450, 0)
    bench.taken()
    twin = copy.deepcopy(bench.end)
    for end in (bench.end, twin):
        end.timeout(S)
        end.segment_arrives(bench.seg(1, 0, ack=201, text=b"hi"), S)
    assert bench.end.take_segments() == twin.take_segments()
    assert bench.end.take_reports() == twin.take_reports()
    assert bench.end.status() == twin.status()


def sources():
    for path in sorted(pathlib.Path(tcplab.tcp.__file__).parent.rglob("*.py")):
        yield path, ast.parse(path.read_text())


def test_every_sentence_is_used_and_every_hole_can_be_filled():
    strings = {node.value for path, tree in sources() if path.name != "reasons.py"
               for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    strings |= {f"fired-{name}" for name in ("rtx", "persist", "delack", "time_wait", "user")}
    for code, reason in REASONS.items():
        if code in strings:
            assert reason.text.endswith(".") and reason.clause.startswith("RFC ")
            assert reason.text.format(*range(9))
    from tcplab.tcp import reasons
    tables = (reasons._SENT, reasons._MOVED, reasons._JUDGED, reasons._TIMED, reasons._WINDOWED, reasons._WAITING)
    assert [code for table in tables for code in table if code not in strings] == []


def test_the_ground_floor_has_no_clock_and_no_dice():
    allowed = {"__future__", "ast", "bisect", "collections", "collections.abc", "copy", "dataclasses", "enum",
               "functools", "hashlib", "ipaddress", "struct", "socket", "typing"}
    for path, tree in sources():
        assert len(path.read_text().splitlines()) <= 400, path
        for node in ast.walk(tree):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else \
                [node.module] if isinstance(node, ast.ImportFrom) and not node.level else []
            assert all(name in allowed or name.startswith("tcplab.tcp") for name in names), (path, names)
            if isinstance(node, ast.FunctionDef):
                assert node.end_lineno - node.lineno < 60, (path, node.name)


def test_quiet_makes_no_reports_and_changes_nothing():
    loud, quiet = st.established(), st.established()
    quiet.end.quiet = True
    for bench in (loud, quiet):
        bench.end.send(b"x" * 450, 0)
        bench.give(1, 0, ack=101)
        bench.wait(3 * S)
    assert quiet.end.take_reports() == [] and loud.end.take_reports()
    assert quiet.end.status() == loud.end.status()


def test_ipv6_default_mss():  # RFC 9293 3.7.1 [MUST-15]
    from tcplab.tcp import SYN, Segment
    for local, remote, expected in ((LOCAL, REMOTE, 536), (("fd00::1", 1), ("fd00::2", 2), 1220)):
        end = Endpoint(Config(), local)
        end.open_passive(0)
        end.segment_arrives(Segment(remote[0], local[0], remote[1], local[1], 7, 0, SYN, 4000), 0)
        assert end.status().smss == expected
        assert explain(end.take_segments()[0].why).clause == "RFC 9293 3.10.7.2"
