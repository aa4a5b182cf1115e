"""tcp/wire.py with scapy as the judge: our bytes are scapy's bytes, both ways."""

import ipaddress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scapy.layers.inet import IP, TCP, TCPOptions
from scapy.layers.inet6 import IPv6

from tcplab.tcp import wire
from tcplab.tcp.options import NO_OPTIONS, Options
from tcplab.tcp.segment import ACK, FIN, SYN, Segment
from tcplab.tcp.wire import WireError, decode, encode

U8, U16, U32 = (st.integers(0, 2**bits - 1) for bits in (8, 16, 32))
V4 = st.integers(0, 2**32 - 1).map(lambda n: str(ipaddress.IPv4Address(n)))
V6 = st.integers(0, 2**128 - 1).map(lambda n: wire.address_from_bytes(n.to_bytes(16, "big")))
#: Kinds that scapy knows too (MD5, AO, Fast Open ...) want a form of their own; the judge is asked about the others.
UNKNOWN = st.tuples(st.integers(9, 255).filter(lambda kind: kind not in TCPOptions[0]), st.binary(max_size=4))


@st.composite
def option_sets(draw):
    """Every set of options that fits into a header."""
    options = Options(
        draw(st.none() | U16), draw(st.none() | st.integers(0, 14)), draw(st.booleans()),
        tuple(draw(st.lists(st.tuples(U32, U32), max_size=4))), draw(st.none() | st.tuples(U32, U32)),
        tuple(draw(st.lists(UNKNOWN, max_size=2))))
    try:
        wire.options_to_bytes(options)
    except WireError:
        options = options._replace(sack=options.sack[:1], unknown=())
    return options


@st.composite
def segments(draw):
    addresses = draw(st.sampled_from([V4, V6]))
    return Segment(draw(addresses), draw(addresses), draw(U16), draw(U16), draw(U32), draw(U32), draw(U8), draw(U16),
                   draw(st.binary(max_size=60)), draw(option_sets()), draw(U16), draw(st.integers(0, 3)))


def scapy_options(options):
    """The same options as scapy's list, in the layout that wire chooses."""
    out = []
    if options.mss is not None:
        out.append(("MSS", options.mss))
    if options.sack_permitted:
        out += [("SAckOK", b"")] if options.ts else [("NOP", None), ("NOP", None), ("SAckOK", b"")]
    if options.ts is not None:
        out += ([] if options.sack_permitted else [("NOP", None), ("NOP", None)]) + [("Timestamp", options.ts)]
    if options.wscale is not None:
        out += [("NOP", None), ("WScale", options.wscale)]
    if options.sack:
        out += [("NOP", None), ("NOP", None), ("SAck", tuple(n for block in options.sack for n in block))]
    return out + list(options.unknown)


def scapy_packet(seg, ident, ttl):
    head = (IPv6(src=seg.src, dst=seg.dst, tc=seg.ecn, hlim=ttl) if ":" in seg.src else
            IP(src=seg.src, dst=seg.dst, tos=seg.ecn, id=ident, flags="DF", ttl=ttl))
    return head / TCP(sport=seg.sport, dport=seg.dport, seq=seg.seq, ack=seg.ack, flags=seg.flags, window=seg.wnd,
                      urgptr=seg.up, options=scapy_options(seg.options)) / seg.payload


@settings(max_examples=300, deadline=None)
@given(segments(), U16, st.integers(1, 255))
def test_our_bytes_are_scapys_bytes(seg, ident, ttl):
    data = encode(seg, ident, ttl)
    assert data == bytes(scapy_packet(seg, ident, ttl))
    assert decode(data) == seg


@settings(max_examples=150, deadline=None)
@given(option_sets())
def test_the_size_of_options_is_known_without_making_them(options):
    assert wire.options_size(options) == len(wire.options_to_bytes(options))


