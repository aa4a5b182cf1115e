"""notation/scapyish.py against scapy itself: what both read, both read alike; nothing is run."""

import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tcplab.notation.errors import NotationError
from tcplab.notation.scapyish import parse_fields, parse_segment
from tcplab.tcp.options import Options
from tcplab.tcp.segment import ACK, FIN, RST, SYN, Segment
from tcplab.tcp.wire import decode

TEMPLATE = Segment("10.0.0.1", "10.0.0.2", 49152, 80, 4212, 7001, ACK, 4000)

#: Texts that scapy accepts as they stand, complete so that no default matters.
TEXTS = [
    "IP(src='10.0.0.1', dst='10.0.0.2')/TCP(sport=49152, dport=80, seq=5, ack=6, flags='R', window=7)",
    "IP(src='10.0.0.1', dst='10.0.0.2')/TCP(sport=1, dport=2, seq=4294967295, ack=0, flags='SAFPUEC', window=0)/b'hi'",
    "IP(src='10.0.0.1', dst='10.0.0.2', tos=2)/TCP(sport=1, dport=2, seq=1+2, ack=9-4, flags=0x12, window=1)/'text'",
    "IPv6(src='fd00::1', dst='fd00::2', tc=3)/TCP(sport=1, dport=2, seq=1, ack=2, flags='', window=3, urgptr=4)"
    "/Raw(load=b'\\x00\\xff')",
    "IP(src='1.1.1.1', dst='2.2.2.2')/TCP(sport=1, dport=2, seq=1, ack=2, flags='S', window=3, options="
    "[('MSS', 1460), ('SAckOK', b''), ('Timestamp', (1, 2)), ('NOP', None), ('WScale', 7)])/Raw(b'x')",
    "IP(src='1.1.1.1', dst='2.2.2.2')/TCP(sport=1, dport=2, seq=1, ack=2, flags='A', window=3, options="
    "[('NOP', None), ('NOP', None), ('SAck', (1, 2, 3, 4)), (253, b'ab')])",
]


@pytest.mark.parametrize("text", TEXTS)
def test_scapy_reads_the_same(text):
    from scapy.layers.inet import IP, TCP
    from scapy.layers.inet6 import IPv6
    from scapy.packet import Raw

    packet = eval(text, {"IP": IP, "TCP": TCP, "IPv6": IPv6, "Raw": Raw})  # noqa: S307  our own texts, for scapy only
    assert parse_segment(text, TEMPLATE) == decode(bytes(packet))


def test_what_is_left_out_comes_from_the_template():
    seg = parse_segment("TCP(flags='R', seq=4213)", TEMPLATE)
    assert seg == Segment("10.0.0.1", "10.0.0.2", 49152, 80, 4213, 7001, RST, 4000)
    assert parse_segment(" TCP()/'a' ", TEMPLATE).payload == b"a"
    assert parse_segment("TCP(flags='S.')", TEMPLATE).flags == SYN | ACK


