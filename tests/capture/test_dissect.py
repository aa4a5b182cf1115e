"""capture/dissect.py: every byte of a packet belongs to a field, with a value and a meaning."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tcplab.capture.dissect import dissect, dissect_bytes, hexdump
from tcplab.tcp.options import Options
from tcplab.tcp.segment import ACK, SYN, Segment
from tcplab.tcp.wire import WireError, encode

ALL = Options(mss=1460, wscale=7, sack_permitted=True, ts=(11, 12), sack=((1, 2),), unknown=((253, b"a"),))


def seg(**change):
    fields = dict(src="10.0.0.1", dst="10.0.0.2", sport=49152, dport=80, seq=4211, ack=7, flags=SYN | ACK, wnd=4000)
    return Segment(**fields | change)


def values(layer):
    return {field.name: field.value for field in layer.fields}


def test_the_fields_of_a_segment():
    parts = dissect(seg(payload=b"GET /\r\n"), ident=3)
    assert [layer.name for layer in parts.layers] == ["IPv4", "TCP", "text"] and parts.verdict == ""
    ip, tcp, text = map(values, parts.layers)
    assert ip["src"] == "10.0.0.1" and ip["id"] == "3" and ip["flags"] == "DF"
    assert tcp["seq"] == "4211" and tcp["sport"] == "49152" and tcp["dport"] == "80" and tcp["flags"] == "SA"
    assert text["load"] == r"'GET /\r\n'"
    flags = next(field for field in parts.layers[1].fields if field.name == "flags")
    assert flags.meaning == "SYN: this is my first number; ACK: the acknowledgement number counts"


@pytest.mark.parametrize("ends", [("10.0.0.1", "10.0.0.2"), ("fd00::1", "fd00::2")])
@pytest.mark.parametrize("options", [Options(), ALL, Options(mss=100)])
def test_every_byte_has_its_field(ends, options):
    parts = dissect(seg(src=ends[0], dst=ends[1], options=options, payload=b"odd"))
    covered = set()
    for layer in parts.layers:
        for field in layer.fields:
            assert field.start < field.end and field.meaning
            covered |= set(range(field.start, field.end))
    assert covered == set(range(len(parts.data)))


def test_a_field_names_its_own_bytes():
    parts = dissect(seg(options=Options(mss=1460, ts=(11, 12))))
    fields = {field.name: field for layer in parts.layers[1:] for field in layer.fields}
    for name, data in (("seq", (4211).to_bytes(4, "big")), ("window", (4000).to_bytes(2, "big")),
                       ("MSS", bytes((2, 4, 5, 180))), ("Timestamp", bytes((8, 10, 0, 0, 0, 11, 0, 0, 0, 12)))):
        assert parts.data[fields[name].start:fields[name].end] == data
    assert fields["Timestamp"].value == "TSval 11, TSecr 12" and fields["MSS"].value == "1460"


def test_a_flipped_bit_is_named():
    good = seg(payload=b"text")
    packet = bytearray(encode(good))
    packet[-1] ^= 1
    parts = dissect(good, bytes(packet))
    assert "TCP checksum" in parts.verdict
    sums = {layer.name: field.meaning for layer in parts.layers for field in layer.fields if field.name == "chksum"}
    assert sums["TCP"].endswith("WRONG") and not sums["IPv4"].endswith("WRONG")
    packet = bytearray(encode(good))
    packet[8] ^= 1
    sums = {layer.name: field.meaning for layer in dissect_bytes(bytes(packet)).layers for field in layer.fields
            if field.name == "chksum"}
    assert sums["IPv4"].endswith("WRONG")


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=90), st.sampled_from([b"", b"\x45", b"\x60", encode(seg())[:25], encode(seg(options=ALL))]))
def test_any_bytes_come_apart_and_nothing_reaches_the_terminal(data, start):
    parts = dissect_bytes(start + data)
    for layer in parts.layers:
        for field in layer.fields:
            assert (field.value + field.meaning).isprintable()
            assert 0 <= field.start <= field.end <= len(parts.data)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 8 * 84 - 1))
def test_every_flipped_bit_comes_apart(bit):
    packet = bytearray(encode(seg(options=ALL)))
    if bit >> 3 < len(packet):
        packet[bit >> 3] ^= 0x80 >> (bit & 7)
    assert dissect_bytes(bytes(packet)).data == bytes(packet)


def test_what_has_no_bytes_cannot_be_taken_apart():
    with pytest.raises(WireError):
        dissect(seg(src="nowhere"))


def test_the_hex_dump():
    rows = hexdump(bytes(range(0x3A, 0x3A + 20)))
    assert rows[0].hex == "3a 3b 3c 3d 3e 3f 40 41  42 43 44 45 46 47 48 49" and rows[0].text == ":;<=>?@ABCDEFGHI"
    assert rows[1] == (16, "4a 4b 4c 4d", "JKLM")
    for i in range(16):
        at = 3 * i + (i > 7)
        assert rows[0].hex[at:at + 2] == f"{0x3A + i:02x}"
    assert hexdump(b"") == [] and hexdump(b"\x1b\x00")[0].text == ".."