@given(segments())
def test_scapy_reads_what_we_write(seg):
    packet = (IPv6 if ":" in seg.src else IP)(encode(seg))
    tcp = packet[TCP]
    assert (tcp.sport, tcp.dport, tcp.seq, tcp.ack, int(tcp.flags), tcp.window, tcp.urgptr) == (
        seg.sport, seg.dport, seg.seq, seg.ack, seg.flags, seg.wnd, seg.up)
    assert bytes(tcp.payload) == seg.payload
    found = dict(tcp.options)
    assert found.get("MSS") == seg.options.mss and found.get("WScale") == seg.options.wscale
    assert found.get("Timestamp") == seg.options.ts and ("SAckOK" in found) == seg.options.sack_permitted
    assert found.get("SAck", ()) == tuple(n for block in seg.options.sack for n in block)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=120), st.sampled_from([b"", b"\x45\x00", b"\x60\x00\x00\x00"]), st.booleans(), st.booleans())
def test_any_bytes_raise_nothing_but_wire_error(data, start, judge, strict):
    try:
        decode(start + data, judge, None, strict)
    except WireError as problem:
        assert problem.reason and str(problem)


@settings(max_examples=200, deadline=None)
@given(segments(), st.data())
def test_a_flipped_bit_never_raises_anything_else_and_is_found(seg, data):
    packet = bytearray(encode(seg))
    bit = data.draw(st.integers(0, len(packet) * 8 - 1))
    packet[bit >> 3] ^= 0x80 >> (bit & 7)
    try:
        seen = decode(bytes(packet))
    except WireError:
        return
    # Only IPv6's traffic class, flow label and hop limit have no checksum over them.
    assert ":" in seg.src and (bit < 32 or 56 <= bit < 64)
    seen.ecn = seg.ecn
    assert seen == seg


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=40))
def test_any_option_bytes_are_read(data):
    options = wire.options_from_bytes(data)
    if len(wire._lay_out(options)) <= wire.MAX_OPTIONS:
        assert wire.options_from_bytes(wire.options_to_bytes(options)) == options


@given(st.binary(max_size=200))
def test_checksum_is_the_plain_loop(data):
    padded, total = data + b"\0" * (len(data) & 1), 0
    for at in range(0, len(padded), 2):
        total += padded[at] << 8 | padded[at + 1]
        total = (total & 0xFFFF) + (total >> 16)
    assert wire.checksum(data) == ~total & 0xFFFF


@pytest.mark.parametrize("data, value", [(b"", 0xFFFF), (b"\0\0", 0xFFFF), (b"\xff\xff", 0), (b"\x80\0\x7f\xff", 0)])
def test_checksum_tells_zero_from_ffff(data, value):
    assert wire.checksum(data) == value


def some(**change):
    fields = dict(src="10.0.0.1", dst="10.0.0.2", sport=49152, dport=80, seq=4211, ack=0, flags=SYN, wnd=4000)
    return Segment(**fields | change)


def reason(data, **how):
    with pytest.raises(WireError) as caught:
        decode(data, **how)
    return caught.value.reason


def patched(data, at, *values):
    return data[:at] + bytes(values) + data[at + len(values):]


def test_each_reason_has_its_packet():
    good, good6 = encode(some(payload=b"hello")), encode(some(src="fd00::1", dst="fd00::2", payload=b"hello"))
    assert reason(b"") == reason(good[:19]) == reason(good[:-1]) == reason(good6[:39]) == reason(good6[:-1]) == "length"
    assert reason(patched(good, 0, 0x55)) == "version"
    assert reason(patched(good, 0, 0x44)) == "length"
    assert reason(patched(good, 8, 1)) == "ip-checksum"
    assert reason(patched(good, 19, 9)) == "ip-checksum"
    assert reason(patched(good, 6, 0x20), checksum=False) == "fragment"
    assert reason(patched(good, 9, 17), checksum=False) == reason(patched(good6, 6, 17)) == "protocol"
    assert reason(good, mine=("10.0.0.9",)) == reason(patched(good6, 39, 3), mine=("fd00::2",)) == "address"
    assert reason(patched(good6, 39, 3)) == "tcp-checksum"
    assert reason(patched(good, 44, 0)) == "tcp-checksum"
    assert reason(patched(good, 32, 0x40), checksum=False) == "offset"
    assert reason(patched(good, 32, 0xF0), checksum=False) == "offset"
    assert decode(good + b"padding of the link below", mine=("10.0.0.2",)) == some(payload=b"hello")