@pytest.mark.parametrize("text, column, says", [
    ("", 0, "not scapy's notation"),
    ("TCP(", 3, "not scapy's notation"),
    ("IP(src='10.0.0.9')", 0, "no TCP(...)"),
    ("TPC(flags='R')", 0, "Did you mean 'TCP'?"),
    ("TCP(flag='R')", 4, "Did you mean 'flags'?"),
    ("TCP(seq=1, flags='RX')", 17, "'RX' is not a set of control bits"),
    ("TCP(seq=4294967296)", 8, "0 to 4294967295"),
    ("TCP(seq=-1)", 8, "0 to 4294967295"),
    ("TCP(seq=1.5)", 8, "only literals"),
    ("TCP(seq=True)", 8, "only literals"),
    ("TCP(seq='1')", 8, "a number was expected"),
    ("TCP(seq=1, seq=2)", 0, ""),
    ("TCP(80)", 4, "by name"),
    ("TCP(**{'seq': 1})", 4, "only literals"),
    ("TCP(seq=client.snd_nxt)", 8, "only literals"),
    ("TCP(seq=__import__('os').getpid())", 8, "only literals"),
    ("TCP(flags=f'{1}')", 10, "only literals"),
    ("TCP()/IP()", 6, "The order is IP / TCP / text"),
    ("TCP()/b'a'/b'b'", 11, "wrong place"),
    ("IP(src='10.0.0.300')/TCP()", 7, "not an IP address"),
    ("IP(src='fd00::1')/TCP()", 0, "two IP versions"),
    ("IP(ttl=3)/TCP()", 3, "no field ttl"),
    ("IP(tos=4)/TCP()", 7, "two ECN bits"),
    ("TCP(options=[('MSS', 70000)])", 12, "0 to 65535"),
    ("TCP(options=[('MMS', 1)])", 12, "Did you mean 'MSS'?"),
    ("TCP(options=[('SAck', (1, 2, 3))])", 12, "pairs of numbers"),
    ("TCP(options=[('SAck', (1, 2) )] * 9)", 12, "only literals"),
    ("TCP(options=[(253, b'0123456789012345678901234567890123456789')])", 12, "40"),
    ("TCP(options=[(2, b'')])", 12, "has a name"),
    ("TCP()/'é'/TCP(x=1)", 14, "no field x"),
    ("TCP(seq=1" + "+1" * 400 + ")", 8, "nested too deeply"),
    ("TCP(seq=1" + "+1" * 4900 + ")", 0, ""),
    ("TCP(seq=" + "(" * 300 + ")", 0, ""),
    ("TCP(seq=" + "9" * 9000 + ")", 0, ""),
    ("x" * 10_001, 10_000, "longer than"),
    ("\0", 0, ""),
    ("print('hello')", 0, "no layer print"),
    ("[TCP()][0]", 0, "a layer was expected"),
])
def test_what_cannot_be_read_says_where_and_how(text, column, says):
    with pytest.raises(NotationError) as caught:
        parse_segment(text, TEMPLATE)
    error = caught.value
    assert says in f"{error.message} {error.cure}"
    assert error.column == column if says else 0 <= error.column <= len(text)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=40) | st.lists(st.sampled_from(
    ["TCP(", "IP(", ")", "/", "seq=", "flags=", "'R'", "1", ",", "options=[", "('MSS',", "]", "b'x'", "\n", "é", "-"]),
    max_size=12).map("".join))
def test_nothing_else_is_raised(text):
    for parse in (lambda: parse_segment(text, TEMPLATE), lambda: parse_fields(text)):
        try:
            parse()
        except NotationError as error:
            assert 0 <= error.column <= max(len(text), 1) and error.message


@pytest.mark.parametrize("text, fields", [
    ("seq=1 flags=R", {"seq": 1, "flags": RST}),
    ("seq=4211+1, flags='FA'", {"seq": 4212, "flags": FIN | ACK}),
    ("win=0", {"wnd": 0}), ("window=5", {"wnd": 5}), ("wnd=6", {"wnd": 6}), ("chksum=0x0", {"chksum": 0}),
    ("payload=hello", {"payload": b"hello"}), ("load='a b, c'", {"payload": b"a b, c"}),
    ("src=10.0.0.9 dst=10.0.0.1", {"src": "10.0.0.9", "dst": "10.0.0.1"}), ("src=fd00::9", {"src": "fd00::9"}),
    ("flags=S.", {"flags": SYN | ACK}), ("flags=.", {"flags": ACK}),
    ("options=[('MSS', 5), ('NOP', None)] urgptr = 3", {"options": Options(mss=5), "up": 3}),
])
def test_changes(text, fields):
    assert parse_fields(text) == fields


@pytest.mark.parametrize("text, column, says", [
    ("", 0, "nothing is changed"), ("seq", 0, "name=value"), ("seq=1 sq=2", 6, "Did you mean 'seq'?"),
    ("seq=1 flags=Z", 12, "control bits"), ("seq=1 ack=f(2)", 10, "only literals"), ("seq=1 ack=((", 10, ""),
    ("seq=", 4, ""),
])
def test_changes_that_cannot_be_read(text, column, says):
    with pytest.raises(NotationError) as caught:
        parse_fields(text)
    assert says in f"{caught.value.message} {caught.value.cure}"
    if says:
        assert caught.value.column == column


def test_scapy_is_not_imported():
    import subprocess

    code = ("import sys; from tcplab.notation.scapyish import parse_segment; "
            "sys.exit(any(name.startswith('scapy') for name in sys.modules))")
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