def test_ipv6_headers_before_tcp_are_passed_over():  # RFC 9293 3.1, RFC 8200 8.1
    seg = some(src="fd00::1", dst="fd00::2", payload=b"odd")
    plain = encode(seg)
    options = bytes((6, 0, 1, 4, 0, 0, 0, 0))
    size = (len(plain) - 40 + len(options)).to_bytes(2, "big")
    assert decode(plain[:4] + size + b"\x3c" + plain[7:40] + options + plain[40:]) == seg


@pytest.mark.parametrize("data, meant", [
    (bytes((1, 1, 2, 4, 3, 232, 0)), Options(mss=1000)),  # [MUST-4]
    (bytes((253, 6, 1, 2, 3, 4, 2, 4, 5, 180)), Options(mss=1460, unknown=((253, b"\1\2\3\4"),))),  # [MUST-6]
    (bytes((1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2)), Options(ts=(1, 2))),  # [MUST-64] any alignment
    (bytes((2, 4, 5, 180, 99, 0, 3, 3, 7)), Options(mss=1460)),  # [MUST-7] length 0
    (bytes((99, 1, 2, 4, 5, 180)), NO_OPTIONS),  # [MUST-7] length 1
    (bytes((2, 4, 5, 180, 99, 255, 0, 0)), Options(mss=1460)),  # [MUST-7] past the end
    (bytes((2, 3, 5, 3, 3, 7)), Options(wscale=7, unknown=((2, b"\5"),))),  # [MUST-7] wrong size for its kind
    (bytes((1, 1, 1, 2)), NO_OPTIONS),  # no room for a length
    (bytes((0, 2, 4, 5, 180)), NO_OPTIONS),  # nothing counts after the end
])
def test_option_bytes(data, meant):
    assert wire.options_from_bytes(data) == meant


def test_strict_reading_names_the_illegal_length():  # RFC 9293 3.1 [MUST-7]
    with pytest.raises(WireError, match="illegal length 0") as caught:
        wire.options_from_bytes(bytes((2, 0, 0, 0)), strict=True)
    assert caught.value.reason == "option"


def test_padding_after_the_end_of_the_options_is_zero():  # RFC 9293 3.1 [MUST-69]
    assert wire.options_to_bytes(Options(unknown=((253, b"abc"),))) == b"\xfd\5abc\0\0\0"


@pytest.mark.parametrize("change, code", [
    ({"src": "fd00::1"}, "address"), ({"dst": "host"}, "address"), ({"src": "1.2.3.256"}, "address"),
    ({"src": "1:2:3::4::5"}, "address"), ({"seq": 1 << 32}, "field"), ({"sport": -1}, "field"),
    ({"wnd": 65536}, "field"), ({"flags": 256}, "field"), ({"payload": bytes(65500)}, "length"),
    ({"options": Options(mss=65536)}, "option"), ({"options": Options(wscale=300)}, "option"),
    ({"options": Options(ts=(1, 1 << 32))}, "option"), ({"options": Options(sack=((1, 2),) * 5)}, "option"),
    ({"options": Options(unknown=((1, b""),))}, "option"),
])
def test_what_has_no_bytes_says_so(change, code):
    with pytest.raises(WireError) as caught:
        encode(some(**change))
    assert caught.value.reason == code


@given(st.integers(0, 2**128 - 1) | st.lists(st.sampled_from([0, 0, 1, 0xABCD]), min_size=8, max_size=8).map(
    lambda groups: sum(group << 16 * at for at, group in enumerate(groups))))
def test_addresses_are_written_as_rfc_5952_writes_them(number):
    packed = number.to_bytes(16, "big")
    text = wire.address_from_bytes(packed)
    assert wire.address_to_bytes(text) == packed == ipaddress.IPv6Address(text).packed
    if "." not in str(ipaddress.IPv6Address(number)):
        assert text == str(ipaddress.IPv6Address(number))


@given(st.text("0123456789abcfg:.", max_size=24))
def test_addresses_are_read_as_ipaddress_reads_them(text):
    try:
        meant = ipaddress.ip_address(text).packed
    except ValueError:
        with pytest.raises(WireError):
            wire.address_to_bytes(text)
    else:
        assert wire.address_to_bytes(text) == meant


def test_a_fin_with_an_odd_byte_survives():
    seg = some(flags=FIN | ACK, payload=b"x", ecn=3, up=7)
    assert decode(encode(seg)) == seg
